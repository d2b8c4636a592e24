// Routers with a capacity over all tokens of the call: DeepSpeed's top-1 and top-2 gates.
//
// For each choice i: a mask of the chosen expert (T x E), positions by a cumulated sum of the mask over the tokens (the second
// choices stand after all first ones), the mask of what fits, and a one-hot of the seat. The combine tensor is the sum over the
// choices of weight (T x E) times seat (T x C).
#include "compiler/raise/routers/Routers.h"

#include "mlir/IR/TypeUtilities.h"

using namespace mlir;

namespace switchyard::raise {

bool takeCastsTo(Match &match, Value value, Value wanted) {
  while (value != wanted) {
    onnx::NodeOp cast = getDefiner(value, "Cast");
    if (!cast)
      return false;
    match.take(cast);
    value = cast.getInputs()[0];
  }
  return true;
}

namespace {

/// One choice: an arg-max, its mask before and after dropping, and the weights that it gives to the combine tensor.
struct Choice {
  onnx::NodeOp argMax;
  Value mask, kept, weights, seats;
};

bool isIntegerTensor(Value value) {
  Type type = getElementTypeOrSelf(value);
  return type.isInteger(32) || type.isInteger(64);
}

class CapacityMatcher {
public:
  CapacityMatcher(Match &match, Operation *reader) : match(match), reader(reader) {}

  FailureOr<CapacityRouter> run(Value combine);

private:
  FailureOr<Choice> matchTerm(onnx::NodeOp einsum);
  FailureOr<Value> matchSeat(Value seat, onnx::NodeOp from);
  FailureOr<std::pair<Value, Value>> matchKept(Value kept, onnx::NodeOp from);
  LogicalResult matchPositions(Choice &choice, Value positions, const Choice *before);
  LogicalResult matchMask(Choice &choice);
  bool takeOwnScore(Choice choice, Value column);
  LogicalResult matchMaskedLogits(const Choice &first, const Choice &second, Value logits);
  FailureOr<CapacityRouter> matchTop1(Choice &choice);
  FailureOr<CapacityRouter> matchTop2(Choice &first, Choice &second);
  FailureOr<onnx::NodeOp> matchShare(const Choice &choice, onnx::NodeOp &quotient);
  LogicalResult setSeats(Expression value, Operation *from);
  LogicalResult expectConstant(Value value, double expected, Operation *from, const llvm::Twine &role);

