#include "compiler/raise/Passes.h"
#include "dialects/nn/NnDialect.h"
#include "dialects/onnx/OnnxDialect.h"
#include "dialects/rt/RtDialect.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/BuiltinOps.h"

namespace switchyard::raise {

#define GEN_PASS_DEF_LOWERONNX
#include "compiler/raise/Passes.h.inc"

using namespace mlir;

namespace {

struct LowerOnnxPass : impl::LowerOnnxBase<LowerOnnxPass> {
  void runOnOperation() override {
    getOperation().walk([&](onnx::NodeOp node) {
      node.emitError("unsupported: ") << node.getOpType() << " version " << static_cast<int64_t>(node.getVersion()) << " has no lowering";
      signalPassFailure();
    });
  }
};

}  // namespace

}  // namespace switchyard::raise
