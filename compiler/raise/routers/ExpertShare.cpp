// The part of one expert in its tokens, where every expert is computed on every token.
#include "compiler/raise/routers/Routers.h"

#include "mlir/IR/TypeUtilities.h"

using namespace mlir;

namespace switchyard::raise {

namespace {

/// The Equal behind the conversions of a mask, or null.
onnx::NodeOp getComparison(Value mask) {
  while (getDefiner(mask, "Cast") || getDefiner(mask, "CastLike"))
    mask = cast<onnx::NodeOp>(mask.getDefiningOp()).getInputs()[0];
  return getDefiner(mask, "Equal");
}

/// A masked weight: Mul(weights, Cast(Equal)) or Where(Equal, weights, 0).
struct Masked {
  onnx::NodeOp node, equal;
  Value mask, weights;
};

std::optional<Masked> readMasked(Value value) {
  if (onnx::NodeOp product = getDefiner(value, "Mul"))
    for (unsigned index : {0u, 1u})
      if (onnx::NodeOp equal = getComparison(product.getInputs()[index]))
        return Masked{product, equal, product.getInputs()[index], product.getInputs()[1 - index]};
  if (onnx::NodeOp where = getDefiner(value, "Where"))
    if (onnx::NodeOp equal = getDefiner(where.getInputs()[0], "Equal"))
      return Masked{where, equal, where.getInputs()[0], where.getInputs()[1]};
  return std::nullopt;
}

/// The operand of a comparison that is no number.
std::optional<unsigned> findIds(SymbolicShapes &shapes, onnx::NodeOp equal) {
  std::optional<unsigned> number = findOperand(equal, [&](Value v) { return shapes.getConstantInteger(v).has_value(); });
  return number ? std::optional(1 - *number) : std::nullopt;
}

/// `matrix` in front of reshapes that keep its columns, and of casts among floats.
Value skipRows(Value matrix) {
  while (isReshape(matrix.getDefiningOp()) || isFloatCast(matrix.getDefiningOp())) {
    Value inner = cast<onnx::NodeOp>(matrix.getDefiningOp()).getInputs()[0];
    if (!getStaticLastDim(matrix) || getStaticLastDim(inner) != getStaticLastDim(matrix))
      break;
    matrix = inner;
  }
  return matrix;
}

/// One column of a tensor, or one row of its transpose.
struct Column {
  Part part;
  onnx::NodeOp transpose;  // or null
  Value matrix;
};

std::optional<Column> readColumn(SymbolicShapes &shapes, Value value) {
  std::optional<Part> part = readPart(value, [&](Value index) { return shapes.getConstantInteger(index); });
  if (!part || part->size != 1)
    return std::nullopt;
  if (part->axis + 1 == cast<RankedTensorType>(part->getWhole().getType()).getRank())
    return Column{*part, {}, skipRows(part->getWhole())};
  onnx::NodeOp transpose = part->axis == 0 ? getDefiner(part->getWhole(), "Transpose") : onnx::NodeOp();
  if (!transpose || !bringsLastAxisToFront(transpose))
    return std::nullopt;
  return Column{*part, transpose, skipRows(transpose.getInputs()[0])};
}

/// The routing matrix of which `value` is a column; null where it is none.
Value getMatrix(SymbolicShapes &shapes, Value value) {
  std::optional<Column> column = readColumn(shapes, value);
  return column && looksLikeRoutingMatrix(column->matrix) ? column->matrix : Value();
}

/// The choice of experts that a share compares with one expert's number, among other conditions; null where it compares none. No rule reads such
/// shares (a seat that is counted by hand): a remark says so.
Value findComparedChoice(SymbolicShapes &shapes, Value share) {
  constexpr size_t mostNodes = 8;
  static constexpr llvm::StringRef types[] = {"Cast", "CastLike", "And", "Mul"};
  SmallVector<Value> rest{share};
  bool isColumn = isa<FloatType>(getElementTypeOrSelf(share)) && getStaticLastDim(share) == 1;
  for (size_t next = 0; isColumn && next < rest.size() && next < mostNodes; ++next) {
    Value value = skipReshapes(rest[next]);
    auto node = value.getDefiningOp<onnx::NodeOp>();
    if (!node || node.getDomain() != "ai.onnx")
      continue;
    std::optional<unsigned> ids = node.getType() == "Equal" ? findIds(shapes, node) : std::nullopt;
    Value choice = ids ? skipConversions(node.getInputs()[*ids]) : Value();
    if (choice && (getDefiner(choice, "ArgMax") || getDefiner(choice, "TopK")))
      return choice;
    if (llvm::is_contained(types, node.getType()))
      llvm::append_range(rest, node.getInputs());
  }
  return {};
}

FailureOr<ExpertShare> matchColumn(Match &match, Column column, const ExpertShare &previous) {
  match.take(column.part.node);
  Value whole = column.part.getWhole();
  if (column.transpose) {
    match.take(column.transpose);
    whole = column.transpose.getInputs()[0];
  }
  match.takeFloatCasts(whole);
  Value matrix = column.matrix;
  if (matrix == previous.matrix)
    return ExpertShare{column.part.first, previous.slots, previous.routes, matrix};
  FailureOr<Routes> routes = matchRoutingMatrix(match, matrix, column.part.node);
  if (failed(routes))
    return failure();
  // Ids without an axis of slots are one a token.
  bool isOneEach = cast<RankedTensorType>(routes->ids.getType()).getRank() < cast<RankedTensorType>(matrix.getType()).getRank();
  return ExpertShare{column.part.first, isOneEach ? 1 : getStaticLastDim(routes->ids).value_or(0),
                     {match.takeIntegerCasts(routes->ids), match.takeReshapes(routes->weights), routes->score}, matrix};
}

/// What is compared with 0 to make a mask of numbers, and the nodes that do.
struct Compared {
  Value numbers;
  SmallVector<onnx::NodeOp> nodes;
  bool isPositive = false;
};

Compared readCompared(Value mask) {
  Compared compared{mask, {}};
  for (;;) {
    onnx::NodeOp cast = getDefiner(compared.numbers, "Cast"), inverted = getDefiner(compared.numbers, "Not"), greater = getDefiner(compared.numbers, "Greater");
    onnx::NodeOp equal = inverted ? getDefiner(inverted.getInputs()[0], "Equal") : onnx::NodeOp();
    onnx::NodeOp comparison = greater ? greater : equal;
    if (comparison && getScalarConstant(comparison.getInputs()[1]) == 0.0) {
      compared.isPositive |= static_cast<bool>(greater);
      if (equal)
        compared.nodes.push_back(inverted);
    } else if (cast && getElementTypeOrSelf(cast.getResult(0)).isInteger(1)) {
      comparison = cast;
    } else {
      return compared;
    }
    compared.nodes.push_back(comparison);
    compared.numbers = comparison.getInputs()[0];
  }
}

}  // namespace

Value getShareMaskSource(SymbolicShapes &shapes, Value value) {
  if (Value source = getShareSource(shapes, readCompared(skipReshapes(value)).numbers))
    return source;
  std::optional<Column> column = readColumn(shapes, skipReshapes(value));
  Value matrix = column ? readCompared(column->matrix).numbers : Value();
  return matrix && looksLikeRoutingMatrix(matrix) ? matrix : Value();
}

FailureOr<ShareMask> matchShareMask(Match &match, Value mask, const ExpertShare &previous, Operation *reader) {
  Value value = match.takeReshapes(mask);
  Compared compared = readCompared(value);
  std::optional<Column> column;
  if (compared.nodes.empty() && (column = readColumn(match.shapes, value)))
    compared = readCompared(column->matrix);
  for (onnx::NodeOp node : compared.nodes)
    match.take(node);
  if (column)
    column->matrix = compared.numbers;
  FailureOr<ExpertShare> share = column ? matchColumn(match, *column, previous) : matchExpertShare(match, compared.numbers, previous, reader);
  if (failed(share))
    return failure();
  return ShareMask{*share, compared.isPositive};
}

Value getShareSource(SymbolicShapes &shapes, Value value) {
  value = skipFloatCasts(value);
  if (Value matrix = getMatrix(shapes, value))
    return matrix;
  onnx::NodeOp sum = getDefiner(value, "ReduceSum");
  std::optional<Masked> masked = sum ? readMasked(sum.getInputs()[0]) : std::nullopt;
  std::optional<unsigned> ids = masked ? findIds(shapes, masked->equal) : std::nullopt;
  return ids ? skipConversions(masked->equal.getInputs()[*ids]) : findComparedChoice(shapes, value);
}

FailureOr<ExpertShare> matchExpertShare(Match &match, Value share, const ExpertShare &previous, Operation *reader) {
  Value value = match.takeFloatCasts(share);
  if (getMatrix(match.shapes, value))
    return matchColumn(match, *readColumn(match.shapes, value), previous);
  onnx::NodeOp sum = match.takeDefiner(value, reader, "ReduceSum", "the weight of an expert");
  std::optional<Masked> masked = sum ? readMasked(sum.getInputs()[0]) : std::nullopt;
  std::optional<unsigned> index = masked ? findIds(match.shapes, masked->equal) : std::nullopt;
  if (!index)
    return match.fail(sum ? sum.getOperation() : reader, "expected weights masked by a comparison of ids with an expert's number");
  match.take(masked->node);
  for (Value mask = masked->mask; mask != masked->equal.getResult(0); mask = cast<onnx::NodeOp>(mask.getDefiningOp()).getInputs()[0])
    match.take(mask.getDefiningOp());
  match.take(masked->equal);
  if (masked->node.getType() == "Where" && getFilledNumber(masked->node.getInputs()[2]) != 0.0)
    return match.fail(masked->node, "the weight of other experts is not 0");
  Value ids = masked->equal.getInputs()[*index];
  FailureOr<ArrayRef<Expression>> chosen = match.getShape(ids, masked->equal), weights = match.getShape(masked->weights, masked->node),
                                  product = match.getShape(masked->node.getResult(0), masked->node);
  if (failed(chosen) || failed(weights) || failed(product))
    return failure();
  if (*chosen != *weights || *product != *weights || weights->empty())
    return match.fail(masked->node, "ids and weights are not of one shape");
  if (match.getReductionAxes(sum) != SmallVector<int64_t>{static_cast<int64_t>(weights->size()) - 1})
    return match.fail(sum, "it does not sum over the slots");
  int64_t expert = *match.shapes.getConstantInteger(masked->equal.getInputs()[1 - *index]);
  return ExpertShare{expert, weights->back().getConstant().value_or(0), {match.takeIntegerCasts(ids), match.takeReshapes(match.takeWidenings(masked->weights))}, {}};
}

}  // namespace switchyard::raise
