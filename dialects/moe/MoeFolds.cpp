// Folds and canonicalisation of the `moe` ops.
#include "dialects/moe/MoeDialect.h"

#include "mlir/IR/Matchers.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;

namespace switchyard::moe {

namespace {

bool equals(FloatAttr value, double expected) { return value && value.getValueAsDouble() == expected; }

}  // namespace

/// One spelling for one router: no grouping where all groups are kept, no factor 1, no epsilon 0.
LogicalResult GateOp::canonicalize(GateOp op, PatternRewriter &rewriter) {
  GatingAttr gating = op.getGating();
  bool allGroups = gating.getGroupsKept() == gating.getGroups();
  auto plain = GatingAttr::get(op.getContext(), gating.getScore(), gating.getOrder(), allGroups ? 1 : gating.getGroups(),
                               allGroups ? 1 : gating.getGroupsKept(), allGroups ? GroupScore::max : gating.getGroupScore(),
                               allGroups ? GroupFill::zero : gating.getGroupFill(), gating.getRenormalize(),
                               equals(gating.getRenormalizeEpsilon(), 0.0) ? FloatAttr() : gating.getRenormalizeEpsilon(),
                               equals(gating.getScale(), 1.0) ? FloatAttr() : gating.getScale(), gating.getMixerEpsilon(), gating.getTie());
  if (plain == gating)
    return failure();
  rewriter.modifyOpInPlace(op, [&] { op.setGatingAttr(plain); });
  return success();
}

/// A token takes at most one seat of an expert, so that no more than T seats are ever asked for.
LogicalResult CapacityOp::fold(FoldAdaptor adaptor, SmallVectorImpl<OpFoldResult> &results) {
  auto seats = dyn_cast_or_null<IntegerAttr>(adaptor.getCapacity());
  int64_t tokens = cast<RankedTensorType>(getIds().getType()).getDimSize(0);
  if (!seats || ShapedType::isDynamic(tokens) || seats.getInt() < tokens || getDrop().getRenormalize())
    return failure();
  results.assign({getIds(), getWeights()});
  return success();
}

/// Rows that travel there and straight back are the rows that left.
LogicalResult AllToAllOp::fold(FoldAdaptor, SmallVectorImpl<OpFoldResult> &results) {
  if (getDirection() != Direction::combine)
    return failure();
  auto there = getRows().getDefiningOp<AllToAllOp>();
  if (!there || there.getDirection() != Direction::dispatch || there.getRoute() != getTo() || there.getResultRoute() != getRoute() ||
      there.getRows().getType() != getResult().getType())
    return failure();
  results.assign({there.getRows()});
  return success();
}

}  // namespace switchyard::moe
