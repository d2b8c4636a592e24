// The kind of failure behind a diagnostic. The driver turns it into the exit code of the process (docs/contracts.md,
// section 5): a plain error means that the input is invalid (3); the helpers here mark the other kinds.
#ifndef SWITCHYARD_DIALECTS_SUPPORT_DIAGNOSTICS_H
#define SWITCHYARD_DIALECTS_SUPPORT_DIAGNOSTICS_H

#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/Operation.h"

namespace switchyard {

/// Exit codes that a diagnostic can ask for.
enum class FailureKind : unsigned { Usage = 2, Invalid = 3, Unsupported = 4, Resources = 7, Internal = 70 };

inline mlir::InFlightDiagnostic markFailure(mlir::InFlightDiagnostic diagnostic, FailureKind kind) {
  if (mlir::Diagnostic *under = diagnostic.getUnderlyingDiagnostic())
    under->getMetadata().push_back(mlir::DiagnosticArgument(static_cast<unsigned>(kind)));
  return diagnostic;
}

/// An error for input that is valid, but that the product cannot handle (exit 4).
inline mlir::InFlightDiagnostic emitUnsupported(mlir::Location location) {
  return markFailure(mlir::emitError(location), FailureKind::Unsupported);
}
inline mlir::InFlightDiagnostic emitUnsupported(mlir::Operation *op) { return emitUnsupported(op->getLoc()); }

/// The kind that a diagnostic was marked with.
inline FailureKind getFailureKind(mlir::Diagnostic &diagnostic) {
  for (mlir::DiagnosticArgument &argument : diagnostic.getMetadata())
    if (argument.getKind() == mlir::DiagnosticArgument::DiagnosticArgumentKind::Unsigned)
      return static_cast<FailureKind>(argument.getAsUnsigned());
  return FailureKind::Invalid;
}

}  // namespace switchyard

#endif  // SWITCHYARD_DIALECTS_SUPPORT_DIAGNOSTICS_H
