// max_pool: ONNX MaxPool with the places of the largest: their index in x, row-major, or column-major within the spatial dimensions. The first
// of equals; a NaN is larger than all. A window of padding alone has the lowest value and the index -1.
#include "kernels/common/elements.h"
#include "kernels/common/parallel.h"
#include "kernels/common/window.h"
#include "kernels/table.h"

#include <limits>

namespace switchyard::kernels {
namespace {

template <typename Value> Value lowest() {
  return std::is_floating_point_v<Value> ? -std::numeric_limits<Value>::infinity() : std::numeric_limits<Value>::lowest();
}

/// Strides that number the spatial elements in the order asked for.
void numberPlane(const Window &window, bool columnMajor, int64_t *strides) {
  int64_t stride = 1;
  for (int i = 0; i < window.rank; ++i) {
    int d = columnMajor ? i : window.rank - 1 - i;
    strides[d] = stride;
    stride *= window.sizes[d];
  }
}

template <typename T> void pool(const Call &call, const Window &window, const int64_t *numbers, int64_t begin, int64_t end) {
  using Value = typename Element<T>::Value;
  const Tensor &x = call.tensors[0], &out = call.tensors[2], &indices = call.tensors[3];
  int64_t plane = elementCount(x, x.rank) / (x.sizes[0] * x.sizes[1]), at[maxRank];
  for (int64_t i = begin; i < end; ++i) {
    positionOf(out.sizes, out.rank, i, at);
    Value best = lowest<Value>();
    int64_t where = -1;
    for (int64_t k = 0; k < window.positions; ++k) {
      int64_t offset;
      if (!locate(window, at + 2, k, x.strides + 2, offset))
        continue;
      Value value = Element<T>::load(x.as<T>()[at[0] * x.strides[0] + at[1] * x.strides[1] + offset]);
      if (where >= 0 && !(value > best || (value != value && best == best)))
        continue;
      best = value;
      (void)locate(window, at + 2, k, numbers, where);
    }
    storeElement<T>(out, i, best);
    storeElement<int64_t>(indices, i, where < 0 ? -1 : (at[0] * x.sizes[1] + at[1]) * plane + where);
  }
}

}  // namespace

Status reference_max_pool(const Call &call) {
  const Tensor &x = call.tensors[0], &out = call.tensors[2], &indices = call.tensors[3];
  SWITCHYARD_CHECK(checkStrided(call, x, "x", x.type, -1));
  SWITCHYARD_CHECK(checkStrided(call, out, "out", x.type, x.rank));
  SWITCHYARD_CHECK(checkStrided(call, indices, "indices", ElementType::i64, x.rank));
  SWITCHYARD_CHECK(checkSameSizes(call, out, "out", indices, "indices", x.rank));
  SWITCHYARD_CHECK(checkSameSizes(call, x, "x", out, "out", x.rank < 2 ? x.rank : 2));
  Window window;
  SWITCHYARD_CHECK(readWindow(call, call.tensors[1], static_cast<AutoPad>(call.integers[0]), x, out, window));
  int64_t numbers[maxRank];
  numberPlane(window, call.integers[1] != 0, numbers);
  return dispatch(call, x.type, [&]<typename T>() {
    parallelFor(call, elementCount(out, out.rank), [&](int64_t begin, int64_t end, int) { pool<T>(call, window, numbers, begin, end); });
    return Status::ok;
  });
}

// Scattered elements: nothing to vectorise.
Status fast_max_pool(const Call &call) { return reference_max_pool(call); }

}  // namespace switchyard::kernels
