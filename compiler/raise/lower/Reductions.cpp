// Operators along axes: reductions, softmax, running sums, the largest.
#include "compiler/raise/lower/KernelRules.h"
#include "compiler/raise/lower/ReductionBuilder.h"
#include "dialects/nn/NnDialect.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;

namespace switchyard::raise {

namespace {

template <Reduction kind> LogicalResult reduction(NodeLowering &node) {
  FailureOr<SmallVector<int64_t>> axes = getReducedAxes(node.facts);
  if (failed(axes))
    return node.unsupported("the axes are not known before data is");
  return node.replace(node.reshape(reduce(node, kind, node.input(0), *axes), node.resultDims()));
}

LogicalResult meanOfElements(NodeLowering &node) {
  FailureOr<SmallVector<int64_t>> axes = getReducedAxes(node.facts);
  Type type = node.resultElementType();
  if (failed(axes) || !isa<FloatType>(type))
    return node.unsupported("expects floats and axes that are known before data is");
  Value result = mean(node, node.input(0), *axes);
  return result ? node.replace(node.reshape(result, node.resultDims())) : node.unsupported("it has too many elements");
}

using ScalarFunction = Value (*)(OpBuilder &, Location, Value);

Value same(OpBuilder &, Location, Value x) { return x; }
Value square(OpBuilder &b, Location l, Value x) { return arith::MulFOp::create(b, l, x, x); }
Value magnitude(OpBuilder &b, Location l, Value x) { return math::AbsFOp::create(b, l, x); }
Value logarithm(OpBuilder &b, Location l, Value x) { return math::LogOp::create(b, l, x); }
Value squareRoot(OpBuilder &b, Location l, Value x) { return math::SqrtOp::create(b, l, x); }

/// after(sum of before(x)).
template <ScalarFunction before, ScalarFunction after> LogicalResult sumOf(NodeLowering &node) {
  FailureOr<SmallVector<int64_t>> axes = getReducedAxes(node.facts);
  Type type = node.resultElementType();
  if (failed(axes) || !isa<FloatType>(type))
    return node.unsupported("expects floats and axes that are known before data is");
  auto apply = [&](Value x, ScalarFunction function) {
    return node.elementwise(x, node.dims(x), type, [&](OpBuilder &b, Location l, ValueRange v) { return function(b, l, v[0]); });
  };
  Value sum = node.reshape(reduce(node, Reduction::sum, apply(node.input(0), before), *axes), node.resultDims());
  return node.replace(apply(sum, after));
}

/// m + log(sum(exp(x - m))), where m is the largest x, or 0 where that is infinite: nothing overflows.
LogicalResult logSumExp(NodeLowering &node) {
  FailureOr<SmallVector<int64_t>> axes = getReducedAxes(node.facts);
  Type type = node.resultElementType();
  if (failed(axes) || !isa<FloatType>(type))
    return node.unsupported("expects floats and axes that are known before data is");
  Value x = node.input(0);
  Dims shape = node.dims(x), kept(shape);
  for (int64_t axis : *axes)
    kept[axis] = node.constant(1);
  Value largest = node.reshape(reduce(node, Reduction::maximum, x, *axes), kept);
  largest = node.elementwise(largest, kept, type, [&](OpBuilder &b, Location l, ValueRange v) -> Value {
    Value infinity = arith::ConstantOp::create(b, l, b.getFloatAttr(type, APFloat::getInf(cast<FloatType>(type).getFloatSemantics())));
    Value finite = arith::CmpFOp::create(b, l, arith::CmpFPredicate::OLT, math::AbsFOp::create(b, l, v[0]), infinity);
    return arith::SelectOp::create(b, l, finite, v[0], arith::ConstantOp::create(b, l, b.getZeroAttr(type)));
  });
  Value exponentials = node.elementwise({x, largest}, shape, type, [](OpBuilder &b, Location l, ValueRange v) -> Value {
    return math::ExpOp::create(b, l, arith::SubFOp::create(b, l, v[0], v[1]));
  });
  Value sum = node.reshape(reduce(node, Reduction::sum, exponentials, *axes), kept);
  Value result = node.elementwise({sum, largest}, kept, type, [](OpBuilder &b, Location l, ValueRange v) -> Value {
    return arith::AddFOp::create(b, l, math::LogOp::create(b, l, v[0]), v[1]);
  });
  return node.replace(node.reshape(result, node.resultDims()));
}

/// The permutation that moves `axis` to the end; it is its own inverse.
SmallVector<int64_t> swapWithLast(int64_t axis, int64_t rank) {
  SmallVector<int64_t> permutation = llvm::to_vector(llvm::seq<int64_t>(0, rank));
  std::swap(permutation[axis], permutation.back());
  return permutation;
}

Value softmaxRows(NodeLowering &node, Value x) {
  return node.shaped(nn::SoftmaxOp::create(node.builder, node.loc, x.getType(), x), node.dims(x));
}

/// x - max - log(sum(exp(x - max))) over the last axis.
Value logSoftmaxRows(NodeLowering &node, Value x) {
  Dims shape = node.dims(x), column(shape);
  column.back() = node.constant(1);
  int64_t last = shape.size() - 1;
  Type type = TensorBuilder::elementType(x);
  auto subtract = [](OpBuilder &b, Location l, ValueRange v) -> Value { return arith::SubFOp::create(b, l, v[0], v[1]); };
  Value shifted = node.elementwise({x, node.reshape(reduce(node, Reduction::maximum, x, last), column)}, shape, type, subtract);
  Value exponentials = node.elementwise(shifted, shape, type, [](OpBuilder &b, Location l, ValueRange v) -> Value { return math::ExpOp::create(b, l, v[0]); });
  Value sum = node.reshape(reduce(node, Reduction::sum, exponentials, last), column);
  return node.elementwise({shifted, sum}, shape, type, [](OpBuilder &b, Location l, ValueRange v) -> Value {
    return arith::SubFOp::create(b, l, v[0], math::LogOp::create(b, l, v[1]));
  });
}

/// The matrix of a tensor whose dimensions from `axis` on are one.
Dims flatten(NodeLowering &node, ArrayRef<Expression> shape, int64_t axis) {
  ExpressionContext &context = node.shapes.getContext();
  return {countElements(context, shape.take_front(axis)), countElements(context, shape.drop_front(axis))};
}

LogicalResult softmaxAlongAxis(NodeLowering &node) { return alongAxis(node, softmaxRows); }
LogicalResult logSoftmaxAlongAxis(NodeLowering &node) { return alongAxis(node, logSoftmaxRows); }

/// 1 where the first of the largest along the axis stands, 0 elsewhere.
Value markLargest(NodeLowering &node, Value x, int64_t axis) {
  Value first = findFirst(node, x, axis, true, false);
  Type type = TensorBuilder::elementType(x);
  return node.elementwise(first, node.dims(x), type, [&](OpBuilder &b, Location l, ValueRange v) -> Value {
    Value index = arith::IndexCastOp::create(b, l, b.getIndexType(), v[0]);
    Value hit = arith::CmpIOp::create(b, l, arith::CmpIPredicate::eq, index, linalg::IndexOp::create(b, l, axis));
    Value one = arith::ConstantOp::create(b, l, b.getFloatAttr(type, 1.0)), zero = arith::ConstantOp::create(b, l, b.getFloatAttr(type, 0.0));
    return arith::SelectOp::create(b, l, hit, one, zero);
  });
}

LogicalResult hardmax(NodeLowering &node) {
  Value x = node.input(0);
  Dims shape = node.dims(x);
  bool flattens = node.node.getVersion() < 13;
  FailureOr<int64_t> axis = NodeShapes::normalizeAxis(node.node.getInt("axis", flattens ? 1 : -1), shape.size());
  if (failed(axis))
    return node.unsupported("the axis is outside the rank");
  if (!flattens)
    return node.replace(markLargest(node, x, *axis));
  return node.replace(node.reshape(markLargest(node, node.reshape(x, flatten(node, shape, *axis)), 1), shape));
}

LogicalResult cumulativeSum(NodeLowering &node) {
  Value x = node.input(0);
  std::optional<SmallVector<int64_t>> axis = node.facts.constants(1);
  FailureOr<int64_t> position = axis && axis->size() == 1 ? NodeShapes::normalizeAxis(axis->front(), node.rank(x)) : FailureOr<int64_t>(failure());
  if (failed(position))
    return node.unsupported("the axis is not one number within the rank");
  bool exclusive = node.node.getInt("exclusive", 0) != 0, reverse = node.node.getInt("reverse", 0) != 0;
  return node.replace(node.shaped(nn::CumSumOp::create(node.builder, node.loc, x.getType(), x, *position, exclusive, reverse), node.dims(x)));
}

/// The first `k` along `axis`, by value: the values and their positions.
std::pair<Value, Value> largest(NodeLowering &node, int64_t axis, int64_t k, bool isLargest) {
  SmallVector<int64_t> permutation = swapWithLast(axis, node.rank(node.input(0)));
  Value x = node.transpose(node.input(0), permutation);
  Dims shape = node.dims(x);
  shape.back() = node.constant(k);
  Type type = TensorBuilder::elementType(x);
  auto op = nn::TopKOp::create(node.builder, node.loc, SymbolicShapes::getType(shape, type), SymbolicShapes::getType(shape, node.builder.getI64Type()), x, isLargest);
  return {node.transpose(node.shaped(op.getValues(), shape), permutation), node.transpose(node.shaped(op.getIndices(), shape), permutation)};
}

LogicalResult topK(NodeLowering &node) {
  FailureOr<int64_t> axis = NodeShapes::normalizeAxis(node.node.getInt("axis", -1), node.rank(node.input(0)));
  if (failed(axis))
    return node.unsupported("the axis is outside the rank");
  std::optional<int64_t> k = node.resultDims()[*axis].getConstant();
  if (!k)
    return topKKernel(node);
  auto [values, indices] = largest(node, *axis, *k, node.node.getInt("largest", 1) != 0);
  return node.replace({values, indices});
}

/// ArgMax and ArgMin are the first of one.
template <bool isLargest> LogicalResult argument(NodeLowering &node) {
  FailureOr<int64_t> axis = NodeShapes::normalizeAxis(node.node.getInt("axis", 0), node.rank(node.input(0)));
  if (failed(axis))
    return node.unsupported("the axis is outside the rank");
  return node.replace(node.reshape(largest(node, *axis, 1, isLargest).second, node.resultDims()));
}

}  // namespace

Value logSoftmax(NodeLowering &node, Value x, int64_t axis) {
  SmallVector<int64_t> permutation = swapWithLast(axis, node.rank(x));
  return node.transpose(logSoftmaxRows(node, node.transpose(x, permutation)), permutation);
}

LogicalResult alongAxis(NodeLowering &node, llvm::function_ref<Value(NodeLowering &, Value)> rows) {
  Value x = node.input(0);
  Dims shape = node.dims(x);
  bool flattens = node.node.getVersion() < 13;
  FailureOr<int64_t> axis = NodeShapes::normalizeAxis(node.node.getInt("axis", flattens ? 1 : -1), shape.size());
  if (failed(axis) || !isa<FloatType>(node.resultElementType()))
    return node.unsupported("expects floats and an axis within the rank");
  if (flattens)
    return node.replace(node.reshape(rows(node, node.reshape(x, flatten(node, shape, *axis))), shape));
  SmallVector<int64_t> permutation = swapWithLast(*axis, shape.size());
  return node.replace(node.transpose(rows(node, node.transpose(x, permutation)), permutation));
}

void addReductionRules(LoweringRules &rules) {
  rules["ai.onnx::ReduceSum"] = reduction<Reduction::sum>;
  rules["ai.onnx::ReduceMax"] = reduction<Reduction::maximum>;
  rules["ai.onnx::ReduceMin"] = reduction<Reduction::minimum>;
  rules["ai.onnx::ReduceMean"] = meanOfElements;
  rules["ai.onnx::ReduceL1"] = sumOf<magnitude, same>;
  rules["ai.onnx::ReduceL2"] = sumOf<square, squareRoot>;
  rules["ai.onnx::ReduceSumSquare"] = sumOf<square, same>;
  rules["ai.onnx::ReduceLogSum"] = sumOf<same, logarithm>;
  rules["ai.onnx::ReduceLogSumExp"] = logSumExp;
  rules["ai.onnx::Softmax"] = softmaxAlongAxis;
  rules["ai.onnx::LogSoftmax"] = logSoftmaxAlongAxis;
  rules["ai.onnx::Hardmax"] = hardmax;
  rules["ai.onnx::CumSum"] = cumulativeSum;
  rules["ai.onnx::TopK"] = topK;
  rules["ai.onnx::ArgMax"] = argument<true>;
  rules["ai.onnx::ArgMin"] = argument<false>;
}

}  // namespace switchyard::raise