  Match &match;
  Operation *reader;
  Expression seats;
  /// Positions of each choice, in the order of the choices, as `matchTerm` finds them.
  SmallVector<Value> positions;
  /// False where some choice is not compared with the capacity.
  bool drops = true;
};

LogicalResult CapacityMatcher::expectConstant(Value value, double expected, Operation *from, const llvm::Twine &role) {
  if (isScalarConstant(value, expected))
    return success();
  return match.fail(from, role + " is not the constant " + llvm::Twine(static_cast<int64_t>(expected)));
}

/// All uses of the capacity must be one expression.
LogicalResult CapacityMatcher::setSeats(Expression value, Operation *from) {
  if (seats && seats != value)
    return match.fail(from, "the capacity is " + seats.str() + " in one place and " + value.str() + " in another");
  seats = value;
  return success();
}

/// One-hot of the seats: returns the seat of each token.
FailureOr<Value> CapacityMatcher::matchSeat(Value seat, onnx::NodeOp from) {
  FailureOr<OneHot> oneHot = matchOneHot(match, seat, from, "the one-hot of the seats");
  if (failed(oneHot) || failed(setSeats(oneHot->depth, oneHot->node)))
    return failure();
  return oneHot->numbers;
}

/// mask * Cast(positions < C): returns (mask, positions).
FailureOr<std::pair<Value, Value>> CapacityMatcher::matchKept(Value kept, onnx::NodeOp from) {
  onnx::NodeOp product = match.takeDefiner(kept, from, "Mul", "the mask of what fits the capacity");
  if (!product)
    return failure();
  std::optional<unsigned> index = findOperand(product, [](Value v) {
    onnx::NodeOp cast = getDefiner(v, "Cast");
    return cast && getDefiner(cast.getInputs()[0], "Less");
  });
  if (!index)
    return match.fail(product, "expected a mask and a comparison with the capacity");
  onnx::NodeOp cast = match.takeOperand(product, *index, "Cast", "what fits the capacity");
  onnx::NodeOp less = cast ? match.takeOperand(cast, 0, "Less", "the comparison with the capacity") : onnx::NodeOp();
  if (!less)
    return failure();
  std::optional<ArrayRef<Expression>> bound = match.shapes.getData(less.getInputs()[1]);
  if (!bound || bound->size() != 1)
    return match.fail(less, "the capacity is no expression over the model's dimensions");
  if (failed(setSeats(bound->front(), less)))
    return failure();
  return std::pair(product.getInputs()[1 - *index], less.getInputs()[0]);
}

/// One term of the combine tensor: weights (T x E) times seats (T x C).
FailureOr<Choice> CapacityMatcher::matchTerm(onnx::NodeOp einsum) {
  if (getCanonicalEquation(einsum) != "ab,ac->abc")
    return match.fail(einsum, "expected the equation se,sc->sec");
  FailureOr<Value> seat = matchSeat(einsum.getInputs()[1], einsum);
  if (failed(seat))
    return failure();
  // The seat is the position where the mask is 1: the sum over the experts of positions * kept.
  onnx::NodeOp sum = match.takeDefiner(*seat, einsum, "ReduceSum", "the seat of each token");
  if (!sum)
    return failure();
  if (match.getReductionAxes(sum) != SmallVector<int64_t>{1})
    return match.fail(sum, "it does not sum over the experts");
  onnx::NodeOp product = match.takeOperand(sum, 0, "Mul", "positions times mask");
  if (!product)
    return failure();
  for (unsigned index : {0u, 1u}) {
    Value kept = product.getInputs()[index], position = product.getInputs()[1 - index];
    if (getDefiner(kept, "Mul")) {
      FailureOr<std::pair<Value, Value>> parts = matchKept(kept, product);
      if (failed(parts))
        return failure();
      if (parts->second != position)
        return match.fail(product, "the seat is not the position that was compared with the capacity");
      positions.push_back(position);
      return Choice{{}, parts->first, kept, einsum.getInputs()[0], einsum.getInputs()[1]};
    }
    // Without dropping, the mask itself stands for what fits.
    if ((getDefiner(kept, "Cast") || getDefiner(kept, "OneHot")) && (getDefiner(position, "Sub") || getDefiner(position, "Add"))) {
      drops = false;
      positions.push_back(position);
      return Choice{{}, kept, kept, einsum.getInputs()[0], einsum.getInputs()[1]};
    }
  }
  return match.fail(product, "expected positions times the mask of what fits the capacity");
}

/// The one-hot of ArgMax(x, -1) over the experts.
LogicalResult CapacityMatcher::matchMask(Choice &choice) {
  FailureOr<OneHot> oneHot = matchOneHot(match, choice.mask, reader, "the one-hot of the chosen expert");
  if (failed(oneHot))
    return failure();
  onnx::NodeOp equal = oneHot->node;
  auto type = dyn_cast<RankedTensorType>(choice.mask.getType());
  if (!type || type.getRank() != 2 || !oneHot->depth.isConstant(type.getDimSize(1)))
    return match.fail(equal, "it is not tokens x experts");
  Value chosen = oneHot->numbers;
  choice.argMax = match.takeDefiner(chosen, equal, "ArgMax", "the choice of an expert");
  if (!choice.argMax)
    return failure();
  auto scores = dyn_cast<RankedTensorType>(choice.argMax.getInputs()[0].getType());
  if (!scores || scores.getRank() != 2 || Match::getAxis(choice.argMax, 2, 0) != 1 || scores.getDimSize(1) != type.getDimSize(1))
    return match.fail(choice.argMax, "it does not choose among the experts of a token");
  if (choice.argMax.getInt("select_last_index", 0) != 0)
    return match.fail(choice.argMax, "it takes the last of equal experts");
  return success();
}

/// CumSum(mask, 0) - 1, for the second choice plus the number of first choices of each expert.
LogicalResult CapacityMatcher::matchPositions(Choice &choice, Value value, const Choice *before) {
  if (before) {
    onnx::NodeOp sum = match.takeDefiner(value, reader, "Add", "positions behind all first choices");
    if (!sum)
      return failure();
    std::optional<unsigned> index = findOperand(sum, [](Value v) { return getDefiner(v, "ReduceSum"); });
    if (!index)
      return match.fail(sum, "expected the number of first choices of each expert");
    onnx::NodeOp count = match.takeOperand(sum, *index, "ReduceSum", "the number of first choices");
    if (count.getInputs()[0] != before->mask || match.getReductionAxes(count) != SmallVector<int64_t>{0})
      return match.fail(count, "it does not count the first choices of each expert over the tokens");
    value = sum.getInputs()[1 - *index];
  }
  onnx::NodeOp less = match.takeDefiner(value, reader, "Sub", "positions from 0");
  if (!less || failed(expectConstant(less.getInputs()[1], 1, less, "what is subtracted")))
    return failure();
  onnx::NodeOp running = match.takeOperand(less, 0, "CumSum", "the running count of choices");
  if (!running)
    return failure();
  if (running.getInputs()[0] != choice.mask)
    return match.fail(running, "it does not count the choices of the mask");
  if (!isIntegerTensor(running.getResult(0)))
    return match.fail(running, "positions are not counted in integers");
  if (running.getInt("exclusive", 0) != 0 || running.getInt("reverse", 0) != 0)
    return match.fail(running, "exclusive or reverse is set");
  if (match.shapes.getConstantData(running.getInputs()[1]) != SmallVector<int64_t>{0})
    return match.fail(running, "it does not run over the tokens");
  return success();
}

/// True where `column` is the score of the expert that each token has chosen: the sum over the experts of the scores times the choice.
bool CapacityMatcher::takeOwnScore(Choice choice, Value column) {
  onnx::NodeOp sum = getDefiner(skipReshapes(column), "ReduceSum");
  onnx::NodeOp product = sum ? getDefiner(sum.getInputs()[0], "Mul") : onnx::NodeOp();
  if (!product || getStaticLastDim(column) != 1 || match.getReductionAxes(sum) != SmallVector<int64_t>{1})
    return false;
  std::optional<unsigned> index = findOperand(product, [&](Value v) { return v == choice.argMax.getInputs()[0]; });
  size_t before = match.countTaken();
  bool isOwn = index && (takeCastsTo(match, product.getInputs()[1 - *index], choice.kept) || takeCastsTo(match, product.getInputs()[1 - *index], choice.mask));
  if (!isOwn) {
    (void)match.giveBack(before);
    return false;
  }
  match.takeReshapes(column);
  match.take(sum);
  match.take(product);
  return true;
}

FailureOr<CapacityRouter> CapacityMatcher::matchTop1(Choice &choice) {
  if (failed(matchMask(choice)) || failed(matchPositions(choice, positions.front(), nullptr)))
    return failure();
  onnx::NodeOp product = match.takeDefiner(choice.weights, reader, "Mul", "scores times the mask of what fits");
  if (!product)
    return failure();
  Value scores = choice.argMax.getInputs()[0];
  std::optional<unsigned> index = findOperand(product, [&](Value v) { return v == scores || takeOwnScore(choice, v); });
  if (!index)
    return match.fail(product, "it does not weigh by the scores that chose the expert");
  if (!takeCastsTo(match, product.getInputs()[1 - *index], choice.kept))
    return match.fail(product, "it does not mask by what fits the capacity");
  FailureOr<Scores> read = matchScores(match, scores);
  if (failed(read))
    return failure();
  MLIRContext *context = reader->getContext();
  CapacityRouter result;
  result.router.logits = read->logits;
  result.router.gating =
      moe::GatingAttr::get(context, read->score, moe::Order::score_then_select, 1, 1, moe::GroupScore::max, moe::GroupFill::zero, false,
                           FloatAttr(), FloatAttr(), FloatAttr(), moe::TieRule::lowest_index);
  result.router.slots = 1;
  result.capacity.drop = moe::DropAttr::get(context, moe::DropPriority::choice_major, false, FloatAttr());
  return result;
}

/// Einsum "s,se->se"(share, Cast(kept)) with share = score / sum: returns the einsum "se,se->s" of the score.
FailureOr<onnx::NodeOp> CapacityMatcher::matchShare(const Choice &choice, onnx::NodeOp &quotient) {
  onnx::NodeOp spread = match.takeDefiner(choice.weights, reader, "Einsum", "the weight of a choice at its expert");
  if (!spread)
    return failure();
  if (getCanonicalEquation(spread) != "a,ab->ab" || !takeCastsTo(match, spread.getInputs()[1], choice.kept))
    return match.fail(spread, "expected s,se->se with the mask of what fits");
  quotient = match.takeOperand(spread, 0, "Div", "the share of a choice");
  if (!quotient)
    return failure();
  onnx::NodeOp score = match.takeOperand(quotient, 0, "Einsum", "the score of a choice");
  if (!score)
    return failure();
  if (getCanonicalEquation(score) != "ab,ab->a" || !takeCastsTo(match, score.getInputs()[1], choice.kept))
    return match.fail(score, "expected se,se->s with the mask of what fits");
  return score;
}

/// The second choice is the largest of the logits without the first: Where(Cast(mask), -inf, logits).
LogicalResult CapacityMatcher::matchMaskedLogits(const Choice &first, const Choice &second, Value logits) {
  onnx::NodeOp where = match.takeOperand(second.argMax, 0, "Where", "the logits without the first choice");
  if (!where)
    return failure();
  if (!takeCastsTo(match, where.getInputs()[0], first.mask))
    return match.fail(where, "it does not mask the first choice");
  std::optional<double> fill = getScalarConstant(where.getInputs()[1]);
  if (!fill || *fill != -std::numeric_limits<double>::infinity())
    return match.fail(where, "it does not fill with negative infinity");
  if (where.getInputs()[2] != logits)
    return match.fail(where, "it does not mask the logits of which the scores are made");
  return success();
}

FailureOr<CapacityRouter> CapacityMatcher::matchTop2(Choice &first, Choice &second) {
  if (failed(matchMask(first)) || failed(matchMask(second)) || failed(matchPositions(first, positions[0], nullptr)) ||
      failed(matchPositions(second, positions[1], &first)))
    return failure();
  // Shares of what is not compared with the capacity are made as if all had a seat.
  FailureOr<ArrayRef<Expression>> rows = match.getShape(first.mask, reader);
  if (failed(rows))
    return failure();
  if (!drops && !isProvedAtLeast(seats, rows->front()))
    return match.fail(reader, "choices are not compared with the capacity, which is not proved to be at least " + rows->front().str());
  onnx::NodeOp quotients[2];
  FailureOr<onnx::NodeOp> a = matchShare(first, quotients[0]),
                          b = succeeded(a) ? matchShare(second, quotients[1]) : FailureOr<onnx::NodeOp>(failure());
  if (failed(a) || failed(b))
    return failure();
  Value scores = first.argMax.getInputs()[0];
  if ((*a).getInputs()[0] != scores || (*b).getInputs()[0] != scores)
    return match.fail(*b, "the scores are not those that chose the first expert");
  onnx::NodeOp clip = match.takeOperand(quotients[0], 1, "Clip", "the sum of the scores, bounded from below");
  if (!clip)
    return failure();
  std::optional<double> epsilon = getScalarConstant(clip.getInput(1));
  if (quotients[1].getInputs()[1] != clip.getResult(0) || clip.getInput(2) || !epsilon || !(*epsilon > 0.0))
    return match.fail(clip, "expected one positive lower bound and no upper bound, common to both choices");
  onnx::NodeOp sum = match.takeOperand(clip, 0, "Add", "the sum of the scores");
  if (!sum)
    return failure();
  Value left = (*a).getResult(0), right = (*b).getResult(0);
  if (!(sum.getInputs()[0] == left && sum.getInputs()[1] == right) && !(sum.getInputs()[0] == right && sum.getInputs()[1] == left))
    return match.fail(sum, "it does not add the scores of both choices");
  // The scores stay an op of their own, which the first choice is taken from: Softmax may round the largest logit and a smaller one of
  // lower index to one score. The second choice is by logits, which tell apart what scores of 0 do not.
  onnx::NodeOp softmax = getDefiner(scores, "Softmax");
  if (!softmax || Match::getAxis(softmax, 2, softmax.getVersion() >= 13 ? -1 : 1) != 1)
    return match.fail(scores.getDefiningOp() ? scores.getDefiningOp() : reader, "expected Softmax over the experts as the scores");
  if (failed(matchMaskedLogits(first, second, softmax.getInputs()[0])))
    return failure();
  MLIRContext *context = reader->getContext();
  CapacityRouter result;
  result.router.logits = softmax.getInputs()[0];
  result.router.mix = scores;
  result.router.gating =
      moe::GatingAttr::get(context, moe::Score::identity, moe::Order::mix_then_select, 1, 1, moe::GroupScore::max, moe::GroupFill::zero,
                           false, FloatAttr(), FloatAttr(), FloatAttr(), moe::TieRule::lowest_index);
  result.router.slots = 2;
  result.capacity.drop =
      moe::DropAttr::get(context, moe::DropPriority::choice_major, true, FloatAttr::get(Float64Type::get(context), *epsilon));
  return result;
}

FailureOr<CapacityRouter> CapacityMatcher::run(Value combine) {
  SmallVector<onnx::NodeOp> terms;
  if (onnx::NodeOp sum = getDefiner(combine, "Add")) {
    match.take(sum);
    for (unsigned index : {0u, 1u})
      terms.push_back(match.takeOperand(sum, index, "Einsum", "a term of the combine tensor"));
  } else {
    terms.push_back(match.takeDefiner(combine, reader, "Einsum", "the combine tensor"));
  }
  SmallVector<Choice> choices;
  for (onnx::NodeOp term : terms) {
    FailureOr<Choice> choice = term ? matchTerm(term) : FailureOr<Choice>(failure());
    if (failed(choice))
      return failure();
    choices.push_back(*choice);
  }
  FailureOr<CapacityRouter> result = failure();
  if (choices.size() == 1) {
    result = matchTop1(choices.front());
    if (succeeded(result)) {
      result->kept = choices.front().kept;
      result->seats = choices.front().seats;
    }
  } else {
    // The second choice is the one whose positions stand behind the other's.
    bool swapped = getDefiner(positions[0], "Add");
    if (swapped)
      std::swap(positions[0], positions[1]);
    result = matchTop2(choices[swapped], choices[!swapped]);
  }
  if (failed(result))
    return failure();
  result->capacity.seats = seats;
  result->router.experts = cast<RankedTensorType>(choices.front().mask.getType()).getDimSize(1);
  return result;
}

}  // namespace

FailureOr<CapacityRouter> matchCapacityRouter(Match &match, Value combine, Operation *reader) {
  return CapacityMatcher(match, reader).run(combine);
}

}  // namespace switchyard::raise
