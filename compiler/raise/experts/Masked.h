// Experts that stand one by one in a sum over a mask of tokens x experts, in which a token has one expert at most.
#ifndef SWITCHYARD_COMPILER_RAISE_EXPERTS_MASKED_H
#define SWITCHYARD_COMPILER_RAISE_EXPERTS_MASKED_H

#include "compiler/raise/experts/Experts.h"

namespace switchyard::raise {

/// All experts of a layer in the order of their numbers, and what they have in common.
struct MaskedExperts {
  mlir::Value tokens;   // [..., H]
  mlir::Value mask;     // [..., E]
  mlir::Value weights;  // one a token; null where the rows are not weighed one by one
  Experts experts;
  bool weighsInputs = false;  // the weights multiply what the experts read
  bool keepsTokens = false;  // a token without an expert gives itself, and not zeros
};
/// Reads the sum `result` of the experts. They compute all tokens and multiply by their part of the mask, or look up the tokens in it and
/// scatter what they make of them into zeros, or over the tokens: rows, or the elements of rows.
mlir::FailureOr<MaskedExperts> matchMaskedExperts(Match &match, WeightRecipes &weights, mlir::Value result, mlir::Operation *reader);

/// True where `node` adds a term to such a sum, over a mask with a capacity. `isSum` knows the sums in front of it.
bool addsMaskedTerm(onnx::NodeOp node, llvm::function_ref<bool(mlir::Value)> isSum);

}  // namespace switchyard::raise

#endif  // SWITCHYARD_COMPILER_RAISE_EXPERTS_MASKED_H
