// Routers that select by logits and make weights of the k selected ones.
#include "compiler/raise/routers/Routers.h"

using namespace mlir;

namespace switchyard::raise {

FailureOr<Router> matchSelectThenScore(Match &match, Selection selection, const Normalization &normalization, Operation *reader) {
  if (getStaticLastDim(normalization.weights) != selection.slots)
    return match.fail(normalization.weights.getDefiningOp(), "it is not over the " + llvm::Twine(selection.slots) + " selected experts");
  FailureOr<Scores> scores = matchScores(match, normalization.weights);
  if (failed(scores))
    return failure();
  if (onnx::NodeOp gather = getDefiner(match.takeFloatCasts(scores->logits), "GatherElements")) {
    match.take(gather);
    match.takeIntegerCasts(gather.getInputs()[1]);
  }
  return getSelectThenScore(match, selection, scores->score, normalization);
}

FailureOr<Router> getSelectThenScore(Match &match, Selection selection, moe::Score score, const Normalization &normalization) {
  std::optional<int64_t> experts = getStaticLastDim(selection.keys);
  if (!experts)
    return match.fail(selection.node, "the number of experts is not static");
  MLIRContext *context = selection.node.getContext();
  auto number = [&](double value) { return FloatAttr::get(Float64Type::get(context), value); };
  Router router;
  router.logits = selection.keys;
  router.experts = *experts;
  router.slots = selection.slots;
  router.gating =
      moe::GatingAttr::get(context, score, moe::Order::select_then_score, 1, 1, moe::GroupScore::max, moe::GroupFill::zero,
                           normalization.renormalize, normalization.epsilon != 0.0 ? number(normalization.epsilon) : FloatAttr(),
                           normalization.scale != 1.0 ? number(normalization.scale) : FloatAttr(), FloatAttr(), moe::TieRule::lowest_index);
  return router;
}

FailureOr<Router> matchUnweighedRouter(Match &match, Value ids, Operation *reader) {
  FailureOr<Selection> selection = matchSelection(match, ids, reader);
  if (failed(selection))
    return failure();
  if (selection->slots != 1)
    return match.fail(selection->node, "the rows of " + llvm::Twine(selection->slots) + " selected experts are not weighed");
  std::optional<int64_t> experts = getStaticLastDim(selection->keys);
  if (!experts)
    return match.fail(selection->node, "the number of experts is not static");
  // The softmax over one logit is 1.
  auto gating = moe::GatingAttr::get(reader->getContext(), moe::Score::softmax, moe::Order::select_then_score, 1, 1, moe::GroupScore::max,
                                     moe::GroupFill::zero, false, FloatAttr(), FloatAttr(), FloatAttr(), moe::TieRule::lowest_index);
  return Router{selection->keys, {}, {}, gating, *experts, 1};
}

}  // namespace switchyard::raise
