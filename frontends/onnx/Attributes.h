// Attributes of ONNX nodes as MLIR attributes.
#ifndef SWITCHYARD_FRONTENDS_ONNX_ATTRIBUTES_H
#define SWITCHYARD_FRONTENDS_ONNX_ATTRIBUTES_H

#include "frontends/onnx/OnnxProto.h"

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Diagnostics.h"

namespace switchyard::onnx {

/// Imports a tensor that stands in an attribute: dense elements, or the symbol of a weight.
using TensorAttributeFn = llvm::function_ref<mlir::FailureOr<mlir::Attribute>(const proto::TensorProto &)>;

/// The type of `attribute`, from its field that is set where the file leaves the type out (IR versions 1 and 2).
proto::AttributeProto::AttributeType getAttributeType(const proto::AttributeProto &attribute);

/// The value of an attribute other than a graph; a reference to an attribute of a function must have been resolved.
mlir::FailureOr<mlir::Attribute> importAttribute(const proto::AttributeProto &attribute, TensorAttributeFn importTensor,
                                                 mlir::Location location);

}  // namespace switchyard::onnx

#endif  // SWITCHYARD_FRONTENDS_ONNX_ATTRIBUTES_H
