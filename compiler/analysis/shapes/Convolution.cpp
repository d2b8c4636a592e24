// Convolutions with the state of a decoder.
#include "compiler/analysis/ShapeRules.h"

#include "mlir/IR/BuiltinAttributes.h"

#include <limits>

using namespace mlir;

namespace switchyard {

namespace {

/// No dimension is longer, so that no sum or product of a few of these wraps.
constexpr int64_t most = std::numeric_limits<int32_t>::max();

/// The state holds the positions in front of the next one that a tap of the kernel reaches. With the channels last they may be several dimensions.
LogicalResult causalConvWithState(NodeShapes &node) {
  if (!node.hasInputs(2, 4) || failed(likeFirst(node)))
    return failure();
  Dims input(node.input(0)->shape), weight(node.input(1)->shape);
  bool last = node.node.getInt("channels_last", 0) != 0;
  if ((last ? input.size() < 3 : input.size() != 3) || weight.size() != 3)
    return node.unsupported("expected batch x channels x positions and channels x 1 x taps, but got " + node.describe(0) + " and " + node.describe(1));
  int64_t dilation = node.node.getInt("dilation", 1);
  if (dilation < 1 || dilation > most)
    return node.invalid("dilation = " + llvm::Twine(dilation) + " must be from 1 to " + llvm::Twine(most));
  Expression channels = last ? countElements(node.context(), ArrayRef<Expression>(input).drop_front(2)) : input[1];
  if (failed(node.unify(channels, weight[0])) || failed(node.unify(weight[1], node.constant(1))) || !node.broadcastsTo(2, weight[0]))
    return failure();
  Dims state(input);
  state[last ? 1 : 2] = (weight[2] - 1) * dilation;
  if (const TensorFacts *past = node.input(3)) {
    if (past->shape.size() != state.size())
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
  for (llvm::StringRef name : {"ai.onnx::CausalConvWithState", "com.microsoft::CausalConvWithState"})
    rules[name] = causalConvWithState;
}

}  // namespace switchyard
