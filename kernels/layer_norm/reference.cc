#include "kernels/common/parallel.h"
#include "kernels/layer_norm/layer_norm.h"
#include "kernels/table.h"

namespace switchyard::kernels {

Status readLayerNorm(const Call &call, LayerNorm &norm) {
  const Tensor &x = call.tensors[0], &scale = call.tensors[1], &bias = call.tensors[2], &out = call.tensors[3];
  SWITCHYARD_CHECK(checkRows(call, x, "x"));
  SWITCHYARD_CHECK(checkOperand(call, out, "out", ElementType::f32, x.rank));
  SWITCHYARD_CHECK(checkSameSizes(call, x, "x", out, "out", x.rank));
  norm.x = Rows(x);
  norm.out = Rows(out);
  SWITCHYARD_CHECK(checkVector(call, scale, "scale", norm.x.width));
  norm.scale = scale.as<float>();
  if (!bias.absent()) {
    SWITCHYARD_CHECK(checkVector(call, bias, "bias", norm.x.width));
    norm.bias = bias.as<float>();
  }
  norm.epsilon = static_cast<float>(call.floats[0]);
  return Status::ok;
}

Status reference_layer_norm_f32(const Call &call) {
  LayerNorm norm;
  SWITCHYARD_CHECK(readLayerNorm(call, norm));
  parallelFor(call, norm.x.count, [&](int64_t begin, int64_t end, int) {
    for (int64_t row = begin; row < end; ++row)
      normalizeRow(norm, norm.x.row(row), norm.out.row(row));
  });
  return Status::ok;
}

}  // namespace switchyard::kernels
