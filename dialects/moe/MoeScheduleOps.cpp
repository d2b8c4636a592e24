// Verification of the ops that distribution and scheduling make.
#include "dialects/moe/MoeDialect.h"

#include "dialects/support/Shapes.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;

namespace switchyard::moe {

namespace {

/// Tokens or rows that move keep their element type and width.
LogicalResult verifyWidth(Operation *op, Value from, Value to) {
  RankedTensorType source = tensorType(from), target = tensorType(to);
  if (!compatible(source.getDimSize(1), target.getDimSize(1)) || source.getElementType() != target.getElementType())
    return op->emitOpError("expects rows to keep element type and width, but got ") << source << " and " << target;
  return success();
}

LogicalResult verifyRoutes(Operation *op, RouteType source, RouteType owner) {
  bool fits = source.getSide() == RouteSide::source && owner.getSide() == RouteSide::owner && source.getExperts() == owner.getExperts() &&
              source.getSlots() == owner.getSlots();
  if (!fits)
    return op->emitOpError("expects a source and an owner route of equal experts and slots, but got ") << source << " and " << owner;
  return success();
}

}  // namespace

LogicalResult AllGatherOp::verify() {
  // all_gather_c1
  return verifyWidth(*this, getTokens(), getResult());
}

LogicalResult FusedGateOp::verify() {
  int64_t experts = cast<RankedTensorType>(getLogits().getType()).getDimSize(1);
  int64_t slots = cast<RankedTensorType>(getIds().getType()).getDimSize(1);
  RouteType route = getRoute().getType();
  // fused_gate_c1
  bool oneShape = cast<RankedTensorType>(getIds().getType()).getShape() == cast<RankedTensorType>(getWeights().getType()).getShape();
  if (!oneShape || route.getSide() != RouteSide::source || route.getExperts() != experts || route.getSlots() != slots)
    return emitOpError("expects ids and weights of one shape and a source route of ")
           << experts << " experts and " << slots << " slots, but got " << getIds().getType() << ", " << getWeights().getType() << " and "
           << route;
  // fused_gate_c2
  if (!getCapacity() != !getDrop())
    return emitOpError("expects capacity and drop together");
  // fused_gate_c3
  if (getGating().getOrder() == Order::mix_then_select && !getMix())
    return emitOpError("expects mix beside order mix_then_select");
  // fused_gate_c4
  if (getGroup() && !getCapacity())
    return emitOpError("expects group beside a capacity alone");
  return success();
}

LogicalResult PermuteOp::verify() {
  // permute_c1
  if (getRoute().getType().getSide() != RouteSide::source)
    return emitOpError("expects a source route, but got ") << getRoute().getType();
  // permute_c2
  RankedTensorType tokens = tensorType(getTokens());
  if (getWeights() && !compatible(tensorType(getWeights()).getShape(), {tokens.getDimSize(0), getRoute().getType().getSlots()}))
    return emitOpError("expects weights of the ") << getRoute().getType().getSlots() << " slots of the tokens " << tokens << ", but got "
                                                  << getWeights().getType();
  return verifyWidth(*this, getTokens(), getRows());
}

LogicalResult ExchangeCountsOp::verify() {
  // exchange_counts_c1
  return verifyRoutes(*this, getRoute().getType(), getResult().getType());
}

LogicalResult ExchangeRowsOp::verify() {
  // exchange_rows_c1
  if (failed(verifyRoutes(*this, getRoute().getType(), getOwner().getType())))
    return failure();
  return verifyWidth(*this, getRows(), getResult());
}

LogicalResult ReturnRowsOp::verify() {
  // return_rows_c1
  if (failed(verifyRoutes(*this, getRoute().getType(), getOwner().getType())))
    return failure();
  return verifyWidth(*this, getRows(), getResult());
}

}  // namespace switchyard::moe
