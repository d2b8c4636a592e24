// The node of the model that an op comes from.
#ifndef SWITCHYARD_COMPILER_CODEGEN_NODENAME_H
#define SWITCHYARD_COMPILER_CODEGEN_NODENAME_H

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Location.h"

namespace switchyard::codegen {

/// The first name in a location, or an empty one.
mlir::StringAttr nodeName(mlir::Location location);

}  // namespace switchyard::codegen

#endif  // SWITCHYARD_COMPILER_CODEGEN_NODENAME_H
