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

Share shareOf(OpBuilder &builder, moe::DispatchOp dispatch) {
  Location loc = dispatch.getLoc();
  if (auto slice = dispatch.getIds().getDefiningOp<tensor::ExtractSliceOp>())
    return {getValueOrCreateConstantIndexOp(builder, loc, slice.getMixedOffsets()[0]),
            getValueOrCreateConstantIndexOp(builder, loc, slice.getMixedSizes()[0]), slice.getSource()};
  return {Value(), Value(), dispatch.getIds()};
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
  Share share = shareOf(builder, dispatch);
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
      gate.getSelectionBias(), gate.getMix(), share.first, share.count, capacity ? capacity.getCapacity() : Value(), gate.getGating(),
      capacity ? capacity.getDropAttr() : moe::DropAttr(), layer);
  builder.setInsertionPoint(dispatch);
  auto permute = moe::PermuteOp::create(builder, dispatch.getLoc(), dispatch.getRows().getType(), dispatch.getTokens(), fused.getRoute(), layer);
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
