// Experts as E bodies: the parts of [E, C, H] by Split, Slice or Gather, one MLP for each, Concat.
#include "compiler/raise/experts/Experts.h"

using namespace mlir;

namespace switchyard::raise {

namespace {

/// The axis of the experts of [1 …, E, C, H]; DeepSpeed puts the number of its groups, 1 in a file, in front.
std::optional<int64_t> getExpertAxis(RankedTensorType type) {
  int64_t axis = type.getRank() - 3;
  bool leads = axis >= 0 && llvm::all_of(type.getShape().take_front(axis), [](int64_t size) { return size == 1; });
  return leads ? std::optional(axis) : std::nullopt;
}

/// Index `expert` along the experts of a tensor: a part of a Split, or what Slice or Gather takes.
struct Part {
  onnx::NodeOp node;
  int64_t expert = 0;
};

std::optional<Part> readPart(Match &match, Value value) {
  auto node = value.getDefiningOp<onnx::NodeOp>();
  auto type = node ? dyn_cast<RankedTensorType>(node.getInputs()[0].getType()) : RankedTensorType();
  auto part = dyn_cast<RankedTensorType>(value.getType());
  std::optional<int64_t> axis = type ? getExpertAxis(type) : std::nullopt;
  if (!axis || !part || node.getDomain() != "ai.onnx" || type.isDynamicDim(*axis))
    return std::nullopt;
  int64_t count = type.getDimSize(*axis), rank = type.getRank();
  auto single = [&](unsigned operand) -> std::optional<int64_t> {
    Value v = node.getInput(operand);
    std::optional<SmallVector<int64_t>> data = v ? match.shapes.getConstantData(v) : std::nullopt;
    return data && data->size() == 1 ? std::optional(data->front()) : std::nullopt;
  };
  std::optional<int64_t> index;
  bool isAxis = Match::getAxis(node, rank, 0) == *axis, isSingle = part.getRank() == rank && part.getDimSize(*axis) == 1;
  if (node.getType() == "Split" && isAxis && isSingle)
    index = cast<OpResult>(value).getResultNumber();
  else if (node.getType() == "Gather" && isAxis)
    index = single(1);
  else if (node.getType() == "Slice" && (single(3) == *axis || single(3) == *axis - rank) && isSingle && (!node.getInput(4) || single(4) == 1))
    index = single(1);
  if (!index)
    return std::nullopt;
  return Part{node, *index < 0 ? *index + count : *index};
}

/// The tensor of which each body reads the part of its expert, in order.
FailureOr<Value> matchParts(Match &match, onnx::NodeOp concat, MutableArrayRef<Mlp> bodies) {
  Value source;
  for (auto [expert, body] : llvm::enumerate(bodies)) {
    body.input = match.takeReshapes(body.input);
    std::optional<Part> part = readPart(match, body.input);
    Operation *node = body.input.getDefiningOp() ? body.input.getDefiningOp() : concat.getOperation();
    if (!part)
      return match.fail(node, "expected Split, or Slice or Gather by constants, as the seats of expert " + llvm::Twine(expert));
    match.take(node);
    if (source && source != part->node.getInputs()[0])
      return match.fail(node, "expert " + llvm::Twine(expert) + " reads another tensor than expert 0");
    source = part->node.getInputs()[0];
    if (part->expert != static_cast<int64_t>(expert))
      return match.fail(node, "expert " + llvm::Twine(expert) + " reads part " + llvm::Twine(part->expert));
  }
  auto type = cast<RankedTensorType>(source.getType());
  int64_t parts = type.getDimSize(*getExpertAxis(type));
  if (parts != static_cast<int64_t>(bodies.size()))
    return match.fail(concat, llvm::Twine(parts) + " parts for " + llvm::Twine(bodies.size()) + " experts");
  return source;
}

}  // namespace

FailureOr<Mlp> matchUnrolledExperts(Match &match, WeightRecipes &weights, onnx::NodeOp concat) {
  match.take(concat);
  auto joined = dyn_cast<RankedTensorType>(concat.getResult(0).getType());
  if (!joined || getExpertAxis(joined) != Match::getAxis(concat, joined.getRank(), 0))
    return match.fail(concat, "it does not join along the experts");
  SmallVector<Mlp> bodies;
  for (Value result : concat.getInputs()) {
    FailureOr<Mlp> body = matchBody(match, weights, result, concat);
    if (failed(body))
      return failure();
    bodies.push_back(*body);
  }
  FailureOr<Value> source = matchParts(match, concat, bodies);
  FailureOr<Experts> experts = succeeded(source) ? stackBodies(match, bodies, concat) : FailureOr<Experts>(failure());
  if (failed(experts))
    return failure();
  Mlp all{*source, *experts};
  return all;
}

}  // namespace switchyard::raise
