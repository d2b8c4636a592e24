// Matchers of experts: how the rows that an expert reads become the rows that it gives. One form a file; activations and
// the two or three matrices of an MLP are common to all forms.
#ifndef SWITCHYARD_COMPILER_RAISE_EXPERTS_EXPERTS_H
#define SWITCHYARD_COMPILER_RAISE_EXPERTS_EXPERTS_H

#include "compiler/analysis/GroupedRows.h"
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

/// One body of one expert, of which the weights have rank 2.
mlir::FailureOr<Mlp> matchBody(Match &match, WeightRecipes &weights, mlir::Value result, mlir::Operation *reader);
/// The weights of all bodies, in the order of the experts, stacked; fails where the bodies are not of one kind.
mlir::FailureOr<Experts> stackBodies(Match &match, llvm::ArrayRef<Mlp> bodies, mlir::Operation *reader);
/// True where `a` and `b` are one tensor, at most reshaped twice to one shape; those of `a` are taken.
bool isSameTensor(Match &match, mlir::Value a, mlir::Value b);

/// E bodies over the slices of a tensor [E, C, H], put together again by a Concat.
mlir::FailureOr<Mlp> matchUnrolledExperts(Match &match, WeightRecipes &weights, onnx::NodeOp concat);
/// One body over [E, C, H] with weights of rank 3. With `readsTokens`, the first matrices may read [T, H] or [1, T, H] for all experts.
mlir::FailureOr<Mlp> matchBatchedExperts(Match &match, WeightRecipes &weights, mlir::Value result, mlir::Operation *reader,
                                         bool readsTokens = false);

/// E bodies over the same tokens, stacked by a Concat along the first axis: E x tokens.
mlir::FailureOr<Mlp> matchStackedExperts(Match &match, WeightRecipes &weights, onnx::NodeOp concat);

/// The tokens in front of what repeats all of them for every expert, by Tile or by Expand.
mlir::FailureOr<mlir::Value> matchRepeatedTokens(Match &match, mlir::Value rows, int64_t experts, mlir::Operation *reader);
/// The tokens that the first matrices of all experts read; the product may repeat them itself.
mlir::FailureOr<mlir::Value> matchTokensOfAll(Match &match, mlir::Value rows, int64_t experts, mlir::Operation *reader);
/// `tokens`, or the same elements in front of reshapes, as rows of `hidden` elements.
mlir::FailureOr<mlir::Value> getTokenRows(Match &match, mlir::Value tokens, int64_t hidden, mlir::Operation *reader);

/// Rows that are selected, one for each id, among those of all experts.
struct SelectedRows {
  mlir::Value all;  // [tokens, experts, features]
  int64_t axis = 0;
  mlir::Value ids;  // row-major
};
/// The Gather, GatherND or GatherElements of computed rows of rank 3 that defines `value`, or null.
onnx::NodeOp getSelection(WeightRecipes &weights, mlir::Value value);
/// Reads it: by pairs of a token and an id, by their positions, or by ids repeated for each feature.
mlir::FailureOr<SelectedRows> matchSelectedRows(Match &match, mlir::Value value, onnx::NodeOp selection);
/// The experts that compute all of them, stacked or batched, for `selections` alone; what they read are the tokens.
mlir::FailureOr<Mlp> matchSelectedExperts(Match &match, WeightRecipes &weights, const SelectedRows &rows, mlir::ArrayRef<mlir::Operation *> selections);

/// One body over rows (token, slot) with weights gathered by the id of the row's expert.
struct GatheredExperts {
  mlir::Value tokens, ids;  // [..., H]; [..., k], row-major
  Experts experts;
  mlir::Value weights;  // of the slots, where they multiply the tokens
};
/// With `weighsInputs`, the first matrices read the tokens times the weights of their slots.
mlir::FailureOr<GatheredExperts> matchGatheredExperts(Match &match, WeightRecipes &weights, mlir::Value result, mlir::Operation *reader,
                                                      bool weighsInputs = false);
/// The Gather or GatherND of weights of rank 3 by run-time indices that defines `value` behind reshapes and a transpose of each matrix, or
/// null.
onnx::NodeOp getGatheredWeight(WeightRecipes &weights, mlir::Value value);

/// The order in which rows of (token, slot) stand where they are sorted by expert.
struct Sorting {
  onnx::NodeOp sort;  // TopK of all ids, the smallest first
  mlir::Value ids;    // of the router, row-major
  Expression rows;
  /// order[i] is the row that stands at position i.
  mlir::Value getOrder() { return sort.getResult(1); }
};
/// Reads it from `order`.
mlir::FailureOr<Sorting> matchSorting(Match &match, mlir::Value order, mlir::Operation *reader);
/// What `product` reads at `index` is row order[i] of a tensor [N, ...]: a Gather or GatherND along the first axis. Returns the tensor.
mlir::FailureOr<mlir::Value> matchPermuted(Match &match, mlir::Value value, mlir::Value order, mlir::Operation *reader, const llvm::Twine &role);
/// Proves that `position` is the inverse of the order: where row i stands.
mlir::LogicalResult matchInverse(Match &match, mlir::Value position, Sorting sorting, mlir::Operation *reader);
/// Reads order / k, the token of the row at each position: a division of integers, or one of floats that is rounded towards zero.
struct TokenOfRow {
  mlir::Value order;
  int64_t slots = 0;
};
mlir::FailureOr<TokenOfRow> matchTokenOfRow(Match &match, mlir::Value index, mlir::Operation *reader);
/// Proves that `numbers` are the ids, sorted or not, whatever arithmetic they go through, for all of `experts` ids.
mlir::LogicalResult matchCountedIds(Match &match, mlir::Value numbers, Sorting sorting, int64_t experts, mlir::Operation *reader);

/// Products of rows sorted by expert, one a group.
struct GroupedExperts {
  mlir::Value tokens;  // [T, H]
  Sorting sorting;
  int64_t slots = 0;
  Experts experts;
};
mlir::FailureOr<GroupedExperts> matchGroupedExperts(Match &match, WeightRecipes &weights, mlir::Value result, mlir::Operation *reader);

/// True where the groups of `concat` multiply rows as they are gathered, so that nothing but one product is made of them: a projection of an
/// attention whose heads are experts, which are no MLPs.
bool isProjection(onnx::NodeOp concat);

/// The weights of products of groups as recipes: E x N x K, and E x N where they have biases.
struct GroupWeights {
  mlir::Attribute matrices, bias;
};
/// Stacks them; nothing where `condition` does not hold at `node`.
std::optional<GroupWeights> stackGroupWeights(WeightRecipes &weights, const GroupedRows &grouped, onnx::NodeOp &node, std::string &condition);

/// The operands of a sum have the shape of its result.
mlir::LogicalResult checkAddsOneShape(Match &match, onnx::NodeOp sum);
/// One weight a row: the weights have the shape of the rows, but for the H elements of a row.
mlir::LogicalResult checkWeighing(Match &match, onnx::NodeOp product, mlir::Value ofRows, mlir::Value ofWeights, int64_t hidden);
/// The sum runs over the slots: [..., k, H] along k.
mlir::LogicalResult checkSum(Match &match, onnx::NodeOp sum, int64_t slots, int64_t hidden);

}  // namespace switchyard::raise

#endif  // SWITCHYARD_COMPILER_RAISE_EXPERTS_EXPERTS_H
