// Normalisation over the places of a channel or of a group of channels, by stored statistics, and by a norm along an axis.
#include "compiler/raise/lower/NodeLowering.h"
#include "compiler/raise/lower/ReductionBuilder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;

namespace switchyard::raise {

namespace {

Value number(OpBuilder &b, Location l, Type type, double value) { return arith::ConstantOp::create(b, l, b.getFloatAttr(type, value)); }

/// `shape` with 1 along `axes`.
Dims without(NodeLowering &node, Dims shape, ArrayRef<int64_t> axes) {
  for (int64_t axis : axes)
    shape[axis] = node.constant(1);
  return shape;
}

/// (x - mean) / (sqrt(variance + inside) + outside), over the dimensions `axes`; null where they have too many elements.
Value standardize(NodeLowering &node, Value x, ArrayRef<int64_t> axes, double inside, double outside) {
  Dims shape = node.dims(x), kept = without(node, shape, axes);
  Type type = TensorBuilder::elementType(x);
  Value average = mean(node, x, axes);
  if (!average)
    return {};
  Value distance = node.elementwise({x, node.reshape(average, kept)}, shape, type, [](OpBuilder &b, Location l, ValueRange v) -> Value {
    return arith::SubFOp::create(b, l, v[0], v[1]);
  });
  Value squares = node.elementwise(distance, shape, type, [](OpBuilder &b, Location l, ValueRange v) -> Value {
    return arith::MulFOp::create(b, l, v[0], v[0]);
  });
  Value variance = node.reshape(mean(node, squares, axes), kept);
  return node.elementwise({distance, variance}, shape, type, [&](OpBuilder &b, Location l, ValueRange v) -> Value {
    Value deviation = math::SqrtOp::create(b, l, arith::AddFOp::create(b, l, v[1], number(b, l, type, inside)));
    return arith::DivFOp::create(b, l, v[0], arith::AddFOp::create(b, l, deviation, number(b, l, type, outside)));
  });
}

/// One number for each channel, dimension 1 of `rank`.
Value perChannel(NodeLowering &node, Value vector, size_t rank) {
  Dims shape(rank, node.constant(1));
  shape[1] = node.dims(vector)[0];
  return node.reshape(vector, shape);
}

/// x * scale + bias, by channel.
Value scaleChannels(NodeLowering &node, Value x, Value scale, Value bias) {
  Dims shape = node.dims(x);
  SmallVector<Value> inputs{x, perChannel(node, scale, shape.size()), perChannel(node, bias, shape.size())};
  return node.elementwise(inputs, shape, TensorBuilder::elementType(x), [](OpBuilder &b, Location l, ValueRange v) -> Value {
    return arith::AddFOp::create(b, l, arith::MulFOp::create(b, l, v[0], v[1]), v[2]);
  });
}

LogicalResult instanceNormalization(NodeLowering &node) {
  Value x = node.input(0);
  SmallVector<int64_t> axes = llvm::to_vector(llvm::seq<int64_t>(2, node.rank(x)));
  Value normal = standardize(node, x, axes, node.node.getFloat("epsilon", 1e-5), 0.0);
  return normal ? node.replace(scaleChannels(node, normal, node.input(1), node.input(2))) : node.unsupported("it has too many elements");
}

/// The channels of a group, and their places, are one dimension.
LogicalResult groupNormalization(NodeLowering &node) {
  Value x = node.input(0);
  Dims shape = node.dims(x);
  int64_t groups = node.node.getInt("num_groups", 0), channels = *shape[1].getConstant();
  if (node.node.getVersion() < 21)
    return node.unsupported("scale and bias of a whole group are not supported: convert the model to version 21");
  Expression places = countElements(node.shapes.getContext(), ArrayRef<Expression>(shape).drop_front(2));
  if (!places)
    return node.unsupported("it has too many elements");
  Value grouped = node.reshape(x, {shape[0], node.constant(groups), node.constant(channels / groups) * places});
  Value normal = standardize(node, grouped, {2}, node.node.getFloat("epsilon", 1e-5), 0.0);
  return node.replace(scaleChannels(node, node.reshape(normal, shape), node.input(1), node.input(2)));
}

LogicalResult meanVarianceNormalization(NodeLowering &node) {
  FailureOr<SmallVector<int64_t>> axes = getNormalizedAxes(node.facts);
  Value normal = standardize(node, node.input(0), *axes, 0.0, 1e-9);
  return normal ? node.replace(normal) : node.unsupported("it has too many elements");
}

/// old * momentum + now * (1 - momentum), of vectors.
Value moveAverage(NodeLowering &node, Value old, Value now, double momentum) {
  Type type = TensorBuilder::elementType(old);
  return node.elementwise({old, now}, node.dims(old), type, [&](OpBuilder &b, Location l, ValueRange v) -> Value {
    Value kept = arith::MulFOp::create(b, l, v[0], number(b, l, type, momentum));
    return arith::AddFOp::create(b, l, kept, arith::MulFOp::create(b, l, v[1], number(b, l, type, 1 - momentum)));
  });
}

/// The mean and the variance of each channel in the batch; null where a channel has too many elements.
std::pair<Value, Value> statisticsOf(NodeLowering &node, Value x) {
  SmallVector<int64_t> axes{0};
  llvm::append_range(axes, llvm::seq<int64_t>(2, node.rank(x)));
  Value average = mean(node, x, axes);
  if (!average)
    return {};
  Value squares = node.elementwise({x, perChannel(node, average, node.rank(x))}, node.dims(x), TensorBuilder::elementType(x),
                                   [](OpBuilder &b, Location l, ValueRange v) -> Value {
                                     Value distance = arith::SubFOp::create(b, l, v[0], v[1]);
                                     return arith::MulFOp::create(b, l, distance, distance);
                                   });
  return {average, mean(node, squares, axes)};
}

/// By the mean and the variance that the model has learnt; in training mode by those of the batch, which move the learnt ones.
LogicalResult batchNormalization(NodeLowering &node) {
  onnx::NodeOp op = node.node;
  bool trains = op.getInt("training_mode", 0) != 0;
  if (op.getVersion() < 7 || (!trains && (node.isUsed(1) || node.isUsed(2))))
    return node.unsupported("training mode is not supported");
  if (op.getInt("spatial", 1) != 1)
    return node.unsupported("statistics of each place are not supported");
  Value x = node.input(0);
  Dims shape = node.dims(x);
  Type type = TensorBuilder::elementType(x);
  std::pair<Value, Value> statistics{node.input(3), node.input(4)};
  if (trains)
    statistics = statisticsOf(node, x);
  if (!statistics.first)
    return node.unsupported("it has too many elements");
  SmallVector<Value> inputs{x};
  for (Value vector : {node.input(1), node.input(2), statistics.first, statistics.second})
    inputs.push_back(perChannel(node, vector, shape.size()));
  double epsilon = op.getFloat("epsilon", 1e-5);
  Value result = node.elementwise(inputs, shape, type, [&](OpBuilder &b, Location l, ValueRange v) -> Value {
    Value deviation = math::SqrtOp::create(b, l, arith::AddFOp::create(b, l, v[4], number(b, l, type, epsilon)));
    Value normal = arith::DivFOp::create(b, l, arith::SubFOp::create(b, l, v[0], v[3]), deviation);
    return arith::AddFOp::create(b, l, arith::MulFOp::create(b, l, normal, v[1]), v[2]);
  });
  SmallVector<Value> results(std::max(op.getNumResults(), 3u));
  results[0] = result;
  if (trains) {
    double momentum = op.getFloat("momentum", 0.9);
    results[1] = moveAverage(node, node.input(3), statistics.first, momentum);
    results[2] = moveAverage(node, node.input(4), statistics.second, momentum);
  }
  return node.replace(ArrayRef<Value>(results).take_front(op.getNumResults()));
}

/// x divided by the sum of its magnitudes, or the root of the sum of its squares, along an axis; 0 where that is 0.
LogicalResult lpNormalization(NodeLowering &node) {
  Value x = node.input(0);
  Dims shape = node.dims(x);
  Type type = TensorBuilder::elementType(x);
  FailureOr<int64_t> axis = NodeShapes::normalizeAxis(node.node.getInt("axis", -1), shape.size());
  int64_t p = node.node.getInt("p", 2);
  if (p != 1 && p != 2)
    return node.unsupported("p is neither 1 nor 2");
  Value powers = node.elementwise(x, shape, type, [&](OpBuilder &b, Location l, ValueRange v) -> Value {
    return p == 1 ? Value(math::AbsFOp::create(b, l, v[0])) : Value(arith::MulFOp::create(b, l, v[0], v[0]));
  });
  Value sum = node.reshape(reduce(node, Reduction::sum, powers, *axis), without(node, shape, *axis));
  return node.replace(node.elementwise({x, sum}, shape, type, [&](OpBuilder &b, Location l, ValueRange v) -> Value {
    Value norm = p == 1 ? v[1] : Value(math::SqrtOp::create(b, l, v[1])), zero = number(b, l, type, 0.0);
    Value isZero = arith::CmpFOp::create(b, l, arith::CmpFPredicate::OEQ, norm, zero);
    return arith::SelectOp::create(b, l, isZero, zero, arith::DivFOp::create(b, l, v[0], norm));
  }));
}

}  // namespace

void addChannelNormRules(LoweringRules &rules) {
  rules["ai.onnx::InstanceNormalization"] = instanceNormalization;
  rules["ai.onnx::GroupNormalization"] = groupNormalization;
  rules["ai.onnx::MeanVarianceNormalization"] = meanVarianceNormalization;
  rules["ai.onnx::BatchNormalization"] = batchNormalization;
  rules["ai.onnx::LpNormalization"] = lpNormalization;
}

}  // namespace switchyard::raise
