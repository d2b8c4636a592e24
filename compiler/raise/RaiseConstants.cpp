// Constant nodes become what initializers already are, so that every later match sees one form.
#include "compiler/raise/Passes.h"

#include "dialects/onnx/OnnxDialect.h"
#include "dialects/rt/RtDialect.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/BuiltinOps.h"

using namespace mlir;

namespace switchyard::raise {

#define GEN_PASS_DEF_RAISECONSTANTS
#include "compiler/raise/Passes.h.inc"

namespace {

struct RaiseConstantsPass : impl::RaiseConstantsBase<RaiseConstantsPass> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    module.walk([&](onnx::NodeOp node) {
      if (node.getOpType() != "ai.onnx::Constant" || node.getNumResults() != 1)
        return;
      OpBuilder builder(node);
      Value value;
      if (auto elements = dyn_cast_or_null<DenseElementsAttr>(node.getNodeAttr("value"))) {
        value = arith::ConstantOp::create(builder, node.getLoc(), elements);
      } else if (auto name = dyn_cast_or_null<FlatSymbolRefAttr>(node.getNodeAttr("value"))) {
        auto weight = module.lookupSymbol<rt::WeightOp>(name);
        if (!weight)
          return;
        value = rt::WeightRefOp::create(builder, node.getLoc(), weight.getType(), name);
      } else {
        return;
      }
      node.getResult(0).replaceAllUsesWith(value);
      node.erase();
    });
  }
};

}  // namespace

}  // namespace switchyard::raise
