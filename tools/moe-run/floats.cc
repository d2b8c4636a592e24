#include "tools/moe-run/floats.h"

#include "kernels/common/narrow.h"

#include "llvm/ADT/bit.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

namespace switchyard::run {
namespace {

double widenHalf(uint16_t bits) {
  const int exponent = (bits >> 10) & 31, mantissa = bits & 1023;
  double value;
  if (exponent == 31)
    value = mantissa ? std::numeric_limits<double>::quiet_NaN() : std::numeric_limits<double>::infinity();
  else
    value = std::ldexp(exponent ? 1024 + mantissa : mantissa, std::max(exponent, 1) - 25);
  return bits & 0x8000 ? -value : value;
}

template <typename T> T load(const char *data, int64_t index) {
  T value;
  std::memcpy(&value, data + index * sizeof(T), sizeof(T));
  return value;
}

}  // namespace

bool isFloat(ElementType type) {
  if (isNarrow(type))
    return !kernels::narrow::isInteger(static_cast<kernels::ElementType>(type));
  return type == ElementType::f32 || type == ElementType::f16 || type == ElementType::bf16 || type == ElementType::f64;
}

double loadFloat(ElementType type, const char *data, int64_t index) {
  if (isNarrow(type))
    return double(kernels::narrow::decode(static_cast<kernels::ElementType>(type), load<uint8_t>(data, index)));
  switch (type) {
  case ElementType::f32:
    return load<float>(data, index);
  case ElementType::f16:
    return widenHalf(load<uint16_t>(data, index));
  case ElementType::bf16:
    return llvm::bit_cast<float>(uint32_t(load<uint16_t>(data, index)) << 16);
  default:
    return load<double>(data, index);
  }
}

}  // namespace switchyard::run
