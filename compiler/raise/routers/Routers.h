// Matchers of routers: how ids and weights of the selected experts come from logits. One kind a file.
#ifndef SWITCHYARD_COMPILER_RAISE_ROUTERS_ROUTERS_H
#define SWITCHYARD_COMPILER_RAISE_ROUTERS_ROUTERS_H

#include "compiler/raise/MoeLayer.h"

namespace switchyard::raise {

/// A function over all experts of a token (or over the selected ones): what it makes scores of.
struct Scores {
  moe::Score score;
  mlir::Value logits;
};
/// Reads Softmax over the last axis, Sigmoid (by name or spelled out), or Sqrt of Softplus; anything else is scores as they are.
mlir::FailureOr<Scores> matchScores(Match &match, mlir::Value scores);

/// The choice of k experts of each token.
struct Selection {
  onnx::NodeOp node;  // TopK or ArgMax, over the last axis
  mlir::Value keys;   // [..., E]
  int64_t slots = 0;
};
/// Reads TopK (largest, its indices) or ArgMax (the first of equals).
mlir::FailureOr<Selection> matchSelection(Match &match, mlir::Value ids, mlir::Operation *reader);

/// What is done to the weights of the selected experts: [divided by (their sum + epsilon)], [multiplied by scale].
struct Normalization {
  mlir::Value weights;
  bool renormalize = false;
  double epsilon = 0.0, scale = 1.0;
};
/// Reads it in front of `weights`; what is summed must be the weights of the k experts that `selection` chooses for one token.
mlir::FailureOr<Normalization> matchNormalization(Match &match, Selection selection, mlir::Value weights);

/// Only some groups of experts may be chosen from.
struct GroupLimit {
  mlir::Value keys;
  int64_t groups = 1, kept = 1;
  moe::GroupScore score = moe::GroupScore::max;
  moe::GroupFill fill = moe::GroupFill::zero;
};
/// Reads the mask of DeepSeek's group-limited routers; keys without one are returned as they are.
mlir::FailureOr<GroupLimit> matchGroupLimit(Match &match, mlir::Value keys);

/// Reads a router without capacity from ids [..., k] and weights [..., k] of the selected experts; both in row-major order.
mlir::FailureOr<Router> matchRouter(Match &match, mlir::Value ids, mlir::Value weights, mlir::Operation *reader);
/// Weights are scores of the selected experts: Mixtral, Qwen, OLMoE, DeepSeek.
mlir::FailureOr<Router> matchScoreThenSelect(Match &match, Selection selection, const Normalization &normalization,
                                             mlir::Operation *reader);
/// Weights are a function of the k selected logits: GPT-OSS, Granite.
mlir::FailureOr<Router> matchSelectThenScore(Match &match, Selection selection, const Normalization &normalization,
                                             mlir::Operation *reader);
/// The router whose weights are `score` over the selected logits, normalised like that.
mlir::FailureOr<Router> getSelectThenScore(Match &match, Selection selection, moe::Score score, const Normalization &normalization);

/// A router of which only the choice is read: the k experts with the largest keys. Keys and weights stay what the file computes; `miss` is why
/// they are not read.
mlir::FailureOr<Router> matchPlainRouter(Match &match, mlir::Value ids, mlir::Value weights, mlir::Operation *reader, const Miss &miss);

/// Reads a router that chooses one expert, whose rows count once: the weight is 1.
mlir::FailureOr<Router> matchUnweighedRouter(Match &match, mlir::Value ids, mlir::Operation *reader);

/// Two choices, the second among the logits without the first, each weighed by its softmax over the logits near it: Phi-3.5-MoE.
/// `ids` is the Concat of the choices.
mlir::FailureOr<Router> matchSparseMixer(Match &match, onnx::NodeOp ids, mlir::Value weights, mlir::Operation *reader);

/// A router in front of a fused layer, which would choose and weigh again: it scatters the weights of the chosen experts, or their logarithms, so
/// that the layer must come to the same choice.
struct ScatteredRouter {
  Router router;
  onnx::NodeOp root;  // the node whose result is the layer's: the fused node, or a product that only corrects the sum of the weights
};
/// Whether the scores of a fused layer are scattered.
bool isScattered(mlir::Value scores);
/// Reads it behind `own`, the router that the fused node itself is.
mlir::FailureOr<ScatteredRouter> matchScatteredRouter(Match &match, const Router &own, onnx::NodeOp fused);

/// Rows of `depth` elements that are 1 at the number of the token, and 0 elsewhere.
struct OneHot {
  onnx::NodeOp node;
  mlir::Value numbers;  // one a row, row-major
  Expression depth;
};
/// Reads [Cast of] Equal of a column with the numbers from 0 on, or OneHot with 0 and 1; `role` is for messages.
mlir::FailureOr<OneHot> matchOneHot(Match &match, mlir::Value value, mlir::Operation *reader, const llvm::Twine &role);

/// Ids and weights of the selected experts of each token, both [..., k], of which something was made by expert.
struct Routes {
  mlir::Value ids, weights;
  std::optional<moe::Score> score = {};  // of `weights`, which are logits: what the experts are weighed by
};
/// Reads the router of such routes.
mlir::FailureOr<Router> matchRouter(Match &match, const Routes &routes, mlir::Operation *reader);
/// Reads routes spread over all experts, [..., E], with 0 for those that are not selected: weights scattered by their ids into zeros, or
/// assigned to the tuples of token and id, or summed over the slots where a one-hot of the ids is 1, or a function of logits scattered into very small numbers.
mlir::FailureOr<Routes> matchRoutingMatrix(Match &match, mlir::Value matrix, mlir::Operation *reader);

/// True where `matrix` may be meant so.
bool looksLikeRoutingMatrix(mlir::Value matrix);

/// The ids and the numbers, called `what` in messages, that a ScatterElements spreads along the last axis: those of a token over its experts.
mlir::FailureOr<Routes> matchSpread(Match &match, onnx::NodeOp scatter, llvm::StringRef what);

/// The Softmax or Sigmoid that `matrix` is, or null.
onnx::NodeOp getFunctionOfLogits(mlir::Value matrix);
/// Reads it over the logits of the selected experts, scattered into numbers that weigh nothing.
mlir::FailureOr<Routes> matchFunctionOfLogits(Match &match, mlir::Value matrix, mlir::Operation *reader);
/// Reads the scatter in front of it.
mlir::FailureOr<Routes> matchSpreadLogits(Match &match, mlir::Value logits, moe::Score score, mlir::Operation *reader);

/// The part of one expert in the tokens that chose it: their weights, and 0 for all other tokens, [..., 1]. Its routes are the elements of
/// [..., slots] in row-major order.
struct ExpertShare {
  int64_t expert = 0, slots = 0;
  Routes routes;
  mlir::Value matrix;  // of which it is a column, if it is one
};
/// What tells the shares of one layer from those of another, found without proving anything: the selection's ids, or the routing matrix.
/// Null where `value` is no share.
mlir::Value getShareSource(SymbolicShapes &shapes, mlir::Value value);
/// Reads the weights summed over the slots whose id is the expert's, or the column of a routing matrix, which is not read again where it is
/// that of `previous`.
mlir::FailureOr<ExpertShare> matchExpertShare(Match &match, mlir::Value share, const ExpertShare &previous, mlir::Operation *reader);

/// Where the share of an expert is not 0: a share as it is, or what compares it, or the matrix of which it is a column, with 0.
struct ShareMask {
  ExpertShare share;
  bool isPositive = false;  // where the share is more than 0
};
/// What tells the masks of one layer from those of another, as `getShareSource`.
mlir::Value getShareMaskSource(SymbolicShapes &shapes, mlir::Value value);
/// Reads the mask.
mlir::FailureOr<ShareMask> matchShareMask(Match &match, mlir::Value mask, const ExpertShare &previous, mlir::Operation *reader);

/// A mask of tokens x experts that is 1 at the chosen expert of each token that has a seat there, and 0 elsewhere.
struct SeatMask {
  mlir::Value ids;  // one a token
  std::optional<Capacity> capacity;
};
/// True where `value` is written like one: a product with the comparison of a cumulated sum.
bool isSeatMask(mlir::Value value);
/// Reads the one-hot of a choice times the comparison of its running count with the capacity.
mlir::FailureOr<SeatMask> matchSeatMask(Match &match, mlir::Value value, mlir::Operation *reader);

/// A router with a capacity, as DeepSpeed and GShard write it, and the einsum operands it is read from.
struct CapacityRouter {
  Router router;
  Capacity capacity;
  mlir::Value kept, seats;  // where there is one choice: what fits, T x E, and the one-hot of the seats, T x C
};
/// True where `value` is `wanted` behind Casts from one type to another, which are taken; they keep 0 and 1.
bool takeCastsTo(Match &match, mlir::Value value, mlir::Value wanted);
/// Reads the combine tensor [T, E, C] of a top-1 or top-2 router.
mlir::FailureOr<CapacityRouter> matchCapacityRouter(Match &match, mlir::Value combine, mlir::Operation *reader);

}  // namespace switchyard::raise

#endif  // SWITCHYARD_COMPILER_RAISE_ROUTERS_ROUTERS_H
