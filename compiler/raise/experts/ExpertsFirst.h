// What all experts compute of all tokens, with the dimension of the experts in front, however it is laid out.
#ifndef SWITCHYARD_COMPILER_RAISE_EXPERTS_EXPERTSFIRST_H
#define SWITCHYARD_COMPILER_RAISE_EXPERTS_EXPERTSFIRST_H

#include "compiler/raise/WeightStacking.h"
#include "compiler/raise/control/NodeWriter.h"

#include "llvm/ADT/SetVector.h"

namespace switchyard::raise {

/// Writes, in front of a node, what is computed of E experts x rows x features where a file has those dimensions in another order, or products with the
/// weights of experts as Einsum.
class ExpertsFirst {
public:
  ExpertsFirst(onnx::NodeOp reader, SymbolicShapes &shapes, WeightRecipes &weights) : writer(reader, shapes), shapes(shapes), weights(weights) {}

  /// `value`, of which dimension `axis` counts the experts, as [E, rows, features]: the other dimensions in their order, all but the last in one. It is
  /// followed through element by element operators, reshapes and transposes to products with weights of the experts, or to experts that are stacked.
  /// Null where it cannot be.
  mlir::Value arrange(mlir::Value value, int64_t axis);
  /// A weight for each row and expert, with or without a last dimension of 1, as [E, rows, 1].
  mlir::Value arrangeShares(mlir::Value shares, int64_t axis);

  /// True where `arrange` has come to the experts.
  bool hasFoundExperts() const { return foundExperts; }
  /// A node, other than `roots`, that reads what `arrange` has written anew, so that the experts would be computed for it all the same. Null: none.
  mlir::Operation *findOtherReader(mlir::ArrayRef<mlir::Operation *> roots) const;

private:
  mlir::Value arrangeNode(onnx::NodeOp node, mlir::Value value, int64_t axis);
  mlir::Value arrangeEinsum(onnx::NodeOp einsum, int64_t axis);
  mlir::Value arrangeMatMul(onnx::NodeOp product, int64_t axis);
  mlir::Value arrangeStack(onnx::NodeOp concat, int64_t axis);
  mlir::Value arrangeSplit(onnx::NodeOp split, mlir::Value value, int64_t axis);
  mlir::Value arrangeSlice(onnx::NodeOp slice, int64_t axis);
  mlir::Value arrangeReshape(onnx::NodeOp node, mlir::Value value, int64_t axis);
  mlir::Value arrangeElementwise(onnx::NodeOp node, int64_t axis);
  mlir::Value arrangeOperand(mlir::Value operand, llvm::ArrayRef<Expression> whole, int64_t axis);
  mlir::Value turn(mlir::Value value, int64_t axis);
  mlir::Value turnShares(mlir::Value value, int64_t axis);
  std::optional<int64_t> findAxis(mlir::Value source, mlir::Value value, int64_t axis);

  NodeWriter writer;
  SymbolicShapes &shapes;
  WeightRecipes &weights;
  bool foundExperts = false;
  unsigned depth = 0;  // of nodes that are being followed
  llvm::SetVector<mlir::Operation *> rewritten;
  llvm::DenseMap<std::pair<mlir::Value, int64_t>, mlir::Value> arranged;
  llvm::DenseMap<std::pair<mlir::Operation *, int64_t>, mlir::ValueRange> splits;
};

/// True where `rows` come, through a few nodes, from a product with the weights of that many experts, or from that many rows that are stacked.
bool comesFromAllExperts(WeightRecipes &weights, mlir::Value rows, int64_t experts);

}  // namespace switchyard::raise

#endif  // SWITCHYARD_COMPILER_RAISE_EXPERTS_EXPERTSFIRST_H
