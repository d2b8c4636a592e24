#include "compiler/raise/MoeLayer.h"
#include "compiler/raise/Passes.h"
#include "compiler/raise/control/NodeWriter.h"
#include "compiler/raise/experts/Looped.h"
#include "compiler/raise/routers/Routers.h"
#include "dialects/nn/NnDialect.h"

#include "mlir/IR/BuiltinOps.h"

namespace switchyard::raise {

#define GEN_PASS_DEF_RAISELOOPED
#include "compiler/raise/Passes.h.inc"

using namespace mlir;

namespace {

/// Where a layer ends: at the last sum of its rows, or, where that has a row for each slot of a token, at what weighs them and sums them over the slots.
struct Anchor {
  onnx::NodeOp rows, product, sum;
};

onnx::NodeOp getReader(Value value, llvm::StringRef type) {
  while (value.hasOneUse() && (isReshape(*value.user_begin()) || isFloatCast(*value.user_begin())))
    value = (*value.user_begin())->getResult(0);
  auto reader = value.hasOneUse() ? dyn_cast<onnx::NodeOp>(*value.user_begin()) : onnx::NodeOp();
  return reader && reader.getOpType() == ("ai.onnx::" + type).str() ? reader : onnx::NodeOp();
}

Anchor findAnchor(onnx::NodeOp rows) {
  onnx::NodeOp product = getReader(rows.getResult(0), "Mul");
  onnx::NodeOp sum = product ? getReader(product.getResult(0), "ReduceSum") : onnx::NodeOp();
  return sum ? Anchor{rows, product, sum} : Anchor{rows, {}, {}};
}

/// A layer, and what it is added to; null: nothing.
struct AddedLayer {
  MoeLayer layer;
  Value start;
};

/// True where no weight is less than 0, or NaN where the logits are none.
bool hasPositiveWeights(const Router &router) {
  moe::GatingAttr gating = router.gating;
  bool scales = !gating.getScale() || gating.getScale().getValueAsDouble() >= 0.0;
  bool dividesByZero = gating.getRenormalize() && !(gating.getRenormalizeEpsilon() && gating.getRenormalizeEpsilon().getValueAsDouble() > 0.0) &&
                       (gating.getScore() != moe::Score::softmax || router.selectionBias || gating.getGroups() > 1);
  return !router.weights && !router.mix && gating.getScore() != moe::Score::identity && scales && !dividesByZero;
}

LogicalResult checkRouter(Match &match, const LoopedExperts &loop, const Router &router, Operation *sum) {
  // A mask may have room for more experts than there are.
  if (loop.count && *loop.count < router.experts)
    return match.fail(sum, "the router scores " + llvm::Twine(router.experts) + " experts, but the mask tells apart " + llvm::Twine(*loop.count));
  if (loop.leavesNegative && !hasPositiveWeights(router))
    return match.fail(sum, "the mask leaves out weights that are not proved to be numbers of at least 0");
  return success();
}

FailureOr<AddedLayer> matchLayer(Match &match, WeightRecipes &weights, onnx::NodeOp sum) {
  match.take(sum);
  FailureOr<LoopedExperts> loop = matchLoopedExperts(match, weights, sum, getAxesOfIds);
  if (failed(loop))
    return failure();
  // TopK never chooses an expert twice, and no table that a router may have makes two of them one.
  Value choice = skipTable(loop->choices);
  bool chooses = getDefiner(choice, "TopK") || getDefiner(choice, "ArgMax");
  if (loop->overwrites && !chooses)
    return match.fail(sum, "a token that chooses an expert twice would count once");
  FailureOr<Router> router = loop->routes    ? matchRouter(match, *loop->routes, sum)
                             : loop->weights ? matchRouter(match, loop->choices, loop->weights, sum)
                                             : matchUnweighedRouter(match, loop->choices, sum);
  if (failed(router) || failed(checkRouter(match, *loop, *router, sum)))
    return failure();
  MoeLayer layer{loop->tokens, *router, std::nullopt, loop->experts, loop->weighsInputs};
  if (failed(checkLayer(match, layer, sum)) || failed(match.checkReaders(sum)))
    return failure();
  return AddedLayer{layer, loop->start};
}

/// The tokens of which `rows` repeats each for all of its slots, one after another.
FailureOr<Value> matchRepeated(Match &match, Value rows, int64_t slots, Operation *reader) {
  if (slots == 1)
    return rows;
  Value value = match.takeReshapes(rows);
  auto repeat = value.getDefiningOp<onnx::NodeOp>();
  if (!getDefiner(value, "Expand") && !getDefiner(value, "Tile"))
    return match.fail(repeat ? repeat.getOperation() : reader, "expected Expand or Tile as what repeats the tokens for their slots");
  match.take(repeat);
  FailureOr<ArrayRef<Expression>> from = match.getShape(repeat.getInputs()[0], repeat), to = match.getShape(value, repeat);
  if (failed(from) || failed(to))
    return failure();
  // [..., 1, H] to [..., k, H]
  size_t rank = to->size();
  bool repeats = rank >= 2 && from->size() == rank && (*from)[rank - 2].isConstant(1) && (*to)[rank - 2].isConstant(slots) && from->back() == to->back() &&
                 from->drop_back(2) == to->drop_back(2) && (*to)[rank - 1].getConstant() == getStaticLastDim(rows);
  if (!repeats)
    return match.fail(repeat, "it does not repeat each token for its " + llvm::Twine(slots) + " slots");
  return repeat.getInputs()[0];
}

/// A loop that writes a row for each slot of a token. `isLoop` tells whether it is one, whatever becomes of its rows.
FailureOr<MoeLayer> matchRowsOfSlots(Match &match, WeightRecipes &weights, Anchor anchor, bool &isLoop) {
  onnx::NodeOp sum = anchor.sum, product = anchor.product;
  for (onnx::NodeOp node : {anchor.rows, product, sum})
    match.take(node);
  match.takeFloatCasts(sum.getInputs()[0]);
  unsigned index = skipFloatCasts(product.getInputs()[0]) == anchor.rows.getResult(0) ? 0 : 1;
  Value rows = product.getInputs()[index], weight = product.getInputs()[1 - index];
  match.takeFloatCasts(rows);
  // Each id is a row of its own.
  FailureOr<LoopedExperts> loop = matchLoopedExperts(match, weights, anchor.rows, [](Value ids) {
    auto type = dyn_cast<RankedTensorType>(ids.getType());
    return SmallVector<MaskAxis>(type ? type.getRank() : 0, MaskAxis::token);
  });
  isLoop = succeeded(loop);
  if (!isLoop)
    return failure();
  if (loop->weights || loop->routes || loop->start)
    return match.fail(anchor.rows, "the rows of the slots are weighed twice, or added to others");
  FailureOr<Router> router = matchRouter(match, loop->choices, weight, product);
  if (failed(router) || failed(checkRouter(match, *loop, *router, sum)))
    return failure();
  int64_t hidden = rt::getRecipeType(loop->experts.down).getDimSize(1);
  FailureOr<Value> tokens = matchRepeated(match, loop->tokens, router->slots, anchor.rows);
  if (failed(tokens) || failed(checkWeighing(match, product, rows, weight, hidden)) || failed(checkSum(match, sum, router->slots, hidden)) ||
      failed(match.getShape(sum.getResult(0), sum)))
    return failure();
  MoeLayer layer{*tokens, *router, std::nullopt, loop->experts};
  if (failed(checkLayer(match, layer, sum)) || failed(match.checkReaders(sum)))
    return failure();
  return layer;
}

/// A node, since later passes know its shape.
Value addTo(Match &match, onnx::NodeOp sum, Value start, Value result) {
  Value all = NodeWriter(sum, match.shapes).create("Add", {start, result}).front();
  all.setType(sum.getResult(0).getType());
  return all;
}

void raiseLooped(SymbolicShapes &shapes, WeightRecipes &weights, onnx::NodeOp rows) {
  Anchor anchor = findAnchor(rows);
  Match ofSlots(shapes), ofTokens(shapes);
  bool isLoop = false;
  if (anchor.sum)
    if (FailureOr<MoeLayer> layer = matchRowsOfSlots(ofSlots, weights, anchor, isLoop); succeeded(layer))
      return anchor.sum.getResult(0).replaceAllUsesWith(emitLayer(anchor.sum, shapes, weights, *layer));
  FailureOr<AddedLayer> found = matchLayer(ofTokens, weights, rows);
  if (failed(found))
    return (isLoop ? ofSlots : ofTokens).remark(rows, "the loop over experts stays plain");
  Value result = emitLayer(rows, shapes, weights, found->layer);
  if (found->start)
    result = addTo(ofTokens, rows, found->start, result);
  rows.getResult(0).replaceAllUsesWith(result);
}

struct RaiseLoopedPass : impl::RaiseLoopedBase<RaiseLoopedPass> {
  void runOnOperation() override {
    raiseLayers(getOperation(), [](func::FuncOp function, WeightRecipes &) { return findScatteredSums(function); }, raiseLooped);
  }
};

}  // namespace

}  // namespace switchyard::raise
