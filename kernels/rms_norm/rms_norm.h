// rms_norm_f32: x / sqrt(mean(x^2) + epsilon) * scale over the last axis.
//
// The sum of squares runs in 16 lanes, each an fma chain (common/lanes.h).
#ifndef SWITCHYARD_KERNELS_RMS_NORM_H
#define SWITCHYARD_KERNELS_RMS_NORM_H

#include "kernels/common/check.h"
#include "kernels/common/lanes.h"
#include "kernels/common/rows.h"

namespace switchyard::kernels {

struct RmsNorm {
  Rows x, out;
  const float *scale = nullptr;
  float epsilon = 0.0f;
};

Status readRmsNorm(const Call &call, RmsNorm &norm);

static inline void normalizeRow(const RmsNorm &norm, const float *x, float *out) {
  int64_t n = norm.x.width;
  float root = __builtin_sqrtf(dotLanes(x, x, n) / static_cast<float>(n) + norm.epsilon);
  for (int64_t i = 0; i < n; ++i)
    out[i] = x[i] / root * norm.scale[i];
}

}  // namespace switchyard::kernels

#endif  // SWITCHYARD_KERNELS_RMS_NORM_H
