// Weights of the selected experts spread over all experts of a token.
#include "compiler/raise/routers/Routers.h"

#include "mlir/IR/TypeUtilities.h"

using namespace mlir;

namespace switchyard::raise {

namespace {

/// ScatterElements(0, ids, weights) along the last axis.
FailureOr<Routes> matchScatter(Match &match, onnx::NodeOp scatter) {
  match.take(scatter);
  std::string reduction = scatter.getString("reduction", "none").str();
  if (getFilledNumber(scatter.getInputs()[0]) != 0.0 || (reduction != "none" && reduction != "add"))
    return match.fail(scatter, "it does not scatter the weights into zeros");
  return matchSpread(match, scatter, "weights");
}

/// ScatterND(0, (token, id), weights) of a matrix: what an assignment to its elements is written as.
FailureOr<Routes> matchAssignment(Match &match, onnx::NodeOp scatter) {
  match.take(scatter);
  if (getFilledNumber(scatter.getInputs()[0]) != 0.0 || scatter.getString("reduction", "none") != "none")
    return match.fail(scatter, "it does not scatter the weights into zeros");
  onnx::NodeOp tuples = match.takeOperand(scatter, 1, "Concat", "the tuples of token and expert");
  if (!tuples)
    return failure();
  FailureOr<ArrayRef<Expression>> matrix = match.getShape(scatter.getInputs()[0], scatter), routes = match.getShape(scatter.getInputs()[2], scatter),
                                  indices = match.getShape(tuples.getResult(0), scatter);
  if (failed(matrix) || failed(routes) || failed(indices))
    return failure();
  int64_t rank = indices->size();
  bool fits = matrix->size() == 2 && (rank == 2 || rank == 3) && indices->drop_back() == *routes && routes->front() == matrix->front() &&
              tuples.getInputs().size() == 2 && Match::getAxis(tuples, rank, 0) == rank - 1;
  size_t before = match.countTaken();
  if (!fits || failed(match.takeRowNumbers(tuples.getInputs()[0], routes->front(), tuples))) {
    (void)match.giveBack(before);
    return match.fail(scatter, "it does not assign the weights of a token to its experts");
  }
  Value ids = match.takeIdentities(match.takeReshapes(tuples.getInputs()[1]));
  FailureOr<ArrayRef<Expression>> chosen = match.getShape(ids, tuples);
  if (failed(chosen))
    return failure();
  bool isColumn = routes->size() == 1 && chosen->size() == 2 && chosen->front() == routes->front() && chosen->back().isConstant(1);
  if (*chosen != *routes && !isColumn)
    return match.fail(tuples, "its ids have another shape than its weights");
  return Routes{ids, match.takeIdentities(scatter.getInputs()[2])};
}

/// The ids [..., k] of a one-hot [..., k, E]: OneHot of 0 and 1, or Equal with the numbers of the experts.
FailureOr<Value> matchMask(Match &match, Value mask, onnx::NodeOp reader) {
  FailureOr<ArrayRef<Expression>> shape = match.getShape(mask, reader);
  if (failed(shape))
    return failure();
  std::optional<int64_t> experts = shape->empty() ? std::nullopt : shape->back().getConstant();
  while (getDefiner(mask, "Cast") || getDefiner(mask, "CastLike")) {
    match.take(mask.getDefiningOp());
    mask = cast<onnx::NodeOp>(mask.getDefiningOp()).getInputs()[0];
  }
  Value ids;
  if (onnx::NodeOp node = getDefiner(mask, "OneHot")) {
    match.take(node);
    if (!isZeroAndOne(node.getInputs()[2]) ||
        Match::getAxis(node, shape->size(), -1) != static_cast<int64_t>(shape->size()) - 1)
      return match.fail(node, "it is not 1 at the expert and 0 elsewhere, along the last axis");
    ids = node.getInputs()[0];
  } else if (onnx::NodeOp equal = match.takeDefiner(mask, reader, "Equal", "the one-hot of the selected experts")) {
    Expression constant = match.shapes.getContext().constant(experts.value_or(0));
    std::optional<unsigned> numbers = experts ? findOperand(equal, [&](Value v) { return match.readCount(v) == constant; }) : std::nullopt;
    Value column = numbers ? equal.getInputs()[1 - *numbers] : Value();
    if (!column || getStaticLastDim(column) != 1)
      return match.fail(equal, "it does not compare ids with the numbers of all experts");
    ids = match.takeIntegerCasts(column);
  } else {
    return failure();
  }
  FailureOr<ArrayRef<Expression>> from = match.getShape(ids, reader);
  if (failed(from))
    return failure();
  if (shape->drop_back() != *from)
    return match.fail(reader, "its ids have another shape than its mask");
  return ids;
}

/// ReduceSum over the slots of weights * one-hot.
FailureOr<Routes> matchSum(Match &match, onnx::NodeOp sum) {
  match.take(sum);
  onnx::NodeOp product = match.takeOperand(sum, 0, "Mul", "weights times the one-hot of the selected experts");
  if (!product)
    return failure();
  FailureOr<ArrayRef<Expression>> shape = match.getShape(product.getResult(0), product);
  if (failed(shape))
    return failure();
  if (shape->size() < 2 || match.getReductionAxes(sum) != SmallVector<int64_t>{static_cast<int64_t>(shape->size()) - 2} ||
      sum.getInt("keepdims", 1) != 0)
    return match.fail(sum, "it does not sum over the slots");
  std::optional<unsigned> column = findOperand(product, [&](Value v) { return getStaticLastDim(v) == 1; });
  if (!column)
    return match.fail(product, "expected one weight a slot and a one-hot of the selected experts");
  Value weights = product.getInputs()[*column], mask = product.getInputs()[1 - *column];
  FailureOr<Value> ids = matchMask(match, mask, product);
  if (failed(ids))
    return failure();
  if (!match.haveSameRows(weights, mask) || match.shapes.getShape(mask) != *shape)
    return match.fail(product, "weights and mask are not of the same slots");
  return Routes{*ids, weights};
}

}  // namespace

FailureOr<Routes> matchSpread(Match &match, onnx::NodeOp scatter, llvm::StringRef what) {
  Value base = scatter.getInputs()[0], ids = scatter.getInputs()[1], numbers = scatter.getInputs()[2];
  FailureOr<ArrayRef<Expression>> matrix = match.getShape(base, scatter), chosen = match.getShape(ids, scatter), spread = match.getShape(numbers, scatter);
  if (failed(matrix) || failed(chosen) || failed(spread))
    return failure();
  bool along = !matrix->empty() && Match::getAxis(scatter, matrix->size(), 0) == static_cast<int64_t>(matrix->size()) - 1;
  if (!along || *chosen != *spread || !match.haveSameRows(base, ids))
    return match.fail(scatter, "it does not scatter the " + what + " of a token along its experts");
  return Routes{ids, numbers};
}

bool looksLikeRoutingMatrix(Value matrix) {
  onnx::NodeOp sum = getDefiner(matrix, "ReduceSum"), function = getFunctionOfLogits(matrix);
  if (function && getDefiner(skipFloatCasts(function.getInputs()[0]), "ScatterElements"))
    return true;
  return getDefiner(matrix, "ScatterElements") || getDefiner(matrix, "ScatterND") || (sum && getDefiner(sum.getInputs()[0], "Mul"));
}

FailureOr<Routes> matchRoutingMatrix(Match &match, Value matrix, Operation *reader) {
  if (onnx::NodeOp sum = getDefiner(matrix, "ReduceSum"))
    return matchSum(match, sum);
  if (getFunctionOfLogits(matrix))
    return matchFunctionOfLogits(match, matrix, reader);
  if (onnx::NodeOp assignment = getDefiner(matrix, "ScatterND"))
    return matchAssignment(match, assignment);
  onnx::NodeOp scatter = match.takeDefiner(matrix, reader, "ScatterElements", "the weights of a token spread over its experts");
  return scatter ? matchScatter(match, scatter) : FailureOr<Routes>(failure());
}

}  // namespace switchyard::raise
