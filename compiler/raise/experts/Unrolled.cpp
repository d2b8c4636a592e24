// Experts as E bodies: the parts of [E, C, H] by Split, Slice or Gather, or the same tokens for all, one MLP for each, Concat.
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

/// What one expert reads of a tensor.
std::optional<Part> readSeats(Match &match, Value value) {
  std::optional<Part> part = match.readPart(value);
  bool isOne = part && part->size == 1 && part->axis == getExpertAxis(cast<RankedTensorType>(part->getWhole().getType()));
  return isOne ? part : std::nullopt;
}

/// The tensor of which each body reads the part of its expert, in order.
FailureOr<Value> matchParts(Match &match, onnx::NodeOp concat, MutableArrayRef<Mlp> bodies) {
  Value source;
  for (auto [expert, body] : llvm::enumerate(bodies)) {
    body.input = match.takeReshapes(body.input);
    std::optional<Part> part = readSeats(match, body.input);
    Operation *node = body.input.getDefiningOp() ? body.input.getDefiningOp() : concat.getOperation();
    if (!part)
      return match.fail(node, "expected Split, or Slice or Gather by constants, as the seats of expert " + llvm::Twine(expert));
    match.take(node);
    if (source && source != part->getWhole())
      return match.fail(node, "expert " + llvm::Twine(expert) + " reads another tensor than expert 0");
    source = part->getWhole();
    if (part->first != static_cast<int64_t>(expert))
      return match.fail(node, "expert " + llvm::Twine(expert) + " reads part " + llvm::Twine(part->first));
  }
  auto type = cast<RankedTensorType>(source.getType());
  int64_t parts = type.getDimSize(*getExpertAxis(type));
  if (parts != static_cast<int64_t>(bodies.size()))
    return match.fail(concat, llvm::Twine(parts) + " parts for " + llvm::Twine(bodies.size()) + " experts");
  return source;
}

}  // namespace

FailureOr<Mlp> matchStackedExperts(Match &match, WeightRecipes &weights, onnx::NodeOp concat) {
  match.take(concat);
  auto joined = dyn_cast<RankedTensorType>(concat.getResult(0).getType());
  if (!joined || Match::getAxis(concat, joined.getRank(), 0) != 0)
    return match.fail(concat, "it does not join along the experts");
  SmallVector<Mlp> bodies;
  for (Value result : concat.getInputs()) {
    FailureOr<ArrayRef<Expression>> shape = match.getShape(result, concat), first = match.getShape(concat.getInputs()[0], concat);
    FailureOr<Mlp> body = succeeded(shape) && succeeded(first) ? matchBody(match, weights, result, concat) : FailureOr<Mlp>(failure());
    if (failed(body))
      return failure();
    bodies.push_back(*body);
    if (*shape != *first || !isSameTensor(match, body->input, bodies.front().input))
      return match.fail(concat, "expert " + llvm::Twine(bodies.size() - 1) + " reads other tokens than expert 0");
  }
  FailureOr<Experts> experts = stackBodies(match, bodies, concat);
  if (failed(experts))
    return failure();
  return Mlp{bodies.front().input, *experts};
}

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
