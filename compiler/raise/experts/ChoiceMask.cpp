// The masks of a loop over experts: a one-hot of the chosen experts, or a comparison of their ids with numbers, with its axes moved
// about until the choices of one expert are left.
#include "compiler/raise/experts/Looped.h"

#include "mlir/IR/Matchers.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;

namespace switchyard::raise {

namespace {

/// Repeats, from the choices on, what was found on the way back to them, and keeps what each axis counts.
class MaskReader {
public:
  MaskReader(Match &match, ChoiceMask &mask) : match(match), mask(mask), isMask(llvm::is_contained(mask.axes, MaskAxis::expert)) {}

  LogicalResult apply(onnx::NodeOp node, Value result);
  /// Where there is one expert alone, the mask is its own, whichever of the axes of 1 of `result` stands for it.
  void pickOnly(Value result);

private:
  LogicalResult checkCast(onnx::NodeOp cast);
  LogicalResult transpose(onnx::NodeOp node);
  LogicalResult reshape(onnx::NodeOp node);
  LogicalResult pick(onnx::NodeOp node, Value result);
  LogicalResult join(onnx::NodeOp reduction);
  LogicalResult spread(onnx::NodeOp oneHot);
  LogicalResult compare(onnx::NodeOp equal);
  LogicalResult expectIds(onnx::NodeOp node);
  std::optional<int64_t> getSingle(Value value);

