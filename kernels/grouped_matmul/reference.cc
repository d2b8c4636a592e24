// grouped_matmul_f32: products of rows that are sorted by group, each group with its own matrix.
#include "kernels/common/check.h"
#include "kernels/common/indices.h"
#include "kernels/table.h"

#include <cinttypes>

namespace switchyard::kernels {
namespace {

Status checkGroups(const Call &call) {
  const Tensor &rows = call.tensors[0], &ends = call.tensors[1], &matrices = call.tensors[2], &bias = call.tensors[3], &out = call.tensors[4];
  SWITCHYARD_CHECK(checkOperand(call, rows, "rows", ElementType::f32, 2));
  SWITCHYARD_CHECK(checkIndices(call, ends, "ends", 1));
  SWITCHYARD_CHECK(checkOperand(call, matrices, "matrices", ElementType::f32, 3));
  if (!bias.absent())
    SWITCHYARD_CHECK(checkOperand(call, bias, "bias", ElementType::f32, 2));
  SWITCHYARD_CHECK(checkOperand(call, out, "out", ElementType::f32, 2));
  int64_t groups = ends.sizes[0], columns = out.sizes[1];
  bool fits = matrices.sizes[0] == groups && matrices.sizes[1] == rows.sizes[1] && matrices.sizes[2] == columns && rows.sizes[0] == out.sizes[0] &&
              (bias.absent() || (bias.sizes[0] == groups && bias.sizes[1] == columns));
  if (!fits)
    return fail(call, Status::badShape, "rows, matrices, bias and out are not a product for each of %" PRId64 " groups", groups);
  int64_t end = 0;
  for (int64_t group = 0; group < groups; ++group) {
    int64_t next = readIndex(ends, group * ends.strides[0]);
    if (next < end || next > rows.sizes[0])
      return fail(call, Status::badData, "group %" PRId64 " ends at row %" PRId64 " of %" PRId64 ", and the one before at %" PRId64, group, next,
                  rows.sizes[0], end);
    end = next;
  }
  if (end != rows.sizes[0])
    return fail(call, Status::badData, "the groups have %" PRId64 " of %" PRId64 " rows", end, rows.sizes[0]);
  return Status::ok;
}

/// `count` rows of `tensor` from `first` on.
Tensor sliceRows(Tensor tensor, int64_t first, int64_t count) {
  tensor.data = tensor.as<float>() + first * tensor.strides[0];
  tensor.sizes[0] = count;
  return tensor;
}

Tensor getMatrix(const Tensor &stacked, int64_t group) {
  Tensor matrix = sliceRows(stacked, group, 1);
  matrix.rank = 2;
  for (int d = 0; d < 2; ++d) {
    matrix.sizes[d] = stacked.sizes[d + 1];
    matrix.strides[d] = stacked.strides[d + 1];
  }
  return matrix;
}

void addBias(const Tensor &out, const Tensor &bias, int64_t group) {
  const float *numbers = bias.as<float>() + group * bias.strides[0];
  for (int64_t row = 0; row < out.sizes[0]; ++row)
    for (int64_t column = 0; column < out.sizes[1]; ++column)
      out.as<float>()[row * out.strides[0] + column] += numbers[column];
}

Status multiplyGroups(const Call &call, Function multiply) {
  SWITCHYARD_CHECK(checkGroups(call));
  const Tensor &rows = call.tensors[0], &ends = call.tensors[1], &matrices = call.tensors[2], &bias = call.tensors[3], &out = call.tensors[4];
  int64_t first = 0;
  for (int64_t group = 0; group < ends.sizes[0]; ++group) {
    int64_t end = readIndex(ends, group * ends.strides[0]);
    if (end == first)
      continue;
    Tensor operands[] = {sliceRows(rows, first, end - first), getMatrix(matrices, group), sliceRows(out, first, end - first)};
    Call product = call;
    product.tensors = operands;
    product.tensorCount = 3;
    SWITCHYARD_CHECK(multiply(product));
    if (!bias.absent())
      addBias(operands[2], bias, group);
    first = end;
  }
  return Status::ok;
}

}  // namespace

Status reference_grouped_matmul_f32(const Call &call) { return multiplyGroups(call, reference_batch_matmul_f32); }

Status fast_grouped_matmul_f32(const Call &call) { return multiplyGroups(call, fast_batch_matmul_f32); }

}  // namespace switchyard::kernels
