// Inverse trigonometric and hyperbolic functions, tanh and sigmoid of f64, within a few ulp; by plain IEEE operations.
#ifndef SWITCHYARD_KERNELS_SUPPORT_INVERSE_H
#define SWITCHYARD_KERNELS_SUPPORT_INVERSE_H

#include "kernels/support/real.h"

namespace switchyard::kernels::elementary {

static constexpr double halfPi = 0x1.921fb54442d18p+0, halfPiLow = 0x1.1a62633145c07p-54, ln2Real = 0x1.62e42fefa39efp-1;

static inline double absReal(double x) { return x < 0 ? -x : x; }
static inline double copySignReal(double magnitude, double sign) { return __builtin_copysign(magnitude, sign); }

/// log(1 + x) without cancellation: what the rounding of 1 + x lost is made up for by the quotient.
static inline double log1pReal(double x) {
  double u = 1.0 + x;
  if (u == 1.0 || !(u > 0.0) || u == __builtin_inf())
    return u == 1.0 ? x : logReal(u);
  return logReal(u) * (x / (u - 1.0));
}

/// e^x - 1 without cancellation.
static inline double expm1Real(double x) {
  double u = expReal(x);
  if (u == 1.0 || u - 1.0 == -1.0 || u == __builtin_inf() || u != u)
    return u == 1.0 ? x : u - 1.0;
  return (u - 1.0) * (x / logReal(u));
}

static inline double tanhReal(double x) {
  double e = expm1Real(-2.0 * absReal(x));
  return x != x ? x : copySignReal(-e / (2.0 + e), x);
}

static inline double sigmoidReal(double x) { return 1.0 / (1.0 + expReal(-x)); }

/// For x >= 0: halved twice, so that the series' fourteenth term is below 2^-64.
static inline double atanPositive(double x) {
  bool inverted = x > 1.0;
  double t = inverted ? 1.0 / x : x;
  for (int i = 0; i < 2; ++i)
    t = t / (1.0 + __builtin_sqrt(__builtin_fma(t, t, 1.0)));
  double z = t * t, q = 0.0;
  for (int k = 27; k >= 3; k -= 2)
    q = __builtin_fma(q, z, (k % 4 == 1 ? 1.0 : -1.0) / k);
  double angle = 4.0 * __builtin_fma(q * z, t, t);
  return inverted ? halfPi - (angle - halfPiLow) : angle;
}

static inline double atanReal(double x) { return x != x ? x : copySignReal(atanPositive(absReal(x)), x); }

static inline double asinReal(double x) {
  double t = absReal(x);
  if (!(t <= 1.0))
    return __builtin_nan("");
  return copySignReal(t == 1.0 ? halfPi : atanPositive(t / __builtin_sqrt((1.0 - t) * (1.0 + t))), x);
}

static inline double acosReal(double x) {
  if (!(absReal(x) <= 1.0))
    return __builtin_nan("");
  return x == -1.0 ? 2.0 * halfPi : 2.0 * atanPositive(__builtin_sqrt((1.0 - x) / (1.0 + x)));
}

static inline double asinhReal(double x) {
  double t = absReal(x);
  double value = t > 0x1p500 ? logReal(t) + ln2Real : log1pReal(t + t * t / (1.0 + __builtin_sqrt(__builtin_fma(t, t, 1.0))));
  return x != x ? x : copySignReal(value, x);
}

static inline double acoshReal(double x) {
  if (!(x >= 1.0))
    return __builtin_nan("");
  double u = x - 1.0;
  return x > 0x1p500 ? logReal(x) + ln2Real : log1pReal(u + __builtin_sqrt(u * (2.0 + u)));
}

static inline double atanhReal(double x) {
  double t = absReal(x);
  if (!(t <= 1.0))
    return __builtin_nan("");
  return copySignReal(t == 1.0 ? __builtin_inf() : 0.5 * log1pReal(2.0 * t / (1.0 - t)), x);
}

/// x^y for x >= 0.
static inline double powReal(double x, double y) { return y == 0.0 ? 1.0 : expReal(y * logReal(x)); }

}  // namespace switchyard::kernels::elementary

#endif  // SWITCHYARD_KERNELS_SUPPORT_INVERSE_H
