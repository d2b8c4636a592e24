// contraction: sums of products of one or two operands whose dimensions carry labels (Einsum, and MatMul of what has no kernel of its own), of
// every type of numbers. A label that an operand repeats is its diagonal; a size of 1 broadcasts. One chain an element of the result, over the
// labels that it does not have, in the order of their numbers; integers wrap.
#include "kernels/common/elements.h"
#include "kernels/common/parallel.h"
#include "kernels/table.h"

#include <algorithm>
#include <cinttypes>

namespace switchyard::kernels {
namespace {

constexpr int maxLabels = 3 * maxRank;

struct Labels {
  int count = 0;
  int64_t sizes[maxLabels] = {}, strides[2][maxLabels] = {};
};

/// The labels that are summed, outermost first.
struct Sum {
  int count = 0;
  int64_t elements = 1, sizes[maxLabels] = {}, strides[2][maxLabels] = {};
};

/// Adds the dimensions of one tensor; `operand` is 0 or 1, or 2 for the result.
Status addDimensions(const Call &call, const Tensor &tensor, const int64_t *numbers, int operand, Labels &labels) {
  for (int d = 0; d < tensor.rank; ++d) {
    int64_t label = numbers[d], size = tensor.sizes[d];
    if (label < 0 || label >= maxLabels)
      return fail(call, Status::badShape, "label %" PRId64 " is out of range", label);
    int64_t &known = labels.sizes[label];
    bool isNew = label >= labels.count;
    if (!isNew && known != size && known != 1 && (size != 1 || operand == 2))
      return fail(call, Status::badShape, "label %" PRId64 " has sizes %" PRId64 " and %" PRId64, label, known, size);
    known = isNew || known == 1 ? size : known;
    for (; labels.count <= label; ++labels.count)
      labels.sizes[labels.count] = labels.count == label ? size : 1;
    if (operand < 2 && size != 1)
      labels.strides[operand][label] += tensor.strides[d];
  }
  return Status::ok;
}

Sum findSum(const Labels &labels, const int64_t *kept, int rank) {
  Sum sum;
  for (int label = 0; label < labels.count; ++label) {
    if (std::find(kept, kept + rank, label) != kept + rank)
      continue;
    sum.sizes[sum.count] = labels.sizes[label];
    sum.strides[0][sum.count] = labels.strides[0][label];
    sum.strides[1][sum.count++] = labels.strides[1][label];
    sum.elements *= labels.sizes[label];
  }
  return sum;
}

template <typename Value> Value accumulate(Value a, Value b, Value sum) {
  if constexpr (std::is_floating_point_v<Value>) {
    return fuse(a, b, sum);
  } else {
    using Product = typename Wrapping<Value>::Type;
    return static_cast<Value>(static_cast<Product>(sum) + static_cast<Product>(a) * static_cast<Product>(b));
  }
}

template <typename T> typename Element<T>::Value sumElement(const Tensor &a, const Tensor &b, const Sum &sum, int64_t atA, int64_t atB) {
  using Value = typename Element<T>::Value;
  int last = sum.count - 1;
  int64_t inner = sum.count == 0 ? 1 : sum.sizes[last], stepA = sum.count == 0 ? 0 : sum.strides[0][last], stepB = sum.count == 0 ? 0 : sum.strides[1][last];
  Value total = 0;
  for (int64_t outer = 0; sum.elements > 0 && outer < sum.elements / inner; ++outer) {
    const T *left = a.as<T>() + atA + stridedOffset(sum.sizes, sum.strides[0], last, outer);
    const T *right = b.absent() ? nullptr : b.as<T>() + atB + stridedOffset(sum.sizes, sum.strides[1], last, outer);
    for (int64_t k = 0; k < inner; ++k)
      total = accumulate<Value>(Element<T>::load(left[k * stepA]), right ? Element<T>::load(right[k * stepB]) : Value(1), total);
  }
  return total;
}

}  // namespace

Status reference_contraction(const Call &call) {
  const Tensor &a = call.tensors[0], &b = call.tensors[1], &numbers = call.tensors[2], &out = call.tensors[3];
  SWITCHYARD_CHECK(checkStrided(call, a, "a", a.type, -1));
  if (!b.absent())
    SWITCHYARD_CHECK(checkStrided(call, b, "b", a.type, -1));
  SWITCHYARD_CHECK(checkStrided(call, out, "out", a.type, -1));
  SWITCHYARD_CHECK(checkOperand(call, numbers, "labels", ElementType::i64, 1));
  int rankB = b.absent() ? 0 : b.rank;
  if (numbers.sizes[0] != out.rank + a.rank + rankB)
    return fail(call, Status::badShape, "there are %" PRId64 " labels for %d dimensions", numbers.sizes[0], out.rank + a.rank + rankB);
  const int64_t *kept = numbers.as<int64_t>();
  Labels labels;
  SWITCHYARD_CHECK(addDimensions(call, a, kept + out.rank, 0, labels));
  if (!b.absent())
    SWITCHYARD_CHECK(addDimensions(call, b, kept + out.rank + a.rank, 1, labels));
  SWITCHYARD_CHECK(addDimensions(call, out, kept, 2, labels));
  Sum sum = findSum(labels, kept, out.rank);
  int64_t stridesA[maxRank], stridesB[maxRank];
  for (int d = 0; d < out.rank; ++d) {
    stridesA[d] = labels.strides[0][kept[d]];
    stridesB[d] = labels.strides[1][kept[d]];
  }
  return dispatch(call, a.type, [&]<typename T>() {
    if constexpr (std::is_same_v<T, bool>)
      return fail(call, Status::badShape, "bool has no arithmetic");
    else
      parallelFor(call, elementCount(out, out.rank), [&](int64_t begin, int64_t end, int) {
        for (int64_t i = begin; i < end; ++i)
          storeElement<T>(out, i,
                          sumElement<T>(a, b, sum, stridedOffset(out.sizes, stridesA, out.rank, i), stridedOffset(out.sizes, stridesB, out.rank, i)));
      });
    return Status::ok;
  });
}

// A rare fallback: not vectorised.
Status fast_contraction(const Call &call) { return reference_contraction(call); }

}  // namespace switchyard::kernels
