#include "kernels/common/parallel.h"
#include "kernels/layer_norm/layer_norm.h"
#include "kernels/table.h"

namespace switchyard::kernels {

Status fast_layer_norm_f32(const Call &call) {
  LayerNorm norm;
  SWITCHYARD_CHECK(readLayerNorm(call, norm));
  parallelFor(call, norm.x.count, [&](int64_t begin, int64_t end, int) {
    for (int64_t row = begin; row < end; ++row)
      normalizeRow(norm, norm.x.row(row), norm.out.row(row));
  });
  return Status::ok;
}

}  // namespace switchyard::kernels
