// pow of f32, fmod of f32 and f64. pow goes through f64, within 0.6 ulp, with the special cases of IEEE 754.
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

/// The exact remainder of x / y with the sign of x, of a format with `mantissaBits` stored bits and the bit pattern `Bits`.
template <typename Float, typename Bits, int mantissaBits>
static inline Float remainder(Float x, Float y) {
  constexpr int width = 8 * sizeof(Bits);
  constexpr Bits hidden = Bits{1} << mantissaBits, signBit = Bits{1} << (width - 1), infinity = signBit - hidden;
  Bits sign = __builtin_bit_cast(Bits, x) & signBit;
  Bits a = __builtin_bit_cast(Bits, x) & ~signBit, b = __builtin_bit_cast(Bits, y) & ~signBit;
  if (a >= infinity || b > infinity || b == 0)
    return __builtin_bit_cast(Float, infinity | (hidden >> 1));
  if (a < b)
    return x;
  auto mantissa = [](Bits bits) -> Bits { return bits < hidden ? bits : (bits & (hidden - 1)) | hidden; };
  auto exponent = [](Bits bits) -> int32_t { return bits < hidden ? 1 : static_cast<int32_t>(bits >> mantissaBits); };
  Bits rest = mantissa(a), divisor = mantissa(b);
  int32_t e = exponent(a), stop = exponent(b);
  // Long division, as many bits a step as there are free ones: rest < divisor < 2 * hidden holds after each.
  constexpr int32_t free = width - mantissaBits - 1;
  rest %= divisor;
  while (e > stop && rest != 0) {
    int32_t step = e - stop < free ? e - stop : free;
    rest = (rest << step) % divisor;
    e -= step;
  }
  if (rest == 0)
    return __builtin_bit_cast(Float, sign);
  int32_t leadingZeros = __builtin_clzll(static_cast<uint64_t>(rest)) - (64 - width);
  int32_t shift = leadingZeros - free;
  shift = shift < stop - 1 ? shift : stop - 1;
  rest <<= shift;
  stop -= shift;
  Bits bits = rest < hidden ? rest : (rest & (hidden - 1)) | (static_cast<Bits>(stop) << mantissaBits);
  return __builtin_bit_cast(Float, bits | sign);
}

/// C's fmodf and fmod.
static inline float fmod(float x, float y) { return remainder<float, uint32_t, 23>(x, y); }
static inline double fmod(double x, double y) { return remainder<double, uint64_t, 52>(x, y); }

}  // namespace switchyard::kernels::elementary

#endif  // SWITCHYARD_KERNELS_SUPPORT_POWER_H
