// layer_norm_f32: (x - mean) / sqrt(variance + epsilon) * scale (+ bias) over the last axis.
//
// Mean and variance run in 16 lanes (common/lanes.h); the variance is that of the rounded differences, each lane an fma chain.
#ifndef SWITCHYARD_KERNELS_LAYER_NORM_H
#define SWITCHYARD_KERNELS_LAYER_NORM_H

#include "kernels/common/check.h"
#include "kernels/common/lanes.h"
#include "kernels/common/rows.h"

namespace switchyard::kernels {

struct LayerNorm {
  Rows x, out;
  const float *scale = nullptr;
  const float *bias = nullptr;
  float epsilon = 0.0f;
};

Status readLayerNorm(const Call &call, LayerNorm &norm);

static inline void normalizeRow(const LayerNorm &norm, const float *x, float *out) {
  int64_t n = norm.x.width;
  float mean = sumLanes(x, n) / static_cast<float>(n);
  for (int64_t i = 0; i < n; ++i)
    out[i] = x[i] - mean;
  float root = __builtin_sqrtf(dotLanes(out, out, n) / static_cast<float>(n) + norm.epsilon);
  for (int64_t i = 0; i < n; ++i)
    out[i] = out[i] / root * norm.scale[i];
  if (norm.bias)
    for (int64_t i = 0; i < n; ++i)
      out[i] = out[i] + norm.bias[i];
}

}  // namespace switchyard::kernels

#endif  // SWITCHYARD_KERNELS_LAYER_NORM_H
