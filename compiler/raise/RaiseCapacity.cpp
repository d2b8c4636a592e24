#include "compiler/raise/MoeLayer.h"
#include "compiler/raise/Passes.h"
#include "compiler/raise/experts/Experts.h"
#include "compiler/raise/routers/Routers.h"
#include "dialects/nn/NnDialect.h"

#include "mlir/IR/BuiltinOps.h"

namespace switchyard::raise {

#define GEN_PASS_DEF_RAISECAPACITY
#include "compiler/raise/Passes.h.inc"

using namespace mlir;

namespace {

constexpr llvm::StringRef combineEquation = "abc,bcd->ad";   // sec,ecm->sm
constexpr llvm::StringRef dispatchEquation = "abc,ad->bcd";  // sec,sm->ecm

/// `value` in front of what changes neither its elements nor its shape: Cast to the type it has, Identity.
Value takeIdentities(Match &match, Value value) {
  while (isReshape(value.getDefiningOp())) {
    Value source = cast<onnx::NodeOp>(value.getDefiningOp()).getInputs()[0];
    if (!match.shapes.hasShape(source) || !match.shapes.hasShape(value) || match.shapes.getShape(source) != match.shapes.getShape(value))
      break;
    match.take(value.getDefiningOp());
    value = source;
  }
  return value;
}

/// Takes the reshapes from `source` to `value`, which may add or remove leading dimensions of 1 but nothing else.
LogicalResult takeGroups(Match &match, Value value, Value source) {
  Operation *reader = value.getDefiningOp();
  if (value == source)
    return success();
  FailureOr<ArrayRef<Expression>> after = match.getShape(value, reader), before = match.getShape(source, reader);
  if (failed(after) || failed(before))
    return failure();
  auto withoutOnes = [](ArrayRef<Expression> shape) { return shape.drop_while([](Expression size) { return size.isConstant(1); }); };
  if (withoutOnes(*after) != withoutOnes(*before))
    return match.fail(reader, "it reshapes the seats of the experts");
  match.takeReshapes(value);
  return success();
}

/// Rows in front of the experts: Einsum "sec,sm->ecm"(Cast(Cast(combine, bool), float), tokens). Returns the tokens.
FailureOr<Value> matchDispatch(Match &match, Value rows, Value combine, Operation *reader) {
  onnx::NodeOp einsum = match.takeDefiner(rows, reader, "Einsum", "the rows of the experts");
  if (!einsum)
    return failure();
  if (getCanonicalEquation(einsum) != dispatchEquation)
    return match.fail(einsum, "expected the equation sec,sm->ecm");
  onnx::NodeOp number = match.takeOperand(einsum, 0, "Cast", "the mask of the seats as numbers");
  onnx::NodeOp mask = number ? match.takeOperand(number, 0, "Cast", "the mask of the seats") : onnx::NodeOp();
  if (!mask)
    return failure();
  if (!getElementTypeOrSelf(mask.getResult(0)).isInteger(1) || takeIdentities(match, mask.getInputs()[0]) != combine)
    return match.fail(mask, "the mask is not where the combine tensor differs from 0");
  return einsum.getInputs()[1];
}

FailureOr<MoeLayer> matchLayer(Match &match, WeightRecipes &weights, onnx::NodeOp einsum) {
  match.take(einsum);
  Value combine = takeIdentities(match, einsum.getInputs()[0]), result = einsum.getInputs()[1];
  // DeepSpeed reshapes to groups x experts of a group and back; there is one group in a file.
  onnx::NodeOp concat = getDefiner(skipReshapes(result), "Concat");
  if (concat && failed(takeGroups(match, result, concat.getResult(0))))
    return failure();
  FailureOr<Mlp> mlp = concat ? matchUnrolledExperts(match, weights, concat) : matchBatchedExperts(match, weights, result, einsum);
  if (failed(mlp))
    return failure();
  Value rows = concat ? skipReshapes(mlp->input) : mlp->input;
  if (failed(takeGroups(match, mlp->input, rows)))
    return failure();
  FailureOr<Value> tokens = matchDispatch(match, rows, combine, einsum);
  if (failed(tokens))
    return failure();
  FailureOr<ArrayRef<Expression>> before = match.getShape(rows, einsum), after = match.getShape(result, einsum);
  if (failed(before) || failed(after) || failed(match.getShape(einsum.getResult(0), einsum)))
    return failure();
  if (*before != *after)
    return match.fail(einsum, "the experts do not give as many rows as they read");
  FailureOr<CapacityRouter> router = matchCapacityRouter(match, combine, einsum);
  if (failed(router))
    return failure();
  MoeLayer layer{*tokens, router->router, router->capacity, mlp->experts};
  if (failed(checkLayer(match, layer, einsum)) || failed(match.checkReaders(einsum)))
    return failure();
  return layer;
}

std::optional<onnx::NodeOp> findAnchor(onnx::NodeOp einsum) {
  return getCanonicalEquation(einsum) == combineEquation ? std::optional(einsum) : std::nullopt;
}

struct RaiseCapacityPass : impl::RaiseCapacityBase<RaiseCapacityPass> {
  void runOnOperation() override {
    raiseLayers(
        getOperation(), [](func::FuncOp function, WeightRecipes &) { return collectAnchors<onnx::NodeOp>(function, "Einsum", findAnchor); },
        [](SymbolicShapes &shapes, WeightRecipes &weights, onnx::NodeOp einsum) {
          Match match(shapes);
          replaceLayer(match, weights, einsum, matchLayer(match, weights, einsum), "the capacity einsum stays plain");
        });
  }
};

}  // namespace

}  // namespace switchyard::raise
