// Normalisations and losses over the channels of [batch, channels, spatial...].
#include "compiler/raise/lower/KernelRules.h"
#include "compiler/raise/lower/ReductionBuilder.h"

#include "kernels/layout/operators.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "llvm/ADT/StringSwitch.h"

using namespace mlir;
using switchyard::kernels::LossReduction;

namespace switchyard::raise {

namespace {

/// Narrow floats are normalised in f32.
Value widen(NodeLowering &node, Value x) {
  return TensorBuilder::elementType(x).isF64() ? x : node.cast(x, node.builder.getF32Type());
}

Value number(OpBuilder &b, Location l, Value like, double value) {
  return arith::ConstantOp::create(b, l, b.getFloatAttr(like.getType(), value));
}

using Body = llvm::function_ref<Value(OpBuilder &, Location, ValueRange)>;

/// The elements of x with the others broadcast to it.
Value apply(NodeLowering &node, ValueRange inputs, Body body) {
  return node.elementwise(inputs, node.dims(inputs.front()), TensorBuilder::elementType(inputs.front()), body);
}

Value subtract(NodeLowering &node, Value x, Value y) {
  return apply(node, {x, y}, [](OpBuilder &b, Location l, ValueRange v) -> Value { return arith::SubFOp::create(b, l, v[0], v[1]); });
}

Value square(NodeLowering &node, Value x) {
  return apply(node, x, [](OpBuilder &b, Location l, ValueRange v) -> Value { return arith::MulFOp::create(b, l, v[0], v[0]); });
}

/// The mean over `axes`, which stay with size 1; null where their elements cannot be counted.
Value mean(NodeLowering &node, Value x, ArrayRef<int64_t> axes) {
  Dims kept = node.dims(x), reduced;
  for (int64_t axis : axes)
    reduced.push_back(std::exchange(kept[axis], node.constant(1)));
  Expression count = countElements(node.shapes.getContext(), reduced);
  if (!count)
    return {};
  Value size = count.getConstant() ? Value() : node.shapes.materialize(count), sum = node.reshape(reduce(node, Reduction::sum, x, axes), kept);
  return apply(node, sum, [&](OpBuilder &b, Location l, ValueRange v) -> Value {
    Type type = v[0].getType();
    Value divisor = size ? Value(arith::SIToFPOp::create(b, l, type, arith::IndexCastOp::create(b, l, b.getI64Type(), size)))
                         : number(b, l, v[0], static_cast<double>(*count.getConstant()));
    return arith::DivFOp::create(b, l, v[0], divisor);
  });
}

/// (x - mean) / (root + outside), where the root is that of variance + inside.
Value standardize(NodeLowering &node, Value centred, Value variance, double inside, double outside) {
  return apply(node, {centred, variance}, [&](OpBuilder &b, Location l, ValueRange v) -> Value {
    Value root = math::SqrtOp::create(b, l, arith::AddFOp::create(b, l, v[1], number(b, l, v[1], inside)));
    if (outside != 0)
      root = arith::AddFOp::create(b, l, root, number(b, l, root, outside));
    return arith::DivFOp::create(b, l, v[0], root);
  });
}

/// A vector with an element for each channel, beside x of rank `rank`, in the type of `like`.
Value perChannel(NodeLowering &node, Value vector, int64_t rank, Value like) {
  Dims shape(rank, node.constant(1));
  shape[1] = node.dims(vector)[0];
  return node.reshape(node.cast(vector, TensorBuilder::elementType(like)), shape);
}

Value scaleAndShift(NodeLowering &node, Value x, Value scale, Value bias) {
  return apply(node, {x, scale, bias}, [](OpBuilder &b, Location l, ValueRange v) -> Value {
    return arith::AddFOp::create(b, l, arith::MulFOp::create(b, l, v[0], v[1]), v[2]);
  });
}

LogicalResult refuseCount(NodeLowering &node) { return node.unsupported("it has too many elements"); }

SmallVector<int64_t> allBut(int64_t kept, int64_t rank) {
  SmallVector<int64_t> axes = llvm::to_vector(llvm::seq<int64_t>(0, rank));
  axes.erase(axes.begin() + kept);
  return axes;
}

/// old * momentum + now * (1 - momentum).
Value average(NodeLowering &node, Value old, Value now, double momentum) {
  Value same = node.cast(node.reshape(now, node.dims(old)), TensorBuilder::elementType(old));
  return apply(node, {old, same}, [&](OpBuilder &b, Location l, ValueRange v) -> Value {
    Value left = arith::MulFOp::create(b, l, v[0], number(b, l, v[0], momentum));
    return arith::AddFOp::create(b, l, left, arith::MulFOp::create(b, l, v[1], number(b, l, v[1], 1 - momentum)));
  });
}

/// With the given mean and variance, or, in training, those of the batch, which then move the given ones.
LogicalResult batchNormalization(NodeLowering &node) {
  Value x = widen(node, node.input(0));
  int64_t rank = node.rank(x);
  bool trains = node.node.getInt("training_mode", 0) != 0;
  if (!trains && llvm::any_of(llvm::seq(1u, node.node.getNumResults()), [&](unsigned index) { return node.isUsed(index); }))
    return node.unsupported("the statistics of a training that is off are read");
  Value means = perChannel(node, node.input(3), rank, x), variances = perChannel(node, node.input(4), rank, x);
  SmallVector<Value> results(1);
  if (trains) {
    double momentum = node.node.getFloat("momentum", 0.9);
    means = mean(node, x, allBut(1, rank));
    variances = means ? mean(node, square(node, subtract(node, x, means)), allBut(1, rank)) : Value();
    if (!variances)
      return refuseCount(node);
    results.push_back(average(node, node.input(3), means, momentum));
    results.push_back(average(node, node.input(4), variances, momentum));
  }
  Value y = standardize(node, subtract(node, x, means), variances, node.node.getFloat("epsilon", 1e-5), 0);
  y = scaleAndShift(node, y, perChannel(node, node.input(1), rank, x), perChannel(node, node.input(2), rank, x));
  results[0] = node.cast(y, node.resultElementType());
  return node.replace(results);
}

/// Normalises each group of channels of each batch.
Value normalizeGroups(NodeLowering &node, Value x, Expression groups) {
  Dims shape = node.dims(x);
  Expression each = divideExactly(shape[1], groups), space = countElements(node.shapes.getContext(), ArrayRef<Expression>(shape).drop_front(2));
  if (!each || !space)
    return {};
  Value rows = node.reshape(x, {shape[0], groups, each * space}), means = mean(node, rows, 2);
  Value centred = means ? subtract(node, rows, means) : Value();
  Value variance = centred ? mean(node, square(node, centred), 2) : Value();
  return variance ? node.reshape(standardize(node, centred, variance, node.node.getFloat("epsilon", 1e-5), 0), shape) : Value();
}

LogicalResult instanceNormalization(NodeLowering &node) {
  Value x = widen(node, node.input(0)), normal = normalizeGroups(node, x, node.dims(x)[1]);
  if (!normal)
    return refuseCount(node);
  int64_t rank = node.rank(x);
  return node.replace(node.cast(scaleAndShift(node, normal, perChannel(node, node.input(1), rank, x), perChannel(node, node.input(2), rank, x)),
                                node.resultElementType()));
}

/// A scale for each group stands for all its channels.
LogicalResult groupNormalization(NodeLowering &node) {
  Value x = widen(node, node.input(0));
  Dims shape = node.dims(x);
  Expression groups = node.constant(node.node.getInt("num_groups", 1)), each = divideExactly(shape[1], groups);
  Value normal = normalizeGroups(node, x, groups);
  if (!normal)
    return refuseCount(node);
  auto factor = [&](Value vector) {
    if (node.node.getVersion() >= 21)
      return perChannel(node, vector, shape.size(), x);
    Value column = node.reshape(node.cast(vector, TensorBuilder::elementType(x)), {groups, node.constant(1)});
    Dims channels(shape.size(), node.constant(1));
    channels[1] = shape[1];
    return node.reshape(node.broadcast(column, {groups, each}), channels);
  };
  return node.replace(node.cast(scaleAndShift(node, normal, factor(node.input(1)), factor(node.input(2))), node.resultElementType()));
}

LogicalResult meanVarianceNormalization(NodeLowering &node) {
  Value x = widen(node, node.input(0));
  auto stated = dyn_cast_or_null<DenseI64ArrayAttr>(node.node.getNodeAttr("axes"));
  SmallVector<int64_t> axes{0, 2, 3};
  if (stated)
    axes.assign(stated.asArrayRef().begin(), stated.asArrayRef().end());
  for (int64_t &axis : axes) {
    FailureOr<int64_t> position = NodeShapes::normalizeAxis(axis, node.rank(x));
    if (failed(position))
      return node.unsupported("the axis is outside the rank");
    axis = *position;
  }
  llvm::sort(axes);
  axes.erase(llvm::unique(axes), axes.end());
  Value means = mean(node, x, axes), centred = means ? subtract(node, x, means) : Value();
  Value variance = centred ? mean(node, square(node, centred), axes) : Value();
  return variance ? node.replace(node.cast(standardize(node, centred, variance, 0, 1e-9), node.resultElementType())) : refuseCount(node);
}

/// x divided by the norm along an axis; 0 where that is 0.
LogicalResult lpNormalization(NodeLowering &node) {
  Value x = widen(node, node.input(0));
  int64_t p = node.node.getInt("p", 2);
  FailureOr<int64_t> axis = NodeShapes::normalizeAxis(node.node.getInt("axis", -1), node.rank(x));
  if (failed(axis) || (p != 1 && p != 2))
    return node.unsupported("expects an exponent p of 1 or 2");
  Value powers = p == 2 ? square(node, x)
                        : apply(node, x, [](OpBuilder &b, Location l, ValueRange v) -> Value { return math::AbsFOp::create(b, l, v[0]); });
  Dims column = node.dims(x);
  column[*axis] = node.constant(1);
  Value sum = node.reshape(reduce(node, Reduction::sum, powers, *axis), column);
  Value result = apply(node, {x, sum}, [&](OpBuilder &b, Location l, ValueRange v) -> Value {
    Value norm = p == 2 ? Value(math::SqrtOp::create(b, l, v[1])) : v[1], zero = number(b, l, norm, 0);
    Value isZero = arith::CmpFOp::create(b, l, arith::CmpFPredicate::OEQ, norm, zero);
    return arith::SelectOp::create(b, l, isZero, zero, arith::DivFOp::create(b, l, v[0], norm));
  });
  return node.replace(node.cast(result, node.resultElementType()));
}

/// The loss of log-probabilities; null where its reduction is unknown.
Value lossOf(NodeLowering &node, Value logarithms) {
  std::optional<LossReduction> reduction = llvm::StringSwitch<std::optional<LossReduction>>(node.node.getString("reduction", "mean"))
                                               .Case("none", LossReduction::none)
                                               .Case("sum", LossReduction::sum)
                                               .Case("mean", LossReduction::mean)
                                               .Default(std::nullopt);
  if (!reduction)
    return {};
  bool ignores = node.node.getNodeAttr("ignore_index") != nullptr;
  KernelResult result{node.resultDims(), node.resultElementType()};
  return node
      .callKernelWith("negative_log_likelihood", {logarithms, node.input(1), node.input(2)}, result,
                      {{"reduction", static_cast<int64_t>(*reduction)}, {"ignores", ignores}, {"ignored", node.node.getInt("ignore_index", 0)}})
      .front();
}

LogicalResult refuseReduction(NodeLowering &node) { return node.unsupported("expects the reduction none, sum or mean"); }

LogicalResult negativeLogLikelihood(NodeLowering &node) {
  Value loss = lossOf(node, node.input(0));
  return loss ? node.replace(loss) : refuseReduction(node);
}

/// The log-probabilities are a second result.
LogicalResult softmaxCrossEntropy(NodeLowering &node) {
  Value logarithms = logSoftmax(node, node.input(0), 1), loss = lossOf(node, logarithms);
  return loss ? node.replace({loss, logarithms}) : refuseReduction(node);
}

}  // namespace

void addChannelRules(LoweringRules &rules) {
  rules["ai.onnx::BatchNormalization"] = batchNormalization;
  rules["ai.onnx::InstanceNormalization"] = instanceNormalization;
  rules["ai.onnx::GroupNormalization"] = groupNormalization;
  rules["ai.onnx::MeanVarianceNormalization"] = meanVarianceNormalization;
  rules["ai.onnx::LpNormalization"] = lpNormalization;
  rules["ai.onnx::NegativeLogLikelihoodLoss"] = negativeLogLikelihood;
  rules["ai.onnx::SoftmaxCrossEntropyLoss"] = softmaxCrossEntropy;
}

}  // namespace switchyard::raise
