#include "kernels/batch_matmul/batch_matmul.h"
#include "kernels/common/parallel.h"
#include "kernels/common/rows.h"
#include "kernels/table.h"

#include <algorithm>
#include <cinttypes>

namespace switchyard::kernels {

static Status checkBroadcast(const Call &call, const Tensor &operand, const char *name, const Tensor &c) {
  for (int i = 0; i + 2 < operand.rank; ++i) {
    int64_t own = operand.sizes[i], common = c.sizes[i + c.rank - operand.rank];
    if (own != 1 && own != common)
      return fail(call, Status::badShape, "operand '%s' has size %" PRId64 " in dimension %d, which does not broadcast to %" PRId64, name,
                  own, i, common);
  }
  return Status::ok;
}

Status readBatchMatmul(const Call &call, BatchMatmul &matmul) {
  const Tensor &a = call.tensors[0], &b = call.tensors[1], &c = call.tensors[2];
  SWITCHYARD_CHECK(checkStrided(call, a, "a", ElementType::f32, -1));
  SWITCHYARD_CHECK(checkStrided(call, b, "b", ElementType::f32, -1));
  if (a.rank < 2 || b.rank < 2)
    return fail(call, Status::badShape, "operands 'a' and 'b' have ranks %d and %d, expected at least 2", a.rank, b.rank);
  SWITCHYARD_CHECK(checkOperand(call, c, "c", ElementType::f32, std::max(a.rank, b.rank)));
  matmul.a = &a;
  matmul.b = &b;
  matmul.c = &c;
  matmul.batches = elementCount(c, c.rank - 2);
  matmul.rows = c.sizes[c.rank - 2];
  matmul.columns = c.sizes[c.rank - 1];
  matmul.depth = a.sizes[a.rank - 1];
  matmul.aRow = a.strides[a.rank - 2];
  matmul.aDepth = a.strides[a.rank - 1];
  matmul.bDepth = b.strides[b.rank - 2];
  matmul.bColumn = b.strides[b.rank - 1];
  matmul.cRow = c.strides[c.rank - 2];
  if (a.sizes[a.rank - 2] != matmul.rows || b.sizes[b.rank - 2] != matmul.depth || b.sizes[b.rank - 1] != matmul.columns)
    return fail(call, Status::badShape,
                "the product of %" PRId64 " x %" PRId64 " and %" PRId64 " x %" PRId64 " is not %" PRId64 " x %" PRId64, a.sizes[a.rank - 2],
                matmul.depth, b.sizes[b.rank - 2], b.sizes[b.rank - 1], matmul.rows, matmul.columns);
  SWITCHYARD_CHECK(checkBroadcast(call, a, "a", c));
  return checkBroadcast(call, b, "b", c);
}

Status reference_batch_matmul_f32(const Call &call) {
  BatchMatmul matmul;
  SWITCHYARD_CHECK(readBatchMatmul(call, matmul));
  parallelFor(call, matmul.batches * matmul.rows, [&](int64_t begin, int64_t end, int) {
    for (int64_t item = begin; item < end; ++item) {
      int64_t batch = item / matmul.rows, m = item % matmul.rows;
      const float *a = matmul.a->as<float>() + matrixOffset(*matmul.a, *matmul.c, batch) + m * matmul.aRow;
      const float *b = matmul.b->as<float>() + matrixOffset(*matmul.b, *matmul.c, batch);
      float *c = matmul.c->as<float>() + matrixOffset(*matmul.c, *matmul.c, batch) + m * matmul.cRow;
      for (int64_t n = 0; n < matmul.columns; ++n) {
        float acc = 0.0f;
        for (int64_t k = 0; k < matmul.depth; ++k)
          acc = __builtin_fmaf(a[k * matmul.aDepth], b[k * matmul.bDepth + n * matmul.bColumn], acc);
        c[n] = acc;
      }
    }
  });
  return Status::ok;
}

}  // namespace switchyard::kernels
