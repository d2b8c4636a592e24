// Recurrent layers.
#include "compiler/analysis/ShapeRules.h"

using namespace mlir;

namespace switchyard {

namespace {

/// x [steps, batch, inputs], weight [directions, gates * units, inputs], recurrence [directions, gates * units, units]; with layout 1 the batch
/// comes first.
template <int64_t gates> LogicalResult recurrent(NodeShapes &node) {
  const TensorFacts *facts = node.require(0), *weights = node.require(1), *recurrences = node.require(2);
  if (!facts || !weights || !recurrences)
    return failure();
  if (facts->shape.size() != 3 || weights->shape.size() != 3 || recurrences->shape.size() != 3)
    return node.invalid("expected a sequence, its weights and those of the state, of rank 3, but got " + node.describe(0) + ", " + node.describe(1) +
                        " and " + node.describe(2));
  Type type = facts->elementType;
  Dims x(facts->shape), weight(weights->shape), recurrence(recurrences->shape);
  llvm::StringRef direction = node.node.getString("direction", "forward");
  if (direction != "forward" && direction != "reverse" && direction != "bidirectional")
    return node.invalid("its direction is '" + direction + "', none of forward, reverse and bidirectional");
  Expression directions = node.constant(direction == "bidirectional" ? 2 : 1), units = recurrence[2];
  std::pair<Expression, Expression> equal[] = {{weight[0], directions}, {recurrence[0], directions}, {weight[2], x[2]},
                                               {weight[1], units * gates}, {recurrence[1], units * gates}};
  for (auto [a, b] : equal)
    if (failed(node.unify(a, b)))
      return failure();
  bool batchFirst = node.node.getInt("layout", 0) != 0;
  Expression steps = x[batchFirst ? 1 : 0], batch = x[batchFirst ? 0 : 1];
  Dims y = batchFirst ? Dims{batch, steps, directions, units} : Dims{steps, directions, batch, units};
  Dims state = batchFirst ? Dims{batch, directions, units} : Dims{directions, batch, units};
  return success(succeeded(node.result(0, type, y)) && succeeded(node.result(1, type, state)) && succeeded(node.result(2, type, state)));
}

}  // namespace

void addRecurrentShapes(ShapeRules &rules) {
  rules["ai.onnx::RNN"] = recurrent<1>;
  rules["ai.onnx::GRU"] = recurrent<3>;
  rules["ai.onnx::LSTM"] = recurrent<4>;
}

}  // namespace switchyard
