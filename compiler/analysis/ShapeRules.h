// The rules of the symbolic shape analysis: what the results of one operator are, given its operands.
#ifndef SWITCHYARD_COMPILER_ANALYSIS_SHAPERULES_H
#define SWITCHYARD_COMPILER_ANALYSIS_SHAPERULES_H

#include "compiler/analysis/SymbolicShapes.h"
#include "dialects/onnx/OnnxDialect.h"

namespace switchyard {

/// One node in front of its rule. A rule fails where a shape cannot be known; the results then stay unknown. It says why, by
/// `invalid` or `unsupported`, unless an operand is not known either: then that one's node has said it.
class NodeShapes {
public:
  NodeShapes(onnx::NodeOp node, SymbolicShapes &shapes) : node(node), shapes(shapes) {}

  onnx::NodeOp node;
  SymbolicShapes &shapes;

  ExpressionContext &context() { return shapes.getContext(); }
  Expression constant(int64_t value) { return context().constant(value); }

  /// The node contradicts itself or its operands, whatever the sizes of the call are.
  mlir::LogicalResult invalid(const llvm::Twine &why);
  /// The node may be right, but its shape cannot be known, or not be proved.
  mlir::LogicalResult unsupported(const llvm::Twine &why);
  /// "'w' [4, n]", for messages: the name of operand `index` and its shape.
  std::string describe(unsigned index);
  /// Fails where the element types of the operands are not those of the operator.
  mlir::LogicalResult checkElementTypes();

  /// True where there are between `least` and `most` operands, of which the first `least` are present and known.
  bool hasInputs(unsigned least, unsigned most);
  /// True where operand `index` is absent or broadcasts to `shape`.
  bool broadcastsTo(unsigned index, llvm::ArrayRef<Expression> shape);
  /// True where the values of operand `index` are known at run time only.
  bool isComputed(unsigned index) { return input(index) && !data(index); }
  /// The same, and the file states the shapes of all results in numbers: then a
  /// kernel reads the values and checks the shapes (`resultsAsStated`, kernels/common/run_time_operands.h).
  bool isReadAtRunTime(unsigned index);
  /// True where the file states the shapes of all results in numbers, or of what is made of them element by element.
  bool areResultsStated();
  /// All results in the shapes that the file states, with these element types; the last type holds for all further results.
  mlir::LogicalResult resultsAsStated(llvm::ArrayRef<mlir::Type> elementTypes);
  /// Facts of operand `index`; null where it is absent or unknown.
  const TensorFacts *input(unsigned index);
  /// The same for an operand that must be there.
  const TensorFacts *require(unsigned index);
  std::optional<llvm::ArrayRef<Expression>> data(unsigned index);
  std::optional<llvm::SmallVector<int64_t>> constants(unsigned index);
  /// Axes from attribute `axes`, or from operand `index` in later versions, not normalised; nothing where absent, failure
  /// where they are not constant.
  mlir::FailureOr<std::optional<llvm::SmallVector<int64_t>>> axes(unsigned index);
  /// `axis` in [0, rank), counted from the end where negative; failure outside.
  static mlir::FailureOr<int64_t> normalizeAxis(int64_t axis, int64_t rank);
  /// The same of attribute `axis`; an axis outside is invalid.
  mlir::FailureOr<int64_t> axis(int64_t otherwise, int64_t rank);
  mlir::FailureOr<int64_t> checkAxis(int64_t axis, int64_t rank);
  /// The elements of operand `index`, `role` of the node; where they are computed from data the node is unsupported.
  std::optional<llvm::ArrayRef<Expression>> requireData(unsigned index, llvm::StringRef role);

  mlir::LogicalResult result(unsigned index, mlir::Type elementType, Dims shape, std::optional<Dims> data = std::nullopt);
  /// One size for two that must be equal: a name that meets another size becomes it, which the runtime then checks. Failure
  /// where they cannot be equal, or nothing can check it.
  mlir::FailureOr<Expression> unify(Expression a, Expression b);
  /// Of two sizes that a broadcast joins; a name is taken to be equal to the other, not 1.
  mlir::FailureOr<Expression> broadcastDim(Expression a, Expression b);
  /// The numpy broadcast of two shapes; equalities that it needs are recorded.
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

/// The same of a MeanVarianceNormalization, whose axes are an attribute.
mlir::FailureOr<llvm::SmallVector<int64_t>> getNormalizedAxes(NodeShapes &node);

using ShapeRule = mlir::LogicalResult (*)(NodeShapes &);
using ShapeRules = llvm::StringMap<ShapeRule>;

/// The rule of operators of which the first result is like the first operand.
mlir::LogicalResult likeFirst(NodeShapes &node);

/// The shape of numpy's matmul of two shapes, those of operands `first` and `second`.
mlir::FailureOr<Dims> matmulShape(NodeShapes &node, Dims left, Dims right, unsigned first = 0, unsigned second = 1);

/// The scales (operand 1) of a quantised tensor, and its zero points (operand 2) where it has some, fit its shape.
mlir::LogicalResult checkQuantisation(NodeShapes &node);

/// All rules by `domain::OpType`.
const ShapeRules &getShapeRules();

// One family a file, under shapes/.
void addElementwiseShapes(ShapeRules &rules);
void addMovementShapes(ShapeRules &rules);
void addConstantShapes(ShapeRules &rules);
void addIndexingShapes(ShapeRules &rules);
void addReductionShapes(ShapeRules &rules);
void addContractionShapes(ShapeRules &rules);
void addConvolutionShapes(ShapeRules &rules);
void addQuantisedShapes(ShapeRules &rules);
void addQuantisedActivationShapes(ShapeRules &rules);
void addTransformerShapes(ShapeRules &rules);
void addPaddingShapes(ShapeRules &rules);
void addChannelShapes(ShapeRules &rules);
void addResamplingShapes(ShapeRules &rules);
void addRecurrentShapes(ShapeRules &rules);
void addSelectionShapes(ShapeRules &rules);
void addSpectrumShapes(ShapeRules &rules);
void addWindowShapes(ShapeRules &rules);
void addAttentionShapes(ShapeRules &rules);
void addLinearAttentionShapes(ShapeRules &rules);
void addGateShapes(ShapeRules &rules);

/// "[4, n]".
std::string describeShape(llvm::ArrayRef<Expression> shape);
/// The element type of an ONNX data type code; null for one that is not supported.
mlir::Type getElementType(mlir::MLIRContext *context, int64_t code);
/// True of numbers of 8 bits and less that are not i8, u8 or bool: they are moved and converted, but nothing computes in them.
bool isNarrowType(mlir::Type type);
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
