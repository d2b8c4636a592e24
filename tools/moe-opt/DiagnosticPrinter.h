// Diagnostics for users: one line each, naming the tool, the model and the node, safe to print to a terminal.
#ifndef SWITCHYARD_TOOLS_MOE_OPT_DIAGNOSTICPRINTER_H
#define SWITCHYARD_TOOLS_MOE_OPT_DIAGNOSTICPRINTER_H

#include "runtime/base/status.h"

#include "mlir/IR/Diagnostics.h"

namespace switchyard {

class DiagnosticPrinter {
public:
  /// Prints the diagnostics of `context` about the model at `inputPath` to stderr as long as it lives.
  DiagnosticPrinter(mlir::MLIRContext *context, llvm::StringRef inputPath);

  /// The exit code of the first error; ok when there was none.
  ExitCode getExitCode() const { return exitCode; }

private:
  mlir::LogicalResult print(mlir::Diagnostic &diagnostic);

  std::string inputPath;
  ExitCode exitCode = ExitCode::ok;
  mlir::ScopedDiagnosticHandler handler;
};

}  // namespace switchyard

#endif  // SWITCHYARD_TOOLS_MOE_OPT_DIAGNOSTICPRINTER_H
