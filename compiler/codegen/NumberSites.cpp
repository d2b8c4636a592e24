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
  return builder.getDictionaryAttr(
      {builder.getNamedAttr("kernel", call.getKernelAttr()), builder.getNamedAttr("op", call.getOpAttr()),
       builder.getNamedAttr("name", nodeName(call.getLoc())), builder.getNamedAttr("layer", call.getLayerAttr()),
       builder.getNamedAttr("integers", call.getIntegersAttr()), builder.getNamedAttr("floats", call.getFloatsAttr())});
}

struct NumberSites : impl::NumberSitesBase<NumberSites> {
  void runOnOperation() override {
    SmallVector<Attribute> sites;
    getOperation().walk([&](Operation *op) {
      if (auto kernel = dyn_cast<rt::KernelOp>(op))
        sites.push_back(number(kernel, sites.size()));
      else if (auto collective = dyn_cast<rt::CollectiveOp>(op))
        sites.push_back(number(collective, sites.size()));
    });
    getOperation()->setAttr("rt.sites", ArrayAttr::get(&getContext(), sites));
  }
};

}  // namespace

}  // namespace switchyard::codegen
