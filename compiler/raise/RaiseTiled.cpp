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

/// Where a layer ends: the sum over the experts of rows times shares.
struct Anchor {
  onnx::NodeOp sum, product;
  unsigned shares;  // which operand of the product
};

/// The Transpose of a matrix of routes that defines `value` behind reshapes, or null.
onnx::NodeOp getTransposedRoutes(Value value) {
  onnx::NodeOp transpose = getDefiner(skipReshapes(value), "Transpose");
  return transpose && looksLikeRoutingMatrix(transpose.getInputs()[0]) ? transpose : onnx::NodeOp();
}

std::optional<Anchor> findAnchor(onnx::NodeOp sum) {
  onnx::NodeOp product = getDefiner(skipReshapes(sum.getInputs()[0]), "Mul");
  std::optional<unsigned> shares =
      product ? findOperand(product, [](Value v) { return static_cast<bool>(getTransposedRoutes(v)); }) : std::nullopt;
  return shares ? std::optional(Anchor{sum, product, *shares}) : std::nullopt;
}

/// True where `node` brings the last axis to the front and keeps the order of the others.
bool bringsExpertsToFront(onnx::NodeOp node) {
  auto type = dyn_cast<RankedTensorType>(node.getInputs()[0].getType());
  auto stated = dyn_cast_or_null<DenseI64ArrayAttr>(node.getNodeAttr("perm"));
  if (!type || type.getRank() < 2 || (!stated && type.getRank() != 2))
    return false;
  SmallVector<int64_t> expected{type.getRank() - 1};
  llvm::append_range(expected, llvm::seq<int64_t>(0, type.getRank() - 1));
  return !stated || stated.asArrayRef() == ArrayRef<int64_t>(expected);
}

/// The routes of the shares, of which the rows are E x tokens.
FailureOr<Routes> matchShares(Match &match, Value shares, int64_t experts, onnx::NodeOp product) {
  onnx::NodeOp transpose = match.takeDefiner(match.takeReshapes(shares), product, "Transpose", "the routes by expert");
  if (!transpose)
    return failure();
  Value matrix = transpose.getInputs()[0];
  if (!bringsExpertsToFront(transpose) || getStaticLastDim(matrix) != experts)
    return match.fail(transpose, "it does not make " + llvm::Twine(experts) + " x tokens of the matrix of routes");
  return matchRoutingMatrix(match, matrix, transpose);
}

/// The tokens in front of what repeats all of them for every expert.
FailureOr<Value> matchTokens(Match &match, Value rows, int64_t experts, Operation *reader) {
  FailureOr<ArrayRef<Expression>> whole = match.getShape(rows, reader);
  if (failed(whole))
    return failure();
  if (whole->size() == 2 || whole->front().isConstant(1))
    return rows;  // the product repeats them
  Value value = match.takeReshapes(rows);
  Operation *node = value.getDefiningOp() ? value.getDefiningOp() : reader;
  if (onnx::NodeOp tile = getDefiner(value, "Tile")) {
    match.take(tile);
    std::optional<SmallVector<int64_t>> repeats = match.shapes.getConstantData(tile.getInputs()[1]);
    if (repeats && !repeats->empty() && repeats->front() == experts && llvm::all_of(llvm::drop_begin(*repeats), [](int64_t n) { return n == 1; }))
      return tile.getInputs()[0];
  } else if (onnx::NodeOp expand = getDefiner(value, "Expand")) {
    match.take(expand);
    FailureOr<ArrayRef<Expression>> from = match.getShape(expand.getInputs()[0], expand), to = match.getShape(value, expand);
    if (failed(from) || failed(to))
      return failure();
    bool repeats = from->size() == to->size() && to->size() >= 2 && from->front().isConstant(1) && to->front().isConstant(experts);
    if (repeats && from->drop_front() == to->drop_front())
      return expand.getInputs()[0];
  }
  return match.fail(node, "it does not repeat all tokens for each of " + llvm::Twine(experts) + " experts");
}

/// `tokens`, or the same elements in front of reshapes, as rows of `hidden` elements.
FailureOr<Value> getRows(Match &match, Value tokens, int64_t hidden, Operation *reader) {
  while (getStaticLastDim(tokens) != hidden && isReshape(tokens.getDefiningOp()))
    tokens = cast<onnx::NodeOp>(tokens.getDefiningOp()).getInputs()[0];
  if (getStaticLastDim(tokens) != hidden)
    return match.fail(reader, "the tokens are not rows of " + llvm::Twine(hidden) + " elements");
  return tokens;
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
  match.takeReshapes(anchor.sum.getInputs()[0]);
  match.take(product);
  Value rows = product.getInputs()[1 - anchor.shares], shares = product.getInputs()[anchor.shares];
  FailureOr<Mlp> mlp = matchBatchedExperts(match, weights, rows, product, /*readsTokens=*/true);
  if (failed(mlp))
    return failure();
  RankedTensorType gate = rt::getRecipeType(mlp->experts.gate), down = rt::getRecipeType(mlp->experts.down);
  int64_t experts = gate.getDimSize(0), hidden = gate.getDimSize(2);
  if (failed(checkWeighing(match, product, rows, shares, down.getDimSize(1))) || failed(checkExpertSum(match, anchor.sum, experts)))
    return failure();
  FailureOr<Routes> routes = matchShares(match, shares, experts, product);
  FailureOr<Value> repeated = succeeded(routes) ? matchTokens(match, mlp->input, experts, product) : FailureOr<Value>(failure());
  FailureOr<Value> tokens = succeeded(repeated) ? getRows(match, *repeated, hidden, product) : FailureOr<Value>(failure());
  if (failed(tokens))
    return failure();
  FailureOr<Router> router = matchRouter(match, routes->ids, routes->weights, product);
  if (failed(router))
    return failure();
  if (getStaticLastDim(routes->ids) != router->slots)
    return match.fail(product, "the routes are not of the " + llvm::Twine(router->slots) + " slots that the router selects");
  MoeLayer layer{*tokens, *router, std::nullopt, mlp->experts};
  if (failed(checkLayer(match, layer, anchor.sum)) || failed(match.checkReaders(anchor.sum)))
    return failure();
  return layer;
}

SmallVector<Anchor> findAnchors(func::FuncOp function) {
  SmallVector<Anchor> anchors;
  function.walk([&](onnx::NodeOp node) {
    if (node.getOpType() == "ai.onnx::ReduceSum")
      if (std::optional<Anchor> anchor = findAnchor(node))
        anchors.push_back(*anchor);
  });
  return anchors;
}

struct RaiseTiledPass : impl::RaiseTiledBase<RaiseTiledPass> {
  void runOnOperation() override {
    raiseLayers(
        getOperation(), [](func::FuncOp function, WeightRecipes &) { return findAnchors(function); },
        [](SymbolicShapes &shapes, WeightRecipes &weights, const Anchor &anchor) {
          Match match(shapes);
          replaceLayer(match, weights, anchor.sum, matchLayer(match, weights, anchor), "the tiled experts stay plain");
        });
  }
};

}  // namespace

}  // namespace switchyard::raise
