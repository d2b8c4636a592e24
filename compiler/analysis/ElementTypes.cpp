// What operators say of the element types of their operands.
#include "compiler/analysis/ShapeRules.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinTypes.h"

using namespace mlir;

namespace switchyard {

namespace {

const llvm::StringMap<llvm::StringRef> &getTable() {
  static const llvm::StringMap<llvm::StringRef> table = {
#define ELEMENT_TYPES(name, letters) {name, letters},
#include "compiler/analysis/ElementTypes.inc"
#undef ELEMENT_TYPES
  };
  return table;
}

bool isOfKind(Type type, char letter) {
  switch (letter) {
  case 'n':
  case 'm':
    return type.isIntOrFloat() && !type.isInteger(1);
  case 'f':
  case 'g':
    return isa<FloatType>(type);
  case 'b':
  case 'o':
    return type.isInteger(1);
  case 'i':
    return type.isSignlessInteger(32) || type.isSignlessInteger(64);
  case 'l':
    return type.isSignlessInteger(64);
  default:
    return true;
  }
}

llvm::StringRef describeKind(char letter) {
  switch (letter) {
  case 'n':
  case 'm':
    return "numbers";
  case 'f':
  case 'g':
    return "floats";
  case 'b':
  case 'o':
    return "bools";
  case 'i':
    return "i32 or i64";
  default:
    return "i64";
  }
}

std::string print(Type type) {
  std::string text;
  llvm::raw_string_ostream(text) << type;
  return text;
}

}  // namespace

Type getElementType(MLIRContext *context, int64_t code) {
  Builder builder(context);
  switch (code) {
  case 1:
    return builder.getF32Type();
  case 2:
    return builder.getIntegerType(8, false);
  case 3:
    return builder.getI8Type();
  case 4:
    return builder.getIntegerType(16, false);
  case 5:
    return builder.getI16Type();
  case 6:
    return builder.getI32Type();
  case 7:
    return builder.getI64Type();
  case 9:
    return builder.getI1Type();
  case 10:
    return builder.getF16Type();
  case 11:
    return builder.getF64Type();
  case 12:
    return builder.getIntegerType(32, false);
  case 13:
    return builder.getIntegerType(64, false);
  case 16:
    return builder.getBF16Type();
  case 17:
    return Float8E4M3FNType::get(context);
  case 18:
    return Float8E4M3FNUZType::get(context);
  case 19:
    return Float8E5M2Type::get(context);
  case 20:
    return Float8E5M2FNUZType::get(context);
  case 21:
    return builder.getIntegerType(4, false);
  case 22:
    return builder.getIntegerType(4);
  case 23:
    return Float4E2M1FNType::get(context);
  case 24:
    return Float8E8M0FNUType::get(context);
  case 25:
    return builder.getIntegerType(2, false);
  case 26:
    return builder.getIntegerType(2);
  case 27:
    return Float6E2M3FNType::get(context);
  case 28:
    return Float6E3M2FNType::get(context);
  default:
    return {};
  }
}

bool isNarrowType(Type type) {
  if (auto integer = dyn_cast<IntegerType>(type))
    return integer.getWidth() == 2 || integer.getWidth() == 4;
  return isa<FloatType>(type) && type.getIntOrFloatBitWidth() <= 8;
}

LogicalResult NodeShapes::checkElementTypes() {
  auto row = getTable().find(node.getOpType());
  if (row == getTable().end())
    return success();
  llvm::StringRef letters = row->second;
  std::optional<unsigned> first;
  for (unsigned index = 0; index < node.getInputs().size(); ++index) {
    const TensorFacts *facts = input(index);
    if (!facts)
      continue;
    char letter = letters[std::min<size_t>(index, letters.size() - 1)];
    if (!isOfKind(facts->elementType, letter))
      return invalid("operand " + llvm::Twine(index) + " must hold " + describeKind(letter) + ", but " + describe(index) + " holds " +
                     print(facts->elementType));
    if (!llvm::StringRef("tnfb").contains(letter))
      continue;
    first = first ? first : index;
    if (facts->elementType != input(*first)->elementType)
      return invalid("its operands must have one element type, but " + describe(*first) + " holds " + print(input(*first)->elementType) +
                     " and " + describe(index) + " holds " + print(facts->elementType));
  }
  return success();
}

}  // namespace switchyard
