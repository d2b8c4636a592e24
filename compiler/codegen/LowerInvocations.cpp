#include "compiler/codegen/Passes.h"

#include "dialects/rt/RtDialect.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"

using namespace mlir;

namespace switchyard::codegen {

#define GEN_PASS_DEF_LOWERINVOCATIONS
#include "compiler/codegen/Passes.h.inc"

namespace {

class Lowering {
public:
  explicit Lowering(func::FuncOp function) : function(function), builder(function.getContext()) {}

  LogicalResult run() {
    Location loc = function.getLoc();
    Type status = builder.getI32Type();
    Block *entry = &function.front();
    exit = function.addBlock();
    exit->addArgument(status, loc);
    function.setFunctionType(builder.getFunctionType({}, {status}));
    builder.setInsertionPointToStart(entry);
    zero = arith::ConstantIntOp::create(builder, loc, 0, 32);

    auto end = cast<func::ReturnOp>(entry->getTerminator());
    builder.setInsertionPoint(end);
    cf::BranchOp::create(builder, loc, exit, zero);
    end.erase();
    builder.setInsertionPointToEnd(exit);
    func::ReturnOp::create(builder, loc, exit->getArgument(0));

    SmallVector<Operation *> calls;
    for (Operation &op : *entry)
      if (isa<rt::KernelOp, rt::CollectiveOp>(op))
        calls.push_back(&op);
    for (Operation *op : calls) {
      LogicalResult lowered = isa<rt::KernelOp>(op) ? lower(cast<rt::KernelOp>(op)) : lower(cast<rt::CollectiveOp>(op));
      if (failed(lowered))
        return failure();
    }
    return success();
  }

private:
  template <typename Call>
  LogicalResult lower(Call call) {
    if (!call.getSite() || !call.getResults().empty())
      return call.emitOpError("expects buffers and a site; run one-shot-bufferize and moe-number-sites before");
    Location loc = call.getLoc();
    SmallVector<Value> tensors(call.getInputs());
    llvm::append_range(tensors, call.getOutputs());
    SmallVector<bool> present(call.getPresent());
    present.append(call.getOutputs().size(), true);
    builder.setInsertionPoint(call);
    Value status = rt::InvokeOp::create(builder, loc, builder.getI32Type(), builder.getI64IntegerAttr(*call.getSite()), tensors, call.getScalars(),
                                        builder.getDenseBoolArrayAttr(present));
    Value ok = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::eq, status, zero);
    Block *rest = call->getBlock()->splitBlock(call);
    builder.setInsertionPointToEnd(ok.getParentBlock());
    cf::CondBranchOp::create(builder, loc, ok, rest, ValueRange(), exit, ValueRange(status));
    call.erase();
    return success();
  }

  func::FuncOp function;
  OpBuilder builder;
  Block *exit = nullptr;
  Value zero;
};

struct LowerInvocations : impl::LowerInvocationsBase<LowerInvocations> {
  void runOnOperation() override {
    for (auto function : getOperation().getOps<func::FuncOp>())
      if (!function.isDeclaration() && failed(Lowering(function).run()))
        return signalPassFailure();
  }
};

}  // namespace

}  // namespace switchyard::codegen
