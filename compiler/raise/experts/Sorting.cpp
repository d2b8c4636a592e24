// Rows sorted by expert: the order, its inverse, and what else is computed from it.
#include "compiler/raise/experts/Experts.h"

#include "mlir/IR/TypeUtilities.h"

#include <cmath>

using namespace mlir;

namespace switchyard::raise {

namespace {

std::optional<Expression> getLength(Match &match, Value value) {
  if (!match.shapes.hasShape(value) || match.shapes.getShape(value).size() != 1)
    return std::nullopt;
  return match.shapes.getShape(value).front();
}

/// True where `node` sorts a vector, the smallest first: TopK of as many as there are.
bool isSort(Match &match, onnx::NodeOp node) {
  std::optional<Expression> length = getLength(match, node.getInputs()[0]);
  std::optional<ArrayRef<Expression>> count = match.shapes.getData(node.getInputs()[1]);
  return length && count && count->size() == 1 && count->front().isProvedEqual(*length) && node.getInt("largest", 1) == 0 &&
         node.getInt("sorted", 1) == 1;
}

bool countsUpTo(Match &match, Value value, Expression length) {
  std::optional<Expression> count = match.readCount(value);
  return count && count->isProvedEqual(length);
}

/// order < 0, which no row is.
bool takeNegative(Match &match, Value value, Value order) {
  if (onnx::NodeOp equal = getDefiner(value, "Equal")) {
    std::optional<unsigned> yes = findOperand(equal, [](Value v) {
      std::optional<double> number = getScalarConstant(v);
      return number && *number != 0.0 && getElementTypeOrSelf(v).isInteger(1);
    });
    if (!yes)
      return false;
    match.take(equal);
    value = equal.getInputs()[1 - *yes];
  }
  onnx::NodeOp less = getDefiner(value, "Less");
  if (!less || less.getInputs()[0] != order || !isScalarConstant(less.getInputs()[1], 0))
    return false;
  match.take(less);
  return true;
}

/// What turns a division towards zero into one that rounds down: 1 where order is negative and not divided evenly.
LogicalResult matchCorrection(Match &match, Value value, Value order, onnx::NodeOp reader) {
  onnx::NodeOp cast = match.takeDefiner(value, reader, "Cast", "the correction of a division towards zero");
  onnx::NodeOp both = cast ? match.takeOperand(cast, 0, "And", "where a division is corrected") : onnx::NodeOp();
  if (!both)
    return failure();
  for (unsigned index : {0u, 1u}) {
    if (!takeNegative(match, both.getInputs()[index], order))
      continue;
    onnx::NodeOp uneven = match.takeOperand(both, 1 - index, "Cast", "where a division leaves a rest");
    onnx::NodeOp rest = uneven ? match.takeOperand(uneven, 0, "Mod", "the rest of a division") : onnx::NodeOp();
    return success(static_cast<bool>(rest));
  }
  return match.fail(both, "it is not proved to be false for positions from 0 on");
}

/// Integers of floor(|x|) * sign(x), of floor(x) or of x, where x is the order as floats divided by a constant: for positions, which are at least
/// 0, all are order / k: no quotient of positions that f32 tells apart is rounded up to the next integer.
FailureOr<TokenOfRow> matchRoundedQuotient(Match &match, onnx::NodeOp rounded) {
  match.take(rounded);
  Value value = rounded.getInputs()[0];
  onnx::NodeOp sign;
  if (onnx::NodeOp product = getDefiner(value, "Mul")) {
    std::optional<unsigned> signs = findOperand(product, [](Value v) { return getDefiner(v, "Sign"); });
    if (!signs)
      return match.fail(product, "it does not give a rounded number its sign");
    match.take(product);
    match.take(sign = getDefiner(product.getInputs()[*signs], "Sign"));
    value = product.getInputs()[1 - *signs];
  }
  for (llvm::StringRef type : {"Floor", "Abs"})
    if (onnx::NodeOp node = getDefiner(value, type)) {
      match.take(node);
      value = node.getInputs()[0];
    } else if (sign) {
      return match.fail(sign, "it is not the sign of a number whose magnitude is rounded down");
    }
  onnx::NodeOp quotient = match.takeDefiner(value, rounded, "Div", "the token of a row");
  if (!quotient)
    return failure();
  if (sign && sign.getInputs()[0] != quotient.getResult(0))
    return match.fail(sign, "it is not the sign of a number whose magnitude is rounded down");
  std::optional<double> slots = getScalarConstant(quotient.getInputs()[1]);
  onnx::NodeOp numbers = match.takeDefiner(quotient.getInputs()[0], quotient, "Cast", "the order of the rows as floats");
  if (!numbers)
    return failure();
  Type type = getElementTypeOrSelf(quotient.getResult(0)), result = getElementTypeOrSelf(rounded.getResult(0));
  if (!slots || *slots < 1.0 || *slots != std::trunc(*slots) || !(type.isF32() || type.isF64()) || result.getIntOrFloatBitWidth() < 32)
    return match.fail(quotient, "it does not divide positions by the number of slots");
  return TokenOfRow{match.takeIntegerCasts(numbers.getInputs()[0]), static_cast<int64_t>(*slots)};
}

/// One step of what is done to an id: its value for one id, in the arithmetic of its type.
std::optional<double> apply(onnx::NodeOp node, double x) {
  Type type = getElementTypeOrSelf(node.getResult(0));
  if (node.getType() == "Cast") {
    if (isa<FloatType>(type))
      return type.isF32() || type.isF64() ? std::optional(x) : std::nullopt;
    return type.getIntOrFloatBitWidth() >= 32 ? std::optional(std::trunc(x)) : std::nullopt;
  }
  if (node.getType() == "Clip") {
    std::optional<double> low = getScalarConstant(node.getInput(1)), high = getScalarConstant(node.getInput(2));
    if ((node.getInput(1) && !low) || (node.getInput(2) && !high))
      return std::nullopt;
    x = low ? std::max(x, *low) : x;
    return high ? std::min(x, *high) : x;
  }
  std::optional<double> number = node.getInputs().size() == 2 ? getScalarConstant(node.getInputs()[1]) : std::nullopt;
  if (node.getType() != "Div" || !number || *number == 0.0)
    return std::nullopt;
  if (type.isF32())
    return static_cast<float>(x) / static_cast<float>(*number);
  return isa<IntegerType>(type) ? std::optional(std::trunc(x / *number)) : std::nullopt;
}

}  // namespace

FailureOr<Sorting> matchSorting(Match &match, Value order, Operation *reader) {
  onnx::NodeOp sort = match.takeDefiner(order, reader, "TopK", "the order of the rows");
  if (!sort)
    return failure();
  if (order != sort.getResult(1) || !isSort(match, sort))
    return match.fail(sort, "it does not sort all rows by their expert, the first one first");
  return Sorting{sort, match.takeIntegerCasts(sort.getInputs()[0]), *getLength(match, sort.getInputs()[0])};
}

FailureOr<Value> matchPermuted(Match &match, Value value, Value order, Operation *reader, const llvm::Twine &role) {
  value = match.takeReshapes(value);
  auto node = value.getDefiningOp<onnx::NodeOp>();
  bool nd = node && node.getOpType() == "ai.onnx::GatherND";
  if (!nd && !match.takeDefiner(value, reader, "Gather", role))
    return failure();
  match.take(node);
  auto indices = dyn_cast<RankedTensorType>(node.getInputs()[1].getType());
  bool along = nd ? node.getInt("batch_dims", 0) == 0 && indices && indices.getRank() == 2 && indices.getDimSize(1) == 1
                  : node.getInt("axis", 0) == 0 && indices && indices.getRank() == 1;
  if (!along || match.takeIntegerCasts(node.getInputs()[1]) != order)
    return match.fail(node, "it does not take rows in that order: " + role);
  return node.getInputs()[0];
}

LogicalResult matchInverse(Match &match, Value position, Sorting sorting, Operation *reader) {
  if (onnx::NodeOp sort = getDefiner(position, "TopK")) {
    match.take(sort);
    if (position != sort.getResult(1) || match.takeIntegerCasts(sort.getInputs()[0]) != sorting.getOrder() || !isSort(match, sort))
      return match.fail(sort, "it does not sort the order");
    return success();
  }
  auto scatter = position.getDefiningOp<onnx::NodeOp>();
  bool elements = scatter && scatter.getOpType() == "ai.onnx::ScatterElements";
  if (!elements && !(scatter = match.takeDefiner(position, reader, "ScatterND", "the positions of the rows")))
    return failure();
  match.take(scatter);
  Value base = scatter.getInputs()[0], indices = scatter.getInputs()[1], numbers = scatter.getInputs()[2];
  auto type = dyn_cast<RankedTensorType>(indices.getType());
  bool vector = type && (elements ? type.getRank() == 1 : type.getRank() == 2 && type.getDimSize(1) == 1);
  std::optional<Expression> length = getLength(match, base);
  if (!vector || !length || *length != sorting.rows || match.takeIntegerCasts(indices) != sorting.getOrder() ||
      scatter.getString("reduction", "none") != "none" || !countsUpTo(match, numbers, sorting.rows))
    return match.fail(scatter, "it does not give each row its position in the order");
  return success();
}

FailureOr<TokenOfRow> matchTokenOfRow(Match &match, Value index, Operation *reader) {
  if (onnx::NodeOp rounded = getDefiner(index, "Cast"); rounded && isa<FloatType>(getElementTypeOrSelf(rounded.getInputs()[0])))
    return matchRoundedQuotient(match, rounded);
  onnx::NodeOp corrected = getDefiner(index, "Sub"), quotient = getDefiner(corrected ? corrected.getInputs()[0] : index, "Div");
  if (!quotient && !(quotient = match.takeDefiner(corrected ? corrected.getInputs()[0] : index, reader, "Div", "the token of a row")))
    return failure();
  match.take(quotient);
  std::optional<double> slots = getScalarConstant(quotient.getInputs()[1]);
  if (!slots || *slots < 1.0 || !isa<IntegerType>(getElementTypeOrSelf(quotient.getResult(0))))
    return match.fail(quotient, "it does not divide positions by the number of slots");
  Value order = quotient.getInputs()[0];
  if (corrected) {
    match.take(corrected);
    if (failed(matchCorrection(match, corrected.getInputs()[1], order, corrected)))
      return failure();
  }
  return TokenOfRow{match.takeIntegerCasts(order), static_cast<int64_t>(*slots)};
}

LogicalResult matchCountedIds(Match &match, Value numbers, Sorting sorting, int64_t experts, Operation *reader) {
  SmallVector<onnx::NodeOp> steps;
  auto isIds = [&](Value value) { return value == sorting.sort.getResult(0) || skipReshapes(value) == sorting.ids; };
  while (!isIds(numbers)) {
    auto node = numbers.getDefiningOp<onnx::NodeOp>();
    if (!node || node.getInputs().empty())
      return match.fail(node ? node.getOperation() : reader, "the groups are not counted by the ids of the rows");
    match.take(node);
    if (!isReshape(node))
      steps.push_back(node);
    if (!isReshape(node) && !apply(node, 0.0))
      return match.fail(node, "it is no known step from ids to the numbers of groups");
    numbers = node.getInputs()[0];
  }
  match.takeReshapes(numbers);
  for (int64_t expert = 0; expert < experts; ++expert) {
    double number = static_cast<double>(expert);
    for (onnx::NodeOp step : llvm::reverse(steps))
      number = apply(step, number).value_or(-1.0);
    if (number != static_cast<double>(expert))
      return match.fail(steps.front(), "rows of expert " + llvm::Twine(expert) + " are counted as of another");
  }
  return success();
}

}  // namespace switchyard::raise
