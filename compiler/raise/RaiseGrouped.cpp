#include "compiler/analysis/GroupedRows.h"
#include "compiler/raise/MoeLayer.h"
#include "compiler/raise/Passes.h"
#include "compiler/raise/experts/Looped.h"
#include "compiler/raise/routers/Routers.h"
#include "dialects/nn/NnDialect.h"

#include "mlir/IR/BuiltinOps.h"

namespace switchyard::raise {

#define GEN_PASS_DEF_RAISEGROUPED
#include "compiler/raise/Passes.h.inc"

using namespace mlir;

namespace {

/// Where a layer ends: the sum over the slots, of rows that are brought back from the order of the experts by `gather` and weighed by
/// `product`, before that or behind it. Without `gather`, `sum` adds the weighed rows where their tokens are.
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

/// The Concat of products of groups that `value` is, [with a bias added], or null.
onnx::NodeOp getGrouped(Value value) {
  value = skipReshapes(value);
  onnx::NodeOp sum = getDefiner(value, "Add");
  for (Value candidate : sum ? ValueRange(sum.getInputs()) : ValueRange(value))
    if (onnx::NodeOp concat = getDefiner(skipReshapes(candidate), "Concat"); concat && looksGrouped(concat))
      return concat;
  return {};
}

bool isGrouped(Value value) { return static_cast<bool>(getGrouped(value)); }

/// ScatterND or ScatterElements of [weighed] rows.
std::optional<Anchor> findScatterAnchor(onnx::NodeOp scatter) {
  Value rows = scatter.getInputs().size() == 3 ? skipReshapes(scatter.getInputs()[2]) : Value();
  if (onnx::NodeOp expand = rows ? getDefiner(rows, "Expand") : onnx::NodeOp())
    rows = skipReshapes(expand.getInputs()[0]);
  onnx::NodeOp product = rows ? getDefiner(rows, "Mul") : onnx::NodeOp();
  std::optional<unsigned> weighed = product ? findOperand(product, isGrouped) : std::nullopt;
  if (weighed)
    rows = product.getInputs()[*weighed];
  onnx::NodeOp grouped = rows ? getGrouped(rows) : onnx::NodeOp();
  if (!grouped || isProjection(grouped))
    return std::nullopt;
  return Anchor{scatter, {}, weighed ? product : onnx::NodeOp(), rows, true};
}

std::optional<Anchor> findAnchor(onnx::NodeOp sum) {
  if (sum.getType() != "ReduceSum")
    return findScatterAnchor(sum);
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

/// The layer of experts whose rows are weighed, in their order.
FailureOr<MoeLayer> matchRouted(Match &match, Anchor anchor, const GroupedExperts &experts) {
  match.takeReshapes(anchor.product.getInputs()[0]);
  match.takeReshapes(anchor.product.getInputs()[1]);
  FailureOr<Value> rowWeights = matchRowWeights(match, anchor, experts);
  FailureOr<Router> router = succeeded(rowWeights) ? matchRouter(match, experts.sorting.ids, *rowWeights, anchor.product) : FailureOr<Router>(failure());
  if (failed(router))
    return failure();
  if (router->slots != experts.slots)
    return match.fail(anchor.gather ? anchor.gather : anchor.sum, "rows are counted as of " + llvm::Twine(experts.slots) +
                                                                     " slots a token, but the router selects " + llvm::Twine(router->slots));
  return MoeLayer{experts.tokens, *router, std::nullopt, experts.experts};
}

/// Weighed rows in the order of the experts, each added to its token.
FailureOr<MoeLayer> matchScattered(Match &match, WeightRecipes &weights, Anchor anchor) {
  if (!anchor.product)
    return match.fail(anchor.sum, "its rows are not weighed");
  match.take(anchor.product);
  FailureOr<GroupedExperts> experts = matchGroupedExperts(match, weights, anchor.rows, anchor.product);
  FailureOr<ScatteredSum> scattered = succeeded(experts) ? matchScatteredSum(match, anchor.sum) : FailureOr<ScatteredSum>(failure());
  if (failed(scattered))
    return failure();
  if (scattered->start || scattered->rows.size() != 1)
    return match.fail(anchor.sum, "it does not add the rows of all experts to zeros");
  const ScatteredRows &rows = scattered->rows.front();
  FailureOr<TokenOfRow> token = matchTokenOfRow(match, match.takeIntegerCasts(rows.indices), anchor.sum);
  if (failed(token))
    return failure();
  if (rows.rows != anchor.product.getResult(0) || token->order != experts->sorting.getOrder() || token->slots != experts->slots)
    return match.fail(anchor.sum, "it does not add each row to its token");
  if (rows.overwrites && experts->slots != 1)
    return match.fail(anchor.sum, "of the " + llvm::Twine(experts->slots) + " rows of a token one counts alone");
  FailureOr<MoeLayer> layer = matchRouted(match, anchor, *experts);
  if (failed(layer) || failed(checkLayer(match, *layer, anchor.sum)) || failed(match.checkReaders(anchor.sum)))
    return failure();
  if (match.shapes.getShape(anchor.sum.getResult(0)) != match.shapes.getShape(layer->tokens))
    return match.fail(anchor.sum, "it adds to another number of rows than there are tokens");
  return layer;
}

FailureOr<MoeLayer> matchLayer(Match &match, WeightRecipes &weights, Anchor anchor) {
  if (!anchor.gather)
    return matchScattered(match, weights, anchor);
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
  FailureOr<MoeLayer> layer = matchRouted(match, anchor, *experts);
  if (failed(layer) || failed(checkSum(match, anchor.sum, experts->slots, hidden)) || failed(match.getShape(anchor.sum.getResult(0), anchor.sum)) ||
      failed(checkLayer(match, *layer, anchor.sum)) || failed(match.checkReaders(anchor.sum)))
    return failure();
  return layer;
}

SmallVector<Anchor> findAnchors(func::FuncOp function) {
  SmallVector<Anchor> anchors;
  function.walk([&](onnx::NodeOp node) {
    static constexpr llvm::StringRef types[] = {"ReduceSum", "ScatterND", "ScatterElements"};
    if (node.getDomain() == "ai.onnx" && llvm::is_contained(types, node.getType()))
      if (std::optional<Anchor> anchor = findAnchor(node))
        anchors.push_back(*anchor);
  });
  return anchors;
}

struct RaiseGroupedPass : impl::RaiseGroupedBase<RaiseGroupedPass> {
  void runOnOperation() override {
    raiseLayers(
        getOperation(), [](func::FuncOp function, WeightRecipes &) { return findAnchors(function); },
        [](SymbolicShapes &shapes, WeightRecipes &weights, const Anchor &anchor) {
          Match match(shapes);
          replaceLayer(match, weights, anchor.sum, matchLayer(match, weights, anchor), "the grouped experts stay plain");
        });
  }
};

}  // namespace

}  // namespace switchyard::raise
