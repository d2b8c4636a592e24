#include "compiler/raise/MoeLayer.h"
#include "compiler/raise/Passes.h"
#include "compiler/raise/experts/Experts.h"
#include "compiler/raise/experts/ExpertsFirst.h"
#include "compiler/raise/experts/Looped.h"
#include "compiler/raise/routers/Routers.h"
#include "dialects/nn/NnDialect.h"

#include "mlir/IR/BuiltinOps.h"

namespace switchyard::raise {

#define GEN_PASS_DEF_RAISESLOTS
#include "compiler/raise/Passes.h.inc"

using namespace mlir;

namespace {

/// Where a layer ends: the sum of what the slots of a token give, one after the other.
struct Anchor {
  onnx::NodeOp root;
  SmallVector<onnx::NodeOp> sums;
};

/// One column of the ids, or of the weights, of all slots.
std::optional<Part> readColumn(Value value) {
  std::optional<Part> part = readPart(skipReshapes(value), [](Value index) -> std::optional<int64_t> {
    std::optional<double> number = getScalarConstant(index);
    return number ? std::optional(static_cast<int64_t>(*number)) : std::nullopt;
  });
  bool isColumn = part && part->size == 1 && part->countWhole() > 1 && part->axis + 1 == cast<RankedTensorType>(part->getWhole().getType()).getRank();
  return isColumn ? part : std::nullopt;
}

std::optional<unsigned> findWeights(onnx::NodeOp product) {
  return findOperand(product, [](Value value) { return getStaticLastDim(value) == 1 && readColumn(value); });
}

/// Sums of products with columns of weights, and of zeros, which are part of no other such sum.
SmallVector<Anchor> findAnchors(func::FuncOp function, WeightRecipes &) {
  llvm::SetVector<Operation *> sums;
  llvm::DenseSet<Operation *> terms, parts;  // terms: products, and sums that have one
  function.walk([&](onnx::NodeOp node) {
    if (node.getOpType() == "ai.onnx::Mul" && findWeights(node))
      terms.insert(node);
    auto isTerm = [&](Value value) { return terms.contains(skipWidenings(value).getDefiningOp()); };
    bool adds = node.getOpType() == "ai.onnx::Add" && llvm::any_of(node.getInputs(), isTerm) &&
                llvm::all_of(node.getInputs(), [&](Value value) { return isTerm(value) || isZeroFilled(value); });
    if (!adds)
      return;
    sums.insert(node);
    terms.insert(node);
    for (Value operand : node.getInputs())
      parts.insert(skipWidenings(operand).getDefiningOp());
  });
  SmallVector<Anchor> anchors;
  for (Operation *root : sums) {
    if (parts.contains(root))
      continue;
    SmallVector<onnx::NodeOp> all{cast<onnx::NodeOp>(root)};
    for (size_t next = 0; next < all.size(); ++next)
      for (Value operand : all[next].getInputs())
        if (Operation *part = skipWidenings(operand).getDefiningOp(); sums.contains(part))
          all.push_back(cast<onnx::NodeOp>(part));
    anchors.push_back({cast<onnx::NodeOp>(root), all});
  }
  return anchors;
}

/// What one slot adds to its token.
struct Slot {
  Part ids, weights;
  Value tokens;
  Experts experts;
};

class SlotMatcher {
public:
  SlotMatcher(Match &match, WeightRecipes &weights, Anchor anchor) : match(match), weights(weights), anchor(anchor) {
    for (onnx::NodeOp sum : anchor.sums)
      for (Value operand : sum.getInputs())
        if (onnx::NodeOp product = getDefiner(skipWidenings(operand), "Mul"))
          for (Value factor : product.getInputs())
            if (onnx::NodeOp selection = getSelection(weights, factor))
              selections.insert(selection);
  }

  FailureOr<MoeLayer> run();
  /// A sum of products with columns is no layer where none of them is read as a slot.
  bool hasSlots() const { return !slots.empty(); }

private:
  FailureOr<Slot> matchSlot(onnx::NodeOp product);
  FailureOr<GatheredExperts> matchSelected(Value rows, onnx::NodeOp selection);
  LogicalResult collectSlots();
  LogicalResult checkSlots();

