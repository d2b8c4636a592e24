// The strings of a model, which ONNX stores as UTF-8.
#ifndef SWITCHYARD_FRONTENDS_ONNX_STRINGS_H
#define SWITCHYARD_FRONTENDS_ONNX_STRINGS_H

#include "frontends/onnx/OnnxProto.h"

#include "mlir/IR/Diagnostics.h"

namespace switchyard::onnx {

/// Refuses names that are not UTF-8: protobuf's parser takes any bytes, but what the compiler writes cannot hold them.
mlir::LogicalResult checkStrings(const proto::ModelProto &model, mlir::Location location);

}  // namespace switchyard::onnx

#endif  // SWITCHYARD_FRONTENDS_ONNX_STRINGS_H
