#include "compiler/codegen/Passes.h"

#include "dialects/rt/RtDialect.h"

#include "mlir/Dialect/Bufferization/Transforms/BufferViewFlowAnalysis.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"

using namespace mlir;

namespace switchyard::codegen {

#define GEN_PASS_DEF_PLACEOUTPUTS
#include "compiler/codegen/Passes.h.inc"

namespace {

bool copiesToOutput(Operation &op) {
  auto copy = dyn_cast<memref::CopyOp>(op);
  return copy && copy.getTarget().getDefiningOp<rt::OutputOp>();
}

/// The copies at the end of @main, behind which nothing is computed.
SmallVector<memref::CopyOp> lastCopies(func::FuncOp main) {
  SmallVector<memref::CopyOp> copies;
  for (Operation &op : llvm::reverse(main.front().without_terminator())) {
    if (copiesToOutput(op))
      copies.push_back(cast<memref::CopyOp>(op));
    else if (!isPure(&op))
      break;
  }
  std::reverse(copies.begin(), copies.end());
  return copies;
}

/// Whether the buffer may be an output. The rooms of a collective's buffers are proved from the plan of the arena, where outputs are not.
bool isMovable(memref::AllocOp alloc, BufferViewFlowAnalysis &aliases) {
  return llvm::none_of(aliases.resolve(alloc.getResult()), [](Value alias) {
    return llvm::any_of(alias.getUsers(), [](Operation *user) { return isa<rt::CollectiveOp>(user); });
  });
}

struct PlaceOutputs : impl::PlaceOutputsBase<PlaceOutputs> {
  void runOnOperation() override {
    auto main = getOperation().lookupSymbol<func::FuncOp>("main");
    if (!main || main.isDeclaration())
      return;
    BufferViewFlowAnalysis aliases(main);
    for (memref::CopyOp copy : lastCopies(main)) {
      auto alloc = copy.getSource().getDefiningOp<memref::AllocOp>();
      auto output = copy.getTarget().getDefiningOp<rt::OutputOp>();
      if (!alloc || alloc->getBlock() != &main.front() || alloc.getType() != output.getType() || !output->hasOneUse() ||
          !isMovable(alloc, aliases))
        continue;
      OpBuilder builder(alloc);
      auto placed = rt::OutputOp::create(builder, output.getLoc(), alloc.getType(), output.getIndex(), alloc.getDynamicSizes());
      copy.erase();
      output.erase();
      alloc.replaceAllUsesWith(placed.getResult());
      alloc.erase();
    }
  }
};

}  // namespace

}  // namespace switchyard::codegen
