// Convolutions.
#include "compiler/analysis/ShapeRules.h"

#include "mlir/IR/BuiltinAttributes.h"

#include <limits>

using namespace mlir;

namespace switchyard {

namespace {

/// No dimension is longer, so that no sum or product of a few of these wraps.
constexpr int64_t most = std::numeric_limits<int32_t>::max();

/// An attribute of `count` integers; all are `otherwise` where the node has none. Failure where there are more or less.
FailureOr<SmallVector<int64_t>> getIntegers(NodeShapes &node, llvm::StringRef name, size_t count, int64_t otherwise) {
  auto stated = dyn_cast_or_null<DenseI64ArrayAttr>(node.node.getNodeAttr(name));
  SmallVector<int64_t> values(count, otherwise);
  if (stated)
    values.assign(stated.asArrayRef().begin(), stated.asArrayRef().end());
  if (values.size() != count || llvm::any_of(values, [&](int64_t value) { return value < otherwise || value > most; }))
    return node.invalid("attribute " + name + " must have " + llvm::Twine(count) + " numbers from " + llvm::Twine(otherwise) + " to " + llvm::Twine(most));
  return values;
}

LogicalResult conv(NodeShapes &node) {
  if (!node.hasInputs(2, 3))
    return failure();
  Dims input(node.input(0)->shape), weight(node.input(1)->shape);
  if (input.size() < 3 || weight.size() != input.size())
    return node.invalid("expected batch x channels x positions and a kernel of the same rank, but got " + node.describe(0) + " and " + node.describe(1));
  if (llvm::StringRef pad = node.node.getString("auto_pad", "NOTSET"); pad != "NOTSET" && pad != "VALID")
    return node.unsupported("auto_pad = " + pad + "; export the model with explicit pads");
  size_t spatial = input.size() - 2;
  FailureOr<SmallVector<int64_t>> strides = getIntegers(node, "strides", spatial, 1), dilations = getIntegers(node, "dilations", spatial, 1),
                                  pads = getIntegers(node, "pads", 2 * spatial, 0);
  int64_t groups = node.node.getInt("group", 1);
  if (failed(strides) || failed(dilations) || failed(pads))
    return failure();
  if (groups < 1 || groups > most)
    return node.invalid("group = " + llvm::Twine(groups) + " must be from 1 to " + llvm::Twine(most));
  if (failed(node.unify(input[1], weight[1] * groups)))
    return failure();
  Dims shape{input[0], weight[0]};
  for (size_t d = 0; d < spatial; ++d) {
    Expression reach = (weight[d + 2] - 1) * (*dilations)[d];
    Expression room = input[d + 2] + (*pads)[d] + (*pads)[spatial + d] - reach - 1;
    shape.push_back((*strides)[d] == 1 ? room + 1 : floorDiv(room, node.constant((*strides)[d])) + 1);
  }
  return node.result(0, node.input(0)->elementType, shape);
}

/// The state holds the positions in front of the next one that a tap of the kernel reaches.
LogicalResult causalConvWithState(NodeShapes &node) {
  if (!node.hasInputs(2, 4) || failed(likeFirst(node)))
    return failure();
  Dims input(node.input(0)->shape), weight(node.input(1)->shape);
  if (input.size() != 3 || weight.size() != 3)
    return node.unsupported("expected batch x channels x positions and channels x 1 x taps, but got " + node.describe(0) + " and " + node.describe(1));
  int64_t dilation = node.node.getInt("dilation", 1);
  if (dilation < 1 || dilation > most)
    return node.invalid("dilation = " + llvm::Twine(dilation) + " must be from 1 to " + llvm::Twine(most));
  if (failed(node.unify(input[1], weight[0])) || failed(node.unify(weight[1], node.constant(1))) || !node.broadcastsTo(2, weight[0]))
    return failure();
  Dims state{input[0], input[1], (weight[2] - 1) * dilation};
  if (const TensorFacts *past = node.input(3)) {
    if (past->shape.size() != 3)
      return node.invalid("the state must be batch x channels x positions, but is " + node.describe(3));
    for (auto [stated, needed] : llvm::zip_equal(Dims(past->shape), state))
      if (failed(node.unify(needed, stated)))
        return failure();
  } else if (node.node.getInput(3)) {
    return failure();
  }
  return node.result(1, node.input(0)->elementType, state);
}

}  // namespace

void addConvolutionShapes(ShapeRules &rules) {
  rules["ai.onnx::Conv"] = conv;
  for (llvm::StringRef name : {"ai.onnx::CausalConvWithState", "com.microsoft::CausalConvWithState"})
    rules[name] = causalConvWithState;
}

}  // namespace switchyard
