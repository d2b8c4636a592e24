// Padding masks of the com.microsoft domain, as what is added to the scores.
#include "compiler/raise/lower/AttentionBuilder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"

using namespace mlir;

namespace switchyard::raise {

namespace {

/// `filter` where `seen` is false, 0 elsewhere.
Value choose(OpBuilder &b, Location l, Value seen, Type type, double filter) {
  return arith::SelectOp::create(b, l, seen, arith::ConstantOp::create(b, l, b.getZeroAttr(type)),
                                 arith::ConstantOp::create(b, l, b.getFloatAttr(type, filter)));
}

/// Of a mask with a number for each key, batch x 1 x (queries or 1) x keys.
Value fromNumbers(NodeLowering &node, Value mask, ArrayRef<Expression> shape, double filter) {
  Type type = node.resultElementType();
  return node.elementwise(node.reshape(mask, shape), shape, type, [&](OpBuilder &b, Location l, ValueRange x) -> Value {
    Value zero = arith::ConstantOp::create(b, l, b.getZeroAttr(x[0].getType()));
    return choose(b, l, arith::CmpIOp::create(b, l, arith::CmpIPredicate::sgt, x[0], zero), type, filter);
  });
}

/// Of the ends of the keys that each sequence sees, and of their starts where there are any.
Value fromRanges(NodeLowering &node, Value mask, const AttentionSizes &sizes, bool hasStarts, double filter) {
  Expression one = node.constant(1);
  Dims column{sizes.batch, one, one, one};
  SmallVector<Value> bounds{node.reshape(hasStarts ? node.sliceAxis(mask, 0, node.constant(0), sizes.batch) : mask, column)};
  if (hasStarts)
    bounds.push_back(node.reshape(node.sliceAxis(mask, 0, sizes.batch, sizes.batch), column));
  Type type = node.resultElementType();
  return node.elementwise(bounds, {sizes.batch, one, one, sizes.keys()}, type, [&](OpBuilder &b, Location l, ValueRange x) -> Value {
    Value key = arith::IndexCastOp::create(b, l, x[0].getType(), linalg::IndexOp::create(b, l, 3));
    Value seen = arith::CmpIOp::create(b, l, arith::CmpIPredicate::slt, key, x[0]);
    if (hasStarts)
      seen = arith::AndIOp::create(b, l, seen, arith::CmpIOp::create(b, l, arith::CmpIPredicate::sge, key, x[1]));
    return choose(b, l, seen, type, filter);
  });
}

/// Null where the mask has a form that is not supported.
Value fromPadding(NodeLowering &node, Value mask, const AttentionSizes &sizes, bool takesRanges) {
  Dims shape = node.dims(mask);
  Expression one = node.constant(1);
  double filter = node.node.getFloat("mask_filter_value", -10000.0);
  bool hasStarts = takesRanges && shape.size() == 1 && shape[0].isProvedEqual(sizes.batch * 2);
  if (hasStarts || (shape.size() == 1 && shape[0].isProvedEqual(sizes.batch)))
    return fromRanges(node, mask, sizes, hasStarts, filter);
  bool ofKeys = shape.size() > 1 && shape.front().isProvedEqual(sizes.batch) && shape.back().isProvedEqual(sizes.keys());
  if (ofKeys && shape.size() == 2)
    return fromNumbers(node, mask, {sizes.batch, one, one, sizes.keys()}, filter);
  if (ofKeys && shape.size() == 3 && shape[1].isProvedEqual(sizes.queries))
    return fromNumbers(node, mask, {sizes.batch, one, sizes.queries, sizes.keys()}, filter);
  return {};
}

}  // namespace

FailureOr<Value> addMasks(NodeLowering &node, const AttentionSizes &sizes, Value padding, Value added, bool takesRanges) {
  Value fromMask = padding ? fromPadding(node, padding, sizes, takesRanges) : Value();
  if (padding && !fromMask)
    return node.unsupported("expects a key padding mask of one length a sequence, of batch x keys or of batch x queries x keys");
  if (!fromMask || !added)
    return fromMask ? fromMask : added;
  Dims shape = node.dims(added);
  shape[0] = sizes.batch;
  return node.elementwise({fromMask, added}, shape, node.resultElementType(), [](OpBuilder &b, Location l, ValueRange x) -> Value {
    return arith::AddFOp::create(b, l, x[0], x[1]);
  });
}

}  // namespace switchyard::raise
