#include "compiler/raise/MoeLayer.h"
#include "compiler/raise/Passes.h"
#include "compiler/raise/experts/Masked.h"
#include "compiler/raise/routers/Routers.h"
#include "dialects/nn/NnDialect.h"

#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/DenseSet.h"

namespace switchyard::raise {

#define GEN_PASS_DEF_RAISESWITCH
#include "compiler/raise/Passes.h.inc"

using namespace mlir;

namespace {

/// Where a layer ends: at the last term of its sum, or at the product that weighs all tokens.
struct Anchor {
  onnx::NodeOp sum, product;
  onnx::NodeOp root() const { return product ? product : sum; }
};

/// The product of the sum with one number a token, if that is all that is done to the sum.
Anchor findAnchor(onnx::NodeOp sum) {
  Value value = sum.getResult(0);
  while (value.hasOneUse() && isReshape(*value.user_begin()))
    value = (*value.user_begin())->getResult(0);
  auto product = value.hasOneUse() ? dyn_cast<onnx::NodeOp>(*value.user_begin()) : onnx::NodeOp();
  if (!product || product.getOpType() != "ai.onnx::Mul")
    return {sum, {}};
  Value weights = product.getInputs()[product.getInputs()[0] == value ? 1 : 0];
  return getStaticLastDim(weights) == 1 ? Anchor{sum, product} : Anchor{sum, {}};
}

/// One weight a token, which multiplies the sum of the experts.
LogicalResult checkWeighing(Match &match, onnx::NodeOp product, Value sum, Value weights) {
  FailureOr<ArrayRef<Expression>> before = match.getShape(sum, product), after = match.getShape(product.getResult(0), product);
  if (failed(before) || failed(after))
    return failure();
  if (*before != *after || !match.haveSameRows(sum, weights))
    return match.fail(product, "it does not multiply each token by one number");
  return success();
}

FailureOr<MoeLayer> matchLayer(Match &match, WeightRecipes &weights, Anchor anchor) {
  onnx::NodeOp root = anchor.root();
  match.take(root);
  Value sum = root.getResult(0), weight;
  if (anchor.product) {
    unsigned index = skipReshapes(root.getInputs()[0]) == anchor.sum.getResult(0) ? 0 : 1;
    sum = root.getInputs()[index];
    weight = root.getInputs()[1 - index];
    if (failed(checkWeighing(match, root, sum, weight)))
      return failure();
  }
  FailureOr<MaskedExperts> experts = matchMaskedExperts(match, weights, sum, root);
  if (failed(experts))
    return failure();
  if (weight && experts->weights)
    return match.fail(root, "the tokens are weighed twice");
  FailureOr<SeatMask> mask = matchSeatMask(match, experts->mask, root);
  if (failed(mask))
    return failure();
  weight = weight ? weight : experts->weights;
  FailureOr<Router> router = weight ? matchRouter(match, mask->ids, weight, root) : matchUnweighedRouter(match, mask->ids, root);
  if (failed(router) || failed(match.getShape(root.getResult(0), root)))
    return failure();
  if (getStaticLastDim(experts->mask) != router->experts)
    return match.fail(root, "the router scores " + llvm::Twine(router->experts) + " experts, but the mask is for another number of them");
  MoeLayer layer{experts->tokens, *router, mask->capacity, experts->experts};
  if (failed(checkLayer(match, layer, root)) || failed(match.checkReaders(root)))
    return failure();
  return layer;
}

struct RaiseSwitchPass : impl::RaiseSwitchBase<RaiseSwitchPass> {
  void runOnOperation() override {
    WeightRecipes weights(getOperation());
    for (auto function : getOperation().getOps<func::FuncOp>()) {
      eraseDeadNodes(function);  // nodes that nothing reads are no readers of a layer's inner values
      SmallVector<onnx::NodeOp> sums = findSums(function);
      if (!sums.empty())
        raise(function, sums, weights);
    }
  }

private:
  /// The last term of each sum over masked experts, in the order of the program.
  SmallVector<onnx::NodeOp> findSums(func::FuncOp function) {
    SmallVector<onnx::NodeOp> nodes, sums;
    function.walk([&](onnx::NodeOp node) {
      if (addsMaskedTerm(node))
        nodes.push_back(node);
    });
    llvm::DenseSet<Operation *> terms(nodes.begin(), nodes.end()), inner;
    for (onnx::NodeOp node : nodes)
      for (Value operand : node.getInputs())
        if (Operation *definer = skipReshapes(operand).getDefiningOp(); terms.contains(definer))
          inner.insert(definer);
    llvm::copy_if(nodes, std::back_inserter(sums), [&](onnx::NodeOp node) { return !inner.contains(node); });
    return sums;
  }

  void raise(func::FuncOp function, ArrayRef<onnx::NodeOp> sums, WeightRecipes &weights) {
    SymbolicShapes shapes(function);
    for (onnx::NodeOp sum : sums) {
      Match match(shapes);
      Anchor anchor = findAnchor(sum);
      onnx::NodeOp root = anchor.root();
      FailureOr<MoeLayer> layer = matchLayer(match, weights, anchor);
      if (failed(layer)) {
        match.remark(root, "the masked experts stay plain");
        continue;
      }
      OpBuilder builder(root);
      Dims shape(shapes.getShape(root.getResult(0)));
      root.getResult(0).replaceAllUsesWith(emitLayer(builder, root.getLoc(), shapes, weights, root.getName(), *layer, shape));
    }
    eraseDeadNodes(function);
  }
};

}  // namespace

}  // namespace switchyard::raise
