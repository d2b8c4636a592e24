#include "compiler/raise/Part.h"

using namespace mlir;

namespace switchyard::raise {

namespace {

/// The axis and the first index, as the node states them: from either end.
struct Start {
  std::optional<int64_t> axis, first;
};

/// How many indices of `axis` the results of a Split in front of `value` take.
std::optional<int64_t> countBefore(OpResult value, int64_t axis) {
  int64_t count = 0;
  for (Value before : value.getOwner()->getResults().take_front(value.getResultNumber())) {
    auto type = dyn_cast<RankedTensorType>(before.getType());
    if (!type || axis >= type.getRank() || type.isDynamicDim(axis))
      return std::nullopt;
    count += type.getDimSize(axis);
  }
  return count;
}

Start readStart(onnx::NodeOp node, llvm::function_ref<std::optional<int64_t>(Value)> getInteger) {
  auto integer = [&](unsigned operand) {
    Value value = node.getInput(operand);
    return value ? getInteger(value) : std::nullopt;
  };
  if (node.getType() == "Split")
    return {node.getInt("axis", 0), 0};
  if (node.getType() == "Gather")
    return {node.getInt("axis", 0), integer(1)};
  if (node.getType() == "Slice" && (!node.getInput(4) || integer(4) == 1))
    return {integer(3), integer(1)};
  return {};
}

}  // namespace

std::optional<Part> readPart(Value value, llvm::function_ref<std::optional<int64_t>(Value)> getInteger) {
  auto node = value.getDefiningOp<onnx::NodeOp>();
  if (!node || node.getDomain() != "ai.onnx" || node.getInputs().empty())
    return std::nullopt;
  auto whole = dyn_cast<RankedTensorType>(node.getInputs()[0].getType()), part = dyn_cast<RankedTensorType>(value.getType());
  auto [axis, first] = readStart(node, getInteger);
  if (!whole || !part || !axis || !first)
    return std::nullopt;
  *axis += *axis < 0 ? whole.getRank() : 0;
  bool isGather = node.getType() == "Gather";
  if (*axis < 0 || *axis >= whole.getRank() || whole.isDynamicDim(*axis) || (!isGather && part.getRank() != whole.getRank()))
    return std::nullopt;
  *first += *first < 0 ? whole.getDimSize(*axis) : 0;
  if (std::optional<int64_t> before = node.getType() == "Split" ? countBefore(cast<OpResult>(value), *axis) : 0)
    *first += *before;
  else
    return std::nullopt;
  int64_t size = isGather ? 1 : part.getDimSize(*axis);
  if (ShapedType::isDynamic(size) || size < 1 || *first < 0 || *first + size > whole.getDimSize(*axis))
    return std::nullopt;
  return Part{node, *axis, *first, size};
}

}  // namespace switchyard::raise
