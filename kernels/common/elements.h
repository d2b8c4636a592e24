// Elements of every type, as values to compute with: f16 and bf16 widen to f32 and are rounded once, when stored.
#ifndef SWITCHYARD_KERNELS_COMMON_ELEMENTS_H
#define SWITCHYARD_KERNELS_COMMON_ELEMENTS_H

#include "kernels/common/check.h"
#include "kernels/common/rows.h"
#include "kernels/support/half.h"

#include <type_traits>

namespace switchyard::kernels {

struct Half {
  uint16_t bits;
};
struct BFloat {
  uint16_t bits;
};

/// What an element of storage type `T` is computed in.
template <typename T> struct Element {
  using Value = T;
  static Value load(T stored) { return stored; }
  static T store(Value value) { return value; }
};
template <> struct Element<Half> {
  using Value = float;
  static float load(Half stored) { return elementary::extendF16(stored.bits); }
  static Half store(float value) { return {elementary::truncateToF16(value)}; }
};
template <> struct Element<BFloat> {
  using Value = float;
  static float load(BFloat stored) { return elementary::extendBf16(stored.bits); }
  static BFloat store(float value) { return {elementary::truncateToBf16(value)}; }
};

/// Wrapping sums and products of integers are of unsigned ones.
template <typename T, bool isInteger = std::is_integral_v<T>> struct Wrapping {
  using Type = std::conditional_t<(sizeof(T) < sizeof(unsigned)), unsigned, std::make_unsigned_t<T>>;
};
template <typename T> struct Wrapping<T, false> {
  using Type = T;
};
template <> struct Wrapping<bool, true> {
  using Type = unsigned;
};

/// Calls `body.operator()<T>()` with the storage type of `type`; bool is stored in `bool`. Narrow types have none: they are converted first
/// (narrow.h).
template <typename Body> static inline Status dispatch(const Call &call, ElementType type, const Body &body) {
  switch (type) {
  case ElementType::f32:
    return body.template operator()<float>();
  case ElementType::f16:
    return body.template operator()<Half>();
  case ElementType::bf16:
    return body.template operator()<BFloat>();
  case ElementType::f64:
    return body.template operator()<double>();
  case ElementType::i64:
    return body.template operator()<int64_t>();
  case ElementType::i32:
    return body.template operator()<int32_t>();
  case ElementType::i16:
    return body.template operator()<int16_t>();
  case ElementType::i8:
    return body.template operator()<int8_t>();
  case ElementType::u8:
    return body.template operator()<uint8_t>();
  case ElementType::boolean:
    return body.template operator()<bool>();
  case ElementType::u16:
    return body.template operator()<uint16_t>();
  case ElementType::u32:
    return body.template operator()<uint32_t>();
  case ElementType::u64:
    return body.template operator()<uint64_t>();
  default:
    return fail(call, Status::badShape, "element type %d has no arithmetic", static_cast<int>(type));
  }
}

/// The same with the storage types of floats alone.
template <typename Body> static inline Status dispatchFloats(const Call &call, ElementType type, const Body &body) {
  switch (type) {
  case ElementType::f32:
    return body.template operator()<float>();
  case ElementType::f16:
    return body.template operator()<Half>();
  case ElementType::bf16:
    return body.template operator()<BFloat>();
  case ElementType::f64:
    return body.template operator()<double>();
  default:
    return fail(call, Status::badShape, "element type %d is no float", static_cast<int>(type));
  }
}

static inline float fuse(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
static inline double fuse(double a, double b, double c) { return __builtin_fma(a, b, c); }

/// Element `index` (row-major) of a tensor of any strides.
template <typename T> static inline typename Element<T>::Value loadElement(const Tensor &tensor, int64_t index) {
  return Element<T>::load(tensor.as<T>()[elementOffset(tensor, tensor.rank, index)]);
}
template <typename T> static inline void storeElement(const Tensor &tensor, int64_t index, typename Element<T>::Value value) {
  tensor.as<T>()[elementOffset(tensor, tensor.rank, index)] = Element<T>::store(value);
}

}  // namespace switchyard::kernels

#endif  // SWITCHYARD_KERNELS_COMMON_ELEMENTS_H
