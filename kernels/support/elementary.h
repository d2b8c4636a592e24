// Elementary functions of f32, the same bits everywhere: in kernels, in generated code, on every CPU.
//
// Plain IEEE operations and fused multiply-adds where written, no table, no branch on the value (a select instead), so that a
// loop over any of them vectorises without changing a bit. Within 2 ulp of the exact value over the whole range, including
// subnormals; the usual results for zeros, infinities and NaN. Polynomials are minimax fits over the stated interval.
//
// Everything is `static`: each translation unit compiles its own copy for its own CPU level.
#ifndef SWITCHYARD_KERNELS_SUPPORT_ELEMENTARY_H
#define SWITCHYARD_KERNELS_SUPPORT_ELEMENTARY_H

#include <stdint.h>

namespace switchyard::kernels::elementary {

static inline float fromBits(uint32_t bits) { return __builtin_bit_cast(float, bits); }
static inline uint32_t toBits(float x) { return __builtin_bit_cast(uint32_t, x); }
static inline float fma(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
static inline float abs(float x) { return fromBits(toBits(x) & 0x7fffffffu); }
static inline float copySign(float magnitude, float sign) {
  return fromBits((toBits(magnitude) & 0x7fffffffu) | (toBits(sign) & 0x80000000u));
}

// Adding this constant to |x| < 2^22 leaves round-to-nearest(x) in the low bits of the sum.
static constexpr float roundingShift = 0x1.8p23f;
static constexpr float log2e = 0x1.715476p+0f;
// ln 2 in two parts; the high part has trailing zeros so that its product with a small integer is exact.
static constexpr float ln2High = 0x1.62e4p-1f;
static constexpr float ln2Low = 0x1.7f7d1cp-20f;

/// 2^n for n in [-126, 127].
static inline float powerOfTwo(int32_t n) { return fromBits(static_cast<uint32_t>(n + 127) << 23); }

/// x = n ln 2 + r with |r| <= ln 2 / 2, for |x| < 150; NaN stays NaN in r.
struct ReducedExponent {
  float r;
  int32_t n;
};
static inline ReducedExponent reduceExponent(float x) {
  float shifted = fma(x, log2e, roundingShift);
  int32_t n = static_cast<int32_t>(toBits(shifted) - toBits(roundingShift));
  float count = shifted - roundingShift;
  return {fma(count, -ln2Low, fma(count, -ln2High, x)), n};
}

/// (e^r - 1 - r) / r^2 for |r| <= ln 2 / 2.
static inline float exponentialTail(float r) {
  float q = 0x1.6d75e8p-10f;
  q = fma(q, r, 0x1.120be6p-7f);
  q = fma(q, r, 0x1.5554b8p-5f);
  q = fma(q, r, 0x1.5554dcp-3f);
  return fma(q, r, 0.5f);
}

static inline float exp(float x) {
  x = x < -104.0f ? -104.0f : x;
  x = x > 89.0f ? 89.0f : x;
  ReducedExponent reduced = reduceExponent(x);
  float r = reduced.r;
  float p = fma(r * r, exponentialTail(r), r) + 1.0f;
  // The scale is applied in two steps, so that results below 2^-126 and above 2^127 are rounded once, by the second. For NaN n
  // is arbitrary: the shifts keep it in the exponent field, and the product is NaN.
  uint32_t half = static_cast<uint32_t>(reduced.n >> 1);
  uint32_t rest = static_cast<uint32_t>(reduced.n) - half;
  return p * fromBits((half + 127u) << 23) * fromBits((rest + 127u) << 23);
}

/// e^x - 1 without cancellation.
static inline float expm1(float x) {
  x = x < -30.0f ? -30.0f : x;
  x = x > 89.0f ? 89.0f : x;
  ReducedExponent reduced = reduceExponent(x);
  float r = reduced.r;
  float p = fma(r * r, exponentialTail(r), r);
  uint32_t half = static_cast<uint32_t>(reduced.n >> 1);
  uint32_t rest = static_cast<uint32_t>(reduced.n) - half;
  float low = fromBits((half + 127u) << 23);
  float high = fromBits((rest + 127u) << 23);
  // low * (high * p + high - 1 / low): exact but for the last rounding of each fma.
  float scaled = fma(p, high, high - fromBits((127u - half) << 23)) * low;
  float result = abs(x) < 0x1p-13f ? fma(0.5f * x, x, x) : scaled;
  return x == 0.0f ? x : result;
}

/// log of a mantissa 1 + f in [sqrt(1/2), sqrt 2) plus n ln 2 plus a small correction c.
static inline float assembleLogarithm(float f, float n, float c) {
  float s = f / (2.0f + f);
  float z = s * s;
  float r = 0x1.de14a4p-3f;
  r = fma(r, z, 0x1.245af0p-2f);
  r = fma(r, z, 0x1.9999eep-2f);
  r = fma(r, z, 0x1.555556p-1f) * z;
  float halfSquare = 0.5f * f * f;
  float low = fma(n, ln2Low, c);
  return fma(n, ln2High, f - (halfSquare - fma(s, halfSquare + r, low)));
}

/// Splits a positive normal x into 2^n * (1 + f) with 1 + f in [sqrt(1/2), sqrt 2).
static inline float splitMantissa(float x, float &n) {
  uint32_t bits = toBits(x) - 0x3f3504f3u;
  n = static_cast<float>(static_cast<int32_t>(bits) >> 23);
  return fromBits((bits & 0x007fffffu) + 0x3f3504f3u) - 1.0f;
}

static inline float log(float x) {
  bool subnormal = x < 0x1p-126f;
  float scaled = subnormal ? x * 0x1p23f : x;
  float n;
  float f = splitMantissa(scaled, n);
  float result = assembleLogarithm(f, subnormal ? n - 23.0f : n, 0.0f);
  result = x == __builtin_inff() ? x : result;
  result = x == 0.0f ? -__builtin_inff() : result;
  result = x < 0.0f ? __builtin_nanf("") : result;
  return x != x ? x : result;
}

/// log(1 + x) without cancellation.
static inline float log1p(float x) {
  float u = 1.0f + x;
  float n;
  float f = splitMantissa(u, n);
  // What the rounding of 1 + x lost, relative to u.
  float lost = n > 0.0f ? 1.0f - (u - x) : x - (u - 1.0f);
  float c = lost / u;
  bool direct = x > -0.2928f && x < 0.4142f;
  float result = assembleLogarithm(direct ? x : f, direct ? 0.0f : n, direct ? 0.0f : c);
  result = abs(x) < 0x1p-24f ? x : result;
  result = x == __builtin_inff() ? x : result;
  result = x == -1.0f ? -__builtin_inff() : result;
  result = x < -1.0f ? __builtin_nanf("") : result;
  return x != x ? x : result;
}

static inline float tanh(float x) {
  float t = abs(x);
  float z = t * t;
  float q = -0x1.752140p-8f;
  q = fma(q, z, 0x1.52022ep-6f);
  q = fma(q, z, -0x1.b837f0p-5f);
  q = fma(q, z, 0x1.110710p-3f);
  q = fma(q, z, -0x1.555532p-2f);
  float small = fma(t * z, q, t);
  float large = 1.0f - 2.0f / (exp(2.0f * t) + 1.0f);
  return copySign(t < 0.625f ? small : large, x);
}

static inline float erf(float x) {
  float t = abs(x);
  float z = t * t;
  float q = 0x1.5de5d6p-14f;
  q = fma(q, z, -0x1.aa993ep-11f);
  q = fma(q, z, 0x1.54d31cp-8f);
  q = fma(q, z, -0x1.b80fd8p-6f);
  q = fma(q, z, 0x1.ce2e1ap-4f);
  q = fma(q, z, -0x1.812744p-2f);
  q = fma(q, z, 0x1.06eba8p-3f);
  float small = fma(q, t, t);
  // Beyond 0.927: 1 - exp(g(t)), where g = log(erfc) is fitted with the weight erfc on [0.9, 4].
  float u = t > 4.0f ? 4.0f : t;
  float g = 0x1.377bfcp-19f;
  g = fma(g, u, -0x1.36196cp-15f);
  g = fma(g, u, 0x1.ebaaccp-13f);
  g = fma(g, u, -0x1.2bf00ap-11f);
  g = fma(g, u, -0x1.b87b7cp-10f);
  g = fma(g, u, 0x1.59bb34p-6f);
  g = fma(g, u, -0x1.aa33a2p-4f);
  g = fma(g, u, -0x1.45b4e8p-1f);
  g = fma(g, u, -0x1.20e27ap+0f) * u;
  float large = 1.0f - exp(g);
  return copySign(t > 0.927f ? large : small, x);
}

static inline float sigmoid(float x) { return 1.0f / (1.0f + exp(-x)); }

/// log(1 + e^x), without overflow.
static inline float softplus(float x) {
  float positive = x > 0.0f ? x : 0.0f;
  float result = positive + log1p(exp(-abs(x)));
  return x != x ? x : result;
}

}  // namespace switchyard::kernels::elementary

#endif  // SWITCHYARD_KERNELS_SUPPORT_ELEMENTARY_H
