// The group mask of DeepSeek's routers, as exporters write masked_fill and scatter:
//   scores of groups: the sum of the two best keys of a group, or its best key
//   chosen groups: TopK; mask: ScatterElements of ones into zeros, repeated over the experts of a group
//   keys: Where(Not(mask), fill, keys)
#include "compiler/analysis/ShapeRules.h"
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
  LogicalResult checkScatter(onnx::NodeOp scatter, Selection chosen);
  bool isRowsOf(Value value, ArrayRef<int64_t> columns);

  Match &match;
  onnx::NodeOp where;
  GroupLimit limit;
  int64_t members = 0;  // experts of one group
};

/// True where `value` is rows x `columns` with as many rows as the keys have: in row-major order they are then the keys' rows.
bool GroupMatcher::isRowsOf(Value value, ArrayRef<int64_t> columns) {
  if (!match.shapes.hasShape(value) || match.shapes.getShape(value).size() < columns.size())
    return false;
  ArrayRef<Expression> shape = match.shapes.getShape(value), rows = shape.drop_back(columns.size());
  for (auto [size, column] : llvm::zip_equal(shape.take_back(columns.size()), columns))
    if (!size.isConstant(column))
      return false;
  Expression count = countElements(match.shapes.getContext(), rows);
  return count && count == countRows(match.shapes, limit.keys);
}

/// Cast(Reshape(Expand(Unsqueeze(ScatterElements(0, chosen, 1))))): returns the ScatterElements.
FailureOr<onnx::NodeOp> GroupMatcher::matchMask(Value mask) {
  onnx::NodeOp cast = match.takeDefiner(mask, where, "Cast", "the mask of the experts");
  if (!cast)
    return failure();
  onnx::NodeOp expand =
      match.takeDefiner(match.takeReshapes(cast.getInputs()[0]), cast, "Expand", "the mask of groups, repeated over their experts");
  if (!expand)
    return failure();
  FailureOr<ArrayRef<Expression>> from = match.getShape(expand.getInputs()[0], expand), to = match.getShape(expand.getResult(0), expand);
  if (failed(from) || failed(to))
    return failure();
  std::optional<int64_t> groups = to->size() >= 2 ? to->drop_back().back().getConstant() : std::nullopt,
                         experts = getStaticLastDim(limit.keys);
  if (!groups || *groups < 1 || !experts || *experts % *groups != 0)
    return match.fail(expand, "it does not repeat groups over their experts");
  limit.groups = *groups;
  members = *experts / *groups;
  if (from->size() != to->size() || !isRowsOf(expand.getInputs()[0], {limit.groups, 1}) ||
      !isRowsOf(expand.getResult(0), {limit.groups, members}))
    return match.fail(expand, "it does not repeat groups over their experts");
  return match.takeDefiner(match.takeReshapes(expand.getInputs()[0]), expand, "ScatterElements", "the mask of the kept groups");
}

/// Keys as tokens x groups x experts of a group.
LogicalResult GroupMatcher::matchView(Value value, Operation *reader) {
  if (match.takeReshapes(value) != limit.keys)
    return match.fail(reader, "groups are scored by another tensor than the keys");
  if (!isRowsOf(value, {limit.groups, members}))
    return match.fail(reader,
                      "it does not score " + llvm::Twine(limit.groups) + " groups of " + llvm::Twine(members) + " experts of each token");
  return success();
}

/// The mask and the chosen groups are of the same tokens; ScatterElements would let the latter be of some tokens only.
LogicalResult GroupMatcher::checkScatter(onnx::NodeOp scatter, Selection chosen) {
  Value zeros = scatter.getInputs()[0], ids = scatter.getInputs()[1], ones = scatter.getInputs()[2];
  bool fits = isRowsOf(chosen.keys, {limit.groups}) && isRowsOf(zeros, {limit.groups}) && isRowsOf(ids, {chosen.slots}) &&
              match.haveSameRows(zeros, ids) && match.shapes.hasShape(ones) && match.shapes.getShape(ones) == match.shapes.getShape(ids);
  if (!fits)
    return match.fail(scatter, "it does not scatter the " + llvm::Twine(chosen.slots) + " chosen of " + llvm::Twine(limit.groups) +
                                   " groups of each token");
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
  if (sum.getInputs()[0] != best.getResult(0) || best.getInt("largest", 1) != 1 ||
      Match::getAxis(best, type.getRank(), -1) != type.getRank() - 1)
    return match.fail(best, "it does not select the largest keys of a group");
  return matchView(best.getInputs()[0], best);
}

FailureOr<GroupLimit> GroupMatcher::run() {
  match.take(where);
  Value condition = match.takeReshapes(where.getInputs()[0]);
  onnx::NodeOp inverse = getDefiner(condition, "Not");
  if (inverse)
    match.take(inverse);
  limit.keys = where.getInputs()[inverse ? 2 : 1];
  for (Value value : {limit.keys, where.getInputs()[0]})
    if (!match.shapes.hasShape(value) || !match.shapes.hasShape(where.getResult(0)) || match.shapes.getShape(value).empty() ||
        match.shapes.getShape(value) != match.shapes.getShape(where.getResult(0)))
      return match.fail(where, "keys and mask are not of one shape");
  std::optional<double> fill = getScalarConstant(where.getInputs()[inverse ? 1 : 2]);
  if (fill == 0.0)
    limit.fill = moe::GroupFill::zero;
  else if (fill == -std::numeric_limits<double>::infinity())
    limit.fill = moe::GroupFill::negative_infinity;
  else
    return match.fail(where, "the keys of other groups become neither 0 nor negative infinity");
  FailureOr<onnx::NodeOp> scatter = matchMask(inverse ? inverse.getInputs()[0] : condition);
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
  if (failed(matchScores(chosen->keys, chosen->node)) || failed(checkScatter(*scatter, *chosen)))
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
