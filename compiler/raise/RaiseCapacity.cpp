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

constexpr llvm::StringRef dispatchEquation = "abc,ad->bcd";  // sec,sm->ecm

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

/// Rows in front of the experts: Einsum "sec,sm->ecm"(mask, tokens).
struct Dispatch {
  Value tokens;
  onnx::NodeOp mask;  // what tells which seats are taken, in front of Casts to numbers
};

FailureOr<Dispatch> matchDispatch(Match &match, Value rows, Operation *reader) {
  onnx::NodeOp einsum = match.takeDefiner(rows, reader, "Einsum", "the rows of the experts");
  if (!einsum)
    return failure();
  if (getCanonicalEquation(einsum) != dispatchEquation)
    return match.fail(einsum, "expected the equation sec,sm->ecm");
  Value mask = einsum.getInputs()[0];
  if (onnx::NodeOp number = getDefiner(mask, "Cast")) {
    match.take(number);
    mask = number.getInputs()[0];
  }
  auto node = mask.getDefiningOp<onnx::NodeOp>();
  if (!node)
    return match.fail(einsum, "expected a mask of the seats");
  match.take(node);
  return Dispatch{einsum.getInputs()[1], node};
}

/// True where the weights are scores of at least 0, and not logits.
bool weighsByScores(const Router &router) { return router.mix || router.gating.getScore() != moe::Score::identity; }

/// The mask tells where `combine` differs from 0: Cast to bool, Not of Equal, Greater, or an einsum of what fits and the same seats.
LogicalResult checkSeatMask(Match &match, onnx::NodeOp mask, Value combine, const CapacityRouter &router) {
  auto isOfCombine = [&](onnx::NodeOp node) { return match.takeIdentities(node.getInputs()[0]) == combine; };
  auto compares = [&](onnx::NodeOp node) { return isOfCombine(node) && isScalarConstant(node.getInputs()[1], 0.0); };
  bool holds = false;
  if (mask.getOpType() == "ai.onnx::Cast") {
    holds = getElementTypeOrSelf(mask.getResult(0)).isInteger(1) && isOfCombine(mask);
  } else if (mask.getOpType() == "ai.onnx::Greater") {
    holds = compares(mask) && weighsByScores(router.router);
  } else if (onnx::NodeOp equal = mask.getOpType() == "ai.onnx::Not" ? getDefiner(mask.getInputs()[0], "Equal") : onnx::NodeOp()) {
    match.take(equal);
    holds = compares(equal);
  } else if (mask.getOpType() == "ai.onnx::Einsum" && router.kept) {
    holds = getCanonicalEquation(mask) == "ab,ac->abc" && mask.getInputs()[1] == router.seats && takeCastsTo(match, mask.getInputs()[0], router.kept);
  }
  return holds ? success() : LogicalResult(match.fail(mask, "the mask is not where the combine tensor differs from 0"));
}

FailureOr<MoeLayer> matchLayer(Match &match, WeightRecipes &weights, onnx::NodeOp einsum) {
  match.take(einsum);
  Value combine = match.takeIdentities(einsum.getInputs()[0]), result = einsum.getInputs()[1];
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
  FailureOr<Dispatch> dispatch = matchDispatch(match, rows, einsum);
  if (failed(dispatch))
    return failure();
  FailureOr<ArrayRef<Expression>> before = match.getShape(rows, einsum), after = match.getShape(result, einsum);
  if (failed(before) || failed(after) || failed(match.getShape(einsum.getResult(0), einsum)))
    return failure();
  if (*before != *after)
    return match.fail(einsum, "the experts do not give as many rows as they read");
  FailureOr<CapacityRouter> router = matchCapacityRouter(match, combine, einsum);
  if (failed(router) || failed(checkSeatMask(match, dispatch->mask, combine, *router)))
    return failure();
  MoeLayer layer{dispatch->tokens, router->router, router->capacity, mlp->experts};
  if (failed(checkLayer(match, layer, einsum)) || failed(match.checkReaders(einsum)))
    return failure();
  return layer;
}

std::optional<onnx::NodeOp> findAnchor(onnx::NodeOp einsum) {
  return getCanonicalEquation(einsum) == capacityCombineEquation ? std::optional(einsum) : std::nullopt;
}

struct RaiseCapacityPass : impl::RaiseCapacityBase<RaiseCapacityPass> {
  void runOnOperation() override {
    raiseLayers(
        getOperation(), [](func::FuncOp function, WeightRecipes &) { return collectAnchors<onnx::NodeOp>(function, "Einsum", findAnchor); },
        [](SymbolicShapes &shapes, WeightRecipes &weights, onnx::NodeOp einsum) {
          if (getConstantRecipe(weights, einsum.getInputs()[1]))
            return;  // a product with weights
          Match match(shapes);
          replaceLayer(match, weights, einsum, matchLayer(match, weights, einsum), "the capacity einsum stays plain");
        });
  }
};

}  // namespace

}  // namespace switchyard::raise
