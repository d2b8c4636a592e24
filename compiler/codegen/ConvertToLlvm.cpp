#include "compiler/codegen/EnvironmentPatterns.h"
#include "compiler/codegen/Passes.h"

#include "dialects/rt/RtDialect.h"

#include "mlir/Conversion/ArithToLLVM/ArithToLLVM.h"
#include "mlir/Conversion/ControlFlowToLLVM/ControlFlowToLLVM.h"
#include "mlir/Conversion/FuncToLLVM/ConvertFuncToLLVM.h"
#include "mlir/Conversion/LLVMCommon/ConversionTarget.h"
#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/Conversion/MathToLLVM/MathToLLVM.h"
#include "mlir/Conversion/MemRefToLLVM/MemRefToLLVM.h"
#include "mlir/Conversion/UBToLLVM/UBToLLVM.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/Transforms/Transforms.h"
#include "mlir/IR/BuiltinOps.h"

using namespace mlir;

namespace switchyard::codegen {

#define GEN_PASS_DEF_CONVERTTOLLVM
#include "compiler/codegen/Passes.h.inc"

namespace {

struct ConvertToLlvm : impl::ConvertToLlvmBase<ConvertToLlvm> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    auto main = module.lookupSymbol<func::FuncOp>("main");
    if (!main || main.getNumArguments() != 0 || main.getNumResults() != 1) {
      module.emitError("expects a function @main without arguments that returns a status; run moe-lower-invocations before");
      return signalPassFailure();
    }
    // A weight may have one of these names: it is gone when they are used.
    for (StringRef name : {"run", "moe_library", "moe_library_query"})
      if (Operation *taken = module.lookupSymbol(name); taken && !isa<rt::WeightOp>(taken)) {
        taken->emitOpError("has the name '") << name << "', which the library uses itself; rename it";
        return signalPassFailure();
      }
    LibraryCounts counts = countLibrary(module);
    Environment environment = bindFunctions(module, main);

    LLVMTypeConverter converter(&getContext());
    RewritePatternSet patterns(&getContext());
    arith::populateCeilFloorDivExpandOpsPatterns(patterns);
    arith::populateArithToLLVMConversionPatterns(converter, patterns);
    cf::populateControlFlowToLLVMConversionPatterns(converter, patterns);
    populateFuncToLLVMConversionPatterns(converter, patterns);
    populateMathToLLVMConversionPatterns(converter, patterns);
    populateFinalizeMemRefToLLVMConversionPatterns(converter, patterns);
    ub::populateUBToLLVMConversionPatterns(converter, patterns);
    populateEnvironmentPatterns(converter, environment, patterns);
    LLVMConversionTarget target(getContext());
    target.addLegalOp<ModuleOp, rt::WeightOp>();
    if (failed(applyFullConversion(module, target, std::move(patterns))))
      return signalPassFailure();
    for (auto weight : llvm::make_early_inc_range(module.getOps<rt::WeightOp>()))
      weight.erase();
    addLibrary(module, counts);
  }
};

}  // namespace

}  // namespace switchyard::codegen
