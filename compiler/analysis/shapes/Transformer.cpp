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
  if (!node.hasInputs(2, 3) || failed(likeFirst(node)))
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
  if (!node.hasInputs(3, 5) || failed(likeFirst(node)))
    return failure();
  TensorFacts facts = *node.input(0);
  for (unsigned index : {1, 3, 4})
    if (!node.broadcastsTo(index, facts.shape))
      return failure();
  return node.result(3, facts.elementType, facts.shape);
}

LogicalResult groupQueryAttention(NodeShapes &node) {
  const TensorFacts *query = node.input(0), *key = node.input(1), *past = node.input(3);
  std::optional<ArrayRef<Expression>> total = node.data(6);
  int64_t heads = node.node.getInt("num_heads", 0), kvHeads = node.node.getInt("kv_num_heads", 0);
  constexpr int64_t maxHeads = 1 << 20;
  bool counts = heads >= 1 && heads <= maxHeads && kvHeads >= 1 && kvHeads <= maxHeads;
  if (!query || query->shape.size() != 3 || !counts || !total || total->size() != 1)
    return failure();
  const TensorFacts *lengths = node.input(5), *sink = node.input(11);
  bool fits = lengths && countElements(node.context(), lengths->shape).isProvedEqual(query->shape[0]);
  if (!fits || (sink && !countElements(node.context(), sink->shape).isConstant(heads)))
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

LogicalResult rotaryEmbedding(NodeShapes &node) {
  bool caches = node.hasInputs(4, 4) && node.input(2)->shape.size() == 2 && node.input(3)->shape.size() == 2;
  return caches ? likeFirst(node) : failure();
}

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
