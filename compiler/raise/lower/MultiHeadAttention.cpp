// com.microsoft.MultiHeadAttention: self and cross attention, each operand by itself or packed with others.
#include "compiler/raise/lower/AttentionBuilder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"

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

/// The padding mask as what is added to the scores, batch x 1 x (queries or 1) x keys; null where it has a form that is not supported.
Value makePadding(NodeLowering &node, const AttentionSizes &sizes) {
  Value mask = node.input(paddingMask);
  Dims shape = node.dims(mask), scores{sizes.batch, node.constant(1), node.constant(1), sizes.keys()};
  bool isLength = shape.size() == 1 && shape[0].isProvedEqual(sizes.batch);
  bool ofKeys = shape.size() == 2 && shape[0].isProvedEqual(sizes.batch) && shape[1].isProvedEqual(sizes.keys());
  bool ofQueries = shape.size() == 3 && shape[0].isProvedEqual(sizes.batch) && shape[1].isProvedEqual(sizes.queries) && shape[2].isProvedEqual(sizes.keys());
  if (!isLength && !ofKeys && !ofQueries)
    return {};
  if (ofQueries)
    scores[2] = sizes.queries;
  Dims spread = isLength ? Dims{sizes.batch, node.constant(1), node.constant(1), node.constant(1)} : scores;
  double filter = node.node.getFloat("mask_filter_value", -10000.0);
  Type type = node.resultElementType();
  return node.elementwise(node.reshape(mask, spread), scores, type, [&](OpBuilder &b, Location l, ValueRange x) -> Value {
    Type integer = x[0].getType();
    Value limit = arith::ConstantOp::create(b, l, b.getZeroAttr(integer));
    if (isLength)
      limit = arith::IndexCastOp::create(b, l, integer, linalg::IndexOp::create(b, l, 3));
    Value seen = arith::CmpIOp::create(b, l, arith::CmpIPredicate::sgt, x[0], limit);
    return arith::SelectOp::create(b, l, seen, arith::ConstantOp::create(b, l, b.getZeroAttr(type)),
                                   arith::ConstantOp::create(b, l, b.getFloatAttr(type, filter)));
  });
}

/// All that is added to the scores; null where there is nothing.
FailureOr<Value> makeMask(NodeLowering &node, const AttentionSizes &sizes) {
  Value padding = node.input(paddingMask) ? makePadding(node, sizes) : Value(), added = node.input(attentionBias);
  if (node.input(paddingMask) && !padding)
    return node.unsupported("expects a key padding mask of one length a sequence, of batch x keys or of batch x queries x keys");
  if (!padding || !added)
    return padding ? padding : added;
  Dims shape = node.dims(added);
  shape[0] = sizes.batch;
  return node.elementwise({padding, added}, shape, node.resultElementType(), [](OpBuilder &b, Location l, ValueRange x) -> Value {
    return arith::AddFOp::create(b, l, x[0], x[1]);
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
  FailureOr<Value> mask = makeMask(node, sizes);
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
