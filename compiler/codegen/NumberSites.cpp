#include "compiler/codegen/BufferSlots.h"
#include "compiler/codegen/CallSignature.h"
#include "compiler/codegen/NodeName.h"
#include "compiler/codegen/Passes.h"

#include "dialects/rt/RtDialect.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"

using namespace mlir;

namespace switchyard::codegen {

#define GEN_PASS_DEF_NUMBERSITES
#include "compiler/codegen/Passes.h.inc"

namespace {

template <typename Call> Attribute number(Call call, int64_t site) {
  call.setSite(site);
  Builder builder(call.getContext());
  NamedAttrList fields;
  fields.set("kernel", call.getKernelAttr());
  fields.set("op", call.getOpAttr());
  fields.set("name", nodeName(call.getLoc()));
  fields.set("layer", call.getLayerAttr());
  fields.set("integers", call.getIntegersAttr());
  fields.set("floats", call.getFloatsAttr());
  if constexpr (std::is_same_v<Call, rt::CollectiveOp>)
    fields.set("buffers", builder.getDenseI64ArrayAttr(slotsOf(call)));
  return fields.getDictionary(call.getContext());
}

struct NumberSites : impl::NumberSitesBase<NumberSites> {
  void runOnOperation() override {
    SmallVector<Attribute> sites;
    WalkResult numbered = getOperation().walk([&](Operation *op) -> WalkResult {
      if (failed(verifyCall(op)))
        return failure();
      if (auto kernel = dyn_cast<rt::KernelOp>(op))
        sites.push_back(number(kernel, sites.size()));
      else if (auto collective = dyn_cast<rt::CollectiveOp>(op))
        sites.push_back(number(collective, sites.size()));
      return success();
    });
    if (numbered.wasInterrupted())
      return signalPassFailure();
    getOperation()->setAttr("rt.sites", ArrayAttr::get(&getContext(), sites));
  }
};

}  // namespace

}  // namespace switchyard::codegen
