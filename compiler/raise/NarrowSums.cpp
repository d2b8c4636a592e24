#include "compiler/raise/Graph.h"
#include "compiler/raise/Passes.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/TypeUtilities.h"

namespace switchyard::raise {

#define GEN_PASS_DEF_NARROWSUMS
#include "compiler/raise/Passes.h.inc"

using namespace mlir;

namespace {

/// The Cast to f32 of a narrower float that `sum` adds up, or null.
onnx::NodeOp getWidening(onnx::NodeOp sum) {
  static constexpr llvm::StringRef types[] = {"ReduceSum", "CumSum"};
  if (sum.getDomain() != "ai.onnx" || !llvm::is_contained(types, sum.getType()) || sum.getInputs().empty())
    return {};
  onnx::NodeOp widening = getDefiner(sum.getInputs()[0], "Cast");
  bool widens = isFloatCast(widening) && getElementTypeOrSelf(widening.getResult(0)).isF32() && isNarrowFloat(getElementTypeOrSelf(widening.getInputs()[0]));
  return widens ? widening : onnx::NodeOp();
}

/// True where nothing reads `sum` but Casts to `type`.
bool isNarrowed(onnx::NodeOp sum, Type type) {
  return !sum->use_empty() && llvm::all_of(sum->getUsers(), [&](Operation *user) {
    auto node = dyn_cast<onnx::NodeOp>(user);
    return node && node.getOpType() == "ai.onnx::Cast" && getElementTypeOrSelf(node.getResult(0)) == type;
  });
}

void narrow(onnx::NodeOp sum) {
  onnx::NodeOp widening = getWidening(sum);
  if (!widening || !isNarrowed(sum, getElementTypeOrSelf(widening.getInputs()[0])))
    return;
  SmallVector<Operation *> narrowings(sum->getUsers());
  sum.setOperand(0, widening.getInputs()[0]);
  sum.getResult(0).setType(narrowings.front()->getResult(0).getType());
  for (Operation *narrowing : narrowings)
    narrowing->getResult(0).replaceAllUsesWith(sum.getResult(0));
}

struct NarrowSumsPass : impl::NarrowSumsBase<NarrowSumsPass> {
  void runOnOperation() override {
    for (auto function : getOperation().getOps<func::FuncOp>()) {
      SmallVector<onnx::NodeOp> nodes;
      function.walk([&](onnx::NodeOp node) { nodes.push_back(node); });
      llvm::for_each(nodes, narrow);
      eraseDeadNodes(function);
    }
  }
};

}  // namespace

}  // namespace switchyard::raise
