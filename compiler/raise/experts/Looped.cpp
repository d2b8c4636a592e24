#include "compiler/raise/experts/Looped.h"

#include "compiler/analysis/ShapeRules.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace switchyard::raise {

namespace {

/// Reads the bodies of a loop one after another; its members are what all of them must agree in.
class LoopMatcher {
public:
  LoopMatcher(Match &match, WeightRecipes &weights, onnx::NodeOp sum, MaskAxes axesOf) : match(match), weights(weights), sum(sum), axesOf(axesOf) {}

  FailureOr<LoopedExperts> run();

private:
  LogicalResult matchRows(ScatteredRows scattered);
  LogicalResult matchLookup(onnx::NodeOp nonZero);
  FailureOr<ChoiceMask> matchMask(onnx::NodeOp nonZero);
  LogicalResult checkMask(const ChoiceMask &mask, onnx::NodeOp nonZero);
  LogicalResult agreeInRoutes(const ExpertShare &share, Operation *reader);
  Value takeMoves(Value value);
  LogicalResult matchTokens(Value rows, Operation *reader);
  LogicalResult matchWeight(Value column, Operation *reader);
  LogicalResult matchColumn(onnx::NodeOp gather);
  FailureOr<Value> matchProduct(onnx::NodeOp product);
  LogicalResult matchPositions(onnx::NodeOp gather, ArrayRef<Expression> data, int64_t width);
  LogicalResult matchTuples(onnx::NodeOp gather, ArrayRef<Expression> data, int64_t width);
  LogicalResult readPosition(Value value, int64_t factor, Operation *reader);
  LogicalResult expectCoordinate(Value value, std::optional<int64_t> axis, Operation *reader);
  LogicalResult agree(Value &all, Value own, Operation *reader, llvm::StringRef what);
  FailureOr<Experts> stack();

  Match &match;
  WeightRecipes &weights;
  onnx::NodeOp sum;
  MaskAxes axesOf;

  LoopedExperts loop;
  struct Body {
    int64_t slot, expert;
    Mlp mlp;
  };
  SmallVector<Body> bodies;
  ExpertShare lastShare;
  Expression tokens;   // their number
  int64_t slots = 0;
  bool isFirst = true, isWeighed = false;
  bool isOfAnySlot = false;     // the masks do not tell which slot chose an expert
  bool isOfShares = false;      // some mask leaves out shares of 0

