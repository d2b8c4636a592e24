// The largest of a row, NaN left aside: order-free, so that lanes are allowed. Which zero wins among -0 and +0 is left open; what is
// subtracted from it and exponentiated does not show it.
#ifndef SWITCHYARD_KERNELS_COMMON_LARGEST_H
#define SWITCHYARD_KERNELS_COMMON_LARGEST_H

#include <cstdint>

namespace switchyard::kernels {

/// The largest of `start` and x[0..n).
static inline float largestOf(const float *x, int64_t n, float start = -__builtin_inff()) {
  constexpr int64_t width = 8;
  float best[width];
  for (int64_t j = 0; j < width; ++j)
    best[j] = start;
  int64_t i = 0;
  for (; i + width <= n; i += width)
    for (int64_t j = 0; j < width; ++j)
      best[j] = x[i + j] > best[j] ? x[i + j] : best[j];
  for (; i < n; ++i)
    best[0] = x[i] > best[0] ? x[i] : best[0];
  for (int64_t j = 1; j < width; ++j)
    best[0] = best[j] > best[0] ? best[j] : best[0];
  return best[0];
}

}  // namespace switchyard::kernels

#endif  // SWITCHYARD_KERNELS_COMMON_LARGEST_H
