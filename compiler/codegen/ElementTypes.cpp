#include "compiler/codegen/ElementTypes.h"

#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace switchyard::codegen {

static std::optional<ElementType> floatTypeOf(Type type) {
  return llvm::TypeSwitch<Type, std::optional<ElementType>>(type)
      .Case<Float32Type>([](Type) { return ElementType::f32; })
      .Case<Float16Type>([](Type) { return ElementType::f16; })
      .Case<BFloat16Type>([](Type) { return ElementType::bf16; })
      .Case<Float64Type>([](Type) { return ElementType::f64; })
      .Case<Float8E4M3FNType>([](Type) { return ElementType::f8E4M3FN; })
      .Case<Float8E4M3FNUZType>([](Type) { return ElementType::f8E4M3FNUZ; })
      .Case<Float8E5M2Type>([](Type) { return ElementType::f8E5M2; })
      .Case<Float8E5M2FNUZType>([](Type) { return ElementType::f8E5M2FNUZ; })
      .Case<Float8E8M0FNUType>([](Type) { return ElementType::f8E8M0; })
      .Case<Float6E2M3FNType>([](Type) { return ElementType::f6E2M3; })
      .Case<Float6E3M2FNType>([](Type) { return ElementType::f6E3M2; })
      .Case<Float4E2M1FNType>([](Type) { return ElementType::f4E2M1; })
      .Default([](Type) { return std::nullopt; });
}

std::optional<ElementType> elementTypeOf(Type type) {
  auto integer = dyn_cast<IntegerType>(type);
  if (!integer)
    return floatTypeOf(type);
  switch (integer.getWidth()) {
  case 64:
    return integer.isUnsigned() ? ElementType::u64 : ElementType::i64;
  case 32:
    return integer.isUnsigned() ? ElementType::u32 : ElementType::i32;
  case 16:
    return integer.isUnsigned() ? ElementType::u16 : ElementType::i16;
  case 8:
    return integer.isUnsigned() ? ElementType::u8 : ElementType::i8;
  case 4:
    return integer.isUnsigned() ? ElementType::u4 : ElementType::i4;
  case 2:
    return integer.isUnsigned() ? ElementType::u2 : ElementType::i2;
  case 1:
    return integer.isUnsigned() ? std::nullopt : std::optional(ElementType::boolean);
  default:
    return std::nullopt;
  }
}

}  // namespace switchyard::codegen
