// One-hot rows, as exporters write them: a comparison with 0 … n-1, or OneHot.
#include "compiler/raise/routers/Routers.h"

using namespace mlir;

namespace switchyard::raise {

namespace {

FailureOr<OneHot> matchOneHotNode(Match &match, onnx::NodeOp node) {
  match.take(node);
  auto type = dyn_cast<RankedTensorType>(node.getResult(0).getType());
  std::optional<ArrayRef<Expression>> depth = match.shapes.getData(node.getInputs()[1]);
  if (!type || type.getRank() < 2 || Match::getAxis(node, type.getRank(), -1) != type.getRank() - 1 || !depth || depth->size() != 1 ||
      !isZeroAndOne(node.getInputs()[2]))
    return match.fail(node, "expected one row of 0 and 1 a token, of a size that is known");
  return OneHot{node, match.takeReshapes(node.getInputs()[0]), depth->front()};
}

}  // namespace

FailureOr<OneHot> matchOneHot(Match &match, Value value, Operation *reader, const llvm::Twine &role) {
  while (onnx::NodeOp cast = getDefiner(value, "Cast")) {
    match.take(cast);
    value = cast.getInputs()[0];
  }
  if (onnx::NodeOp node = getDefiner(value, "OneHot"))
    return matchOneHotNode(match, node);
  onnx::NodeOp equal = match.takeDefiner(value, reader, "Equal", role);
  if (!equal)
    return failure();
  std::optional<Expression> counts[2] = {match.readCount(equal.getInputs()[0]), match.readCount(equal.getInputs()[1])};
  if (!counts[0] && !counts[1])
    return match.fail(equal, "expected a comparison with the numbers from 0 on as " + role);
  unsigned index = counts[1] ? 1 : 0;
  Value column = equal.getInputs()[1 - index];
  auto type = dyn_cast<RankedTensorType>(column.getType());
  if (!type || type.getRank() < 2 || type.getShape().back() != 1)
    return match.fail(equal, "the numbers of the tokens are not a column");
  return OneHot{equal, match.takeReshapes(column), *counts[index]};
}

}  // namespace switchyard::raise
