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

/// Sizes are not negative, so that signed, unsigned and floor divisions agree.
std::optional<Expression> ofArithmetic(Operation *op, ArrayRef<Expression> x) {
  return llvm::TypeSwitch<Operation *, std::optional<Expression>>(op)
      .Case<arith::AddIOp>([&](auto) { return x[0] + x[1]; })
      .Case<arith::SubIOp>([&](auto) { return x[0] - x[1]; })
      .Case<arith::MulIOp>([&](auto) { return x[0] * x[1]; })
      .Case<arith::DivSIOp, arith::DivUIOp, arith::FloorDivSIOp>([&](auto) { return artifact::floorDivide(x[0], x[1]); })
      .Case<arith::CeilDivSIOp, arith::CeilDivUIOp>([&](auto) { return artifact::ceilDivide(x[0], x[1]); })
      .Case<arith::RemSIOp, arith::RemUIOp>([&](auto) { return x[0] - artifact::floorDivide(x[0], x[1]) * x[1]; })
      .Case<arith::MaxSIOp, arith::MaxUIOp>([&](auto) { return artifact::max(x[0], x[1]); })
      .Case<arith::MinSIOp, arith::MinUIOp>([&](auto) { return artifact::min(x[0], x[1]); })
      .Case<arith::IndexCastOp, arith::IndexCastUIOp, arith::ExtSIOp, arith::ExtUIOp, arith::TruncIOp>([&](auto) { return x[0]; })
      .Case<affine::AffineApplyOp>([&](affine::AffineApplyOp apply) {
        AffineMap map = apply.getAffineMap();
        return ofAffine(map.getResult(0), map.getNumDims(), x);
      })
      .Default([](Operation *) { return std::nullopt; });
}

}  // namespace

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
