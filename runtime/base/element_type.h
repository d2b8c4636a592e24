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
  u64 = 12
};

inline constexpr int elementTypeCount = 13;

/// `f32 f16 bf16 f64 i64 i32 i16 i8 u8 bool u16 u32 u64`.
llvm::StringRef elementTypeName(ElementType type);
std::optional<ElementType> parseElementType(llvm::StringRef name);

/// Bytes of one element.
uint64_t elementBytes(ElementType type);

}  // namespace switchyard

#endif  // SWITCHYARD_RUNTIME_BASE_ELEMENT_TYPE_H
