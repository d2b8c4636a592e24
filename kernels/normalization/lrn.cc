// lrn: ONNX LRN: x / (bias + alpha / size * sum of squares)^beta, over the `size` channels around an element of x[N, C, ...]; one chain in
// f64, channels ascending.
#include "kernels/common/elements.h"
#include "kernels/common/parallel.h"
#include "kernels/support/inverse.h"
#include "kernels/table.h"

#include <algorithm>

namespace switchyard::kernels {

Status reference_lrn(const Call &call) {
  const Tensor &x = call.tensors[0], &out = call.tensors[1];
  SWITCHYARD_CHECK(checkStrided(call, x, "x", x.type, -1));
  SWITCHYARD_CHECK(checkStrided(call, out, "out", x.type, x.rank));
  SWITCHYARD_CHECK(checkSameSizes(call, x, "x", out, "out", x.rank));
  int64_t size = call.integers[0];
  double alpha = call.floats[0], beta = call.floats[1], bias = call.floats[2];
  if (x.rank < 2 || size < 1)
    return fail(call, Status::badShape, "x of rank %d has no channels, or none of them are taken", x.rank);
  return dispatchFloats(call, x.type, [&]<typename T>() {
    parallelFor(call, elementCount(x, x.rank), [&](int64_t begin, int64_t end, int) {
      int64_t at[maxRank];
      for (int64_t i = begin; i < end; ++i) {
        positionOf(x.sizes, x.rank, i, at);
        int64_t here = offsetAt(x.strides, x.rank, at), channel = at[1];
        int64_t low = std::max<int64_t>(channel - (size - 1) / 2, 0), high = std::min(channel + size / 2, x.sizes[1] - 1);
        double squares = 0;
        for (int64_t c = low; c <= high; ++c) {
          auto value = static_cast<double>(Element<T>::load(x.as<T>()[here + (c - channel) * x.strides[1]]));
          squares = fuse(value, value, squares);
        }
        double value = static_cast<double>(Element<T>::load(x.as<T>()[here])) / elementary::powReal(bias + alpha / static_cast<double>(size) * squares, beta);
        storeElement<T>(out, i, static_cast<typename Element<T>::Value>(value));
      }
    });
    return Status::ok;
  });
}

// A power of every element: not vectorised.
Status fast_lrn(const Call &call) { return reference_lrn(call); }

}  // namespace switchyard::kernels
