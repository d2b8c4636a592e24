// New nodes among those of a graph, of which the shapes are known as soon as they stand.
#ifndef SWITCHYARD_COMPILER_RAISE_CONTROL_NODEWRITER_H
#define SWITCHYARD_COMPILER_RAISE_CONTROL_NODEWRITER_H

#include "compiler/analysis/SymbolicShapes.h"
#include "dialects/onnx/OnnxDialect.h"

namespace switchyard::raise {

/// Writes in front of `node`, in the version of the operator set that it has.
class NodeWriter {
public:
  NodeWriter(onnx::NodeOp node, SymbolicShapes &shapes) : node(node), shapes(shapes), builder(node) {}

  mlir::Value integer(int64_t value, bool isVector = false);
  mlir::Value integers(mlir::ArrayRef<int64_t> values);
  /// A scalar 0 of the elements of `like`.
  mlir::Value zero(mlir::Value like);
  mlir::Value boolean(bool value, bool isVector = false);
  /// Results of ai.onnx::`type`.
  mlir::ValueRange create(llvm::StringRef type, mlir::ValueRange operands, mlir::ArrayRef<mlir::NamedAttribute> attributes = {}, unsigned results = 1);
  /// The results of a node like `original`, of other operands.
  mlir::ValueRange copy(onnx::NodeOp original, mlir::ValueRange operands);
  /// `value` with a dimension of size 1 put in, or taken out, at `axis`.
  mlir::Value unsqueeze(mlir::Value value, int64_t axis) { return withAxis("Unsqueeze", value, axis); }
  mlir::Value squeeze(mlir::Value value, int64_t axis) { return withAxis("Squeeze", value, axis); }
  mlir::Value concat(mlir::ValueRange values, int64_t axis);
  /// `values` along a new axis.
  mlir::Value stack(mlir::ValueRange values, int64_t axis);
  /// `value` with its dimensions in the order of `permutation`; itself where that is their order.
  mlir::Value transpose(mlir::Value value, mlir::ArrayRef<int64_t> permutation);
  /// `value` with dimensions of these sizes, of which one may be -1.
  mlir::Value reshape(mlir::Value value, mlir::ArrayRef<int64_t> sizes) { return create("Reshape", {value, integers(sizes)}).front(); }
  mlir::Value sum(mlir::Value value, int64_t axis);
  /// From `begin` up to `end` along `axis`, each from the end where it is negative.
  mlir::Value slice(mlir::Value value, int64_t begin, int64_t end, int64_t axis);
  mlir::Value einsum(llvm::StringRef equation, mlir::ValueRange values) { return create("Einsum", values, builder.getNamedAttr("equation", builder.getStringAttr(equation))).front(); }
  /// `value` with zeros behind its last place along `axis`.
  mlir::Value extend(mlir::Value value, int64_t axis);
  /// Pieces of these sizes.
  mlir::ValueRange split(mlir::Value value, mlir::ArrayRef<int64_t> sizes, int64_t axis);
  mlir::NamedAttribute attribute(llvm::StringRef name, int64_t value) { return builder.getNamedAttr(name, builder.getI64IntegerAttr(value)); }

private:
  mlir::Value constant(mlir::DenseElementsAttr elements);
  mlir::ValueRange inferred(onnx::NodeOp op);
  mlir::Value withAxis(llvm::StringRef type, mlir::Value value, int64_t axis);

  onnx::NodeOp node;
  SymbolicShapes &shapes;
  mlir::OpBuilder builder;
};

}  // namespace switchyard::raise

#endif  // SWITCHYARD_COMPILER_RAISE_CONTROL_NODEWRITER_H
