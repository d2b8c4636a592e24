#include "compiler/codegen/Passes.h"

#include "dialects/rt/RtDialect.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/TypeSwitch.h"

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
    auto end = dyn_cast<func::ReturnOp>(entry->getTerminator());
    if (!end || end.getNumOperands() != 0)
      return function.emitOpError("@") << function.getName() << " expects an entry that ends in a return of nothing";
    exit = function.addBlock();
    exit->addArgument(status, loc);
    function.setFunctionType(builder.getFunctionType(function.getArgumentTypes(), {status}));
    for (BlockArgument argument : function.getArguments())
      if (function.removeArgAttr(argument.getArgNumber(), "rt.first_site"))
        firstSite = argument;
    builder.setInsertionPointToStart(entry);
    zero = arith::ConstantIntOp::create(builder, loc, 0, 32);

    builder.setInsertionPoint(end);
    cf::BranchOp::create(builder, loc, exit, zero);
    end.erase();
    builder.setInsertionPointToEnd(exit);
    func::ReturnOp::create(builder, loc, exit->getArgument(0));

    SmallVector<Operation *> calls;
    for (Operation &op : *entry)
      if (isa<rt::KernelOp, rt::CollectiveOp, func::CallOp>(op))
        calls.push_back(&op);
    for (Operation *op : calls) {
      LogicalResult lowered = llvm::TypeSwitch<Operation *, LogicalResult>(op).Case<rt::KernelOp, rt::CollectiveOp, func::CallOp>(
          [&](auto call) { return lower(call); });
      if (failed(lowered))
        return failure();
    }
    return success();
  }

private:
  template <typename Call> LogicalResult lower(Call call) {
    if (!call.getSite() || !call.getResults().empty())
      return call.emitOpError("expects buffers and a site; run one-shot-bufferize and moe-number-sites before");
    SmallVector<Value> tensors(call.getInputs());
    llvm::append_range(tensors, call.getOutputs());
    SmallVector<bool> present(call.getPresent());
    present.append(call.getOutputs().size(), true);
    builder.setInsertionPoint(call);
    Value status = rt::InvokeOp::create(builder, call.getLoc(), builder.getI32Type(), builder.getI64IntegerAttr(*call.getSite()), firstSite,
                                        tensors, call.getScalars(), builder.getDenseBoolArrayAttr(present));
    endUnlessOk(call, status);
    return success();
  }

  /// A call of an outlined layer; functions of the support object have results and cannot fail.
  LogicalResult lower(func::CallOp call) {
    if (call.getNumResults() != 0)
      return success();
    builder.setInsertionPoint(call);
    endUnlessOk(call,
                func::CallOp::create(builder, call.getLoc(), call.getCallee(), builder.getI32Type(), call.getOperands()).getResult(0));
    return success();
  }

  /// Replaces `call` by a branch to the exit where the status is not 0.
  void endUnlessOk(Operation *call, Value status) {
    Location loc = call->getLoc();
    Value ok = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::eq, status, zero);
    Block *rest = call->getBlock()->splitBlock(call);
    builder.setInsertionPointToEnd(ok.getParentBlock());
    cf::CondBranchOp::create(builder, loc, ok, rest, ValueRange(), exit, ValueRange(status));
    call->erase();
  }

  func::FuncOp function;
  OpBuilder builder;
  Block *exit = nullptr;
  Value zero, firstSite;
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
