#include "compiler/schedule/Passes.h"

#include "dialects/moe/MoeDialect.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"

using namespace mlir;

namespace switchyard::schedule {

#define GEN_PASS_DEF_PHASEALLTOALL
#include "compiler/schedule/Passes.h.inc"

namespace {

LogicalResult phase(moe::AllToAllOp op) {
  if (op.getAlgorithm() != moe::Algorithm::flat)
    return op.emitOpError("cannot be scheduled: algorithm '") << moe::stringifyAlgorithm(op.getAlgorithm()) << "' has no phases yet; use flat";
  OpBuilder builder(op);
  Location loc = op.getLoc();
  Type rows = op.getResult().getType();
  if (op.getDirection() == moe::Direction::dispatch) {
    Value owner = moe::ExchangeCountsOp::create(builder, loc, op.getResultRoute().getType(), op.getRoute(), op.getLayerAttr());
    Value there = moe::ExchangeRowsOp::create(builder, loc, rows, op.getRows(), op.getRoute(), owner, op.getLayerAttr());
    op.getResult().replaceAllUsesWith(there);
    op.getResultRoute().replaceAllUsesWith(owner);
  } else {
    Value back = moe::ReturnRowsOp::create(builder, loc, rows, op.getRows(), op.getRoute(), op.getTo(), op.getLayerAttr());
    op.getResult().replaceAllUsesWith(back);
  }
  op.erase();
  return success();
}

struct PhaseAllToAll : impl::PhaseAllToAllBase<PhaseAllToAll> {
  void runOnOperation() override {
    SmallVector<moe::AllToAllOp> exchanges;
    getOperation().walk([&](moe::AllToAllOp op) { exchanges.push_back(op); });
    for (moe::AllToAllOp op : exchanges)
      if (failed(phase(op)))
        return signalPassFailure();
  }
};

}  // namespace

}  // namespace switchyard::schedule
