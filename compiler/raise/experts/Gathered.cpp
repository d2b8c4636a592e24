// Experts with weights gathered per row: one matrix for each (token, slot), as "batched_mm" writes them.
#include "compiler/raise/experts/Experts.h"

using namespace mlir;

namespace switchyard::raise {

/// The Transpose that defines `value`, where it exchanges its last two dimensions; null otherwise.
static onnx::NodeOp getMatrixTranspose(Value value) {
  onnx::NodeOp node = getDefiner(value, "Transpose");
  auto type = dyn_cast<RankedTensorType>(value.getType());
  auto stated = node ? dyn_cast_or_null<DenseI64ArrayAttr>(node.getNodeAttr("perm")) : DenseI64ArrayAttr();
  if (!stated || !type || type.getRank() < 2 || stated.size() != type.getRank())
    return {};
  SmallVector<int64_t> expected = llvm::to_vector(llvm::seq<int64_t>(0, type.getRank()));
  std::swap(expected[expected.size() - 2], expected.back());
  return stated.asArrayRef() == ArrayRef<int64_t>(expected) ? node : onnx::NodeOp();
}

onnx::NodeOp getGatheredWeight(WeightRecipes &weights, Value value) {
  value = skipReshapes(value);
  if (onnx::NodeOp transpose = getMatrixTranspose(value))
    value = skipReshapes(transpose.getInputs()[0]);
  auto node = value.getDefiningOp<onnx::NodeOp>();
  if (!node || (node.getOpType() != "ai.onnx::Gather" && node.getOpType() != "ai.onnx::GatherND") ||
      getConstantRecipe(weights, node.getInputs()[1]))
    return {};
  auto type = dyn_cast<RankedTensorType>(node.getInputs()[0].getType());
  return type && type.getRank() == 3 && getConstantRecipe(weights, node.getInputs()[0]) ? node : onnx::NodeOp();
}

namespace {

class GatheredMatcher {
public:
  GatheredMatcher(Match &match, WeightRecipes &weights) : match(match), weights(weights) {}

  FailureOr<GatheredExperts> run(Value result, Operation *reader, bool weighsInputs);

private:
  FailureOr<Projection> matchProjection(Value value, Operation *reader);
  FailureOr<Attribute> matchGather(Value value, Operation *reader);
  FailureOr<Attribute> matchMatrices(Value value, onnx::NodeOp product);
  LogicalResult checkRows(const Linear &linear, int64_t inner);
  FailureOr<Value> matchTokens(Value rows, int64_t hidden, Operation *reader);
  FailureOr<GatheredExperts> matchWeighedTokens(Value rows, int64_t hidden, Operation *reader);
  Value nearestMatrix(Value tokens, int64_t hidden);

