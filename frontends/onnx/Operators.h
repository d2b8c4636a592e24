// What is known of operators before their meaning: versions, arity, and the types of their attributes. A node that breaks
// these rules makes the model invalid; an operator that is not in the table is for the raise phase to report.
#ifndef SWITCHYARD_FRONTENDS_ONNX_OPERATORS_H
#define SWITCHYARD_FRONTENDS_ONNX_OPERATORS_H

#include "frontends/onnx/OnnxProto.h"

#include "mlir/IR/Diagnostics.h"
#include "llvm/ADT/ArrayRef.h"

namespace switchyard::onnx {

/// Checks `node`, which is `operatorName` ("ai.onnx::Gather") of `version`, with its `attributes` after those of a
/// function were put in.
mlir::LogicalResult checkOperator(const proto::NodeProto &node, mlir::StringRef operatorName, int64_t version,
                                  llvm::ArrayRef<const proto::AttributeProto *> attributes, mlir::Location location);

}  // namespace switchyard::onnx

#endif  // SWITCHYARD_FRONTENDS_ONNX_OPERATORS_H
