// The one place that knows all dialects, passes and pipelines.
#ifndef SWITCHYARD_COMPILER_PIPELINES_REGISTRATION_H
#define SWITCHYARD_COMPILER_PIPELINES_REGISTRATION_H

#include "mlir/IR/DialectRegistry.h"

namespace switchyard {

/// Registers the project's dialects and the upstream ones that its phases use, with their extensions.
void registerDialects(mlir::DialectRegistry &registry);

/// Registers the project's passes and pipelines and upstream's, under their flags.
void registerPasses();

}  // namespace switchyard

#endif  // SWITCHYARD_COMPILER_PIPELINES_REGISTRATION_H
