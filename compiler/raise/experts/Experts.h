// Matchers of experts: how the rows that an expert reads become the rows that it gives. One form a file; activations and
// the two or three matrices of an MLP are common to all forms.
#ifndef SWITCHYARD_COMPILER_RAISE_EXPERTS_EXPERTS_H
#define SWITCHYARD_COMPILER_RAISE_EXPERTS_EXPERTS_H

#include "compiler/raise/MoeLayer.h"

namespace switchyard::raise {

/// An activation: what the second matrix of an MLP reads. `up` is null where nothing is gated.
struct Activation {
  moe::ActivationAttr attribute;
  mlir::Value gate, up;
};
mlir::FailureOr<Activation> matchActivation(Match &match, mlir::Value result, mlir::Operation *reader);

/// A matrix product with a bias or without, in front of `result`: its three operands as they stand.
struct Linear {
  onnx::NodeOp product;  // MatMul or Gemm
  mlir::Value input, weight, bias;
  bool weightFirst = false;  // MatMul(weight, input)
};
/// Reads [Add of a bias to] MatMul or Gemm; the operand of which `isWeight` holds is the weight.
mlir::FailureOr<Linear> matchLinear(Match &match, mlir::Value result, mlir::Operation *reader,
                                    llvm::function_ref<bool(mlir::Value)> isWeight);

/// What a form's projection is: its input, the weight [E x] N x K and the bias [E x] N as recipes.
struct Projection {
  mlir::Value input;
  mlir::Attribute weight, bias;
};
using ProjectionMatcher = llvm::function_ref<mlir::FailureOr<Projection>(mlir::Value result, mlir::Operation *reader)>;

/// A whole expert (or all of them at once): the rows it reads, and its weights, [E x] I x H and [E x] H x I.
struct Mlp {
  mlir::Value input;
  Experts experts;
};
mlir::FailureOr<Mlp> matchMlp(Match &match, mlir::Value result, mlir::Operation *reader, ProjectionMatcher project);

/// One expert with matrices of rank 2.
mlir::FailureOr<Mlp> matchBody(Match &match, WeightRecipes &weights, mlir::Value result, mlir::Operation *reader);
/// The experts of which `bodies` are one each, in order; fails where they are not alike.
mlir::FailureOr<Experts> stackBodies(Match &match, llvm::ArrayRef<Mlp> bodies, mlir::Operation *reader);

/// E bodies over the slices of a tensor [E, C, H], put together again by a Concat.
mlir::FailureOr<Mlp> matchUnrolledExperts(Match &match, WeightRecipes &weights, onnx::NodeOp concat);
/// One body over [E, C, H] with weights of rank 3.
mlir::FailureOr<Mlp> matchBatchedExperts(Match &match, WeightRecipes &weights, mlir::Value result, mlir::Operation *reader);

/// One body over rows (token, slot) with weights gathered by the id of the row's expert.
struct GatheredExperts {
  mlir::Value tokens, ids;  // [..., H]; [..., k], row-major
  Experts experts;
};
mlir::FailureOr<GatheredExperts> matchGatheredExperts(Match &match, WeightRecipes &weights, mlir::Value result, mlir::Operation *reader);
/// The Gather or GatherND of weights of rank 3 by run-time indices that defines `value` behind reshapes and a transpose of each matrix, or
/// null.
onnx::NodeOp getGatheredWeight(WeightRecipes &weights, mlir::Value value);

}  // namespace switchyard::raise

#endif  // SWITCHYARD_COMPILER_RAISE_EXPERTS_EXPERTS_H
