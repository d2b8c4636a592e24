// Interpolation along one axis: which elements a point lies between, and how much each of them weighs. In f64.
#ifndef SWITCHYARD_KERNELS_RESAMPLE_TAPS_H
#define SWITCHYARD_KERNELS_RESAMPLE_TAPS_H

#include <cmath>
#include <cstdint>

namespace switchyard::kernels {

/// The triangle of a linear interpolation.
static inline double linearWeight(double distance) {
  double x = std::fabs(distance);
  return x < 1 ? 1 - x : 0;
}

/// The cubic convolution of parameter `a` (Keys 1981).
static inline double cubicWeight(double distance, double a) {
  double x = std::fabs(distance);
  if (x <= 1)
    return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0;
}

}  // namespace switchyard::kernels

#endif  // SWITCHYARD_KERNELS_RESAMPLE_TAPS_H
