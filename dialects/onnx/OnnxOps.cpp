#include "dialects/onnx/OnnxDialect.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/OpImplementation.h"

#define GET_OP_CLASSES
#include "dialects/onnx/OnnxOps.cpp.inc"

using namespace mlir;

namespace switchyard::onnx {

LogicalResult NodeOp::verify() {
  // node_c1
  auto [domain, type] = getOpType().split("::");
  if (domain.empty() || type.empty())
    return emitOpError("expects an operator name of the form domain::OpType, but got '") << getOpType() << "'";
  // node_c2
  if (static_cast<int64_t>(getVersion()) < 1)
    return emitOpError("expects an operator set version of at least 1, but got ") << static_cast<int64_t>(getVersion());
  // node_c3
  if (getGraphs().size() != getGraphNames().size())
    return emitOpError("expects one name for each nested graph, but got ")
           << getGraphNames().size() << " names for " << getGraphs().size() << " graphs";
  return success();
}

Value NodeOp::getInput(unsigned index) {
  if (index >= getInputs().size() || isa<NoneType>(getInputs()[index].getType()))
    return {};
  return getInputs()[index];
}

int64_t NodeOp::getInt(llvm::StringRef key, int64_t otherwise) {
  auto value = dyn_cast_or_null<IntegerAttr>(getNodeAttr(key));
  return value ? value.getInt() : otherwise;
}

double NodeOp::getFloat(llvm::StringRef key, double otherwise) {
  auto value = dyn_cast_or_null<FloatAttr>(getNodeAttr(key));
  return value ? value.getValueAsDouble() : otherwise;
}

llvm::StringRef NodeOp::getString(llvm::StringRef key, llvm::StringRef otherwise) {
  auto value = dyn_cast_or_null<StringAttr>(getNodeAttr(key));
  return value ? value.getValue() : otherwise;
}

}  // namespace switchyard::onnx
