// Arithmetic on sizes that come from files: every sum and product says whether it overflowed.
#ifndef SWITCHYARD_RUNTIME_BASE_CHECKED_H
#define SWITCHYARD_RUNTIME_BASE_CHECKED_H

#include "llvm/ADT/ArrayRef.h"

#include <concepts>
#include <cstdint>
#include <optional>

namespace switchyard {

template <std::integral T> std::optional<T> checkedAdd(T a, T b) {
  T result;
  return __builtin_add_overflow(a, b, &result) ? std::nullopt : std::optional<T>(result);
}

template <std::integral T> std::optional<T> checkedSubtract(T a, T b) {
  T result;
  return __builtin_sub_overflow(a, b, &result) ? std::nullopt : std::optional<T>(result);
}

template <std::integral T> std::optional<T> checkedMultiply(T a, T b) {
  T result;
  return __builtin_mul_overflow(a, b, &result) ? std::nullopt : std::optional<T>(result);
}

/// Whether [offset, offset + length) lies inside [0, total).
inline bool checkedSlice(uint64_t total, uint64_t offset, uint64_t length) { return offset <= total && length <= total - offset; }

/// `unit` times all of `sizes`; nothing where a size is negative or the product overflows.
inline std::optional<uint64_t> checkedProduct(llvm::ArrayRef<int64_t> sizes, uint64_t unit = 1) {
  // A zero makes the product zero, but must not hide an overflow or a negative size beside it.
  uint64_t product = unit;
  bool empty = unit == 0;
  for (int64_t size : sizes) {
    if (size < 0)
      return std::nullopt;
    empty |= size == 0;
    std::optional<uint64_t> next = checkedMultiply(product, size == 0 ? uint64_t(1) : uint64_t(size));
    if (!next)
      return std::nullopt;
    product = *next;
  }
  return empty ? 0 : product;
}

/// The lowest multiple of `alignment` (a power of two) that is not below `offset`.
inline std::optional<uint64_t> checkedAlign(uint64_t offset, uint64_t alignment) {
  std::optional<uint64_t> sum = checkedAdd(offset, alignment - 1);
  return sum ? std::optional<uint64_t>(*sum & ~(alignment - 1)) : std::nullopt;
}

}  // namespace switchyard

#endif  // SWITCHYARD_RUNTIME_BASE_CHECKED_H
