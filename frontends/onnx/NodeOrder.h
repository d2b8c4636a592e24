// The order in which the nodes of a graph can be imported.
#ifndef SWITCHYARD_FRONTENDS_ONNX_NODEORDER_H
#define SWITCHYARD_FRONTENDS_ONNX_NODEORDER_H

#include "frontends/onnx/OnnxProto.h"

#include "mlir/IR/Diagnostics.h"
#include "mlir/Support/LLVM.h"

namespace switchyard::onnx {

using NodeList = google::protobuf::RepeatedPtrField<proto::NodeProto>;

/// Indices of `nodes` so that each stands after the nodes whose results it uses, in its nested graphs too: the order of
/// the file where that is one, as ONNX demands, and otherwise the nearest to it. Reports a cycle by its nodes.
mlir::FailureOr<llvm::SmallVector<int>> orderNodes(const NodeList &nodes, mlir::Location location);

}  // namespace switchyard::onnx

#endif  // SWITCHYARD_FRONTENDS_ONNX_NODEORDER_H
