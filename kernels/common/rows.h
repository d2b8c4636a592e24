// A tensor seen as rows: its last dimension is contiguous, the leading ones are counted in row-major order.
#ifndef SWITCHYARD_KERNELS_COMMON_ROWS_H
#define SWITCHYARD_KERNELS_COMMON_ROWS_H

#include "kernels/abi.h"

namespace switchyard::kernels {

/// Elements of the first `rank` dimensions.
static inline int64_t elementCount(const Tensor &tensor, int rank) {
  int64_t count = 1;
  for (int i = 0; i < rank; ++i)
    count *= tensor.sizes[i];
  return count;
}

/// Offset, in elements, of the `index`-th element (row-major) of a space of `sizes` stored with `strides`.
static inline int64_t stridedOffset(const int64_t *sizes, const int64_t *strides, int rank, int64_t index) {
  int64_t offset = 0;
  for (int i = rank - 1; i >= 0; --i) {
    offset += index % sizes[i] * strides[i];
    index /= sizes[i];
  }
  return offset;
}

/// The same over the first `rank` dimensions of a tensor.
static inline int64_t elementOffset(const Tensor &tensor, int rank, int64_t index) {
  return stridedOffset(tensor.sizes, tensor.strides, rank, index);
}

/// The position in each dimension of the `index`-th element (row-major) of a space of `sizes`.
static inline void positionOf(const int64_t *sizes, int rank, int64_t index, int64_t *position) {
  for (int i = rank - 1; i >= 0; --i) {
    position[i] = index % sizes[i];
    index /= sizes[i];
  }
}

/// Offset, in elements, of a position in the first `rank` dimensions.
static inline int64_t offsetAt(const int64_t *strides, int rank, const int64_t *position) {
  int64_t offset = 0;
  for (int i = 0; i < rank; ++i)
    offset += position[i] * strides[i];
  return offset;
}

/// Whether the first `rank` dimensions step by one stride.
static inline bool collapses(const Tensor &tensor, int rank) {
  for (int i = 0; i + 1 < rank; ++i)
    if (tensor.sizes[i] != 1 && tensor.strides[i] != tensor.strides[i + 1] * tensor.sizes[i + 1])
      return false;
  return true;
}

struct Rows {
  const Tensor *tensor = nullptr;
  float *data = nullptr;
  int64_t count = 0;
  int64_t width = 0;
  int64_t stride = 0;  // between rows, where they step by one stride
  bool uniform = true;

  Rows() = default;
  explicit Rows(const Tensor &t)
      : tensor(&t), data(t.as<float>()), count(elementCount(t, t.rank - 1)), width(t.sizes[t.rank - 1]),
        stride(t.rank > 1 ? t.strides[t.rank - 2] : 0), uniform(collapses(t, t.rank - 1)) {}

  float *row(int64_t i) const { return data + (uniform ? i * stride : elementOffset(*tensor, tensor->rank - 1, i)); }
};

}  // namespace switchyard::kernels

#endif  // SWITCHYARD_KERNELS_COMMON_ROWS_H
