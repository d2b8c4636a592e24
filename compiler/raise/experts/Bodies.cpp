// Experts as one body each, with weights of rank 2, and what makes one layer of them.
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
  if (!(linear->product.getType() == "Gemm" && linear->product.getInt("transB", 0) != 0))
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

}  // namespace

FailureOr<Mlp> matchBody(Match &match, WeightRecipes &weights, Value result, Operation *reader) {
  return matchMlp(match, result, reader, [&](Value value, Operation *from) { return matchBodyProjection(match, weights, value, from); });
}

FailureOr<Experts> stackBodies(Match &match, ArrayRef<Mlp> bodies, Operation *reader) {
  Experts all;
  all.activation = bodies.front().experts.activation;
  for (auto [expert, body] : llvm::enumerate(bodies))
    if (body.experts.activation != all.activation)
      return match.fail(reader, "expert " + llvm::Twine(expert) + " has another activation than expert 0");
  for (auto role : {&Experts::gate, &Experts::gateBias, &Experts::up, &Experts::upBias, &Experts::down, &Experts::downBias})
    if (failed(stackRole(match, reader, bodies, role, all)))
      return failure();
  return all;
}

}  // namespace switchyard::raise
