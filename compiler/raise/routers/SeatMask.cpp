// The mask of a router with one expert a token and a capacity, as Switch Transformer writes it: the one-hot of the choice times what a
// cumulated sum over the tokens leaves below the capacity.
#include "compiler/raise/routers/Routers.h"

#include "mlir/IR/TypeUtilities.h"

using namespace mlir;

namespace switchyard::raise {

namespace {

/// `value` in front of Casts, which are taken. They keep 0 and 1, and so do those between integers and floats.
Value takeCasts(Match &match, Value value) {
  while (onnx::NodeOp cast = getDefiner(value, "Cast")) {
    match.take(cast);
    value = cast.getInputs()[0];
  }
  return value;
}

/// LessOrEqual or Less of a CumSum, or null.
onnx::NodeOp getComparison(Value value) {
  value = skipCasts(value);
  onnx::NodeOp node = getDefiner(value, "LessOrEqual");
  node = node ? node : getDefiner(value, "Less");
  return node && getDefiner(node.getInputs()[0], "CumSum") ? node : onnx::NodeOp();
}

/// The node that multiplies (or, of booleans, joins) a mask and a comparison of a cumulated sum, or null.
onnx::NodeOp getProduct(Value value) {
  onnx::NodeOp node = getDefiner(value, "Mul");
  node = node ? node : getDefiner(value, "And");
  return node && findOperand(node, getComparison) ? node : onnx::NodeOp();
}

/// What the running count of `comparison` must not exceed.
FailureOr<Expression> readSeats(Match &match, onnx::NodeOp comparison) {
  std::optional<ArrayRef<Expression>> bound = match.shapes.getData(comparison.getInputs()[1]);
  if (!bound || bound->size() != 1)
    return match.fail(comparison, "the capacity is no expression over the model's dimensions");
  return comparison.getType() == "Less" ? bound->front() - 1 : bound->front();
}

/// A count of the choices of `mask` along its tokens, from 1 on. Returns the tokens that are counted together; null: all.
FailureOr<Expression> matchCount(Match &match, onnx::NodeOp count, Value mask) {
  match.take(count);
  if (takeCasts(match, count.getInputs()[0]) != mask)
    return match.fail(count, "it does not count the choices of the mask");
  Type type = getElementTypeOrSelf(count.getResult(0));
  if (!type.isInteger(32) && !type.isInteger(64))
    return match.fail(count, "positions are not counted in integers");
  if (count.getInt("exclusive", 0) != 0 || count.getInt("reverse", 0) != 0)
    return match.fail(count, "exclusive or reverse is set");
  FailureOr<ArrayRef<Expression>> shape = match.getShape(mask, count);
  if (failed(shape))
    return failure();
  std::optional<SmallVector<int64_t>> axis = match.shapes.getConstantData(count.getInputs()[1]);
  int64_t rank = shape->size();
  if (rank < 2 || !axis || axis->size() != 1 || (axis->front() != -2 && axis->front() != rank - 2))
    return match.fail(count, "it does not run over the tokens");
  bool isOneGroup = llvm::all_of(shape->drop_back(2), [](Expression size) { return size.isConstant(1); });
  return isOneGroup ? Expression() : (*shape)[rank - 2];
}

/// Reads the product of the one-hot and what fits the capacity; returns the one-hot.
FailureOr<Value> matchSeats(Match &match, onnx::NodeOp product, std::optional<Capacity> &capacity) {
  match.take(product);
  unsigned index = *findOperand(product, getComparison);
  Value mask = takeCasts(match, product.getInputs()[1 - index]);
  onnx::NodeOp comparison = cast<onnx::NodeOp>(takeCasts(match, product.getInputs()[index]).getDefiningOp());
  match.take(comparison);
  FailureOr<Expression> group = matchCount(match, getDefiner(comparison.getInputs()[0], "CumSum"), mask);
  if (failed(group))
    return failure();
  FailureOr<Expression> seats = readSeats(match, comparison);
  if (failed(seats))
    return failure();
  FailureOr<ArrayRef<Expression>> before = match.getShape(mask, product), after = match.getShape(product.getResult(0), product);
  if (failed(before) || failed(after))
    return failure();
  if (*before != *after)
    return match.fail(product, "the comparison with the capacity broadcasts the mask");
  capacity = Capacity{*seats, *group, moe::DropAttr::get(product.getContext(), moe::DropPriority::choice_major, false, FloatAttr())};
  return mask;
}

}  // namespace

bool isSeatMask(Value value) { return static_cast<bool>(getProduct(skipCasts(value))); }

FailureOr<SeatMask> matchSeatMask(Match &match, Value value, Operation *reader) {
  SeatMask result;
  value = takeCasts(match, value);
  onnx::NodeOp product = getProduct(value);
  if (!product)
    return match.fail(value.getDefiningOp() ? value.getDefiningOp() : reader, "expected the mask of the tokens that have a seat");
  FailureOr<Value> mask = matchSeats(match, product, result.capacity);
  if (failed(mask))
    return failure();
  FailureOr<OneHot> oneHot = matchOneHot(match, *mask, product, "the one-hot of the chosen expert");
  if (failed(oneHot))
    return failure();
  result.ids = oneHot->numbers;
  return result;
}

}  // namespace switchyard::raise
