#include "compiler/raise/Graph.h"
#include "compiler/raise/Passes.h"
#include "compiler/raise/lower/NodeLowering.h"
#include "dialects/nn/NnDialect.h"
#include "dialects/support/Diagnostics.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace switchyard::raise {

#define GEN_PASS_DEF_LOWERONNX
#include "compiler/raise/Passes.h.inc"

using namespace mlir;

namespace {

struct LowerOnnxPass : impl::LowerOnnxBase<LowerOnnxPass> {
  void runOnOperation() override;

private:
  /// Replaces one node; failure is reported once, where it begins.
  LogicalResult lower(onnx::NodeOp node, SymbolicShapes &shapes, WeightRecipes &weights);
  LogicalResult reject(onnx::NodeOp node, const llvm::Twine &reason);
  /// Known sizes stand for the nodes that ask for them, so that nothing is computed for its shape alone.
  void replaceShapes(func::FuncOp main, SymbolicShapes &shapes, WeightRecipes &weights);

  llvm::DenseSet<Operation *> rejected;
};

LogicalResult LowerOnnxPass::reject(onnx::NodeOp node, const llvm::Twine &reason) {
  rejected.insert(node);
  return emitUnsupported(node) << node.getOpType() << " version " << static_cast<int64_t>(node.getVersion()) << " is not supported: " << reason;
}

bool isUnsigned(Value value) {
  auto type = dyn_cast<ShapedType>(value.getType());
  return type && type.getElementType().isUnsignedInteger();
}

LogicalResult LowerOnnxPass::lower(onnx::NodeOp node, SymbolicShapes &shapes, WeightRecipes &weights) {
  const LoweringRules &rules = getLoweringRules();
  auto rule = rules.find(node.getOpType());
  if (rule == rules.end())
    return reject(node, "the operator has no lowering");
  for (Value operand : node.getInputs()) {
    if (isa<onnx::NoneType>(operand.getType()) || shapes.hasShape(operand))
      continue;
    Operation *producer = operand.getDefiningOp();
    if (!producer || !rejected.contains(producer))
      return reject(node, "the shape of an operand is not known");
    rejected.insert(node);  // a consequence of what has been reported
    return failure();
  }
  if (llvm::any_of(node->getOperands(), isUnsigned) || llvm::any_of(node->getResults(), isUnsigned))
    return reject(node, "it has unsigned elements");
  NodeLowering lowering(node, shapes, weights);
  SmallVector<Value> known;
  for (Value result : node.getOutputs()) {
    if (!result.use_empty() && !shapes.hasShape(result))
      return reject(node, "the shape of its result is not known before data is, or its attributes are not valid");
    known.push_back(shapes.getData(result) ? lowering.fromData(*shapes.getFacts(result)) : Value());
  }
  if (llvm::all_of(known, [](Value value) { return static_cast<bool>(value); }))
    return lowering.replace(known);
  if (failed(rule->second(lowering)))
    return reject(node, lowering.reason);
  return success();
}

void LowerOnnxPass::replaceShapes(func::FuncOp main, SymbolicShapes &shapes, WeightRecipes &weights) {
  for (Operation &op : llvm::make_early_inc_range(main.front())) {
    auto node = dyn_cast<onnx::NodeOp>(op);
    if (!node || (node.getOpType() != "ai.onnx::Shape" && node.getOpType() != "ai.onnx::Size") || !shapes.getData(node.getResult(0)))
      continue;
    NodeLowering lowering(node, shapes, weights);
    (void)lowering.replace(lowering.fromData(*shapes.getFacts(node.getResult(0))));
  }
}

void LowerOnnxPass::runOnOperation() {
  auto main = getOperation().lookupSymbol<func::FuncOp>("main");
  if (!main || !main.getBody().hasOneBlock()) {
    getOperation().emitError("expects a function @main of one block, as the importer writes it");
    return signalPassFailure();
  }
  SymbolicShapes shapes(main);
  if (failed(shapes.verifyDimensionArguments()))
    return signalPassFailure();
  WeightRecipes weights(getOperation());
  replaceShapes(main, shapes, weights);
  eraseDeadNodes(main);
  rejected.clear();
  for (Operation &op : llvm::make_early_inc_range(main.front()))
    if (auto node = dyn_cast<onnx::NodeOp>(op))
      if (failed(lower(node, shapes, weights)))
        signalPassFailure();
  if (!rejected.empty())
    return;
  eraseDeadNodes(main);
  weights.eraseUnused();
}

}  // namespace

}  // namespace switchyard::raise