  Match &match;
  WeightRecipes &weights;
  Value ids;
  int64_t slots = 0;
  bool isFirst = true;
  /// The input of the first matrices has one row a token; the product repeats it over the slots.
  bool broadcasts = false;
};

/// A weight or bias gathered by the ids, which must be the same everywhere.
FailureOr<Attribute> GatheredMatcher::matchGather(Value value, Operation *reader) {
  value = match.takeReshapes(value);
  auto node = value.getDefiningOp<onnx::NodeOp>();
  bool nd = node && node.getOpType() == "ai.onnx::GatherND";
  if (!nd && !match.takeDefiner(value, reader, "Gather", "weights gathered by expert"))
    return failure();
  match.take(node);
  auto indices = dyn_cast<RankedTensorType>(node.getInputs()[1].getType());
  if (nd ? node.getInt("batch_dims", 0) != 0 || !indices || indices.getRank() == 0 || indices.getShape().back() != 1
         : node.getInt("axis", 0) != 0)
    return match.fail(node, "it does not gather along the experts");
  Value source = match.takeIntegerCasts(node.getInputs()[1]);
  if (ids && ids != source)
    return match.fail(node, "it gathers by other ids than the second matrix");
  ids = source;
  Attribute recipe = getConstantRecipe(weights, node.getInputs()[0]);
  if (!recipe)
    return match.fail(node, "it does not gather from a weight of the model");
  return recipe;
}

/// Matrices gathered by the ids, as they are or each transposed.
FailureOr<Attribute> GatheredMatcher::matchMatrices(Value value, onnx::NodeOp product) {
  auto keeps = [](Value v, Attribute recipe) {
    auto type = dyn_cast<RankedTensorType>(v.getType());
    return type && type.getRank() >= 2 && type.getShape().take_back(2) == rt::getRecipeType(recipe).getShape().take_back(2);
  };
  Value inner = match.takeReshapes(value);
  onnx::NodeOp transpose = getMatrixTranspose(inner);
  if (transpose)
    match.take(transpose);
  Value gathered = transpose ? transpose.getInputs()[0] : value;
  FailureOr<Attribute> recipe = matchGather(gathered, transpose ? transpose : product);
  if (failed(recipe))
    return failure();
  if (!keeps(gathered, *recipe))
    return match.fail(product, "the gathered matrices are reshaped");
  if (transpose)
    recipe = transposeMatrices(*recipe);
  return keeps(value, *recipe) ? recipe : FailureOr<Attribute>(match.fail(product, "the gathered matrices are reshaped"));
}

/// The leading dimensions of both operands are the rows; those of the input may lack the slots.
LogicalResult GatheredMatcher::checkRows(const Linear &linear, int64_t inner) {
  FailureOr<ArrayRef<Expression>> weight = match.getShape(linear.weight, linear.product),
                                  input = match.getShape(linear.input, linear.product);
  if (failed(weight) || failed(input))
    return failure();
  if (weight->size() != input->size() || weight->size() < 3)
    return match.fail(linear.product, "expected operands of one rank, at least 3");
  ArrayRef<Expression> rows = weight->drop_back(2), inputRows = input->drop_back(2), vector = input->take_back(2);
  if (!vector[linear.weightFirst ? 1 : 0].isConstant(1) || !vector[linear.weightFirst ? 0 : 1].isConstant(inner))
    return match.fail(linear.product, "expected one vector of " + llvm::Twine(inner) + " elements a row");
  if (rows == inputRows)
    return success();
  if (isFirst || rows.size() < 2 || rows.drop_back() != inputRows.drop_back() || !inputRows.back().isConstant(1))
    return match.fail(linear.product, "its input has other rows than the gathered weights");
  broadcasts = true;
  return success();
}

FailureOr<Projection> GatheredMatcher::matchProjection(Value value, Operation *reader) {
  FailureOr<Linear> linear = matchLinear(match, value, reader, [&](Value v) { return static_cast<bool>(getGatheredWeight(weights, v)); });
  if (failed(linear))
    return failure();
  if (!linear->product || linear->product.getType() != "MatMul")
    return match.fail(linear->product, "expected a MatMul with gathered weights");
  FailureOr<Attribute> weight = matchMatrices(linear->weight, linear->product);
  if (failed(weight))
    return failure();
  RankedTensorType type = rt::getRecipeType(*weight);
  if (!linear->weightFirst)
    weight = transposeMatrices(*weight);
  type = rt::getRecipeType(*weight);
  if (failed(checkRows(*linear, type.getDimSize(2))))
    return failure();
  isFirst = false;
  Attribute bias;
  if (linear->bias) {
    FailureOr<Attribute> recipe = matchGather(linear->bias, linear->product);
    if (failed(recipe))
      return failure();
    bias = *recipe;
    if (rt::getRecipeType(bias).getShape() != type.getShape().drop_back())
      return match.fail(linear->product, "its bias is not " + llvm::Twine(type.getDimSize(0)) + " x " + llvm::Twine(type.getDimSize(1)));
  }
  return Projection{linear->input, *weight, bias};
}

/// `tokens`, or the same elements in front of reshapes, as a matrix where there is one.
Value GatheredMatcher::nearestMatrix(Value tokens, int64_t hidden) {
  auto isMatrix = [&](Value v) {
    auto type = dyn_cast<RankedTensorType>(v.getType());
    return type && type.getRank() == 2 && type.getDimSize(1) == hidden;
  };
  Value value = tokens;
  while (!isMatrix(value) && isReshape(value.getDefiningOp()))
    value = cast<onnx::NodeOp>(value.getDefiningOp()).getInputs()[0];
  return isMatrix(value) || getStaticLastDim(value) == hidden ? value : tokens;
}

/// The rows that the first matrices read, each token repeated over its slots: by the product, by Expand or Tile, or not at
/// all where there is one slot.
FailureOr<Value> GatheredMatcher::matchTokens(Value rows, int64_t hidden, Operation *reader) {
  if (broadcasts)
    return nearestMatrix(rows, hidden);
  Value value = match.takeFloatCasts(rows);
  onnx::NodeOp repeat = getDefiner(value, "Expand") ? getDefiner(value, "Expand") : getDefiner(value, "Tile");
  if (!repeat && slots == 1)
    return nearestMatrix(rows, hidden);
  if (!repeat)
    return match.fail(value.getDefiningOp() ? value.getDefiningOp() : reader, "expected Expand or Tile of the tokens over the slots");
  match.take(repeat);
  FailureOr<ArrayRef<Expression>> from = match.getShape(repeat.getInputs()[0], repeat), to = match.getShape(value, repeat);
  if (failed(from) || failed(to))
    return failure();
  bool repeats = from->size() == to->size() && to->size() >= 2;
  // [..., 1, H] becomes [..., k, H].
  for (size_t d = 0; repeats && d < to->size(); ++d)
    repeats = d + 2 == to->size() ? (*from)[d].isConstant(1) && (*to)[d].isConstant(slots) : (*from)[d] == (*to)[d];
  if (!repeats || !to->back().isConstant(hidden))
    return match.fail(repeat, "it does not repeat each token " + llvm::Twine(slots) + " times");
  return nearestMatrix(repeat.getInputs()[0], hidden);
}

/// The tokens times one weight a slot; the product may repeat them over the slots.
FailureOr<GatheredExperts> GatheredMatcher::matchWeighedTokens(Value rows, int64_t hidden, Operation *reader) {
  onnx::NodeOp product = match.takeDefiner(match.takeFloatCasts(rows), reader, "Mul", "tokens times the weights of their slots");
  std::optional<unsigned> column = product ? findOperand(product, [](Value v) { return getStaticLastDim(v) == 1; }) : std::nullopt;
  if (!column)
    return failure();
  Value tokens = product.getInputs()[1 - *column], shares = product.getInputs()[*column];
  FailureOr<ArrayRef<Expression>> from = match.getShape(tokens, product), by = match.getShape(shares, product),
                                  to = match.getShape(product.getResult(0), product);
  if (failed(from) || failed(by) || failed(to) || !to->back().isConstant(hidden) || by->drop_back() != to->drop_back())
    return failure();
  if (*from == *to) {
    FailureOr<Value> inner = matchTokens(tokens, hidden, product);
    if (failed(inner))
      return failure();
    return GatheredExperts{*inner, {}, {}, shares};
  }
  size_t rank = to->size();
  bool repeats = rank >= 3 && from->size() == rank && from->drop_back(2) == to->drop_back(2) && (*from)[rank - 2].isConstant(1) && from->back() == to->back();
  if (!repeats || !(*to)[rank - 2].isConstant(slots))
    return failure();
  return GatheredExperts{nearestMatrix(tokens, hidden), {}, {}, shares};
}

FailureOr<GatheredExperts> GatheredMatcher::run(Value result, Operation *reader, bool weighsInputs) {
  FailureOr<Mlp> mlp = matchMlp(match, result, reader, [&](Value value, Operation *from) { return matchProjection(value, from); });
  if (failed(mlp))
    return failure();
  // ArgMax chooses one, whether or not it keeps an axis for it, and so does one column of the ids of all slots.
  std::optional<Part> part = match.readPart(ids);
  bool isColumn = part && part->size == 1 && part->axis + 1 == cast<RankedTensorType>(part->getWhole().getType()).getRank();
  std::optional<int64_t> width = isColumn || getDefiner(ids, "ArgMax") ? std::optional<int64_t>(1) : getStaticLastDim(ids);
  if (!width)
    return match.fail(reader, "the number of slots is not static");
  slots = *width;
  int64_t hidden = rt::getRecipeType(mlp->experts.gate).getDimSize(2);
  if (weighsInputs) {
    FailureOr<GatheredExperts> weighed = matchWeighedTokens(mlp->input, hidden, reader);
    if (failed(weighed) || broadcasts)
      return failure();
    return GatheredExperts{weighed->tokens, ids, mlp->experts, weighed->weights};
  }
  FailureOr<Value> tokens = matchTokens(mlp->input, hidden, reader);
  if (failed(tokens))
    return failure();
  return GatheredExperts{*tokens, ids, mlp->experts, {}};
}

}  // namespace

FailureOr<GatheredExperts> matchGatheredExperts(Match &match, WeightRecipes &weights, Value result, Operation *reader, bool weighsInputs) {
  return GatheredMatcher(match, weights).run(result, reader, weighsInputs);
}

}  // namespace switchyard::raise
