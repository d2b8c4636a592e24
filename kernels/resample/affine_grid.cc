// affine_grid: ONNX AffineGrid: theta[N, r, r + 1] applied to the points of a grid over `size` = (N, C, spatial...), in f64.
#include "kernels/common/elements.h"
#include "kernels/common/parallel.h"
#include "kernels/common/run_time_operands.h"
#include "kernels/table.h"

namespace switchyard::kernels {
namespace {

/// The coordinate of element `i` of `size`, the borders being -1 and 1.
double coordinate(int64_t i, int64_t size, bool alignCorners) {
  if (!alignCorners)
    return static_cast<double>(2 * i + 1) / static_cast<double>(size) - 1;
  return size == 1 ? -1 : 2 * static_cast<double>(i) / static_cast<double>(size - 1) - 1;
}

}  // namespace

Status reference_affine_grid(const Call &call) {
  const Tensor &theta = call.tensors[0], &out = call.tensors[2];
  SWITCHYARD_CHECK(checkStrided(call, theta, "theta", theta.type, 3));
  Integers size;
  SWITCHYARD_CHECK(readIntegers(call, call.tensors[1], "the size", maxRank, size));
  int spatial = size.count - 2;
  if (spatial < 1 || theta.sizes[1] != spatial || theta.sizes[2] != spatial + 1)
    return fail(call, Status::badData, "theta does not map %d spatial dimensions", spatial);
  int64_t asked[maxRank] = {theta.sizes[0]};
  for (int d = 0; d < spatial; ++d)
    asked[d + 1] = size[d + 2];
  asked[spatial + 1] = spatial;
  SWITCHYARD_CHECK(checkStrided(call, out, "out", theta.type, size.count));
  SWITCHYARD_CHECK(checkAsked(call, out, size.count, asked));
  bool alignCorners = call.integers[0] != 0;
  return dispatchFloats(call, theta.type, [&]<typename T>() {
    parallelFor(call, elementCount(out, out.rank), [&](int64_t begin, int64_t end, int) {
      int64_t at[maxRank];
      for (int64_t i = begin; i < end; ++i) {
        positionOf(out.sizes, out.rank, i, at);
        const T *row = theta.as<T>() + at[0] * theta.strides[0] + at[spatial + 1] * theta.strides[1];
        double sum = static_cast<double>(Element<T>::load(row[spatial * theta.strides[2]]));
        for (int k = 0; k < spatial; ++k) {
          int d = spatial - 1 - k;
          sum = fuse(static_cast<double>(Element<T>::load(row[k * theta.strides[2]])), coordinate(at[d + 1], asked[d + 1], alignCorners), sum);
        }
        storeElement<T>(out, i, static_cast<typename Element<T>::Value>(sum));
      }
    });
    return Status::ok;
  });
}

// Short sums: nothing to vectorise.
Status fast_affine_grid(const Call &call) { return reference_affine_grid(call); }

}  // namespace switchyard::kernels
