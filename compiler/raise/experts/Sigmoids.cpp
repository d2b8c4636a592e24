// Functions of exponentials: sigmoid and silu, softplus and mish; and the hard sigmoid, which stands for the first.
#include "compiler/raise/experts/Pointwise.h"

#include <cmath>

using namespace mlir;

namespace switchyard::raise {

namespace {

using moe::ActivationKind;

/// x of 1 + e^-x.
Value readDenominator(Value value, SmallVectorImpl<Operation *> &nodes) {
  onnx::NodeOp sum = getDefiner(value, "Add");
  onnx::NodeOp exponential = getDefiner(otherThanConstant(sum, 1.0), "Exp");
  onnx::NodeOp negative = exponential ? getDefiner(exponential.getInputs()[0], "Neg") : onnx::NodeOp();
  if (!negative)
    return {};
  nodes.append({sum, exponential, negative});
  return negative.getInputs()[0];
}

/// x of 1 / (1 + e^-x), which may be one node.
Value readLogistic(Value value, SmallVectorImpl<Operation *> &nodes) {
  onnx::NodeOp sigmoid = getDefiner(value, "Sigmoid"), reciprocal = getDefiner(value, "Reciprocal"), quotient = getDefiner(value, "Div");
  if (sigmoid) {
    nodes.push_back(sigmoid);
    return sigmoid.getInputs()[0];
  }
  if (!reciprocal && (!quotient || !isScalarConstant(quotient.getInputs()[0], 1.0)))
    return {};
  nodes.push_back(reciprocal ? reciprocal : quotient);
  return readDenominator(reciprocal ? reciprocal.getInputs()[0] : quotient.getInputs()[1], nodes);
}

/// alpha, where `value` is alpha * x.
std::optional<double> readFactor(Value value, Value x, SmallVectorImpl<Operation *> &nodes) {
  if (value == x)
    return 1.0;
  onnx::NodeOp product = getDefiner(value, "Mul");
  std::optional<Scaled> scaled = readScaled(product);
  if (!scaled || scaled->input != x)
    return std::nullopt;
  nodes.push_back(product);
  return scaled->alpha;
}

/// Softplus of alpha * x, divided by alpha.
struct ScaledSoftplus {
  Value input, argument;  // x; alpha * x
  double alpha = 1.0;
  bool overflows = false;  // its exponential does, where x is large
  SmallVector<Operation *> nodes;
};

/// Softplus(x), Log(1 + e^x), or either of alpha * x divided by alpha.
std::optional<ScaledSoftplus> readScaledSoftplus(Value value) {
  ScaledSoftplus result;
  onnx::NodeOp product = getDefiner(value, "Mul"), quotient = getDefiner(value, "Div");
  double factor = 1.0;
  if (std::optional<Scaled> scaled = readScaled(product)) {
    result.nodes.push_back(product);
    value = scaled->input, factor = scaled->alpha;
  } else if (std::optional<double> divisor = quotient ? getScalarConstant(quotient.getInputs()[1]) : std::nullopt) {
    result.nodes.push_back(quotient);
    value = quotient.getInputs()[0], factor = 1.0 / *divisor;
  }
  if (onnx::NodeOp softplus = getDefiner(value, "Softplus")) {
    result.nodes.push_back(softplus);
    result.argument = softplus.getInputs()[0];
  } else {
    onnx::NodeOp logarithm = getDefiner(value, "Log");
    onnx::NodeOp sum = logarithm ? getDefiner(logarithm.getInputs()[0], "Add") : onnx::NodeOp();
    onnx::NodeOp exponential = getDefiner(otherThanConstant(sum, 1.0), "Exp");
    if (!exponential)
      return std::nullopt;
    result.nodes.append({logarithm, sum, exponential});
    result.argument = exponential.getInputs()[0];
    result.overflows = true;
  }
  result.input = result.argument;
  if (factor == 1.0)
    return result;
  onnx::NodeOp inner = getDefiner(result.argument, "Mul");
  std::optional<Scaled> scaled = readScaled(inner);
  if (!scaled || scaled->alpha == 0.0 || !std::isfinite(scaled->alpha) || !isNear(factor * scaled->alpha, 1.0))
    return std::nullopt;
  result.nodes.push_back(inner);
  result.input = scaled->input;
  result.alpha = scaled->alpha;
  return result;
}

/// Softplus where x is not above a bound beyond which f32 does not tell the two apart, and x elsewhere.
std::optional<Pointwise> readBoundedSoftplus(onnx::NodeOp where) {
  constexpr double equalFrom = 15.0;
  const double exponentialUntil = getElementTypeOrSelf(where.getResult(0)).isF16() ? 11.0 : 88.0;
  std::optional<Choice> choice = readChoice(where);
  std::optional<ScaledSoftplus> softplus = choice ? readScaledSoftplus(choice->below) : std::nullopt;
  if (!softplus || choice->above != softplus->input || choice->x != softplus->argument)
    return std::nullopt;
  bool known = choice->bound >= equalFrom && !(softplus->overflows && choice->bound > exponentialUntil);
  softplus->nodes.append(choice->nodes);
  return Pointwise{ActivationKind::softplus, softplus->input, softplus->alpha, softplus->nodes, known};
}

/// x divided by 6 and moved by a half.
Value readShiftedSixth(Value value, SmallVectorImpl<Operation *> &nodes) {
  onnx::NodeOp sum = getDefiner(value, "Add");
  Value moved = otherThanConstant(sum, 0.5);
  onnx::NodeOp quotient = getDefiner(moved, "Div"), product = getDefiner(moved, "Mul");
  if (quotient && !isScalarConstant(quotient.getInputs()[1], 6.0))
    return {};
  nodes.append({sum, quotient ? quotient : product});
  return quotient ? quotient.getInputs()[0] : otherThanConstant(product, 1.0 / 6.0);
}

/// The hard sigmoid of x, or 6 times that.
struct HardSigmoid {
  Value input;
  double times = 1.0;
  SmallVector<Operation *> nodes;
};
std::optional<HardSigmoid> readHardSigmoid(Value value) {
  auto node = value.getDefiningOp<onnx::NodeOp>();
  if (!node)
    return std::nullopt;
  if (node.getOpType() == "ai.onnx::HardSigmoid") {
    std::optional<Pointwise> function = readPointwise(value);
    return function && function->inRange ? std::optional(HardSigmoid{function->input, 1.0, function->nodes}) : std::nullopt;
  }
  HardSigmoid result;
  if (onnx::NodeOp clip = getDefiner(value, "Clip"); clip && isScalarConstant(clip.getInput(1), 0.0) && isScalarConstant(clip.getInput(2), 1.0)) {
    result.nodes.push_back(clip);
    result.input = readShiftedSixth(clip.getInputs()[0], result.nodes);
  } else if (std::optional<Pointwise> clipped = readClipped(node); clipped && clipped->kind == ActivationKind::relu6) {
    onnx::NodeOp sum = getDefiner(clipped->input, "Add");
    result.nodes = clipped->nodes;
    result.nodes.push_back(sum);
    result.input = otherThanConstant(sum, 3.0);
    result.times = 6.0;
  }
  return result.input ? std::optional(result) : std::nullopt;
}

/// The factors of products and of divisions by constants: the constants' product, and the others.
struct Factors {
  double scale = 1.0;
  SmallVector<Value> values;
  SmallVector<Operation *> nodes;
};
void collectScaledFactors(Value value, Factors &factors) {
  constexpr size_t mostNodes = 4;
  onnx::NodeOp product = getDefiner(value, "Mul"), quotient = getDefiner(value, "Div");
  std::optional<double> divisor = quotient ? getScalarConstant(quotient.getInputs()[1]) : std::nullopt;
  if ((!product && !divisor) || factors.nodes.size() == mostNodes) {
    // A sixth that went through a narrower type is one.
    if (std::optional<double> constant = getScalarConstant(value))
      factors.scale *= isScalarConstant(value, 1.0 / 6.0) ? 1.0 / 6.0 : *constant;
    else
      factors.values.push_back(value);
    return;
  }
  factors.nodes.push_back(product ? product : quotient);
  factors.scale /= divisor.value_or(1.0);
  for (Value factor : product ? ValueRange(product.getInputs()) : ValueRange(quotient.getInputs()).take_front())
    collectScaledFactors(factor, factors);
}

}  // namespace

std::optional<Pointwise> readSigmoid(onnx::NodeOp node) {
  SmallVector<Operation *> nodes;
  Value x = readLogistic(node.getResult(0), nodes);
  return x ? std::optional(Pointwise{ActivationKind::sigmoid, x, 1.0, nodes}) : std::nullopt;
}

/// x * sigmoid(alpha * x), or x / (1 + e^(-alpha * x)).
std::optional<Pointwise> readSilu(onnx::NodeOp node) {
  bool isProduct = node.getType() == "Mul";
  for (unsigned index = 0; index < (isProduct ? 2u : 1u); ++index) {
    Value x = node.getInputs()[index], other = node.getInputs()[1 - index];
    SmallVector<Operation *> nodes{node};
    Value argument = isProduct ? readLogistic(other, nodes) : readDenominator(other, nodes);
    if (std::optional<double> alpha = argument ? readFactor(argument, x, nodes) : std::nullopt)
      return Pointwise{ActivationKind::silu, x, *alpha, nodes};
  }
  return std::nullopt;
}

std::optional<Pointwise> readSoftplus(onnx::NodeOp node) {
  if (node.getType() == "Where")
    return readBoundedSoftplus(node);
  std::optional<ScaledSoftplus> softplus = readScaledSoftplus(node.getResult(0));
  // What overflows is infinite where softplus is x.
  if (!softplus || softplus->overflows)
    return std::nullopt;
  return Pointwise{ActivationKind::softplus, softplus->input, softplus->alpha, softplus->nodes};
}

std::optional<Pointwise> readMish(onnx::NodeOp product) {
  for (unsigned index : {0u, 1u}) {
    Value x = product.getInputs()[index];
    onnx::NodeOp tanh = getDefiner(product.getInputs()[1 - index], "Tanh");
    if (!tanh)
      continue;
    onnx::NodeOp where = getDefiner(tanh.getInputs()[0], "Where");
    std::optional<Pointwise> bounded = where ? readBoundedSoftplus(where) : std::nullopt;
    // The tanh of what overflows is 1, as it is to be.
    std::optional<ScaledSoftplus> softplus = where ? std::nullopt : readScaledSoftplus(tanh.getInputs()[0]);
    bool isOfX = where ? bounded && bounded->input == x && bounded->alpha == 1.0 : softplus && softplus->input == x && softplus->alpha == 1.0;
    if (!isOfX)
      continue;
    SmallVector<Operation *> nodes{product, tanh};
    nodes.append(where ? bounded->nodes : softplus->nodes);
    return Pointwise{ActivationKind::mish, x, 1.0, nodes, !where || bounded->inRange};
  }
  return std::nullopt;
}

std::optional<Pointwise> readHard(onnx::NodeOp node) {
  Factors factors;
  collectScaledFactors(node.getResult(0), factors);
  if (factors.values.empty() || factors.values.size() > 2)
    return std::nullopt;
  for (size_t index = 0; index < factors.values.size(); ++index) {
    std::optional<HardSigmoid> hard = readHardSigmoid(factors.values[index]);
    bool isProduct = factors.values.size() == 2;
    if (!hard || !isNear(factors.scale * hard->times, 1.0) || (isProduct && factors.values[1 - index] != hard->input))
      continue;
    hard->nodes.append(factors.nodes);
    return Pointwise{isProduct ? ActivationKind::hard_swish : ActivationKind::hard_sigmoid, hard->input, 1.0, hard->nodes};
  }
  return std::nullopt;
}

}  // namespace switchyard::raise
