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

/// A layer, and what it is added to; null: nothing.
struct AddedLayer {
  MoeLayer layer;
  Value start;
};

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
  FailureOr<Router> router = loop->weights ? matchRouter(match, loop->choices, loop->weights, sum) : matchUnweighedRouter(match, loop->choices, sum);
  if (failed(router))
    return failure();
  // A mask may have room for more experts than there are.
  if (loop->count && *loop->count < router->experts)
    return match.fail(sum, "the router scores " + llvm::Twine(router->experts) + " experts, but the mask tells apart " + llvm::Twine(*loop->count));
  MoeLayer layer{loop->tokens, *router, std::nullopt, loop->experts, loop->weighsInputs};
  if (failed(checkLayer(match, layer, sum)) || failed(match.checkReaders(sum)))
    return failure();
  return AddedLayer{layer, loop->start};
}

/// A node, since later passes know its shape.
Value addTo(Match &match, onnx::NodeOp sum, Value start, Value result) {
  Value all = NodeWriter(sum, match.shapes).create("Add", {start, result}).front();
  all.setType(sum.getResult(0).getType());
  return all;
}

void raiseLooped(SymbolicShapes &shapes, WeightRecipes &weights, onnx::NodeOp sum) {
  Match match(shapes);
  FailureOr<AddedLayer> found = matchLayer(match, weights, sum);
  if (failed(found))
    return match.remark(sum, "the loop over experts stays plain");
  Value result = emitLayer(sum, shapes, weights, found->layer);
  if (found->start)
    result = addTo(match, sum, found->start, result);
  sum.getResult(0).replaceAllUsesWith(result);
}

struct RaiseLoopedPass : impl::RaiseLoopedBase<RaiseLoopedPass> {
  void runOnOperation() override {
    raiseLayers(getOperation(), [](func::FuncOp function, WeightRecipes &) { return findScatteredSums(function); }, raiseLooped);
  }
};

}  // namespace

}  // namespace switchyard::raise
