#include "compiler/codegen/Passes.h"

#include "dialects/rt/RtDialect.h"

#include "mlir/IR/BuiltinOps.h"

using namespace mlir;

namespace switchyard::codegen {

#define GEN_PASS_DEF_NUMBERSITES
#include "compiler/codegen/Passes.h.inc"

namespace {

struct NumberSites : impl::NumberSitesBase<NumberSites> {
  void runOnOperation() override {
    int64_t next = 0;
    getOperation().walk([&](Operation *op) {
      if (auto kernel = dyn_cast<rt::KernelOp>(op))
        kernel.setSite(next++);
      else if (auto collective = dyn_cast<rt::CollectiveOp>(op))
        collective.setSite(next++);
    });
  }
};

}  // namespace

}  // namespace switchyard::codegen
