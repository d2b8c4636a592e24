// Operators on quantised weights: what they give is as if the weights were floats.
#include "compiler/analysis/ShapeRules.h"

#include "mlir/IR/BuiltinTypes.h"
#include "llvm/Support/MathExtras.h"

#include <limits>

using namespace mlir;

namespace switchyard {

namespace {

LogicalResult matmulNBits(NodeShapes &node) {
  if (!node.hasInputs(3, 6))
    return failure();
  int64_t k = node.node.getInt("K", 0), n = node.node.getInt("N", 0), block = node.node.getInt("block_size", 0);
  constexpr int64_t most = std::numeric_limits<int32_t>::max();
  if (k < 1 || n < 1 || k > most || n > most)
    return node.invalid("K = " + llvm::Twine(k) + " and N = " + llvm::Twine(n) + " must be from 1 to " + llvm::Twine(most));
  if (block < 16 || block > most || !llvm::isPowerOf2_64(block))
    return node.invalid("block_size = " + llvm::Twine(block) + " must be a power of two, at least 16 and at most " + llvm::Twine(most));
  const TensorFacts *rows = node.input(0);
  if (rows->shape.empty())
    return node.invalid("a matrix product has no scalars as operands: " + node.describe(0));
  Dims shape(rows->shape);
  if (failed(node.unify(shape.back(), node.constant(k))))
    return failure();
  shape.back() = node.constant(n);
  return node.broadcastsTo(5, shape.back()) ? node.result(0, node.input(0)->elementType, shape) : failure();
}

/// A product with N rows of K floats of 8 bits, or of two floats of 4 bits in each of K / 2 bytes; operand `bias` is added.
template <int64_t perByte> LogicalResult matmulBlockQuantized(NodeShapes &node) {
  constexpr unsigned scales = 3, bias = perByte == 2 ? 5 : 4;
  if (!node.hasInputs(perByte == 2 ? scales + 1 : scales, bias + 1))
    return failure();
  Dims shape(node.input(0)->shape), weight(node.input(1)->shape);
  Type element = node.input(1)->elementType;
  if (shape.empty() || weight.size() != 2)
    return node.invalid("expected rows and a matrix, but got " + node.describe(0) + " and " + node.describe(1));
  if (perByte == 2 ? !element.isUnsignedInteger(8) : !isa<Float8E4M3FNType>(element))
    return node.invalid(llvm::Twine("the weight must hold ") + (perByte == 2 ? "bytes" : "floats of 8 bits (e4m3fn)") + ", but " + node.describe(1) + " holds others");
  int64_t block = node.node.getInt("block_size", perByte == 2 ? 16 : 128);
  if (block < 1 || block > std::numeric_limits<int32_t>::max())
    return node.invalid("block_size = " + llvm::Twine(block) + " must be at least 1");
  if (failed(node.unify(shape.back(), weight[1] * perByte)))
    return failure();
  shape.back() = weight[0];
  return node.broadcastsTo(bias, shape.back()) ? node.result(0, node.input(0)->elementType, shape) : failure();
}

/// Gather of a table whose last dimension may be several integers in a byte.
LogicalResult gatherBlockQuantized(NodeShapes &node) {
  if (!node.hasInputs(3, 4))
    return failure();
  const TensorFacts *table = node.input(0), *indices = node.input(1);
  Dims shape(table->shape);
  FailureOr<int64_t> gathered = node.checkAxis(node.node.getInt("gather_axis", 0), shape.size());
  FailureOr<int64_t> quantised = failed(gathered) ? FailureOr<int64_t>(failure()) : node.checkAxis(node.node.getInt("quantize_axis", 1), shape.size());
  if (failed(quantised))
    return failure();
  if (table->elementType.isUnsignedInteger(8)) {
    int64_t bits = node.node.getInt("bits", 4);
    if (bits < 1 || bits > 8)
      return node.invalid("bits = " + llvm::Twine(bits) + " must be from 1 to 8");
    if (*gathered != 0 || *quantised == 0)
      return node.invalid("a table of bytes is gathered along axis 0 and quantised along another, but gather_axis is " + llvm::Twine(*gathered) +
                          " and quantize_axis is " + llvm::Twine(*quantised));
    shape.back() = floorDiv(shape.back() * 8, node.constant(bits));
  }
  Dims result(ArrayRef<Expression>(shape).take_front(*gathered));
  result.append(indices->shape);
  result.append(shape.begin() + *gathered + 1, shape.end());
  return node.result(0, node.input(2)->elementType, result);
}

/// The scales of QuantizeLinear and DequantizeLinear: one, or one for each index of the axis, or one for each block along it.
LogicalResult checkScales(NodeShapes &node, ArrayRef<Expression> shape, ArrayRef<Expression> scales) {
  int64_t block = node.node.getInt("block_size", 0);
  std::optional<int64_t> count = countElements(node.context(), scales).getConstant();
  if (block < 0)
    return node.invalid("block_size = " + llvm::Twine(block) + " is negative");
  if (block == 0 && count == 1 && scales.size() <= 1)
    return success();
  FailureOr<int64_t> axis = node.axis(1, shape.size());
  if (failed(axis))
    return failure();
  if (block == 0)
    return scales.size() == 1 ? LogicalResult(node.unify(shape[*axis], scales.front()))
                              : node.invalid("expected one scale, or one for each index of axis " + llvm::Twine(*axis) + ", but got " +
                                             node.describe(1) + " for " + node.describe(0));
  Dims expected(shape);
  expected[*axis] = ceilDiv(shape[*axis], node.constant(block));
  if (ArrayRef<Expression>(expected) != scales)
    return node.invalid("expected one scale for each block of " + llvm::Twine(block) + " along axis " + llvm::Twine(*axis) + ", but got " +
                        node.describe(1) + " for " + node.describe(0));
  return success();
}

LogicalResult dequantizeLinear(NodeShapes &node) {
  if (!node.hasInputs(2, 3))
    return failure();
  Dims shape(node.input(0)->shape);
  const TensorFacts *zeroPoints = node.input(2);
  if (failed(checkQuantisation(node)))
    return failure();
  int64_t code = node.node.getInt("output_dtype", 0);
  Type type = code != 0 ? getElementType(node.node.getContext(), code) : node.input(1)->elementType;
  if (!isa_and_nonnull<FloatType>(type))
    return node.invalid("output_dtype = " + llvm::Twine(code) + " is no type of floats");
  if (zeroPoints && zeroPoints->elementType != node.input(0)->elementType)
    return node.invalid("the zero point " + node.describe(2) + " must have the element type of " + node.describe(0));
  return node.result(0, type, shape);
}

}  // namespace

LogicalResult checkQuantisation(NodeShapes &node) {
  const TensorFacts *x = node.require(0), *scale = node.require(1), *zeroPoints = node.input(2);
  if (!x || !scale || (node.node.getInput(2) && !zeroPoints))
    return failure();
  Dims shape(x->shape), scales(scale->shape);
  if (failed(checkScales(node, shape, scales)))
    return failure();
  auto isOne = [&](ArrayRef<Expression> sizes) { return sizes.size() <= 1 && countElements(node.context(), sizes).isConstant(1); };
  if (zeroPoints && zeroPoints->shape != scales && !(isOne(zeroPoints->shape) && isOne(scales)))
    return node.invalid("scales and zero points must have one shape, but are " + node.describe(1) + " and " + node.describe(2));
  return success();
}

void addQuantisedShapes(ShapeRules &rules) {
  rules["com.microsoft::MatMulNBits"] = matmulNBits;
  rules["com.microsoft::MatMulBlockQuantizedFp8Weight"] = matmulBlockQuantized<1>;
  rules["com.microsoft::MatMulBlockQuantizedFp4Weight"] = matmulBlockQuantized<2>;
  rules["com.microsoft::GatherBlockQuantized"] = gatherBlockQuantized;
  rules["ai.onnx::DequantizeLinear"] = dequantizeLinear;
}

}  // namespace switchyard
