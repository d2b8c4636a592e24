#include "compiler/raise/MoeLayer.h"
#include "compiler/raise/Passes.h"
#include "compiler/raise/experts/Experts.h"
#include "compiler/raise/experts/ExpertsFirst.h"
#include "compiler/raise/routers/Routers.h"
#include "dialects/nn/NnDialect.h"

#include "mlir/IR/BuiltinOps.h"

namespace switchyard::raise {

#define GEN_PASS_DEF_RAISESELECTED
#include "compiler/raise/Passes.h.inc"

using namespace mlir;

namespace {

/// Where a layer ends: the sum over the slots of selected rows times weights, or the product alone where there is one slot.
struct Anchor {
  onnx::NodeOp root, product, selection;
  Value rows, weights;
};

std::optional<Anchor> readProduct(WeightRecipes &weights, onnx::NodeOp root, onnx::NodeOp product) {
  for (unsigned index : {0u, 1u})
    if (onnx::NodeOp selection = getSelection(weights, product.getInputs()[index]))
      return Anchor{root, product, selection, product.getInputs()[index], product.getInputs()[1 - index]};
  return std::nullopt;
}

std::optional<Anchor> readAnchor(WeightRecipes &weights, onnx::NodeOp node) {
  if (node.getOpType() == "ai.onnx::ReduceSum") {
    onnx::NodeOp product = getDefiner(skipFloatCasts(node.getInputs()[0]), "Mul");
    return product ? readProduct(weights, node, product) : std::nullopt;
  }
  bool isSummed = node.getOpType() != "ai.onnx::Mul" || llvm::any_of(node->getUsers(), [](Operation *user) {
    auto reader = dyn_cast<onnx::NodeOp>(user);
    return reader && reader.getOpType() == "ai.onnx::ReduceSum";
  });
  return isSummed ? std::nullopt : readProduct(weights, node, node);
}

/// True where experts give what `selection` selects from; other gathers are none of this pass.
bool selectsFromExperts(WeightRecipes &weights, onnx::NodeOp selection) {
  Value all = selection.getType() == "Gather" ? skipReshapes(selection.getInputs()[0]) : selection.getInputs()[0];
  auto type = dyn_cast<RankedTensorType>(all.getType());
  return type && type.getRank() >= 3 && comesFromAllExperts(weights, all, type.getShape()[type.getRank() - 2]);
}

FailureOr<MoeLayer> matchLayer(Match &match, WeightRecipes &weights, Anchor anchor) {
  match.take(anchor.root);
  match.takeFloatCasts(anchor.root.getInputs()[0]);
  match.take(anchor.product);
  FailureOr<SelectedRows> rows = matchSelectedRows(match, anchor.rows, anchor.selection);
  FailureOr<Mlp> mlp = succeeded(rows) ? matchSelectedExperts(match, weights, *rows, anchor.selection.getOperation()) : FailureOr<Mlp>(failure());
  if (failed(mlp))
    return failure();
  RankedTensorType gate = rt::getRecipeType(mlp->experts.gate), down = rt::getRecipeType(mlp->experts.down);
  FailureOr<Value> tokens = getTokenRows(match, mlp->input, gate.getDimSize(2), anchor.selection);
  if (failed(tokens) || failed(checkWeighing(match, anchor.product, anchor.rows, anchor.weights, down.getDimSize(1))))
    return failure();
  FailureOr<Router> router = matchRouter(match, rows->ids, anchor.weights, anchor.product);
  if (failed(router))
    return failure();
  if (anchor.root != anchor.product && failed(checkSum(match, anchor.root, router->slots, down.getDimSize(1))))
    return failure();
  if (anchor.root == anchor.product && router->slots != 1)
    return match.fail(anchor.root, "the rows of " + llvm::Twine(router->slots) + " slots are not summed");
  MoeLayer layer{*tokens, *router, std::nullopt, mlp->experts};
  if (failed(match.getShape(anchor.root.getResult(0), anchor.root)) || failed(checkLayer(match, layer, anchor.root)) || failed(match.checkReaders(anchor.root)))
    return failure();
  return layer;
}

struct RaiseSelectedPass : impl::RaiseSelectedBase<RaiseSelectedPass> {
  void runOnOperation() override {
    raiseLayers(
        getOperation(),
        [](func::FuncOp function, WeightRecipes &weights) {
          SmallVector<Anchor> anchors;
          function.walk([&](onnx::NodeOp node) {
            if (std::optional<Anchor> anchor = readAnchor(weights, node))
              anchors.push_back(*anchor);
          });
          return anchors;
        },
        [](SymbolicShapes &shapes, WeightRecipes &weights, Anchor anchor) {
          Match match(shapes);
          if (selectsFromExperts(weights, anchor.selection))
            replaceLayer(match, weights, anchor.root, matchLayer(match, weights, anchor), "the selected experts stay plain");
        });
  }
};

}  // namespace

}  // namespace switchyard::raise
