// Conversions between f16, bf16 and the wider types on bit patterns, rounding to nearest even.
#ifndef SWITCHYARD_KERNELS_SUPPORT_HALF_H
#define SWITCHYARD_KERNELS_SUPPORT_HALF_H

#include "kernels/support/elementary.h"

namespace switchyard::kernels::elementary {

/// f64 to f32 rounded to odd: a later rounding to f16 or bf16 is then the rounding of the f64 itself.
static inline float roundToOdd(double x) {
  float nearest = static_cast<float>(x);
  double back = static_cast<double>(nearest);
  uint32_t bits = toBits(nearest);
  if (!(back != x) || x != x || (bits & 1u))
    return nearest;
  // Even and inexact: the odd neighbour on the side of x.
  bool away = __builtin_fabs(back) < __builtin_fabs(x);
  return fromBits(away ? bits + 1u : bits - 1u);
}

static inline uint16_t truncateToBf16(float x) {
  uint32_t bits = toBits(x);
  if (x != x)
    return static_cast<uint16_t>((bits >> 16) | 0x40u);
  return static_cast<uint16_t>((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16);
}

static inline uint16_t truncateToF16(float x) {
  uint32_t bits = toBits(x);
  uint32_t sign = (bits >> 16) & 0x8000u;
  uint32_t magnitude = bits & 0x7fffffffu;
  if (magnitude > 0x7f800000u)
    return static_cast<uint16_t>(sign | 0x7e00u | ((magnitude >> 13) & 0x3ffu));
  if (magnitude >= 0x477ff000u)  // 65520, the first that rounds to infinity
    return static_cast<uint16_t>(sign | 0x7c00u);
  if (magnitude < 0x38800000u) {  // below 2^-14: adding 2^-1 leaves the subnormal, rounded, in the low bits
    uint32_t shifted = toBits(fromBits(magnitude) + 0.5f);
    return static_cast<uint16_t>(sign | (shifted - 0x3f000000u));
  }
  uint32_t rounded = magnitude + 0xfffu + ((magnitude >> 13) & 1u) - 0x38000000u;
  return static_cast<uint16_t>(sign | (rounded >> 13));
}

static inline float extendF16(uint16_t half) {
  uint32_t sign = static_cast<uint32_t>(half & 0x8000u) << 16;
  uint32_t magnitude = half & 0x7fffu;
  if (magnitude >= 0x7c00u)
    return fromBits(sign | 0x7f800000u | ((magnitude & 0x3ffu) << 13) | ((magnitude > 0x7c00u) ? 0x400000u : 0u));
  // Scaling by 2^112 is exact and normalises subnormals.
  return fromBits(sign | toBits(fromBits(magnitude << 13) * 0x1p112f));
}

static inline float extendBf16(uint16_t bits) { return fromBits(static_cast<uint32_t>(bits) << 16); }

}  // namespace switchyard::kernels::elementary

#endif  // SWITCHYARD_KERNELS_SUPPORT_HALF_H
