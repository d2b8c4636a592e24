// batch_matmul_f32: the matrix product of two activations of any strides; leading dimensions broadcast as in numpy.
//
// One fma chain per element, k ascending from +0.
#ifndef SWITCHYARD_KERNELS_BATCH_MATMUL_H
#define SWITCHYARD_KERNELS_BATCH_MATMUL_H

#include "kernels/common/check.h"

namespace switchyard::kernels {

struct BatchMatmul {
  const Tensor *a = nullptr, *b = nullptr, *c = nullptr;
  int64_t batches = 0, rows = 0, columns = 0, depth = 0;
  int64_t aRow = 0, aDepth = 0, bDepth = 0, bColumn = 0, cRow = 0;  // strides of the matrices
};

Status readBatchMatmul(const Call &call, BatchMatmul &matmul);

/// Offset of the operand's matrix in a batch, numbered in row-major order over the leading dimensions of c.
static inline int64_t matrixOffset(const Tensor &operand, const Tensor &c, int64_t batch) {
  int64_t offset = 0;
  for (int i = c.rank - 3; i >= 0; --i) {
    int own = i - (c.rank - operand.rank);
    if (own >= 0 && operand.sizes[own] != 1)
      offset += batch % c.sizes[i] * operand.strides[own];
    batch /= c.sizes[i];
  }
  return offset;
}

}  // namespace switchyard::kernels

#endif  // SWITCHYARD_KERNELS_BATCH_MATMUL_H
