// Coordinates of the elements that NonZero looked up, and the positions that are computed of them.
#include "compiler/analysis/ShapeRules.h"
#include "compiler/raise/experts/Looped.h"

using namespace mlir;

namespace switchyard::raise {

namespace {

/// The index that `node` picks along an axis of a matrix, by Split, Slice or Gather.
struct Pick {
  int64_t axis = 0, index = 0;
};

std::optional<Pick> readPick(Match &match, Value value) {
  auto node = value.getDefiningOp<onnx::NodeOp>();
  if (!node || node.getDomain() != "ai.onnx" || node.getInputs().empty())
    return std::nullopt;
  auto matrix = dyn_cast<RankedTensorType>(node.getInputs()[0].getType()), part = dyn_cast<RankedTensorType>(value.getType());
  if (!matrix || matrix.getRank() != 2 || !part)
    return std::nullopt;
  auto single = [&](unsigned operand) -> std::optional<int64_t> {
    Value v = node.getInput(operand);
    std::optional<SmallVector<int64_t>> data = v ? match.shapes.getConstantData(v) : std::nullopt;
    return data && data->size() == 1 ? std::optional(data->front()) : std::nullopt;
  };
  std::optional<int64_t> axis, index;
  if (node.getType() == "Split") {
    axis = node.getInt("axis", 0);
    index = cast<OpResult>(value).getResultNumber();
  } else if (node.getType() == "Gather") {
    axis = node.getInt("axis", 0);
    index = single(1);
  } else if (node.getType() == "Slice" && (!node.getInput(4) || single(4) == 1)) {
    axis = single(3);
    index = single(1);
  }
  axis = axis && *axis < 0 ? *axis + 2 : axis;
  if (!axis || *axis < 0 || *axis > 1 || !index || matrix.isDynamicDim(*axis))
    return std::nullopt;
  int64_t size = matrix.getDimSize(*axis);
  *index += *index < 0 ? size : 0;
  bool isOne = part.getRank() == 2 ? part.getDimSize(*axis) == 1 : part.getRank() == 1;
  bool isPart = node.getType() != "Split" || static_cast<int64_t>(node.getNumResults()) == size;
  return isOne && isPart && *index >= 0 && *index < size ? std::optional(Pick{*axis, *index}) : std::nullopt;
}

/// True where `node` exchanges the two axes of a matrix.
bool exchangesAxes(onnx::NodeOp node) {
  auto permutation = dyn_cast_or_null<DenseI64ArrayAttr>(node.getNodeAttr("perm"));
  return !permutation || permutation.asArrayRef() == ArrayRef<int64_t>{1, 0};
}

}  // namespace

FailureOr<Coordinates> matchCoordinates(Match &match, Value value, Operation *reader) {
  value = match.takeIntegerCasts(value);
  std::optional<Pick> pick = readPick(match, value);
  if (pick) {
    match.take(value.getDefiningOp());
    value = cast<onnx::NodeOp>(value.getDefiningOp()).getInputs()[0];
  }
  bool exchanged = false;
  if (onnx::NodeOp transpose = getDefiner(value, "Transpose"); transpose && exchangesAxes(transpose)) {
    match.take(transpose);
    value = transpose.getInputs()[0];
    exchanged = true;
  }
  onnx::NodeOp nonZero = match.takeDefiner(value, reader, "NonZero", "what looks up the tokens of an expert");
  if (!nonZero)
    return failure();
  FailureOr<ArrayRef<Expression>> shape = match.getShape(value, nonZero);
  if (failed(shape))
    return failure();
  if (pick ? pick->axis != (exchanged ? 1 : 0) : !shape->front().isConstant(1))
    return match.fail(nonZero, "its result is not read along one axis of its operand");
  return Coordinates{nonZero, pick ? pick->index : 0};
}

}  // namespace switchyard::raise