  Match &match;
  WeightRecipes &weights;
  Anchor anchor;
  llvm::SetVector<Operation *> selections;  // among the rows of all experts
  SmallVector<Slot> slots;
};

/// Rows selected, one a token, among those of all experts.
FailureOr<GatheredExperts> SlotMatcher::matchSelected(Value rows, onnx::NodeOp selection) {
  FailureOr<SelectedRows> selected = matchSelectedRows(match, rows, selection);
  SmallVector<Operation *> readers{selection};
  llvm::append_range(readers, selections);
  FailureOr<Mlp> mlp = succeeded(selected) ? matchSelectedExperts(match, weights, *selected, readers) : FailureOr<Mlp>(failure());
  if (failed(mlp))
    return failure();
  return GatheredExperts{mlp->input, selected->ids, mlp->experts, {}};
}

FailureOr<Slot> SlotMatcher::matchSlot(onnx::NodeOp product) {
  match.take(product);
  unsigned index = *findWeights(product);
  Value column = product.getInputs()[index], rows = product.getInputs()[1 - index];
  onnx::NodeOp selection = getSelection(weights, rows);
  FailureOr<GatheredExperts> experts = selection ? matchSelected(rows, selection) : matchGatheredExperts(match, weights, rows, product);
  if (failed(experts) || failed(checkWeighing(match, product, rows, column, rt::getRecipeType(experts->experts.down).getDimSize(1))))
    return failure();
  std::optional<Part> ids = readColumn(experts->ids);
  if (!ids)
    return match.fail(product, "its ids are not one column of those of all slots");
  match.takeReshapes(experts->ids);
  match.takeReshapes(column);
  Part share = *readColumn(column);
  match.take(ids->node);
  match.take(share.node);
  return Slot{*ids, share, experts->tokens, experts->experts};
}

LogicalResult SlotMatcher::collectSlots() {
  for (onnx::NodeOp sum : anchor.sums) {
    match.take(sum);
    if (failed(checkAddsOneShape(match, sum)))
      return failure();
    for (Value operand : sum.getInputs()) {
      onnx::NodeOp product = getDefiner(match.takeWidenings(operand), "Mul");
      FailureOr<Slot> slot = product ? matchSlot(product) : FailureOr<Slot>(Slot());
      if (failed(slot))
        return failure();
      if (product)
        slots.push_back(*slot);
    }
  }
  return success();
}

/// All slots of one router, each once, over the same tokens and experts.
LogicalResult SlotMatcher::checkSlots() {
  Slot &first = slots.front();
  llvm::DenseSet<int64_t> seen;
  for (auto [number, slot] : llvm::enumerate(slots)) {
    if (slot.ids.getWhole() != first.ids.getWhole() || slot.weights.getWhole() != first.weights.getWhole() || slot.ids.first != slot.weights.first)
      return match.fail(slot.ids.node, "ids and weights of a slot are not of one router and place");
    if (!seen.insert(slot.ids.first).second)
      return match.fail(slot.ids.node, "slot " + llvm::Twine(slot.ids.first) + " is added twice");
    if (slot.experts != first.experts || skipReshapes(slot.tokens) != skipReshapes(first.tokens))
      return match.fail(slot.ids.node, "slot " + llvm::Twine(slot.ids.first) + " has other experts or tokens than slot " + llvm::Twine(first.ids.first));
  }
  int64_t count = first.ids.countWhole();
  if (static_cast<int64_t>(slots.size()) != count || first.weights.countWhole() != count)
    return match.fail(anchor.root, llvm::Twine(slots.size()) + " of " + llvm::Twine(count) + " slots are added");
  return success();
}

FailureOr<MoeLayer> SlotMatcher::run() {
  if (failed(collectSlots()) || slots.empty() || failed(checkSlots()))
    return failure();
  Slot &first = slots.front();
  FailureOr<Router> router = matchRouter(match, first.ids.getWhole(), first.weights.getWhole(), anchor.root);
  FailureOr<Value> tokens =
      succeeded(router) ? getTokenRows(match, first.tokens, rt::getRecipeType(first.experts.gate).getDimSize(2), anchor.root) : FailureOr<Value>(failure());
  if (failed(tokens))
    return failure();
  if (router->slots != static_cast<int64_t>(slots.size()))
    return match.fail(anchor.root, llvm::Twine(slots.size()) + " of " + llvm::Twine(router->slots) + " slots are added");
  MoeLayer layer{*tokens, *router, std::nullopt, first.experts};
  if (failed(checkLayer(match, layer, anchor.root)) || failed(match.checkReaders(anchor.root)))
    return failure();
  return layer;
}

struct RaiseSlotsPass : impl::RaiseSlotsBase<RaiseSlotsPass> {
  void runOnOperation() override {
    raiseLayers(getOperation(), findAnchors, [](SymbolicShapes &shapes, WeightRecipes &weights, const Anchor &anchor) {
      Match match(shapes);
      SlotMatcher matcher(match, weights, anchor);
      FailureOr<MoeLayer> layer = matcher.run();
      if (matcher.hasSlots())
        replaceLayer(match, weights, anchor.root, layer, "the slots of a token stay plain");
    });
  }
};

}  // namespace

}  // namespace switchyard::raise
