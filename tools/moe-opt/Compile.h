// What moe-opt does with its input.
#ifndef SWITCHYARD_TOOLS_MOE_OPT_COMPILE_H
#define SWITCHYARD_TOOLS_MOE_OPT_COMPILE_H

#include "runtime/base/status.h"
#include "tools/moe-opt/DriverOptions.h"

namespace switchyard {

/// Compiles a model up to the phase that the user asked for.
ExitCode compileModel(const DriverOptions &options, mlir::DialectRegistry &registry);

/// Is mlir-opt for the input.
ExitCode processModule(const DriverOptions &options, int argc, char **argv, mlir::DialectRegistry &registry);

}  // namespace switchyard

#endif  // SWITCHYARD_TOOLS_MOE_OPT_COMPILE_H
