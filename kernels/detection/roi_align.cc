// roi_align: ONNX RoiAlign: each bin of a region is the mean, or the largest, of bilinear samples of x[N, C, H, W] on a grid inside it.
#include "kernels/common/elements.h"
#include "kernels/common/indices.h"
#include "kernels/common/parallel.h"
#include "kernels/table.h"

#include <algorithm>
#include <cinttypes>
#include <cmath>

namespace switchyard::kernels {
namespace {

struct Roi {
  const Tensor *x = nullptr, *regions = nullptr, *batches = nullptr, *out = nullptr;
  int64_t samples = 0;  // along each axis of a bin; as many as it has elements where 0
  bool takesLargest = false, halfPixel = false;
  double scale = 1;
};

/// No region of a feature map needs more.
constexpr double mostSamples = 4096;

/// One axis of a bin: it begins at `start`, and its samples are `step` apart.
template <typename Value> struct Bin {
  Value start = 0, step = 0;
  int64_t samples = 0;
};

template <typename Value> Bin<Value> binOf(const Roi &roi, Value low, Value high, int64_t bins, int64_t index) {
  Value offset = roi.halfPixel ? Value(0.5) : Value(0), scale = static_cast<Value>(roi.scale);
  Value start = low * scale - offset, length = high * scale - offset - start;
  length = roi.halfPixel || length > 1 ? length : Value(1);
  Value size = length / static_cast<Value>(bins), wanted = std::ceil(size);
  bool sane = wanted >= 0 && static_cast<double>(wanted) <= mostSamples;
  Bin<Value> bin;
  bin.samples = roi.samples > 0 ? roi.samples : sane ? static_cast<int64_t>(wanted) : 0;
  bin.step = bin.samples > 0 ? size / static_cast<Value>(bin.samples) : Value(0);
  bin.start = start + static_cast<Value>(index) * size;
  return bin;
}

/// The two elements around a point, and the weight of the upper one; false outside the map.
template <typename Value> bool findNeighbours(Value at, int64_t size, int64_t &low, int64_t &high, Value &weight) {
  if (!(at >= -1 && at <= static_cast<Value>(size)))
    return false;
  at = std::max(at, Value(0));
  low = static_cast<int64_t>(at);
  if (low >= size - 1) {
    low = high = size - 1;
    weight = 0;
    return true;
  }
  high = low + 1;
  weight = at - static_cast<Value>(low);
  return true;
}

template <typename T> typename Element<T>::Value poolBin(const Roi &roi, const int64_t *at) {
  using Value = typename Element<T>::Value;
  const Tensor &x = *roi.x, &regions = *roi.regions;
  auto corner = [&](int64_t i) { return Element<T>::load(regions.as<T>()[at[0] * regions.strides[0] + i * regions.strides[1]]); };
  Bin<Value> row = binOf(roi, corner(1), corner(3), roi.out->sizes[2], at[2]), column = binOf(roi, corner(0), corner(2), roi.out->sizes[3], at[3]);
  const T *plane = x.as<T>() + readIndex(*roi.batches, at[0] * roi.batches->strides[0]) * x.strides[0] + at[1] * x.strides[1];
  auto load = [&](int64_t y, int64_t z) { return Element<T>::load(plane[y * x.strides[2] + z * x.strides[3]]); };
  Value result = 0;
  for (int64_t i = 0; i < row.samples; ++i)
    for (int64_t j = 0; j < column.samples; ++j) {
      Value y = row.start + (static_cast<Value>(i) + Value(0.5)) * row.step, z = column.start + (static_cast<Value>(j) + Value(0.5)) * column.step;
      int64_t top, bottom, left, right;
      Value down, across, value = 0;
      if (findNeighbours(y, x.sizes[2], top, bottom, down) && findNeighbours(z, x.sizes[3], left, right, across)) {
        Value corners[] = {(1 - down) * (1 - across) * load(top, left), (1 - down) * across * load(top, right), down * (1 - across) * load(bottom, left),
                           down * across * load(bottom, right)};
        value = roi.takesLargest ? *std::max_element(corners, corners + 4) : corners[0] + corners[1] + corners[2] + corners[3];
      }
      result = !roi.takesLargest ? result + value : i + j == 0 ? value : std::max(result, value);
    }
  return roi.takesLargest ? result : result / static_cast<Value>(std::max<int64_t>(row.samples * column.samples, 1));
}

Status readRoi(const Call &call, Roi &roi) {
  const Tensor &x = call.tensors[0], &regions = call.tensors[1], &batches = call.tensors[2], &out = call.tensors[3];
  SWITCHYARD_CHECK(checkStrided(call, x, "x", x.type, 4));
  SWITCHYARD_CHECK(checkStrided(call, regions, "regions", x.type, 2));
  SWITCHYARD_CHECK(checkIndices(call, batches, "batches", 1));
  SWITCHYARD_CHECK(checkStrided(call, out, "out", x.type, 4));
  SWITCHYARD_CHECK(checkSameSizes(call, regions, "regions", batches, "batches", 1));
  SWITCHYARD_CHECK(checkSameSizes(call, regions, "regions", out, "out", 1));
  if (regions.sizes[1] != 4 || out.sizes[1] != x.sizes[1])
    return fail(call, Status::badShape, "regions of %" PRId64 " numbers do not fit", regions.sizes[1]);
  for (int64_t i = 0; i < batches.sizes[0]; ++i)
    if (int64_t batch = readIndex(batches, i * batches.strides[0]); batch < 0 || batch >= x.sizes[0])
      return fail(call, Status::badData, "batch %" PRId64 " of region %" PRId64 " is none of %" PRId64, batch, i, x.sizes[0]);
  if (x.sizes[2] < 1 || x.sizes[3] < 1)
    return fail(call, Status::badData, "x has no elements to take samples of");
  roi = {&x, &regions, &batches, &out, call.integers[0], call.integers[1] != 0, call.integers[2] != 0, call.floats[0]};
  return Status::ok;
}

}  // namespace

Status reference_roi_align(const Call &call) {
  Roi roi;
  SWITCHYARD_CHECK(readRoi(call, roi));
  return dispatchFloats(call, roi.x->type, [&]<typename T>() {
    parallelFor(call, elementCount(*roi.out, 4), [&](int64_t begin, int64_t end, int) {
      int64_t at[maxRank];
      for (int64_t i = begin; i < end; ++i) {
        positionOf(roi.out->sizes, 4, i, at);
        storeElement<T>(*roi.out, i, poolBin<T>(roi, at));
      }
    });
    return Status::ok;
  });
}

// Scattered elements: nothing to vectorise.
Status fast_roi_align(const Call &call) { return reference_roi_align(call); }

}  // namespace switchyard::kernels
