#include "dialects/moe/MoeDialect.h"

#include "dialects/support/Shapes.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/TypeUtilities.h"

#define GET_OP_CLASSES
#include "dialects/moe/MoeOps.cpp.inc"

using namespace mlir;

namespace switchyard::moe {

namespace {

bool hasShape(Value value, ArrayRef<int64_t> shape) { return compatible(tensorType(value).getShape(), shape); }

}  // namespace

LogicalResult GateOp::verify() {
  auto logits = tensorType(getLogits()), ids = tensorType(getIds()), weights = tensorType(getWeights());
  int64_t experts = logits.getDimSize(1), slots = ids.getDimSize(1);
  // gate_c1
  if (!hasShape(getWeights(), ids.getShape()) || !compatible(ids.getDimSize(0), logits.getDimSize(0)))
    return emitOpError("expects ids and weights of one shape with the tokens of the logits ") << logits << ", but got " << ids << " and " << weights;
  // gate_c2
  if (ShapedType::isDynamic(experts) || ShapedType::isDynamic(slots) || slots < 1 || slots > experts)
    return emitOpError("expects 1 <= k <= E, both static, but got k ") << slots << " and E " << experts;
  // gate_c3
  if (getSelectionBias() && !hasShape(getSelectionBias(), {experts}))
    return emitOpError("expects a selection bias of ") << experts << " elements, but got " << getSelectionBias().getType();
  if (getMix() && !hasShape(getMix(), logits.getShape()))
    return emitOpError("expects mix of the shape of the logits ") << logits << ", but got " << getMix().getType();
  // gate_c4
  if (getGating().getMixerEpsilon() && slots != 2)
    return emitOpError("expects k = 2 for the sparse mixer, but got ") << slots;
  // gate_c5
  if (experts % getGating().getGroups() != 0)
    return emitOpError("expects groups that divide E = ") << experts << ", but got " << getGating().getGroups();
  // gate_c6
  if (getGating().getOrder() == Order::mix_then_select && !getMix())
    return emitOpError("expects mix beside order mix_then_select");
  return success();
}

LogicalResult CapacityOp::verify() {
  // capacity_c1
  if (!hasShape(getWeights(), tensorType(getIds()).getShape()))
    return emitOpError("expects ids and weights of one shape, but got ") << getIds().getType() << " and " << getWeights().getType();
  // capacity_c2
  int64_t slots = tensorType(getIds()).getDimSize(1), experts = getExperts();
  if (ShapedType::isDynamic(slots) || slots < 1 || slots > experts)
    return emitOpError("expects 1 <= k <= experts, k static, but got k ") << slots << " and experts " << experts;
  // capacity_c3
  int64_t tokens = tensorType(getIds()).getDimSize(0);
  APInt number;
  if (getGroup() && !ShapedType::isDynamic(tokens) && matchPattern(getGroup(), m_ConstantInt(&number)))
    if (int64_t group = number.getSExtValue(); group < 1 ? tokens != 0 : tokens % group != 0)
      return emitOpError("expects groups that divide the tokens, but got groups of ") << group << " of " << tokens << " tokens";
  return success();
}

LogicalResult DispatchOp::verify() {
  auto tokens = tensorType(getTokens()), ids = tensorType(getIds());
  // dispatch_c1
  if (!compatible(tokens.getDimSize(0), ids.getDimSize(0)))
    return emitOpError("expects as many ids as tokens, but got ") << ids << " for " << tokens;
  if (!compatible(tokens.getDimSize(1), tensorType(getRows()).getDimSize(1)))
    return emitOpError("expects rows of the width of the tokens ") << tokens << ", but got " << getRows().getType();
  // dispatch_c2
  if (getRoute().getType().getSide() != RouteSide::source || !compatible(ids.getDimSize(1), getRoute().getType().getSlots()))
    return emitOpError("expects a source route of ") << ids.getDimSize(1) << " slots, but got " << getRoute().getType();
  // dispatch_c3
  if (getWeights() && !hasShape(getWeights(), ids.getShape()))
    return emitOpError("expects weights of the shape of the ids ") << ids << ", but got " << getWeights().getType();
  return success();
}

LogicalResult ExpertOp::verify() {
  int64_t experts = getRoute().getType().getExperts();
  int64_t hidden = tensorType(getRows()).getDimSize(1);
  auto gate = tensorType(getGate());
  // expert_c1
  if (!hasShape(getGate(), {experts, ShapedType::kDynamic, hidden}))
    return emitOpError("expects gate of shape ") << experts << "xIx" << hidden << ", but got " << gate;
  int64_t inner = gate.getDimSize(1);
  if (getUp() && !hasShape(getUp(), {experts, inner, hidden}))
    return emitOpError("expects up of shape ") << experts << "x" << inner << "x" << hidden << ", but got " << getUp().getType();
  if (!hasShape(getDown(), {experts, hidden, inner}))
    return emitOpError("expects down of shape ") << experts << "x" << hidden << "x" << inner << ", but got " << getDown().getType();
  // expert_c2
  for (auto [name, bias, size] : {std::tuple<const char *, Value, int64_t>("gate_bias", getGateBias(), inner), {"up_bias", getUpBias(), inner}, {"down_bias", getDownBias(), hidden}})
    if (bias && !hasShape(bias, {experts, size}))
      return emitOpError("expects ") << name << " of shape " << experts << "x" << size << ", but got " << bias.getType();
  // expert_c3
  if (getResult().getType() != getRows().getType())
    return emitOpError("expects a result of the type of the rows ") << getRows().getType() << ", but got " << getResult().getType();
  // expert_c4
  if (!getUp() && (getUpBias() || getActivation().getBeta() || getActivation().getLimit()))
    return emitOpError("expects up beside up_bias, beta and limit, but got activation ") << getActivation();
  return success();
}

LogicalResult CombineOp::verify() {
  // combine_c1
  if (getWeights() && !compatible(tensorType(getWeights()).getDimSize(1), getRoute().getType().getSlots()))
    return emitOpError("expects weights of ") << getRoute().getType().getSlots() << " slots, but got " << getWeights().getType();
  // combine_c2
  if (!compatible(tensorType(getRows()).getDimSize(1), tensorType(getTokens()).getDimSize(1)))
    return emitOpError("expects tokens of the width of the rows ") << getRows().getType() << ", but got " << getTokens().getType();
  // combine_c3
  if (getRoute().getType().getSide() != RouteSide::source)
    return emitOpError("expects a source route, but got ") << getRoute().getType();
  return success();
}

LogicalResult AllToAllOp::verify() {
  RouteType route = getRoute().getType();
  bool dispatch = getDirection() == Direction::dispatch;
  // all_to_all_c1
  if (route.getSide() != (dispatch ? RouteSide::source : RouteSide::owner))
    return emitOpError("expects ") << (dispatch ? "a source route to dispatch" : "an owner route to combine") << ", but got " << route;
  if (dispatch ? (!getResultRoute() || getTo()) : (!getTo() || getResultRoute()))
    return emitOpError(dispatch ? "expects an owner route as a result of dispatch, and no `to`"
                                : "expects a source route `to` go back to as an operand of combine, and no route as a result");
  RouteType other = dispatch ? cast<RouteType>(getResultRoute().getType()) : cast<RouteType>(getTo().getType());
  if (other.getSide() == route.getSide())
    return emitOpError("expects the other route to be of the other side, but got ") << other << " for " << route;
  // all_to_all_c2
  if (other.getExperts() != route.getExperts() || other.getSlots() != route.getSlots())
    return emitOpError("expects routes of equal experts and slots, but got ") << route << " and " << other;
  // all_to_all_c3
  if (!compatible(tensorType(getRows()).getDimSize(1), tensorType(getResult()).getDimSize(1)) ||
      getElementTypeOrSelf(getRows()) != getElementTypeOrSelf(getResult()))
    return emitOpError("expects rows to keep element type and width, but got ") << getRows().getType() << " and " << getResult().getType();
  return success();
}

}  // namespace switchyard::moe
