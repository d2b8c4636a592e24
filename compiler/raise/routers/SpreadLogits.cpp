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
  std::optional<double> number = getFilledNumber(scatter.getInputs()[0]);
  if (!number || !(*number <= getLargestFill(score)) || scatter.getString("reduction", "none") != "none")
    return match.fail(scatter, "it does not scatter the logits into numbers that weigh nothing");
  FailureOr<Routes> routes = matchSpread(match, scatter, "logits");
  if (succeeded(routes))
    routes->score = score;
  return routes;
}

FailureOr<Routes> matchFunctionOfLogits(Match &match, Value matrix, Operation *reader) {
  FailureOr<Scores> scores = matchScores(match, match.takeFloatCasts(matrix));
  if (failed(scores))
    return failure();
  return matchSpreadLogits(match, scores->logits, scores->score, reader);
}

}  // namespace switchyard::raise
