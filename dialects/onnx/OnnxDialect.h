// The `onnx` dialect: an ONNX graph as it was written. See docs/dialects/onnx.md for why it has one op.
#ifndef SWITCHYARD_DIALECTS_ONNX_ONNXDIALECT_H
#define SWITCHYARD_DIALECTS_ONNX_ONNXDIALECT_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "dialects/onnx/OnnxDialect.h.inc"
#define GET_TYPEDEF_CLASSES
#include "dialects/onnx/OnnxTypes.h.inc"
#define GET_OP_CLASSES
#include "dialects/onnx/OnnxOps.h.inc"

#endif  // SWITCHYARD_DIALECTS_ONNX_ONNXDIALECT_H
