#include "dialects/rt/RtDialect.h"

using namespace mlir;

namespace switchyard::rt {

LogicalResult ElementaryOp::verify() {
  // elementary_c1
  size_t expected = getFunction() == ElementaryFunction::pow ? 2 : 1;
  if (getNumOperands() != expected)
    return emitOpError("expects ") << expected << " operands of " << stringifyElementaryFunction(getFunction()) << ", but got " << getNumOperands();
  return success();
}

std::optional<ElementaryFunction> getElementaryFunction(Operation *op) {
  if (auto elementary = dyn_cast<ElementaryOp>(op))
    return elementary.getFunction();
  // The names are those of `math`, but for the one that tells floats from integers.
  StringRef name = op->getName().getStringRef();
  if (!name.consume_front("math."))
    return std::nullopt;
  return symbolizeElementaryFunction(name == "powf" ? "pow" : name);
}

}  // namespace switchyard::rt
