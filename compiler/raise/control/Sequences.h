// Sequences and optionals of which every element is known: they are values of the compiler, not of the run.
#ifndef SWITCHYARD_COMPILER_RAISE_CONTROL_SEQUENCES_H
#define SWITCHYARD_COMPILER_RAISE_CONTROL_SEQUENCES_H

#include "compiler/raise/control/NodeWriter.h"

#include "llvm/ADT/DenseSet.h"

namespace switchyard::raise {

/// Resolves the nodes of one graph, in the order in which they stand.
class Sequences {
public:
  /// The most elements of a sequence.
  static constexpr int64_t maxElements = 4096;

  explicit Sequences(SymbolicShapes &shapes) : shapes(shapes) {}

  /// The elements of a sequence; null where they are not known.
  const mlir::SmallVector<mlir::Value> *find(mlir::Value value) const;
  /// Notes what a node makes, or replaces what it asks. Nodes that are not about sequences, or not known, stay.
  void resolve(onnx::NodeOp node);

private:
  void set(mlir::Value value, mlir::SmallVector<mlir::Value> elements) { known[value] = std::move(elements); }
  void insert(onnx::NodeOp node);
  void erase(onnx::NodeOp node);
  void at(onnx::NodeOp node);
  void split(onnx::NodeOp node);
  void concat(onnx::NodeOp node);
  void hasElement(onnx::NodeOp node);
  void getElement(onnx::NodeOp node);
  /// A position in a sequence of `size` elements, counted from the end where negative; nothing outside, or where it is not known.
  std::optional<int64_t> position(mlir::Value value, int64_t size) const;
  /// The sizes of the pieces of a SplitToSequence; nothing where they are not known.
  std::optional<mlir::SmallVector<int64_t>> pieceSizes(onnx::NodeOp node, int64_t length) const;

  SymbolicShapes &shapes;
  llvm::DenseMap<mlir::Value, mlir::SmallVector<mlir::Value>> known;
  llvm::DenseSet<mlir::Value> emptyOptionals;
};

}  // namespace switchyard::raise

#endif  // SWITCHYARD_COMPILER_RAISE_CONTROL_SEQUENCES_H
