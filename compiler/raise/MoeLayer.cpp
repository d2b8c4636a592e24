#include "compiler/raise/MoeLayer.h"

#include "compiler/analysis/ShapeRules.h"
#include "compiler/raise/Refusals.h"
#include "compiler/raise/lower/TensorBuilder.h"
#include "kernels/layout/route.h"

#include "mlir/IR/TypeUtilities.h"

using namespace mlir;

namespace switchyard::raise {

Expression countRows(SymbolicShapes &shapes, Value value) { return countElements(shapes.getContext(), shapes.getShape(value).drop_back()); }

namespace {

/// Writes one layer; its members are what all of its ops share.
class LayerWriter : public TensorBuilder {
public:
  LayerWriter(onnx::NodeOp root, SymbolicShapes &shapes, WeightRecipes &weights, const MoeLayer &layer, llvm::StringRef name)
      : TensorBuilder(OpBuilder(root), root.getLoc(), shapes, weights), name(name), layer(layer), f32(builder.getF32Type()),
        count(countRows(shapes, layer.tokens)) {}

  Value write() {
    auto [ids, mix] = writeGate();
    if (layer.capacity)
      std::tie(ids, mix) = writeCapacity(ids, mix);
    if (layer.router.weights)
      mix = writePlainWeights();
    Value tokens = toRows(layer.tokens);
    Expression hidden = shapes.getShape(tokens).back();
    auto route = moe::RouteType::get(builder.getContext(), layer.router.experts, layer.router.slots, moe::RouteSide::source);
    auto dispatch =
        moe::DispatchOp::create(builder, loc, SymbolicShapes::getType({count * layer.router.slots, hidden}, f32), route, tokens, ids,
                                layer.weighsInputs ? mix : Value());
    Value rows = writeExperts(dispatch.getRows(), dispatch.getRoute());
    Value result = moe::CombineOp::create(builder, loc, SymbolicShapes::getType({count, hidden}, f32), rows, dispatch.getRoute(),
                                          layer.weighsInputs ? Value() : mix);
    return shaped(result, {count, hidden});
  }

private:
  /// `value` as a matrix of f32: one row a token.
  Value toRows(Value value) { return value ? cast(reshape(value, {count, shapes.getShape(value).back()}), f32) : value; }

  Type tokenTable(Type element) { return SymbolicShapes::getType({count, constant(layer.router.slots)}, element); }

  std::pair<Value, Value> writeGate() {
    const Router &router = layer.router;
    Value logits = toRows(router.logits), bias = router.selectionBias ? cast(router.selectionBias, f32) : Value();
    auto gate = moe::GateOp::create(builder, loc, tokenTable(builder.getI32Type()), tokenTable(f32), logits, bias, toRows(router.mix), router.gating);
    return {gate.getIds(), gate.getWeights()};
  }

  /// Combine reads no weight of a slot that is dropped, so that these need not know of the capacity.
  Value writePlainWeights() {
    const Router &router = layer.router;
    emitRemark(loc) << "keys and weights of the router stay plain: " << router.plainBecause;
    return cast(reshape(router.weights, {count, constant(router.slots)}), f32);
  }

  std::pair<Value, Value> writeCapacity(Value ids, Value mix) {
    const Capacity &capacity = *layer.capacity;
    auto op = moe::CapacityOp::create(builder, loc, ids.getType(), mix.getType(), ids, mix, shapes.materialize(capacity.seats),
                                      capacity.group ? shapes.materialize(capacity.group) : Value(), capacity.drop, layer.router.experts);
    return {op.getKeptIds(), op.getKeptWeights()};
  }

  Value weight(llvm::StringRef role, Attribute recipe) {
    if (recipe && !layer.router.bodies.empty())
      recipe = gatherRecipe(recipe, layer.router.bodies);
    return recipe ? weights.read(builder, loc, castRecipe(recipe, f32), (name + "." + role).str()) : Value();
  }

  Value writeExperts(Value rows, Value route) {
    const Experts &e = layer.experts;
    return moe::ExpertOp::create(builder, loc, rows.getType(), rows, route, weight("gate", e.gate), weight("gate_bias", e.gateBias),
                                 weight("up", e.up), weight("up_bias", e.upBias), weight("down", e.down), weight("down_bias", e.downBias),
                                 e.activation);
  }

