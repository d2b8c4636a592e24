// One-hot rows, as exporters write them: a comparison with 0 … n-1, or OneHot.
#include "compiler/raise/routers/Routers.h"

#include "mlir/IR/Matchers.h"

using namespace mlir;

namespace switchyard::raise {

namespace {

/// n, where `value` is the row 0 … n-1: a constant, or Range(0, n, 1).
std::optional<Expression> readCount(Match &match, Value value) {
  DenseIntElementsAttr elements;
  if (matchPattern(value, m_Constant(&elements))) {
    int64_t next = 0;
    for (const APInt &element : elements.getValues<APInt>())
      if (element.getSExtValue() != next++)
        return std::nullopt;
    ArrayRef<int64_t> shape = elements.getType().getShape();
    bool isRow = !shape.empty() && shape.back() == next;
    return isRow ? std::optional(match.shapes.getContext().constant(next)) : std::nullopt;
  }
  onnx::NodeOp range = getDefiner(value, "Range");
  if (!range || !isScalarConstant(range.getInputs()[0], 0) || !isScalarConstant(range.getInputs()[2], 1))
    return std::nullopt;
  std::optional<ArrayRef<Expression>> limit = match.shapes.getData(range.getInputs()[1]);
  return limit && limit->size() == 1 ? std::optional(limit->front()) : std::nullopt;
}

FailureOr<OneHot> matchOneHotNode(Match &match, onnx::NodeOp node) {
  match.take(node);
  auto type = dyn_cast<RankedTensorType>(node.getResult(0).getType());
  std::optional<ArrayRef<Expression>> depth = match.shapes.getData(node.getInputs()[1]);
  DenseElementsAttr values;
  bool zeroOne = matchPattern(node.getInputs()[2], m_Constant(&values)) && values.getNumElements() == 2;
  if (zeroOne && isa<FloatType>(values.getElementType()))
    zeroOne = values.getValues<APFloat>()[0].isZero() && values.getValues<APFloat>()[1].convertToDouble() == 1.0;
  else if (zeroOne)
    zeroOne = values.getValues<APInt>()[0].isZero() && values.getValues<APInt>()[1].isOne();
  if (!type || type.getRank() < 2 || Match::getAxis(node, type.getRank(), -1) != type.getRank() - 1 || !depth || depth->size() != 1 || !zeroOne)
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
  std::optional<Expression> counts[2] = {readCount(match, equal.getInputs()[0]), readCount(match, equal.getInputs()[1])};
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
