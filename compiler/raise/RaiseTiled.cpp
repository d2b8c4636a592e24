#include "compiler/raise/MoeLayer.h"
#include "compiler/raise/Passes.h"
#include "compiler/raise/experts/Experts.h"
#include "compiler/raise/routers/Routers.h"
#include "dialects/nn/NnDialect.h"

#include "mlir/IR/BuiltinOps.h"

namespace switchyard::raise {

#define GEN_PASS_DEF_RAISETILED
#include "compiler/raise/Passes.h.inc"

using namespace mlir;

namespace {

/// Where a layer ends: the sum over the experts of rows times shares. The product stands behind the experts, or in front of them.
struct Anchor {
  onnx::NodeOp sum, product;
  unsigned shares;  // which operand of the product
  bool weighsInputs = false;
};

/// True where `value` is the transpose of a matrix of routes, or the sigmoid of one, behind reshapes.
bool isTransposedRoutes(Value value) {
  value = skipFloatCasts(value);
  onnx::NodeOp sigmoid = getDefiner(value, "Sigmoid");
  onnx::NodeOp transpose = getDefiner(sigmoid ? skipFloatCasts(sigmoid.getInputs()[0]) : value, "Transpose");
  if (!transpose)
    return false;
  Value matrix = skipFloatCasts(transpose.getInputs()[0]);
  return sigmoid ? static_cast<bool>(getDefiner(matrix, "ScatterElements")) : looksLikeRoutingMatrix(matrix);
}

/// The product with shares that the experts whose rows are `value` read, found through a bounded number of nodes.
std::optional<Anchor> findWeighedInput(onnx::NodeOp sum, Value value) {
  constexpr size_t mostNodes = 24;
  std::optional<unsigned> shares;
  auto isStandard = [](onnx::NodeOp node) { return node.getDomain() == "ai.onnx"; };
  onnx::NodeOp product = findOrigin(
      value, mostNodes,
      [&](onnx::NodeOp node) {
        shares = node.getOpType() == "ai.onnx::Mul" ? findOperand(node, isTransposedRoutes) : std::nullopt;
        return shares.has_value();
      },
      isStandard);
  return product ? std::optional(Anchor{sum, product, *shares, /*weighsInputs=*/true}) : std::nullopt;
}

std::optional<Anchor> findAnchor(onnx::NodeOp sum) {
  Value summed = skipReshapes(skipWidenings(sum.getInputs()[0]));
  if (onnx::NodeOp product = getDefiner(summed, "Mul")) {
    std::optional<unsigned> shares = findOperand(product, isTransposedRoutes);
    return shares ? std::optional(Anchor{sum, product, *shares}) : std::nullopt;
  }
  if (!getDefiner(summed, "MatMul") && !getDefiner(summed, "Add"))
    return std::nullopt;
  return findWeighedInput(sum, summed);
}

/// The routes of the shares, of which the rows are E x tokens.
FailureOr<Routes> matchShares(Match &match, Value shares, int64_t experts, onnx::NodeOp product) {
  Value value = match.takeFloatCasts(shares);
  onnx::NodeOp sigmoid = getDefiner(value, "Sigmoid");
  if (sigmoid) {
    match.take(sigmoid);
    value = match.takeFloatCasts(sigmoid.getInputs()[0]);
  }
  onnx::NodeOp transpose = match.takeDefiner(value, product, "Transpose", "the routes by expert");
  if (!transpose)
    return failure();
  Value matrix = match.takeFloatCasts(transpose.getInputs()[0]);
  if (!bringsLastAxisToFront(transpose) || getStaticLastDim(transpose.getInputs()[0]) != experts || getStaticLastDim(matrix) != experts)
    return match.fail(transpose, "it does not make " + llvm::Twine(experts) + " x tokens of the matrix of routes");
  return sigmoid ? matchSpreadLogits(match, matrix, moe::Score::sigmoid, transpose) : matchRoutingMatrix(match, matrix, transpose);
}

/// The tokens that a product multiplies by the shares of all experts: it may repeat them itself.
FailureOr<Value> matchWeighedTokens(Match &match, Anchor anchor, int64_t experts, int64_t hidden) {
  onnx::NodeOp product = anchor.product;
  Value rows = product.getInputs()[1 - anchor.shares], shares = product.getInputs()[anchor.shares];
  FailureOr<ArrayRef<Expression>> from = match.getShape(rows, product), by = match.getShape(shares, product),
                                  to = match.getShape(product.getResult(0), product);
  if (failed(from) || failed(by) || failed(to))
    return failure();
  bool isColumn = to->size() >= 2 && by->size() == to->size() && by->back().isConstant(1) && by->drop_back() == to->drop_back();
  if (!isColumn || !to->back().isConstant(hidden))
    return match.fail(product, "it does not multiply each row of " + llvm::Twine(hidden) + " elements by one weight");
  if (*from == *to)
    return experts == 1 ? FailureOr<Value>(rows) : matchRepeatedTokens(match, rows, experts, product);
  ArrayRef<Expression> own = from->size() == to->size() && from->front().isConstant(1) ? from->drop_front() : *from;
  if (!to->front().isConstant(experts) || own != to->drop_front())
    return match.fail(product, "it does not repeat all tokens for each of " + llvm::Twine(experts) + " experts");
  return rows;
}

/// An expert that reads zeros for the tokens that did not choose it must give zeros.
LogicalResult checkGivesZeros(Match &match, const Experts &experts, onnx::NodeOp product) {
  bool hasZeroFactor = experts.up && !experts.upBias && !experts.activation.getBeta();
  if (!hasZeroFactor && !moe::keepsZero(experts.activation.getKind()))
    return match.fail(product, "it weighs what experts read whose activation makes something of zeros, so that tokens that did not choose an expert get something of it");
  if (experts.downBias || (experts.gateBias && !hasZeroFactor))
    return match.fail(product, "it weighs what experts with biases read, so that tokens that did not choose an expert get something of it");
  return success();
}

/// The sum runs over the experts, which lead.
LogicalResult checkExpertSum(Match &match, onnx::NodeOp sum, int64_t experts) {
  FailureOr<ArrayRef<Expression>> shape = match.getShape(sum.getInputs()[0], sum);
  if (failed(shape) || failed(match.getShape(sum.getResult(0), sum)))
    return failure();
  if (shape->empty() || !shape->front().isConstant(experts) || match.getReductionAxes(sum) != SmallVector<int64_t>{0})
    return match.fail(sum, "it does not sum over " + llvm::Twine(experts) + " experts");
  return success();
}

FailureOr<MoeLayer> matchLayer(Match &match, WeightRecipes &weights, Anchor anchor) {
  onnx::NodeOp product = anchor.product;
  match.take(anchor.sum);
  Value rows = match.takeReshapes(match.takeWidenings(anchor.sum.getInputs()[0])), shares = product.getInputs()[anchor.shares];
  match.take(product);
  if (!anchor.weighsInputs)
    rows = product.getInputs()[1 - anchor.shares];
  onnx::NodeOp stack = anchor.weighsInputs ? onnx::NodeOp() : getDefiner(skipFloatCasts(rows), "Concat");
  if (stack)
    match.takeFloatCasts(rows);
  FailureOr<Mlp> mlp = stack ? matchStackedExperts(match, weights, stack)
                             : matchBatchedExperts(match, weights, rows, anchor.weighsInputs ? anchor.sum : product, /*readsTokens=*/!anchor.weighsInputs);
  if (failed(mlp))
    return failure();
  RankedTensorType gate = rt::getRecipeType(mlp->experts.gate), down = rt::getRecipeType(mlp->experts.down);
  int64_t experts = gate.getDimSize(0), hidden = gate.getDimSize(2);
  if (anchor.weighsInputs && match.takeFloatCasts(mlp->input) != product.getResult(0))
    return match.fail(product, "it does not weigh all that the experts read");
  if (failed(anchor.weighsInputs ? checkGivesZeros(match, mlp->experts, product) : checkWeighing(match, product, rows, shares, down.getDimSize(1))) ||
      failed(checkExpertSum(match, anchor.sum, experts)))
    return failure();
  FailureOr<Routes> routes = matchShares(match, shares, experts, product);
  FailureOr<Value> repeated = failed(routes)         ? FailureOr<Value>(failure())
                              : stack               ? FailureOr<Value>(mlp->input)
                              : anchor.weighsInputs ? matchWeighedTokens(match, anchor, experts, hidden)
                                                    : matchTokensOfAll(match, mlp->input, experts, product);
  FailureOr<Value> tokens = succeeded(repeated) ? getTokenRows(match, *repeated, hidden, product) : FailureOr<Value>(failure());
  if (failed(tokens))
    return failure();
  FailureOr<Router> router = matchRouter(match, *routes, product);
  if (failed(router))
    return failure();
  if (getStaticLastDim(routes->ids) != router->slots)
    return match.fail(product, "the routes are not of the " + llvm::Twine(router->slots) + " slots that the router selects");
  MoeLayer layer{*tokens, *router, std::nullopt, mlp->experts, anchor.weighsInputs};
  if (failed(checkLayer(match, layer, anchor.sum)) || failed(match.checkReaders(anchor.sum)))
    return failure();
  return layer;
}

struct RaiseTiledPass : impl::RaiseTiledBase<RaiseTiledPass> {
  void runOnOperation() override {
    raiseLayers(
        getOperation(), [](func::FuncOp function, WeightRecipes &) { return collectAnchors<Anchor>(function, "ReduceSum", findAnchor); },
        [](SymbolicShapes &shapes, WeightRecipes &weights, const Anchor &anchor) {
          Match match(shapes);
          replaceLayer(match, weights, anchor.sum, matchLayer(match, weights, anchor), "the tiled experts stay plain");
        });
  }
};

}  // namespace

}  // namespace switchyard::raise
