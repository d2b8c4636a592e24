#include "dialects/rt/RtDialect.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/OpImplementation.h"
#include "llvm/ADT/STLExtras.h"

#define GET_OP_CLASSES
#include "dialects/rt/RtOps.cpp.inc"

using namespace mlir;

namespace switchyard::rt {

LogicalResult WeightOp::verify() {
  // weight_c1
  auto type = cast<RankedTensorType>(getType());
  RankedTensorType recipe = getRecipeType(getRecipe());
  if (recipe != type)
    return emitOpError("expects a recipe of type ") << type << ", but got " << recipe;
  // weight_c2
  if (getPerExpert() && type.getRank() < 1)
    return emitOpError("expects a rank of at least 1 for a weight per expert, but got ") << type;
  return success();
}

LogicalResult WeightRefOp::verifySymbolUses(SymbolTableCollection &symbols) {
  // weight_ref_c1
  auto weight = symbols.lookupNearestSymbolFrom<WeightOp>(*this, getWeightAttr());
  if (!weight)
    return emitOpError("refers to '") << getWeight() << "', which is no rt.weight";
  if (weight.getType() != getType())
    return emitOpError("has type ") << getType() << ", but the weight '" << getWeight() << "' has type " << weight.getType();
  return success();
}

}  // namespace switchyard::rt
