// Element types of tensors, with their spelling in manifests and files.
#ifndef SWITCHYARD_RUNTIME_BASE_ELEMENT_TYPE_H
#define SWITCHYARD_RUNTIME_BASE_ELEMENT_TYPE_H

#include "llvm/ADT/StringRef.h"

#include <cstdint>
#include <optional>

namespace switchyard {

/// Numbered as kernels::ElementType (kernels/abi.h).
enum class ElementType : int32_t {
  f32 = 0,
  f16 = 1,
  bf16 = 2,
  f64 = 3,
  i64 = 4,
  i32 = 5,
  i16 = 6,
  i8 = 7,
  u8 = 8,
  boolean = 9,
  u16 = 10,
  u32 = 11,
  u64 = 12,
  // Narrow ones: a number a byte, in its low bits, the other bits zero.
  f8E4M3FN = 13,
  f8E4M3FNUZ = 14,
  f8E5M2 = 15,
  f8E5M2FNUZ = 16,
  f8E8M0 = 17,
  f6E2M3 = 18,
  f6E3M2 = 19,
  f4E2M1 = 20,
  i4 = 21,
  u4 = 22,
  i2 = 23,
  u2 = 24
};

inline constexpr int elementTypeCount = 25;

/// Numbers that NumPy has no type for: a `.npy` file has them as `|V1`, bytes without a type.
constexpr bool isNarrow(ElementType type) { return type >= ElementType::f8E4M3FN; }

/// As in manifests: `f32 f16 bf16 f64 i64 i32 i16 i8 u8 bool u16 u32 u64`, and of narrow ones `f8e4m3fn` to `u2`.
llvm::StringRef elementTypeName(ElementType type);
std::optional<ElementType> parseElementType(llvm::StringRef name);

/// Bytes of one element.
uint64_t elementBytes(ElementType type);

}  // namespace switchyard

#endif  // SWITCHYARD_RUNTIME_BASE_ELEMENT_TYPE_H
