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

/// The chosen ones of a line, kept in the result of indices as a heap: the one that comes last is at its root.
template <typename T> class Chosen {
public:
  Chosen(const TopK &topk, int64_t line, int64_t inner, int64_t n, int64_t k) : topk(topk), line(line), inner(inner), n(n), k(k) {}

  void run() {
    for (int64_t slot = 0; slot < k; ++slot)
      set(slot, slot);
    for (int64_t slot = k / 2; slot-- > 0;)
      sink(slot, get(slot), k);
    for (int64_t i = k; i < n && k > 0; ++i)
      if (isBefore(i, get(0)))
        sink(0, i, k);
    for (int64_t size = k; size-- > 1;) {
      int64_t last = get(0);
      sink(0, get(size), size);
      set(size, last);
    }
    for (int64_t slot = 0; slot < k; ++slot)
      storeElement<T>(*topk.values, placeOf(line, inner, k, slot), load(get(slot)));
  }

private:
  using Value = typename Element<T>::Value;

  Value load(int64_t i) const { return loadElement<T>(*topk.x, placeOf(line, inner, n, i)); }
  int64_t get(int64_t slot) const { return loadElement<int64_t>(*topk.indices, placeOf(line, inner, k, slot)); }
  void set(int64_t slot, int64_t i) { storeElement<int64_t>(*topk.indices, placeOf(line, inner, k, slot), i); }
  bool isBefore(int64_t i, int64_t j) const { return precedes(topk, load(i), i, load(j), j); }

  /// Puts `i` into the heap of `size`, at `slot` or below it: no one comes before those under it.
  void sink(int64_t slot, int64_t i, int64_t size) {
    for (int64_t child = 2 * slot + 1; child < size; child = 2 * slot + 1) {
      if (child + 1 < size && isBefore(get(child), get(child + 1)))
        ++child;
      if (!isBefore(i, get(child)))
        break;
      set(slot, get(child));
      slot = child;
    }
    set(slot, i);
  }

  const TopK &topk;
  int64_t line, inner, n, k;
};

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
        Chosen<T>(topk, line, inner, n, k).run();
    });
    return Status::ok;
  });
}

// A heap: nothing to vectorise.
Status fast_topk_elements(const Call &call) { return reference_topk_elements(call); }

}  // namespace switchyard::kernels
