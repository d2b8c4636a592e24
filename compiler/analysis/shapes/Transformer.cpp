// Norms, attention and the fused MoE layers.
#include "compiler/analysis/ShapeRules.h"

#include "mlir/IR/BuiltinAttributes.h"

using namespace mlir;

namespace switchyard {

namespace {

LogicalResult likeFirst(NodeShapes &node) {
  const TensorFacts *facts = node.input(0);
  return facts ? node.result(0, facts->elementType, facts->shape) : failure();
}

/// LayerNormalization also gives mean and inverse deviation, of the shape up to `axis` and ones.
LogicalResult layerNormalization(NodeShapes &node) {
  if (failed(likeFirst(node)))
    return failure();
  const TensorFacts *facts = node.input(0);
  FailureOr<int64_t> axis = NodeShapes::normalizeAxis(node.node.getInt("axis", -1), facts->shape.size());
  if (failed(axis))
    return failure();
  Type elementType = facts->elementType;
  Dims shape(facts->shape);
  for (Expression &dim : MutableArrayRef<Expression>(shape).drop_front(*axis))
    dim = node.constant(1);
  if (failed(node.result(1, elementType, shape)))
    return failure();
  return node.result(2, elementType, shape);
}

/// Skip(Simplified)LayerNormalization: result 3 is the sum that was normalised.
LogicalResult skipNormalization(NodeShapes &node) {
  if (failed(likeFirst(node)))
    return failure();
  TensorFacts facts = *node.input(0);
  return node.result(3, facts.elementType, facts.shape);
}

LogicalResult groupQueryAttention(NodeShapes &node) {
  const TensorFacts *query = node.input(0), *key = node.input(1), *past = node.input(3);
  std::optional<ArrayRef<Expression>> total = node.data(6);
  int64_t heads = node.node.getInt("num_heads", 0), kvHeads = node.node.getInt("kv_num_heads", 0);
  if (!query || query->shape.size() != 3 || heads < 1 || kvHeads < 1 || !total || total->size() != 1)
    return failure();
  std::optional<int64_t> columns = query->shape[2].getConstant();
  int64_t parts = key ? heads : heads + 2 * kvHeads;
  if (!columns || *columns % parts != 0)
    return failure();
  int64_t headSize = *columns / parts;
  Dims result(query->shape);
  result[2] = node.constant(heads * headSize);
  Expression length = total->front();
  if (past) {
    if (past->shape.size() != 4)
      return failure();
    node.shapes.addEquality(past->shape[0], result[0]);
    node.shapes.addEquality(past->shape[1], node.constant(kvHeads));
    node.shapes.addEquality(past->shape[3], node.constant(headSize));
    length = max(past->shape[2], length);
  }
  Type elementType = query->elementType;
  Dims present{result[0], node.constant(kvHeads), length, node.constant(headSize)};
  if (failed(node.result(0, elementType, result)) || failed(node.result(1, elementType, present)))
    return failure();
  return node.result(2, elementType, present);
}

LogicalResult rotaryEmbedding(NodeShapes &node) { return likeFirst(node); }

}  // namespace

void addTransformerShapes(ShapeRules &rules) {
  rules["ai.onnx::LayerNormalization"] = layerNormalization;
  for (llvm::StringRef name : {"ai.onnx::RMSNormalization", "ai.onnx::SimplifiedLayerNormalization", "com.microsoft::SimplifiedLayerNormalization"})
    rules[name] = layerNormalization;
  for (llvm::StringRef name : {"com.microsoft::SkipLayerNormalization", "com.microsoft::SkipSimplifiedLayerNormalization"})
    rules[name] = skipNormalization;
  rules["com.microsoft::GroupQueryAttention"] = groupQueryAttention;
  rules["com.microsoft::RotaryEmbedding"] = rotaryEmbedding;
  for (llvm::StringRef name : {"com.microsoft::MoE", "com.microsoft::QMoE"})
    rules[name] = likeFirst;
}

}  // namespace switchyard
