#include "compiler/codegen/LowerToKernels.h"

#include "compiler/codegen/Passes.h"
#include "dialects/moe/MoeDialect.h"
#include "dialects/nn/NnDialect.h"
#include "dialects/rt/RtDialect.h"

#include "mlir/IR/BuiltinOps.h"

using namespace mlir;

namespace switchyard::codegen {

#define GEN_PASS_DEF_LOWERTOKERNELS
#include "compiler/codegen/Passes.h.inc"

namespace {

struct LowerToKernels : impl::LowerToKernelsBase<LowerToKernels> {
  void runOnOperation() override {
    // A route is an i32 buffer (kernels/layout/route.h).
    TypeConverter converter;
    converter.addConversion([](Type type) { return type; });
    converter.addConversion([](moe::RouteType type) -> Type {
      return RankedTensorType::get({ShapedType::kDynamic}, IntegerType::get(type.getContext(), 32));
    });
    ConversionTarget target(getContext());
    target.markUnknownOpDynamicallyLegal([](Operation *) { return true; });
    target.addIllegalDialect<moe::MoeDialect, nn::NnDialect>();
    RewritePatternSet patterns(&getContext());
    populateNnPatterns(converter, patterns);
    populateMoePatterns(converter, patterns);
    if (failed(applyPartialConversion(getOperation(), target, std::move(patterns))))
      signalPassFailure();
  }
};

}  // namespace

}  // namespace switchyard::codegen
