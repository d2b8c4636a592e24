// Sums of experts over a mask. Three forms: E dense bodies, each times its part of the mask; loops over experts (Looped.h); and such loops that
// assign through a boolean mask, `sum[mask] = rows`, row by row or, as TorchScript writes it, element by element.
#include "compiler/raise/experts/Masked.h"

#include "compiler/raise/experts/Looped.h"
#include "compiler/raise/routers/Routers.h"

#include "mlir/IR/TypeUtilities.h"
#include "llvm/ADT/DenseSet.h"

using namespace mlir;

namespace switchyard::raise {

namespace {

/// True where `value` is a part, or coordinates, of a mask with a capacity, whatever the nodes between do to it.
bool comesFromSeatMask(Value value) {
  static constexpr llvm::StringRef between[] = {"Cast", "Gather", "Slice", "Split", "Transpose", "NonZero", "Expand", "Concat"};
  constexpr int mostNodes = 16;
  for (int count = 0; count < mostNodes && !isSeatMask(value); ++count) {
    auto node = value.getDefiningOp<onnx::NodeOp>();
    bool passes = node && node.getDomain() == "ai.onnx" && !node.getInputs().empty() && (isReshape(node) || llvm::is_contained(between, node.getType()));
    if (!passes)
      return false;
    value = node.getInputs()[0];
  }
  return isSeatMask(value);
}

/// ScatterND or ScatterElements where a mask tells, or null.
onnx::NodeOp getScatter(Value value) {
  onnx::NodeOp scatter = getDefiner(value, "ScatterND");
  scatter = scatter ? scatter : getDefiner(value, "ScatterElements");
  return scatter && comesFromSeatMask(scatter.getInputs()[1]) ? scatter : onnx::NodeOp();
}

/// Tokens lead a mask, and experts are its last axis.
SmallVector<MaskAxis> getAxesOfMask(Value mask) {
  auto type = dyn_cast<RankedTensorType>(mask.getType());
  SmallVector<MaskAxis> axes(type ? type.getRank() : 0, MaskAxis::token);
  if (!axes.empty())
    axes.back() = MaskAxis::expert;
  return axes;
}

class TermMatcher {
public:
  TermMatcher(Match &match, WeightRecipes &weights) : match(match), weights(weights) {}

  FailureOr<MaskedExperts> run(Value result, Operation *reader);

private:
  LogicalResult visit(Value value, Operation *reader);
  LogicalResult matchProduct(onnx::NodeOp product);
  LogicalResult matchAssignment(onnx::NodeOp scatter);
  FailureOr<int64_t> matchElements(onnx::NodeOp scatter, ArrayRef<Expression> to);
  FailureOr<int64_t> matchTokens(Value coordinates, ArrayRef<Expression> tokens, onnx::NodeOp reader);
  FailureOr<Value> matchUpdates(onnx::NodeOp scatter);
  LogicalResult matchRows(Value rows, int64_t expert, onnx::NodeOp scatter);
  FailureOr<onnx::NodeOp> matchLookup(Value coordinates, size_t rank, Operation *reader);
  FailureOr<int64_t> matchPart(Value part, Operation *reader);
  LogicalResult add(int64_t expert, const Mlp &body, Value tokens, Operation *reader);

