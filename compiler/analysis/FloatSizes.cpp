#include "compiler/analysis/FloatSizes.h"

#include "mlir/IR/Matchers.h"

#include <algorithm>
#include <cmath>

using namespace mlir;

namespace switchyard {

namespace {

/// What the chain does to one number, in the precision of its tensor.
enum class StepKind { round, multiply, divide, ceil, floor };
struct Step {
  StepKind kind;
  double operand;
  bool isDouble;
};

/// A chain from an integer to a float, first step first.
struct Chain {
  Expression start;
  SmallVector<Step> steps;
};

constexpr unsigned mostSteps = 8;
constexpr int64_t provedNumbers = int64_t{1} << 20;

/// By the facts: the types of values may not be refined yet.
bool isDouble(Value value, SymbolicShapes &shapes) {
  const TensorFacts *facts = shapes.getFacts(value);
  return facts && facts->elementType.isF64();
}
bool isFloat(Value value, SymbolicShapes &shapes) {
  const TensorFacts *facts = shapes.getFacts(value);
  return facts && (facts->elementType.isF32() || facts->elementType.isF64());
}

std::optional<double> getConstant(Value value) {
  DenseElementsAttr elements;
  if (!value || !matchPattern(value, m_Constant(&elements)) || elements.getNumElements() != 1 || !isa<FloatType>(elements.getElementType()))
    return std::nullopt;
  return elements.getSplatValue<APFloat>().convertToDouble();
}

/// Reads one node of the chain backwards: records what it does, and returns what it does it to; null where it is none.
Value readStep(onnx::NodeOp node, SmallVectorImpl<Step> &steps, SymbolicShapes &shapes) {
  llvm::StringRef type = node.getType();
  Value first = node.getInput(0), second = node.getInput(1), result = node.getResult(0);
  if (type == "Identity" || type == "Squeeze" || type == "Unsqueeze" || type == "Reshape")
    return first;
  if (type == "Cast" || type == "Ceil" || type == "Floor") {
    StepKind kind = type == "Cast" ? StepKind::round : type == "Ceil" ? StepKind::ceil : StepKind::floor;
    steps.push_back({kind, 0.0, isDouble(result, shapes)});
    return first;
  }
  if (type != "Mul" && type != "Div")
    return {};
  std::optional<double> constant = getConstant(second);
  if (type == "Mul" && !constant) {
    std::swap(first, second);
    constant = getConstant(second);
  }
  if (!constant || !(*constant > 0.0) || !std::isfinite(*constant))
    return {};
  steps.push_back({type == "Mul" ? StepKind::multiply : StepKind::divide, *constant, isDouble(result, shapes)});
  return first;
}

std::optional<Chain> readChain(Value value, SymbolicShapes &shapes) {
  Chain chain;
  while (isFloat(value, shapes)) {
    auto node = value.getDefiningOp<onnx::NodeOp>();
    if (!node || node.getDomain() != "ai.onnx" || chain.steps.size() > mostSteps)
      return std::nullopt;
    value = readStep(node, chain.steps, shapes);
    if (!value)
      return std::nullopt;
  }
  std::optional<ArrayRef<Expression>> data = shapes.getData(value);
  if (!data || data->size() != 1)
    return std::nullopt;
  chain.start = data->front();
  std::reverse(chain.steps.begin(), chain.steps.end());
  return chain;
}

double apply(const Step &step, double x) {
  auto compute = [&](auto a, auto b) -> double {
    switch (step.kind) {
    case StepKind::round:
      return a;
    case StepKind::multiply:
      return a * b;
    case StepKind::divide:
      return a / b;
    case StepKind::ceil:
      return std::ceil(a);
    case StepKind::floor:
      return std::floor(a);
    }
    return a;
  };
  if (step.isDouble)
    return compute(x, step.operand);
  return compute(static_cast<float>(x), static_cast<float>(step.operand));
}

/// The fraction with the least denominator that rounds to `value`.
std::optional<std::pair<int64_t, int64_t>> getFraction(double value, bool isDouble) {
  for (int64_t denominator = 1; denominator <= 1000; ++denominator) {
    double numerator = std::round(value * static_cast<double>(denominator));
    double quotient = numerator / static_cast<double>(denominator);
    if (numerator >= 1.0 && numerator < 1e6 && (isDouble ? quotient == value : static_cast<float>(quotient) == static_cast<float>(value)))
      return std::pair(static_cast<int64_t>(numerator), denominator);
  }
  return std::nullopt;
}

/// The chain as n -> n * numerator / denominator, rounded up or down.
struct Ratio {
  int64_t numerator = 1, denominator = 1;
  bool up = false;

  int64_t of(int64_t n) const { return (n * numerator + (up ? denominator - 1 : 0)) / denominator; }
};

std::optional<Ratio> getRatio(const Chain &chain) {
  Ratio ratio;
  bool rounded = false;
  for (const Step &step : chain.steps) {
    if (step.kind == StepKind::round)
      continue;
    if (rounded)
      return std::nullopt;
    if (step.kind == StepKind::ceil || step.kind == StepKind::floor) {
      rounded = true;
      ratio.up = step.kind == StepKind::ceil;
      continue;
    }
    std::optional<std::pair<int64_t, int64_t>> fraction = getFraction(step.operand, step.isDouble);
    if (!fraction)
      return std::nullopt;
    if (step.kind == StepKind::divide)
      std::swap(fraction->first, fraction->second);
    ratio.numerator *= fraction->first;
    ratio.denominator *= fraction->second;
    if (ratio.numerator > (int64_t{1} << 30) || ratio.denominator > (int64_t{1} << 30))
      return std::nullopt;
  }
  return ratio;
}

}  // namespace

Expression foldFloatSize(onnx::NodeOp cast, SymbolicShapes &shapes) {
  std::optional<Chain> chain = isFloat(cast.getInput(0), shapes) ? readChain(cast.getInput(0), shapes) : std::nullopt;
  std::optional<Ratio> ratio = chain && chain->start.isAtLeast(0) ? getRatio(*chain) : std::nullopt;
  if (!ratio)
    return {};
  // Rounding may carry a quotient over the next integer; then no integer formula is what the model computes.
  for (int64_t n = 0; n < provedNumbers; ++n) {
    auto x = static_cast<double>(n);
    for (const Step &step : chain->steps)
      x = apply(step, x);
    if (static_cast<int64_t>(x) != ratio->of(n))
      return {};
  }
  ExpressionContext &context = shapes.getContext();
  Expression product = chain->start * ratio->numerator, denominator = context.constant(ratio->denominator);
  return ratio->up ? ceilDiv(product, denominator) : floorDiv(product, denominator);
}

}  // namespace switchyard
