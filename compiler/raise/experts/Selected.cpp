// Rows of the chosen experts, selected among those of all: [tokens, experts, features] by the ids of each token.
#include "compiler/analysis/ShapeRules.h"
#include "compiler/raise/experts/Experts.h"
#include "compiler/raise/experts/ExpertsFirst.h"

using namespace mlir;

namespace switchyard::raise {

namespace {

/// GatherElements along the experts: the index is the ids, repeated for each feature.
FailureOr<SelectedRows> matchElements(Match &match, onnx::NodeOp gather) {
  Value all = gather.getInputs()[0], index = gather.getInputs()[1];
  FailureOr<ArrayRef<Expression>> whole = match.getShape(all, gather), chosen = match.getShape(index, gather);
  if (failed(whole) || failed(chosen))
    return failure();
  int64_t rank = whole->size();
  bool fits = rank >= 3 && Match::getAxis(gather, rank, 0) == rank - 2 && whole->drop_back(2) == chosen->drop_back(2) && whole->back() == chosen->back();
  onnx::NodeOp expand = match.takeDefiner(index, gather, "Expand", "the ids of a token for each feature");
  if (!expand)
    return failure();
  FailureOr<ArrayRef<Expression>> column = match.getShape(expand.getInputs()[0], expand);
  if (failed(column))
    return failure();
  fits = fits && column->size() == chosen->size() && column->back().isConstant(1) && column->drop_back() == chosen->drop_back();
  if (!fits)
    return match.fail(gather, "it does not select rows of experts by the ids of their tokens");
  return SelectedRows{all, rank - 2, match.takeIntegerCasts(expand.getInputs()[0])};
}

/// GatherND by (token, expert), or by the expert in each token.
FailureOr<SelectedRows> matchPairs(Match &match, onnx::NodeOp gather) {
  Value all = gather.getInputs()[0], index = gather.getInputs()[1];
  FailureOr<ArrayRef<Expression>> whole = match.getShape(all, gather), pairs = match.getShape(index, gather);
  if (failed(whole) || failed(pairs))
    return failure();
  int64_t batch = gather.getInt("batch_dims", 0);
  if (batch == 1 && whole->size() == 3 && pairs->back().isConstant(1))
    return SelectedRows{all, 1, match.takeIntegerCasts(index)};
  onnx::NodeOp concat = match.takeDefiner(index, gather, "Concat", "pairs of a token and an expert");
  if (!concat)
    return failure();
  if (batch != 0 || whole->size() != 3 || concat.getInputs().size() != 2 || !pairs->back().isConstant(2) ||
      Match::getAxis(concat, pairs->size(), 0) != static_cast<int64_t>(pairs->size()) - 1 || pairs->front() != whole->front())
    return match.fail(gather, "it does not select rows of experts by the ids of their tokens");
  if (failed(match.takeRowNumbers(concat.getInputs()[0], whole->front(), concat)))
    return failure();
  return SelectedRows{all, 1, match.takeIntegerCasts(match.takeIdentities(match.takeIntegerCasts(concat.getInputs()[1])))};
}

/// Gather among the rows of all tokens and experts: token * E + expert.
FailureOr<SelectedRows> matchPositions(Match &match, onnx::NodeOp gather) {
  Value flat = gather.getInputs()[0], all = match.takeReshapes(flat);
  FailureOr<ArrayRef<Expression>> whole = match.getShape(all, gather), rows = match.getShape(flat, gather), chosen = match.getShape(gather.getInputs()[1], gather);
  if (failed(whole) || failed(rows) || failed(chosen))
    return failure();
  bool isFlat = whole->size() == 3 && rows->size() == 2 && rows->back() == whole->back() && gather.getInt("axis", 0) == 0 && !chosen->empty() &&
                chosen->front() == whole->front();
  onnx::NodeOp sum = isFlat ? match.takeDefiner(gather.getInputs()[1], gather, "Add", "the position of an expert's row") : onnx::NodeOp();
  std::optional<unsigned> product = sum ? findOperand(sum, [](Value v) { return getDefiner(skipReshapes(v), "Mul"); }) : std::nullopt;
  onnx::NodeOp start = product ? match.takeDefiner(sum.getInputs()[*product], sum, "Mul", "the position of a token") : onnx::NodeOp();
  auto isCount = [&](Value v) {
    std::optional<ArrayRef<Expression>> data = match.shapes.getData(v);
    return data && data->size() == 1 && data->front() == (*whole)[1];
  };
  std::optional<unsigned> factor = start ? findOperand(start, isCount) : std::nullopt;
  FailureOr<ArrayRef<Expression>> starts = factor ? match.getShape(start.getResult(0), gather) : FailureOr<ArrayRef<Expression>>(failure());
  bool isOfToken = succeeded(starts) && starts->size() == chosen->size() && starts->front() == whole->front() &&
                   llvm::all_of(starts->drop_front(), [](Expression size) { return size.isConstant(1); });
  if (!isOfToken)
    return match.fail(gather, "it does not select rows of experts by the ids of their tokens");
  if (failed(match.takeRowNumbers(start.getInputs()[1 - *factor], whole->front(), start)))
    return failure();
  return SelectedRows{all, 1, match.takeIntegerCasts(sum.getInputs()[1 - *product])};
}

}  // namespace

onnx::NodeOp getSelection(WeightRecipes &weights, Value value) {
  auto node = skipFloatCasts(value).getDefiningOp<onnx::NodeOp>();
  static constexpr llvm::StringRef types[] = {"ai.onnx::GatherElements", "ai.onnx::GatherND", "ai.onnx::Gather"};
  if (!node || !llvm::is_contained(types, node.getOpType()) || getConstantRecipe(weights, node.getInputs()[0]))
    return {};
  auto all = dyn_cast<RankedTensorType>(skipReshapes(node.getInputs()[0]).getType());
  return all && all.getRank() >= 3 && isa<FloatType>(all.getElementType()) && getStaticLastDim(skipReshapes(node.getInputs()[0])) ? node : onnx::NodeOp();
}

FailureOr<SelectedRows> matchSelectedRows(Match &match, Value value, onnx::NodeOp selection) {
  match.takeFloatCasts(value);
  match.take(selection);
  FailureOr<SelectedRows> rows = selection.getType() == "GatherElements" ? matchElements(match, selection)
                                 : selection.getType() == "GatherND"     ? matchPairs(match, selection)
                                                                         : matchPositions(match, selection);
  if (failed(rows) || failed(match.getShape(rows->ids, selection)))
    return failure();
  // One row of features a token and slot.
  Expression selected = countElements(match.shapes.getContext(), match.shapes.getShape(selection.getResult(0)).drop_back());
  if (countElements(match.shapes.getContext(), match.shapes.getShape(rows->ids)) != selected)
    return match.fail(selection, "it does not select one row for each id");
  return rows;
}

FailureOr<Mlp> matchSelectedExperts(Match &match, WeightRecipes &weights, const SelectedRows &rows, ArrayRef<Operation *> selections) {
  auto selection = cast<onnx::NodeOp>(selections.front());
  ExpertsFirst first(selection, match.shapes, weights);
  Value all = first.arrange(rows.all, rows.axis);
  if (!all || !first.hasFoundExperts())
    return match.fail(selection, "no experts give what it selects from");
  if (Operation *reader = first.findOtherReader(selections))
    return match.fail(selection, "what all experts give is also read by " + describe(reader));
  if (onnx::NodeOp stack = getDefiner(skipFloatCasts(all), "Concat")) {
    match.takeFloatCasts(all);
    return matchStackedExperts(match, weights, stack);
  }
  FailureOr<Mlp> mlp = matchBatchedExperts(match, weights, all, selection, /*readsTokens=*/true);
  if (failed(mlp))
    return failure();
  FailureOr<Value> tokens = matchTokensOfAll(match, mlp->input, rt::getRecipeType(mlp->experts.gate).getDimSize(0), selection);
  if (failed(tokens))
    return failure();
  return Mlp{*tokens, mlp->experts};
}

}  // namespace switchyard::raise
