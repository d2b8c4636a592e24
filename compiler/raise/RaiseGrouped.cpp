#include "compiler/analysis/GroupedRows.h"
#include "compiler/raise/MoeLayer.h"
#include "compiler/raise/Passes.h"
#include "compiler/raise/experts/Experts.h"
#include "compiler/raise/routers/Routers.h"
#include "dialects/nn/NnDialect.h"

#include "mlir/IR/BuiltinOps.h"

namespace switchyard::raise {

#define GEN_PASS_DEF_RAISEGROUPED
#include "compiler/raise/Passes.h.inc"

using namespace mlir;

namespace {

/// Where a layer ends: the sum over the slots, of rows that are brought back from the order of the experts by `gather` and weighed by
/// `product`, before that or behind it.
struct Anchor {
  onnx::NodeOp sum, gather, product;
  Value rows;  // of the experts, in their order
  bool weighsSorted = false;
};

/// The Gather or GatherND that defines `value` behind reshapes, or null.
onnx::NodeOp getGather(Value value) {
  value = skipReshapes(value);
  onnx::NodeOp gather = getDefiner(value, "GatherND");
  return gather ? gather : getDefiner(value, "Gather");
}

/// True where `value` is [a bias added to] products of groups.
bool isGrouped(Value value) {
  value = skipReshapes(value);
  onnx::NodeOp sum = getDefiner(value, "Add");
  for (Value candidate : sum ? ValueRange(sum.getInputs()) : ValueRange(value))
    if (onnx::NodeOp concat = getDefiner(skipReshapes(candidate), "Concat"); concat && looksGrouped(concat))
      return true;
  return false;
}

std::optional<Anchor> findAnchor(onnx::NodeOp sum) {
  Anchor anchor{sum, {}, {}, {}};
  Value summed = sum.getInputs()[0];
  if (onnx::NodeOp product = getDefiner(skipReshapes(summed), "Mul")) {
    for (Value operand : product.getInputs())
      if (onnx::NodeOp gather = getGather(operand); gather && isGrouped(gather.getInputs()[0])) {
        anchor.gather = gather;
        anchor.product = product;
        anchor.rows = gather.getInputs()[0];
        return anchor;
      }
    return std::nullopt;
  }
  anchor.gather = getGather(summed);
  anchor.product = anchor.gather ? getDefiner(skipReshapes(anchor.gather.getInputs()[0]), "Mul") : onnx::NodeOp();
  std::optional<unsigned> rows = anchor.product ? findOperand(anchor.product, isGrouped) : std::nullopt;
  if (!rows)
    return std::nullopt;
  anchor.rows = anchor.product.getInputs()[*rows];
  anchor.weighsSorted = true;
  return anchor;
}

/// The weights [..., k], row-major, with which the rows are multiplied.
FailureOr<Value> matchRowWeights(Match &match, Anchor anchor, GroupedExperts experts) {
  int64_t hidden = rt::getRecipeType(experts.experts.down).getDimSize(1);
  onnx::NodeOp product = anchor.product;
  Value rows = anchor.rows;
  if (!anchor.weighsSorted)
    rows = getGather(product.getInputs()[0]) == anchor.gather ? product.getInputs()[0] : product.getInputs()[1];
  Value weights = product.getInputs()[product.getInputs()[0] == rows ? 1 : 0];
  if (failed(checkWeighing(match, product, rows, weights, hidden)))
    return failure();
  if (!anchor.weighsSorted)
    return weights;
  FailureOr<Value> listed = matchPermuted(match, weights, experts.sorting.getOrder(), product, "the weights of the rows");
  if (failed(listed))
    return failure();
  FailureOr<ArrayRef<Expression>> shape = match.getShape(*listed, product);
  if (failed(shape))
    return failure();
  if (shape->empty() || shape->front() != experts.sorting.rows || llvm::any_of(shape->drop_front(), [](Expression size) { return !size.isConstant(1); }))
    return match.fail(product, "the weights are not one for each of " + experts.sorting.rows.str() + " rows");
  return listed;
}

FailureOr<MoeLayer> matchLayer(Match &match, WeightRecipes &weights, Anchor anchor) {
  match.take(anchor.sum);
  match.takeReshapes(anchor.sum.getInputs()[0]);
  match.take(anchor.product);
  match.take(anchor.gather);
  FailureOr<GroupedExperts> experts = matchGroupedExperts(match, weights, anchor.rows, anchor.product);
  if (failed(experts))
    return failure();
  Value position = match.takeIntegerCasts(anchor.gather.getInputs()[1]);
  Value back = anchor.weighsSorted ? anchor.sum.getInputs()[0] : anchor.gather.getResult(0);
  if (failed(matchPermuted(match, back, position, anchor.sum, "the rows in the order of the tokens")) ||
      failed(matchInverse(match, position, experts->sorting, anchor.gather)))
    return failure();
  int64_t hidden = rt::getRecipeType(experts->experts.down).getDimSize(1);
  FailureOr<ArrayRef<Expression>> ordered = match.getShape(anchor.gather.getInputs()[0], anchor.gather);
  if (failed(ordered))
    return failure();
  if (ordered->size() != 2 || ordered->front() != experts->sorting.rows || !ordered->back().isConstant(hidden))
    return match.fail(anchor.gather, "it does not take from " + experts->sorting.rows.str() + " rows of " + llvm::Twine(hidden) + " elements");
  match.takeReshapes(anchor.gather.getInputs()[0]);
  for (Value operand : anchor.product.getInputs())
    match.takeReshapes(operand);
  FailureOr<Value> rowWeights = matchRowWeights(match, anchor, *experts);
  FailureOr<Router> router =
      succeeded(rowWeights) ? matchRouter(match, experts->sorting.ids, *rowWeights, anchor.product) : FailureOr<Router>(failure());
  if (failed(router))
    return failure();
  if (router->slots != experts->slots)
    return match.fail(anchor.gather, "rows are counted as of " + llvm::Twine(experts->slots) + " slots a token, but the router selects " +
                                         llvm::Twine(router->slots));
  if (failed(checkSum(match, anchor.sum, router->slots, hidden)) || failed(match.getShape(anchor.sum.getResult(0), anchor.sum)))
    return failure();
  MoeLayer layer{experts->tokens, *router, std::nullopt, experts->experts};
  if (failed(checkLayer(match, layer, anchor.sum)) || failed(match.checkReaders(anchor.sum)))
    return failure();
  return layer;
}

struct RaiseGroupedPass : impl::RaiseGroupedBase<RaiseGroupedPass> {
  void runOnOperation() override {
    raiseLayers(
        getOperation(), [](func::FuncOp function, WeightRecipes &) { return collectAnchors<Anchor>(function, "ReduceSum", findAnchor); },
        [](SymbolicShapes &shapes, WeightRecipes &weights, const Anchor &anchor) {
          Match match(shapes);
          replaceLayer(match, weights, anchor.sum, matchLayer(match, weights, anchor), "the grouped experts stay plain");
        });
  }
};

}  // namespace

}  // namespace switchyard::raise
