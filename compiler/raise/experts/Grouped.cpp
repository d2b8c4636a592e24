// Experts as products of rows that are sorted by expert, one product a group, as "grouped_mm" writes them.
#include "compiler/analysis/GroupedRows.h"
#include "compiler/raise/experts/Experts.h"

using namespace mlir;

namespace switchyard::raise {

namespace {

class GroupedMatcher {
public:
  GroupedMatcher(Match &match, WeightRecipes &weights) : match(match), weights(weights) {}

  FailureOr<GroupedExperts> run(Value result, Operation *reader);

private:
  FailureOr<Projection> matchProjection(Value value, Operation *reader);
  FailureOr<Attribute> matchMatrices(GroupedRows &grouped);
  FailureOr<Attribute> matchBias(Value added, onnx::NodeOp concat, onnx::NodeOp sum, RankedTensorType matrices);

  Match &match;
  WeightRecipes &weights;
  Value numbers;  // by which the rows are grouped, for all matrices
  int64_t experts = 0;
  /// Biases by row, and what they were gathered by: read before the order is known.
  SmallVector<std::pair<onnx::NodeOp, Value>> biases;
};

/// The matrices of all groups, E x K x N.
FailureOr<Attribute> GroupedMatcher::matchMatrices(GroupedRows &grouped) {
  SmallVector<Attribute> recipes;
  for (onnx::NodeOp product : grouped.products) {
    Attribute recipe = getConstantRecipe(weights, product.getInputs()[1]);
    if (!recipe || rt::getRecipeType(recipe).getRank() != 2 ||
        (!recipes.empty() && rt::getRecipeType(recipe) != rt::getRecipeType(recipes.front())))
      return match.fail(product, "its matrix is not a weight of rank 2, as that of expert 0 is");
    recipes.push_back(recipe);
  }
  return stackRecipes(recipes);
}

/// A bias E x N gathered for each row of `concat`; by which ids is proved when the order is known.
FailureOr<Attribute> GroupedMatcher::matchBias(Value added, onnx::NodeOp concat, onnx::NodeOp sum, RankedTensorType matrices) {
  Value rows = match.takeReshapes(added);
  auto gather = rows.getDefiningOp<onnx::NodeOp>();
  Attribute bias = gather && gather.getInputs().size() == 2 ? getConstantRecipe(weights, gather.getInputs()[0]) : Attribute();
  if (!bias || !match.haveSameRows(concat.getResult(0), added))
    return match.fail(sum, "its bias is not gathered by row from a weight");
  if (rt::getRecipeType(bias).getShape() != ArrayRef<int64_t>{matrices.getDimSize(0), matrices.getDimSize(2)})
    return match.fail(sum, "its bias is not " + llvm::Twine(matrices.getDimSize(0)) + " x " + llvm::Twine(matrices.getDimSize(2)));
  biases.push_back({gather, rows});
  return bias;
}

FailureOr<Projection> GroupedMatcher::matchProjection(Value value, Operation *reader) {
  value = match.takeReshapes(value);
  onnx::NodeOp sum = getDefiner(value, "Add");
  Value biasRows;
  if (sum) {
    std::optional<unsigned> product = findOperand(sum, [](Value v) { return getDefiner(skipReshapes(v), "Concat"); });
    if (!product)
      return match.fail(sum, "expected a bias and the products of the groups");
    match.take(sum);
    biasRows = sum.getInputs()[1 - *product];
    value = match.takeReshapes(sum.getInputs()[*product]);
    reader = sum;
  }
  onnx::NodeOp concat = match.takeDefiner(value, reader, "Concat", "the products of all groups");
  if (!concat)
    return failure();
  GroupedFault fault;
  std::optional<GroupedRows> grouped = readGroupedRows(match.shapes, concat, fault);
  if (!grouped)
    return match.fail(fault.node, fault.condition);
  for (Operation *node : grouped->nodes)
    match.take(node);
  for (onnx::NodeOp product : grouped->products)
    match.take(product);
  if (numbers && (numbers != grouped->numbers || experts != grouped->groups))
    return match.fail(concat, "its rows are grouped otherwise than those of the second matrices");
  numbers = grouped->numbers;
  experts = grouped->groups;
  FailureOr<Attribute> matrices = matchMatrices(*grouped);
  if (failed(matrices))
    return failure();
  RankedTensorType type = rt::getRecipeType(*matrices);
  if (getStaticLastDim(grouped->rows) != type.getDimSize(1))
    return match.fail(concat, "its rows have not the " + llvm::Twine(type.getDimSize(1)) + " elements that the matrices read");
  FailureOr<Attribute> bias = sum ? matchBias(biasRows, concat, sum, type) : FailureOr<Attribute>(Attribute());
  if (failed(bias))
    return failure();
  return Projection{grouped->rows, transposeMatrices(*matrices), *bias};
}

FailureOr<GroupedExperts> GroupedMatcher::run(Value result, Operation *reader) {
  FailureOr<Mlp> mlp = matchMlp(match, result, reader, [&](Value value, Operation *from) { return matchProjection(value, from); });
  if (failed(mlp))
    return failure();
  // The rows of the first matrices: token order[i] / k at position i.
  auto gather = mlp->input.getDefiningOp<onnx::NodeOp>();
  if (!gather || gather.getInputs().size() != 2)
    return match.fail(gather ? gather.getOperation() : reader, "expected the tokens, gathered in the order of the experts");
  Value index = match.takeIntegerCasts(gather.getInputs()[1]);
  FailureOr<TokenOfRow> token = matchTokenOfRow(match, index, gather);
  if (failed(token))
    return failure();
  FailureOr<Sorting> sorting = matchSorting(match, token->order, gather);
  FailureOr<Value> tokens = succeeded(sorting) ? matchPermuted(match, mlp->input, index, reader, "the rows of the tokens") : FailureOr<Value>(failure());
  if (failed(tokens) || failed(matchCountedIds(match, numbers, *sorting, experts, reader)))
    return failure();
  for (auto [node, rows] : biases)
    if (failed(matchPermuted(match, rows, sorting->sort.getResult(0), node, "the biases of the rows")))
      return failure();
  auto type = dyn_cast<RankedTensorType>(tokens->getType());
  FailureOr<ArrayRef<Expression>> grouped = match.getShape(mlp->input, reader);
  if (failed(grouped))
    return failure();
  if (!type || type.getRank() != 2 || grouped->front() != sorting->rows)
    return match.fail(gather, "the tokens are not a matrix, of which there are " + sorting->rows.str() + " rows");
  return GroupedExperts{*tokens, *sorting, token->slots, mlp->experts};
}

}  // namespace

FailureOr<GroupedExperts> matchGroupedExperts(Match &match, WeightRecipes &weights, Value result, Operation *reader) {
  return GroupedMatcher(match, weights).run(result, reader);
}

}  // namespace switchyard::raise
