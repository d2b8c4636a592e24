// Numbers of 8 bits and less: each in a byte of its own, in its low bits; the other bits are ignored when read and zero when written.
#ifndef SWITCHYARD_KERNELS_COMMON_NARROW_H
#define SWITCHYARD_KERNELS_COMMON_NARROW_H

#include "kernels/abi.h"
#include "kernels/layout/operators.h"
#include "kernels/support/elementary.h"

namespace switchyard::kernels::narrow {

/// A float of sign, exponent and mantissa. Its largest code is the largest finite one; what is larger, and NaN, have codes of their own.
struct Format {
  int exponentBits, mantissaBits, bias;
  uint32_t largest;    // code without the sign
  uint32_t overflow;   // where the result does not saturate
  uint32_t nan;
  bool hasNegativeZero;  // otherwise the code of -0 is NaN, which has no sign
  bool hasNan;
};

inline constexpr Format formats[] = {
    {4, 3, 7, 0x7e, 0x7f, 0x7f, true, true},    // f8E4M3FN
    {4, 3, 8, 0x7f, 0x80, 0x80, false, true},   // f8E4M3FNUZ
    {5, 2, 15, 0x7b, 0x7c, 0x7e, true, true},   // f8E5M2
    {5, 2, 16, 0x7f, 0x80, 0x80, false, true},  // f8E5M2FNUZ
    {8, 0, 127, 0xfe, 0xff, 0xff, true, true},  // f8E8M0: not read from here
    {2, 3, 1, 0x1f, 0x1f, 0, true, false},      // f6E2M3
    {3, 2, 3, 0x1f, 0x1f, 0, true, false},      // f6E3M2
    {2, 1, 1, 0x7, 0x7, 0, true, false},        // f4E2M1
};

static inline const Format &formatOf(ElementType type) { return formats[static_cast<int>(type) - static_cast<int>(ElementType::f8E4M3FN)]; }

static inline bool isInteger(ElementType type) { return type >= ElementType::i4; }
/// Bits of a number.
static inline int widthOf(ElementType type) {
  if (isInteger(type))
    return type <= ElementType::u4 ? 4 : 2;
  return type == ElementType::f4E2M1 ? 4 : type >= ElementType::f6E2M3 ? 6 : 8;
}

/// Smallest and largest number of an integer type.
static inline int lowestInteger(ElementType type) { return type == ElementType::i4 ? -8 : type == ElementType::i2 ? -2 : 0; }
static inline int highestInteger(ElementType type) { return lowestInteger(type) + (1 << widthOf(type)) - 1; }

/// 2^exponent of a normal f32.
static inline float powerOfTwo(int exponent) { return elementary::fromBits(static_cast<uint32_t>(exponent + 127) << 23); }

/// The number, exact.
static inline float decode(ElementType type, uint8_t byte) {
  uint32_t code = byte & ((1u << widthOf(type)) - 1u);
  if (isInteger(type)) {
    int highest = highestInteger(type), value = static_cast<int>(code);
    return static_cast<float>(value > highest ? value - (1 << widthOf(type)) : value);
  }
  if (type == ElementType::f8E8M0)
    return code == 0xff ? __builtin_nanf("") : elementary::fromBits(code == 0 ? 0x00400000u : code << 23);
  const Format &format = formatOf(type);
  uint32_t signBit = 1u << (format.exponentBits + format.mantissaBits), magnitude = code & (signBit - 1u);
  float sign = code & signBit ? -1.0f : 1.0f;
  bool isSpecial = format.hasNan && (format.hasNegativeZero ? magnitude > format.largest : code == format.nan);
  if (isSpecial)
    return magnitude == format.overflow && format.overflow != format.nan ? sign * __builtin_inff() : __builtin_nanf("");
  uint32_t exponent = magnitude >> format.mantissaBits, one = 1u << format.mantissaBits, mantissa = magnitude & (one - 1u);
  int scale = static_cast<int>(exponent == 0 ? 1u : exponent) - format.bias - format.mantissaBits;
  return sign * static_cast<float>(exponent == 0 ? mantissa : mantissa + one) * powerOfTwo(scale);
}

/// A power of two by its exponent, rounded as `mode` says; the sign is lost.
static inline uint8_t encodeE8M0(float value, bool saturate, RoundMode mode) {
  uint32_t bits = elementary::toBits(value) & 0x7fffffffu;
  if (bits > 0x7f800000u)
    return 0xff;
  if (bits == 0x7f800000u)
    return saturate ? 0xfe : 0xff;
  // 2^-127 is the smallest: half of the smallest normal f32.
  bool belowRange = bits < 0x00400000u && (bits == 0 || mode != RoundMode::up);
  if (belowRange && !saturate)
    return 0xff;
  if (bits <= 0x00400000u)
    return 0;
  uint32_t fraction = bits & 0x7fffffu, half = bits < 0x00800000u ? 0x600000u : 0x400000u;
  bool exact = fraction == 0;
  bool increments = mode == RoundMode::up ? !exact : mode == RoundMode::nearest && fraction >= half;
  uint32_t code = (bits >> 23) + (increments ? 1u : 0u);
  return static_cast<uint8_t>(code == 0xff && saturate ? 0xfe : code);
}

/// The nearest number of a float type, ties to even; out of range the largest, or where it does not saturate infinity or NaN.
static inline uint8_t encode(ElementType type, float value, bool saturate, RoundMode mode = RoundMode::up) {
  if (type == ElementType::f8E8M0)
    return encodeE8M0(value, saturate, mode);
  const Format &format = formatOf(type);
  uint32_t bits = elementary::toBits(value), signBit = 1u << (format.exponentBits + format.mantissaBits);
  uint32_t sign = bits >> 31 ? signBit : 0u, magnitude = bits & 0x7fffffffu;
  if (magnitude > 0x7f800000u)
    return static_cast<uint8_t>(format.hasNan && format.hasNegativeZero ? sign | format.nan : format.nan);
  uint32_t code = format.largest + 1u;
  int exponent = static_cast<int>(magnitude >> 23) - 127, lowest = 1 - format.bias;
  if (exponent < 32) {
    int scale = exponent > lowest ? exponent : lowest;
    // Adding and subtracting 2^23 rounds to an integer, ties to even.
    float steps = elementary::fromBits(magnitude) * powerOfTwo(format.mantissaBits - scale);
    steps = (steps + 0x1p23f) - 0x1p23f;
    code = (static_cast<uint32_t>(scale + format.bias) << format.mantissaBits) + static_cast<uint32_t>(steps) - (1u << format.mantissaBits);
  }
  if (code > format.largest)
    code = saturate ? format.largest : format.overflow;
  if (!format.hasNegativeZero && (code == 0 || code == format.nan))
    return static_cast<uint8_t>(code);
  return static_cast<uint8_t>(sign | code);
}

/// The low bits of an integer.
static inline uint8_t encodeInteger(ElementType type, int64_t value) {
  return static_cast<uint8_t>(static_cast<uint64_t>(value) & ((1u << widthOf(type)) - 1u));
}

}  // namespace switchyard::kernels::narrow

#endif  // SWITCHYARD_KERNELS_COMMON_NARROW_H
