#include "compiler/codegen/SizeExpression.h"

#include "dialects/rt/RtDialect.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/AffineExprVisitor.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using switchyard::artifact::Expression;

namespace switchyard::codegen {

namespace {

using Operands = SmallVector<Expression>;

Expression ofAffine(AffineExpr expr, unsigned dims, ArrayRef<Expression> operands) {
  if (auto constant = dyn_cast<AffineConstantExpr>(expr))
    return constant.getValue();
  if (auto dim = dyn_cast<AffineDimExpr>(expr))
    return operands[dim.getPosition()];
  if (auto symbol = dyn_cast<AffineSymbolExpr>(expr))
    return operands[dims + symbol.getPosition()];
  auto binary = cast<AffineBinaryOpExpr>(expr);
  Expression a = ofAffine(binary.getLHS(), dims, operands), b = ofAffine(binary.getRHS(), dims, operands);
  switch (binary.getKind()) {
  case AffineExprKind::Add:
    return a + b;
  case AffineExprKind::Mul:
    return a * b;
  case AffineExprKind::FloorDiv:
    return artifact::floorDivide(a, b);
  case AffineExprKind::CeilDiv:
    return artifact::ceilDivide(a, b);
  default:  // Mod
    return a - artifact::floorDivide(a, b) * b;
  }
}

/// The quotient that signed division rounds to zero. Formulas round down or up: that is the same, each on one side of zero.
Expression truncatingDivide(const Expression &a, const Expression &b, bool nonNegative) {
  if (nonNegative)
    return artifact::floorDivide(a, b);
  return artifact::max(artifact::floorDivide(a, b), 0) + artifact::min(artifact::ceilDivide(a, b), 0);
}

}  // namespace

/// A divisor below 1 is an error where the formula is evaluated. An unsigned operation is a formula only where its operands cannot be
/// negative, and hence have the same value without their sign.
std::optional<Expression> SizeExpressions::ofArithmetic(Operation *op, ArrayRef<Expression> x) {
  bool nonNegative = llvm::all_of(op->getOperands(), [&](Value operand) { return isNonNegative(operand); });
  if (isa<arith::DivUIOp, arith::CeilDivUIOp, arith::RemUIOp, arith::MaxUIOp, arith::MinUIOp, arith::IndexCastUIOp, arith::ExtUIOp>(op) &&
      !nonNegative)
    return std::nullopt;
  return llvm::TypeSwitch<Operation *, std::optional<Expression>>(op)
      .Case<arith::AddIOp>([&](auto) { return x[0] + x[1]; })
      .Case<arith::SubIOp>([&](auto) { return x[0] - x[1]; })
      .Case<arith::MulIOp>([&](auto) { return x[0] * x[1]; })
      .Case<arith::FloorDivSIOp>([&](auto) { return artifact::floorDivide(x[0], x[1]); })
      .Case<arith::DivSIOp, arith::DivUIOp>([&](auto) { return truncatingDivide(x[0], x[1], nonNegative); })
      .Case<arith::CeilDivSIOp, arith::CeilDivUIOp>([&](auto) { return artifact::ceilDivide(x[0], x[1]); })
      .Case<arith::RemSIOp, arith::RemUIOp>([&](auto) { return x[0] - truncatingDivide(x[0], x[1], nonNegative) * x[1]; })
      .Case<arith::MaxSIOp, arith::MaxUIOp>([&](auto) { return artifact::max(x[0], x[1]); })
      .Case<arith::MinSIOp, arith::MinUIOp>([&](auto) { return artifact::min(x[0], x[1]); })
      .Case<arith::IndexCastOp, arith::IndexCastUIOp, arith::ExtSIOp, arith::ExtUIOp, arith::TruncIOp>([&](auto) { return x[0]; })
      .Case<affine::AffineApplyOp>([&](affine::AffineApplyOp apply) {
        AffineMap map = apply.getAffineMap();
        return ofAffine(map.getResult(0), map.getNumDims(), x);
      })
      .Default([](Operation *) { return std::nullopt; });
}

bool SizeExpressions::computeNonNegative(Value value) {
  APInt constant;
  if (matchPattern(value, m_ConstantInt(&constant)))
    return !constant.isNegative();
  Operation *op = value.getDefiningOp();
  if (!op)
    return false;
  if (isa<rt::DimOp, rt::RanksOp, rt::ThreadsOp, rt::TokenShareOp>(op))
    return true;
  auto isOf = [&](Value operand) { return isNonNegative(operand); };
  if (isa<arith::MaxSIOp>(op))
    return llvm::any_of(op->getOperands(), isOf);
  return isa<arith::AddIOp, arith::MulIOp, arith::DivSIOp, arith::DivUIOp, arith::FloorDivSIOp, arith::CeilDivSIOp, arith::CeilDivUIOp,
             arith::RemSIOp, arith::RemUIOp, arith::MaxUIOp, arith::MinSIOp, arith::MinUIOp, arith::IndexCastOp, arith::IndexCastUIOp,
             arith::ExtSIOp, arith::ExtUIOp>(op) &&
         llvm::all_of(op->getOperands(), isOf);
}

bool SizeExpressions::isNonNegative(Value value) {
  auto entry = signs.find(value);
  if (entry != signs.end())
    return entry->second;
  bool result = computeNonNegative(value);
  signs.try_emplace(value, result);
  return result;
}

std::optional<Expression> SizeExpressions::compute(Value value) {
  APInt constant;
  if (matchPattern(value, m_ConstantInt(&constant)))
    return Expression(constant.getSExtValue());
  Operation *op = value.getDefiningOp();
  if (!op)
    return std::nullopt;
  if (auto dim = dyn_cast<rt::DimOp>(op))
    return Expression::dimension(dim.getName());
  if (isa<rt::RanksOp>(op))
    return Expression::ranks();
  if (isa<rt::ThreadsOp>(op))
    return Expression::threads();
  Operands operands;
  for (Value operand : op->getOperands()) {
    std::optional<Expression> traced = trace(operand);
    if (!traced)
      return std::nullopt;
    operands.push_back(*traced);
  }
  if (isa<rt::TokenShareOp>(op))
    return value == op->getResult(1) ? artifact::ceilDivide(operands[0], Expression::ranks()) : operands[0];
  return ofArithmetic(op, operands);
}

std::optional<Expression> SizeExpressions::trace(Value value) {
  auto entry = known.find(value);
  if (entry != known.end())
    return entry->second;
  std::optional<Expression> result = compute(value);
  known.try_emplace(value, result);
  return result;
}

}  // namespace switchyard::codegen
