// Scales and zero points of quantised tensors: one for all, one for each index of an axis, or one for each block of indices.
#ifndef SWITCHYARD_KERNELS_COMMON_QUANTIZATION_H
#define SWITCHYARD_KERNELS_COMMON_QUANTIZATION_H

#include "kernels/common/conversion.h"

#include <cinttypes>

namespace switchyard::kernels {

/// Which element of a scale (or zero point) belongs to an element of x.
class Granularity {
public:
  /// `block` is 0 where there are no blocks.
  static Status read(const Call &call, const Tensor &x, const Tensor &scale, int64_t axis, int64_t block, Granularity &granularity) {
    granularity.axis = static_cast<int>(axis);
    granularity.block = block;
    if (elementCount(scale, scale.rank) == 1 && scale.rank <= 1) {
      granularity.kind = Kind::one;
      return Status::ok;
    }
    if (axis < 0 || axis >= x.rank)
      return fail(call, Status::badShape, "axis %" PRId64 " is outside the rank %d", axis, x.rank);
    granularity.kind = block ? Kind::blocks : Kind::axis;
    bool fits = block ? scale.rank == x.rank : scale.rank == 1 && scale.sizes[0] == x.sizes[axis];
    for (int d = 0; fits && block && d < x.rank; ++d)
      fits = scale.sizes[d] == (d == axis ? (x.sizes[d] + block - 1) / block : x.sizes[d]);
    return fits ? Status::ok : fail(call, Status::badShape, "scale has a shape that does not fit x along axis %" PRId64, axis);
  }

  /// The offset in `scale` for element `index` (row-major) of x.
  int64_t offset(const Tensor &x, const Tensor &scale, int64_t index) const {
    if (kind == Kind::one)
      return 0;
    int64_t result = 0;
    for (int d = x.rank - 1; d >= 0; --d) {
      int64_t place = index % x.sizes[d];
      index /= x.sizes[d];
      if (kind == Kind::axis)
        result += d == axis ? place * scale.strides[0] : 0;
      else
        result += (d == axis ? place / block : place) * scale.strides[d];
    }
    return result;
  }

private:
  enum class Kind { one, axis, blocks } kind = Kind::one;
  int axis = 0;
  int64_t block = 0;
};

/// Element `offset` as f32, exact of f32, f16, bf16 and narrow types. Others have no scale.
static inline float loadScale(const Tensor &tensor, int64_t offset) {
  switch (tensor.type) {
  case ElementType::f16:
    return Element<Half>::load(tensor.as<Half>()[offset]);
  case ElementType::bf16:
    return Element<BFloat>::load(tensor.as<BFloat>()[offset]);
  case ElementType::f32:
    return tensor.as<float>()[offset];
  default:
    return narrow::decode(tensor.type, tensor.as<uint8_t>()[offset]);
  }
}

/// Element `offset` of a zero point, exact.
static inline double loadZeroPoint(const Tensor &tensor, int64_t offset) {
  switch (tensor.type) {
  case ElementType::u8:
    return tensor.as<uint8_t>()[offset];
  case ElementType::i8:
    return tensor.as<int8_t>()[offset];
  case ElementType::u16:
    return tensor.as<uint16_t>()[offset];
  case ElementType::i16:
    return tensor.as<int16_t>()[offset];
  case ElementType::i32:
    return tensor.as<int32_t>()[offset];
  default:
    return static_cast<double>(narrow::decode(tensor.type, tensor.as<uint8_t>()[offset]));
  }
}

static inline Status checkScale(const Call &call, const Tensor &scale) {
  SWITCHYARD_CHECK(checkStrided(call, scale, "scale", scale.type, -1));
  bool known = scale.type == ElementType::f32 || scale.type == ElementType::f16 || scale.type == ElementType::bf16 || isNarrow(scale.type);
  return known ? Status::ok : fail(call, Status::badShape, "scale has elements of type %d, expected floats of at most 32 bits", static_cast<int>(scale.type));
}

/// Ends of the range of an integer type of at most 32 bits; false for floats.
static inline bool rangeOf(ElementType type, double &low, double &high) {
  auto set = [&](double least, double most) {
    low = least;
    high = most;
    return true;
  };
  switch (type) {
  case ElementType::u8:
    return set(0, 255);
  case ElementType::i8:
    return set(-128, 127);
  case ElementType::u16:
    return set(0, 65535);
  case ElementType::i16:
    return set(-32768, 32767);
  case ElementType::i32:
    return set(-2147483648.0, 2147483647);
  case ElementType::i4:
  case ElementType::u4:
  case ElementType::i2:
  case ElementType::u2:
    return set(narrow::lowestInteger(type), narrow::highestInteger(type));
  default:
    return false;
  }
}

static inline Status checkZeroPoint(const Call &call, const Tensor &zeroPoint, const Tensor &scale, ElementType type) {
  if (zeroPoint.absent())
    return Status::ok;
  SWITCHYARD_CHECK(checkStrided(call, zeroPoint, "zero_point", type, -1));
  double low, high;
  if (!rangeOf(type, low, high) && !isNarrow(type))
    return fail(call, Status::badShape, "zero_point has elements of type %d, expected those of a quantised tensor", static_cast<int>(type));
  bool isOne = elementCount(zeroPoint, zeroPoint.rank) == 1 && zeroPoint.rank <= 1 && elementCount(scale, scale.rank) == 1 && scale.rank <= 1;
  if (isOne)
    return Status::ok;
  SWITCHYARD_CHECK(checkStrided(call, zeroPoint, "zero_point", type, scale.rank));
  return checkSameSizes(call, zeroPoint, "zero_point", scale, "scale", scale.rank);
}

/// To the nearest integer, ties to even. What has no fraction stays.
static inline double roundToEven(double x) {
  constexpr double integers = 0x1p52;
  double magnitude = __builtin_fabs(x);
  if (!(magnitude < integers))
    return x;
  double rounded = (magnitude + integers) - integers;
  return x < 0 ? -rounded : rounded;
}

/// round(quotient) + zero point, cut to the range; NaN is the zero point.
static inline double quantizeToRange(double quotient, double zeroPoint, double low, double high) {
  double value = (quotient == quotient ? roundToEven(quotient) : 0.0) + zeroPoint;
  return value < low ? low : value > high ? high : value;
}

}  // namespace switchyard::kernels

#endif  // SWITCHYARD_KERNELS_COMMON_QUANTIZATION_H
