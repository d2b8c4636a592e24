// The sparse mixer of Phi-3.5-MoE, as torch's exporter and plain builders write it. For each of two picks:
//   keys: the logits, for the second pick with the first choice scattered to negative infinity, or to a number as good as that
//   near: the keys, of which those that stand too far from the largest become negative infinity, too
//   choice: ArgMax, or TopK of one, of keys or near; weight: Softmax of near, at the choice
// How far a key stands is measured on the logits or on the keys. Only for the first choice this differs, and its key is lost either way.
#include "compiler/raise/routers/Routers.h"

#include "compiler/raise/Refusals.h"

#include "mlir/IR/TypeUtilities.h"

#include <limits>

using namespace mlir;

namespace switchyard::raise {

namespace {

/// No logit is as small as this, so that what becomes it is never chosen and weighs nothing.
constexpr double lostKey = -1e30;

bool isLost(std::optional<double> number) { return number && *number <= lostKey * (1.0 - 1e-6); }

class SparseMixerMatcher {
public:
  SparseMixerMatcher(Match &match, Operation *reader) : match(match), reader(reader) {}

  FailureOr<Router> run(onnx::NodeOp ids, Value weights);

private:
  LogicalResult matchChoice(Value id, Value weight);
  FailureOr<onnx::NodeOp> matchSelector(Value id);
  LogicalResult matchSecondKeys(Value keys, onnx::NodeOp from);
  LogicalResult matchNear(Value near, Value keys, onnx::NodeOp from);
  bool isLargest(Value value, Value keys);
  /// True where `node` works along the experts.
  bool isAlongExperts(onnx::NodeOp node, int64_t otherwise);

