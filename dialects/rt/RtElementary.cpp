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

}  // namespace switchyard::rt
