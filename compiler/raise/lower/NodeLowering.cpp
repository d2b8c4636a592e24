#include "compiler/raise/lower/NodeLowering.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;

namespace switchyard::raise {

const LoweringRules &getLoweringRules() {
  static const LoweringRules rules = [] {
    LoweringRules all;
    addElementwiseRules(all);
    addActivationRules(all);
    addMovementRules(all);
    addConstantRules(all);
    addIndexingRules(all);
    addReductionRules(all);
    addContractionRules(all);
    addEinsumRules(all);
    addNormalizationRules(all);
    addChannelNormRules(all);
    addAttentionRules(all);
    addStandardAttentionRules(all);
    addMultiHeadAttentionRules(all);
    return all;
  }();
  return rules;
}

/// Operators that move or convert elements, and so take them as they are.
static bool keepsElements(StringRef opType) {
  static const llvm::StringSet<> kept = [] {
    LoweringRules moving;
    addMovementRules(moving);
    addConstantRules(moving);
    addIndexingRules(moving);
    llvm::StringSet<> names{"ai.onnx::Cast", "ai.onnx::CastLike", "ai.onnx::Identity", "ai.onnx::Dropout", "ai.onnx::Expand", "ai.onnx::Where"};
    for (StringRef name : moving.keys())
      names.insert(name);
    return names;
  }();
  return kept.contains(opType);
}

NodeLowering::NodeLowering(onnx::NodeOp node, SymbolicShapes &shapes, WeightRecipes &weights)
    : TensorBuilder(OpBuilder(node), node.getLoc(), shapes, weights), node(node), facts(node, shapes), computes(!keepsElements(node.getOpType())),
      widened(node.getInputs().size()) {}

Type NodeLowering::computedType(Type type) { return computes && isNarrowFloat(type) ? builder.getF32Type() : type; }

Value NodeLowering::input(unsigned index) {
  Value operand = node.getInput(index);
  if (!operand)
    return operand;
  if (!widened[index])
    widened[index] = cast(operand, computedType(elementType(operand)));
  return widened[index];
}

SmallVector<Value> NodeLowering::inputs() {
  SmallVector<Value> all;
  for (unsigned index = 0; index < node.getInputs().size(); ++index)
    all.push_back(input(index));
  return all;
}

LogicalResult NodeLowering::expectAttributes(ArrayRef<llvm::StringRef> known) {
  for (NamedAttribute attribute : node.getNodeAttributes())
    if (!llvm::is_contained(known, attribute.getName().getValue()))
      return unsupported("unknown attribute " + attribute.getName().getValue());
  return success();
}

LogicalResult NodeLowering::replace(ValueRange values) {
  for (auto [result, value] : llvm::zip(node.getResults(), values)) {
    if (!value)
      continue;
    Type stated = shapes.hasShape(result) ? shapes.getFacts(result)->elementType : elementType(value);
    Value replacement = isNarrowFloat(stated) ? cast(value, stated) : value;
    // A result that moe-infer-shapes has not seen has no tensor type to keep.
    if (replacement.getType() != result.getType() && isa<RankedTensorType>(result.getType()))
      replacement = shaped(tensor::CastOp::create(builder, loc, result.getType(), replacement), resultDims(result.getResultNumber()));
    result.replaceAllUsesWith(replacement);
  }
  return success();
}

}  // namespace switchyard::raise
