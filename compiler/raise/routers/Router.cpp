// What all routers without capacity share: the selection, the normalisation, and which kind it is.
#include "compiler/raise/routers/Routers.h"

using namespace mlir;

namespace switchyard::raise {

FailureOr<Selection> matchSelection(Match &match, Value ids, Operation *reader) {
  Value value = match.takeIntegerCasts(ids);
  auto node = value.getDefiningOp<onnx::NodeOp>();
  bool argMax = node && node.getOpType() == "ai.onnx::ArgMax";
  if (!argMax && !match.takeDefiner(value, reader, "TopK", "the choice of experts"))
    return failure();
  auto keys = dyn_cast<RankedTensorType>(node.getInputs()[0].getType());
  if (!keys || Match::getAxis(node, keys.getRank(), argMax ? 0 : -1) != keys.getRank() - 1)
    return match.fail(node, "it does not choose among the experts of a token");
  if (argMax) {
    if (node.getInt("select_last_index", 0) != 0)
      return match.fail(node, "it takes the last of equal experts");
    match.take(node);
    return Selection{node, node.getInputs()[0], 1};
  }
  if (cast<OpResult>(value).getResultNumber() != 1)
    return match.fail(node, "its values are read as ids");
  if (node.getInt("largest", 1) != 1)
    return match.fail(node, "it takes the smallest");
  std::optional<int64_t> slots = getStaticLastDim(value);
  if (!slots)
    return match.fail(node, "k is not constant");
  if (*slots < 1)
    return match.fail(node, "it chooses no expert");
  return Selection{node, node.getInputs()[0], *slots};
}

/// True where `value`, of which the elements are the weights in row-major order, holds those of one token in each row.
static bool hasRowsOfTokens(Match &match, Selection selection, Value value) {
  return getStaticLastDim(value) == selection.slots && match.shapes.hasShape(value) && match.shapes.hasShape(selection.keys) &&
         countRows(match.shapes, value) == countRows(match.shapes, selection.keys);
}

FailureOr<Normalization> matchNormalization(Match &match, Selection selection, Value weights) {
  Normalization result;
  result.weights = match.takeFloatCasts(weights);
  auto isNumber = [](Value v) { return getScalarConstant(v).has_value(); };
  if (onnx::NodeOp product = getDefiner(result.weights, "Mul")) {
    if (std::optional<unsigned> factor = findOperand(product, isNumber)) {
      match.take(product);
      result.scale = *getScalarConstant(product.getInputs()[*factor]);
      result.weights = match.takeFloatCasts(product.getInputs()[1 - *factor]);
    }
  }
  onnx::NodeOp quotient = getDefiner(result.weights, "Div");
  if (!quotient)
    return result;
  match.take(quotient);
  Value divisor = quotient.getInputs()[1];
  if (getStaticLastDim(divisor) != 1 || !match.haveSameRows(quotient.getInputs()[0], divisor))
    return match.fail(quotient, "it does not divide the weights of a token by one number");
  if (!hasRowsOfTokens(match, selection, quotient.getInputs()[0]) || !hasRowsOfTokens(match, selection, quotient.getResult(0)))
    return match.fail(quotient, "its rows do not hold the weights of one token each (k = " + llvm::Twine(selection.slots) + ")");
  divisor = match.takeFloatCasts(divisor);
  if (onnx::NodeOp sum = getDefiner(divisor, "Add")) {
    std::optional<unsigned> epsilon = findOperand(sum, isNumber);
    if (!epsilon)
      return match.fail(sum, "expected a sum and a constant epsilon");
    match.take(sum);
    result.epsilon = *getScalarConstant(sum.getInputs()[*epsilon]);
    divisor = match.takeFloatCasts(sum.getInputs()[1 - *epsilon]);
  }
  onnx::NodeOp sum = match.takeDefiner(divisor, quotient, "ReduceSum", "the sum of the weights");
  if (!sum)
    return failure();
  auto type = dyn_cast<RankedTensorType>(sum.getInputs()[0].getType());
  if (match.takeWidenings(sum.getInputs()[0]) != match.takeWidenings(quotient.getInputs()[0]) || !type || match.getReductionAxes(sum) != SmallVector<int64_t>{type.getRank() - 1})
    return match.fail(sum, "it is not the sum of the weights that are divided");
  result.renormalize = true;
  result.weights = match.takeFloatCasts(quotient.getInputs()[0]);
  return result;
}

/// True where `value` is the keys of the selected experts: as TopK gives them, or gathered by their ids.
static bool isSelected(Match &match, Selection selection, Value value) {
  onnx::NodeOp node = selection.node, gather = getDefiner(value, "GatherElements");
  if (!gather)
    return node.getNumResults() == 2 && value == node.getResult(0);
  auto type = dyn_cast<RankedTensorType>(value.getType());
  bool along = type && Match::getAxis(gather, type.getRank(), 0) == type.getRank() - 1 && gather.getInputs()[0] == selection.keys;
  return along && match.haveSameRows(gather.getInputs()[0], gather.getInputs()[1]) &&
         skipReshapes(gather.getInputs()[1]) == node.getResult(node.getNumResults() - 1);
}

static FailureOr<Router> readRouter(Match &match, Value ids, Value weights, Operation *reader) {
  if (onnx::NodeOp joined = getDefiner(match.takeIntegerCasts(ids), "Concat"))
    return matchSparseMixer(match, joined, weights, reader);
  FailureOr<Selection> selection = matchSelection(match, ids, reader);
  if (failed(selection))
    return failure();
  FailureOr<Normalization> normalization = matchNormalization(match, *selection, weights);
  if (failed(normalization))
    return failure();
  // A function of the values that TopK selected, or of all experts?
  for (llvm::StringRef type : {"Softmax", "Sigmoid"})
    if (onnx::NodeOp function = getDefiner(normalization->weights, type))
      if (isSelected(match, *selection, skipFloatCasts(function.getInputs()[0])))
        return matchSelectThenScore(match, *selection, *normalization, reader);
  return matchScoreThenSelect(match, *selection, *normalization, reader);
}

/// A constant table by which ids are renumbered: Gather or GatherND of a vector.
struct Renumbering {
  onnx::NodeOp node;
  Value ids;
  SmallVector<int64_t> table;
};

static std::optional<Renumbering> readRenumbering(Match &match, Value ids) {
  onnx::NodeOp gather = getDefiner(ids, "Gather"), tuples = getDefiner(ids, "GatherND"), node = gather ? gather : tuples;
  auto type = node ? dyn_cast<RankedTensorType>(node.getInputs()[0].getType()) : RankedTensorType();
  std::optional<SmallVector<int64_t>> table = type && type.getRank() == 1 ? match.shapes.getConstantData(node.getInputs()[0]) : std::nullopt;
  if (!table || (tuples && (tuples.getInt("batch_dims", 0) != 0 || getStaticLastDim(tuples.getInputs()[1]) != 1)))
    return std::nullopt;
  return Renumbering{node, node.getInputs()[1], *table};
}

/// True where `table` holds each number below `experts` once.
static bool isPermutation(ArrayRef<int64_t> table, int64_t experts) {
  SmallVector<int64_t> sorted(table);
  llvm::sort(sorted);
  return llvm::equal(sorted, llvm::seq<int64_t>(0, experts));
}

FailureOr<Router> matchRouter(Match &match, Value ids, Value weights, Operation *reader) {
  std::optional<Renumbering> renumbering = readRenumbering(match, match.takeIntegerCasts(ids));
  if (renumbering) {
    match.take(renumbering->node);
    ids = renumbering->ids;
  }
  size_t before = match.countTaken();
  FailureOr<Router> router = readRouter(match, ids, weights, reader);
  if (failed(router))
    router = matchPlainRouter(match, ids, weights, reader, match.giveBack(before));
  if (failed(router) || !renumbering)
    return router;
  if (!isPermutation(renumbering->table, router->experts))
    return match.fail(renumbering->node, "its table does not give each of " + llvm::Twine(router->experts) + " experts a number of its own");
  router->bodies = renumbering->table;
  return router;
}

FailureOr<Router> matchRouter(Match &match, const Routes &routes, Operation *reader) {
  if (!routes.score)
    return matchRouter(match, routes.ids, routes.weights, reader);
  FailureOr<Selection> selection = matchSelection(match, routes.ids, reader);
  if (failed(selection))
    return failure();
  Value values = match.takeFloatCasts(routes.weights);
  if (!isSelected(match, *selection, values))
    return match.fail(selection->node, "the logits that are spread over the experts are not those that it selects");
  if (onnx::NodeOp gather = getDefiner(values, "GatherElements")) {
    match.take(gather);
    match.takeIntegerCasts(gather.getInputs()[1]);
  }
  return getSelectThenScore(match, *selection, *routes.score, Normalization());
}

}  // namespace switchyard::raise
