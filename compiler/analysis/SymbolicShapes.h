// Symbolic shapes: what is known of every tensor before any data is.
//
// For every tensor of a function: one expression per dimension (compiler/analysis/Expression.h), and, for small integer
// tensors that come from shapes and constants, one expression per element, so that shape arithmetic folds. One forward
// pass, linear in the number of ops; rules are looked up by `domain::OpType` (compiler/analysis/ShapeRules.h).
#ifndef SWITCHYARD_COMPILER_ANALYSIS_SYMBOLICSHAPES_H
#define SWITCHYARD_COMPILER_ANALYSIS_SYMBOLICSHAPES_H

#include "compiler/analysis/AssumedEqualities.h"
#include "compiler/analysis/Expression.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Operation.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/StringMap.h"

#include <memory>
#include <optional>

namespace switchyard {

using Dims = llvm::SmallVector<Expression>;

/// What is known of one tensor.
struct TensorFacts {
  mlir::Type elementType;
  Dims shape;
  std::optional<Dims> data;  // row-major; only of integer tensors of static shape
};

/// Why the shape of a node's results is not known.
struct ShapeFault {
  bool isInvalid;  // the node contradicts itself or its operands; otherwise it is right, but beyond what the analysis can do
  std::string reason;
};

class SymbolicShapes {
public:
  /// The most elements of a tensor whose data is tracked.
  static constexpr int64_t maxDataElements = 256;

  /// Analyses `function` (`getAnalysis<SymbolicShapes>()` on a func.func). Reads dimensions of arguments from
  /// `onnx.dims` (as imported) or from `rt.shape` (after moe-infer-shapes).
  explicit SymbolicShapes(mlir::Operation *function);

  ExpressionContext &getContext() { return *context; }

  /// The facts of `value`, or null where nothing is known.
  const TensorFacts *getFacts(mlir::Value value) const;
  bool hasShape(mlir::Value value) const { return getFacts(value) != nullptr; }
  /// True where the shape of `value` is known, and neither that nor its elements, where they are tracked, depend on counts.
  bool isKnownBeforeData(mlir::Value value) const;
  /// The dimensions of `value`, of which a shape must be known.
  llvm::ArrayRef<Expression> getShape(mlir::Value value) const { return getFacts(value)->shape; }
  /// The elements of `value` as expressions, where they are known.
  std::optional<llvm::ArrayRef<Expression>> getData(mlir::Value value) const;
  /// The elements of `value` as integers, where they are known constants.
  std::optional<llvm::SmallVector<int64_t>> getConstantData(mlir::Value value) const;
  /// The one element of `value`, where it is a known constant. Nothing for a null value.
  std::optional<int64_t> getConstantInteger(mlir::Value value) const;

  /// Infers the results of an op that a pass has put in, or of which an operand has changed, as the first pass over the function did.
  void infer(mlir::Operation &op);
  void setFacts(mlir::Value value, TensorFacts facts) { this->facts[value] = std::make_unique<TensorFacts>(std::move(facts)); }
  /// The fault of `node`; null where its shape is known, or unknown only because an operand's is.
  const ShapeFault *getFault(mlir::Operation *node) const;
  /// Records why the rule of `node` failed; the first reason stays, and what is invalid stays so.
  void setFault(mlir::Operation *node, ShapeFault fault);
  /// A number from 0 to `bound` that only data tells, for the result that is being analysed.
  Expression makeCount(Expression bound) { return context->count(counts++, bound); }
  /// States the shape of a tensor that a pass has created.
  void setShape(mlir::Value value, llvm::ArrayRef<Expression> shape);
  /// The tensor type of `shape`: constants are static, everything else is `?`.
  static mlir::RankedTensorType getType(llvm::ArrayRef<Expression> shape, mlir::Type elementType);

  /// Fails, with a message, where a dimension of an argument has no `rt.dim` argument; to be called before materialize.
  mlir::LogicalResult verifyDimensionArguments();
  /// An `index` value equal to `expression`, made at the entry of the function from its `rt.dim` arguments; one per
  /// expression. Index ops made here must not be erased while this object lives.
  mlir::Value materialize(Expression expression);
  /// The same as an attribute where constant.
  mlir::OpFoldResult materializeFolded(Expression expression);
  /// The expression of an `index` value that is arithmetic on the `rt.dim` arguments; otherwise not known.
  Expression getExpression(mlir::Value index);

  /// Records what an operator needs: that two sizes are equal. A name gives way to another name, a number or a sum, which the runtime then checks
  /// of the inputs that have the name. Failure where no name can give way.
  llvm::LogicalResult addEquality(Expression a, Expression b);
  /// The same for a broadcast that a 1 would satisfy, too: what contradicts it later is not an invalid model.
  llvm::LogicalResult assumeEquality(Expression a, Expression b);
  /// The same of any two sizes over named dimensions, where no name can give way: the runtime checks it of every call. Failure where they depend on
  /// counts, or are equal for no sizes above 0.
  llvm::LogicalResult checkAtRunTime(Expression a, Expression b);

private:
  bool run();
  void seedArguments();
  void applyEqualities();
  Dims seedShape(unsigned argument, mlir::RankedTensorType type);
  Expression dimension(llvm::StringRef name);
  /// `expression` with what stands for its dimensions; not known where it grows too long.
  Expression resolve(Expression expression);
  void visit(mlir::Operation &op);
  mlir::Value materializeAtom(unsigned index);
  mlir::Value materializeTerm(const Term &term);
  template <typename Op, typename... Arguments> mlir::Value emitIndexOp(Arguments... arguments);
  Expression computeExpression(mlir::Value index);

  mlir::func::FuncOp function;
  std::unique_ptr<ExpressionContext> context;
  // Each where it stays, so that a shape may be read on while new nodes are inferred.
  llvm::DenseMap<mlir::Value, std::unique_ptr<TensorFacts>> facts;
  llvm::DenseMap<mlir::Operation *, ShapeFault> faults;
  // What stands for a dimension after what the operators prove: another (a broadcast of `s43` with `s72`), a number (a head size), a sum (a mask
  // over past and new tokens).
  llvm::StringMap<Expression> substitutions;
  llvm::SmallVector<llvm::StringRef> sums;  // the names of `substitutions` that stand for more than a name or a number
  AssumedEqualities assumed;
  mlir::Operation *visited = nullptr;
  // Dimensions are arguments already: a name that gives way now must be checked beside the shapes that they have.
  bool isLate = false, isSettled = false, isApplying = false;
  // Sizes are assumed to be equal only behind a pass that found names for nothing more, so that what is invalid without that is told as such.
  bool mayAssume = false, lacksEquality = false;
  unsigned counts = 0;   // numbers that only data tells
  bool changed = false;  // an equality was found since the pass began: names must be replaced
  // A name has been replaced by a number that a broadcast only suggests: in this pass, and from the next one on.
  bool assumes = false, assumesNext = false;
  llvm::DenseMap<Expression, mlir::Value> materialized;
  llvm::DenseMap<unsigned, mlir::Value> materializedAtoms;
  llvm::DenseMap<mlir::Value, Expression> expressions;
  mlir::Operation *lastIndexOp = nullptr;  // all index arithmetic stands at the top of the function, in order of demand
};

}  // namespace switchyard

#endif  // SWITCHYARD_COMPILER_ANALYSIS_SYMBOLICSHAPES_H
