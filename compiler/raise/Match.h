// One attempt to read a subgraph, bottom-up, as a part of a MoE layer.
#ifndef SWITCHYARD_COMPILER_RAISE_MATCH_H
#define SWITCHYARD_COMPILER_RAISE_MATCH_H

#include "compiler/analysis/SymbolicShapes.h"
#include "compiler/raise/Part.h"

#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/SetVector.h"

namespace switchyard::raise {

/// A condition that does not hold, and at which node.
struct Miss {
  mlir::Operation *node = nullptr;
  std::string condition;

  std::string describe() const;
};

/// Holds what the matchers of a layer share: the shapes, the nodes read so far, and the first condition that failed.
///
/// Matchers *take* the nodes that the layer will replace. What a node that is taken gives may be read by others only where it is cheap to compute
/// beside the layer (`checkReaders`); a value that is only passed on (tokens, logits, shape arithmetic) is not taken and may have any readers.
class Match {
public:
  explicit Match(SymbolicShapes &shapes) : shapes(shapes) {}

  SymbolicShapes &shapes;

  /// Records that `condition` does not hold at `node`. The first failure is the one that is reported.
  mlir::LogicalResult fail(mlir::Operation *node, const llvm::Twine &condition);
  bool hasFailed() const { return !miss.condition.empty(); }
  llvm::StringRef getCondition() const { return miss.condition; }

  void take(mlir::Operation *node) { taken.insert(node); }
  /// How many nodes are taken; `giveBack` to such a count lets go of those taken since, and of the failure, which it returns.
  size_t countTaken() const { return taken.size(); }
  Miss giveBack(size_t count);
  /// Takes the node of default-domain type `type` that defines operand `index` of `reader`, or fails naming `role`.
  onnx::NodeOp takeOperand(onnx::NodeOp reader, unsigned index, llvm::StringRef type, const llvm::Twine &role);
  /// The same for a value that `reader` reads, however many reshapes and conversions lie between.
  onnx::NodeOp takeDefiner(mlir::Value value, mlir::Operation *reader, llvm::StringRef type, const llvm::Twine &role);
  /// `value` in front of all reshapes, which are taken.
  mlir::Value takeReshapes(mlir::Value value);
  /// `value` in front of what changes neither its elements nor its shape: Identity, a Cast to the type it has, a Reshape, an Expand or a
  /// Slice to the shape.
  mlir::Value takeIdentities(mlir::Value value);
  /// `value` in front of reshapes and of Casts between integer types that hold any index, all of which are taken.
  mlir::Value takeIntegerCasts(mlir::Value value);
  /// The same of casts among floats, in front of what the layer computes in f32.
  mlir::Value takeFloatCasts(mlir::Value value);

  /// `value` in front of Casts from f16 and bf16 to f32, which are taken.
  mlir::Value takeWidenings(mlir::Value value);

  /// Fails where a taken node other than `root` that multiplies matrices, or is computed from taken ones that do, has a reader that is not taken,
  /// and of which more than the type or a shape that is known is used outside of the taken nodes. What others read of a router (its scores, the
  /// chosen experts) stays plain beside the layer.
  mlir::LogicalResult checkReaders(mlir::Operation *root);

  /// The dimensions of `value`; fails where they are not known.
  mlir::FailureOr<llvm::ArrayRef<Expression>> getShape(mlir::Value value, mlir::Operation *reader);
  /// What Gather, Slice or Split takes of a tensor to make `value`, by constants or by shapes that are known.
  std::optional<Part> readPart(mlir::Value value) const;
  /// n, where `value` is the row 0 … n-1: a constant, or Range(0, n, 1). Layers may share it, so that none takes it.
  std::optional<Expression> readCount(mlir::Value value) const;
  /// Takes what numbers `rows` rows from 0 on, each number repeated along the dimensions behind; fails where `value` does not.
  mlir::LogicalResult takeRowNumbers(mlir::Value value, Expression rows, mlir::Operation *reader);
  /// True where `a` and `b` are proved to have the same rows: equal dimensions but for the last.
  bool haveSameRows(mlir::Value a, mlir::Value b);
  /// `axis` of `node` (attribute `axis`), counted from the front, for an operand of rank `rank`.
  static int64_t getAxis(onnx::NodeOp node, int64_t rank, int64_t otherwise);
  /// The constant axes of a reduction: operand 1 in newer versions, attribute `axes` in older ones; counted from the front.
  std::optional<llvm::SmallVector<int64_t>> getReductionAxes(onnx::NodeOp node);

  /// Emits, at `anchor`, the remark that says which condition failed, and where; `what` is the consequence.
  void remark(mlir::Operation *anchor, llvm::StringRef what) const;

private:
  /// True where no data that `use` reads is needed outside of the layer, as far as `depth` readers tell.
  bool needsNoData(mlir::OpOperand &use, int depth);
  /// True where a product of matrices is among the taken nodes that `node` is computed from, itself included. Those that are not are put into `cheap`.
  bool isFromProducts(mlir::Operation *node, llvm::DenseSet<mlir::Operation *> &cheap);

  llvm::SetVector<mlir::Operation *> taken;
  Miss miss;  // the first
};

}  // namespace switchyard::raise

#endif  // SWITCHYARD_COMPILER_RAISE_MATCH_H
