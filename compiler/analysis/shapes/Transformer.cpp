// Norms, rotary embeddings and the fused MoE layers.
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

}  // namespace

void addTransformerShapes(ShapeRules &rules) {
  rules["ai.onnx::LayerNormalization"] = layerNormalization;
  for (llvm::StringRef name :
       {"ai.onnx::RMSNormalization", "ai.onnx::SimplifiedLayerNormalization", "com.microsoft::SimplifiedLayerNormalization"})
    rules[name] = layerNormalization;
  for (llvm::StringRef name : {"com.microsoft::SkipLayerNormalization", "com.microsoft::SkipSimplifiedLayerNormalization"})
    rules[name] = skipNormalization;
  rules["com.microsoft::RotaryEmbedding"] = rotaryEmbedding;
  rules["ai.onnx::RotaryEmbedding"] = standardRotaryEmbedding;
  for (llvm::StringRef name : {"com.microsoft::MoE", "com.microsoft::QMoE"})
    rules[name] = likeFirst;
}

}  // namespace switchyard
