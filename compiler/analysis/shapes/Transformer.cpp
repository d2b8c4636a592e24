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

/// Angles by position, which then are an operand, or by token.
LogicalResult standardRotaryEmbedding(NodeShapes &node) {
  if (!node.hasInputs(3, 4))
    return failure();
  size_t rank = node.input(0)->shape.size(), angles = node.node.getInput(3) ? 2 : 3;
  if (rank != 3 && rank != 4)
    return node.invalid("the input must be batch x sequence x columns or batch x heads x sequence x head size, but is " + node.describe(0));
  for (unsigned index : {1u, 2u})
    if (node.input(index)->shape.size() != angles)
      return node.invalid("a cache of angles must have rank " + llvm::Twine(angles) + (angles == 2 ? " with" : " without") + " positions, but is " +
                          node.describe(index));
  if (angles == 3) {
    node.shapes.addEquality(node.input(1)->shape[0], node.input(0)->shape[0]);
    node.shapes.addEquality(node.input(1)->shape[1], node.input(0)->shape[rank == 4 ? 2 : 1]);
  }
  return likeFirst(node);
}

/// An operand of the standard Attention as batch, heads, tokens and head size; it is written so, or as batch x tokens x columns.
FailureOr<Dims> getHeads(NodeShapes &node, unsigned index, llvm::StringRef heads) {
  const TensorFacts *facts = node.require(index);
  if (!facts)
    return failure();
  if (facts->shape.size() == 4)
    return facts->shape;
  int64_t count = node.node.getInt(heads, 0);
  std::optional<int64_t> columns = facts->shape.size() == 3 ? facts->shape[2].getConstant() : std::nullopt;
  if (facts->shape.size() != 3 || !columns)
    return node.unsupported("an operand must be batch x heads x tokens x head size, or batch x tokens x a number of columns, but is " +
                            node.describe(index));
  if (count < 1 || *columns % count != 0)
    return node.invalid("the columns of " + node.describe(index) + " are no multiple of " + heads + " = " + llvm::Twine(count));
  return Dims{facts->shape[0], node.constant(count), facts->shape[1], node.constant(*columns / count)};
}

LogicalResult standardAttention(NodeShapes &node) {
  FailureOr<Dims> query = getHeads(node, 0, "q_num_heads"), key = getHeads(node, 1, "kv_num_heads"), value = getHeads(node, 2, "kv_num_heads");
  if (failed(query) || failed(key) || failed(value))
    return failure();
  Type elementType = node.input(0)->elementType;
  Dims result(*query);
  result[3] = (*value)[3];
  if (node.input(0)->shape.size() == 3)
    result = {result[0], result[2], result[1] * result[3]};
  Expression total = (*key)[2];
  if (const TensorFacts *past = node.input(4)) {
    if (past->shape.size() != 4)
      return node.invalid("the past must be batch x heads x keys x head size, but is " + node.describe(4));
    for (size_t d : {0, 1, 3})
      node.shapes.addEquality(past->shape[d], (*key)[d]);
    total = total + past->shape[2];
  } else if (node.node.getInput(4)) {
    return failure();
  }
  Dims presentKey(*key), presentValue(*value);
  presentKey[2] = presentValue[2] = total;
  Dims scores{(*query)[0], (*query)[1], (*query)[2], total};
  if (failed(node.result(0, elementType, result)) || failed(node.result(1, elementType, presentKey)) ||
      failed(node.result(2, elementType, presentValue)))
    return failure();
  return node.result(3, elementType, scores);
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
  rules["ai.onnx::RotaryEmbedding"] = standardRotaryEmbedding;
  rules["ai.onnx::Attention"] = standardAttention;
  for (llvm::StringRef name : {"com.microsoft::MoE", "com.microsoft::QMoE"})
    rules[name] = likeFirst;
}

}  // namespace switchyard
