// Operators that make and take quantised activations: QuantizeLinear and its kin, and products of integers.
#include "compiler/analysis/ShapeRules.h"

#include "mlir/IR/BuiltinTypes.h"

using namespace mlir;

namespace switchyard {

namespace {

/// The scale (operand 1) is one number, or one for each index of `axis`, or for each block of them; the zero point (operand 2) has its shape.
LogicalResult checkGranularity(NodeShapes &node) {
  const TensorFacts *x = node.require(0), *scale = node.require(1);
  int64_t block = node.node.getInt("block_size", 0);
  if (!x || !scale)
    return failure();
  if (block < 0)
    return node.invalid("block_size = " + llvm::Twine(block) + " is negative");
  auto isOne = [](const TensorFacts &facts) { return facts.shape.empty() || (facts.shape.size() == 1 && facts.shape.front().isConstant(1)); };
  if (const TensorFacts *zero = node.input(2); zero && !(isOne(*zero) && isOne(*scale))) {
    if (zero->shape.size() != scale->shape.size())
      return node.invalid("the scale " + node.describe(1) + " and the zero point " + node.describe(2) + " must have one shape");
    for (auto [left, right] : llvm::zip_equal(Dims(scale->shape), Dims(zero->shape)))
      if (failed(node.unify(left, right)))
        return failure();
  } else if (node.node.getInput(2) && !zero) {
    return failure();
  }
  if (isOne(*scale))
    return success();
  FailureOr<int64_t> axis = node.axis(1, x->shape.size());
  if (failed(axis))
    return failure();
  Dims wanted(x->shape);
  if (block == 0)
    wanted = {x->shape[*axis]};
  else
    wanted[*axis] = ceilDiv(x->shape[*axis], node.constant(block));
  if (scale->shape.size() != wanted.size())
    return node.invalid("the scale " + node.describe(1) + " is neither one number nor of the shape " + describeShape(wanted));
  for (auto [left, right] : llvm::zip_equal(wanted, Dims(scale->shape)))
    if (failed(node.unify(left, right)))
      return failure();
  return success();
}

LogicalResult quantizeLinear(NodeShapes &node) {
  if (!node.hasInputs(2, 3) || failed(checkGranularity(node)))
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

LogicalResult dequantizeLinear(NodeShapes &node) {
  if (!node.hasInputs(2, 3) || failed(checkGranularity(node)))
    return failure();
  int64_t code = node.node.getInt("output_dtype", 0);
  Type type = code != 0 ? getElementType(node.node.getContext(), code) : node.input(1)->elementType;
  if (!isa_and_nonnull<FloatType>(type))
    return node.invalid("output_dtype = " + llvm::Twine(code) + " is no type of floats");
  const TensorFacts *zero = node.input(2);
  if (zero && zero->elementType != node.input(0)->elementType)
    return node.invalid("the zero point " + node.describe(2) + " must have the element type of " + node.describe(0));
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

FailureOr<Dims> integerProduct(NodeShapes &node, unsigned left, unsigned right) {
  const TensorFacts *a = node.require(left), *b = node.require(right);
  if (!a || !b)
    return failure();
  if (!a->elementType.isInteger(8) || !b->elementType.isInteger(8)) {
    (void)node.unsupported("it multiplies integers of 8 bits, but has " + node.describe(left) + " and " + node.describe(right) + " of other elements");
    return failure();
  }
  FailureOr<Dims> shape = matmulShape(node, a->shape, b->shape);
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

void addQuantizationShapes(ShapeRules &rules) {
  rules["ai.onnx::QuantizeLinear"] = quantizeLinear;
  rules["ai.onnx::DequantizeLinear"] = dequantizeLinear;
  rules["ai.onnx::DynamicQuantizeLinear"] = dynamicQuantizeLinear;
  rules["ai.onnx::MatMulInteger"] = matmulInteger;
  rules["ai.onnx::QLinearMatMul"] = qLinearMatmul;
  rules["ai.onnx::BitCast"] = bitCast;
}

}  // namespace switchyard
