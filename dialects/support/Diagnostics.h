// The failure behind a diagnostic. The driver turns it into the exit code of the process (docs/contracts.md, section 5):
// a plain error means that the input is invalid (3); the helpers here mark the others.
#ifndef SWITCHYARD_DIALECTS_SUPPORT_DIAGNOSTICS_H
#define SWITCHYARD_DIALECTS_SUPPORT_DIAGNOSTICS_H

#include "runtime/base/status.h"

#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/Location.h"
#include "mlir/IR/Operation.h"

#include <string>

namespace switchyard {

/// Marks an error with the exit code that the process is to end with.
inline mlir::InFlightDiagnostic withExitCode(mlir::InFlightDiagnostic diagnostic, ExitCode code) {
  if (mlir::Diagnostic *under = diagnostic.getUnderlyingDiagnostic())
    under->getMetadata().push_back(mlir::DiagnosticArgument(static_cast<unsigned>(code)));
  return diagnostic;
}

/// The name that the importer gave to the node of `location`; empty where there is none.
inline std::string getNodeName(mlir::Location location) {
  auto name = location->findInstanceOf<mlir::NameLoc>();
  return name ? name.getName().str() : std::string();
}

/// An error for input that is valid, but that the product cannot handle.
inline mlir::InFlightDiagnostic emitUnsupported(mlir::Location location) {
  return withExitCode(mlir::emitError(location), ExitCode::unsupported);
}
inline mlir::InFlightDiagnostic emitUnsupported(mlir::Operation *op) { return emitUnsupported(op->getLoc()); }

/// The fault of a library call as an error.
inline mlir::InFlightDiagnostic emitStatus(mlir::Location location, const Status &status) {
  return withExitCode(mlir::emitError(location), status.code()) << status.message();
}

/// The exit code that an error was marked with.
inline ExitCode getExitCodeOf(mlir::Diagnostic &diagnostic) {
  for (mlir::DiagnosticArgument &argument : diagnostic.getMetadata())
    if (argument.getKind() == mlir::DiagnosticArgument::DiagnosticArgumentKind::Unsigned)
      return static_cast<ExitCode>(argument.getAsUnsigned());
  return ExitCode::invalid;
}

}  // namespace switchyard

#endif  // SWITCHYARD_DIALECTS_SUPPORT_DIAGNOSTICS_H
