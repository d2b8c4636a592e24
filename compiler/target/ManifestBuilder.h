// The manifest of a module behind the codegen phase.
#ifndef SWITCHYARD_COMPILER_TARGET_MANIFESTBUILDER_H
#define SWITCHYARD_COMPILER_TARGET_MANIFESTBUILDER_H

#include "mlir/IR/BuiltinOps.h"
#include "runtime/artifact/manifest.h"

namespace switchyard::target {

/// Everything but `code` and `files`.
Result<artifact::Manifest> buildManifest(mlir::ModuleOp module);

}  // namespace switchyard::target

#endif  // SWITCHYARD_COMPILER_TARGET_MANIFESTBUILDER_H
