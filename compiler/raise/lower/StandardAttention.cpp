// ai.onnx.Attention, of its own tokens and of others.
#include "compiler/raise/lower/AttentionBuilder.h"

#include <cmath>

using namespace mlir;

namespace switchyard::raise {

namespace {

enum Operand : unsigned { query, key, value, mask, pastKey, pastValue, validKeys };
enum Result : unsigned { output, presentKey, presentValue, scores };

LogicalResult attention(NodeLowering &node) {
  if (failed(node.expectAttributes({"is_causal", "kv_num_heads", "left_window_size", "q_num_heads", "qk_matmul_output_mode", "right_window_size",
                                    "scale", "softcap", "softmax_precision"})))
    return failure();
  AttentionSizes sizes = *getStandardAttentionSizes(node.facts);  // where they are not known, the node is refused before
  onnx::NodeOp op = node.node;
  int64_t mode = op.getInt("qk_matmul_output_mode", 0);
  if (mode < 0 || mode > 3)
    return node.unsupported("qk_matmul_output_mode is none of 0 to 3");
  constexpr Scores modes[] = {Scores::raw, Scores::capped, Scores::masked, Scores::softmax};
  AttentionOperands operands;
  operands.query = node.input(query);
  operands.key = node.input(key);
  operands.value = node.input(value);
  operands.pastKey = node.input(pastKey);
  operands.pastValue = node.input(pastValue);
  operands.visibility = {node.input(mask), node.input(validKeys), op.getInt("is_causal", 0) != 0, op.getInt("left_window_size", -1),
                         op.getInt("right_window_size", -1)};
  operands.scale = op.getFloat("scale", 1.0 / std::sqrt(static_cast<double>(sizes.size)));
  operands.softcap = op.getFloat("softcap", 0.0);
  operands.zeroesBlindRows = true;
  operands.scores = node.isUsed(scores) ? modes[mode] : Scores::none;
  AttentionResults built = buildAttention(node, sizes, operands);
  Value result = built.result;
  if (Dims shape = node.resultDims(); shape.size() == 4)
    result = node.transpose(node.reshape(result, {shape[0], shape[2], shape[1], shape[3]}), {0, 2, 1, 3});
  SmallVector<Value> results{result, built.presentKey, built.presentValue, built.scores};
  results.resize(op.getNumResults());
  return node.replace(results);
}

}  // namespace

void addStandardAttentionRules(LoweringRules &rules) { rules["ai.onnx::Attention"] = attention; }

}  // namespace switchyard::raise
