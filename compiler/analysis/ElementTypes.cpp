// What operators say of the element types of their operands.
#include "compiler/analysis/ShapeRules.h"

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
