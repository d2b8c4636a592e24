// Quantised activations, integer products and changes of bits: one kernel each.
#include "compiler/analysis/WindowGeometry.h"
#include "compiler/raise/lower/NodeLowering.h"

#include "kernels/abi.h"

#include "llvm/ADT/StringSwitch.h"

using namespace mlir;
using namespace switchyard::kernels;

namespace switchyard::raise {

namespace {

/// The axis of a scale; none is read where the scale is one number.
int64_t axisOf(NodeLowering &node) {
  int64_t axis = node.node.getInt("axis", 1), rank = node.rank(node.input(0));
  return axis < 0 ? axis + rank : axis;
}

bool isScale(Type type) { return isComputedInF32(type) || isNarrowType(type); }

LogicalResult quantizeLinear(NodeLowering &node) {
  Type x = TensorBuilder::elementType(node.input(0)), scale = TensorBuilder::elementType(node.input(1));
  if (!isScale(scale))
    return node.unsupported("the scale has elements of more than 32 bits");
  int64_t code = node.node.getInt("precision", 0);
  Type precision = code != 0 ? getElementType(x.getContext(), code) : isNarrowType(scale) ? Type(Float32Type::get(x.getContext())) : scale;
  auto number = precision && precision.isF32()    ? ElementType::f32
                : precision && precision.isF16()  ? ElementType::f16
                : precision && precision.isBF16() ? ElementType::bf16
                                                  : ElementType::f64;
  if (!precision || (number == ElementType::f64 && !precision.isF64()))
    return node.unsupported("the precision " + llvm::Twine(code) + " is none of float, float16, bfloat16 and double");
  return node.replace(node.callKernel("quantize", {node.input(0), node.input(1), node.input(2)},
                                      {{"axis", axisOf(node)},
                                       {"block", node.node.getInt("block_size", 0)},
                                       {"saturate", node.node.getInt("saturate", 1)},
                                       {"precision", static_cast<int64_t>(number)}}));
}

LogicalResult dequantizeLinear(NodeLowering &node) {
  if (!isScale(TensorBuilder::elementType(node.input(1))))
    return node.unsupported("the scale has elements of more than 32 bits");
  return node.replace(node.callKernel("dequantize", {node.input(0), node.input(1), node.input(2)},
                                      {{"axis", axisOf(node)}, {"block", node.node.getInt("block_size", 0)}}));
}

LogicalResult dynamicQuantizeLinear(NodeLowering &node) {
  if (node.node.getNumResults() != 3)
    return node.unsupported("it expects three results");
  return node.replace(node.callKernel("dynamic_quantize", node.input(0)));
}

LogicalResult matmulInteger(NodeLowering &node) {
  return node.replace(node.callKernel("matmul_integer", {node.input(0), node.input(1), node.input(2), node.input(3)}));
}

LogicalResult qLinearMatmul(NodeLowering &node) {
  SmallVector<Value> inputs(node.node.getInputs());
  for (unsigned index : {1, 4, 6})
    if (!isScale(TensorBuilder::elementType(inputs[index])))
      return node.unsupported("the scale has elements of more than 32 bits");
  if (!node.resultElementType().isInteger(8))
    return node.unsupported("its result has no elements of integers of 8 bits");
  return node.replace(node.callKernel("quantized_matmul", inputs));
}

/// The operands of the kernel in its order; null where the node has none.
LogicalResult integerConvolution(NodeLowering &node, unsigned weight, SmallVector<Value> operands) {
  FailureOr<WindowGeometry> window = getWindowGeometry(node.facts, weight);
  if (failed(window))
    return node.unsupported("its window is not known");
  operands.push_back(node.integers(window->numbers()));
  return node.replace(node.callKernel("integer_conv", operands, {{"group", node.node.getInt("group", 1)}, {"auto_pad", static_cast<int64_t>(window->autoPad)}}));
}

LogicalResult convInteger(NodeLowering &node) {
  return integerConvolution(node, 1, {node.input(0), node.input(1), node.input(2), node.input(3), Value(), Value(), Value(), Value(), Value()});
}

LogicalResult qLinearConv(NodeLowering &node) {
  enum Operand : unsigned { x, xScale, xZero, weight, weightScale, weightZero, scale, zero, bias };
  for (unsigned index : {xScale, weightScale, scale})
    if (!isScale(TensorBuilder::elementType(node.node.getInput(index))))
      return node.unsupported("the scale has elements of more than 32 bits");
  if (!node.resultElementType().isInteger(8))
    return node.unsupported("its result has no elements of integers of 8 bits");
  return integerConvolution(node, weight, {node.input(x), node.input(weight), node.input(xZero), node.input(weightZero), node.input(bias), node.input(xScale),
                                           node.input(weightScale), node.input(scale), node.input(zero)});
}

LogicalResult bitCast(NodeLowering &node) {
  Type from = TensorBuilder::elementType(node.input(0)), to = node.resultElementType();
  if (from == to)
    return node.replace(node.input(0));
  if (to.isInteger(1))
    return node.unsupported("a byte is not always a bool");
  return node.replace(node.callKernel("bit_cast", node.input(0)));
}

}  // namespace

void addQuantisedActivationRules(LoweringRules &rules) {
  rules["ai.onnx::QuantizeLinear"] = quantizeLinear;
  rules["ai.onnx::DequantizeLinear"] = dequantizeLinear;
  rules["ai.onnx::DynamicQuantizeLinear"] = dynamicQuantizeLinear;
  rules["ai.onnx::MatMulInteger"] = matmulInteger;
  rules["ai.onnx::QLinearMatMul"] = qLinearMatmul;
  rules["ai.onnx::ConvInteger"] = convInteger;
  rules["ai.onnx::QLinearConv"] = qLinearConv;
  rules["ai.onnx::BitCast"] = bitCast;
}

}  // namespace switchyard::raise
