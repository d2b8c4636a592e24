// Matrix products. A constant right side becomes a weight that stands outputs first.
#include "compiler/raise/lower/NodeLowering.h"
#include "dialects/nn/NnDialect.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;

namespace switchyard::raise {

Value matmulWeight(NodeLowering &node, Value rows, Value weight, Value bias) {
  Dims shape = node.dims(rows);
  shape.back() = node.dims(weight)[0];
  RankedTensorType type = SymbolicShapes::getType(shape, TensorBuilder::elementType(rows));
  return node.shaped(nn::MatmulOp::create(node.builder, node.loc, type, rows, weight, bias), shape);
}

namespace {

/// numpy's matmul, under the shape of the node's result.
Value multiply(NodeLowering &node, Value a, Value b) {
  // A vector stands for a matrix of one row, or of one column.
  Dims left = node.dims(a), right = node.dims(b);
  if (left.size() == 1)
    a = node.reshape(a, {node.constant(1), left[0]});
  if (right.size() == 1)
    b = node.reshape(b, {right[0], node.constant(1)});
  Value weight = node.rank(b) == 2 ? node.weights.asWeight(node.builder, b) : Value();
  if (!weight)
    return node.reshape(node.batchMatmul(a, b), node.resultDims());
  node.shaped(weight, node.dims(b));
  return node.reshape(matmulWeight(node, a, node.transpose(weight, {1, 0}), {}), node.resultDims());
}

LogicalResult matmul(NodeLowering &node) {
  return node.replace(multiply(node, node.input(0), node.input(1)));
}

/// alpha * product + beta * C, where the product is not the whole.
Value addScaled(NodeLowering &node, Value product, Value addend, double alpha, double beta) {
  Type type = node.resultElementType();
  SmallVector<Value> inputs{product};
  if (addend)
    inputs.push_back(addend);
  return node.elementwise(inputs, node.resultDims(), type, [&](OpBuilder &b, Location l, ValueRange x) {
    auto scale = [&](Value value, double factor) -> Value {
      return factor == 1.0 ? value : Value(arith::MulFOp::create(b, l, arith::ConstantOp::create(b, l, b.getFloatAttr(type, factor)), value));
    };
    Value result = scale(x[0], alpha);
    return x.size() == 2 ? Value(arith::AddFOp::create(b, l, result, scale(x[1], beta))) : result;
  });
}

/// com.microsoft.FusedMatMul: transposes of the last two dimensions, and a factor.
LogicalResult fusedMatmul(NodeLowering &node) {
  if (failed(node.expectAttributes({"alpha", "transA", "transB", "transBatchA", "transBatchB"})))
    return failure();
  if (node.node.getInt("transBatchA", 0) != 0 || node.node.getInt("transBatchB", 0) != 0 || !isa<FloatType>(node.resultElementType()))
    return node.unsupported("expects floats and no transposed batch");
  auto side = [&](unsigned index, llvm::StringRef flag) {
    Value x = node.input(index);
    SmallVector<int64_t> permutation = llvm::to_vector(llvm::seq<int64_t>(0, node.rank(x)));
    if (node.node.getInt(flag, 0) != 0 && permutation.size() >= 2)
      std::swap(permutation[permutation.size() - 2], permutation.back());
    return node.transpose(x, permutation);
  };
  Value product = multiply(node, side(0, "transA"), side(1, "transB"));
  double alpha = node.node.getFloat("alpha", 1.0);
  return node.replace(alpha == 1.0 ? product : addScaled(node, product, {}, alpha, 1.0));
}

LogicalResult gemm(NodeLowering &node) {
  Value a = node.input(0), b = node.input(1), addend = node.input(2);
  if (!isa<FloatType>(node.resultElementType()))
    return node.unsupported("expects floats");
  double alpha = node.node.getFloat("alpha", 1.0), beta = node.node.getFloat("beta", 1.0);
  if (node.node.getInt("transA", 0) != 0)
    a = node.transpose(a, {1, 0});
  bool outputsFirst = node.node.getInt("transB", 0) != 0;
  Value weight = node.weights.asWeight(node.builder, b);
  if (!weight) {
    Value product = node.batchMatmul(a, outputsFirst ? node.transpose(b, {1, 0}) : b);
    return node.replace(addend || alpha != 1.0 ? addScaled(node, product, addend, alpha, beta) : product);
  }
  node.shaped(weight, node.dims(b));
  weight = outputsFirst ? weight : node.transpose(weight, {1, 0});
  // A row of N elements is the bias of the product.
  Expression columns = node.dims(weight)[0];
  auto isRow = [&](const Dims &shape) {
    return !shape.empty() && shape.back().isProvedEqual(columns) &&
           llvm::all_of(llvm::drop_end(shape), [](Expression dim) { return dim.isConstant(1); });
  };
  bool isBias = addend && alpha == 1.0 && beta == 1.0 && isRow(node.dims(addend));
  if (isBias)
    return node.replace(matmulWeight(node, a, weight, node.reshape(addend, columns)));
  Value product = matmulWeight(node, a, weight, {});
  return node.replace(addend || alpha != 1.0 ? addScaled(node, product, addend, alpha, beta) : product);
}

}  // namespace

void addContractionRules(LoweringRules &rules) {
  rules["ai.onnx::MatMul"] = matmul;
  rules["ai.onnx::Gemm"] = gemm;
  rules["com.microsoft::FusedMatMul"] = fusedMatmul;
}

}  // namespace switchyard::raise
