// Operators on the channels of [batch, channels, spatial...]: the losses of their classes, channels as blocks of space.
#include "compiler/analysis/ShapeRules.h"

using namespace mlir;

namespace switchyard {

namespace {

/// x has a batch and channels.
const TensorFacts *requireChannels(NodeShapes &node) {
  const TensorFacts *facts = node.require(0);
  if (facts && facts->shape.size() < 2) {
    (void)node.invalid("expected a batch and channels, but got " + node.describe(0));
    return nullptr;
  }
  return facts;
}

LogicalResult withChannels(NodeShapes &node) { return requireChannels(node) ? likeFirst(node) : failure(); }

/// Log-probabilities [N, C, ...] and classes [N, ...]; the losses of all, or one number.
LogicalResult loss(NodeShapes &node) {
  const TensorFacts *facts = requireChannels(node), *target = node.require(1);
  if (!facts || !target)
    return failure();
  if (target->shape.size() + 1 != facts->shape.size())
    return node.invalid("expected a class for each place, but got " + node.describe(0) + " and " + node.describe(1));
  TensorFacts x = *facts;
  Dims shape;
  for (auto [d, dim] : llvm::enumerate(Dims(target->shape))) {
    FailureOr<Expression> joined = node.unify(dim, x.shape[d == 0 ? 0 : d + 1]);
    if (failed(joined))
      return failure();
    shape.push_back(*joined);
  }
  const TensorFacts *weights = node.input(2);
  if (node.node.getInput(2) && !weights)
    return failure();
  if (weights && weights->shape.size() != 1)
    return node.invalid("the weights of classes must be a vector, but are " + node.describe(2));
  if (weights && failed(node.unify(weights->shape[0], x.shape[1])))
    return failure();
  if (node.node.getString("reduction", "mean") != "none")
    shape.clear();
  return failed(node.result(0, x.elementType, shape)) ? failure() : node.result(1, x.elementType, x.shape);
}

/// [N, C, H, W] and the side of a block.
FailureOr<Expression> readBlock(NodeShapes &node) {
  const TensorFacts *facts = node.require(0);
  if (!facts)
    return failure();
  int64_t side = node.node.getInt("blocksize", 0);
  if (facts->shape.size() != 4 || side < 1 || side > (int64_t{1} << 15))
    return node.invalid("expected an image of rank 4 and a blocksize of at least 1, but got " + node.describe(0) + " and " + llvm::Twine(side));
  return node.constant(side);
}

LogicalResult refuseBlock(NodeShapes &node) { return node.unsupported("it is not proved that its blocks divide " + node.describe(0)); }

LogicalResult depthToSpace(NodeShapes &node) {
  FailureOr<Expression> side = readBlock(node);
  if (failed(side))
    return failure();
  Dims shape(node.input(0)->shape);
  Expression channels = divideExactly(shape[1], *side * *side);
  return channels ? node.result(0, node.input(0)->elementType, {shape[0], channels, shape[2] * *side, shape[3] * *side}) : refuseBlock(node);
}

LogicalResult spaceToDepth(NodeShapes &node) {
  FailureOr<Expression> side = readBlock(node);
  if (failed(side))
    return failure();
  Dims shape(node.input(0)->shape);
  Expression height = divideExactly(shape[2], *side), width = divideExactly(shape[3], *side);
  if (!height || !width)
    return refuseBlock(node);
  return node.result(0, node.input(0)->elementType, {shape[0], shape[1] * (*side * *side), height, width});
}

}  // namespace

void addChannelShapes(ShapeRules &rules) {
  rules["ai.onnx::LRN"] = withChannels;
  rules["ai.onnx::NegativeLogLikelihoodLoss"] = loss;
  rules["ai.onnx::SoftmaxCrossEntropyLoss"] = loss;
  rules["ai.onnx::DepthToSpace"] = depthToSpace;
  rules["ai.onnx::SpaceToDepth"] = spaceToDepth;
}

}  // namespace switchyard
