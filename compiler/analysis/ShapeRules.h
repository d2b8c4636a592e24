// The rules of the symbolic shape analysis: what the results of one operator are, given its operands.
#ifndef SWITCHYARD_COMPILER_ANALYSIS_SHAPERULES_H
#define SWITCHYARD_COMPILER_ANALYSIS_SHAPERULES_H

#include "compiler/analysis/SymbolicShapes.h"
#include "dialects/onnx/OnnxDialect.h"

namespace switchyard {

/// One node in front of its rule. Rules return failure where a shape cannot be known; the results then stay unknown.
class NodeShapes {
public:
  NodeShapes(onnx::NodeOp node, SymbolicShapes &shapes) : node(node), shapes(shapes) {}

  onnx::NodeOp node;
  SymbolicShapes &shapes;

  ExpressionContext &context() { return shapes.getContext(); }
  Expression constant(int64_t value) { return context().constant(value); }
  /// True where there are between `least` and `most` operands, of which the first `least` are present and known.
  bool hasInputs(unsigned least, unsigned most);
  /// True where operand `index` is absent or broadcasts to `shape`.
  bool broadcastsTo(unsigned index, llvm::ArrayRef<Expression> shape);
  /// The shape that the file states for the first result, where it is static.
  std::optional<Dims> statedShape();
  /// Facts of operand `index`; null where it is absent or unknown.
  const TensorFacts *input(unsigned index);
  std::optional<llvm::ArrayRef<Expression>> data(unsigned index);
  std::optional<llvm::SmallVector<int64_t>> constants(unsigned index);
  /// Axes from attribute `axes`, or from operand `index` in later versions, not normalised; nothing where absent, failure
  /// where not constant.
  mlir::FailureOr<std::optional<llvm::SmallVector<int64_t>>> axes(unsigned index);
  /// `axis` in [0, rank), counted from the end where negative; failure outside.
  static mlir::FailureOr<int64_t> normalizeAxis(int64_t axis, int64_t rank);

  mlir::LogicalResult result(unsigned index, mlir::Type elementType, Dims shape, std::optional<Dims> data = std::nullopt);
  /// The numpy broadcast of two shapes; equalities that it needs are recorded.
  /// One size for two that must be equal: a name that meets another size becomes it, which the runtime then checks. Failure
  /// where they cannot be equal, or nothing can check it.
  mlir::FailureOr<Expression> unify(Expression a, Expression b);
  /// Of two sizes that a broadcast joins; a name is taken to be equal to the other, not 1.
  mlir::FailureOr<Expression> broadcastDim(Expression a, Expression b);
  mlir::FailureOr<Dims> broadcast(llvm::ArrayRef<Expression> a, llvm::ArrayRef<Expression> b);
};

/// What a Slice takes of one dimension.
struct SliceRange {
  Expression offset, size;
  int64_t stride;
};
/// One range for every dimension of a Slice's operand; failure where bounds are not known symbolically.
mlir::FailureOr<llvm::SmallVector<SliceRange>> getSliceRanges(NodeShapes &node);

/// The axes of a reduction, ascending and from 0; failure where they are not known.
mlir::FailureOr<llvm::SmallVector<int64_t>> getReducedAxes(NodeShapes &node);

using ShapeRule = mlir::LogicalResult (*)(NodeShapes &);
using ShapeRules = llvm::StringMap<ShapeRule>;

/// All rules by `domain::OpType`.
const ShapeRules &getShapeRules();

// One family a file, under shapes/.
void addElementwiseShapes(ShapeRules &rules);
void addMovementShapes(ShapeRules &rules);
void addConstantShapes(ShapeRules &rules);
void addIndexingShapes(ShapeRules &rules);
void addReductionShapes(ShapeRules &rules);
void addContractionShapes(ShapeRules &rules);
void addTransformerShapes(ShapeRules &rules);

/// The element type of an ONNX data type code; null for one that is not supported.
mlir::Type getElementType(mlir::MLIRContext *context, int64_t code);
/// The elements of an integer attribute as expressions; nothing for other or large ones.
std::optional<Dims> getConstantElements(ExpressionContext &context, mlir::Attribute value);
/// The sizes, where all dimensions are constants.
std::optional<llvm::SmallVector<int64_t>> getStaticSizes(llvm::ArrayRef<Expression> shape);
/// The product of `shape`; not known where 64 bits do not hold it.
Expression countElements(ExpressionContext &context, llvm::ArrayRef<Expression> shape);

/// Facts of the results of ops other than onnx.node that may stand in a function while it is raised.
void inferOtherOp(mlir::Operation &op, SymbolicShapes &shapes);

}  // namespace switchyard

#endif  // SWITCHYARD_COMPILER_ANALYSIS_SHAPERULES_H
