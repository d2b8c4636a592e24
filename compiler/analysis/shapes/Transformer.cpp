// Norms, attention and the fused MoE layers.
#include "compiler/analysis/ShapeRules.h"

#include "mlir/IR/BuiltinAttributes.h"

using namespace mlir;

namespace switchyard {

namespace {

/// LayerNormalization also gives mean and inverse deviation, of the shape up to `axis` and ones.
LogicalResult layerNormalization(NodeShapes &node) {
  if (!node.hasInputs(2, 3) || failed(likeFirst(node)))
    return failure();
  const TensorFacts *facts = node.require(0);
  FailureOr<int64_t> axis = node.axis(-1, facts->shape.size());
  if (failed(axis) || !node.broadcastsTo(1, facts->shape) || !node.broadcastsTo(2, facts->shape))
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

/// The head size of GroupQueryAttention, from its attributes and operands.
FailureOr<int64_t> getHeadSize(NodeShapes &node, int64_t heads, int64_t kvHeads) {
  constexpr int64_t maxHeads = 1 << 20;
  const TensorFacts *query = node.require(0), *lengths = node.require(5), *sink = node.input(11);
  if (!query || !lengths)
    return failure();
  if (heads < 1 || heads > maxHeads || kvHeads < 1 || kvHeads > maxHeads)
    return node.invalid("num_heads = " + llvm::Twine(heads) + " and kv_num_heads = " + llvm::Twine(kvHeads) + " must be from 1 to " +
                        llvm::Twine(maxHeads));
  if (query->shape.size() != 3)
    return node.unsupported("the query must be batch x sequence x columns, but is " + node.describe(0));
  if (!countElements(node.context(), lengths->shape).isProvedEqual(query->shape[0]))
    return node.unsupported("one length a sequence must be given: " + node.describe(5) + " for " + node.describe(0));
  if (sink && !countElements(node.context(), sink->shape).isConstant(heads))
    return node.invalid("one sink for each of " + llvm::Twine(heads) + " heads must be given, but got " + node.describe(11));
  std::optional<int64_t> columns = query->shape[2].getConstant();
  int64_t parts = node.node.getInput(1) ? heads : heads + 2 * kvHeads;
  if (!columns)
    return node.unsupported("the columns of the query are not a number: " + node.describe(0));
  if (*columns % parts != 0)
    return node.invalid("the columns of " + node.describe(0) + " are not a multiple of " + llvm::Twine(parts) + " heads");
  return *columns / parts;
}

LogicalResult groupQueryAttention(NodeShapes &node) {
  const TensorFacts *query = node.require(0), *past = node.input(3);
  int64_t heads = node.node.getInt("num_heads", 0), kvHeads = node.node.getInt("kv_num_heads", 0);
  FailureOr<int64_t> headSize = getHeadSize(node, heads, kvHeads);
  std::optional<ArrayRef<Expression>> total = node.requireData(6, "the total length");
  if (failed(headSize) || !total)
    return failure();
  if (total->size() != 1)
    return node.invalid("the total length must be one number, but is " + node.describe(6));
  Dims result(query->shape);
  result[2] = node.constant(heads * *headSize);
  Expression length = total->front();
  if (past) {
    if (past->shape.size() != 4)
      return node.invalid("the past must be batch x heads x keys x head size, but is " + node.describe(3));
    node.shapes.addEquality(past->shape[0], result[0]);
    node.shapes.addEquality(past->shape[1], node.constant(kvHeads));
    node.shapes.addEquality(past->shape[3], node.constant(*headSize));
    length = max(past->shape[2], length);
  }
  Type elementType = query->elementType;
  Dims present{result[0], node.constant(kvHeads), length, node.constant(*headSize)};
  if (failed(node.result(0, elementType, result)) || failed(node.result(1, elementType, present)))
    return failure();
  return node.result(2, elementType, present);
}

LogicalResult rotaryEmbedding(NodeShapes &node) {
  if (!node.hasInputs(4, 4))
    return failure();
  for (unsigned index : {2u, 3u})
    if (node.input(index)->shape.size() != 2)
      return node.invalid("a cache of angles must be a matrix, but is " + node.describe(index));
  return likeFirst(node);
}

}  // namespace

void addTransformerShapes(ShapeRules &rules) {
  rules["ai.onnx::LayerNormalization"] = layerNormalization;
  for (llvm::StringRef name :
       {"ai.onnx::RMSNormalization", "ai.onnx::SimplifiedLayerNormalization", "com.microsoft::SimplifiedLayerNormalization"})
    rules[name] = layerNormalization;
  for (llvm::StringRef name : {"com.microsoft::SkipLayerNormalization", "com.microsoft::SkipSimplifiedLayerNormalization"})
    rules[name] = skipNormalization;
  rules["com.microsoft::GroupQueryAttention"] = groupQueryAttention;
  rules["com.microsoft::RotaryEmbedding"] = rotaryEmbedding;
  for (llvm::StringRef name : {"com.microsoft::MoE", "com.microsoft::QMoE"})
    rules[name] = likeFirst;
}

}  // namespace switchyard
