#include "compiler/schedule/Passes.h"

#include "dialects/rt/RtDialect.h"

#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace switchyard::schedule {

#define GEN_PASS_DEF_KEEPELEMENTARY
#include "compiler/schedule/Passes.h.inc"

namespace {

using Function = rt::ElementaryFunction;

/// The function of kernels/support that a `math` op is.
std::optional<Function> functionOf(Operation *op) {
  return llvm::TypeSwitch<Operation *, std::optional<Function>>(op)
      .Case<math::ExpOp>([](auto) { return Function::exp; })
      .Case<math::ExpM1Op>([](auto) { return Function::expm1; })
      .Case<math::LogOp>([](auto) { return Function::log; })
      .Case<math::Log1pOp>([](auto) { return Function::log1p; })
      .Case<math::TanhOp>([](auto) { return Function::tanh; })
      .Case<math::ErfOp>([](auto) { return Function::erf; })
      .Case<math::SinOp>([](auto) { return Function::sin; })
      .Case<math::CosOp>([](auto) { return Function::cos; })
      .Case<math::PowFOp>([](auto) { return Function::pow; })
      .Default([](Operation *) { return std::nullopt; });
}

struct KeepElementary : impl::KeepElementaryBase<KeepElementary> {
  void runOnOperation() override {
    getOperation().walk([](Operation *op) {
      std::optional<Function> function = functionOf(op);
      if (!function || !isa<FloatType>(op->getResult(0).getType()))
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