  Match &match;
  Operation *reader;
  Value logits, firstId;
  std::optional<double> threshold;
};

bool SparseMixerMatcher::isAlongExperts(onnx::NodeOp node, int64_t otherwise) {
  auto type = dyn_cast<RankedTensorType>(node.getInputs()[0].getType());
  return type && Match::getAxis(node, type.getRank(), otherwise) == type.getRank() - 1;
}

bool SparseMixerMatcher::isLargest(Value value, Value keys) {
  onnx::NodeOp largest = getDefiner(value, "ReduceMax");
  auto type = largest ? dyn_cast<RankedTensorType>(keys.getType()) : RankedTensorType();
  if (!type || largest.getInputs()[0] != keys || largest.getInt("keepdims", 1) != 1 ||
      match.getReductionAxes(largest) != SmallVector<int64_t>{type.getRank() - 1})
    return false;
  match.take(largest);
  return true;
}

/// ScatterElements(logits, first choice, lost).
LogicalResult SparseMixerMatcher::matchSecondKeys(Value keys, onnx::NodeOp from) {
  onnx::NodeOp scatter = match.takeDefiner(keys, from, "ScatterElements", "the logits without the first choice");
  if (!scatter)
    return failure();
  bool excludes = scatter.getInputs()[0] == logits && scatter.getInputs()[1] == firstId && isLost(getFilledNumber(scatter.getInputs()[2]));
  if (!excludes || !isAlongExperts(scatter, 0) || scatter.getString("reduction", "none") != "none")
    return match.fail(scatter, "it does not set the logit of the first choice to negative infinity");
  return success();
}

/// (largest - x) / max(|x|, largest) > threshold, where x is the logits or the keys.
LogicalResult SparseMixerMatcher::matchNear(Value near, Value keys, onnx::NodeOp from) {
  onnx::NodeOp greater = match.takeDefiner(match.takeReshapes(near), from, "Greater", "what stands too far from the largest logit");
  onnx::NodeOp quotient = greater ? match.takeOperand(greater, 0, "Div", "the relative distance from the largest logit") : onnx::NodeOp();
  onnx::NodeOp distance = quotient ? match.takeOperand(quotient, 0, "Sub", "the distance from the largest logit") : onnx::NodeOp();
  onnx::NodeOp scale = distance ? match.takeOperand(quotient, 1, "Max", "the larger of logit and largest") : onnx::NodeOp();
  if (!scale)
    return failure();
  std::optional<double> bound = getScalarConstant(greater.getInputs()[1]);
  if (!bound || !(*bound > 0.0) || (threshold && threshold != bound))
    return match.fail(greater, "expected one positive threshold, common to both choices");
  threshold = bound;
  auto isMeasured = [&](Value v) { return v == logits || v == keys; };
  if (!isLargest(distance.getInputs()[0], keys) || !isMeasured(distance.getInputs()[1]))
    return match.fail(distance, "it is not the distance of the logits from the largest key");
  std::optional<unsigned> index = findOperand(scale, [](Value v) { return getDefiner(v, "Abs"); });
  onnx::NodeOp magnitude = index ? match.takeOperand(scale, *index, "Abs", "the magnitude of the logits") : onnx::NodeOp();
  if (!magnitude || !isMeasured(magnitude.getInputs()[0]) || match.takeReshapes(scale.getInputs()[1 - *index]) != distance.getInputs()[0])
    return match.fail(scale, "it is not the larger of the magnitudes of the logits and the largest key");
  return success();
}

/// The node that chooses the first of the largest: ArgMax, or TopK of one.
FailureOr<onnx::NodeOp> SparseMixerMatcher::matchSelector(Value id) {
  FailureOr<Selection> selection = matchSelection(match, id, reader);
  if (failed(selection))
    return failure();
  onnx::NodeOp node = selection->node;
  match.take(node);
  if (selection->slots != 1 || (node.getType() == "ArgMax" && node.getInt("keepdims", 1) != 1))
    return match.fail(node, "it does not choose one of the experts of a token");
  return node;
}

LogicalResult SparseMixerMatcher::matchChoice(Value id, Value weight) {
  FailureOr<onnx::NodeOp> selector = matchSelector(id);
  onnx::NodeOp gather = succeeded(selector) ? match.takeDefiner(weight, reader, "GatherElements", "the weight of a choice") : onnx::NodeOp();
  onnx::NodeOp softmax = gather ? match.takeOperand(gather, 0, "Softmax", "the scores of a choice") : onnx::NodeOp();
  onnx::NodeOp where = softmax ? match.takeOperand(softmax, 0, "Where", "the logits near the largest") : onnx::NodeOp();
  if (!where)
    return failure();
  Value keys = where.getInputs()[2], chosenBy = (*selector).getInputs()[0];
  if (chosenBy != keys && chosenBy != where.getResult(0))
    return match.fail(where, "the choice is not made among these keys");
  if (!logits) {
    logits = keys;
    firstId = id;
  } else if (failed(matchSecondKeys(keys, where))) {
    return failure();
  }
  if (gather.getInputs()[1] != id || !isAlongExperts(gather, 0) || !isAlongExperts(softmax, softmax.getVersion() >= 13 ? -1 : 1))
    return match.fail(gather, "it is not the score of the choice");
  if (!isLost(getScalarConstant(where.getInputs()[1])))
    return match.fail(where, "it does not set keys to negative infinity");
  return matchNear(where.getInputs()[0], keys, where);
}

FailureOr<Router> SparseMixerMatcher::run(onnx::NodeOp ids, Value weights) {
  match.take(ids);
  onnx::NodeOp joined = match.takeDefiner(weights, reader, "Concat", "the weights of both choices");
  if (!joined)
    return failure();
  for (onnx::NodeOp concat : {ids, joined})
    if (concat.getInputs().size() != 2 || !isAlongExperts(concat, 0))
      return match.fail(concat, "it does not join two choices of a token");
  for (unsigned slot : {0u, 1u})
    if (failed(matchChoice(ids.getInputs()[slot], joined.getInputs()[slot])))
      return failure();
  if (Type type = getElementTypeOrSelf(logits); !type.isF32())
    return match.fail(ids, "its choices follow distances that are rounded to " + describeType(type));
  std::optional<int64_t> experts = getStaticLastDim(logits);
  if (!experts || *experts < 2)
    return match.fail(ids, "the number of experts is not static");
  MLIRContext *context = reader->getContext();
  Router router;
  router.logits = logits;
  router.experts = *experts;
  router.slots = 2;
  router.gating = moe::GatingAttr::get(context, moe::Score::softmax, moe::Order::score_then_select, 1, 1, moe::GroupScore::max,
                                       moe::GroupFill::zero, false, FloatAttr(), FloatAttr(),
                                       FloatAttr::get(Float64Type::get(context), *threshold / 2.0), moe::TieRule::lowest_index);
  return router;
}

}  // namespace

FailureOr<Router> matchSparseMixer(Match &match, onnx::NodeOp ids, Value weights, Operation *reader) {
  return SparseMixerMatcher(match, reader).run(ids, match.takeReshapes(weights));
}

}  // namespace switchyard::raise
