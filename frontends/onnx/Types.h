// ONNX types as MLIR types.
#ifndef SWITCHYARD_FRONTENDS_ONNX_TYPES_H
#define SWITCHYARD_FRONTENDS_ONNX_TYPES_H

#include "frontends/onnx/OnnxProto.h"

#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Diagnostics.h"

namespace switchyard::onnx {

/// The element type for a TensorProto.DataType; null for strings and for numbers that the format does not know.
mlir::Type getElementType(int32_t dataType, mlir::MLIRContext *context);

/// The name that ONNX writes for a data type: "float", "int64", …
std::string getDataTypeName(int32_t dataType);

/// The type that a file states for a value: a tensor, `!onnx.opaque` for what tensors cannot express, `!onnx.unknown`
/// where it states none. `name` is the value's, for diagnostics.
mlir::FailureOr<mlir::Type> importType(const proto::TypeProto &type, mlir::StringRef name, mlir::Location location);

/// One entry a dimension: a string (named), an integer, or unit (unnamed). Null when the file states no shape.
mlir::ArrayAttr importDims(const proto::TypeProto &type, mlir::MLIRContext *context);

}  // namespace switchyard::onnx

#endif  // SWITCHYARD_FRONTENDS_ONNX_TYPES_H
