// Builds tensor ops and keeps the symbolic shape of everything it builds. Byte-moving ops on weights become recipes.
#ifndef SWITCHYARD_COMPILER_RAISE_LOWER_TENSORBUILDER_H
#define SWITCHYARD_COMPILER_RAISE_LOWER_TENSORBUILDER_H

#include "compiler/analysis/SymbolicShapes.h"
#include "compiler/raise/Graph.h"
#include "compiler/raise/lower/WeightRecipes.h"

#include "mlir/Dialect/Utils/StructuredOpsUtils.h"
#include "mlir/IR/AffineMap.h"
#include "mlir/IR/Builders.h"

namespace switchyard::raise {

/// Writes the body of an elementwise op: the scalars of the operands in, the scalar of the result out.
using ElementBody = llvm::function_ref<mlir::Value(mlir::OpBuilder &, mlir::Location, mlir::ValueRange)>;

class TensorBuilder {
public:
  TensorBuilder(mlir::OpBuilder builder, mlir::Location loc, SymbolicShapes &shapes, WeightRecipes &weights)
      : builder(builder), loc(loc), shapes(shapes), weights(weights) {}

  mlir::OpBuilder builder;
  mlir::Location loc;
  SymbolicShapes &shapes;
  WeightRecipes &weights;

  Expression constant(int64_t value) { return shapes.getContext().constant(value); }
  /// A copy: building more moves the table of shapes.
  Dims dims(mlir::Value value) { return Dims(shapes.getShape(value)); }
  int64_t rank(mlir::Value value) { return shapes.getShape(value).size(); }
  static mlir::Type elementType(mlir::Value value) { return mlir::cast<mlir::ShapedType>(value.getType()).getElementType(); }

  /// States the shape of a new tensor and returns it.
  mlir::Value shaped(mlir::Value value, llvm::ArrayRef<Expression> shape);

  mlir::Value empty(llvm::ArrayRef<Expression> shape, mlir::Type elementType);
  mlir::Value fill(llvm::ArrayRef<Expression> shape, mlir::TypedAttr element);
  mlir::Value scalarConstant(mlir::TypedAttr element) { return mlir::arith::ConstantOp::create(builder, loc, element); }
  /// Zero of an integer or float type.
  mlir::TypedAttr zero(mlir::Type type) { return builder.getZeroAttr(type); }
  /// An integer tensor of known data: a constant, or index arithmetic.
  mlir::Value fromData(const TensorFacts &facts);

  mlir::Value reshape(mlir::Value x, llvm::ArrayRef<Expression> shape);
  mlir::Value transpose(mlir::Value x, llvm::ArrayRef<int64_t> permutation);
  mlir::Value slice(mlir::Value x, llvm::ArrayRef<Expression> offsets, llvm::ArrayRef<Expression> sizes, llvm::ArrayRef<int64_t> strides);
  /// The range [offset, offset + size) of one axis.
  mlir::Value sliceAxis(mlir::Value x, int64_t axis, Expression offset, Expression size);
  mlir::Value concat(mlir::ValueRange values, int64_t axis);
  mlir::Value broadcast(mlir::Value x, llvm::ArrayRef<Expression> shape);
  mlir::Value cast(mlir::Value x, mlir::Type elementType);

  /// One linalg.generic over `shape`; operands broadcast as numpy does.
  mlir::Value elementwise(mlir::ValueRange inputs, llvm::ArrayRef<Expression> shape, mlir::Type elementType, ElementBody body);
  /// One linalg.generic with the maps of the inputs and of the result; `init` is what the result begins with.
  mlir::Value generic(mlir::ValueRange inputs, mlir::Value init, llvm::ArrayRef<mlir::AffineMap> maps,
                      llvm::ArrayRef<mlir::utils::IteratorType> iterators, ElementBody body);
  /// As numpy's matmul on operands of rank 2 and more.
  mlir::Value batchMatmul(mlir::Value a, mlir::Value b);

private:
  mlir::AffineMap broadcastMap(mlir::Value x, llvm::ArrayRef<Expression> shape);
};

/// The scalar conversion that ONNX's Cast makes; null where it is not supported.
mlir::Value castScalar(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value value, mlir::Type to);

}  // namespace switchyard::raise

#endif  // SWITCHYARD_COMPILER_RAISE_LOWER_TENSORBUILDER_H
