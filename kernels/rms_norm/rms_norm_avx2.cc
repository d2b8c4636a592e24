#include "kernels/common/parallel.h"
#include "kernels/rms_norm/rms_norm.h"
#include "kernels/table.h"

namespace switchyard::kernels {

Status fast_rms_norm_f32(const Call &call) {
  RmsNorm norm;
  SWITCHYARD_CHECK(readRmsNorm(call, norm));
  parallelFor(call, norm.x.count, [&](int64_t begin, int64_t end, int) {
    for (int64_t row = begin; row < end; ++row)
      normalizeRow(norm, norm.x.row(row), norm.out.row(row));
  });
  return Status::ok;
}

}  // namespace switchyard::kernels
