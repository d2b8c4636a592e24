// Element types of MLIR as those of the runtime.
#ifndef SWITCHYARD_COMPILER_CODEGEN_ELEMENTTYPES_H
#define SWITCHYARD_COMPILER_CODEGEN_ELEMENTTYPES_H

#include "runtime/base/element_type.h"

#include "mlir/IR/BuiltinTypes.h"

#include <optional>

namespace switchyard::codegen {

/// Nothing where the runtime has no such elements. An integer without a sign is signed, but for i1: it is bool.
std::optional<ElementType> elementTypeOf(mlir::Type type);

}  // namespace switchyard::codegen

#endif  // SWITCHYARD_COMPILER_CODEGEN_ELEMENTTYPES_H
