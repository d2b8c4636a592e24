#include "compiler/raise/lower/KernelRules.h"

#include "dialects/nn/NnDialect.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/StringSwitch.h"

using namespace mlir;

namespace switchyard::raise {

const LoweringRules &getLoweringRules() {
  static const LoweringRules rules = [] {
    LoweringRules all;
    addKernelRules(all);
    addElementwiseRules(all);
    addActivationRules(all);
    addMovementRules(all);
    addConstantRules(all);
    addIndexingRules(all);
    addReductionRules(all);
    addContractionRules(all);
    addDepthwiseConvolutionRules(all);
    addEinsumRules(all);
    addLossRules(all);
    addQuantisedActivationRules(all);
    addNormalizationRules(all);
    addChannelNormRules(all);
    addAttentionRules(all);
    addStandardAttentionRules(all);
    addMultiHeadAttentionRules(all);
    addLinearAttentionRules(all);
    addGateRules(all);
    addRotaryRules(all);
    addPackedAttentionRules(all);
    addEmbedLayerNormalizationRules(all);
    return all;
  }();
  return rules;
}

/// Operators that move or convert elements, and so take them as they are.
static bool keepsElements(StringRef opType) {
  return movesElements(opType) ||
         llvm::StringSwitch<bool>(opType)
             .Cases({"ai.onnx::Cast", "ai.onnx::CastLike", "ai.onnx::Constant", "ai.onnx::ConstantOfShape", "ai.onnx::Range"}, true)
             .Cases({"ai.onnx::OneHot", "ai.onnx::ScatterND", "ai.onnx::Trilu"}, true)
             .Default(false);
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

SmallVector<Value> NodeLowering::callKernel(llvm::StringRef kernel, ArrayRef<Value> inputs,
                                            ArrayRef<std::pair<llvm::StringRef, int64_t>> integers,
                                            ArrayRef<std::pair<llvm::StringRef, double>> floats) {
  SmallVector<KernelResult> results;
  for (unsigned index = 0; index < node.getNumResults(); ++index)
    results.push_back({resultDims(index), resultElementType(index)});
  return callKernelWith(kernel, inputs, results, integers, floats);
}

Value NodeLowering::callKernelFor(unsigned index, llvm::StringRef kernel, ArrayRef<Value> inputs,
                                  ArrayRef<std::pair<llvm::StringRef, int64_t>> integers) {
  return callKernelWith(kernel, inputs, KernelResult{resultDims(index), resultElementType(index)}, integers).front();
}

SmallVector<Value> NodeLowering::callKernelWith(llvm::StringRef kernel, ArrayRef<Value> inputs, ArrayRef<KernelResult> outputs,
                                                ArrayRef<std::pair<llvm::StringRef, int64_t>> integers,
                                                ArrayRef<std::pair<llvm::StringRef, double>> floats) {
  SmallVector<Value> operands, sizes;
  SmallVector<bool> present;
  for (Value input : inputs) {
    present.push_back(static_cast<bool>(input));
    if (input)
      operands.push_back(input);
  }
  SmallVector<Type> types;
  for (const KernelResult &output : outputs) {
    types.push_back(SymbolicShapes::getType(output.shape, output.elementType));
    for (Expression dim : output.shape)
      if (!dim.getConstant())
        sizes.push_back(shapes.materialize(dim));
  }
  SmallVector<NamedAttribute> integerAttributes, floatAttributes;
  for (auto [name, value] : integers)
    integerAttributes.push_back(builder.getNamedAttr(name, builder.getI64IntegerAttr(value)));
  for (auto [name, value] : floats)
    floatAttributes.push_back(builder.getNamedAttr(name, builder.getF64FloatAttr(value)));
  auto op = nn::OperatorOp::create(builder, loc, types, kernel, operands, sizes, present, builder.getDictionaryAttr(integerAttributes),
                                   builder.getDictionaryAttr(floatAttributes));
  SmallVector<Value> results;
  for (auto [output, value] : llvm::zip_equal(outputs, op.getResults()))
    results.push_back(shaped(value, output.shape));
  return results;
}

Value NodeLowering::integers(ArrayRef<int64_t> values) {
  auto type = RankedTensorType::get(values.size(), builder.getI64Type());
  return shaped(arith::ConstantOp::create(builder, loc, DenseElementsAttr::get(type, values)), constant(values.size()));
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
