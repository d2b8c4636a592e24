#include "compiler/analysis/SymbolicShapes.h"
#include "compiler/raise/Graph.h"
#include "compiler/raise/Passes.h"

#include "mlir/IR/BuiltinOps.h"

#include <set>

namespace switchyard::raise {

#define GEN_PASS_DEF_REJECTFROZENEXPERTS
#include "compiler/raise/Passes.h.inc"

using namespace mlir;

namespace {

/// The Transpose of a one-hot of chosen experts: its first dimension counts experts.
onnx::NodeOp getExpertMask(onnx::NodeOp node) {
  if (node.getOpType() != "ai.onnx::Transpose")
    return {};
  onnx::NodeOp oneHot = getDefiner(node.getInputs()[0], "OneHot");
  auto type = oneHot ? dyn_cast<RankedTensorType>(oneHot.getResult(0).getType()) : RankedTensorType();
  if (!type)
    return {};
  int64_t rank = type.getRank(), axis = oneHot.getInt("axis", -1);
  auto permutation = dyn_cast_or_null<DenseI64ArrayAttr>(node.getNodeAttr("perm"));
  int64_t first = permutation && !permutation.empty() ? permutation[0] : rank - 1;  // reversed where nothing is stated
  if (first != (axis < 0 ? axis + rank : axis))
    return {};
  Value ids = skipReshapes(oneHot.getInputs()[0]);
  return getDefiner(ids, "TopK") || getDefiner(ids, "ArgMax") ? node : onnx::NodeOp();
}

/// True where `value` is read, through reshapes and Casts, by a NonZero: the tokens of one expert are looked up.
bool selectsTokens(Value value) {
  return llvm::any_of(value.getUsers(), [](Operation *user) {
    auto node = dyn_cast<onnx::NodeOp>(user);
    if (!node || node.getNumResults() == 0)
      return false;
    bool passes = isReshape(node) || node.getOpType() == "ai.onnx::Cast";
    return node.getOpType() == "ai.onnx::NonZero" || (passes && selectsTokens(node.getResult(0)));
  });
}

std::string join(const std::set<int64_t> &numbers) {
  std::string text;
  llvm::raw_string_ostream os(text);
  llvm::interleaveComma(numbers, os);
  return text;
}

struct RejectFrozenExpertsPass : impl::RejectFrozenExpertsBase<RejectFrozenExpertsPass> {
  void runOnOperation() override {
    for (auto function : getOperation().getOps<func::FuncOp>()) {
      SmallVector<onnx::NodeOp> masks;
      function.walk([&](onnx::NodeOp node) {
        if (onnx::NodeOp mask = getExpertMask(node))
          masks.push_back(mask);
      });
      if (masks.empty())
        continue;
      SymbolicShapes shapes(function);
      for (onnx::NodeOp mask : masks)
        check(mask, shapes);
    }
  }

private:
  void check(onnx::NodeOp mask, SymbolicShapes &shapes) {
    auto type = dyn_cast<RankedTensorType>(mask.getResult(0).getType());
    if (!type || type.getRank() == 0 || type.isDynamicDim(0))
      return;
    std::set<int64_t> present, missing;
    for (Operation *user : mask.getResult(0).getUsers()) {
      auto gather = dyn_cast<onnx::NodeOp>(user);
      if (!gather || gather.getOpType() != "ai.onnx::Gather" || gather.getInt("axis", 0) != 0 || !selectsTokens(gather.getResult(0)))
        return;
      std::optional<SmallVector<int64_t>> expert = shapes.getConstantData(gather.getInputs()[1]);
      if (!expert || expert->size() != 1)
        return;
      int64_t index = expert->front() < 0 ? expert->front() + type.getDimSize(0) : expert->front();
      if (index < 0 || index >= type.getDimSize(0))
        return;
      present.insert(index);
    }
    for (int64_t expert = 0; expert < type.getDimSize(0); ++expert)
      if (!present.contains(expert))
        missing.insert(expert);
    if (present.empty() || missing.empty())
      return;
    mask.emitError() << "expert " << join(missing) << " missing (frozen at export): the router chooses among " << type.getDimSize(0)
                     << " experts, but the file computes only " << join(present)
                     << ", those that the exporter's sample input happened to choose; export the model again with all experts";
    signalPassFailure();
  }
};

}  // namespace

}  // namespace switchyard::raise