  llvm::StringRef name;
  const MoeLayer &layer;
  Type f32;
  Expression count;
};

/// The ops of a layer compute in f32, which holds the narrower floats.
LogicalResult checkElementTypes(Match &match, const MoeLayer &layer, Operation *anchor) {
  SmallVector<Type> types;
  for (Value value : {layer.tokens, layer.router.logits, layer.router.mix, layer.router.selectionBias, layer.router.weights})
    if (value)
      types.push_back(getElementTypeOrSelf(value));
  const Experts &e = layer.experts;
  for (Attribute recipe : {e.gate, e.gateBias, e.up, e.upBias, e.down, e.downBias})
    if (recipe)
      types.push_back(rt::getRecipeType(recipe).getElementType());
  for (Type type : types)
    if (!isComputedInF32(type))
      return match.fail(anchor, describeOtherType(type));
  return success();
}

}  // namespace

LogicalResult checkLayer(Match &match, const MoeLayer &layer, Operation *anchor) {
  const Router &router = layer.router;
  for (Value value : {layer.tokens, router.logits, router.mix})
    if (value && (!match.shapes.hasShape(value) || match.shapes.getShape(value).empty()))
      return match.fail(anchor, "the shape of tokens, logits or weights is not known");
  if (!match.shapes.isKnownBeforeData(layer.tokens))
    return match.fail(anchor, "the number of tokens is not known before data is");
  if (failed(checkElementTypes(match, layer, anchor)))
    return failure();
  // A capacity follows the choices of all tokens, which the rounding of narrower scores decides.
  if (Type scores = getElementTypeOrSelf(router.logits); layer.capacity && !scores.isF32())
    return match.fail(anchor, "its capacity follows scores that are rounded to " + describeType(scores));
  if (router.experts > kernels::route::maxExperts)
    return match.fail(anchor, "the router scores " + llvm::Twine(router.experts) + " experts; the gate takes at most " +
                                  llvm::Twine(kernels::route::maxExperts));
  Expression tokens = countRows(match.shapes, layer.tokens);
  for (Value value : {router.logits, router.mix}) {
    if (!value)
      continue;
    if (Expression rows = countRows(match.shapes, value); rows != tokens)
      return match.fail(anchor, "the router has " + rows.str() + " rows for " + tokens.str() + " tokens");
    if (!match.shapes.getShape(value).back().isConstant(router.experts))
      return match.fail(anchor,
                        "the router scores " + match.shapes.getShape(value).back().str() + " experts of " + llvm::Twine(router.experts));
  }
  RankedTensorType gate = rt::getRecipeType(layer.experts.gate), down = rt::getRecipeType(layer.experts.down);
  if (gate.getDimSize(0) != router.experts)
    return match.fail(anchor, "the router scores " + llvm::Twine(router.experts) + " experts, but there are weights of " +
                                  llvm::Twine(gate.getDimSize(0)));
  int64_t hidden = gate.getDimSize(2), inner = gate.getDimSize(1);
  if (hidden < 1 || inner < 1)
    return match.fail(anchor, "the experts have weights without elements, for H = " + llvm::Twine(hidden) + " and I = " + llvm::Twine(inner));
  if (!match.shapes.getShape(layer.tokens).back().isConstant(hidden))
    return match.fail(anchor, "the tokens have " + match.shapes.getShape(layer.tokens).back().str() + " elements, but the experts read " +
                                  llvm::Twine(hidden));
  if (down.getShape() != ArrayRef<int64_t>{router.experts, hidden, inner})
    return match.fail(anchor, "the second weights of the experts are not " + llvm::Twine(router.experts) + " x " + llvm::Twine(hidden) +
                                  " x " + llvm::Twine(inner));
  return success();
}

Value emitLayer(onnx::NodeOp root, SymbolicShapes &shapes, WeightRecipes &weights, const MoeLayer &layer, llvm::StringRef name) {
  LayerWriter writer(root, shapes, weights, layer, name.empty() ? root.getName() : name);
  TensorFacts facts = *shapes.getFacts(shapes.hasShape(root.getResult(0)) ? root.getResult(0) : layer.tokens);
  return writer.cast(writer.reshape(writer.write(), facts.shape), facts.elementType);
}

void replaceLayer(Match &match, WeightRecipes &weights, onnx::NodeOp root, const FailureOr<MoeLayer> &layer, llvm::StringRef plain) {
  if (failed(layer))
    return match.remark(root, plain);
  root.getResult(0).replaceAllUsesWith(emitLayer(root, match.shapes, weights, *layer));
}

}  // namespace switchyard::raise
