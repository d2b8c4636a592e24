// Functions that are x above 0: relu, relu6 and squares of relu, by clamps; leaky relu and elu, by a maximum or a Where.
#include "compiler/raise/experts/Pointwise.h"

#include <cmath>

using namespace mlir;

namespace switchyard::raise {

namespace {

using moe::ActivationKind;

/// x within [low, high], either of which may be missing.
struct Clamp {
  Value input;
  std::optional<double> low, high;
};

/// `node` as one clamp: a Clip, a Relu, a Max or a Min with a constant. Bounds that are no constants make it none.
std::optional<Clamp> readClamp(onnx::NodeOp node) {
  if (!node || node.getDomain() != "ai.onnx")
    return std::nullopt;
  if (node.getType() == "Relu")
    return Clamp{node.getInputs()[0], 0.0, std::nullopt};
  if (node.getType() == "Clip") {
    std::optional<double> low = getScalarConstant(node.getInput(1)), high = getScalarConstant(node.getInput(2));
    bool known = (low || !node.getInput(1)) && (high || !node.getInput(2));
    return known ? std::optional(Clamp{node.getInputs()[0], low, high}) : std::nullopt;
  }
  if ((node.getType() != "Max" && node.getType() != "Min") || node.getInputs().size() != 2)
    return std::nullopt;
  std::optional<unsigned> bound = findOperand(node, [](Value v) { return getScalarConstant(v).has_value(); });
  if (!bound)
    return std::nullopt;
  Clamp clamp{node.getInputs()[1 - *bound], std::nullopt, std::nullopt};
  (node.getType() == "Max" ? clamp.low : clamp.high) = getScalarConstant(node.getInputs()[*bound]);
  return clamp;
}

/// x and alpha of alpha * (e^x - 1), and its nodes.
std::optional<Scaled> readExponential(Value value, SmallVectorImpl<Operation *> &nodes) {
  Scaled result;
  if (onnx::NodeOp product = getDefiner(value, "Mul")) {
    std::optional<Scaled> scaled = readScaled(product);
    if (!scaled)
      return std::nullopt;
    nodes.push_back(product);
    result.alpha = scaled->alpha;
    value = scaled->input;
  }
  onnx::NodeOp difference = getDefiner(value, "Sub"), sum = getDefiner(value, "Add");
  if (difference && !isScalarConstant(difference.getInputs()[1], 1.0))
    return std::nullopt;
  onnx::NodeOp exponential = getDefiner(difference ? difference.getInputs()[0] : otherThanConstant(sum, -1.0), "Exp");
  if (!exponential)
    return std::nullopt;
  nodes.append({difference ? difference : sum, exponential});
  result.input = exponential.getInputs()[0];
  return result;
}

}  // namespace

std::optional<Pointwise> readClipped(onnx::NodeOp node) {
  std::optional<Clamp> outer = readClamp(node);
  if (!outer)
    return std::nullopt;
  SmallVector<Operation *> nodes{node};
  auto behind = outer->input.getDefiningOp<onnx::NodeOp>();
  if (std::optional<Clamp> inner = readClamp(behind); inner && outer->low.has_value() != outer->high.has_value()) {
    bool completes = outer->low ? !inner->low && inner->high : inner->low && !inner->high;
    if (completes) {
      nodes.push_back(behind);
      outer = Clamp{inner->input, outer->low ? outer->low : inner->low, outer->high ? outer->high : inner->high};
    }
  }
  if (outer->low != 0.0 || (outer->high && *outer->high != 6.0))
    return std::nullopt;
  return Pointwise{outer->high ? ActivationKind::relu6 : ActivationKind::relu, outer->input, 1.0, nodes};
}

std::optional<Pointwise> readSquare(onnx::NodeOp node) {
  Value value = node.getInputs()[0], other = node.getInputs()[1];
  if (node.getType() == "Pow" ? !isScalarConstant(other, 2.0) : other != value)
    return std::nullopt;
  auto behind = value.getDefiningOp<onnx::NodeOp>();
  std::optional<Pointwise> relu = behind ? readClipped(behind) : std::nullopt;
  if (!relu || relu->kind != ActivationKind::relu)
    return std::nullopt;
  relu->kind = ActivationKind::relu_squared;
  relu->nodes.insert(relu->nodes.begin(), node);
  return relu;
}

std::optional<Pointwise> readLarger(onnx::NodeOp maximum) {
  if (maximum.getInputs().size() != 2)
    return std::nullopt;
  for (unsigned index : {0u, 1u}) {
    onnx::NodeOp product = getDefiner(maximum.getInputs()[index], "Mul");
    std::optional<Scaled> scaled = readScaled(product);
    if (!scaled || scaled->input != maximum.getInputs()[1 - index])
      continue;
    bool known = scaled->alpha > 0.0 && scaled->alpha <= 1.0;
    return Pointwise{ActivationKind::leaky_relu, scaled->input, scaled->alpha, {maximum, product}, known};
  }
  return std::nullopt;
}

std::optional<Pointwise> readBelowZero(onnx::NodeOp where) {
  std::optional<Choice> choice = readChoice(where);
  if (!choice || choice->bound != 0.0 || choice->above != choice->x)
    return std::nullopt;
  SmallVector<Operation *> nodes = choice->nodes;
  if (std::optional<Scaled> elu = readExponential(choice->below, nodes); elu && elu->input == choice->x)
    return Pointwise{ActivationKind::elu, choice->x, elu->alpha, nodes, std::isfinite(elu->alpha)};
  onnx::NodeOp product = getDefiner(choice->below, "Mul");
  std::optional<Scaled> scaled = readScaled(product);
  if (!scaled || scaled->input != choice->x)
    return std::nullopt;
  choice->nodes.push_back(product);
  return Pointwise{ActivationKind::leaky_relu, choice->x, scaled->alpha, choice->nodes, std::isfinite(scaled->alpha)};
}

}  // namespace switchyard::raise
