// Experts as E bodies: the parts of [E, C, H] by Split, Slice or Gather, one MLP for each, Concat.
#include "compiler/raise/experts/Experts.h"

using namespace mlir;

namespace switchyard::raise {

namespace {

/// A product with a matrix of one expert: rows times K x N, or Gemm with N x K.
FailureOr<Projection> matchBodyProjection(Match &match, WeightRecipes &weights, Value result, Operation *reader) {
  FailureOr<Linear> linear =
      matchLinear(match, result, reader, [&](Value value) { return static_cast<bool>(getConstantRecipe(weights, value)); });
  if (failed(linear))
    return failure();
  Attribute weight = getConstantRecipe(weights, linear->weight);
  if (!weight || rt::getRecipeType(weight).getRank() != 2 || linear->weightFirst)
    return match.fail(linear->product, "expected rows times a weight of rank 2");
  if (!(linear->product.getType() == "Gemm" && linear->product.getInt("transB", 0) == 1))
    weight = transposeMatrices(weight);
  int64_t rows = rt::getRecipeType(weight).getDimSize(0);
  Attribute bias;
  if (linear->bias) {
    bias = getConstantRecipe(weights, linear->bias);
    RankedTensorType type = bias ? rt::getRecipeType(bias) : RankedTensorType();
    if (!type || type.getRank() == 0 || type.getNumElements() != rows || type.getShape().back() != rows)
      return match.fail(linear->product, "its bias is not a weight of " + llvm::Twine(rows) + " elements");
    bias = reshapeRecipe(bias, rows);
  }
  return Projection{linear->input, weight, bias};
}

/// The recipes of one role over all experts, stacked. Either all experts have one, of one type, or none.
LogicalResult stackRole(Match &match, Operation *reader, ArrayRef<Mlp> bodies, Attribute Experts::*role, Experts &result) {
  SmallVector<Attribute> recipes;
  for (auto [expert, body] : llvm::enumerate(bodies)) {
    Attribute recipe = body.experts.*role, first = bodies.front().experts.*role;
    if (static_cast<bool>(recipe) != static_cast<bool>(first) || (recipe && rt::getRecipeType(recipe) != rt::getRecipeType(first)))
      return match.fail(reader, "expert " + llvm::Twine(expert) + " has other weights than expert 0");
    if (recipe)
      recipes.push_back(recipe);
  }
  if (!recipes.empty())
    result.*role = stackRecipes(recipes);
  return success();
}

/// The axis of the experts of [1 …, E, C, H]; DeepSpeed puts the number of its groups, 1 in a file, in front.
std::optional<int64_t> getExpertAxis(RankedTensorType type) {
  int64_t axis = type.getRank() - 3;
  bool leads = axis >= 0 && llvm::all_of(type.getShape().take_front(axis), [](int64_t size) { return size == 1; });
  return leads ? std::optional(axis) : std::nullopt;
}

/// Index `expert` along the experts of a tensor: a part of a Split, or what Slice or Gather takes.
struct Part {
  onnx::NodeOp node;
  int64_t expert = 0;
};

std::optional<Part> readPart(Match &match, Value value) {
  auto node = value.getDefiningOp<onnx::NodeOp>();
  auto type = node ? dyn_cast<RankedTensorType>(node.getInputs()[0].getType()) : RankedTensorType();
  auto part = dyn_cast<RankedTensorType>(value.getType());
  std::optional<int64_t> axis = type ? getExpertAxis(type) : std::nullopt;
  if (!axis || !part || node.getDomain() != "ai.onnx" || type.isDynamicDim(*axis))
    return std::nullopt;
  int64_t count = type.getDimSize(*axis), rank = type.getRank();
  auto single = [&](unsigned operand) -> std::optional<int64_t> {
    Value v = node.getInput(operand);
    std::optional<SmallVector<int64_t>> data = v ? match.shapes.getConstantData(v) : std::nullopt;
    return data && data->size() == 1 ? std::optional(data->front()) : std::nullopt;
  };
  std::optional<int64_t> index;
  bool isAxis = Match::getAxis(node, rank, 0) == *axis, isSingle = part.getRank() == rank && part.getDimSize(*axis) == 1;
  if (node.getType() == "Split" && isAxis && isSingle)
    index = cast<OpResult>(value).getResultNumber();
  else if (node.getType() == "Gather" && isAxis)
    index = single(1);
  else if (node.getType() == "Slice" && (single(3) == *axis || single(3) == *axis - rank) && isSingle && (!node.getInput(4) || single(4) == 1))
    index = single(1);
  if (!index)
    return std::nullopt;
  return Part{node, *index < 0 ? *index + count : *index};
}

/// The tensor of which each body reads the part of its expert, in order.
FailureOr<Value> matchParts(Match &match, onnx::NodeOp concat, MutableArrayRef<Mlp> bodies) {
  Value source;
  for (auto [expert, body] : llvm::enumerate(bodies)) {
    body.input = match.takeReshapes(body.input);
    std::optional<Part> part = readPart(match, body.input);
    Operation *node = body.input.getDefiningOp() ? body.input.getDefiningOp() : concat.getOperation();
    if (!part)
      return match.fail(node, "expected Split, or Slice or Gather by constants, as the seats of expert " + llvm::Twine(expert));
    match.take(node);
    if (source && source != part->node.getInputs()[0])
      return match.fail(node, "expert " + llvm::Twine(expert) + " reads another tensor than expert 0");
    source = part->node.getInputs()[0];
    if (part->expert != static_cast<int64_t>(expert))
      return match.fail(node, "expert " + llvm::Twine(expert) + " reads part " + llvm::Twine(part->expert));
  }
  auto type = cast<RankedTensorType>(source.getType());
  int64_t parts = type.getDimSize(*getExpertAxis(type));
  if (parts != static_cast<int64_t>(bodies.size()))
    return match.fail(concat, llvm::Twine(parts) + " parts for " + llvm::Twine(bodies.size()) + " experts");
  return source;
}

}  // namespace

FailureOr<Mlp> matchUnrolledExperts(Match &match, WeightRecipes &weights, onnx::NodeOp concat) {
  match.take(concat);
  auto joined = dyn_cast<RankedTensorType>(concat.getResult(0).getType());
  if (!joined || getExpertAxis(joined) != Match::getAxis(concat, joined.getRank(), 0))
    return match.fail(concat, "it does not join along the experts");
  SmallVector<Mlp> bodies;
  for (Value result : concat.getInputs()) {
    auto project = [&](Value value, Operation *reader) { return matchBodyProjection(match, weights, value, reader); };
    FailureOr<Mlp> body = matchMlp(match, result, concat, project);
    if (failed(body))
      return failure();
    if (!bodies.empty() && body->experts.activation != bodies.front().experts.activation)
      return match.fail(concat, "expert " + llvm::Twine(bodies.size()) + " has another activation than expert 0");
    bodies.push_back(*body);
  }
  FailureOr<Value> source = matchParts(match, concat, bodies);
  if (failed(source))
    return failure();
  Mlp all;
  all.input = *source;
  all.experts.activation = bodies.front().experts.activation;
  for (auto role : {&Experts::gate, &Experts::gateBias, &Experts::up, &Experts::upBias, &Experts::down, &Experts::downBias})
    if (failed(stackRole(match, concat, bodies, role, all.experts)))
      return failure();
  return all;
}

}  // namespace switchyard::raise
