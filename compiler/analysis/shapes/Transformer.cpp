// Norms, rotary embeddings and the fused MoE layers.
#include "compiler/analysis/ShapeRules.h"

#include "mlir/IR/BuiltinAttributes.h"

using namespace mlir;

namespace switchyard {

namespace {

/// LayerNormalization also gives mean and inverse deviation, of the shape up to `axis` and ones, in the type that it computes them in. The
/// norms without a mean give the type of their scale.
LogicalResult layerNormalization(NodeShapes &node) {
  if (!node.hasInputs(2, 3))
    return failure();
  Dims shape(node.input(0)->shape);  // a copy: a result moves the table of facts
  Type resultType = node.input(node.node.getType() == "LayerNormalization" ? 0 : 1)->elementType;
  if (failed(node.result(0, resultType, shape)))
    return failure();
  FailureOr<int64_t> axis = node.axis(-1, shape.size());
  if (failed(axis) || !node.broadcastsTo(1, shape) || !node.broadcastsTo(2, shape))
    return failure();
  int64_t code = node.node.getInt("stash_type", 1);
  Type elementType = getElementType(node.node.getContext(), code);
  if (!isa_and_nonnull<FloatType>(elementType))
    return node.invalid("stash_type must be a type of floats, but is " + llvm::Twine(code));
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

/// Ids of words, of segments perhaps, then the tables, scale and bias; a mask and positions perhaps.
LogicalResult embedLayerNormalization(NodeShapes &node) {
  enum Operand : unsigned { words, segments, wordTable, positionTable, segmentTable, scale, bias, mask, positions };
  const TensorFacts *tokens = node.require(words);
  if (!tokens)
    return failure();
  Dims ids(tokens->shape), shape(ids);
  if (shape.size() != 2)
    return node.invalid("the ids must be batch x sequence, but are " + node.describe(words));
  if (!node.node.getInput(segments) != !node.node.getInput(segmentTable))
    return node.invalid("segments and their table must be given together, or neither");
  for (unsigned index : {wordTable, positionTable, segmentTable, scale, bias}) {
    if (index == segmentTable && !node.node.getInput(index))
      continue;
    const TensorFacts *facts = node.require(index);
    if (!facts)
      return failure();
    if (facts->shape.size() != (index < scale ? 2 : 1))
      return node.invalid("expected tables of rank 2, a scale and a bias of rank 1, but got " + node.describe(index));
    if (index == wordTable)
      shape.push_back(facts->shape[1]);
    else if (failed(node.unify(shape[2], facts->shape.back())))
      return failure();
  }
  if (!node.broadcastsTo(segments, ids) || !node.broadcastsTo(mask, ids) || !node.broadcastsTo(positions, ids))
    return failure();
  for (unsigned index : {segments, mask})
    if (node.input(index) && !llvm::equal(node.input(index)->shape, ids))
      return node.invalid("segments and a mask must be batch x sequence, but are " + node.describe(index));
  Type type = node.input(wordTable)->elementType;
  Dims batch{shape[0]};
  return success(succeeded(node.result(0, type, shape)) && succeeded(node.result(1, IntegerType::get(node.node.getContext(), 32), batch)) &&
                 succeeded(node.result(2, type, shape)));
}

/// Channels are dimension 1, of each of which operands 1 to `last` have one number.
LogicalResult channelNormalization(NodeShapes &node, unsigned last) {
  if (!node.hasInputs(last + 1, last + 1))
    return failure();
  Dims shape(node.input(0)->shape);
  if (shape.size() < 2)
    return node.invalid("the input must have channels, but is " + node.describe(0));
  for (unsigned index = 1; index <= last; ++index) {
    const TensorFacts *vector = node.input(index);
    if (vector->shape.size() != 1)
      return node.invalid("one number for each channel must be given, but got " + node.describe(index));
    if (failed(node.unify(vector->shape[0], shape[1])))
      return failure();
  }
  return likeFirst(node);
}

LogicalResult instanceNormalization(NodeShapes &node) { return channelNormalization(node, 2); }

LogicalResult batchNormalization(NodeShapes &node) {
  if (failed(channelNormalization(node, 4)))
    return failure();
  for (unsigned index : {1, 2})
    if (failed(node.result(index, node.input(3)->elementType, node.input(3)->shape)))
      return failure();
  return success();
}

LogicalResult groupNormalization(NodeShapes &node) {
  const TensorFacts *facts = node.require(0);
  if (!facts)
    return failure();
  std::optional<int64_t> channels = facts->shape.size() >= 2 ? facts->shape[1].getConstant() : std::nullopt;
  int64_t groups = node.node.getInt("num_groups", 0);
  if (!channels)
    return node.unsupported("the channels must be a number, but the input is " + node.describe(0));
  if (groups < 1 || *channels % groups != 0)
    return node.invalid("the channels of " + node.describe(0) + " are no multiple of num_groups = " + llvm::Twine(groups));
  return node.node.getVersion() < 21 ? likeFirst(node) : channelNormalization(node, 2);
}

LogicalResult meanVarianceNormalization(NodeShapes &node) { return failed(getNormalizedAxes(node)) ? failure() : likeFirst(node); }

LogicalResult lpNormalization(NodeShapes &node) {
  const TensorFacts *facts = node.require(0);
  return !facts || failed(node.axis(-1, facts->shape.size())) ? failure() : likeFirst(node);
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

/// Three positions a token.
LogicalResult multimodalRotaryEmbedding(NodeShapes &node) {
  if (!node.hasInputs(4, 4))
    return failure();
  Dims x(node.input(0)->shape), positions(node.input(1)->shape);
  if (x.size() != 3 && x.size() != 4)
    return node.invalid("the input must be batch x sequence x columns or batch x heads x sequence x head size, but is " + node.describe(0));
  if (positions.size() != 3 || !positions[0].isConstant(3))
    return node.invalid("the positions must be 3 x batch x sequence, but are " + node.describe(1));
  for (unsigned index : {2u, 3u})
    if (node.input(index)->shape.size() != 2)
      return node.invalid("a cache of angles must be a matrix, but is " + node.describe(index));
  if (failed(node.unify(positions[1], x[0])) || failed(node.unify(positions[2], x[x.size() - 2])))
    return failure();
  return likeFirst(node);
}

}  // namespace

FailureOr<SmallVector<int64_t>> getNormalizedAxes(NodeShapes &node) {
  const TensorFacts *facts = node.require(0);
  if (!facts)
    return failure();
  SmallVector<int64_t> axes{0, 2, 3};
  if (auto stated = dyn_cast_or_null<DenseI64ArrayAttr>(node.node.getNodeAttr("axes")))
    axes.assign(stated.asArrayRef().begin(), stated.asArrayRef().end());
  for (int64_t &axis : axes) {
    FailureOr<int64_t> position = node.checkAxis(axis, facts->shape.size());
    if (failed(position))
      return failure();
    axis = *position;
  }
  llvm::sort(axes);
  axes.erase(llvm::unique(axes), axes.end());
  return axes;
}

void addTransformerShapes(ShapeRules &rules) {
  rules["ai.onnx::InstanceNormalization"] = instanceNormalization;
  rules["ai.onnx::GroupNormalization"] = groupNormalization;
  rules["ai.onnx::BatchNormalization"] = batchNormalization;
  rules["ai.onnx::MeanVarianceNormalization"] = meanVarianceNormalization;
  rules["ai.onnx::LpNormalization"] = lpNormalization;
  rules["ai.onnx::LayerNormalization"] = layerNormalization;
  for (llvm::StringRef name :
       {"ai.onnx::RMSNormalization", "ai.onnx::SimplifiedLayerNormalization", "com.microsoft::SimplifiedLayerNormalization"})
    rules[name] = layerNormalization;
  for (llvm::StringRef name : {"com.microsoft::SkipLayerNormalization", "com.microsoft::SkipSimplifiedLayerNormalization"})
    rules[name] = skipNormalization;
  rules["com.microsoft::EmbedLayerNormalization"] = embedLayerNormalization;
  rules["com.microsoft::RotaryEmbedding"] = rotaryEmbedding;
  rules["com.microsoft::MRotaryEmbedding"] = multimodalRotaryEmbedding;
  rules["ai.onnx::RotaryEmbedding"] = standardRotaryEmbedding;
  for (llvm::StringRef name : {"com.microsoft::MoE", "com.microsoft::QMoE"})
    rules[name] = likeFirst;
}

}  // namespace switchyard
