#include "compiler/raise/MoeLayer.h"
#include "compiler/raise/Passes.h"
#include "compiler/raise/experts/Masked.h"
#include "compiler/raise/lower/TensorBuilder.h"
#include "compiler/raise/routers/Routers.h"
#include "dialects/nn/NnDialect.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
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

/// A layer, and what becomes of tokens without a seat.
struct SwitchLayer {
  MoeLayer layer;
  bool keepsTokens = false;
  Value weights;  // of the tokens that are kept; null: 1
};

FailureOr<SwitchLayer> matchLayer(Match &match, WeightRecipes &weights, Anchor anchor) {
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
  Value each = weight ? weight : experts->weights;
  FailureOr<Router> router = each ? matchRouter(match, mask->ids, each, root) : matchUnweighedRouter(match, mask->ids, root);
  if (failed(router) || failed(match.getShape(root.getResult(0), root)))
    return failure();
  if (getStaticLastDim(experts->mask) != router->experts)
    return match.fail(root, "the router scores " + llvm::Twine(router->experts) + " experts, but the mask is for another number of them");
  MoeLayer layer{experts->tokens, *router, mask->capacity, experts->experts, experts->weighsInputs};
  if (failed(checkLayer(match, layer, root)) || failed(match.checkReaders(root)))
    return failure();
  return SwitchLayer{layer, experts->keepsTokens, weight};
}

/// The ids of the experts in which the tokens of an emitted layer have a seat, T x 1.
Value getKeptIds(Value result) {
  if (auto reshape = result.getDefiningOp<nn::ReshapeOp>())
    result = reshape->getOperand(0);
  auto combine = cast<moe::CombineOp>(result.getDefiningOp());
  return cast<moe::DispatchOp>(combine.getRoute().getDefiningOp()).getIds();
}

/// `result`, but the token itself, weighed as an expert's row would be, where it has no seat. As nodes, since later passes know their shapes.
Value keepTokens(TensorBuilder build, onnx::NodeOp root, const SwitchLayer &layer, Value result) {
  Dims shape = build.dims(result), column = shape;
  column.back() = build.constant(1);
  auto node = [&](llvm::StringRef type, ValueRange operands, ArrayRef<Expression> of, Type element) {
    auto made = onnx::NodeOp::create(build.builder, build.loc, SymbolicShapes::getType(of, element), operands, ("ai.onnx::" + type).str(),
                                     root.getVersion(), build.builder.getDictionaryAttr({}), root.getName(), build.builder.getStrArrayAttr({}), 0);
    return build.shaped(made.getResult(0), of);
  };
  Value ids = build.shaped(getKeptIds(result), {countRows(build.shapes, layer.layer.tokens), build.constant(1)});
  Type integer = build.builder.getI32Type(), element = TensorBuilder::elementType(result);
  Value zero = build.scalarConstant(DenseElementsAttr::get(RankedTensorType::get({}, integer), build.builder.getI32IntegerAttr(0)));
  Value isDropped = node("Less", {build.reshape(ids, column), zero}, column, build.builder.getI1Type());
  Value own = build.reshape(layer.layer.tokens, shape);
  if (layer.weights)
    own = node("Mul", {own, layer.weights}, shape, element);
  return node("Where", {isDropped, own, result}, shape, element);
}

/// The last term of each sum over masked experts, in the order of the program.
SmallVector<onnx::NodeOp> findSums(func::FuncOp function) {
  SmallVector<onnx::NodeOp> nodes, sums;
  llvm::DenseSet<Operation *> terms, inner;
  function.walk([&](onnx::NodeOp node) {
    if (!addsMaskedTerm(node, [&](Value value) { return terms.contains(value.getDefiningOp()); }))
      return;
    nodes.push_back(node);
    terms.insert(node);
  });
  for (onnx::NodeOp node : nodes)
    for (Value operand : node.getInputs())
      if (Operation *definer = skipReshapes(operand).getDefiningOp(); terms.contains(definer))
        inner.insert(definer);
  llvm::copy_if(nodes, std::back_inserter(sums), [&](onnx::NodeOp node) { return !inner.contains(node); });
  return sums;
}

void raiseSwitch(SymbolicShapes &shapes, WeightRecipes &weights, onnx::NodeOp sum) {
  Match match(shapes);
  Anchor anchor = findAnchor(sum);
  onnx::NodeOp root = anchor.root();
  FailureOr<SwitchLayer> layer = matchLayer(match, weights, anchor);
  if (failed(layer))
    return match.remark(root, "the masked experts stay plain");
  Value result = emitLayer(root, shapes, weights, layer->layer);
  if (layer->keepsTokens)
    result = keepTokens(TensorBuilder(OpBuilder(root), root.getLoc(), shapes, weights), root, *layer, result);
  root.getResult(0).replaceAllUsesWith(result);
}

struct RaiseSwitchPass : impl::RaiseSwitchBase<RaiseSwitchPass> {
  void runOnOperation() override {
    raiseLayers(getOperation(), [](func::FuncOp function, WeightRecipes &) { return findSums(function); }, raiseSwitch);
  }
};

}  // namespace

}  // namespace switchyard::raise
