// Whatever is made of weights alone is a weight; operators on quantised weights become those on the floats they stand for.
#include "compiler/raise/Graph.h"
#include "compiler/raise/Passes.h"
#include "compiler/raise/Refusals.h"
#include "compiler/raise/lower/KernelRules.h"
#include "compiler/raise/quantised/QuantisedNodes.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/TypeUtilities.h"

namespace switchyard::raise {

#define GEN_PASS_DEF_FOLDWEIGHTS
#include "compiler/raise/Passes.h.inc"

using namespace mlir;

namespace {

/// Weights, and constants that are no shape arithmetic, which folds by its numbers instead.
bool isWeight(WeightRecipes &weights, Value value) {
  if (weights.getRecipe(value))
    return true;
  Type element = getElementTypeOrSelf(value);
  bool counts = element.isSignlessInteger(32) || element.isSignlessInteger(64) || element.isInteger(1);
  return !counts && matchPattern(value, m_Constant());
}

/// The operands of a node of which it moves the elements; the others say how. None where it is no node that a recipe expresses.
ValueRange getMovedOperands(onnx::NodeOp node) {
  static constexpr llvm::StringRef types[] = {"ai.onnx::Reshape",   "ai.onnx::Squeeze", "ai.onnx::Unsqueeze", "ai.onnx::Flatten", "ai.onnx::Identity",
                                              "ai.onnx::Transpose", "ai.onnx::Slice",   "ai.onnx::Split",     "ai.onnx::Expand",  "ai.onnx::Cast",
                                              "ai.onnx::Gather"};
  if (node.getOpType() == "ai.onnx::Concat")
    return node.getInputs();
  return llvm::is_contained(types, node.getOpType()) && !node.getInputs().empty() ? node.getInputs().take_front(1) : ValueRange();
}

/// Whether the rule of the node gives nothing but recipes.
bool isByteMovement(NodeLowering &lowering) {
  onnx::NodeOp node = lowering.node;
  llvm::StringRef type = node.getType();
  if (type == "Cast")
    return isa<FloatType>(lowering.resultElementType()) && isa<FloatType>(TensorBuilder::elementType(lowering.input(0)));
  if (type == "Gather") {
    std::optional<SmallVector<int64_t>> indices = lowering.facts.constants(1);
    FailureOr<int64_t> axis = NodeShapes::normalizeAxis(node.getInt("axis", 0), lowering.rank(lowering.input(0)));
    std::optional<int64_t> size = succeeded(axis) ? lowering.dims(lowering.input(0))[*axis].getConstant() : std::nullopt;
    return indices && size && lowering.rank(lowering.input(1)) <= 1 && lowering.weights.getRecipe(lowering.input(0)) &&
           llvm::all_of(*indices, [&](int64_t index) { return index >= -*size && index < *size; });
  }
  if (type == "Slice") {
    FailureOr<SmallVector<SliceRange>> ranges = getSliceRanges(lowering.facts);
    return succeeded(ranges) && llvm::all_of(*ranges, [](const SliceRange &range) { return range.stride > 0 && range.offset.getConstant(); });
  }
  return type != "Expand" || lowering.weights.getRecipe(lowering.input(0));
}

struct FoldWeightsPass : impl::FoldWeightsBase<FoldWeightsPass> {
  void runOnOperation() override {
    auto main = getOperation().lookupSymbol<func::FuncOp>("main");
    if (!main || !main.getBody().hasOneBlock()) {
      getOperation().emitError("expects a function @main of one block, as the importer writes it");
      return signalPassFailure();
    }
    SymbolicShapes shapes(main);
    WeightRecipes weights(getOperation());
    for (Operation &op : llvm::make_early_inc_range(main.front()))
      if (auto node = dyn_cast<onnx::NodeOp>(op))
        fold(node, shapes, weights);
    eraseDeadNodes(main);
  }

private:
  void fold(onnx::NodeOp node, SymbolicShapes &shapes, WeightRecipes &weights) {
    if (QuantisedRule rule = getQuantisedRule(node.getOpType())) {
      QuantisedNode quantised(node, shapes, weights);
      if (shapes.hasShape(node.getResult(0)))
        (void)rule(quantised);
      return;
    }
    ValueRange moved = getMovedOperands(node);
    bool known = llvm::all_of(node->getResults(), [&](Value result) { return shapes.hasShape(result) && getStaticSizes(shapes.getShape(result)); });
    if (moved.empty() || !known || !llvm::all_of(moved, [&](Value value) { return isWeight(weights, value); }))
      return;
    NodeLowering lowering(node, shapes, weights);
    if (!findKernelRule(lowering) && isByteMovement(lowering))
      (void)getLoweringRules().find(node.getOpType())->second(lowering);
  }
};

}  // namespace

}  // namespace switchyard::raise
