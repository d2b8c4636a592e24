// Routers that score all experts, select by the scores (plus a bias, within groups), and weigh by the scores.
#include "compiler/raise/routers/Routers.h"

#include "compiler/raise/Refusals.h"
#include "dialects/rt/RtDialect.h"

#include "mlir/IR/Matchers.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;

namespace switchyard::raise {

namespace {

bool isConstantVector(Value value, int64_t size) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  bool constant = value.getDefiningOp<rt::WeightRefOp>() || matchPattern(value, m_Constant());
  return constant && type && type.getShape() == ArrayRef<int64_t>{size};
}

/// How the weights of the selected experts come from the scores of all; checks that they come from `scores`.
LogicalResult matchWeights(Match &match, Selection selection, Value weights, Value scores, bool keysAreScores) {
  if (weights == selection.node.getResult(0) && selection.node.getNumResults() == 2) {
    if (!keysAreScores)
      return match.fail(selection.node, "its values are weights, but they carry a selection bias or a group mask");
    return success();
  }
  if (onnx::NodeOp gather = getDefiner(weights, "GatherElements")) {
    match.take(gather);
    auto type = dyn_cast<RankedTensorType>(gather.getInputs()[0].getType());
    if (!type || Match::getAxis(gather, type.getRank(), 0) != type.getRank() - 1)
      return match.fail(gather, "it does not gather along the experts");
    if (gather.getInputs()[0] != scores)
      return match.fail(gather, "the weights are gathered from another tensor than the scores that were selected by");
    if (!match.haveSameRows(gather.getInputs()[0], gather.getInputs()[1]))
      return match.fail(gather, "ids and scores have different rows");
    Value ids = match.takeIntegerCasts(gather.getInputs()[1]);
    if (ids != selection.node.getResult(selection.node.getNumResults() - 1))
      return match.fail(gather, "the weights are gathered by other ids than the experts");
    return success();
  }
  if (onnx::NodeOp largest = getDefiner(weights, "ReduceMax"); largest && selection.slots == 1 && selection.node.getNumResults() == 1) {
    match.take(largest);
    auto type = dyn_cast<RankedTensorType>(largest.getInputs()[0].getType());
    if (!keysAreScores || largest.getInputs()[0] != scores || !type || match.getReductionAxes(largest) != SmallVector<int64_t>{type.getRank() - 1})
      return match.fail(largest, "it is not the largest of the scores that were selected by");
    return success();
  }
  return match.fail(weights.getDefiningOp() ? weights.getDefiningOp() : selection.node.getOperation(),
                    "expected the values of the selection, or scores gathered by its ids, as the weights");
}

}  // namespace

FailureOr<Router> matchScoreThenSelect(Match &match, Selection selection, const Normalization &normalization, Operation *reader) {
  std::optional<int64_t> experts = getStaticLastDim(selection.keys);
  if (!experts)
    return match.fail(selection.node, "the number of experts is not static");
  FailureOr<GroupLimit> limit = matchGroupLimit(match, selection.keys);
  if (failed(limit))
    return failure();
  Router router;
  Value scores = limit->keys;
  if (onnx::NodeOp sum = getDefiner(scores, "Add")) {
    if (std::optional<unsigned> bias = findOperand(sum, [&](Value v) { return isConstantVector(v, *experts); });
        bias && normalization.weights != selection.node.getResult(0)) {
      match.take(sum);
      router.selectionBias = sum.getInputs()[*bias];
      scores = sum.getInputs()[1 - *bias];
    }
  }
  bool keysAreScores = !router.selectionBias && limit->groups == 1;
  if (failed(matchWeights(match, selection, normalization.weights, scores, keysAreScores)))
    return failure();
  // Rounding makes scores equal that f32 tells apart: then the layer reads them as the model makes them.
  Type type = getElementTypeOrSelf(selection.keys);
  if (!type.isF32() && !keysAreScores)
    return match.fail(selection.node, "it selects by sums that are rounded to " + describeType(type));
  FailureOr<Scores> read = type.isF32() ? matchScores(match, scores) : Scores{moe::Score::identity, scores};
  if (failed(read))
    return failure();
  MLIRContext *context = reader->getContext();
  auto number = [&](double value) { return FloatAttr::get(Float64Type::get(context), value); };
  router.logits = read->logits;
  router.experts = *experts;
  router.slots = selection.slots;
  router.gating = moe::GatingAttr::get(context, read->score, moe::Order::score_then_select, limit->groups, limit->kept, limit->score, limit->fill,
                                       normalization.renormalize, normalization.epsilon != 0.0 ? number(normalization.epsilon) : FloatAttr(),
                                       normalization.scale != 1.0 ? number(normalization.scale) : FloatAttr(), FloatAttr(), moe::TieRule::lowest_index);
  return router;
}

}  // namespace switchyard::raise
