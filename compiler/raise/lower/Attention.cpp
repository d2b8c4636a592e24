// com.microsoft.GroupQueryAttention: packed or separate operands, rotary positions, a cache.
#include "compiler/raise/lower/NodeLowering.h"
#include "dialects/nn/NnDialect.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"

using namespace mlir;

namespace switchyard::raise {

namespace {

enum Operand : unsigned { query, key, value, pastKey, pastValue, lengths, totalLength, cosine, sine, positionIds, attentionBias, headSink, keyScale, valueScale, queryNorm, keyNorm };

/// Why this node is not the attention that nn.attention means; empty where it is.
llvm::StringRef rejection(NodeLowering &node) {
  onnx::NodeOp op = node.node;
  bool quantised = op.getString("k_quant_type", "NONE") != "NONE" || op.getString("v_quant_type", "NONE") != "NONE";
  if (quantised || node.input(keyScale) || node.input(valueScale) || op.getInt("kv_cache_bit_width", 0) != 0)
    return "a quantised cache is not supported";
  if (node.isUsed(3) || op.getInt("qk_output", 0) != 0)
    return "the output of the scores is not supported";
  if (op.getInt("sliding_window_cache", 0) != 0)
    return "a circular cache is not supported";
  if (!node.input(key) != !node.input(value))
    return "expects key and value together, or neither";
  if (op.getInt("do_rotary", 0) != 0 && (!node.input(cosine) || !node.input(sine)))
    return "rotary embedding expects both caches of angles";
  if (op.getNumResults() < 3)
    return "expects three results";
  return "";
}

/// Root-mean-square norm of each head.
Value normalizeHeads(NodeLowering &node, Value x, Value scale, int64_t heads, int64_t headSize) {
  Dims flat = node.dims(x), split(flat);
  split.back() = node.constant(heads);
  split.push_back(node.constant(headSize));
  Value perHead = node.reshape(x, split);
  FloatAttr epsilon = node.builder.getF64FloatAttr(node.node.getFloat("qk_norm_epsilon", 1e-6));
  Value normal = node.shaped(nn::RmsNormOp::create(node.builder, node.loc, perHead.getType(), perHead, scale, epsilon), split);
  return node.reshape(normal, flat);
}

/// For each sequence, the number of its valid keys less one. The kernel checks that past and new tokens have as many.
Value lastKeys(NodeLowering &node, Expression batch, Expression sequence, Expression total) {
  Type i32 = node.builder.getI32Type();
  Value stated = node.cast(node.reshape(node.input(lengths), batch), i32), past = node.input(pastKey);
  TensorFacts counts{node.builder.getI64Type(), {node.constant(3)}, Dims{past ? node.dims(past)[2] : node.constant(0), sequence, total}};
  return node.callKernelWith("valid_keys", {stated, node.fromData(counts)}, KernelResult{{batch}, i32}).front();
}

/// The position of each new token: the last key's, less the tokens after it.
Value makePositions(NodeLowering &node, Value last, Expression sequence) {
  if (Value stated = node.input(positionIds))
    return stated;
  Type i64 = node.builder.getI64Type();
  Dims shape{node.dims(last)[0], sequence};
  Value lastNew = node.shapes.materialize(sequence - 1), column = node.reshape(last, {shape[0], node.constant(1)});
  return node.elementwise(column, shape, i64, [&](OpBuilder &b, Location l, ValueRange x) -> Value {
    Value first = arith::SubIOp::create(b, l, arith::IndexCastOp::create(b, l, b.getIndexType(), x[0]), lastNew);
    return arith::IndexCastOp::create(b, l, i64, arith::AddIOp::create(b, l, first, linalg::IndexOp::create(b, l, 1)));
  });
}

Value rotate(NodeLowering &node, Value x, Value positions, int64_t heads) {
  bool interleaved = node.node.getInt("rotary_interleaved", 0) != 0;
  return node.shaped(nn::RotaryOp::create(node.builder, node.loc, x.getType(), x, positions, node.input(cosine), node.input(sine), heads, interleaved), node.dims(x));
}

/// The sink of each head; with smooth_softmax alone it is 0.
Value sinks(NodeLowering &node, int64_t heads) {
  if (Value stated = node.input(headSink))
    return node.reshape(stated, node.constant(heads));
  if (node.node.getInt("smooth_softmax", 0) == 0)
    return {};
  auto type = RankedTensorType::get(heads, node.resultElementType());
  return node.shaped(arith::ConstantOp::create(node.builder, node.loc, node.builder.getZeroAttr(type)), node.constant(heads));
}

LogicalResult groupQueryAttention(NodeLowering &node) {
  if (failed(node.expectAttributes({"causal", "do_rotary", "k_quant_type", "kv_cache_bit_width", "kv_num_heads", "local_window_size",
                                    "num_heads", "qk_norm_epsilon", "qk_output", "rotary_interleaved", "scale", "sliding_window_cache",
                                    "smooth_softmax", "softcap", "v_quant_type"})))
    return failure();
  if (llvm::StringRef why = rejection(node); !why.empty())
    return node.unsupported(why);
  int64_t heads = node.node.getInt("num_heads", 0), kvHeads = node.node.getInt("kv_num_heads", 0);
  Dims shape = node.resultDims(), present = node.resultDims(1);
  int64_t headSize = *present[3].getConstant();
  Value q = node.input(query), k = node.input(key), v = node.input(value);
  if (!k) {
    Expression queryWidth = shape[2], keyWidth = node.constant(kvHeads * headSize);
    k = node.sliceAxis(q, 2, queryWidth, keyWidth);
    v = node.sliceAxis(q, 2, queryWidth + keyWidth, keyWidth);
    q = node.sliceAxis(q, 2, node.constant(0), queryWidth);
  }
  if (Value scale = node.input(queryNorm))
    q = normalizeHeads(node, q, scale, heads, headSize);
  if (Value scale = node.input(keyNorm))
    k = normalizeHeads(node, k, scale, kvHeads, headSize);
  Value last = lastKeys(node, shape[0], shape[1], node.facts.data(totalLength)->front());
  if (node.node.getInt("do_rotary", 0) != 0) {
    Value positions = makePositions(node, last, shape[1]);
    q = rotate(node, q, positions, heads);
    k = rotate(node, k, positions, kvHeads);
  }
  OpBuilder &b = node.builder;
  RankedTensorType cacheType = SymbolicShapes::getType(present, node.resultElementType());
  auto integer = [&](int64_t number) { return b.getI64IntegerAttr(number); };
  auto op = nn::AttentionOp::create(b, node.loc, {q.getType(), cacheType, cacheType}, q, k, v, node.input(pastKey), node.input(pastValue), last,
                                    node.input(attentionBias), sinks(node, heads), node.shapes.materialize(present[2]), integer(heads), integer(kvHeads),
                                    integer(node.node.getInt("causal", 1)), integer(node.node.getInt("local_window_size", -1)),
                                    b.getF64FloatAttr(node.node.getFloat("scale", 0.0)), b.getF64FloatAttr(node.node.getFloat("softcap", 0.0)));
  return node.replace({node.shaped(op.getResult(), shape), node.shaped(op.getPresentKey(), present), node.shaped(op.getPresentValue(), present)});
}

}  // namespace

void addAttentionRules(LoweringRules &rules) {
  rules["com.microsoft::GroupQueryAttention"] = groupQueryAttention;
}

}  // namespace switchyard::raise
