#include "compiler/raise/lower/NodeLowering.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"

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
    addDepthwiseConvolutionRules(all);
    addEinsumRules(all);
    addNormalizationRules(all);
    addAttentionRules(all);
    addStandardAttentionRules(all);
    return all;
  }();
  return rules;
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
    Value replacement = value;
    // A result that moe-infer-shapes has not seen has no tensor type to keep.
    if (replacement.getType() != result.getType() && isa<RankedTensorType>(result.getType()))
      replacement = shaped(tensor::CastOp::create(builder, loc, result.getType(), replacement), resultDims(result.getResultNumber()));
    result.replaceAllUsesWith(replacement);
  }
  return success();
}

}  // namespace switchyard::raise
