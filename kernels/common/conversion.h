// Elements of every type, narrow ones included, as the numbers that they are; numbers as elements of every type.
#ifndef SWITCHYARD_KERNELS_COMMON_CONVERSION_H
#define SWITCHYARD_KERNELS_COMMON_CONVERSION_H

#include "kernels/common/elements.h"
#include "kernels/common/narrow.h"

#include <limits>

namespace switchyard::kernels {

/// Towards zero, the nearest end of the range outside it, and 0 of NaN; integers wrap.
template <typename To, typename From> static inline To convertToInteger(From value) {
  if constexpr (std::is_floating_point_v<From>) {
    // The ends of the range as floats: the upper one is the first power of two behind it.
    constexpr From begin = static_cast<From>(std::numeric_limits<To>::min());
    constexpr From end = static_cast<From>(std::numeric_limits<To>::max() / 2 + 1) * From(2);
    if (value != value)
      return 0;
    return value <= begin ? std::numeric_limits<To>::min() : value >= end ? std::numeric_limits<To>::max() : static_cast<To>(value);
  } else {
    return static_cast<To>(value);
  }
}

/// A float of which the rounding to fewer bits is that of `value` itself: what f32 cannot hold is rounded to odd.
template <typename From> static inline float forRounding(From value) {
  if constexpr (std::is_same_v<From, float>)
    return value;
  else
    return elementary::roundToOdd(static_cast<double>(value));
}

template <typename To, typename From> static inline To convertElement(From value) {
  if constexpr (std::is_same_v<To, bool>)
    return value != From(0);
  else if constexpr (std::is_same_v<To, Half> || std::is_same_v<To, BFloat>)
    return Element<To>::store(forRounding(value));
  else if constexpr (std::is_floating_point_v<To>)
    return static_cast<To>(value);
  else
    return convertToInteger<To>(value);
}

/// Calls `body(load)`, where load(tensor, offset) is the number that an element of `type` is.
template <typename Body> static inline Status dispatchLoads(const Call &call, ElementType type, const Body &body) {
  if (isNarrow(type))
    return body([type](const Tensor &tensor, int64_t offset) { return narrow::decode(type, tensor.as<uint8_t>()[offset]); });
  return dispatch(call, type, [&]<typename From>() {
    return body([](const Tensor &tensor, int64_t offset) { return Element<From>::load(tensor.as<From>()[offset]); });
  });
}

/// Calls `body(store)`, where store(tensor, offset, number) rounds once to an element of `type`.
template <typename Body>
static inline Status dispatchStores(const Call &call, ElementType type, bool saturate, RoundMode mode, const Body &body) {
  if (isNarrow(type) && narrow::isInteger(type))
    return body([type](const Tensor &tensor, int64_t offset, auto value) {
      tensor.as<uint8_t>()[offset] = narrow::encodeInteger(type, convertToInteger<int64_t>(value));
    });
  if (isNarrow(type))
    return body([type, saturate, mode](const Tensor &tensor, int64_t offset, auto value) {
      tensor.as<uint8_t>()[offset] = narrow::encode(type, forRounding(value), saturate, mode);
    });
  return dispatch(call, type, [&]<typename To>() {
    return body([](const Tensor &tensor, int64_t offset, auto value) { tensor.as<To>()[offset] = convertElement<To>(value); });
  });
}

}  // namespace switchyard::kernels

#endif  // SWITCHYARD_KERNELS_COMMON_CONVERSION_H