  Match &match;
  WeightRecipes &weights;
  MaskedExperts all;
  bool adds = false;  // some term is added to what lies below
  SmallVector<std::optional<Mlp>> bodies;
  SmallVector<std::pair<Value, Operation *>> rest;
  llvm::DenseSet<Operation *> seen;
};

/// One expert's part of the mask, which is the same for all.
FailureOr<int64_t> TermMatcher::matchPart(Value part, Operation *reader) {
  FailureOr<ChoiceMask> mask = matchChoiceMask(match, part, reader, getAxesOfMask);
  if (failed(mask))
    return failure();
  if (!mask->expert)
    return match.fail(reader, "its mask is not of one expert");
  std::optional<int64_t> experts = getStaticLastDim(mask->choices);
  if (!experts || (all.mask && mask->choices != all.mask))
    return match.fail(reader, "expert " + llvm::Twine(*mask->expert) + " is masked by another tensor");
  all.mask = mask->choices;
  bodies.resize(*experts);
  return *mask->expert;
}

LogicalResult TermMatcher::add(int64_t expert, const Mlp &body, Value tokens, Operation *reader) {
  if (!all.tokens)
    all.tokens = tokens;
  if (skipReshapes(tokens) != skipReshapes(all.tokens))
    return match.fail(reader, "expert " + llvm::Twine(expert) + " reads other tokens");
  if (bodies[expert])
    return match.fail(reader, "expert " + llvm::Twine(expert) + " is computed twice");
  bodies[expert] = body;
  return success();
}

/// The dense form: all tokens through one expert, times its part of the mask.
LogicalResult TermMatcher::matchProduct(onnx::NodeOp product) {
  match.take(product);
  adds = true;
  std::optional<unsigned> index = findOperand(product, comesFromSeatMask);
  if (!index)
    return match.fail(product, "expected an expert and its part of a mask");
  Value part = product.getInputs()[*index], rows = product.getInputs()[1 - *index];
  FailureOr<int64_t> expert = matchPart(part, product);
  FailureOr<ArrayRef<Expression>> before = match.getShape(rows, product), after = match.getShape(product.getResult(0), product);
  if (failed(expert) || failed(before) || failed(after))
    return failure();
  if (*before != *after || getStaticLastDim(part) != 1 || !match.haveSameRows(rows, part))
    return match.fail(product, "it does not multiply each row by one number");
  FailureOr<Mlp> body = matchBody(match, weights, rows, product);
  return succeeded(body) ? add(*expert, *body, body->input, product) : failure();
}

/// The NonZero of which `coordinates` list all `rank` coordinates of an element in one row: its Transpose, or a Concat of columns.
FailureOr<onnx::NodeOp> TermMatcher::matchLookup(Value coordinates, size_t rank, Operation *reader) {
  onnx::NodeOp transpose = getDefiner(coordinates, "Transpose"), concat = getDefiner(coordinates, "Concat");
  if (transpose) {
    match.take(transpose);
    auto permutation = dyn_cast_or_null<DenseI64ArrayAttr>(transpose.getNodeAttr("perm"));
    onnx::NodeOp nonZero = match.takeOperand(transpose, 0, "NonZero", "what looks up the tokens of an expert");
    if (!nonZero)
      return failure();
    if (permutation && permutation.asArrayRef() != ArrayRef<int64_t>{1, 0})
      return match.fail(transpose, "it does not list coordinates, one row an element");
    return nonZero;
  }
  if (concat) {
    match.take(concat);
    reader = concat;
  }
  SmallVector<Value> columns = concat ? SmallVector<Value>(concat.getInputs()) : SmallVector<Value>{coordinates};
  if (columns.size() != rank || (concat && Match::getAxis(concat, 2, 0) != 1))
    return match.fail(reader, "it does not list coordinates, one row an element");
  onnx::NodeOp nonZero;
  for (auto [axis, column] : llvm::enumerate(columns)) {
    FailureOr<Coordinates> read = matchCoordinates(match, column, reader);
    if (failed(read))
      return failure();
    if (read->axis != static_cast<int64_t>(axis) || (nonZero && nonZero != read->nonZero))
      return match.fail(reader, "it does not list coordinates, one row an element");
    nonZero = read->nonZero;
  }
  return nonZero;
}

/// The expert whose part of the mask, expanded over the elements of the tokens, tells where `scatter` writes.
FailureOr<int64_t> TermMatcher::matchElements(onnx::NodeOp scatter, ArrayRef<Expression> to) {
  FailureOr<onnx::NodeOp> lookup = matchLookup(scatter.getInputs()[1], to.size(), scatter);
  onnx::NodeOp expand = succeeded(lookup) ? match.takeOperand(*lookup, 0, "Expand", "the mask over the elements of a token") : onnx::NodeOp();
  if (!expand)
    return failure();
  Value mask = expand.getInputs()[0];
  FailureOr<ArrayRef<Expression>> found = match.getShape(expand.getResult(0), scatter);
  if (failed(found))
    return failure();
  if (to != *found || getStaticLastDim(mask) != 1 || !match.haveSameRows(mask, scatter.getInputs()[0]))
    return match.fail(scatter, "it does not write all elements of the tokens of a mask");
  return matchPart(mask, expand);
}

/// The expert whose part of the mask tells to which of the tokens `tokens` the rows of `reader` belong.
FailureOr<int64_t> TermMatcher::matchTokens(Value coordinates, ArrayRef<Expression> tokens, onnx::NodeOp reader) {
  FailureOr<onnx::NodeOp> lookup = matchLookup(coordinates, tokens.size(), reader);
  if (failed(lookup))
    return failure();
  Value part = (*lookup).getInputs()[0];
  FailureOr<ArrayRef<Expression>> shape = match.getShape(part, reader);
  if (failed(shape))
    return failure();
  return *shape == tokens ? matchPart(part, *lookup) : FailureOr<int64_t>(match.fail(reader, "the mask has other tokens than it"));
}

/// The rows as one vector; the exporter cuts or expands it to the number of elements that the mask has, which it has.
FailureOr<Value> TermMatcher::matchUpdates(onnx::NodeOp scatter) {
  Value updates = match.takeReshapes(scatter.getInputs()[2]);
  // There is a row for each token of the mask, and the scatter takes no other number.
  if (onnx::NodeOp expand = getDefiner(updates, "Expand")) {
    match.take(expand);
    return match.takeReshapes(expand.getInputs()[0]);
  }
  onnx::NodeOp slice = getDefiner(updates, "Slice");
  if (!slice)
    return updates;
  match.take(slice);
  FailureOr<ArrayRef<Expression>> indices = match.getShape(scatter.getInputs()[1], scatter), vector = match.getShape(slice.getInputs()[0], slice);
  if (failed(indices) || failed(vector))
    return failure();
  auto isConstant = [&](unsigned operand, int64_t value) { return match.shapes.getConstantData(slice.getInput(operand)) == SmallVector<int64_t>{value}; };
  std::optional<ArrayRef<Expression>> end = match.shapes.getData(slice.getInput(2));
  if (vector->size() != 1 || !isConstant(1, 0) || !isConstant(3, 0) || (slice.getInput(4) && !isConstant(4, 1)) || !end ||
      *end != indices->take_front())
    return match.fail(slice, "it does not take the elements that are written");
  return match.takeReshapes(slice.getInputs()[0]);
}

/// Rows of the expert over the tokens that its part of the mask tells: GatherND(tokens [..., H], coordinates), or Gather along the tokens.
LogicalResult TermMatcher::matchRows(Value rows, int64_t expert, onnx::NodeOp scatter) {
  FailureOr<Mlp> body = matchBody(match, weights, rows, scatter);
  if (failed(body))
    return failure();
  Value read = match.takeReshapes(body->input);
  onnx::NodeOp gather = getDefiner(read, "Gather");
  if (!gather && !(gather = match.takeDefiner(read, scatter, "GatherND", "the rows of the tokens")))
    return failure();
  match.take(gather);
  Value tokens = gather.getInputs()[0];
  FailureOr<ArrayRef<Expression>> from = match.getShape(tokens, gather);
  if (failed(from))
    return failure();
  if (from->empty() || gather.getInt("batch_dims", 0) != 0 || (gather.getType() == "Gather" && (from->size() != 2 || Match::getAxis(gather, 2, 0) != 0)))
    return match.fail(gather, "it does not gather rows of tokens");
  FailureOr<int64_t> other = matchTokens(gather.getInputs()[1], from->drop_back(), gather);
  if (failed(other))
    return failure();
  if (*other != expert)
    return match.fail(scatter, "it writes where expert " + llvm::Twine(expert) + " has tokens, but reads those of expert " + llvm::Twine(*other));
  return add(expert, *body, tokens, scatter);
}

/// Assignment through a part of the mask: of the rows of an expert, or of all of their elements.
LogicalResult TermMatcher::matchAssignment(onnx::NodeOp scatter) {
  match.take(scatter);
  rest.push_back({scatter.getInputs()[0], scatter});
  // A token has one expert, so that adding to zeros and writing over them are the same.
  llvm::StringRef reduction = scatter.getString("reduction", "none");
  if (reduction != "none" && reduction != "add")
    return match.fail(scatter, "it reduces by '" + reduction + "'");
  adds |= reduction == "add";
  FailureOr<ArrayRef<Expression>> to = match.getShape(scatter.getInputs()[0], scatter), by = match.getShape(scatter.getInputs()[1], scatter);
  if (failed(to) || failed(by))
    return failure();
  if (by->size() == 2 && by->back().isConstant(to->size())) {
    FailureOr<int64_t> expert = matchElements(scatter, *to);
    FailureOr<Value> rows = succeeded(expert) ? matchUpdates(scatter) : FailureOr<Value>(failure());
    return succeeded(rows) ? matchRows(*rows, *expert, scatter) : failure();
  }
  if (by->size() != 2 || !by->back().isConstant(to->size() - 1))
    return match.fail(scatter, "it writes neither rows nor elements of tokens");
  FailureOr<int64_t> expert = matchTokens(scatter.getInputs()[1], to->drop_back(), scatter);
  return succeeded(expert) ? matchRows(scatter.getInputs()[2], *expert, scatter) : failure();
}

LogicalResult TermMatcher::visit(Value value, Operation *reader) {
  if (isZeroFilled(value))
    return success();
  // What is written over the tokens themselves leaves those that have no seat.
  if (all.tokens && !adds && skipReshapes(value) == skipReshapes(all.tokens)) {
    all.keepsTokens = true;
    return success();
  }
  value = match.takeReshapes(value);
  auto node = value.getDefiningOp<onnx::NodeOp>();
  if (node && !seen.insert(node).second)
    return match.fail(node, "it is added twice");
  if (getDefiner(value, "Mul"))
    return matchProduct(node);
  if (getDefiner(value, "ScatterND"))
    return matchAssignment(node);
  if (!getDefiner(value, "Add"))
    return match.fail(node ? node.getOperation() : reader, "the sum does not begin at zero");
  match.take(node);
  adds = true;
  for (Value operand : node.getInputs())
    rest.push_back({operand, node});
  return checkAddsOneShape(match, node);
}

FailureOr<MaskedExperts> TermMatcher::run(Value result, Operation *reader) {
  rest.push_back({result, reader});
  while (!rest.empty()) {
    auto [value, from] = rest.pop_back_val();
    if (failed(visit(value, from)))
      return failure();
  }
  SmallVector<Mlp> ordered;
  for (auto [expert, body] : llvm::enumerate(bodies)) {
    if (!body)
      return match.fail(reader, "expert " + llvm::Twine(expert) + " of " + llvm::Twine(bodies.size()) + " is missing");
    ordered.push_back(*body);
  }
  FailureOr<Experts> experts = stackBodies(match, ordered, reader);
  if (failed(experts))
    return failure();
  all.experts = *experts;
  return all;
}

/// Whole rows that are scattered: a loop over experts, of which the mask tells the choices.
FailureOr<MaskedExperts> matchLoop(Match &match, WeightRecipes &weights, Value result, Operation *reader) {
  auto sum = cast<onnx::NodeOp>(match.takeReshapes(result).getDefiningOp());
  match.take(sum);
  FailureOr<LoopedExperts> loop = matchLoopedExperts(match, weights, sum, getAxesOfMask);
  if (failed(loop))
    return failure();
  if (loop->start)
    return match.fail(sum, "the sum does not begin at zero");
  return MaskedExperts{loop->tokens, loop->choices, loop->weights, loop->experts, loop->weighsInputs};
}

/// True where `sum` is assigned through a mask, or element by element.
bool isAssigned(Match &match, onnx::NodeOp sum) {
  Value indices = getDefiner(sum.getResult(0), "ScatterND") ? sum.getInputs()[1] : Value();
  if (!indices || !match.shapes.hasShape(sum.getInputs()[0]) || !match.shapes.hasShape(indices) || match.shapes.getShape(indices).empty())
    return false;
  return sum.getString("reduction", "none") == "none" ||
         match.shapes.getShape(indices).back().isConstant(match.shapes.getShape(sum.getInputs()[0]).size());
}

bool isProductOfMask(Value value) {
  onnx::NodeOp product = getDefiner(skipReshapes(value), "Mul");
  return product && findOperand(product, comesFromSeatMask);
}

}  // namespace

bool addsMaskedTerm(onnx::NodeOp node, llvm::function_ref<bool(Value)> isSum) {
  if (node.getNumResults() != 1 || !isa<FloatType>(getElementTypeOrSelf(node.getResult(0))))
    return false;
  if (node.getOpType() != "ai.onnx::Add")
    return static_cast<bool>(getScatter(node.getResult(0)));
  for (unsigned index : {0u, 1u}) {
    Value term = skipReshapes(node.getInputs()[index]), other = skipReshapes(node.getInputs()[1 - index]);
    onnx::NodeOp scatter = getScatter(term);
    // What is added to something else is a whole sum of one expert.
    if (isProductOfMask(term) || (scatter && isZeroFilled(scatter.getInputs()[0]) && (isZeroFilled(other) || isSum(other))))
      return true;
  }
  return false;
}

FailureOr<MaskedExperts> matchMaskedExperts(Match &match, WeightRecipes &weights, Value result, Operation *reader) {
  auto sum = cast<onnx::NodeOp>(skipReshapes(result).getDefiningOp());
  if (findOperand(sum, isProductOfMask) || isAssigned(match, sum))
    return TermMatcher(match, weights).run(result, reader);
  return matchLoop(match, weights, result, reader);
}

}  // namespace switchyard::raise
