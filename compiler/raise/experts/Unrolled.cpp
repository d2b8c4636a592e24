// Experts as E bodies: Split of [E, C, H], one MLP for each part, Concat.
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

/// The Split of which each body reads the part of its expert, in order.
FailureOr<onnx::NodeOp> matchParts(Match &match, onnx::NodeOp concat, MutableArrayRef<Mlp> bodies) {
  onnx::NodeOp split;
  for (auto [expert, body] : llvm::enumerate(bodies)) {
    body.input = match.takeReshapes(body.input);
    onnx::NodeOp node = match.takeDefiner(body.input, concat, "Split", "the rows of expert " + llvm::Twine(expert));
    if (!node)
      return failure();
    if (split && split != node)
      return match.fail(node, "expert " + llvm::Twine(expert) + " reads another Split than expert 0");
    split = node;
    if (cast<OpResult>(body.input).getResultNumber() != expert)
      return match.fail(node, "expert " + llvm::Twine(expert) + " reads part " + llvm::Twine(cast<OpResult>(body.input).getResultNumber()));
    auto part = dyn_cast<RankedTensorType>(body.input.getType());
    if (!part || part.getRank() != 3 || part.getDimSize(0) != 1)
      return match.fail(node, "part " + llvm::Twine(expert) + " does not hold the seats of one expert");
  }
  if (Match::getAxis(split, 3, 0) != 0)
    return match.fail(split, "it does not split along the experts");
  if (split.getNumResults() != bodies.size())
    return match.fail(split, llvm::Twine(split.getNumResults()) + " parts for " + llvm::Twine(bodies.size()) + " experts");
  return split;
}

}  // namespace

FailureOr<Mlp> matchUnrolledExperts(Match &match, WeightRecipes &weights, onnx::NodeOp concat) {
  match.take(concat);
  if (Match::getAxis(concat, 3, 0) != 0)
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
  FailureOr<onnx::NodeOp> split = matchParts(match, concat, bodies);
  if (failed(split))
    return failure();
  Mlp all;
  all.input = split->getInputs()[0];
  all.experts.activation = bodies.front().experts.activation;
  for (auto role : {&Experts::gate, &Experts::gateBias, &Experts::up, &Experts::upBias, &Experts::down, &Experts::downBias})
    if (failed(stackRole(match, concat, bodies, role, all.experts)))
      return failure();
  return all;
}

}  // namespace switchyard::raise
