// Linear attention, and what hybrid models have around it: the gates in front of it and the gated norm behind it.
#include "compiler/raise/Refusals.h"
#include "compiler/raise/lower/KernelRules.h"
#include "dialects/nn/NnDialect.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

#include <cmath>

using namespace mlir;

namespace switchyard::raise {

namespace {

LogicalResult linearAttention(NodeLowering &node) {
  enum Operand : unsigned { query, key, value, past, decay, beta };
  if (failed(node.expectAttributes({"q_num_heads", "kv_num_heads", "chunk_size", "scale", "update_rule", "state_window"})))
    return failure();
  if (node.node.getInt("state_window", 0) != 0)
    return node.unsupported("a window of states is not supported; expects state_window = 0");
  llvm::StringRef rule = node.node.getString("update_rule", "gated_delta");
  if (!llvm::is_contained({"linear", "gated", "delta", "gated_delta"}, rule))
    return node.unsupported("its update_rule is '" + rule + "', none of linear, gated, delta and gated_delta");
  bool decays = rule.starts_with("gated"), corrects = rule.ends_with("delta");
  if ((decays && !node.input(decay)) || (corrects && !node.input(beta)))
    return node.unsupported("update_rule = '" + rule + "' expects " + (decays && !node.input(decay) ? "a decay" : "an update rate"));
  Type type = TensorBuilder::elementType(node.input(query));
  if (!type.isF32())
    return node.unsupported(describeOtherType(type));
  int64_t heads = node.node.getInt("q_num_heads", 0), states = node.node.getInt("kv_num_heads", 0);
  Dims shape = node.dims(node.input(query)), keys = node.dims(node.input(key)), values = node.dims(node.input(value));
  int64_t size = *shape[2].getConstant() / heads, valueSize = *values[2].getConstant() / states;
  double scale = node.node.getFloat("scale", 0.0);
  KernelResult results[] = {{{shape[0], shape[1], node.constant(std::max(heads, states) * valueSize)}, type},
                            {{shape[0], node.constant(states), node.constant(size), node.constant(valueSize)}, type}};
  return node.replace(node.callKernelWith("linear_attention_f32",
                                          {node.input(query), node.input(key), node.input(value), node.input(past), decays ? node.input(decay) : Value(),
                                           corrects ? node.input(beta) : Value()},
                                          results, {{"heads", heads}, {"states", states}},
                                          {{"scale", scale == 0.0 ? 1.0 / std::sqrt(static_cast<double>(size)) : scale}}));
}

}  // namespace

void addLinearAttentionRules(LoweringRules &rules) {
  for (llvm::StringRef name : {"ai.onnx::LinearAttention", "com.microsoft::LinearAttention"})
    rules[name] = linearAttention;
}

}  // namespace switchyard::raise
