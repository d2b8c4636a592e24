// Experts as one body over [E, C, H] with weights of rank 3.
#include "compiler/raise/experts/Experts.h"

using namespace mlir;

namespace switchyard::raise {

FailureOr<Mlp> matchBatchedExperts(Match &match, WeightRecipes &weights, Value result, Operation *reader, bool readsTokens) {
  auto project = [&](Value value, Operation *from) -> FailureOr<Projection> {
    FailureOr<Linear> linear = matchLinear(match, value, from, [&](Value v) { return static_cast<bool>(getConstantRecipe(weights, v)); });
    if (failed(linear))
      return failure();
    Attribute weight = getConstantRecipe(weights, linear->weight);
    auto input = dyn_cast<RankedTensorType>(linear->input.getType());
    // The product repeats a matrix of tokens for every expert.
    bool isMatrix = readsTokens && input && (input.getRank() == 2 || (input.getRank() == 3 && input.getDimSize(0) == 1));
    if (!weight || rt::getRecipeType(weight).getRank() != 3 || linear->weightFirst || !input || (input.getRank() != 3 && !isMatrix))
      return match.fail(linear->product, "expected rows by expert times a weight of rank 3");
    RankedTensorType type = rt::getRecipeType(weight);
    if (!isMatrix && input.getDimSize(0) != type.getDimSize(0))
      return match.fail(linear->product, "rows of another number of experts than the " + llvm::Twine(type.getDimSize(0)) + " of the weight");
    Attribute bias;
    if (linear->bias) {
      bias = getConstantRecipe(weights, linear->bias);
      if (!bias || rt::getRecipeType(bias).getShape() != ArrayRef<int64_t>{type.getDimSize(0), 1, type.getDimSize(2)})
        return match.fail(linear->product, "its bias is not a weight of " + llvm::Twine(type.getDimSize(0)) + " x 1 x " + llvm::Twine(type.getDimSize(2)));
      bias = reshapeRecipe(bias, {type.getDimSize(0), type.getDimSize(2)});
    }
    return Projection{linear->input, transposeMatrices(weight), bias};
  };
  return matchMlp(match, result, reader, project);
}

}  // namespace switchyard::raise
