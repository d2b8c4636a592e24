#include "compiler/schedule/Passes.h"

#include "dialects/rt/RtDialect.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"

using namespace mlir;

namespace switchyard::schedule {

#define GEN_PASS_DEF_KEEPELEMENTARY
#include "compiler/schedule/Passes.h.inc"

namespace {

struct KeepElementary : impl::KeepElementaryBase<KeepElementary> {
  void runOnOperation() override {
    getOperation().walk([](Operation *op) {
      std::optional<rt::ElementaryFunction> function = rt::getElementaryFunction(op);
      if (!function || isa<rt::ElementaryOp>(op) || !isa<FloatType>(op->getResult(0).getType()))
        return;
      OpBuilder builder(op);
      Value kept = rt::ElementaryOp::create(builder, op->getLoc(), op->getResult(0).getType(), *function, op->getOperands());
      op->replaceAllUsesWith(ValueRange{kept});
      op->erase();
    });
  }
};

}  // namespace

}  // namespace switchyard::schedule
