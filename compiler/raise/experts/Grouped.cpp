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
  FailureOr<GroupWeights> matchWeights(const GroupedRows &grouped);
  FailureOr<Attribute> matchBias(Value added, onnx::NodeOp concat, onnx::NodeOp sum, RankedTensorType matrices);

  Match &match;
  WeightRecipes &weights;
  Value numbers;  // by which the rows are grouped, for all matrices
  int64_t experts = 0;
  /// Biases by row, and what they were gathered by: read before the order is known.
  SmallVector<std::pair<onnx::NodeOp, Value>> biases;
};

FailureOr<GroupWeights> GroupedMatcher::matchWeights(const GroupedRows &grouped) {
  std::string condition;
  onnx::NodeOp node;
  std::optional<GroupWeights> stacked = stackGroupWeights(weights, grouped, node, condition);
  if (!stacked)
    return match.fail(node, condition);
  return *stacked;
}

/// A bias E x N gathered for each row of `concat`; by which ids is proved when the order is known.
FailureOr<Attribute> GroupedMatcher::matchBias(Value added, onnx::NodeOp concat, onnx::NodeOp sum, RankedTensorType matrices) {
  Value rows = match.takeReshapes(added);
  auto gather = rows.getDefiningOp<onnx::NodeOp>();
  Attribute bias = gather && gather.getInputs().size() == 2 ? getConstantRecipe(weights, gather.getInputs()[0]) : Attribute();
  if (!bias || !match.haveSameRows(concat.getResult(0), added))
    return match.fail(sum, "its bias is not gathered by row from a weight");
  if (rt::getRecipeType(bias).getShape() != matrices.getShape().drop_back())
    return match.fail(sum, "its bias is not " + llvm::Twine(matrices.getDimSize(0)) + " x " + llvm::Twine(matrices.getDimSize(1)));
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
  for (const GroupProduct &product : grouped->products)
    match.take(product.node);
  if (numbers && (numbers != grouped->numbers || experts != grouped->groups))
    return match.fail(concat, "its rows are grouped otherwise than those of the second matrices");
  numbers = grouped->numbers;
  experts = grouped->groups;
  FailureOr<GroupWeights> stacked = matchWeights(*grouped);
  if (failed(stacked))
    return failure();
  RankedTensorType type = rt::getRecipeType(stacked->matrices);
  if (getStaticLastDim(grouped->rows) != type.getDimSize(2))
    return match.fail(concat, "its rows have not the " + llvm::Twine(type.getDimSize(2)) + " elements that the matrices read");
  if (sum && stacked->bias)
    return match.fail(sum, "a bias is added to products that have one");
  FailureOr<Attribute> bias = sum ? matchBias(biasRows, concat, sum, type) : FailureOr<Attribute>(stacked->bias);
  if (failed(bias))
    return failure();
  return Projection{grouped->rows, stacked->matrices, *bias};
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

bool isProjection(onnx::NodeOp concat) {
  auto product = concat.getInputs().front().getDefiningOp<onnx::NodeOp>();
  auto take = product ? product.getInputs()[0].getDefiningOp<onnx::NodeOp>() : onnx::NodeOp();
  Value rows = take ? skipReshapes(take.getInputs()[0]) : Value();
  return getDefiner(rows, "Gather") || getDefiner(rows, "GatherND");
}

std::optional<GroupWeights> stackGroupWeights(WeightRecipes &weights, const GroupedRows &grouped, onnx::NodeOp &node, std::string &condition) {
  SmallVector<Attribute> matrices, biases;
  bool isTransposed = grouped.products.front().isTransposed;
  for (const GroupProduct &product : grouped.products) {
    node = product.node;
    Attribute matrix = getConstantRecipe(weights, product.matrix), bias = product.bias ? getConstantRecipe(weights, product.bias) : Attribute();
    bool isMatrix = matrix && rt::getRecipeType(matrix).getRank() == 2;
    if (isMatrix && product.isTransposed != isTransposed)
      matrix = transposeMatrices(matrix);
    if (!isMatrix || (!matrices.empty() && rt::getRecipeType(matrix) != rt::getRecipeType(matrices.front()))) {
      condition = "its matrix is not a weight of rank 2, as that of expert 0 is";
      return std::nullopt;
    }
    int64_t columns = rt::getRecipeType(matrix).getDimSize(isTransposed ? 0 : 1);
    bool isVector = bias && rt::getRecipeType(bias).getShape() == ArrayRef<int64_t>{columns};
    bool isOther = !matrices.empty() && (static_cast<bool>(bias) == biases.empty() || (bias && rt::getRecipeType(bias) != rt::getRecipeType(biases.front())));
    if ((product.bias && !isVector) || isOther) {
      condition = "its bias is not a weight of one number a column, as that of expert 0 is";
      return std::nullopt;
    }
    matrices.push_back(matrix);
    if (bias)
      biases.push_back(bias);
  }
  Attribute stacked = stackRecipes(matrices);
  return GroupWeights{isTransposed ? stacked : transposeMatrices(stacked), biases.empty() ? Attribute() : stackRecipes(biases)};
}

FailureOr<GroupedExperts> matchGroupedExperts(Match &match, WeightRecipes &weights, Value result, Operation *reader) {
  return GroupedMatcher(match, weights).run(result, reader);
}

}  // namespace switchyard::raise
