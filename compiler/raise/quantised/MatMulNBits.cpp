// com.microsoft.MatMulNBits: N rows of K integers in blocks, each block a run of whole bytes.
#include "compiler/raise/quantised/QuantisedNodes.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace switchyard::raise {

namespace {

enum Operand : unsigned { rows, packed, scales, zeroPoints, groups, bias };

/// One zero point a block: packed like the weight, or numbers of their own.
FailureOr<Attribute> readZeroPoints(QuantisedNode &node, Attribute scaling, int64_t bits) {
  if (!node.node.getInput(zeroPoints))
    return middleZeroPoints(scaling, bits);
  ArrayRef<int64_t> shape = rt::getRecipeType(scaling).getShape();
  if (isa<FloatType>(getElementTypeOrSelf(node.node.getInput(zeroPoints))))
    return node.constant(zeroPoints, "zero points", shape);
  FailureOr<Attribute> bytes = node.constant(zeroPoints, "zero points", {shape[0], (shape[1] * bits + 7) / 8}, true);
  if (failed(bytes))
    return failure();
  return unpackRecipe(*bytes, bits, shape[1]);
}

}  // namespace

LogicalResult decodeMatMulNBits(QuantisedNode &node) {
  onnx::NodeOp op = node.node;
  if (failed(node.expectAttributes({"K", "N", "bits", "block_size", "accuracy_level", "weight_prepacked"})))
    return failure();
  // The shape analysis has checked K, N and the block size.
  int64_t k = op.getInt("K", 0), n = op.getInt("N", 0), bits = op.getInt("bits", 4), block = op.getInt("block_size", 0);
  if (!isDecodedWidth(bits))
    return node.unsupported("weights of " + llvm::Twine(bits) + " bits; decoded are 2, 4 and 8");
  if (int64_t prepacked = op.getInt("weight_prepacked", 0))
    return node.unsupported("weight_prepacked = " + llvm::Twine(prepacked) + ": the weight is in the layout of a GPU kernel; export it unpacked");
  if (op.getInput(groups))
    return node.unsupported("blocks in the order of g_idx are not supported");
  int64_t blocks = llvm::divideCeil(k, block);
  FailureOr<Attribute> bytes = node.constant(packed, "weight", {n, blocks * (block * bits / 8)}, true);
  FailureOr<Attribute> scaling = failed(bytes) ? FailureOr<Attribute>(failure()) : node.constant(scales, "scales", {n, blocks});
  FailureOr<Attribute> zeros = failed(scaling) ? FailureOr<Attribute>(failure()) : readZeroPoints(node, *scaling, bits);
  if (failed(zeros))
    return failure();
  Attribute weight = dequantiseRecipe(unpackRecipe(*bytes, bits, k), *scaling, *zeros, {1, block});
  weight = castRecipe(transposeMatrices(weight), getElementTypeOrSelf(op.getInput(rows)));
  Value product = node.create("MatMul", {op.getInput(rows), node.read(weight)});
  return node.replace(op.getInput(bias) ? node.create("Add", {product, op.getInput(bias)}) : product);
}

}  // namespace switchyard::raise
