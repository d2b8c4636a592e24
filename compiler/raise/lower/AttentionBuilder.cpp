#include "compiler/raise/lower/AttentionBuilder.h"
#include "compiler/raise/lower/ReductionBuilder.h"
#include "dialects/nn/NnDialect.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;

namespace switchyard::raise {

namespace {

class AttentionBuilder {
public:
  AttentionBuilder(NodeLowering &node, const AttentionSizes &sizes, const AttentionOperands &operands)
      : node(node), sizes(sizes), operands(operands), type(node.resultElementType()) {}

  AttentionResults build();

private:
  bool isFused() const;
  AttentionResults fused();
  AttentionResults decomposed();

  /// An operand in the other layout, or as it is.
  Value asRows(Value x);
  Value asHeads(Value x, int64_t heads, int64_t size);
  Value present(Value past, Value fresh, int64_t size);
  Value makeBias();
  Value extendedMask();
  Value lowestOf(OpBuilder &b, Location l) const;
  Value findBlindRows(Value bias);
  Value perHead(Value a, Value b);

  NodeLowering &node;
  const AttentionSizes &sizes;
  const AttentionOperands &operands;
  Type type;
};

TypedAttr negativeInfinity(OpBuilder &b, Type type) {
  return b.getFloatAttr(type, APFloat::getInf(cast<FloatType>(type).getFloatSemantics(), /*Negative=*/true));
}

Value AttentionBuilder::lowestOf(OpBuilder &b, Location l) const { return arith::ConstantOp::create(b, l, negativeInfinity(b, type)); }

Value AttentionBuilder::asRows(Value x) {
  if (node.rank(x) == 3)
    return x;
  Dims shape = node.dims(x);
  return node.reshape(node.transpose(x, {0, 2, 1, 3}), {shape[0], shape[2], shape[1] * shape[3]});
}

Value AttentionBuilder::asHeads(Value x, int64_t heads, int64_t size) {
  if (node.rank(x) == 4)
    return x;
  Dims shape = node.dims(x);
  return node.transpose(node.reshape(x, {shape[0], shape[1], node.constant(heads), node.constant(size)}), {0, 2, 1, 3});
}

Value AttentionBuilder::present(Value past, Value fresh, int64_t size) {
  Value heads = asHeads(fresh, sizes.kvHeads, size);
  return past ? node.concat({past, heads}, 2) : heads;
}

/// The kernel attends to the past and to the tokens of the queries themselves, with values of the size of the keys.
bool AttentionBuilder::isFused() const {
  return operands.scores == Scores::none && sizes.queries.isProvedEqual(sizes.newKeys) && sizes.size == sizes.valueSize && operands.scale != 0.0;
}

/// The mask in rank 4, with all keys: those that it does not reach are masked.
Value AttentionBuilder::extendedMask() {
  Value mask = operands.visibility.mask;
  if (!mask)
    return mask;
  Dims shape = node.dims(mask);
  shape.insert(shape.begin(), 4 - shape.size(), node.constant(1));
  mask = node.reshape(mask, shape);
  if (shape.back().isProvedEqual(sizes.keys()))
    return mask;
  shape.back() = sizes.keys() - shape.back();
  Type element = TensorBuilder::elementType(mask);
  TypedAttr masked = isa<FloatType>(element) ? negativeInfinity(node.builder, element) : TypedAttr(node.builder.getBoolAttr(false));
  return node.concat({mask, node.fill(shape, masked)}, 3);
}

/// What is added to the scores, (batch or 1) x (heads or 1) x queries x keys: the mask, and negative infinity where a key is not seen.
Value AttentionBuilder::makeBias() {
  const Visibility &v = operands.visibility;
  Value mask = extendedMask();
  Dims shape{node.constant(1), node.constant(1), sizes.queries, sizes.keys()};
  for (size_t d : {0, 1})
    shape[d] = mask ? node.dims(mask)[d] : shape[d];
  SmallVector<Value> inputs;
  if (mask)
    inputs.push_back(mask);
  if (v.lengths) {
    shape[0] = sizes.batch;
    inputs.push_back(node.reshape(v.lengths, {sizes.batch, node.constant(1), node.constant(1), node.constant(1)}));
  }
  Value before = node.shapes.materialize(v.lengths ? sizes.queries : sizes.pastKeys);
  return node.elementwise(inputs, shape, type, [&](OpBuilder &b, Location l, ValueRange x) -> Value {
    Value zero = arith::ConstantOp::create(b, l, b.getZeroAttr(type)), lowest = lowestOf(b, l), bias = zero;
    if (mask)
      bias = x[0].getType().isInteger(1) ? Value(arith::SelectOp::create(b, l, x[0], zero, lowest)) : x[0];
    Value query = linalg::IndexOp::create(b, l, 2), key = linalg::IndexOp::create(b, l, 3);
    auto number = [&](int64_t value) -> Value { return arith::ConstantIndexOp::create(b, l, value); };
    auto keep = [&](arith::CmpIPredicate predicate, Value left, Value right) {
      bias = arith::SelectOp::create(b, l, arith::CmpIOp::create(b, l, predicate, left, right), bias, lowest);
    };
    Value position;
    if (v.lengths) {
      Value valid = arith::IndexCastOp::create(b, l, b.getIndexType(), x.back());
      keep(arith::CmpIPredicate::slt, key, valid);
      position = arith::AddIOp::create(b, l, arith::SubIOp::create(b, l, valid, before), query);
    } else {
      position = arith::AddIOp::create(b, l, before, query);
    }
    if (v.causal)
      keep(arith::CmpIPredicate::sle, key, position);
    if (v.left >= 0)
      keep(arith::CmpIPredicate::sle, position, arith::AddIOp::create(b, l, key, number(v.left)));
    if (v.right >= 0)
      keep(arith::CmpIPredicate::sle, key, arith::AddIOp::create(b, l, position, number(v.right)));
    return bias;
  });
}

/// The largest bias of each query: negative infinity where it sees no key.
Value AttentionBuilder::findBlindRows(Value bias) {
  return operands.zeroesBlindRows && bias && !operands.visibility.isPlain() ? reduce(node, Reduction::maximum, bias, {3}) : Value();
}

AttentionResults AttentionBuilder::fused() {
  const Visibility &v = operands.visibility;
  OpBuilder &b = node.builder;
  Type i32 = b.getI32Type();
  Value bias = v.isPlain() ? Value() : makeBias();
  Value query = asRows(operands.query), key = asRows(operands.key), value = asRows(operands.value);
  Value total = node.shapes.materialize(sizes.keys()), lastKey = node.shapes.materialize(sizes.keys() - 1);
  Value lengths = node.elementwise({}, {sizes.batch}, i32, [&](OpBuilder &inner, Location l, ValueRange) -> Value {
    return arith::IndexCastOp::create(inner, l, i32, lastKey);
  });
  Dims cache{sizes.batch, node.constant(sizes.kvHeads), sizes.keys(), node.constant(sizes.size)};
  RankedTensorType cacheType = SymbolicShapes::getType(cache, type);
  auto integer = [&](int64_t number) { return b.getI64IntegerAttr(number); };
  // With lengths, the position of a query is not that of the kernel, but all of it is in the bias.
  bool causal = v.causal && !v.lengths;
  auto op = nn::AttentionOp::create(b, node.loc, {query.getType(), cacheType, cacheType}, query, key, value, operands.pastKey, operands.pastValue,
                                    lengths, bias, Value(), total, integer(sizes.heads), integer(sizes.kvHeads), integer(causal), integer(-1),
                                    b.getF64FloatAttr(operands.scale), b.getF64FloatAttr(operands.softcap));
  Value result = node.shaped(op.getResult(), node.dims(query));
  if (Value blind = findBlindRows(bias)) {
    Dims split{sizes.batch, sizes.queries, node.constant(sizes.heads), node.constant(sizes.size)}, largest = node.dims(blind);
    blind = node.reshape(node.transpose(blind, {0, 2, 1}), {largest[0], largest[2], largest[1], node.constant(1)});
    Value guarded = node.elementwise({node.reshape(result, split), blind}, split, type, [&](OpBuilder &at, Location l, ValueRange x) -> Value {
      Value sees = arith::CmpFOp::create(at, l, arith::CmpFPredicate::UNE, x[1], lowestOf(at, l));
      return arith::SelectOp::create(at, l, sees, x[0], arith::ConstantOp::create(at, l, at.getZeroAttr(type)));
    });
    result = node.reshape(guarded, node.dims(query));
  }
  return {result, node.shaped(op.getPresentKey(), cache), node.shaped(op.getPresentValue(), cache), Value()};
}

/// The product of each head of a, batch x heads x rows x inner, with that head of b, batch x kvHeads x inner x columns, which it shares with
/// its neighbours.
Value AttentionBuilder::perHead(Value a, Value b) {
  Dims left = node.dims(a), grouped{left[0], node.constant(sizes.kvHeads), node.constant(sizes.heads / sizes.kvHeads) * left[2], left[3]};
  Dims result{left[0], left[1], left[2], node.dims(b)[3]};
  return node.reshape(node.batchMatmul(node.reshape(a, grouped), b), result);
}

AttentionResults AttentionBuilder::decomposed() {
  AttentionResults results;
  results.presentKey = present(operands.pastKey, operands.key, sizes.size);
  results.presentValue = present(operands.pastValue, operands.value, sizes.valueSize);
  Dims shape{sizes.batch, node.constant(sizes.heads), sizes.queries, sizes.keys()};
  auto give = [&](Scores which, Value scores) { results.scores = operands.scores == which ? scores : results.scores; };
  Value query = asHeads(operands.query, sizes.heads, sizes.size);
  Value product = perHead(query, node.transpose(results.presentKey, {0, 1, 3, 2}));
  Value scores = node.elementwise(product, shape, type, [&](OpBuilder &b, Location l, ValueRange x) -> Value {
    return arith::MulFOp::create(b, l, x[0], arith::ConstantOp::create(b, l, b.getFloatAttr(type, operands.scale)));
  });
  give(Scores::raw, scores);
  if (operands.softcap > 0.0)
    scores = node.elementwise(scores, shape, type, [&](OpBuilder &b, Location l, ValueRange x) -> Value {
      Value cap = arith::ConstantOp::create(b, l, b.getFloatAttr(type, operands.softcap));
      return arith::MulFOp::create(b, l, cap, math::TanhOp::create(b, l, arith::DivFOp::create(b, l, x[0], cap)));
    });
  give(Scores::capped, scores);
  Value bias = operands.visibility.isPlain() && !operands.visibility.causal ? Value() : makeBias();
  if (bias)
    scores = node.elementwise({scores, bias}, shape, type, [](OpBuilder &b, Location l, ValueRange x) -> Value {
      return arith::AddFOp::create(b, l, x[0], x[1]);
    });
  give(Scores::masked, scores);
  Value weights = node.shaped(nn::SoftmaxOp::create(node.builder, node.loc, scores.getType(), scores), shape);
  if (Value blind = findBlindRows(bias)) {
    Dims column = node.dims(bias);
    column.back() = node.constant(1);
    weights = node.elementwise({weights, node.reshape(blind, column)}, shape, type, [&](OpBuilder &b, Location l, ValueRange x) -> Value {
      Value sees = arith::CmpFOp::create(b, l, arith::CmpFPredicate::UNE, x[1], lowestOf(b, l));
      return arith::SelectOp::create(b, l, sees, x[0], arith::ConstantOp::create(b, l, b.getZeroAttr(type)));
    });
  }
  give(Scores::softmax, weights);
  results.result = asRows(perHead(weights, results.presentValue));
  return results;
}

AttentionResults AttentionBuilder::build() { return isFused() ? fused() : decomposed(); }

}  // namespace

AttentionResults buildAttention(NodeLowering &node, const AttentionSizes &sizes, const AttentionOperands &operands) {
  return AttentionBuilder(node, sizes, operands).build();
}

}  // namespace switchyard::raise
