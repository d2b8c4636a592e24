// ai.onnx.Attention: self-attention with a cache and a mask.
#include "compiler/raise/lower/NodeLowering.h"
#include "dialects/nn/NnDialect.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;

namespace switchyard::raise {

namespace {

enum Operand : unsigned { query, key, value, mask, pastKey, pastValue, validKeys };

/// An operand as batch x tokens x heads*d, and its sizes batch, heads, tokens, d.
struct Heads {
  Value rows;
  Dims sizes;
};

Heads takeHeads(NodeLowering &node, unsigned index, llvm::StringRef heads) {
  Value x = node.input(index);
  Dims shape = node.dims(x);
  if (shape.size() == 3) {
    int64_t count = node.node.getInt(heads, 1);
    return {x, {shape[0], node.constant(count), shape[1], node.constant(shape[2].getConstant().value_or(0) / count)}};
  }
  Value rows = node.transpose(x, {0, 2, 1, 3});
  return {node.reshape(rows, {shape[0], shape[2], shape[1] * shape[3]}), shape};
}

/// Why this node is not the attention that nn.attention means; empty where it is.
llvm::StringRef rejection(NodeLowering &node, const Heads &q, const Heads &k, const Heads &v) {
  if (node.isUsed(3))
    return "the output of the scores is not supported";
  if (node.input(validKeys))
    return "nonpad_kv_seqlen is not supported";
  if (node.input(mask) && !isa<FloatType>(TensorBuilder::elementType(node.input(mask))))
    return "a mask of booleans is not supported: a query that sees no key would be NaN and not 0";
  if (!node.input(pastKey) != !node.input(pastValue))
    return "expects the past of keys and of values together, or neither";
  if (!q.sizes[2].isProvedEqual(k.sizes[2]) || !k.sizes[2].isProvedEqual(v.sizes[2]))
    return "queries and keys must be of the same tokens: attention to other tokens is not supported";
  std::optional<int64_t> heads = q.sizes[1].getConstant(), kvHeads = k.sizes[1].getConstant(), size = q.sizes[3].getConstant();
  if (!heads || !kvHeads || !size || *kvHeads == 0 || *heads % *kvHeads != 0 || !k.sizes[3].isConstant(*size) || !v.sizes[3].isConstant(*size) ||
      !v.sizes[1].isConstant(*kvHeads))
    return "expects numbers of heads, those of queries a multiple of those of keys, and one head size";
  return "";
}

/// The mask as what is added to the scores, batch or 1 x heads or 1 x S x T; null where it cannot be one.
Value makeBias(NodeLowering &node, Expression sequence, Expression total) {
  Value stated = node.input(mask);
  Dims shape = node.dims(stated);
  if (shape.size() < 2 || shape.size() > 4)
    return {};
  shape.insert(shape.begin(), 4 - shape.size(), node.constant(1));
  Dims wanted{shape[0], shape[1], sequence, total};
  for (size_t d : {2, 3})
    if (!shape[d].isProvedEqual(wanted[d]) && !shape[d].isConstant(1))
      return {};
  Value bias = node.reshape(stated, shape);
  return node.broadcast(bias, wanted);
}

LogicalResult attention(NodeLowering &node) {
  if (failed(node.expectAttributes({"is_causal", "kv_num_heads", "q_num_heads", "qk_matmul_output_mode", "scale", "softcap", "softmax_precision"})))
    return failure();
  Heads q = takeHeads(node, query, "q_num_heads"), k = takeHeads(node, key, "kv_num_heads"), v = takeHeads(node, value, "kv_num_heads");
  if (llvm::StringRef why = rejection(node, q, k, v); !why.empty())
    return node.unsupported(why);
  Dims shape = node.resultDims(), present{k.sizes[0], k.sizes[1], k.sizes[2], k.sizes[3]};
  if (node.input(pastKey))
    present[2] = present[2] + node.dims(node.input(pastKey))[2];
  Value bias = node.input(mask) ? makeBias(node, q.sizes[2], present[2]) : Value();
  if (node.input(mask) && !bias)
    return node.unsupported("expects a mask that is, or broadcasts to, queries x keys");

  OpBuilder &b = node.builder;
  Type type = node.resultElementType(), i32 = b.getI32Type();
  Value total = node.shapes.materialize(present[2]), lastKey = node.shapes.materialize(present[2] - 1);
  Value lengths = node.elementwise({}, {q.sizes[0]}, i32, [&](OpBuilder &inner, Location l, ValueRange) -> Value {
    return arith::IndexCastOp::create(inner, l, i32, lastKey);
  });
  RankedTensorType cacheType = SymbolicShapes::getType(present, type);
  auto integer = [&](int64_t number) { return b.getI64IntegerAttr(number); };
  auto op = nn::AttentionOp::create(b, node.loc, {q.rows.getType(), cacheType, cacheType}, q.rows, k.rows, v.rows, node.input(pastKey),
                                    node.input(pastValue), lengths, bias, Value(), total, integer(*q.sizes[1].getConstant()),
                                    integer(*k.sizes[1].getConstant()), integer(node.node.getInt("is_causal", 0)), integer(-1),
                                    b.getF64FloatAttr(node.node.getFloat("scale", 0.0)), b.getF64FloatAttr(node.node.getFloat("softcap", 0.0)));
  Value result = node.shaped(op.getResult(), node.dims(q.rows));
  if (shape.size() == 4)
    result = node.transpose(node.reshape(result, {q.sizes[0], q.sizes[2], q.sizes[1], q.sizes[3]}), {0, 2, 1, 3});
  SmallVector<Value> results{result, node.shaped(op.getPresentKey(), present), node.shaped(op.getPresentValue(), present), Value()};
  results.resize(node.node.getNumResults());
  return node.replace(results);
}

}  // namespace

void addStandardAttentionRules(LoweringRules &rules) { rules["ai.onnx::Attention"] = attention; }

}  // namespace switchyard::raise
