#include "compiler/codegen/ElementTypes.h"

using namespace mlir;

namespace switchyard::codegen {

std::optional<ElementType> elementTypeOf(Type type) {
  if (type.isF32())
    return ElementType::f32;
  if (type.isF16())
    return ElementType::f16;
  if (type.isBF16())
    return ElementType::bf16;
  if (type.isF64())
    return ElementType::f64;
  auto integer = dyn_cast<IntegerType>(type);
  if (integer && integer.isUnsigned())
    switch (integer.getWidth()) {
    case 64:
      return ElementType::u64;
    case 32:
      return ElementType::u32;
    case 16:
      return ElementType::u16;
    case 8:
      return ElementType::u8;
    default:
      return std::nullopt;
    }
  switch (integer ? integer.getWidth() : 0) {
  case 64:
    return ElementType::i64;
  case 32:
    return ElementType::i32;
  case 16:
    return ElementType::i16;
  case 8:
    return ElementType::i8;
  case 1:
    return ElementType::boolean;
  default:
    return std::nullopt;
  }
}

}  // namespace switchyard::codegen