  Match &match;
  ChoiceMask &mask;
  bool isMask;  // otherwise still ids
};

std::optional<SmallVector<int64_t>> getIntegers(Match &match, Value value) {
  if (std::optional<SmallVector<int64_t>> data = match.shapes.getConstantData(value))
    return data;
  DenseIntElementsAttr elements;
  if (!matchPattern(value, m_Constant(&elements)))
    return std::nullopt;
  return llvm::map_to_vector(elements.getValues<APInt>(), [](const APInt &element) { return element.getSExtValue(); });
}

std::optional<int64_t> MaskReader::getSingle(Value value) {
  std::optional<SmallVector<int64_t>> data = value ? getIntegers(match, value) : std::nullopt;
  return data && data->size() == 1 ? std::optional(data->front()) : std::nullopt;
}

/// Ids stay what they are among integers; a mask of 0 and 1 stays one in any type.
LogicalResult MaskReader::checkCast(onnx::NodeOp cast) {
  auto isId = [](Value v) { return isa<IntegerType>(getElementTypeOrSelf(v)) && getElementTypeOrSelf(v).getIntOrFloatBitWidth() >= 32; };
  if (isMask || (isId(cast.getInputs()[0]) && isId(cast.getResult(0))))
    return success();
  return match.fail(cast, "it converts ids to a type that may not hold them");
}

LogicalResult MaskReader::transpose(onnx::NodeOp node) {
  auto permutation = dyn_cast_or_null<DenseI64ArrayAttr>(node.getNodeAttr("perm"));
  SmallVector<int64_t> order = permutation ? SmallVector<int64_t>(permutation.asArrayRef())
                                           : llvm::to_vector(llvm::reverse(llvm::seq<int64_t>(0, mask.axes.size())));
  if (order.size() != mask.axes.size())
    return match.fail(node, "the shape of an operand is not known");
  SmallVector<int64_t> tokens = llvm::filter_to_vector(order, [&](int64_t axis) { return mask.axes[axis] == MaskAxis::token; });
  if (!llvm::is_sorted(tokens))
    return match.fail(node, "it changes the order of the tokens");
  mask.axes = llvm::map_to_vector(order, [&](int64_t axis) { return mask.axes[axis]; });
  return success();
}

/// Axes of 1 come and go; axes of tokens may become one. Other axes keep their sizes and their order.
LogicalResult MaskReader::reshape(onnx::NodeOp node) {
  FailureOr<ArrayRef<Expression>> from = match.getShape(node.getInputs()[0], node), to = match.getShape(node.getResult(0), node);
  if (failed(from) || failed(to))
    return failure();
  SmallVector<MaskAxis> axes;
  size_t next = 0;
  for (Expression size : *to) {
    while (next < from->size() && (*from)[next] != size && (*from)[next].isConstant(1) && !size.isConstant(1))
      ++next;
    if (next < from->size() && (*from)[next] == size) {
      axes.push_back(mask.axes[next++]);
      continue;
    }
    axes.push_back(size.isConstant(1) ? MaskAxis::unit : MaskAxis::token);
    if (size.isConstant(1))
      continue;
    Expression product = match.shapes.getContext().constant(1);
    while (next < from->size() && product != size && (mask.axes[next] == MaskAxis::token || (*from)[next].isConstant(1)))
      product = product * (*from)[next++];
    if (product != size)
      return match.fail(node, "it mixes tokens, slots and experts");
  }
  for (; next < from->size(); ++next)
    if (!(*from)[next].isConstant(1))
      return match.fail(node, "it mixes tokens, slots and experts");
  mask.axes = axes;
  return success();
}

/// The choices of one expert, or of one slot: Gather, Slice or a part of Split, by a constant.
LogicalResult MaskReader::pick(onnx::NodeOp node, Value result) {
  std::optional<Part> part = readPart(result, [&](Value index) { return getSingle(index); });
  int64_t rank = mask.axes.size(), left = part ? cast<RankedTensorType>(result.getType()).getRank() : 0;
  if (!part || part->size != 1 || part->axis >= rank || (left != rank && left + 1 != rank))
    return match.fail(node, "it does not pick one expert by a constant");
  MaskAxis axis = mask.axes[part->axis];
  if (axis != MaskAxis::expert && axis != MaskAxis::slot && part->countWhole() != 1)
    return match.fail(node, "it does not pick one of the experts");
  if (axis == MaskAxis::expert)
    mask.expert = part->first;
  if (axis == MaskAxis::slot)
    mask.slot = part->first;
  if (left == rank)
    mask.axes[part->axis] = MaskAxis::unit;
  else
    mask.axes.erase(mask.axes.begin() + part->axis);
  return success();
}

/// The choices of any slot: the largest, or the sum, of a mask over the slots.
LogicalResult MaskReader::join(onnx::NodeOp reduction) {
  std::optional<SmallVector<int64_t>> axes = match.getReductionAxes(reduction);
  bool isOverSlots = isMask && axes && axes->size() == 1 && axes->front() >= 0 && axes->front() < static_cast<int64_t>(mask.axes.size()) &&
                     mask.axes[axes->front()] == MaskAxis::slot;
  if (!isOverSlots)
    return match.fail(reduction, "it does not join the slots of a mask");
  mask.isOfAnySlot = true;
  if (reduction.getInt("keepdims", 1) != 0)
    mask.axes[axes->front()] = MaskAxis::unit;
  else
    mask.axes.erase(mask.axes.begin() + axes->front());
  return success();
}

void MaskReader::pickOnly(Value result) {
  auto axis = llvm::find(mask.axes, MaskAxis::expert);
  if (axis == mask.axes.end() || mask.expert || !match.shapes.hasShape(result) || !match.shapes.getShape(result)[axis - mask.axes.begin()].isConstant(1))
    return;
  mask.expert = 0;
  *axis = MaskAxis::unit;
}

LogicalResult MaskReader::expectIds(onnx::NodeOp node) {
  if (isMask)
    return match.fail(node, "it is made of a mask, not of ids");
  isMask = true;
  return success();
}

/// OneHot of the ids, with 0 and 1.
LogicalResult MaskReader::spread(onnx::NodeOp oneHot) {
  if (failed(expectIds(oneHot)))
    return failure();
  std::optional<int64_t> depth = getSingle(oneHot.getInputs()[1]);
  int64_t rank = mask.axes.size() + 1, axis = Match::getAxis(oneHot, rank, -1);
  if (!isZeroAndOne(oneHot.getInputs()[2]) || !depth || axis < 0 || axis >= rank)
    return match.fail(oneHot, "expected 0 and 1 for a constant number of experts");
  mask.experts = *depth;
  mask.axes.insert(mask.axes.begin() + axis, MaskAxis::expert);
  return success();
}

/// Equal of the ids with one number, or along an axis of 1 with the numbers from 0 on.
LogicalResult MaskReader::compare(onnx::NodeOp equal) {
  // A mask is 1 where it is not 0.
  std::optional<unsigned> one = findOperand(equal, [&](Value v) { return getIntegers(match, v) == SmallVector<int64_t>{1}; });
  if (isMask && !mask.isOfAnySlot && one && match.shapes.hasShape(equal.getResult(0)) && match.shapes.getShape(equal.getResult(0)).size() == mask.axes.size())
    return success();
  if (failed(expectIds(equal)))
    return failure();
  std::optional<unsigned> constant = findOperand(equal, [&](Value v) { return getIntegers(match, v).has_value(); });
  FailureOr<ArrayRef<Expression>> result = match.getShape(equal.getResult(0), equal);
  auto type = constant ? dyn_cast<RankedTensorType>(equal.getInputs()[*constant].getType()) : RankedTensorType();
  if (!type || failed(result))
    return match.fail(equal, "the shape of an operand is not known");
  SmallVector<int64_t> numbers = *getIntegers(match, equal.getInputs()[*constant]);
  ArrayRef<Expression> ids = match.shapes.getShape(equal.getInputs()[1 - *constant]);
  if (result->size() < ids.size())
    return match.fail(equal, "the shape of an operand is not known");
  mask.axes.insert(mask.axes.begin(), result->size() - ids.size(), MaskAxis::unit);
  if (numbers.size() == 1) {
    mask.expert = numbers.front();
    return success();
  }
  for (auto [position, number] : llvm::enumerate(numbers))
    if (number != static_cast<int64_t>(position))
      return match.fail(equal, "expected the numbers of the experts from 0 on");
  auto wide = llvm::find(type.getShape(), static_cast<int64_t>(numbers.size()));
  if (wide == type.getShape().end())
    return match.fail(equal, "the numbers of the experts are not along one axis");
  // Axes are aligned at the end.
  size_t behind = type.getShape().end() - wide;
  if (behind <= ids.size() && !ids[ids.size() - behind].isConstant(1))
    return match.fail(equal, "the numbers of the experts are compared with tokens or slots one by one");
  mask.experts = numbers.size();
  mask.axes[mask.axes.size() - behind] = MaskAxis::expert;
  return success();
}

LogicalResult MaskReader::apply(onnx::NodeOp node, Value result) {
  llvm::StringRef type = node.getType();
  if (type == "Cast")
    return checkCast(node);
  if (type == "Transpose")
    return transpose(node);
  if (type == "OneHot")
    return spread(node);
  if (type == "Equal")
    return compare(node);
  if (type == "ReduceMax" || type == "ReduceSum")
    return join(node);
  if (type == "Greater")
    return isMask ? success() : match.fail(node, "it is made of ids, not of a mask");
  return isReshape(node) ? reshape(node) : pick(node, result);
}

/// The operand of `node` that the mask comes from; null where `node` is what it is made of.
Value getSource(Match &match, onnx::NodeOp node) {
  if (!node || node.getDomain() != "ai.onnx" || node.getInputs().empty())
    return {};
  if (node.getType() == "Equal") {
    std::optional<unsigned> constant = findOperand(node, [&](Value v) { return getIntegers(match, v).has_value(); });
    return constant ? node.getInputs()[1 - *constant] : Value();
  }
  // A mask is more than 0 where it is not 0.
  if (node.getType() == "Greater")
    return getIntegers(match, node.getInputs()[1]) == SmallVector<int64_t>{0} ? node.getInputs()[0] : Value();
  // A table of other numbers for the ids is part of the choice.
  if (node.getType() == "Gather" && match.shapes.getConstantData(node.getInputs()[0]))
    return {};
  static constexpr llvm::StringRef types[] = {"Cast", "Transpose", "OneHot", "Gather", "Slice", "Split", "ReduceMax", "ReduceSum"};
  return isReshape(node) || llvm::is_contained(types, node.getType()) ? node.getInputs()[0] : Value();
}

}  // namespace

SmallVector<MaskAxis> getAxesOfIds(Value ids) {
  auto type = dyn_cast<RankedTensorType>(ids.getType());
  SmallVector<MaskAxis> axes(type ? type.getRank() : 0, MaskAxis::token);
  onnx::NodeOp argMax = getDefiner(skipTable(ids), "ArgMax");
  if (!axes.empty() && !(argMax && argMax.getInt("keepdims", 1) == 0))
    axes.back() = MaskAxis::slot;
  return axes;
}

FailureOr<ChoiceMask> matchChoiceMask(Match &match, Value value, Operation *reader, MaskAxes axesOf) {
  SmallVector<std::pair<onnx::NodeOp, Value>> path;
  for (;;) {
    auto node = value.getDefiningOp<onnx::NodeOp>();
    Value source = getSource(match, node);
    if (!source)
      break;
    match.take(node);
    path.push_back({node, value});
    value = source;
  }
  ChoiceMask mask;
  mask.choices = value;
  mask.axes = axesOf(value);
  if (!match.shapes.hasShape(value) || match.shapes.getShape(value).size() != mask.axes.size())
    return match.fail(value.getDefiningOp() ? value.getDefiningOp() : reader, "the shape of an operand is not known");
  MaskReader maskReader(match, mask);
  for (auto [node, result] : llvm::reverse(path))
    if (failed(maskReader.apply(node, result)))
      return failure();
  maskReader.pickOnly(path.empty() ? value : path.front().second);
  return mask;
}

}  // namespace switchyard::raise
