#include "compiler/schedule/Passes.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;

namespace switchyard::schedule {

#define GEN_PASS_DEF_FUSEELEMENTWISE
#include "compiler/schedule/Passes.h.inc"

namespace {

/// A body of more operations gains nothing by another one; without a bound a long chain would be copied once for each of its nodes.
constexpr unsigned maxBodySize = 64;

/// The operations of a body, as far as they are fewer than the bound.
unsigned countOps(linalg::LinalgOp op) {
  Block::OpListType &ops = op.getBlock()->getOperations();
  unsigned count = 0;
  for (auto position = ops.begin(); position != ops.end() && count <= maxBodySize; ++position)
    ++count;
  return count;
}

/// Whether the consumer reads each element of the operand once, and both bodies together are small.
bool isWorthFusing(OpOperand *operand) {
  auto producer = operand->get().getDefiningOp<linalg::LinalgOp>();
  auto consumer = dyn_cast<linalg::LinalgOp>(operand->getOwner());
  return producer && producer->hasOneUse() && consumer && consumer.getMatchingIndexingMap(operand).isPermutation() &&
         countOps(producer) + countOps(consumer) <= maxBodySize;
}

struct FuseElementwise : impl::FuseElementwiseBase<FuseElementwise> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    linalg::populateElementwiseOpsFusionPatterns(patterns, isWorthFusing);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

}  // namespace

}  // namespace switchyard::schedule
