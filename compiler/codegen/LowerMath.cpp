#include "compiler/codegen/Passes.h"

#include "dialects/rt/RtDialect.h"
#include "dialects/support/Diagnostics.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/SymbolTable.h"

using namespace mlir;

namespace switchyard::codegen {

#define GEN_PASS_DEF_LOWERMATH
#include "compiler/codegen/Passes.h.inc"

namespace {

/// The function of kernels/support for an op, or an empty name.
std::string supportFunction(Operation *op) {
  if (isa<math::RoundOp>(op))
    return "moe_roundf";
  std::optional<rt::ElementaryFunction> function = rt::getElementaryFunction(op);
  return function ? ("moe_" + rt::stringifyElementaryFunction(*function) + "f").str() : "";
}

/// Ops of `math` that are instructions of every CPU level.
bool isInstruction(Operation *op) {
  return isa<math::SqrtOp, math::RsqrtOp, math::FmaOp, math::AbsFOp, math::AbsIOp, math::FloorOp, math::CeilOp, math::TruncOp, math::RoundEvenOp,
             math::CopySignOp, math::CountLeadingZerosOp, math::CountTrailingZerosOp, math::CtPopOp, math::IsNaNOp, math::IsInfOp, math::IsFiniteOp>(op);
}

class Lowering {
public:
  explicit Lowering(ModuleOp module) : module(module), symbols(module) {}

  LogicalResult lower(Operation *op) {
    if (isInstruction(op))
      return success();
    std::string name = supportFunction(op);
    Type type = op->getResult(0).getType();
    if (name.empty() || !type.isIntOrFloat() || !isa<FloatType>(type))
      return emitUnsupported(op) << "'" << op->getName() << "' has no function in the support object (kernels/support) for " << type;
    OpBuilder builder(op);
    // Functions are of f32; narrower types widen, which changes no value, and f64 has no function.
    if (type.isF64())
      return emitUnsupported(op) << "'" << op->getName() << "' has no f64 function in the support object (kernels/support); compute it in f32";
    SmallVector<Value> operands;
    for (Value operand : op->getOperands())
      operands.push_back(type.isF32() ? operand : arith::ExtFOp::create(builder, op->getLoc(), builder.getF32Type(), operand).getResult());
    func::FuncOp function = declare(name, operands.size());
    Value result = func::CallOp::create(builder, op->getLoc(), function, operands).getResult(0);
    if (!type.isF32())
      result = arith::TruncFOp::create(builder, op->getLoc(), type, result);
    op->replaceAllUsesWith(ValueRange{result});
    op->erase();
    return success();
  }

private:
  func::FuncOp declare(StringRef name, size_t operands) {
    if (auto known = symbols.lookup<func::FuncOp>(name))
      return known;
    // A weight of this name gives way: the code knows weights by their place.
    if (Operation *other = symbols.lookup(name))
      (void)symbols.renameToUnique(other, {});
    OpBuilder builder = OpBuilder::atBlockEnd(module.getBody());
    SmallVector<Type> types(operands, builder.getF32Type());
    auto function = func::FuncOp::create(builder, module.getLoc(), name, builder.getFunctionType(types, {builder.getF32Type()}));
    function.setPrivate();
    symbols.insert(function);
    return function;
  }

  ModuleOp module;
  SymbolTable symbols;
};

struct LowerMath : impl::LowerMathBase<LowerMath> {
  void runOnOperation() override {
    SmallVector<Operation *> ops;
    getOperation().walk([&](Operation *op) {
      if (isa_and_nonnull<math::MathDialect>(op->getDialect()) || isa<rt::ElementaryOp>(op))
        ops.push_back(op);
    });
    Lowering lowering(getOperation());
    bool failedOnce = false;
    for (Operation *op : ops)
      failedOnce |= failed(lowering.lower(op));
    if (failedOnce)
      signalPassFailure();
  }
};

}  // namespace

}  // namespace switchyard::codegen
