// topk_elements: ONNX TopK along any axis, of every type of numbers, where k may be a value of the run. In order; ties to the lowest index, or,
// with `last`, to the highest; NaN comes behind everything.
#include "kernels/common/elements.h"
#include "kernels/common/parallel.h"
#include "kernels/common/run_time_operands.h"
#include "kernels/table.h"

#include <algorithm>
#include <cinttypes>

namespace switchyard::kernels {
namespace {

struct TopK {
  const Tensor *x = nullptr, *values = nullptr, *indices = nullptr;
  int axis = 0;
  bool largest = true, last = false;
};

/// Whether `a` at `i` comes before `b` at `j`.
template <typename Value> bool precedes(const TopK &topk, Value a, int64_t i, Value b, int64_t j) {
  bool aNan = a != a, bNan = b != b;
  if (aNan != bNan)
    return bNan;
  if (!aNan && a != b)
    return topk.largest ? a > b : a < b;
  return topk.last ? i > j : i < j;
}

/// Row-major place of element `i` of a line, where the axis has `size` elements.
int64_t placeOf(int64_t line, int64_t inner, int64_t size, int64_t i) { return (line / inner * size + i) * inner + line % inner; }

/// Chooses one after another: each is the first of those that come behind the one before.
template <typename T> void chooseLine(const TopK &topk, int64_t line, int64_t inner, int64_t n, int64_t k) {
  using Value = typename Element<T>::Value;
  Value previous{};
  int64_t previousIndex = -1;
  for (int64_t slot = 0; slot < k; ++slot) {
    Value best{};
    int64_t bestIndex = -1;
    for (int64_t i = 0; i < n; ++i) {
      Value x = loadElement<T>(*topk.x, placeOf(line, inner, n, i));
      bool behind = previousIndex < 0 || precedes(topk, previous, previousIndex, x, i);
      if (behind && (bestIndex < 0 || precedes(topk, x, i, best, bestIndex))) {
        best = x;
        bestIndex = i;
      }
    }
    storeElement<T>(*topk.values, placeOf(line, inner, k, slot), best);
    storeElement<int64_t>(*topk.indices, placeOf(line, inner, k, slot), bestIndex);
    previous = best;
    previousIndex = bestIndex;
  }
}

}  // namespace

Status reference_topk_elements(const Call &call) {
  const Tensor &x = call.tensors[0], &values = call.tensors[2], &indices = call.tensors[3];
  SWITCHYARD_CHECK(checkStrided(call, x, "x", x.type, -1));
  SWITCHYARD_CHECK(checkStrided(call, values, "values", x.type, x.rank));
  SWITCHYARD_CHECK(checkStrided(call, indices, "indices", ElementType::i64, x.rank));
  SWITCHYARD_CHECK(checkSameSizes(call, values, "values", indices, "indices", x.rank));
  int64_t axis = call.integers[0];
  if (axis < 0 || axis >= x.rank)
    return fail(call, Status::badShape, "axis %" PRId64 " does not fit x of rank %d", axis, x.rank);
  int64_t n = x.sizes[axis], k = values.sizes[axis];
  if (!call.tensors[1].absent())
    SWITCHYARD_CHECK(readInteger(call, call.tensors[1], "k", k));
  if (k < 0 || k > n)
    return fail(call, Status::badData, "k is %" PRId64 ", but axis %" PRId64 " has %" PRId64 " elements", k, axis, n);
  int64_t asked[maxRank];
  std::copy_n(x.sizes, x.rank, asked);
  asked[axis] = k;
  SWITCHYARD_CHECK(checkAsked(call, values, x.rank, asked));
  TopK topk{&x, &values, &indices, static_cast<int>(axis), call.integers[1] != 0, call.integers[2] != 0};
  int64_t inner = 1;
  for (int d = topk.axis + 1; d < x.rank; ++d)
    inner *= x.sizes[d];
  return dispatch(call, x.type, [&]<typename T>() {
    parallelFor(call, n == 0 ? 0 : elementCount(x, x.rank) / n, [&](int64_t begin, int64_t end, int) {
      for (int64_t line = begin; line < end; ++line)
        chooseLine<T>(topk, line, inner, n, k);
    });
    return Status::ok;
  });
}

// A choice after another: nothing to vectorise.
Status fast_topk_elements(const Call &call) { return reference_topk_elements(call); }

}  // namespace switchyard::kernels
