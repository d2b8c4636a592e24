// pow and fmod of f32. pow goes through f64, within 0.6 ulp, with the special cases of IEEE 754.
#ifndef SWITCHYARD_KERNELS_SUPPORT_POWER_H
#define SWITCHYARD_KERNELS_SUPPORT_POWER_H

#include "kernels/support/elementary.h"

namespace switchyard::kernels::elementary {

/// log2 of a positive, finite double that is exactly a float.
static inline double logarithmToBaseTwo(double x) {
  uint64_t bits = __builtin_bit_cast(uint64_t, x) - 0x3fe6a09e667f3bcdu;
  double n = static_cast<double>(static_cast<int64_t>(bits) >> 52);
  double f = __builtin_bit_cast(double, (bits & 0xfffffffffffffu) + 0x3fe6a09e667f3bcdu) - 1.0;
  // log(1 + f) = 2 artanh(s); |s| <= 0.172, so that the eleventh term is below 2^-54.
  double s = f / (2.0 + f);
  double z = s * s;
  double q = 1.0 / 21.0;
  for (int k = 19; k >= 3; k -= 2)
    q = __builtin_fma(q, z, 1.0 / k);
  q = __builtin_fma(q * z, s, s);
  return __builtin_fma(q, 0x1.71547652b82fep+1, n);
}

/// 2^x for |x| <= 1000.
static inline double powerOfTwoReal(double x) {
  constexpr double shift = 0x1.8p52;
  double shifted = x + shift;
  double r = (x - (shifted - shift)) * 0x1.62e42fefa39efp-1;
  double q = 1.0;
  for (int k = 12; k >= 1; --k)
    q = __builtin_fma(q, r / k, 1.0);
  int64_t n = static_cast<int32_t>(__builtin_bit_cast(uint64_t, shifted));
  return q * __builtin_bit_cast(double, static_cast<uint64_t>(n + 1023) << 52);
}

static inline float pow(float x, float y) {
  if (y == 0.0f || x == 1.0f)
    return 1.0f;
  if (x != x || y != y)
    return x + y;
  float magnitude = abs(x);
  // A float of at least 2^24 in magnitude is an even integer; so is infinity.
  float absY = abs(y);
  bool integral = true, odd = false;
  if (absY < 0x1p24f) {
    int32_t truncated = static_cast<int32_t>(y);
    integral = static_cast<float>(truncated) == y;
    odd = integral && (truncated & 1);
  }
  if (x < 0.0f && !integral && magnitude < __builtin_inff())
    return __builtin_nanf("");
  double logarithm = magnitude == 0.0f               ? -__builtin_inf()
                     : magnitude == __builtin_inff() ? __builtin_inf()
                                                     : logarithmToBaseTwo(static_cast<double>(magnitude));
  double exponent = static_cast<double>(y) * logarithm;
  if (exponent != exponent)  // |x| == 1 and y infinite
    return 1.0f;
  exponent = exponent < -200.0 ? -200.0 : exponent > 200.0 ? 200.0 : exponent;
  float result = static_cast<float>(powerOfTwoReal(exponent));
  return odd && (toBits(x) >> 31) ? -result : result;
}

/// The exact remainder of x / y with the sign of x, as C's fmodf.
static inline float fmod(float x, float y) {
  uint32_t sign = toBits(x) & 0x80000000u;
  uint32_t a = toBits(x) & 0x7fffffffu, b = toBits(y) & 0x7fffffffu;
  if (a >= 0x7f800000u || b > 0x7f800000u || b == 0)
    return __builtin_nanf("");
  if (a < b)
    return x;
  auto mantissa = [](uint32_t bits) -> uint32_t { return bits < 0x800000u ? bits : (bits & 0x7fffffu) | 0x800000u; };
  auto exponent = [](uint32_t bits) -> int32_t { return bits < 0x800000u ? 1 : static_cast<int32_t>(bits >> 23); };
  uint32_t rest = mantissa(a), divisor = mantissa(b);
  int32_t e = exponent(a), stop = exponent(b);
  // Long division, 8 bits a step: rest < divisor <= 2^24 holds after each.
  rest %= divisor;
  while (e > stop && rest != 0) {
    int32_t step = e - stop < 8 ? e - stop : 8;
    rest = (rest << step) % divisor;
    e -= step;
  }
  if (rest == 0)
    return fromBits(sign);
  int32_t shift = __builtin_clz(rest) - 8;
  shift = shift < stop - 1 ? shift : stop - 1;
  rest <<= shift;
  stop -= shift;
  uint32_t bits = rest < 0x800000u ? rest : (rest & 0x7fffffu) | (static_cast<uint32_t>(stop) << 23);
  return fromBits(bits | sign);
}

}  // namespace switchyard::kernels::elementary

#endif  // SWITCHYARD_KERNELS_SUPPORT_POWER_H
