#include "compiler/schedule/Passes.h"

#include "dialects/moe/MoeDialect.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Dominance.h"
#include "mlir/Transforms/RegionUtils.h"

using namespace mlir;

namespace switchyard::schedule {

#define GEN_PASS_DEF_FUSEGATING
#include "compiler/schedule/Passes.h.inc"

namespace {

/// Which tokens of the call a dispatch takes, and the ids of all of them. No range: all tokens.
struct Share {
  Value first, count, ids;
};

/// Whether a slice takes adjacent rows of a matrix and all of their columns.
bool takesWholeRows(tensor::ExtractSliceOp slice) {
  RankedTensorType source = slice.getSourceType();
  return source.getRank() == 2 && !source.isDynamicDim(1) && slice.hasUnitStride() && isConstantIntValue(slice.getMixedOffsets()[1], 0) &&
         isConstantIntValue(slice.getMixedSizes()[1], source.getDimSize(1));
}

FailureOr<Share> shareOf(OpBuilder &builder, moe::DispatchOp dispatch) {
  auto ids = dispatch.getIds().getDefiningOp<tensor::ExtractSliceOp>();
  if (!ids)
    return Share{Value(), Value(), dispatch.getIds()};
  if (!takesWholeRows(ids))
    return dispatch.emitOpError("expects ids that are whole adjacent rows of the ids of all tokens");
  OpFoldResult first = ids.getMixedOffsets()[0], count = ids.getMixedSizes()[0];
  auto isSameShare = [&](Value value) {
    auto rows = value.getDefiningOp<tensor::ExtractSliceOp>();
    return rows && takesWholeRows(rows) && isEqualConstantIntOrValue(rows.getMixedOffsets()[0], first) &&
           isEqualConstantIntOrValue(rows.getMixedSizes()[0], count);
  };
  if (!isSameShare(dispatch.getTokens()))
    return dispatch.emitOpError("expects tokens that are the same rows of all tokens as its ids are of theirs");
  if (dispatch.getWeights() && !isSameShare(dispatch.getWeights()))
    return dispatch.emitOpError("expects weights that are the same rows of all weights as its ids are of theirs");
  Location loc = dispatch.getLoc();
  return Share{getValueOrCreateConstantIndexOp(builder, loc, first), getValueOrCreateConstantIndexOp(builder, loc, count), ids.getSource()};
}

/// The layer's number, which its exchange carries; 0 in a program that is not distributed.
IntegerAttr layerOf(OpBuilder &builder, moe::DispatchOp dispatch) {
  for (Operation *user : dispatch.getRoute().getUsers())
    if (auto exchange = dyn_cast<moe::AllToAllOp>(user))
      return exchange.getLayerAttr();
  return builder.getI64IntegerAttr(0);
}

LogicalResult fuse(moe::DispatchOp dispatch) {
  OpBuilder builder(dispatch);
  FailureOr<Share> found = shareOf(builder, dispatch);
  if (failed(found))
    return failure();
  Share share = *found;
  auto capacity = share.ids.getDefiningOp<moe::CapacityOp>();
  Value chosen = capacity ? capacity.getIds() : share.ids;
  auto gate = chosen.getDefiningOp<moe::GateOp>();
  if (!gate)
    return dispatch.emitOpError("expects ids of a moe.gate or a moe.capacity behind one, but got ") << chosen;
  if (capacity && capacity.getWeights() != gate.getWeights())
    return capacity.emitOpError("expects the weights of the moe.gate that chose its ids");

  // The fused op stands where the choice stood, before every user of ids and weights; this rank's share is known there.
  Operation *choice = capacity ? capacity.getOperation() : gate.getOperation();
  IRRewriter rewriter(builder);
  DominanceInfo dominance;
  if (!share.first) {
    builder.setInsertionPoint(choice);
    share.first = arith::ConstantIndexOp::create(builder, gate.getLoc(), 0);
    share.count = getValueOrCreateConstantIndexOp(builder, gate.getLoc(), tensor::getMixedSize(builder, gate.getLoc(), gate.getLogits(), 0));
  }
  if (failed(moveValueDefinitions(rewriter, {share.first, share.count}, choice, dominance)))
    return dispatch.emitOpError("expects the share of its tokens to be computable before the gate");
  builder.setInsertionPoint(choice);
  IntegerAttr layer = layerOf(builder, dispatch);
  auto fused = moe::FusedGateOp::create(
      builder, gate.getLoc(), gate.getIds().getType(), gate.getWeights().getType(), dispatch.getRoute().getType(), gate.getLogits(),
      gate.getSelectionBias(), gate.getMix(), share.first, share.count, capacity ? capacity.getCapacity() : Value(),
      capacity ? capacity.getGroup() : Value(), gate.getGating(),
      capacity ? capacity.getDropAttr() : moe::DropAttr(), layer);
  builder.setInsertionPoint(dispatch);
  auto permute = moe::PermuteOp::create(builder, dispatch.getLoc(), dispatch.getRows().getType(), dispatch.getTokens(), fused.getRoute(),
                                        dispatch.getWeights(), layer);
  dispatch->replaceAllUsesWith(ValueRange{permute.getRows(), fused.getRoute()});
  dispatch.erase();
  choice->replaceAllUsesWith(ValueRange{fused.getIds(), fused.getWeights()});
  choice->erase();
  if (capacity && gate->use_empty())
    gate.erase();
  return success();
}

struct FuseGating : impl::FuseGatingBase<FuseGating> {
  void runOnOperation() override {
    SmallVector<moe::DispatchOp> dispatches;
    getOperation().walk([&](moe::DispatchOp dispatch) { dispatches.push_back(dispatch); });
    for (moe::DispatchOp dispatch : dispatches)
      if (failed(fuse(dispatch)))
        return signalPassFailure();
  }
};

}  // namespace

}  // namespace switchyard::schedule
