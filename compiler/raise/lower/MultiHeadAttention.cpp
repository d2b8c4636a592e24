// com.microsoft.MultiHeadAttention: self and cross attention, each operand by itself or packed with others.
#include "compiler/raise/lower/AttentionBuilder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

#include <cmath>

using namespace mlir;

namespace switchyard::raise {

namespace {

enum Operand : unsigned { query, key, value, bias, paddingMask, attentionBias, pastKey, pastValue, pastLength, cacheIndirection };

/// Part `index` of an operand that packs several behind its heads, as batch x tokens x columns.
Value takePacked(NodeLowering &node, Value packed, int64_t index) {
  Dims shape = node.dims(packed);
  return node.reshape(node.sliceAxis(packed, 3, node.constant(index), node.constant(1)), {shape[0], shape[1], shape[2] * shape[4]});
}

/// Query, key and value, whatever form they come in.
void takeOperands(NodeLowering &node, AttentionOperands &operands) {
  Value q = node.input(query), k = node.input(key), v = node.input(value);
  int64_t packedBefore = k ? 0 : 1;
  Value packed = k ? k : q;
  operands.query = k ? q : takePacked(node, q, 0);
  operands.key = v ? k : takePacked(node, packed, packedBefore);
  operands.value = v ? v : takePacked(node, packed, packedBefore + 1);
}

/// Adds the part of the bias from `offset` on to the columns of x.
Value addBias(NodeLowering &node, Value x, Expression offset) {
  Value whole = node.input(bias);
  if (!whole)
    return x;
  Dims shape = node.dims(x);
  Value part = node.sliceAxis(whole, 0, offset, shape.back());
  return node.elementwise({x, part}, shape, node.resultElementType(), [](OpBuilder &b, Location l, ValueRange e) -> Value {
    return arith::AddFOp::create(b, l, e[0], e[1]);
  });
}

LogicalResult multiHeadAttention(NodeLowering &node) {
  if (failed(node.expectAttributes({"mask_filter_value", "num_heads", "scale", "unidirectional"})))
    return failure();
  if (node.input(pastLength) || node.input(cacheIndirection))
    return node.unsupported("a cache with room for later tokens is not supported");
  if (node.isUsed(3))
    return node.unsupported("the output of the scores is not supported");
  AttentionSizes sizes = *getMultiHeadAttentionSizes(node.facts);  // where they are not known, the node is refused before
  if (node.input(bias) && node.rank(node.input(key) ? node.input(key) : node.input(query)) == 4)
    return node.unsupported("a bias stands beside keys with their heads first");
  FailureOr<Value> mask = addMasks(node, sizes, node.input(paddingMask), node.input(attentionBias), /*takesRanges=*/false);
  if (failed(mask))
    return failure();
  AttentionOperands operands;
  takeOperands(node, operands);
  Expression columns = node.constant(sizes.heads * sizes.size);
  operands.query = addBias(node, operands.query, node.constant(0));
  operands.key = addBias(node, operands.key, columns);
  operands.value = addBias(node, operands.value, columns + columns);
  operands.pastKey = node.input(pastKey);
  operands.pastValue = node.input(pastValue);
  operands.visibility.mask = *mask;
  operands.visibility.causal = node.node.getInt("unidirectional", 0) != 0;
  double scale = node.node.getFloat("scale", 0.0);
  operands.scale = scale == 0.0 ? 1.0 / std::sqrt(static_cast<double>(sizes.size)) : scale;
  AttentionResults built = buildAttention(node, sizes, operands);
  SmallVector<Value> results{built.result, built.presentKey, built.presentValue};
  results.resize(node.node.getNumResults());
  return node.replace(results);
}

}  // namespace

void addMultiHeadAttentionRules(LoweringRules &rules) { rules["com.microsoft::MultiHeadAttention"] = multiHeadAttention; }

}  // namespace switchyard::raise
