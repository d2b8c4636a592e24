// The `nn` dialect: dense transformer ops worth keeping whole. See docs/dialects/nn.md.
#ifndef SWITCHYARD_DIALECTS_NN_NNDIALECT_H
#define SWITCHYARD_DIALECTS_NN_NNDIALECT_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "dialects/nn/NnDialect.h.inc"
#define GET_OP_CLASSES
#include "dialects/nn/NnOps.h.inc"

#endif  // SWITCHYARD_DIALECTS_NN_NNDIALECT_H
