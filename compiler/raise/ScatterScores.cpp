// A mask of the chosen experts over their scores, as the scatter of the chosen scores that the matchers of routers read.
#include "compiler/raise/Match.h"
#include "compiler/raise/Passes.h"
#include "compiler/raise/control/NodeWriter.h"
#include "compiler/raise/routers/Routers.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/TypeUtilities.h"

#include <cmath>

namespace switchyard::raise {

#define GEN_PASS_DEF_SCATTERSCORES
#include "compiler/raise/Passes.h.inc"

using namespace mlir;

namespace {

/// True where the choices of `mask` are counted along the tokens: the router has a capacity, which reads the mask itself.
bool isCounted(Value mask) {
  return llvm::any_of(mask.getUsers(), [](Operation *user) {
    auto node = dyn_cast<onnx::NodeOp>(user);
    return node && (node.getOpType() == "ai.onnx::CumSum" || (node.getOpType() == "ai.onnx::Cast" && isCounted(node.getResult(0))));
  });
}

/// True for elements that scores may have. A mask leaves those of any type as they are.
bool areNumbers(Value value) { return isComputedInF32(getElementTypeOrSelf(value)); }

class ScoreScatterer {
public:
  explicit ScoreScatterer(SymbolicShapes &shapes) : shapes(shapes), match(shapes) {}

  void visit(onnx::NodeOp node);

private:
  struct Masked {
    Value scores, mask, ids;
    double fill;
  };
  Value getOneHotNumbers(Value rows);
  bool isLastAxis(onnx::NodeOp node, Value of, int64_t otherwise);
  Value getMaskedIds(Value mask);
  std::optional<Masked> readMasked(onnx::NodeOp node);
  Value scatter(onnx::NodeOp reader, Value like, Value ids, Value numbers, double fill);
  onnx::NodeOp getScatter(Value matrix);
  Value moveSum(NodeWriter &writer, Value denominator, Value matrix, Value numbers);
  void moveQuotient(onnx::NodeOp node);

