// unique: ONNX Unique: the different slices along `axis`, or elements of the flattened x for a negative one, in their order or, sorted, by
// value; where each stands first, which one each slice is, and how often it occurs. A NaN equals another and is larger than all.
#include "kernels/common/elements.h"
#include "kernels/common/run_time_operands.h"
#include "kernels/table.h"

#include <algorithm>

namespace switchyard::kernels {
namespace {

struct Slices {
  const Tensor *x = nullptr;
  int64_t axis = -1, count = 0, each = 1;  // how many there are, and of how many elements
  int64_t sizes[maxRank] = {};             // of one slice

  int64_t offset(int64_t slice, int64_t element) const {
    return axis < 0 ? elementOffset(*x, x->rank, slice) : stridedOffset(sizes, x->strides, x->rank, element) + slice * x->strides[axis];
  }
};

/// Below, at or above 0 as slice `a` is smaller than, equal to or larger than slice `b`, by their elements in row-major order.
template <typename T> int compare(const Slices &slices, int64_t a, int64_t b) {
  for (int64_t i = 0; i < slices.each; ++i) {
    auto left = Element<T>::load(slices.x->as<T>()[slices.offset(a, i)]), right = Element<T>::load(slices.x->as<T>()[slices.offset(b, i)]);
    bool leftNan = left != left, rightNan = right != right;
    if (leftNan || rightNan) {
      if (leftNan != rightNan)
        return leftNan ? 1 : -1;
      continue;
    }
    if (left != right)
      return left < right ? -1 : 1;
  }
  return 0;
}

int64_t &element(const Tensor &vector, int64_t i) { return vector.as<int64_t>()[i * vector.strides[0]]; }

/// Leaves in `inverse` the first slice that equals each one; counts those that are their own.
template <typename T> int64_t findFirst(const Slices &slices, const Tensor &inverse) {
  int64_t different = 0;
  for (int64_t i = 0; i < slices.count; ++i) {
    int64_t first = 0;
    while (first < i && (element(inverse, first) != first || compare<T>(slices, first, i) != 0))
      ++first;
    element(inverse, i) = first;
    different += first == i;
  }
  return different;
}

/// Places each different slice, by how many of the others come before it.
template <typename T> void place(const Slices &slices, bool sorted, const Tensor &inverse, const Tensor &indices, const Tensor &y) {
  for (int64_t i = 0; i < slices.count; ++i) {
    if (element(inverse, i) != i)
      continue;
    int64_t slot = 0;
    for (int64_t j = 0; j < (sorted ? slices.count : i); ++j)
      slot += element(inverse, j) == j && (sorted ? compare<T>(slices, j, i) < 0 : true);
    element(indices, slot) = i;
    for (int64_t k = 0; k < slices.each; ++k) {
      int64_t to = slices.axis < 0 ? slot * y.strides[0] : stridedOffset(slices.sizes, y.strides, y.rank, k) + slot * y.strides[slices.axis];
      y.as<T>()[to] = slices.x->as<T>()[slices.offset(i, k)];
    }
  }
}

void countSlices(const Slices &slices, int64_t different, const Tensor &inverse, const Tensor &indices, const Tensor &counts) {
  for (int64_t slot = 0; slot < different; ++slot)
    element(counts, slot) = 0;
  for (int64_t i = 0; i < slices.count; ++i) {
    int64_t slot = 0;
    while (element(indices, slot) != element(inverse, i))
      ++slot;
    element(inverse, i) = slot;
    ++element(counts, slot);
  }
}

}  // namespace

Status reference_unique(const Call &call) {
  const Tensor &x = call.tensors[0], &y = call.tensors[1], &indices = call.tensors[2], &inverse = call.tensors[3], &counts = call.tensors[4];
  int64_t axis = call.integers[0];
  SWITCHYARD_CHECK(checkStrided(call, x, "x", x.type, -1));
  SWITCHYARD_CHECK(checkStrided(call, y, "y", x.type, axis < 0 ? 1 : x.rank));
  SWITCHYARD_CHECK(checkStrided(call, indices, "indices", ElementType::i64, 1));
  SWITCHYARD_CHECK(checkStrided(call, inverse, "inverse", ElementType::i64, 1));
  SWITCHYARD_CHECK(checkStrided(call, counts, "counts", ElementType::i64, 1));
  if (axis >= x.rank)
    return fail(call, Status::badShape, "axis %d does not fit x of rank %d", static_cast<int>(axis), x.rank);
  Slices slices{&x, axis, axis < 0 ? elementCount(x, x.rank) : x.sizes[axis]};
  std::copy_n(x.sizes, x.rank, slices.sizes);
  if (axis >= 0)
    slices.sizes[axis] = 1;
  for (int d = 0; axis >= 0 && d < x.rank; ++d)
    slices.each *= slices.sizes[d];
  SWITCHYARD_CHECK(checkAsked(call, inverse, 1, &slices.count));
  return dispatch(call, x.type, [&]<typename T>() {
    int64_t different = findFirst<T>(slices, inverse), asked[maxRank];
    std::copy_n(x.sizes, x.rank, asked);
    asked[axis < 0 ? 0 : axis] = different;
    SWITCHYARD_CHECK(checkAsked(call, y, y.rank, asked));
    SWITCHYARD_CHECK(checkAsked(call, indices, 1, &different));
    SWITCHYARD_CHECK(checkAsked(call, counts, 1, &different));
    place<T>(slices, call.integers[1] != 0, inverse, indices, y);
    countSlices(slices, different, inverse, indices, counts);
    return Status::ok;
  });
}

// Comparisons one after another: nothing to vectorise.
Status fast_unique(const Call &call) { return reference_unique(call); }

}  // namespace switchyard::kernels
