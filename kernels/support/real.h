// exp and log of f64, the same bits everywhere: plain IEEE operations and fused multiply-adds where written. Within 2 ulp of the exact value.
#ifndef SWITCHYARD_KERNELS_SUPPORT_REAL_H
#define SWITCHYARD_KERNELS_SUPPORT_REAL_H

#include "kernels/support/elementary.h"

namespace switchyard::kernels::elementary {

// ln 2 in two parts; the high part has trailing zeros so that its product with an exponent is exact.
static constexpr double ln2HighReal = 0x1.62e42feep-1, ln2LowReal = 0x1.a39ef35793c76p-33;

static inline double expReal(double x) {
  if (x != x)
    return x;
  // Beyond, the result is 0 or infinite; the scale below is applied in two steps, so that it is rounded once.
  x = x < -746.0 ? -746.0 : x > 710.0 ? 710.0 : x;
  constexpr double shift = 0x1.8p52;
  double count = __builtin_fma(x, 0x1.71547652b82fep+0, shift) - shift;
  double r = __builtin_fma(count, -ln2LowReal, __builtin_fma(count, -ln2HighReal, x));
  // The Taylor series: |r| <= 0.347, so that the fifteenth term is below 2^-62.
  double q = 1.0;
  for (int k = 14; k >= 1; --k)
    q = __builtin_fma(q, r / k, 1.0);
  auto n = static_cast<int64_t>(count);
  int64_t half = n / 2;
  auto power = [](int64_t e) { return __builtin_bit_cast(double, static_cast<uint64_t>(e + 1023) << 52); };
  return q * power(half) * power(n - half);
}

static inline double logReal(double x) {
  if (!(x > 0.0) || x == __builtin_inf())
    return x == 0.0 ? -__builtin_inf() : x < 0.0 ? __builtin_nan("") : x;
  // Subnormals become normal first.
  bool tiny = x < 0x1p-1022;
  uint64_t bits = __builtin_bit_cast(uint64_t, tiny ? x * 0x1p54 : x) - 0x3fe6a09e667f3bcdu;
  double n = static_cast<double>(static_cast<int64_t>(bits) >> 52) - (tiny ? 54.0 : 0.0);
  double f = __builtin_bit_cast(double, (bits & 0xfffffffffffffu) + 0x3fe6a09e667f3bcdu) - 1.0;
  // log(1 + f) = 2 artanh(s); |s| <= 0.172, so that the twelfth term is below 2^-60.
  double s = f / (2.0 + f), z = s * s, q = 1.0 / 23.0;
  for (int k = 21; k >= 3; k -= 2)
    q = __builtin_fma(q, z, 1.0 / k);
  // 2 s = f - s f: what the rounding of s has lost stays in f.
  double tail = __builtin_fma(-s, f, 2.0 * s * (q * z));
  return __builtin_fma(n, ln2HighReal, f + __builtin_fma(n, ln2LowReal, tail));
}

}  // namespace switchyard::kernels::elementary

#endif  // SWITCHYARD_KERNELS_SUPPORT_REAL_H
