#include "compiler/raise/MoeLayer.h"
#include "compiler/raise/Passes.h"
#include "compiler/raise/experts/Experts.h"
#include "compiler/raise/routers/Routers.h"
#include "dialects/nn/NnDialect.h"

#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SetVector.h"

#include <deque>

namespace switchyard::raise {

#define GEN_PASS_DEF_RAISEMASKED
#include "compiler/raise/Passes.h.inc"

using namespace mlir;

namespace {

/// What one expert adds: its rows times its share in each token.
struct Part {
  onnx::NodeOp product;
  unsigned share;  // which operand of the product
};

/// A sum of parts with one source of shares, as far as it goes.
struct MaskedSum {
  onnx::NodeOp root;  // the last node
  Value source;
  SmallVector<Part> parts;
  SmallVector<onnx::NodeOp> sums;  // and what passes them on
  OpOperand *start = nullptr;      // what the first part is added to; null where nothing is
};

/// Finds all sums of parts in the order of the function: each node is looked at once.
class SumFinder {
public:
  explicit SumFinder(SymbolicShapes &shapes) : shapes(shapes) {}

  SmallVector<MaskedSum *> run(Block &block) {
    for (Operation &op : block)
      if (auto node = dyn_cast<onnx::NodeOp>(op); node && node.getDomain() == "ai.onnx")
        visit(node);
    SmallVector<MaskedSum *> roots;
    for (MaskedSum &sum : sums)
      if (!sum.parts.empty())
        roots.push_back(&sum);
    return roots;
  }

private:
  void visit(onnx::NodeOp node) {
    if (node.getType() == "Mul")
      return visitProduct(node);
    if (node.getType() == "Add" || node.getType() == "Sum")
      visitSum(node);
  }

  void visitProduct(onnx::NodeOp product) {
    if (getStaticLastDim(product.getResult(0)) == 1)
      return;  // a mask of weights, and not of rows
    for (unsigned index : {0u, 1u}) {
      Value source = getShareSource(shapes, product.getInputs()[index]);
      if (!source)
        continue;
      sums.push_back({product, source, {{product, index}}, {}, {}});
      byResult[product.getResult(0)] = &sums.back();
      return;
    }
  }

  /// The sum that ends at `value`, or null; nodes that pass it on unchanged, be it in f32, are added to `links`.
  MaskedSum *findEnding(Value value, SmallVectorImpl<onnx::NodeOp> &links) {
    SmallVector<onnx::NodeOp> passed;
    while (getDefiner(value, "Identity") || skipWidenings(value) != value) {
      passed.push_back(cast<onnx::NodeOp>(value.getDefiningOp()));
      value = passed.back().getInputs()[0];
    }
    MaskedSum *sum = byResult.lookup(value);
    // A sum whose parts went to another one has none left.
    if (!sum || sum->parts.empty() || sum->root.getResult(0) != value)
      return nullptr;
    links.append(passed);
    return sum;
  }

  static bool isFirstPart(const MaskedSum &sum) { return sum.parts.size() == 1 && sum.sums.empty(); }

  void visitSum(onnx::NodeOp node) {
    llvm::SmallSetVector<MaskedSum *, 4> joined;
    SmallVector<onnx::NodeOp> links;
    OpOperand *other = nullptr;
    for (OpOperand &operand : node->getOpOperands()) {
      MaskedSum *sum = findEnding(operand.get(), links);
      bool ends = sum && joined.insert(sum);
      if (!ends && other)
        return;
      other = ends ? other : &operand;
    }
    if (joined.size() == 2 && joined[0]->source != joined[1]->source && !other) {
      // The first part of a layer is added to the whole of another one.
      if (isFirstPart(*joined[0]) == isFirstPart(*joined[1]))
        return;
      unsigned first = isFirstPart(*joined[0]) ? 0 : 1;
      other = &node->getOpOperand(1 - first);
      MaskedSum *sum = joined[first];
      joined.clear();
      links.clear();
      joined.insert(sum);
    }
    if (joined.empty() || llvm::any_of(joined, [&](MaskedSum *sum) { return sum->source != joined.front()->source; }))
      return;
    size_t starts = llvm::count_if(joined, [](MaskedSum *sum) { return sum->start != nullptr; });
    bool begins = joined.size() == 1 && isFirstPart(*joined.front()) && node.getInputs().size() == 2;
    if (other ? !begins : starts > 1)
      return;
    MaskedSum *all = *llvm::max_element(joined, [](MaskedSum *a, MaskedSum *b) { return a->parts.size() < b->parts.size(); });
    for (MaskedSum *sum : joined)
      if (sum != all)
        absorb(*all, *sum);
    if (other)
      all->start = other;
    all->root = node;
    all->sums.push_back(node);
    all->sums.append(links);
    byResult[node.getResult(0)] = all;
  }

