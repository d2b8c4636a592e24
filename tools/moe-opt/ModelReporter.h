// Fills the report of a model while the phases run.
#ifndef SWITCHYARD_TOOLS_MOE_OPT_MODELREPORTER_H
#define SWITCHYARD_TOOLS_MOE_OPT_MODELREPORTER_H

#include "tools/moe-opt/ModelReport.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/Pass/PassInstrumentation.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/ADT/DenseMap.h"

namespace switchyard {

/// Lives as long as the phases run; collects their remarks, and watches the passes of `manager`.
class ModelReporter {
public:
  ModelReporter(ModelReport &report, mlir::MLIRContext *context);

  /// What the module tells as it is imported.
  void describe(mlir::ModuleOp module);
  void watch(mlir::PassManager &manager);

private:
  class Watcher;

  mlir::LogicalResult collect(mlir::Diagnostic &diagnostic);
  void afterPass(llvm::StringRef pass, mlir::ModuleOp module);
  void beforeLowering(mlir::ModuleOp module);
  void afterFailure(mlir::ModuleOp module);

  ModelReport &report;
  mlir::ScopedDiagnosticHandler handler;
  llvm::DenseMap<mlir::Operation *, std::string> forms;  // of the experts, by the pass that made them
};

}  // namespace switchyard

#endif  // SWITCHYARD_TOOLS_MOE_OPT_MODELREPORTER_H
