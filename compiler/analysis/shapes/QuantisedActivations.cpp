// Operators that make and take quantised activations: QuantizeLinear and its like, and products of integers.
#include "compiler/analysis/WindowGeometry.h"

#include "mlir/IR/BuiltinTypes.h"

using namespace mlir;

namespace switchyard {

namespace {

LogicalResult quantizeLinear(NodeShapes &node) {
  if (!node.hasInputs(2, 3) || failed(checkQuantisation(node)))
    return failure();
  const TensorFacts *zero = node.input(2);
  int64_t code = node.node.getInt("output_dtype", 0);
  Type stated = code != 0 ? getElementType(node.node.getContext(), code) : Type();
  if (code != 0 && !stated)
    return node.unsupported("no quantised elements of the type of code " + llvm::Twine(code));
  if (zero && stated && stated != zero->elementType)
    return node.invalid("output_dtype is not the element type of the zero point");
  Type type = zero ? zero->elementType : stated ? stated : Type(IntegerType::get(node.node.getContext(), 8, IntegerType::Unsigned));
  return node.result(0, type, node.input(0)->shape);
}

LogicalResult dynamicQuantizeLinear(NodeShapes &node) {
  if (!node.hasInputs(1, 1))
    return failure();
  Type byte = IntegerType::get(node.node.getContext(), 8, IntegerType::Unsigned);
  for (unsigned index = 1; index < node.node.getNumResults(); ++index)
    if (failed(node.result(index, index == 1 ? node.input(0)->elementType : byte, {})))
      return failure();
  return node.result(0, byte, node.input(0)->shape);
}

/// One number for a tensor, or one for each row (or column) of a matrix product: `count` of them.
LogicalResult checkParameter(NodeShapes &node, unsigned index, Expression count) {
  const TensorFacts *facts = node.input(index);
  if (!facts)
    return node.node.getInput(index) ? failure() : success();
  if (facts->shape.empty() || (facts->shape.size() == 1 && facts->shape.front().isConstant(1)))
    return success();
  if (facts->shape.size() != 1)
    return node.unsupported("it has scales or zero points of rank 2 or more: " + node.describe(index));
  return node.unify(facts->shape.front(), count);
}

/// Both operands hold integers of 8 bits.
LogicalResult checkBytes(NodeShapes &node, unsigned left, unsigned right) {
  const TensorFacts *a = node.require(left), *b = node.require(right);
  if (!a || !b)
    return failure();
  if (a->elementType.isInteger(8) && b->elementType.isInteger(8))
    return success();
  return node.unsupported("it multiplies integers of 8 bits, but has " + node.describe(left) + " and " + node.describe(right) + " of other elements");
}

FailureOr<Dims> integerProduct(NodeShapes &node, unsigned left, unsigned right) {
  if (failed(checkBytes(node, left, right)))
    return failure();
  const TensorFacts *a = node.input(left), *b = node.input(right);
  FailureOr<Dims> shape = matmulShape(node, a->shape, b->shape, left, right);
  return shape;
}

Expression rowsOf(const TensorFacts &facts) { return facts.shape.size() > 1 ? facts.shape[facts.shape.size() - 2] : facts.shape[0].getContext().constant(1); }
Expression columnsOf(const TensorFacts &facts) { return facts.shape.size() > 1 ? facts.shape.back() : facts.shape[0].getContext().constant(1); }

LogicalResult matmulInteger(NodeShapes &node) {
  FailureOr<Dims> shape = integerProduct(node, 0, 1);
  if (failed(shape) || !node.hasInputs(2, 4) || failed(checkParameter(node, 2, rowsOf(*node.input(0)))) ||
      failed(checkParameter(node, 3, columnsOf(*node.input(1)))))
    return failure();
  return node.result(0, IntegerType::get(node.node.getContext(), 32), *shape);
}

LogicalResult qLinearMatmul(NodeShapes &node) {
  FailureOr<Dims> shape = integerProduct(node, 0, 3);
  if (failed(shape) || !node.hasInputs(8, 8))
    return failure();
  Expression rows = rowsOf(*node.input(0)), columns = columnsOf(*node.input(3)), one = node.constant(1);
  for (auto [index, count] : {std::pair(1u, rows), {2u, rows}, {4u, columns}, {5u, columns}, {6u, one}, {7u, one}})
    if (failed(checkParameter(node, index, count)))
      return failure();
  return node.result(0, node.input(7)->elementType, *shape);
}

/// The zero point `index` has the element type of `tensor`.
LogicalResult checkZeroPoint(NodeShapes &node, unsigned index, unsigned tensor) {
  const TensorFacts *zero = node.input(index), *facts = node.input(tensor);
  if (!zero || !facts || zero->elementType == facts->elementType)
    return success();
  return node.invalid("the zero point " + node.describe(index) + " has another element type than " + node.describe(tensor));
}

LogicalResult convInteger(NodeShapes &node) {
  if (failed(checkBytes(node, 0, 1)) || !node.hasInputs(2, 4))
    return failure();
  FailureOr<Dims> shape = getConvolutionShape(node, 1, 4);
  if (failed(shape) || failed(checkParameter(node, 2, node.constant(1))) || failed(checkParameter(node, 3, node.input(1)->shape[0])) ||
      failed(checkZeroPoint(node, 2, 0)) || failed(checkZeroPoint(node, 3, 1)))
    return failure();
  return node.result(0, IntegerType::get(node.node.getContext(), 32), *shape);
}

LogicalResult qLinearConv(NodeShapes &node) {
  enum Operand : unsigned { x, xScale, xZero, weight, weightScale, weightZero, scale, zero, bias };
  if (failed(checkBytes(node, x, weight)) || !node.hasInputs(8, 9))
    return failure();
  FailureOr<Dims> shape = getConvolutionShape(node, weight, bias);
  if (failed(shape))
    return failure();
  Expression filters = node.input(weight)->shape[0], one = node.constant(1);
  for (auto [index, count] : {std::pair(xScale, one), {xZero, one}, {weightScale, filters}, {weightZero, filters}, {scale, one}, {zero, one}})
    if (failed(checkParameter(node, index, count)))
      return failure();
  if (failed(checkZeroPoint(node, xZero, x)) || failed(checkZeroPoint(node, weightZero, weight)))
    return failure();
  if (node.input(bias) && !node.input(bias)->elementType.isInteger(32))
    return node.invalid("its bias must hold i32, but " + node.describe(bias) + " holds others");
  return node.result(0, node.input(zero)->elementType, *shape);
}

/// Bits as elements of another type of the same width.
LogicalResult bitCast(NodeShapes &node) {
  const TensorFacts *facts = node.require(0);
  int64_t code = node.node.getInt("to", 0);
  Type to = getElementType(node.node.getContext(), code);
  if (!facts)
    return failure();
  if (!to)
    return node.unsupported("no elements of the type of code " + llvm::Twine(code));
  auto width = [](Type type) { return type.isInteger(1) ? 8 : type.getIntOrFloatBitWidth(); };
  if (width(to) != width(facts->elementType))
    return node.invalid("elements of " + llvm::Twine(width(facts->elementType)) + " bits have no bits of a type of " + llvm::Twine(width(to)));
  return node.result(0, to, facts->shape);
}

}  // namespace

void addQuantisedActivationShapes(ShapeRules &rules) {
  rules["ai.onnx::QuantizeLinear"] = quantizeLinear;
  rules["ai.onnx::DynamicQuantizeLinear"] = dynamicQuantizeLinear;
  rules["ai.onnx::MatMulInteger"] = matmulInteger;
  rules["ai.onnx::QLinearMatMul"] = qLinearMatmul;
  rules["ai.onnx::ConvInteger"] = convInteger;
  rules["ai.onnx::QLinearConv"] = qLinearConv;
  rules["ai.onnx::BitCast"] = bitCast;
}

}  // namespace switchyard