  static void absorb(MaskedSum &all, MaskedSum &sum) {
    all.parts.append(sum.parts);
    all.sums.append(sum.sums);
    all.start = sum.start ? sum.start : all.start;
    sum.parts.clear();
  }

  SymbolicShapes &shapes;
  std::deque<MaskedSum> sums;
  llvm::DenseMap<Value, MaskedSum *> byResult;
};

class MaskedMatcher {
public:
  MaskedMatcher(Match &match, WeightRecipes &weights, MaskedSum &sum) : match(match), weights(weights), sum(sum) {}

  FailureOr<MoeLayer> run();

private:
  FailureOr<Router> matchShares();
  LogicalResult matchBodies(int64_t experts);
  LogicalResult checkPart(Part &part, Value rows, const Mlp &body);
  LogicalResult checkStart();

  Match &match;
  WeightRecipes &weights;
  MaskedSum &sum;
  SmallVector<int64_t> experts;  // of the parts, in their order
  SmallVector<Mlp> bodies;       // in the order of the experts
};

/// The expert of each part, and the routes that all of them share.
FailureOr<Router> MaskedMatcher::matchShares() {
  ExpertShare first;
  for (Part &part : sum.parts) {
    FailureOr<ExpertShare> share = matchExpertShare(match, part.product.getInputs()[part.share], first, part.product);
    if (failed(share))
      return failure();
    if (!first.routes.ids)
      first = *share;
    if (share->routes.ids != first.routes.ids || share->routes.weights != first.routes.weights || share->slots != first.slots)
      return match.fail(part.product, "expert " + llvm::Twine(share->expert) + " has other ids or weights than expert " +
                                          llvm::Twine(first.expert));
    experts.push_back(share->expert);
  }
  FailureOr<Router> router = matchRouter(match, first.routes, sum.parts.front().product);
  if (failed(router))
    return failure();
  if (router->slots != first.slots)
    return match.fail(sum.root, "the shares are of " + llvm::Twine(first.slots) + " slots, but the router selects " + llvm::Twine(router->slots));
  return router;
}

/// Rows of H elements, each times the share of its token.
LogicalResult MaskedMatcher::checkPart(Part &part, Value rows, const Mlp &body) {
  Value share = part.product.getInputs()[part.share];
  FailureOr<ArrayRef<Expression>> from = match.getShape(rows, part.product), by = match.getShape(share, part.product),
                                  to = match.getShape(part.product.getResult(0), part.product);
  if (failed(from) || failed(by) || failed(to))
    return failure();
  if (*from != *to || by->empty() || !by->back().isConstant(1) || !match.haveSameRows(rows, share))
    return match.fail(part.product, "it does not multiply each row by one share");
  if (!match.shapes.hasShape(body.input) || match.shapes.getShape(body.input).empty() || countRows(match.shapes, body.input) != countRows(match.shapes, rows))
    return match.fail(part.product, "the rows are not those of the tokens");
  return success();
}

LogicalResult MaskedMatcher::matchBodies(int64_t count) {
  bodies.resize(count);
  SmallVector<bool> seen(count, false);
  for (auto &&[part, expert] : llvm::zip_equal(sum.parts, experts)) {
    if (expert < 0 || expert >= count)
      return match.fail(part.product, "there is no expert " + llvm::Twine(expert) + " of " + llvm::Twine(count));
    if (std::exchange(seen[expert], true))
      return match.fail(part.product, "expert " + llvm::Twine(expert) + " is added twice");
    match.take(part.product);
    Value rows = part.product.getInputs()[1 - part.share];
    FailureOr<Mlp> body = matchBody(match, weights, rows, part.product);
    if (failed(body) || failed(checkPart(part, rows, *body)))
      return failure();
    bodies[expert] = *body;
  }
  for (int64_t expert = 0; expert < count; ++expert)
    if (!seen[expert])
      return match.fail(sum.root, "expert " + llvm::Twine(expert) + " of " + llvm::Twine(count) + " is not added");
  for (int64_t expert = 1; expert < count; ++expert)
    if (!isSameTensor(match, bodies[expert].input, bodies.front().input))
      return match.fail(sum.root, "expert " + llvm::Twine(expert) + " reads other tokens than expert 0");
  return success();
}

/// What the parts are added to has their shape; zeros are no part of the result.
LogicalResult MaskedMatcher::checkStart() {
  FailureOr<ArrayRef<Expression>> part = match.getShape(sum.parts.front().product.getResult(0), sum.root),
                                  result = match.getShape(sum.root.getResult(0), sum.root);
  if (failed(part) || failed(result))
    return failure();
  for (Part &other : sum.parts)
    if (match.shapes.getShape(other.product.getResult(0)) != *part)
      return match.fail(sum.root, "the parts of the experts have different shapes");
  if (sum.start && getFilledNumber(sum.start->get()) == 0.0 && *part == *result) {
    sum.start = nullptr;
    return success();
  }
  if (!sum.start)
    return *part == *result ? success() : match.fail(sum.root, "its parts are not of its shape");
  FailureOr<ArrayRef<Expression>> start = match.getShape(sum.start->get(), sum.root);
  return succeeded(start) && *part == *result && *start == *result ? success() : match.fail(sum.root, "it starts from a tensor of another shape");
}

FailureOr<MoeLayer> MaskedMatcher::run() {
  for (onnx::NodeOp node : sum.sums)
    match.take(node);
  FailureOr<Router> router = matchShares();
  if (failed(router) || failed(matchBodies(router->experts)) || failed(checkStart()))
    return failure();
  FailureOr<Experts> stacked = stackBodies(match, bodies, sum.root);
  if (failed(stacked))
    return failure();
  MoeLayer layer{bodies.front().input, *router, std::nullopt, *stacked};
  if (failed(checkLayer(match, layer, sum.root)) || failed(match.checkReaders(sum.root)))
    return failure();
  return layer;
}

struct RaiseMaskedPass : impl::RaiseMaskedBase<RaiseMaskedPass> {
  void runOnOperation() override {
    WeightRecipes weights(getOperation());
    for (auto function : getOperation().getOps<func::FuncOp>()) {
      if (function.isExternal() || !llvm::any_of(function.getOps<onnx::NodeOp>(), isSelection))
        continue;
      eraseDeadNodes(function);
      SymbolicShapes shapes(function);
      SumFinder finder(shapes);
      for (MaskedSum *sum : finder.run(function.front()))
        raise(shapes, *sum, weights);
      eraseDeadNodes(function);
    }
  }

private:
  static bool isSelection(onnx::NodeOp node) { return node.getOpType() == "ai.onnx::TopK" || node.getOpType() == "ai.onnx::ArgMax"; }

  void raise(SymbolicShapes &shapes, MaskedSum &sum, WeightRecipes &weights) {
    Match match(shapes);
    FailureOr<MoeLayer> layer = MaskedMatcher(match, weights, sum).run();
    if (failed(layer))
      return match.remark(sum.root, "the masked experts stay plain");
    Value result = emitLayer(sum.root, shapes, weights, *layer);
    if (sum.start)
      sum.root->setOperands({sum.start->get(), result});
    else
      sum.root.getResult(0).replaceAllUsesWith(result);
  }
};

}  // namespace

}  // namespace switchyard::raise