  SymbolicShapes &shapes;
  Match match;
};

bool ScoreScatterer::isLastAxis(onnx::NodeOp node, Value of, int64_t otherwise) {
  int64_t rank = shapes.hasShape(of) ? shapes.getShape(of).size() : 0;
  return rank >= 2 && Match::getAxis(node, rank, otherwise) == rank - 1;
}

/// The rows of a mask that has 1 at the number of each row, and 0 elsewhere: what the numbers are, one a row. Null where it is none.
Value ScoreScatterer::getOneHotNumbers(Value rows) {
  Match attempt(shapes);  // what it takes is of no use here
  FailureOr<OneHot> oneHot = matchOneHot(attempt, skipCasts(rows), rows.getDefiningOp(), "the choice");
  std::optional<int64_t> experts = getStaticLastDim(rows);
  return succeeded(oneHot) && experts && oneHot->depth.isConstant(*experts) ? oneHot->numbers : Value();
}

/// The ids of the largest scores, all different, of which `mask` has 1 in the row of each token, and 0 elsewhere; null where it is none.
Value ScoreScatterer::getMaskedIds(Value mask) {
  mask = skipCasts(mask);
  if (!mask.getDefiningOp() || !shapes.hasShape(mask) || shapes.getShape(mask).size() < 2)
    return {};
  Value ids;
  if (onnx::NodeOp scatter = getDefiner(mask, "ScatterElements")) {
    bool spreadsOnes = getFilledNumber(skipCasts(scatter.getInputs()[0])) == 0.0 && getFilledNumber(skipCasts(scatter.getInputs()[2])) == 1.0;
    if (spreadsOnes && scatter.getString("reduction", "none") == "none" && isLastAxis(scatter, mask, 0))
      ids = scatter.getInputs()[1];
  } else if (onnx::NodeOp sum = getDefiner(mask, "ReduceSum")) {
    Value rows = sum.getInputs()[0];
    bool isOfSlots = shapes.hasShape(rows) && skipCasts(rows).getDefiningOp() && sum.getInt("keepdims", 1) == 0 &&
                     match.getReductionAxes(sum) == SmallVector<int64_t>{static_cast<int64_t>(shapes.getShape(rows).size()) - 2};
    ids = isOfSlots ? getOneHotNumbers(rows) : Value();
  } else if (getDefiner(mask, "OneHot") || getDefiner(mask, "Equal")) {
    ids = getOneHotNumbers(mask);
    onnx::NodeOp choice = ids ? getDefiner(ids, "ArgMax") : onnx::NodeOp();
    bool isOfToken = choice && !isCounted(mask) && choice.getInt("select_last_index", 0) == 0 && isLastAxis(choice, choice.getInputs()[0], 0);
    return isOfToken ? ids : Value();
  }
  onnx::NodeOp topK = ids ? getDefiner(ids, "TopK") : onnx::NodeOp();
  return topK && ids == topK.getResult(1) && isLastAxis(topK, ids, -1) && getStaticLastDim(ids) ? ids : Value();
}

/// Scores of which `node` leaves those of the chosen experts. A product is one where no score is infinite, so that 0 is what it makes of the others.
std::optional<ScoreScatterer::Masked> ScoreScatterer::readMasked(onnx::NodeOp node) {
  Masked masked{{}, {}, {}, 0.0};
  if (node.getOpType() == "ai.onnx::Mul") {
    std::optional<unsigned> mask = findOperand(node, [&](Value v) { return static_cast<bool>(getMaskedIds(v)); });
    masked.scores = mask ? node.getInputs()[1 - *mask] : Value();
    if (!mask || (!getDefiner(skipFloatCasts(masked.scores), "Softmax") && !getDefiner(skipFloatCasts(masked.scores), "Sigmoid")))
      return std::nullopt;
    masked.mask = node.getInputs()[*mask];
    masked.ids = getMaskedIds(masked.mask);
  } else if (node.getOpType() == "ai.onnx::Where") {
    onnx::NodeOp inverted = getDefiner(node.getInputs()[0], "Not");
    masked.mask = inverted ? inverted.getInputs()[0] : node.getInputs()[0];
    masked.ids = getMaskedIds(masked.mask);
    masked.scores = node.getInputs()[inverted ? 2 : 1];
    std::optional<double> fill = getScalarConstant(node.getInputs()[inverted ? 1 : 2]);
    if (!masked.ids || !fill)
      return std::nullopt;
    masked.fill = *fill;
  } else {
    return std::nullopt;
  }
  if (!shapes.hasShape(masked.scores) || !shapes.hasShape(masked.ids) || !areNumbers(masked.scores))
    return std::nullopt;
  ArrayRef<Expression> whole = shapes.getShape(masked.scores), ids = shapes.getShape(masked.ids);
  bool isColumn = getDefiner(masked.ids, "ArgMax") && ids == whole.drop_back();
  bool isOfAll = shapes.hasShape(masked.mask) && shapes.getShape(masked.mask) == whole && shapes.hasShape(node.getResult(0)) && shapes.getShape(node.getResult(0)) == whole;
  bool fits = isOfAll && (isColumn || match.haveSameRows(masked.scores, masked.ids));
  return fits ? std::optional(masked) : std::nullopt;
}

/// `numbers` at `ids` of each token, and `fill` elsewhere, in the shape of `like`.
Value ScoreScatterer::scatter(onnx::NodeOp reader, Value like, Value ids, Value numbers, double fill) {
  NodeWriter writer(reader, shapes);
  Type type = getElementTypeOrSelf(like);
  auto element = DenseElementsAttr::get(RankedTensorType::get({1}, type), ArrayRef<Attribute>(FloatAttr::get(type, fill)));
  NamedAttribute value(StringAttr::get(reader.getContext(), "value"), element);
  Value base = writer.create("ConstantOfShape", writer.create("Shape", like).front(), value).front();
  return writer.create("ScatterElements", {base, ids, numbers}, writer.attribute("axis", -1)).front();
}

/// The scatter of numbers into zeros, by ids that are all different, that defines `matrix`; null otherwise.
onnx::NodeOp ScoreScatterer::getScatter(Value matrix) {
  onnx::NodeOp scatter = getDefiner(matrix, "ScatterElements");
  Value ids = scatter ? scatter.getInputs()[1] : Value();
  onnx::NodeOp topK = scatter ? getDefiner(ids, "TopK") : onnx::NodeOp();
  bool isChoice = scatter && (topK ? ids == topK.getResult(1) && isLastAxis(topK, ids, -1) : getStaticLastDim(ids) == 1);
  bool isSpread = isChoice && isLastAxis(scatter, matrix, 0) && getFilledNumber(scatter.getInputs()[0]) == 0.0 &&
                  scatter.getString("reduction", "none") == "none" && areNumbers(matrix) && match.haveSameRows(matrix, ids);
  return isSpread ? scatter : onnx::NodeOp();
}

/// `denominator` of `numbers`, where it is the sum over all experts of `matrix`, perhaps bounded from below or with a constant added; null otherwise.
Value ScoreScatterer::moveSum(NodeWriter &writer, Value denominator, Value matrix, Value numbers) {
  auto node = denominator.getDefiningOp<onnx::NodeOp>();
  if (!node || node.getDomain() != "ai.onnx")
    return {};
  if (node.getType() == "ReduceSum") {
    int64_t rank = shapes.getShape(matrix).size();
    if (node.getInputs()[0] != matrix || match.getReductionAxes(node) != SmallVector<int64_t>{rank - 1} || node.getInt("keepdims", 1) != 1)
      return {};
    SmallVector<Value> operands(node.getInputs());
    operands[0] = numbers;
    return writer.copy(node, operands).front();
  }
  if (node.getType() != "Add" && node.getType() != "Clip" && node.getType() != "Max")
    return {};
  SmallVector<Value> operands(node.getInputs());
  bool isMoved = false;
  for (Value &operand : operands) {
    if (isa<onnx::NoneType>(operand.getType()) || getScalarConstant(operand))
      continue;
    Value moved = isMoved ? Value() : moveSum(writer, operand, matrix, numbers);
    if (!moved)
      return {};
    operand = moved;
    isMoved = true;
  }
  return isMoved ? writer.copy(node, operands).front() : Value();
}

/// True where a positive constant is added to a sum, or bounds it from below.
bool hasFloor(Value denominator) {
  auto isPositive = [](Value value) {
    std::optional<double> number = value ? getScalarConstant(value) : std::nullopt;
    return number && *number > 0.0;
  };
  if (onnx::NodeOp clip = getDefiner(denominator, "Clip"))
    return isPositive(clip.getInput(1));
  onnx::NodeOp node = getDefiner(denominator, "Add") ? getDefiner(denominator, "Add") : getDefiner(denominator, "Max");
  return node && llvm::any_of(node.getInputs(), isPositive);
}

/// True for the largest numbers of a softmax, or a softmax: their sum is greater than 0.
bool arePositive(Value numbers) {
  numbers = skipFloatCasts(numbers);
  onnx::NodeOp topK = getDefiner(numbers, "TopK"), gather = getDefiner(numbers, "GatherElements");
  if (topK && numbers == topK.getResult(0))
    return topK.getInt("largest", 1) == 1 && getDefiner(skipFloatCasts(topK.getInputs()[0]), "Softmax");
  if (!gather)
    return static_cast<bool>(getDefiner(numbers, "Softmax"));
  // Those that were chosen by them.
  topK = getDefiner(gather.getInputs()[1], "TopK");
  return topK && topK.getInt("largest", 1) == 1 && topK.getInputs()[0] == gather.getInputs()[0] && getDefiner(skipFloatCasts(gather.getInputs()[0]), "Softmax");
}

/// What divides scattered numbers by their sum, or scales them, in front of the scatter.
void ScoreScatterer::moveQuotient(onnx::NodeOp node) {
  if (node.getInputs().size() != 2 || !shapes.hasShape(node.getResult(0)))
    return;
  Value matrix = node.getInputs()[0], other = node.getInputs()[1];
  if (node.getType() == "Mul" && !getScatter(matrix))
    std::swap(matrix, other);
  onnx::NodeOp spread = getScatter(matrix);
  if (!spread)
    return;
  Value numbers = spread.getInputs()[2];
  NodeWriter writer(node, shapes);
  std::optional<double> scale = getScalarConstant(other);
  bool scales = scale && std::isfinite(*scale) && (node.getType() == "Mul" || *scale != 0.0);
  // 0 / 0 is NaN for all experts, and not for the chosen ones alone.
  bool divides = node.getType() == "Div" && (hasFloor(other) || arePositive(numbers));
  Value factor = scales ? other : divides ? moveSum(writer, other, matrix, numbers) : Value();
  if (!factor)
    return;
  Value moved = writer.create(node.getType(), {numbers, factor}).front();
  node.getResult(0).replaceAllUsesWith(scatter(node, matrix, spread.getInputs()[1], moved, 0.0));
}

void ScoreScatterer::visit(onnx::NodeOp node) {
  if (std::optional<Masked> masked = readMasked(node)) {
    NodeWriter writer(node, shapes);
    size_t rank = shapes.getShape(masked->scores).size();
    Value ids = shapes.getShape(masked->ids).size() < rank ? writer.unsqueeze(masked->ids, static_cast<int64_t>(rank) - 1) : masked->ids;
    Value chosen = writer.create("GatherElements", {masked->scores, ids}, writer.attribute("axis", -1)).front();
    node.getResult(0).replaceAllUsesWith(scatter(node, masked->scores, ids, chosen, masked->fill));
  } else if (node.getOpType() == "ai.onnx::Div" || node.getOpType() == "ai.onnx::Mul") {
    moveQuotient(node);
  }
}

struct ScatterScoresPass : impl::ScatterScoresBase<ScatterScoresPass> {
  void runOnOperation() override {
    for (auto function : getOperation().getOps<func::FuncOp>()) {
      SmallVector<onnx::NodeOp> nodes;
      bool hasChoice = false;
      function.walk([&](onnx::NodeOp node) {
        hasChoice |= node.getOpType() == "ai.onnx::TopK" || node.getOpType() == "ai.onnx::ArgMax";
        nodes.push_back(node);
      });
      if (!hasChoice)
        continue;
      SymbolicShapes shapes(function);
      ScoreScatterer scatterer(shapes);
      for (onnx::NodeOp node : nodes)
        scatterer.visit(node);
      eraseDeadNodes(function);
    }
  }
};

}  // namespace

}  // namespace switchyard::raise
