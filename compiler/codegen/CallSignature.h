// What the table of kernels, and the runtime's collectives, say of a call.
#ifndef SWITCHYARD_COMPILER_CODEGEN_CALLSIGNATURE_H
#define SWITCHYARD_COMPILER_CODEGEN_CALLSIGNATURE_H

#include "mlir/IR/Operation.h"

namespace switchyard::codegen {

/// Compares an rt.kernel with its row of kernels/kernels.inc, an rt.collective with its kind: the name, the numbers of tensors and scalars,
/// which inputs are there, and the names of the attributes. Other ops are right. Whoever reads operands by their position calls it before.
mlir::LogicalResult verifyCall(mlir::Operation *op);

}  // namespace switchyard::codegen

#endif  // SWITCHYARD_COMPILER_CODEGEN_CALLSIGNATURE_H
