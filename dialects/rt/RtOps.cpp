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
  auto own = cast<ShapedType>(getType());
  auto declared = cast<ShapedType>(weight.getType());
  if (own.getShape() != declared.getShape() || own.getElementType() != declared.getElementType())
    return emitOpError("has type ") << getType() << ", but the weight '" << getWeight() << "' has type " << weight.getType();
  return success();
}

LogicalResult ExpertTableOp::verifySymbolUses(SymbolTableCollection &symbols) {
  // expert_table_c1
  auto weight = symbols.lookupNearestSymbolFrom<WeightOp>(*this, getWeightAttr());
  if (!weight || !weight.getPerExpert())
    return emitOpError("refers to '") << getWeight() << "', which is no rt.weight per_expert";
  auto own = cast<ShapedType>(getType());
  int64_t experts = cast<RankedTensorType>(weight.getType()).getDimSize(0);
  if (own.getRank() != 1 || own.getDimSize(0) != experts || !own.getElementType().isInteger(64))
    return emitOpError("expects a table of ") << experts << " i64 addresses for '" << getWeight() << "', but got " << own;
  return success();
}

/// The sizes of a buffer of the environment: static ones of its type, dynamic ones of the operands.
static SmallVector<OpFoldResult> mixedSizes(Builder &builder, ShapedType type, ValueRange sizes) {
  SmallVector<OpFoldResult> result;
  auto next = sizes.begin();
  for (int64_t size : type.getShape())
    result.push_back(ShapedType::isDynamic(size) ? OpFoldResult(*next++) : OpFoldResult(builder.getIndexAttr(size)));
  return result;
}

static LogicalResult verifyBuffer(Operation *op, MemRefType type, ValueRange sizes) {
  if (sizes.size() != static_cast<size_t>(type.getNumDynamicDims()) || !type.getLayout().isIdentity())
    return op->emitOpError("expects ") << type.getNumDynamicDims() << " sizes and the identity layout for " << type << ", but got " << sizes.size() << " sizes";
  return success();
}

// input_c1
LogicalResult InputOp::verify() { return verifyBuffer(*this, cast<MemRefType>(getType()), getSizes()); }
// output_c1
LogicalResult OutputOp::verify() { return verifyBuffer(*this, cast<MemRefType>(getType()), getSizes()); }
// slot_c1
LogicalResult SlotOp::verify() { return verifyBuffer(*this, cast<MemRefType>(getType()), getSizes()); }

LogicalResult InputOp::reifyResultShapes(OpBuilder &builder, ReifiedRankedShapedTypeDims &shapes) {
  shapes = {mixedSizes(builder, cast<ShapedType>(getType()), getSizes())};
  return success();
}
LogicalResult OutputOp::reifyResultShapes(OpBuilder &builder, ReifiedRankedShapedTypeDims &shapes) {
  shapes = {mixedSizes(builder, cast<ShapedType>(getType()), getSizes())};
  return success();
}
LogicalResult SlotOp::reifyResultShapes(OpBuilder &builder, ReifiedRankedShapedTypeDims &shapes) {
  shapes = {mixedSizes(builder, cast<ShapedType>(getType()), getSizes())};
  return success();
}

LogicalResult ReshapeOp::verify() {
  // reshape_c1
  auto result = cast<RankedTensorType>(getType());
  if (getSizes().size() != static_cast<size_t>(result.getNumDynamicDims()))
    return emitOpError("expects ") << result.getNumDynamicDims() << " sizes for " << result << ", but got " << getSizes().size();
  return success();
}

LogicalResult ReshapeOp::reifyResultShapes(OpBuilder &builder, ReifiedRankedShapedTypeDims &shapes) {
  shapes = {mixedSizes(builder, cast<ShapedType>(getType()), getSizes())};
  return success();
}

}  // namespace switchyard::rt
