// resize: ONNX Resize and Upsample over any number of axes, by scales or by sizes that are values of the run. Coordinates and weights are of
// f64, and so is the sum, axis by axis, which is rounded once.
#include "kernels/common/elements.h"
#include "kernels/common/parallel.h"
#include "kernels/common/run_time_operands.h"
#include "kernels/layout/operators.h"
#include "kernels/resample/taps.h"
#include "kernels/table.h"

#include <algorithm>
#include <cinttypes>
#include <limits>

namespace switchyard::kernels {
namespace {

struct Axis {
  int64_t size = 0, outSize = 0, stride = 0;
  double scale = 1, start = 0, end = 1;  // and the region of interest
  bool moves = false;
};

struct Resize {
  const Tensor *x = nullptr, *out = nullptr;
  ResizeMode mode = ResizeMode::nearest;
  ResizeCoordinates coordinates = ResizeCoordinates::halfPixel;
  ResizeRounding rounding = ResizeRounding::preferFloor;
  bool antialias = false, excludesOutside = false;
  double cubic = 0, extrapolated = 0;
  Axis axes[maxRank];
};

/// Scales are of f32: beyond its precision a quotient says nothing, but could fall below a whole number.
double quotient(double a, double b) { return static_cast<double>(static_cast<float>(a / b)); }

/// Where element `i` of the result lies on an axis of x.
double locate(const Resize &resize, const Axis &axis, int64_t i) {
  auto size = static_cast<double>(axis.size), at = static_cast<double>(i), length = axis.scale * size;
  switch (resize.coordinates) {
  case ResizeCoordinates::alignCorners:
    return length == 1 ? 0 : quotient(at * (size - 1), length - 1);
  case ResizeCoordinates::asymmetric:
    return quotient(at, axis.scale);
  case ResizeCoordinates::cropAndResize:
    return axis.start * (size - 1) + (length == 1 ? (axis.end - axis.start) * (size - 1) / 2 : quotient(at * (axis.end - axis.start) * (size - 1), length - 1));
  case ResizeCoordinates::pytorchHalfPixel:
    return length == 1 ? -0.5 : quotient(at + 0.5, axis.scale) - 0.5;
  case ResizeCoordinates::halfPixelSymmetric:
    return size / 2 * (1 - static_cast<double>(axis.outSize) / length) + quotient(at + 0.5, axis.scale) - 0.5;
  case ResizeCoordinates::halfPixel:
    break;
  }
  return quotient(at + 0.5, axis.scale) - 0.5;
}

int64_t nearest(const Resize &resize, const Axis &axis, double x) {
  double low = std::floor(x), rest = x - low;
  bool up = false;
  switch (resize.rounding) {
  case ResizeRounding::preferFloor:
    up = rest > 0.5;
    break;
  case ResizeRounding::preferCeil:
    up = rest >= 0.5;
    break;
  case ResizeRounding::floor:
    break;
  case ResizeRounding::ceil:
    up = rest > 0;
    break;
  case ResizeRounding::bySize:
    up = axis.scale < 1 && rest > 0;
    break;
  }
  return static_cast<int64_t>(low) + up;
}

/// The elements of x that a point of one axis is made of: [first, first + count), each with a weight.
struct Taps {
  const Axis *axis = nullptr;
  double x = 0, scale = 1, sum = 1;
  int64_t first = 0, count = 1;
};

double weightOf(const Resize &resize, const Taps &taps, int64_t index) {
  if (resize.mode == ResizeMode::nearest || !taps.axis->moves)
    return 1;
  if (resize.excludesOutside && (index < 0 || index >= taps.axis->size))
    return 0;
  double distance = (static_cast<double>(index) - taps.x) * taps.scale;
  return resize.mode == ResizeMode::linear ? linearWeight(distance) : cubicWeight(distance, resize.cubic);
}

Taps tapsOf(const Resize &resize, const Axis &axis, int64_t i, bool &outside) {
  Taps taps{&axis};
  taps.first = i;
  if (!axis.moves)
    return taps;
  taps.x = locate(resize, axis, i);
  auto limit = static_cast<double>(axis.size);
  if (resize.coordinates == ResizeCoordinates::cropAndResize && !(taps.x >= 0 && taps.x <= limit - 1)) {
    outside = true;
    return taps;
  }
  // No weight reaches further; what is not a number has no place.
  taps.x = taps.x >= -2 * limit - 4 && taps.x <= 3 * limit + 4 ? taps.x : taps.x < 0 ? -2 * limit - 4 : 3 * limit + 4;
  if (resize.mode == ResizeMode::nearest) {
    taps.first = nearest(resize, axis, taps.x);
    return taps;
  }
  taps.scale = resize.antialias ? std::min(axis.scale, 1.0) : 1;
  auto reach = static_cast<int64_t>(std::ceil((resize.mode == ResizeMode::linear ? 1 : 2) / taps.scale));
  taps.first = static_cast<int64_t>(std::floor(taps.x)) - reach + 1;
  taps.count = 2 * reach;
  if (resize.antialias || resize.excludesOutside) {
    taps.sum = 0;
    for (int64_t k = 0; k < taps.count; ++k)
      taps.sum += weightOf(resize, taps, taps.first + k);
  }
  return taps;
}

template <typename T> double sample(const Resize &resize, const Taps *taps, int d, int64_t offset) {
  if (d == resize.x->rank)
    return static_cast<double>(Element<T>::load(resize.x->as<T>()[offset]));
  const Axis &axis = *taps[d].axis;
  double sum = 0;
  for (int64_t k = 0; k < taps[d].count; ++k) {
    int64_t index = taps[d].first + k;
    double weight = weightOf(resize, taps[d], index);
    if (weight == 0)
      continue;
    double value = sample<T>(resize, taps, d + 1, offset + std::clamp<int64_t>(index, 0, axis.size - 1) * axis.stride);
    sum = taps[d].count == 1 ? value : sum + weight / taps[d].sum * value;
  }
  return sum;
}

/// Integers are rounded towards zero and held within their range.
template <typename Value> Value narrow(double value) {
  if constexpr (std::is_floating_point_v<Value>) {
    return static_cast<Value>(value);
  } else {
    double low = static_cast<double>(std::numeric_limits<Value>::lowest()), high = static_cast<double>(std::numeric_limits<Value>::max());
    return value >= high ? std::numeric_limits<Value>::max() : value > low ? static_cast<Value>(value) : std::numeric_limits<Value>::lowest();
  }
}

template <typename T> void resizeElements(const Resize &resize, int64_t begin, int64_t end) {
  using Value = typename Element<T>::Value;
  const Tensor &x = *resize.x, &out = *resize.out;
  int64_t at[maxRank];
  for (int64_t i = begin; i < end; ++i) {
    positionOf(out.sizes, out.rank, i, at);
    Taps taps[maxRank];
    bool outside = false, single = true;
    int64_t offset = 0;
    for (int d = 0; d < x.rank; ++d) {
      taps[d] = tapsOf(resize, resize.axes[d], at[d], outside);
      single &= taps[d].count == 1;
      offset += std::clamp<int64_t>(taps[d].first, 0, x.sizes[d] - 1) * x.strides[d];
    }
    if (outside)
      storeElement<T>(out, i, narrow<Value>(resize.extrapolated));
    else if (single)
      out.as<T>()[offsetAt(out.strides, out.rank, at)] = x.as<T>()[offset];
    else
      storeElement<T>(out, i, narrow<Value>(sample<T>(resize, taps, 0, 0)));
  }
}

/// A number of a float operand.
Status readFloat(const Call &call, const Tensor &tensor, int64_t index, double &value) {
  return dispatchFloats(call, tensor.type, [&]<typename T>() {
    value = static_cast<double>(loadElement<T>(tensor, index));
    return Status::ok;
  });
}

int64_t countOf(const Tensor &tensor) { return tensor.absent() ? 0 : elementCount(tensor, tensor.rank); }

/// Scales from sizes: all the same where the aspect ratio is kept.
Status readSizes(const Call &call, const Integers &axes, Resize &resize, int64_t *asked) {
  Integers sizes;
  SWITCHYARD_CHECK(readIntegers(call, call.tensors[3], "the sizes", maxRank, sizes));
  auto policy = static_cast<ResizePolicy>(call.integers[5]);
  if (sizes.count != axes.count)
    return fail(call, Status::badData, "there are %d sizes for %d axes", sizes.count, axes.count);
  double common = policy == ResizePolicy::notLarger ? std::numeric_limits<double>::infinity() : 0;
  for (int i = 0; i < axes.count; ++i) {
    Axis &axis = resize.axes[axes[i]];
    if (sizes[i] < 0 || axis.size < 1)
      return fail(call, Status::badData, "size %" PRId64 " is asked for axis %" PRId64 " of %" PRId64 " elements", sizes[i], axes[i], axis.size);
    axis.scale = static_cast<double>(sizes[i]) / static_cast<double>(axis.size);
    common = policy == ResizePolicy::notLarger ? std::min(common, axis.scale) : std::max(common, axis.scale);
    asked[axes[i]] = sizes[i];
  }
  for (int i = 0; policy != ResizePolicy::stretch && i < axes.count; ++i) {
    Axis &axis = resize.axes[axes[i]];
    axis.scale = common;
    asked[axes[i]] = static_cast<int64_t>(std::floor(std::min(common * static_cast<double>(axis.size), 0x1p62) + 0.5));
  }
  return Status::ok;
}

Status readScales(const Call &call, const Integers &axes, Resize &resize, int64_t *asked) {
  if (countOf(call.tensors[2]) != axes.count)
    return fail(call, Status::badData, "there are %" PRId64 " scales for %d axes", countOf(call.tensors[2]), axes.count);
  for (int i = 0; i < axes.count; ++i) {
    Axis &axis = resize.axes[axes[i]];
    SWITCHYARD_CHECK(readFloat(call, call.tensors[2], i, axis.scale));
    double length = axis.scale * static_cast<double>(axis.size);
    if (!(axis.scale > 0) || !(length < 0x1p62))
      return fail(call, Status::badData, "scale %g of axis %" PRId64 " is out of range", axis.scale, axes[i]);
    asked[axes[i]] = static_cast<int64_t>(std::floor(length));
  }
  return Status::ok;
}

Status readRegion(const Call &call, const Integers &axes, Resize &resize) {
  if (resize.coordinates != ResizeCoordinates::cropAndResize)
    return Status::ok;
  if (countOf(call.tensors[1]) != 2 * axes.count)
    return fail(call, Status::badData, "the region of interest has %" PRId64 " numbers for %d axes", countOf(call.tensors[1]), axes.count);
  for (int i = 0; i < axes.count; ++i) {
    SWITCHYARD_CHECK(readFloat(call, call.tensors[1], i, resize.axes[axes[i]].start));
    SWITCHYARD_CHECK(readFloat(call, call.tensors[1], i + axes.count, resize.axes[axes[i]].end));
  }
  return Status::ok;
}

Status readResize(const Call &call, Resize &resize) {
  const Tensor &x = call.tensors[0], &out = call.tensors[5];
  SWITCHYARD_CHECK(checkStrided(call, x, "x", x.type, -1));
  SWITCHYARD_CHECK(checkStrided(call, out, "out", x.type, x.rank));
  resize.x = &x;
  resize.out = &out;
  resize.mode = static_cast<ResizeMode>(call.integers[0]);
  resize.coordinates = static_cast<ResizeCoordinates>(call.integers[1]);
  resize.rounding = static_cast<ResizeRounding>(call.integers[2]);
  resize.antialias = call.integers[3] != 0 && resize.mode != ResizeMode::nearest;
  resize.excludesOutside = call.integers[4] != 0;
  resize.cubic = call.floats[0];
  resize.extrapolated = call.floats[1];
  Integers axes;
  SWITCHYARD_CHECK(readIntegers(call, call.tensors[4], "axes", maxRank, axes));
  for (; call.tensors[4].absent() && axes.count < x.rank; ++axes.count)
    axes.values[axes.count] = axes.count;
  SWITCHYARD_CHECK(normalizeAxes(call, "axes", x.rank, axes));
  int64_t asked[maxRank];
  for (int d = 0; d < x.rank; ++d) {
    resize.axes[d].size = asked[d] = x.sizes[d];
    resize.axes[d].stride = x.strides[d];
  }
  SWITCHYARD_CHECK(countOf(call.tensors[2]) > 0 ? readScales(call, axes, resize, asked) : readSizes(call, axes, resize, asked));
  SWITCHYARD_CHECK(readRegion(call, axes, resize));
  SWITCHYARD_CHECK(checkAsked(call, out, x.rank, asked));
  for (int i = 0; i < axes.count; ++i) {
    Axis &axis = resize.axes[axes[i]];
    axis.outSize = asked[axes[i]];
    axis.moves = axis.scale != 1 || axis.outSize != axis.size || resize.coordinates == ResizeCoordinates::cropAndResize;
  }
  return Status::ok;
}

}  // namespace

Status reference_resize(const Call &call) {
  Resize resize;
  SWITCHYARD_CHECK(readResize(call, resize));
  return dispatch(call, resize.x->type, [&]<typename T>() {
    parallelFor(call, elementCount(*resize.out, resize.out->rank), [&](int64_t begin, int64_t end, int) { resizeElements<T>(resize, begin, end); });
    return Status::ok;
  });
}

// Scattered elements: nothing to vectorise.
Status fast_resize(const Call &call) { return reference_resize(call); }

}  // namespace switchyard::kernels
