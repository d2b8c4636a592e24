// Reductions over a static axis: 16 virtual lanes, element i in lane i mod 16, each ascending; then the fixed merge.
#ifndef SWITCHYARD_KERNELS_COMMON_LANES_H
#define SWITCHYARD_KERNELS_COMMON_LANES_H

#include <cstdint>

namespace switchyard::kernels {

inline constexpr int64_t laneCount = 16;

/// Lane i with i + 8, then i + 4, i + 2, i + 1.
static inline float mergeLanes(float (&lanes)[laneCount]) {
  for (int64_t half = laneCount / 2; half > 0; half /= 2)
    for (int64_t i = 0; i < half; ++i)
      lanes[i] = lanes[i] + lanes[i + half];
  return lanes[0];
}

/// Sum of x[0..n).
static inline float sumLanes(const float *x, int64_t n) {
  float lanes[laneCount] = {};
  int64_t i = 0;
  for (; i + laneCount <= n; i += laneCount)
    for (int64_t j = 0; j < laneCount; ++j)
      lanes[j] = lanes[j] + x[i + j];
  for (int64_t j = 0; i + j < n; ++j)
    lanes[j] = lanes[j] + x[i + j];
  return mergeLanes(lanes);
}

/// Sum of x[i] * y[i], each lane one fma chain.
static inline float dotLanes(const float *x, const float *y, int64_t n) {
  float lanes[laneCount] = {};
  int64_t i = 0;
  for (; i + laneCount <= n; i += laneCount)
    for (int64_t j = 0; j < laneCount; ++j)
      lanes[j] = __builtin_fmaf(x[i + j], y[i + j], lanes[j]);
  for (int64_t j = 0; i + j < n; ++j)
    lanes[j] = __builtin_fmaf(x[i + j], y[i + j], lanes[j]);
  return mergeLanes(lanes);
}

}  // namespace switchyard::kernels

#endif  // SWITCHYARD_KERNELS_COMMON_LANES_H
