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
  match.takeReshapes(scores->logits);
  std::optional<int64_t> experts = getStaticLastDim(selection.keys);
  if (!experts)
    return match.fail(selection.node, "the number of experts is not static");
  MLIRContext *context = reader->getContext();
  auto number = [&](double value) { return FloatAttr::get(Float64Type::get(context), value); };
  Router router;
  router.logits = selection.keys;
  router.experts = *experts;
  router.slots = selection.slots;
  router.gating = moe::GatingAttr::get(context, scores->score, moe::Order::select_then_score, 1, 1, moe::GroupScore::max, moe::GroupFill::zero,
                                       normalization.renormalize, normalization.epsilon != 0.0 ? number(normalization.epsilon) : FloatAttr(),
                                       normalization.scale != 1.0 ? number(normalization.scale) : FloatAttr(), FloatAttr(), moe::TieRule::lowest_index);
  return router;
}

}  // namespace switchyard::raise
