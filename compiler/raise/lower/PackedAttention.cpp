// com.microsoft.Attention: the projection of queries, keys and values, and their attention.
#include "compiler/raise/lower/AttentionBuilder.h"
#include "dialects/nn/NnDialect.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

#include <cmath>

using namespace mlir;

namespace switchyard::raise {

namespace {

enum Operand : unsigned { input, weights, bias, padding, past, attentionBias, pastLength };

/// input * weights + bias.
Value project(NodeLowering &node) {
  Value x = node.input(input), matrix = node.input(weights), addend = node.input(bias);
  if (Value weight = node.weights.asWeight(node.builder, matrix)) {
    node.shaped(weight, node.dims(matrix));
    return matmulWeight(node, x, node.transpose(weight, {1, 0}), addend);
  }
  Value product = node.batchMatmul(x, matrix);
  if (!addend)
    return product;
  return node.elementwise({product, addend}, node.dims(product), node.resultElementType(), [](OpBuilder &b, Location l, ValueRange v) -> Value {
    return arith::AddFOp::create(b, l, v[0], v[1]);
  });
}

/// Keys (0) or values (1) of the past, batch x heads x keys x size.
Value takePast(NodeLowering &node, int64_t index) {
  Value both = node.input(past);
  Dims shape = node.dims(both);
  return node.reshape(node.sliceAxis(both, 0, node.constant(index), node.constant(1)), ArrayRef<Expression>(shape).drop_front());
}

LogicalResult attention(NodeLowering &node) {
  if (failed(node.expectAttributes({"do_rotary", "mask_filter_value", "num_heads", "past_present_share_buffer", "qkv_hidden_sizes", "rotary_embedding_dim", "scale",
                                    "unidirectional"})))
    return failure();
  if (node.node.getInt("past_present_share_buffer", 0) != 0 || node.input(pastLength))
    return node.unsupported("a cache with room for later tokens is not supported");
  if (node.node.getInt("do_rotary", 0) != 0)
    return node.unsupported("rotary positions of its own are not supported; expects do_rotary = 0");
  AttentionSizes sizes = *getPackedAttentionSizes(node.facts);  // where they are not known, the node is refused before
  FailureOr<Value> mask = addMasks(node, sizes, node.input(padding), node.input(attentionBias), /*takesRanges=*/true);
  if (failed(mask))
    return failure();
  Value all = project(node);
  Expression columns = node.constant(sizes.heads * sizes.size), valueColumns = node.constant(sizes.heads * sizes.valueSize);
  AttentionOperands operands;
  operands.query = node.sliceAxis(all, 2, node.constant(0), columns);
  operands.key = node.sliceAxis(all, 2, columns, columns);
  operands.value = node.sliceAxis(all, 2, columns + columns, valueColumns);
  if (node.input(past)) {
    operands.pastKey = takePast(node, 0);
    operands.pastValue = takePast(node, 1);
  }
  operands.visibility.mask = *mask;
  operands.visibility.causal = node.node.getInt("unidirectional", 0) != 0;
  double scale = node.node.getFloat("scale", 0.0);
  operands.scale = scale == 0.0 ? 1.0 / std::sqrt(static_cast<double>(sizes.size)) : scale;
  AttentionResults built = buildAttention(node, sizes, operands);
  SmallVector<Value> results{built.result};
  if (node.isUsed(1)) {
    Dims one = node.dims(built.presentKey);
    one.insert(one.begin(), node.constant(1));
    results.push_back(node.concat({node.reshape(built.presentKey, one), node.reshape(built.presentValue, one)}, 0));
  }
  results.resize(node.node.getNumResults());
  return node.replace(results);
}

}  // namespace

void addPackedAttentionRules(LoweringRules &rules) { rules["com.microsoft::Attention"] = attention; }

}  // namespace switchyard::raise
