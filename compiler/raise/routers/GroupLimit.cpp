// The group mask of DeepSeek's routers, as exporters write masked_fill and scatter:
//   scores of groups: the sum of the two best keys of a group, or its best key
//   chosen groups: TopK; mask: ScatterElements of ones into zeros, repeated over the experts of a group
//   keys: Where(Not(mask), fill, keys)
#include "compiler/raise/routers/Routers.h"

#include <limits>

using namespace mlir;

namespace switchyard::raise {

namespace {

class GroupMatcher {
public:
  GroupMatcher(Match &match, onnx::NodeOp where) : match(match), where(where) {}

  FailureOr<GroupLimit> run();

private:
  FailureOr<onnx::NodeOp> matchMask(Value mask);
  LogicalResult matchScores(Value scores, Operation *reader);
  LogicalResult matchView(Value value, Operation *reader);

  Match &match;
  onnx::NodeOp where;
  GroupLimit limit;
};

/// Cast(Reshape(Expand(Unsqueeze(ScatterElements(0, chosen, 1))))): returns the ScatterElements.
FailureOr<onnx::NodeOp> GroupMatcher::matchMask(Value mask) {
  onnx::NodeOp cast = match.takeDefiner(mask, where, "Cast", "the mask of the experts");
  if (!cast)
    return failure();
  onnx::NodeOp expand = match.takeDefiner(match.takeReshapes(cast.getInputs()[0]), cast, "Expand", "the mask of groups, repeated over their experts");
  if (!expand)
    return failure();
  auto from = dyn_cast<RankedTensorType>(expand.getInputs()[0].getType()), to = dyn_cast<RankedTensorType>(expand.getResult(0).getType());
  bool repeats = from && to && from.getRank() == to.getRank() && to.getRank() >= 2 && from.getShape().back() == 1 &&
                 from.getDimSize(to.getRank() - 2) == to.getDimSize(to.getRank() - 2) && !to.isDynamicDim(to.getRank() - 2) &&
                 !to.isDynamicDim(to.getRank() - 1) && to.getShape().back() * to.getDimSize(to.getRank() - 2) == *getStaticLastDim(where.getResult(0));
  if (!repeats)
    return match.fail(expand, "it does not repeat groups over their experts");
  limit.groups = to.getDimSize(to.getRank() - 2);
  return match.takeDefiner(match.takeReshapes(expand.getInputs()[0]), expand, "ScatterElements", "the mask of the kept groups");
}

/// Keys as tokens x groups x experts of a group.
LogicalResult GroupMatcher::matchView(Value value, Operation *reader) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (match.takeReshapes(value) != limit.keys)
    return match.fail(reader, "groups are scored by another tensor than the keys");
  if (!type || type.getRank() < 2 || type.getDimSize(type.getRank() - 2) != limit.groups || type.isDynamicDim(type.getRank() - 1))
    return match.fail(reader, "it does not score " + llvm::Twine(limit.groups) + " groups");
  return success();
}

LogicalResult GroupMatcher::matchScores(Value scores, Operation *reader) {
  if (onnx::NodeOp best = getDefiner(scores, "ReduceMax")) {
    match.take(best);
    limit.score = moe::GroupScore::max;
    auto type = dyn_cast<RankedTensorType>(best.getInputs()[0].getType());
    if (!type || match.getReductionAxes(best) != SmallVector<int64_t>{type.getRank() - 1})
      return match.fail(best, "it does not reduce the experts of a group");
    return matchView(best.getInputs()[0], best);
  }
  onnx::NodeOp sum = match.takeDefiner(scores, reader, "ReduceSum", "the scores of the groups");
  if (!sum)
    return failure();
  limit.score = moe::GroupScore::top2_sum;
  auto type = dyn_cast<RankedTensorType>(sum.getInputs()[0].getType());
  if (!type || match.getReductionAxes(sum) != SmallVector<int64_t>{type.getRank() - 1} || type.getShape().back() != 2)
    return match.fail(sum, "it does not sum the two best keys of a group");
  onnx::NodeOp best = match.takeOperand(sum, 0, "TopK", "the two best keys of a group");
  if (!best)
    return failure();
  if (sum.getInputs()[0] != best.getResult(0) || best.getInt("largest", 1) != 1 || Match::getAxis(best, type.getRank(), -1) != type.getRank() - 1)
    return match.fail(best, "it does not select the largest keys of a group");
  return matchView(best.getInputs()[0], best);
}

FailureOr<GroupLimit> GroupMatcher::run() {
  match.take(where);
  onnx::NodeOp inverse = getDefiner(where.getInputs()[0], "Not");
  if (inverse)
    match.take(inverse);
  limit.keys = where.getInputs()[inverse ? 2 : 1];
  std::optional<double> fill = getScalarConstant(where.getInputs()[inverse ? 1 : 2]);
  if (fill == 0.0)
    limit.fill = moe::GroupFill::zero;
  else if (fill == -std::numeric_limits<double>::infinity())
    limit.fill = moe::GroupFill::negative_infinity;
  else
    return match.fail(where, "the keys of other groups become neither 0 nor negative infinity");
  FailureOr<onnx::NodeOp> scatter = matchMask(inverse ? inverse.getInputs()[0] : where.getInputs()[0]);
  if (failed(scatter) || !*scatter)
    return failure();
  if (getFilledNumber((*scatter).getInputs()[0]) != 0.0 || getFilledNumber((*scatter).getInputs()[2]) != 1.0 || (*scatter).getString("reduction", "none") != "none")
    return match.fail(*scatter, "it does not scatter ones into zeros");
  auto type = dyn_cast<RankedTensorType>((*scatter).getResult(0).getType());
  if (!type || Match::getAxis(*scatter, type.getRank(), 0) != type.getRank() - 1)
    return match.fail(*scatter, "it does not scatter along the groups");
  FailureOr<Selection> chosen = matchSelection(match, (*scatter).getInputs()[1], *scatter);
  if (failed(chosen))
    return failure();
  limit.kept = chosen->slots;
  if (failed(matchScores(chosen->keys, chosen->node)))
    return failure();
  return limit;
}

}  // namespace

FailureOr<GroupLimit> matchGroupLimit(Match &match, Value keys) {
  if (onnx::NodeOp where = getDefiner(keys, "Where"))
    return GroupMatcher(match, where).run();
  GroupLimit none;
  none.keys = keys;
  return none;
}

}  // namespace switchyard::raise
