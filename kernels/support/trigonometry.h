// sin and cos of f32 over the whole range, within 0.6 ulp: reduced and evaluated in f64.
#ifndef SWITCHYARD_KERNELS_SUPPORT_TRIGONOMETRY_H
#define SWITCHYARD_KERNELS_SUPPORT_TRIGONOMETRY_H

#include "kernels/support/elementary.h"

namespace switchyard::kernels::elementary {

/// x = quadrant * pi/2 + r (modulo 2 pi) with |r| <= pi/4.
struct ReducedAngle {
  double r;
  uint32_t quadrant;
};

/// For |x| < 2^28: the quadrant count is exact, pi/2 is held in two parts of 53 bits.
static inline ReducedAngle reduceAngle(float x) {
  constexpr double shift = 0x1.8p52;
  double value = static_cast<double>(x);
  double shifted = __builtin_fma(value, 0x1.45f306dc9c883p-1, shift);
  double count = shifted - shift;
  double r = __builtin_fma(count, -0x1.921fb54442d18p+0, value);
  return {__builtin_fma(count, -0x1.1a62633145c07p-54, r), static_cast<uint32_t>(__builtin_bit_cast(uint64_t, shifted))};
}

/// For 2^28 <= |x| < inf (Payne and Hanek): the bits of 2/pi that do not make whole turns, times the mantissa.
static inline ReducedAngle reduceLargeAngle(float x) {
  static constexpr uint32_t twoOverPi[8] = {0xa2f9836e, 0x4e441529, 0xfc2757d1, 0xf534ddc0, 0xdb629599, 0x3c439041, 0xfe5163ab, 0xdebbc561};
  uint32_t bits = toBits(x);
  uint32_t mantissa = (bits & 0x7fffffu) | 0x800000u;
  // x = mantissa * 2^e; bit i of 2/pi (from 0) weighs 2^(e-1-i) in the product, and 2^1 is the first that counts modulo 4.
  uint32_t e = ((bits >> 23) & 0xffu) - 150u;
  uint32_t first = e - 2u;
  unsigned __int128 window = 0;
  for (uint32_t i = 0; i < 4; ++i)
    window = (window << 32) | twoOverPi[(first >> 5) + i];
  window = (window << (first & 31u)) >> 32;
  uint64_t turns = static_cast<uint64_t>((window * mantissa) >> 32);  // fixed point, modulo 4, 62 fraction bits
  uint32_t quadrant = static_cast<uint32_t>((turns + (uint64_t(1) << 61)) >> 62);
  int64_t fraction = static_cast<int64_t>(turns - (static_cast<uint64_t>(quadrant) << 62));
  double r = static_cast<double>(fraction) * (0x1p-62 * 0x1.921fb54442d18p+0);
  return x < 0.0f ? ReducedAngle{-r, 0u - quadrant} : ReducedAngle{r, quadrant};
}

static inline float sineOfReduced(ReducedAngle angle) {
  double r = angle.r;
  double z = r * r;
  double s = 0x1.6dbc30f6ddc00p-19;
  s = __builtin_fma(s, z, -0x1.a013a20dfed90p-13);
  s = __builtin_fma(s, z, 0x1.11110deb44644p-7);
  s = __builtin_fma(s, z, -0x1.555555545c8dep-3);
  s = __builtin_fma(s * z, r, r);
  double c = -0x1.25230d2112800p-22;
  c = __builtin_fma(c, z, 0x1.a015c0b6132a0p-16);
  c = __builtin_fma(c, z, -0x1.6c16bf523474ep-10);
  c = __builtin_fma(c, z, 0x1.555555550249ap-5);
  c = __builtin_fma(c, z * z, __builtin_fma(-0.5, z, 1.0));
  double value = (angle.quadrant & 1u) ? c : s;
  return static_cast<float>((angle.quadrant & 2u) ? -value : value);
}

/// sin(x + quadrants * pi/2).
static inline float sineShifted(float x, uint32_t quadrants) {
  float magnitude = abs(x);
  if (!(magnitude < __builtin_inff()))
    return x - x;
  ReducedAngle angle = magnitude < 0x1p28f ? reduceAngle(x) : reduceLargeAngle(x);
  angle.quadrant += quadrants;
  return sineOfReduced(angle);
}

static inline float sin(float x) { return x == 0.0f ? x : sineShifted(x, 0); }
static inline float cos(float x) { return sineShifted(x, 1); }

}  // namespace switchyard::kernels::elementary

#endif  // SWITCHYARD_KERNELS_SUPPORT_TRIGONOMETRY_H