  // Of the body that is being read.
  onnx::NodeOp nonZero;
  Expression count;  // of its rows
  int64_t tokenAxis = 0, expert = 0;
  std::optional<int64_t> slotAxis, slot;  // the slot that was picked
  int64_t tokenFactor = 0, slotFactor = 0;  // of the position of a weight
};

/// All bodies read the same tensor, at most under other shapes.
LogicalResult LoopMatcher::agree(Value &all, Value own, Operation *reader, llvm::StringRef what) {
  if (!all)
    all = own;
  return skipReshapes(all) == skipReshapes(own) ? success() : match.fail(reader, "it reads other " + what + " than the expert before it");
}

LogicalResult LoopMatcher::checkMask(const ChoiceMask &mask, onnx::NodeOp lookup) {
  FailureOr<ArrayRef<Expression>> shape = match.getShape(lookup.getInputs()[0], lookup), choices = match.getShape(mask.choices, lookup);
  if (failed(shape) || failed(choices))
    return failure();
  SmallVector<MaskAxis> own = axesOf(mask.choices);
  Expression rows = match.shapes.getContext().constant(1);
  std::optional<int64_t> width = 1;
  for (auto [axis, size] : llvm::zip_equal(own, *choices)) {
    rows = axis == MaskAxis::token ? rows * size : rows;
    width = axis == MaskAxis::slot ? size.getConstant() : width;
  }
  std::optional<int64_t> token;
  slotAxis = std::nullopt;
  slot = mask.slot;
  isOfAnySlot = mask.isOfAnySlot;
  for (auto [position, axis] : llvm::enumerate(mask.axes)) {
    if (axis == MaskAxis::token && (*shape)[position].isConstant(1) && !rows.isConstant(1))
      continue;  // the coordinates along a single batch say nothing
    bool isAgain = axis == MaskAxis::token ? token.has_value() : axis == MaskAxis::slot && slotAxis.has_value();
    if (isAgain || axis == MaskAxis::expert)
      return match.fail(lookup, "the mask is not tokens x slots of one expert");
    if (axis == MaskAxis::token)
      token = position;
    else if (axis == MaskAxis::slot)
      slotAxis = position;
  }
  bool toldApart = slotAxis || slot || (isOfAnySlot && !llvm::is_contained(own, MaskAxis::expert)) || (!isOfAnySlot && width == 1);
  if (!token || !width || !toldApart || !rows || (*shape)[*token] != rows)
    return match.fail(lookup, "the mask is not tokens x slots of one expert");
  tokenAxis = *token;
  tokens = rows;
  slots = *width;
  return success();
}

/// All shares are of the same routes.
LogicalResult LoopMatcher::agreeInRoutes(const ExpertShare &share, Operation *reader) {
  lastShare = share;
  if (loop.routes && (share.routes.ids != loop.routes->ids || share.routes.weights != loop.routes->weights))
    return match.fail(reader, "its shares are of other routes than those of the expert before it");
  loop.routes = share.routes;
  return success();
}

/// The mask that `lookup` looks up: of choices, or of the shares of an expert that are not 0. A share of 0 adds nothing.
FailureOr<ChoiceMask> LoopMatcher::matchMask(onnx::NodeOp lookup) {
  Value value = lookup.getInputs()[0];
  if (!getShareMaskSource(match.shapes, value))
    return matchChoiceMask(match, value, lookup, axesOf);
  FailureOr<ArrayRef<Expression>> shape = match.getShape(value, lookup);
  FailureOr<ShareMask> found = succeeded(shape) ? matchShareMask(match, value, lastShare, lookup) : FailureOr<ShareMask>(failure());
  if (failed(found) || failed(agreeInRoutes(found->share, lookup)))
    return failure();
  loop.leavesNegative |= found->isPositive;
  isOfShares = true;
  ChoiceMask mask{found->share.routes.ids, {}, found->share.expert, std::nullopt, std::nullopt, /*isOfAnySlot=*/true};
  for (Expression size : *shape)
    mask.axes.push_back(size.isConstant(1) && shape->size() > 1 ? MaskAxis::unit : MaskAxis::token);
  return mask;
}

/// Which choices the rows of a body are of.
LogicalResult LoopMatcher::matchLookup(onnx::NodeOp lookup) {
  nonZero = lookup;
  FailureOr<ChoiceMask> mask = matchMask(lookup);
  if (failed(mask))
    return failure();
  if (!mask->expert)
    return match.fail(lookup, "it does not look up the choices of one expert");
  if (loop.choices && loop.choices != mask->choices)
    return match.fail(lookup, "it looks up other choices than the expert before it");
  if (!isFirst && loop.count != mask->experts)
    return match.fail(lookup, "it tells apart another number of experts than the expert before it");
  if (!isFirst && (isOfAnySlot != mask->isOfAnySlot || slot.has_value() != mask->slot.has_value()))
    return match.fail(lookup, "it tells the slots apart otherwise than the expert before it");
  loop.choices = mask->choices;
  loop.count = mask->experts;
  expert = *mask->expert;
  return checkMask(*mask, lookup);
}

/// Coordinates of this body's NonZero along `axis`; nothing stands for an axis of one slot, along which all coordinates are 0.
LogicalResult LoopMatcher::expectCoordinate(Value value, std::optional<int64_t> axis, Operation *reader) {
  FailureOr<Coordinates> coordinates = matchCoordinates(match, value, reader);
  if (failed(coordinates))
    return failure();
  if (coordinates->nonZero != nonZero || coordinates->axis != axis)
    return match.fail(reader, axis == tokenAxis ? "its indices are not of the tokens of this expert" : "its indices are not of the slots of this expert");
  return success();
}

/// Adds `factor` times `value` to the position of a weight: sums and multiples of coordinates.
LogicalResult LoopMatcher::readPosition(Value value, int64_t factor, Operation *reader) {
  SmallVector<std::tuple<Value, int64_t, Operation *>> terms{{value, factor, reader}};
  constexpr unsigned mostNodes = 8;
  for (unsigned next = 0; next < terms.size() && next < mostNodes; ++next) {
    auto [term, times, from] = terms[next];
    FailureOr<ArrayRef<Expression>> shape = match.getShape(term, from);
    if (failed(shape))
      return failure();
    if (countElements(match.shapes.getContext(), *shape) != count)
      return match.fail(from, "its indices are not of the tokens and slots of this expert");
    Value inner = match.takeIntegerCasts(term);
    onnx::NodeOp add = getDefiner(inner, "Add"), product = getDefiner(inner, "Mul");
    auto getFactor = [&](Value v) -> std::optional<int64_t> {
      std::optional<int64_t> factor = match.shapes.getConstantInteger(v);
      return factor && llvm::isInt<32>(*factor) ? factor : std::nullopt;
    };
    std::optional<unsigned> constant = product ? findOperand(product, [&](Value v) { return getFactor(v).has_value(); }) : std::nullopt;
    if (add) {
      match.take(add);
      for (Value operand : add.getInputs())
        terms.push_back({operand, times, add});
      continue;
    }
    if (constant) {
      match.take(product);
      if (llvm::MulOverflow(times, *getFactor(product.getInputs()[*constant]), times))
        return match.fail(reader, "it does not gather by token * " + llvm::Twine(slots) + " + slot");
      terms.push_back({product.getInputs()[1 - *constant], times, product});
      continue;
    }
    FailureOr<Coordinates> coordinates = matchCoordinates(match, inner, from);
    if (failed(coordinates))
      return failure();
    if (coordinates->nonZero != nonZero)
      return match.fail(from, "its indices are not of the tokens and slots of this expert");
    if (coordinates->axis == tokenAxis)
      tokenFactor += times;
    else if (coordinates->axis == slotAxis)
      slotFactor += times;
  }
  return terms.size() <= mostNodes ? success() : match.fail(reader, "it computes a position of too many terms");
}

/// Gather of T * `width` weights by token * `width` + slot.
LogicalResult LoopMatcher::matchPositions(onnx::NodeOp gather, ArrayRef<Expression> data, int64_t width) {
  Expression all = tokens * width;
  if (Match::getAxis(gather, data.size(), 0) != 0 || data.empty() || data.front() != all)
    return match.fail(gather, "it does not gather from the weights of " + llvm::Twine(width) + " slots of each token");
  tokenFactor = slotFactor = 0;
  if (failed(readPosition(gather.getInputs()[1], 1, gather)))
    return failure();
  if (tokenFactor != width || (width != 1 && slotFactor != 1))
    return match.fail(gather, "it does not gather by token * " + llvm::Twine(width) + " + slot");
  return success();
}

/// GatherND of T x `width` weights by (token, slot).
LogicalResult LoopMatcher::matchTuples(onnx::NodeOp gather, ArrayRef<Expression> data, int64_t width) {
  Value indices = gather.getInputs()[1];
  FailureOr<ArrayRef<Expression>> shape = match.getShape(indices, gather);
  if (failed(shape))
    return failure();
  bool isTuple = gather.getInt("batch_dims", 0) == 0 && shape->size() == 2 && shape->front() == count;
  if (isTuple && shape->back().isConstant(1))
    return matchPositions(gather, data, width);
  if (!isTuple || !shape->back().isConstant(2) || data.size() < 2 || data[0] != tokens || !data[1].isConstant(width))
    return match.fail(gather, "it does not gather from the weights of " + llvm::Twine(width) + " slots of each token");
  onnx::NodeOp tuple = match.takeDefiner(indices, gather, "Concat", "the tuples of token and slot");
  if (!tuple || tuple.getInputs().size() != 2)
    return match.fail(gather, "expected the tuples of token and slot");
  if (failed(expectCoordinate(tuple.getInputs()[0], tokenAxis, tuple)))
    return failure();
  return width == 1 && !slotAxis ? success() : expectCoordinate(tuple.getInputs()[1], slotAxis, tuple);
}

/// One weight a token: of the slot that the mask is of, or the share of the expert.
LogicalResult LoopMatcher::matchColumn(onnx::NodeOp gather) {
  Value column = gather.getInputs()[0];
  if (isOfAnySlot) {
    FailureOr<ExpertShare> share = matchExpertShare(match, column, lastShare, gather);
    if (failed(share) || failed(agreeInRoutes(*share, gather)))
      return failure();
    if (share->expert != expert || share->slots != slots || share->routes.ids != match.takeIntegerCasts(loop.choices))
      return match.fail(gather, "it does not weigh the rows by the shares of this expert");
    return success();
  }
  Value inner = match.takeReshapes(column);
  std::optional<Part> part = match.readPart(inner);
  if (!part)
    return slots == 1 ? agree(loop.weights, inner, gather, "weights") : match.fail(gather, "expected the weights of one slot");
  match.take(part->node);
  FailureOr<ArrayRef<Expression>> whole = match.getShape(part->getWhole(), gather);
  if (failed(whole))
    return failure();
  bool isOfSlot = part->axis + 1 == static_cast<int64_t>(whole->size()) && whole->back().isConstant(slots) && part->size == 1 && part->first == slot &&
                  countElements(match.shapes.getContext(), *whole) == tokens * slots;
  if (!isOfSlot)
    return match.fail(gather, "it does not weigh the rows by the weights of slot " + llvm::Twine(*slot));
  return agree(loop.weights, match.takeReshapes(part->getWhole()), gather, "weights");
}

/// One weight a row, of the token and slot that the row is of.
LogicalResult LoopMatcher::matchWeight(Value column, Operation *reader) {
  Value value = match.takeReshapes(column);
  auto gather = value.getDefiningOp<onnx::NodeOp>();
  bool isTuple = gather && gather.getOpType() == "ai.onnx::GatherND";
  if (!isTuple && !(gather = match.takeDefiner(value, reader, "Gather", "the weights of the rows")))
    return failure();
  match.take(gather);
  FailureOr<ArrayRef<Expression>> data = match.getShape(gather.getInputs()[0], gather);
  if (failed(data))
    return failure();
  int64_t width = slot || isOfAnySlot ? 1 : slots;
  if (countElements(match.shapes.getContext(), *data) != tokens * width)
    return match.fail(gather, "it does not gather from the weights of " + llvm::Twine(width) + " slots of each token");
  if (failed(isTuple ? matchTuples(gather, *data, width) : matchPositions(gather, *data, width)))
    return failure();
  if (slot || isOfAnySlot)
    return matchColumn(gather);
  return agree(loop.weights, match.takeReshapes(gather.getInputs()[0]), gather, "weights");
}

/// The rows that a product weighs, each by its own weight.
FailureOr<Value> LoopMatcher::matchProduct(onnx::NodeOp product) {
  match.take(product);
  auto isColumn = [&](Value v) {
    return match.shapes.hasShape(v) && match.shapes.getShape(v).size() == 2 && match.shapes.getShape(v).front() == count &&
           match.shapes.getShape(v).back().isConstant(1);
  };
  std::optional<unsigned> column = isColumn(product.getInputs()[1]) ? std::optional(1u) : findOperand(product, isColumn);
  if (!column)
    return match.fail(product, "it does not multiply each row by one weight");
  if (failed(matchWeight(product.getInputs()[*column], product)))
    return failure();
  return product.getInputs()[1 - *column];
}

/// `value` in front of reshapes and of transposes that only move axes of one element, as dynamo writes around an index behind None.
Value LoopMatcher::takeMoves(Value value) {
  for (;;) {
    value = match.takeReshapes(value);
    onnx::NodeOp transpose = getDefiner(value, "Transpose");
    auto permutation = transpose ? dyn_cast_or_null<DenseI64ArrayAttr>(transpose.getNodeAttr("perm")) : DenseI64ArrayAttr();
    if (!permutation || !match.shapes.hasShape(transpose.getInputs()[0]))
      return value;
    ArrayRef<Expression> shape = match.shapes.getShape(transpose.getInputs()[0]);
    if (!llvm::is_sorted(llvm::filter_to_vector(permutation.asArrayRef(), [&](int64_t axis) { return !shape[axis].isConstant(1); })))
      return value;
    match.take(transpose);
    value = transpose.getInputs()[0];
  }
}

/// The rows that an expert reads: Gather or GatherND of the tokens.
LogicalResult LoopMatcher::matchTokens(Value rows, Operation *reader) {
  FailureOr<ArrayRef<Expression>> own = match.getShape(rows, reader);
  if (failed(own))
    return failure();
  if (own->size() != 2 || own->front() != count)
    return match.fail(reader, "it does not read one row for each row that it gives");
  Expression hidden = own->back();
  Value value = takeMoves(rows);
  auto gather = value.getDefiningOp<onnx::NodeOp>();
  bool isTuple = gather && gather.getOpType() == "ai.onnx::GatherND";
  if (!isTuple && !(gather = match.takeDefiner(value, reader, "Gather", "the rows of the tokens")))
    return failure();
  match.take(gather);
  FailureOr<ArrayRef<Expression>> data = match.getShape(gather.getInputs()[0], gather), indices = match.getShape(gather.getInputs()[1], gather);
  if (failed(data) || failed(indices))
    return failure();
  int64_t rank = data->size(), axis = isTuple ? 0 : Match::getAxis(gather, rank, 0);
  bool isRow = isTuple ? gather.getInt("batch_dims", 0) == 0 && indices->size() == 2 && indices->back().isConstant(1) : indices->size() == 1;
  auto isOne = [](Expression size) { return size.isConstant(1); };
  bool leads = rank >= 2 && axis < rank - 1 && llvm::all_of(data->take_front(axis), isOne) && llvm::all_of(data->drop_front(axis + 1).drop_back(), isOne);
  if (!isRow || !leads || (*data)[axis] != tokens || data->back() != hidden)
    return match.fail(gather, "it does not gather rows of " + tokens.str() + " x " + hidden.str());
  if (failed(expectCoordinate(gather.getInputs()[1], tokenAxis, gather)))
    return failure();
  return agree(loop.tokens, gather.getInputs()[0], gather, "tokens");
}

LogicalResult LoopMatcher::matchRows(ScatteredRows scattered) {
  onnx::NodeOp lookup = findNonZero(scattered.indices);
  if (!lookup)
    return match.fail(scattered.scatter, "its indices are not looked up by NonZero");
  if (failed(matchLookup(lookup)))
    return failure();
  count = match.shapes.getShape(scattered.rows).front();
  if (match.shapes.getShape(scattered.scatter.getResult(0)).front() != tokens)
    return match.fail(scattered.scatter, "it scatters to another number of rows than " + tokens.str() + " tokens");
  if (failed(expectCoordinate(scattered.indices, tokenAxis, scattered.scatter)))
    return failure();
  // Rows of one slot are each of one expert.
  if (scattered.replaces && (slots != 1 || loop.start))
    return match.fail(scattered.scatter, "it overwrites a sum instead of adding to it");
  FailureOr<Value> rows = scattered.rows;
  Operation *reader = scattered.scatter;
  onnx::NodeOp behind = getDefiner(*rows, "Mul");
  if (behind) {
    rows = matchProduct(behind);
    reader = behind;
  }
  FailureOr<Mlp> body = succeeded(rows) ? matchBody(match, weights, *rows, reader) : FailureOr<Mlp>(failure());
  if (failed(body))
    return failure();
  // Where no product weighs what an expert gives, one may weigh what it reads.
  onnx::NodeOp before = behind ? onnx::NodeOp() : getDefiner(match.takeReshapes(body->input), "Mul");
  if (!isFirst && (isWeighed != static_cast<bool>(behind) || loop.weighsInputs != static_cast<bool>(before)))
    return match.fail(scattered.scatter, "some experts are weighed, and others are not");
  isWeighed = static_cast<bool>(behind);
  loop.weighsInputs = static_cast<bool>(before);
  FailureOr<Value> input = before ? matchProduct(before) : FailureOr<Value>(body->input);
  if (failed(input) || failed(matchTokens(*input, before ? before.getOperation() : reader)))
    return failure();
  if (isOfAnySlot && !isWeighed)
    return match.fail(scattered.scatter, "it does not weigh what an expert gives by its share");
  loop.overwrites |= scattered.overwrites;
  bodies.push_back({slot.value_or(0), expert, *body});
  isFirst = false;
  return success();
}

/// All experts, each once, or once for each slot, in order.
FailureOr<Experts> LoopMatcher::stack() {
  llvm::sort(bodies, [](const Body &a, const Body &b) { return std::pair(a.slot, a.expert) < std::pair(b.slot, b.expert); });
  // As many in each slot as in the first one.
  size_t count = std::max<size_t>(llvm::count_if(bodies, [](const Body &body) { return body.slot == 0; }), 1), all = count * (slot ? slots : 1);
  SmallVector<Mlp> ordered;
  for (size_t position = 0; position < std::max(all, bodies.size()); ++position) {
    std::pair<int64_t, int64_t> expected(position / count, position % count);
    if (position == bodies.size() || expected < std::pair(bodies[position].slot, bodies[position].expert))
      return match.fail(sum, "expert " + llvm::Twine(expected.second) + " is missing");
    const Body &body = bodies[position];
    if (expected != std::pair(body.slot, body.expert))
      return match.fail(sum, "expert " + llvm::Twine(body.expert) + " is added twice");
    if (body.slot == 0)
      ordered.push_back(body.mlp);
    else if (body.mlp.experts != ordered[body.expert].experts)
      return match.fail(sum, "expert " + llvm::Twine(body.expert) + " is another one in slot " + llvm::Twine(body.slot));
  }
  return stackBodies(match, ordered, sum);
}

FailureOr<LoopedExperts> LoopMatcher::run() {
  FailureOr<ScatteredSum> scattered = matchScatteredSum(match, sum);
  if (failed(scattered))
    return failure();
  // One expert of all writes over each token, so that nothing is left of what lay below.
  bool isWrittenOver = scattered->isWrittenOver;
  loop.start = isWrittenOver ? Value() : scattered->start;
  for (const ScatteredRows &rows : scattered->rows)
    if (failed(matchRows(rows)))
      return failure();
  if (isWrittenOver && isOfShares)
    return match.fail(sum, "a token of which no share is more than 0 keeps what the sum begins with");
  FailureOr<Experts> experts = stack();
  if (failed(experts))
    return failure();
  loop.experts = *experts;
  return loop;
}

}  // namespace

FailureOr<LoopedExperts> matchLoopedExperts(Match &match, WeightRecipes &weights, onnx::NodeOp sum, MaskAxes axesOf) {
  return LoopMatcher(match, weights, sum, axesOf).run();
}

}  // namespace switchyard::raise
