// Routes as a function over all experts, of logits of which only the selected ones are left: Softmax or Sigmoid of logits scattered into
// a number so small that nothing comes of it.
#include "compiler/raise/routers/Routers.h"

using namespace mlir;

namespace switchyard::raise {

/// The most that an expert that is not selected may have, so that the function is 0 there in f32 whatever the selected ones have.
static double getLargestFill(moe::Score score) {
  // The sigmoid is 1 / (1 + exp(-x)). A softmax is relative to the largest logit, which may be very small itself.
  return score == moe::Score::sigmoid ? -104.0 : -1e30;
}

onnx::NodeOp getFunctionOfLogits(Value matrix) {
  matrix = skipFloatCasts(matrix);
  for (llvm::StringRef type : {"Softmax", "Sigmoid"})
    if (onnx::NodeOp function = getDefiner(matrix, type))
      return function;
  return {};
}

FailureOr<Routes> matchSpreadLogits(Match &match, Value logits, moe::Score score, Operation *reader) {
  onnx::NodeOp scatter = match.takeDefiner(match.takeFloatCasts(logits), reader, "ScatterElements", "the logits of the selected experts");
  if (!scatter)
    return failure();
  Value fill = scatter.getInputs()[0], ids = scatter.getInputs()[1], values = scatter.getInputs()[2];
  std::optional<double> number = getFilledNumber(fill);
  if (!number || !(*number <= getLargestFill(score)) || scatter.getString("reduction", "none") != "none")
    return match.fail(scatter, "it does not scatter the logits into numbers that weigh nothing");
  FailureOr<ArrayRef<Expression>> matrix = match.getShape(fill, scatter), chosen = match.getShape(ids, scatter), updates = match.getShape(values, scatter);
  if (failed(matrix) || failed(chosen) || failed(updates))
    return failure();
  bool along = !matrix->empty() && Match::getAxis(scatter, matrix->size(), 0) == static_cast<int64_t>(matrix->size()) - 1;
  if (!along || *chosen != *updates || !match.haveSameRows(fill, ids))
    return match.fail(scatter, "it does not scatter the logits of a token along its experts");
  return Routes{ids, values, score};
}

FailureOr<Routes> matchFunctionOfLogits(Match &match, Value matrix, Operation *reader) {
  FailureOr<Scores> scores = matchScores(match, match.takeFloatCasts(matrix));
  if (failed(scores))
    return failure();
  return matchSpreadLogits(match, scores->logits, scores->score, reader);
}

}  // namespace switchyard::raise
