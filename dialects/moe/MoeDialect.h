// The `moe` dialect: the sparse Mixture-of-Experts layer, on tensors. See docs/dialects/moe.md.
#ifndef SWITCHYARD_DIALECTS_MOE_MOEDIALECT_H
#define SWITCHYARD_DIALECTS_MOE_MOEDIALECT_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "dialects/moe/MoeDialect.h.inc"
#include "dialects/moe/MoeEnums.h.inc"

namespace switchyard::moe {

/// The activations with a parameter, and those of them that divide by it.
bool takesAlpha(ActivationKind kind);
bool dividesByAlpha(ActivationKind kind);
/// True where the activation of 0 is 0, so that it adds nothing to rows of zeros.
bool keepsZero(ActivationKind kind);

}  // namespace switchyard::moe

#define GET_ATTRDEF_CLASSES
#include "dialects/moe/MoeAttrs.h.inc"
#define GET_TYPEDEF_CLASSES
#include "dialects/moe/MoeTypes.h.inc"
#define GET_OP_CLASSES
#include "dialects/moe/MoeOps.h.inc"

#endif  // SWITCHYARD_DIALECTS_MOE_MOEDIALECT_H
