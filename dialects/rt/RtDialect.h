// The `rt` dialect: what a rank's program asks of the runtime. See docs/dialects/rt.md.
#ifndef SWITCHYARD_DIALECTS_RT_RTDIALECT_H
#define SWITCHYARD_DIALECTS_RT_RTDIALECT_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Bufferization/IR/BufferizableOpInterface.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/DestinationStyleOpInterface.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "dialects/rt/RtDialect.h.inc"
#include "dialects/rt/RtEnums.h.inc"
#define GET_ATTRDEF_CLASSES
#include "dialects/rt/RtAttrs.h.inc"
#define GET_OP_CLASSES
#include "dialects/rt/RtOps.h.inc"

namespace switchyard::rt {

/// The tensor type of a recipe, or null when `recipe` is none.
mlir::RankedTensorType getRecipeType(mlir::Attribute recipe);

/// The function that `op` is, one of `math` or an rt.elementary; nothing for other ops.
std::optional<ElementaryFunction> getElementaryFunction(mlir::Operation *op);

}  // namespace switchyard::rt

#endif  // SWITCHYARD_DIALECTS_RT_RTDIALECT_H
