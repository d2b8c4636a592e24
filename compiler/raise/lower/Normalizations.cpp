// Layer and root-mean-square normalisation, also of a residual sum.
#include "compiler/raise/lower/NodeLowering.h"
#include "compiler/raise/lower/ReductionBuilder.h"
#include "dialects/nn/NnDialect.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;

namespace switchyard::raise {

namespace {

/// Normalises the last axis of x; without `centred` by the root mean square.
Value normalize(NodeLowering &node, Value x, Value scale, Value bias, bool centred, double defaultEpsilon) {
  FloatAttr epsilon = node.builder.getF64FloatAttr(node.node.getFloat("epsilon", defaultEpsilon));
  if (centred)
    return node.shaped(nn::LayerNormOp::create(node.builder, node.loc, x.getType(), x, scale, bias, epsilon), node.dims(x));
  return node.shaped(nn::RmsNormOp::create(node.builder, node.loc, x.getType(), x, scale, epsilon), node.dims(x));
}

/// The mean of each row, and one over its deviation.
std::pair<Value, Value> statistics(NodeLowering &node, Value rows) {
  Dims shape = node.dims(rows), column(shape);
  column.back() = node.constant(1);
  int64_t last = shape.size() - 1;
  Type type = TensorBuilder::elementType(rows);
  Value average = mean(node, rows, last);
  Value squares = node.elementwise({rows, node.reshape(average, column)}, shape, type, [](OpBuilder &b, Location l, ValueRange x) -> Value {
    Value distance = arith::SubFOp::create(b, l, x[0], x[1]);
    return arith::MulFOp::create(b, l, distance, distance);
  });
  Value variance = mean(node, squares, last);
  double epsilon = node.node.getFloat("epsilon", 1e-5);
  return {average, node.elementwise(variance, node.dims(variance), type, [&](OpBuilder &b, Location l, ValueRange x) -> Value {
            Value sum = arith::AddFOp::create(b, l, x[0], arith::ConstantOp::create(b, l, b.getFloatAttr(type, epsilon)));
            Value one = arith::ConstantOp::create(b, l, b.getFloatAttr(type, 1.0));
            return arith::DivFOp::create(b, l, one, math::SqrtOp::create(b, l, sum));
          })};
}

/// The dimensions from `axis` on are one axis of the norm.
template <bool centred> LogicalResult norm(NodeLowering &node) {
  Value x = node.input(0), scale = node.input(1), bias = node.input(2);
  bool givesStatistics = node.isUsed(1) || node.isUsed(2);
  if (!scale || (givesStatistics && !centred))
    return node.unsupported("expects a scale, and no use of the mean and the deviation");
  Dims shape = node.dims(x);
  FailureOr<int64_t> axis = NodeShapes::normalizeAxis(node.node.getInt("axis", -1), shape.size());
  if (failed(axis))
    return node.unsupported("the axis is outside the rank");
  Expression width = countElements(node.shapes.getContext(), ArrayRef<Expression>(shape).drop_front(*axis));
  auto vector = [&](Value value) { return value ? node.reshape(value, width) : value; };
  auto spans = [&](Value value) { return countElements(node.shapes.getContext(), node.dims(value)).isProvedEqual(width); };
  if (!spans(scale) || (bias && !spans(bias)))
    return node.unsupported("scale and bias must have one element for each that is normalised");
  Dims rows(ArrayRef<Expression>(shape).take_front(*axis));
  rows.push_back(width);
  Value flat = node.reshape(x, rows);
  SmallVector<Value> results{node.reshape(normalize(node, flat, vector(scale), vector(bias), centred, 1e-5), shape)};
  if (givesStatistics) {
    auto [average, deviation] = statistics(node, flat);
    results.append({node.reshape(average, node.resultDims(1)), node.reshape(deviation, node.resultDims(1))});
  }
  results.resize(node.node.getNumResults());
  return node.replace(results);
}

/// Normalises input + skip (+ bias); the sum is the fourth result.
template <bool centred> LogicalResult skipNorm(NodeLowering &node) {
  if (failed(node.expectAttributes({"epsilon"})))
    return failure();
  Value scale = node.input(2), beta = centred ? node.input(3) : Value(), bias = node.input(centred ? 4 : 3);
  if (!scale || node.isUsed(1) || node.isUsed(2))
    return node.unsupported("expects a scale, and no use of the mean and the deviation");
  SmallVector<Value> addends{node.input(0), node.input(1)};
  if (bias)
    addends.push_back(bias);
  Value sum = node.elementwise(addends, node.resultDims(), node.resultElementType(), [](OpBuilder &b, Location l, ValueRange x) {
    Value all = x.front();
    for (Value next : x.drop_front())
      all = arith::AddFOp::create(b, l, all, next);
    return all;
  });
  return node.replace({normalize(node, sum, scale, beta, centred, 1e-12), Value(), Value(), sum});
}

}  // namespace

void addNormalizationRules(LoweringRules &rules) {
  rules["ai.onnx::LayerNormalization"] = norm<true>;
  for (llvm::StringRef name : {"ai.onnx::RMSNormalization", "ai.onnx::SimplifiedLayerNormalization", "com.microsoft::SimplifiedLayerNormalization"})
    rules[name] = norm<false>;
  rules["com.microsoft::SkipLayerNormalization"] = skipNorm<true>;
  rules["com.microsoft::SkipSimplifiedLayerNormalization"] = skipNorm<false>;
}

}  // namespace switchyard::raise
