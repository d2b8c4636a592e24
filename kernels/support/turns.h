// Sine and cosine of a rational part of a whole turn: the angle is reduced exactly, in integers. Within 1 ulp of f64.
#ifndef SWITCHYARD_KERNELS_SUPPORT_TURNS_H
#define SWITCHYARD_KERNELS_SUPPORT_TURNS_H

#include <stdint.h>

namespace switchyard::kernels::elementary {

struct Turn {
  double cosine, sine;
};

/// Of the angle 2 pi m / n, for 0 <= m <= n and 0 < n < 2^59.
static inline Turn turn(int64_t m, int64_t n) {
  int64_t quarter = (8 * m + n) / (2 * n), rest = 4 * m - quarter * n;  // |rest| <= n / 2
  double r = static_cast<double>(rest) / static_cast<double>(n) * 0x1.921fb54442d18p+0, z = r * r, s = 0.0, c = 0.0;
  // The series of sin and cos for |r| <= pi/4: the next terms are below 2^-60.
  for (int k = 17; k >= 3; k -= 2)
    s = (s * z + 1.0) / (-1.0 * k * (k - 1));
  for (int k = 18; k >= 2; k -= 2)
    c = (c * z + 1.0) / (-1.0 * k * (k - 1));
  double sine = r + r * (s * z), cosine = 1.0 + c * z;
  switch (quarter & 3) {
  case 0:
    return {cosine, sine};
  case 1:
    return {-sine, cosine};
  case 2:
    return {-cosine, -sine};
  default:
    return {sine, -cosine};
  }
}

}  // namespace switchyard::kernels::elementary

#endif  // SWITCHYARD_KERNELS_SUPPORT_TURNS_H
