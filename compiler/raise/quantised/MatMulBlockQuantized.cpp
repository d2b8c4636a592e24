// com.microsoft.MatMulBlockQuantizedFp8Weight and MatMulBlockQuantizedFp4Weight: N rows of K floats of 8 or 4 bits, with a scale for each block of
// a row; those of 4 bits also have one for all.
#include "compiler/raise/quantised/QuantisedNodes.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace switchyard::raise {

namespace {

/// rows * weight transposed (+ bias).
LogicalResult multiply(QuantisedNode &node, Attribute weight, Value bias) {
  Value rows = node.node.getInput(0);
  weight = castRecipe(transposeMatrices(weight), getElementTypeOrSelf(rows));
  Value product = node.create("MatMul", {rows, node.read(weight)});
  return node.replace(bias ? node.create("Add", {product, bias}) : product);
}

}  // namespace

LogicalResult decodeFp8Weight(QuantisedNode &node) {
  enum Operand : unsigned { rows, matrix, scales, rowScale, bias };
  onnx::NodeOp op = node.node;
  if (failed(node.expectAttributes({"block_size"})))
    return failure();
  if (op.getInput(rowScale))
    return node.unsupported("quantised activations (a_scale) are not supported");
  FailureOr<Attribute> weight = node.constant(matrix, "weight");
  if (failed(weight))
    return failure();
  // The shape analysis has checked the rank and the block size.
  ArrayRef<int64_t> shape = rt::getRecipeType(*weight).getShape();
  int64_t block = op.getInt("block_size", 128);
  FailureOr<Attribute> scaling = node.constant(scales, "scales", {shape[0], static_cast<int64_t>(llvm::divideCeil(shape[1], block))});
  if (failed(scaling))
    return failure();
  return multiply(node, dequantiseRecipe(*weight, *scaling, Attribute(), {1, block}), op.getInput(bias));
}

LogicalResult decodeFp4Weight(QuantisedNode &node) {
  enum Operand : unsigned { rows, matrix, scales, globalScale, rowScale, bias };
  onnx::NodeOp op = node.node;
  if (failed(node.expectAttributes({"block_size"})))
    return failure();
  FailureOr<Attribute> bytes = node.constant(matrix, "weight");
  if (failed(bytes))
    return failure();
  // The scale of activations changes nothing where they are not quantised.
  ArrayRef<int64_t> stored = rt::getRecipeType(*bytes).getShape();
  int64_t block = op.getInt("block_size", 16), n = stored[0], k = 2 * stored[1];
  FailureOr<Attribute> scaling = node.constant(scales, "scales", {n, static_cast<int64_t>(llvm::divideCeil(k, block))}, true);
  FailureOr<Attribute> global = failed(scaling) ? FailureOr<Attribute>(failure()) : node.constant(globalScale, "global scale", {1, 1});
  if (failed(global))
    return failure();
  MLIRContext *context = op.getContext();
  Attribute numbers = reinterpretRecipe(*scaling, Float8E4M3FNType::get(context));
  if (!numbers)
    return node.unsupported("the scales do not stand in the file as bytes");
  Attribute weight = dequantiseRecipe(unpackRecipe(*bytes, Float4E2M1FNType::get(context), k), numbers, Attribute(), {1, block});
  return multiply(node, dequantiseRecipe(weight, *global, Attribute(), {std::max<int64_t>(1, n), std::max<int64_t>(1, k)}), op.getInput(bias));
}

}  // namespace switchyard::raise
