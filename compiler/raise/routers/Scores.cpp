// Scores of experts from their logits.
#include "compiler/raise/routers/Routers.h"

using namespace mlir;

namespace switchyard::raise {

/// Reads 1 / (1 + exp(-x)), spelled out: x, or null where `value` is something else.
static Value matchSpelledSigmoid(Match &match, Value value) {
  auto isOne = [](Value v) { return isScalarConstant(v, 1.0); };
  onnx::NodeOp inverse = getDefiner(value, "Reciprocal"), quotient = getDefiner(value, "Div");
  if (!inverse && !(quotient && isOne(quotient.getInputs()[0])))
    return {};
  onnx::NodeOp sum = getDefiner(inverse ? inverse.getInputs()[0] : quotient.getInputs()[1], "Add");
  std::optional<unsigned> one = sum ? findOperand(sum, isOne) : std::nullopt;
  onnx::NodeOp power = one ? getDefiner(sum.getInputs()[1 - *one], "Exp") : onnx::NodeOp();
  onnx::NodeOp negative = power ? getDefiner(power.getInputs()[0], "Neg") : onnx::NodeOp();
  if (!negative)
    return {};
  for (onnx::NodeOp node : {inverse ? inverse : quotient, sum, power, negative})
    match.take(node);
  return negative.getInputs()[0];
}

FailureOr<Scores> matchScores(Match &match, Value value) {
  // Reshapes that keep the experts of a token together keep what is computed of them.
  Value scores = skipReshapes(value);
  if (!getStaticLastDim(value) || getStaticLastDim(scores) != getStaticLastDim(value))
    scores = value;
  if (onnx::NodeOp softmax = getDefiner(scores, "Softmax")) {
    auto type = dyn_cast<RankedTensorType>(scores.getType());
    int64_t otherwise = softmax.getVersion() >= 13 ? -1 : 1;
    if (!type || Match::getAxis(softmax, type.getRank(), otherwise) != type.getRank() - 1)
      return match.fail(softmax, "it is not over the last axis");
    match.takeReshapes(value);
    match.take(softmax);
    return Scores{moe::Score::softmax, softmax.getInputs()[0]};
  }
  if (onnx::NodeOp sigmoid = getDefiner(scores, "Sigmoid")) {
    match.takeReshapes(value);
    match.take(sigmoid);
    return Scores{moe::Score::sigmoid, sigmoid.getInputs()[0]};
  }
  if (Value logits = matchSpelledSigmoid(match, scores)) {
    match.takeReshapes(value);
    return Scores{moe::Score::sigmoid, logits};
  }
  onnx::NodeOp root = getDefiner(scores, "Sqrt");
  if (onnx::NodeOp softplus = root ? getDefiner(root.getInputs()[0], "Softplus") : onnx::NodeOp()) {
    match.takeReshapes(value);
    match.take(root);
    match.take(softplus);
    return Scores{moe::Score::sqrt_softplus, softplus.getInputs()[0]};
  }
  return Scores{moe::Score::identity, value};
}

}  // namespace switchyard::raise
