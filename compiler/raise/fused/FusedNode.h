// A com.microsoft.MoE or com.microsoft.QMoE node whose first fault is told.
#ifndef SWITCHYARD_COMPILER_RAISE_FUSED_FUSEDNODE_H
#define SWITCHYARD_COMPILER_RAISE_FUSED_FUSEDNODE_H

#include "compiler/raise/Refusals.h"
#include "dialects/onnx/OnnxDialect.h"

#include "mlir/IR/Diagnostics.h"

namespace switchyard::raise {

/// What the readers of a node share: a fault is reported, where the node is invalid, or left on the node.
class FusedNode {
public:
  explicit FusedNode(onnx::NodeOp node) : node(node) {}

protected:
  mlir::InFlightDiagnostic invalid() { return node.emitError(); }
  /// Leaves the reason on the node, for moe-lower-onnx to report with all others.
  template <typename... Parts> mlir::LogicalResult unsupported(Parts &&...parts) {
    mlir::Diagnostic reason(node.getLoc(), mlir::DiagnosticSeverity::Error);
    (reason << ... << parts);
    node->setAttr(refusedAttribute, mlir::StringAttr::get(node.getContext(), reason.str()));
    return mlir::failure();
  }

  onnx::NodeOp node;
};

}  // namespace switchyard::raise

#endif  // SWITCHYARD_COMPILER_RAISE_FUSED_FUSEDNODE_H
