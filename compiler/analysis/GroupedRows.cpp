#include "compiler/analysis/GroupedRows.h"

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;

namespace switchyard {

namespace {

onnx::NodeOp getNode(Value value, llvm::StringRef type) {
  auto node = value ? value.getDefiningOp<onnx::NodeOp>() : onnx::NodeOp();
  return node && node.getDomain() == "ai.onnx" && node.getType() == type ? node : onnx::NodeOp();
}

/// The product with a matrix that defines `value`; its node is null where there is none.
GroupProduct getProduct(Value value) {
  if (onnx::NodeOp product = getNode(value, "MatMul"))
    return {product, product.getInputs()[1]};
  onnx::NodeOp gemm = getNode(value, "Gemm");
  if (!gemm || gemm.getFloat("alpha", 1.0) != 1.0 || gemm.getFloat("beta", 1.0) != 1.0 || gemm.getInt("transA", 0) != 0)
    return {};
  return {gemm, gemm.getInputs()[1], gemm.getInput(2), gemm.getInt("transB", 0) != 0};
}

/// What takes the rows of which `value` is the product: a Gather by a Range, or a Slice or a Split, whose bounds or sizes are operands.
onnx::NodeOp getTaken(Value value) {
  GroupProduct product = getProduct(value);
  Value rows = product.node ? product.node.getInputs()[0] : Value();
  if (onnx::NodeOp split = getNode(rows, "Split"))
    return split.getInput(1) ? split : onnx::NodeOp();
  onnx::NodeOp slice = getNode(rows, "Slice"), gather = getNode(rows, "Gather");
  if (slice && slice.getInput(1) && slice.getInput(2))
    return slice;
  return gather && getNode(gather.getInputs()[1], "Range") ? gather : onnx::NodeOp();
}

/// True where all elements of `value` are the constant `number`.
bool isFilled(Value value, double number) {
  DenseElementsAttr elements;
  if (onnx::NodeOp expand = getNode(value, "Expand"))
    value = expand.getInputs()[0];
  else if (onnx::NodeOp constant = getNode(value, "ConstantOfShape")) {
    elements = dyn_cast_or_null<DenseElementsAttr>(constant.getNodeAttr("value"));
    if (!elements)
      return number == 0.0;
  }
  if (!elements && !matchPattern(value, m_Constant(&elements)))
    return false;
  if (elements.getNumElements() == 0 || !elements.isSplat())
    return false;
  if (isa<FloatType>(elements.getElementType()))
    return elements.getSplatValue<APFloat>().convertToDouble() == number;
  return elements.getElementType().isSignlessInteger() && static_cast<double>(elements.getSplatValue<APInt>().getSExtValue()) == number;
}

class GroupedReader {
public:
  GroupedReader(SymbolicShapes &shapes, onnx::NodeOp concat, GroupedFault &fault) : shapes(shapes), concat(concat), fault(fault) {}

  std::optional<GroupedRows> run();

private:
  bool fail(Operation *node, const llvm::Twine &condition) {
    fault = {node, condition.str()};
    return false;
  }
  Value takeViews(Value value, bool casts);
  bool isOneElement(Value value) {
    const TensorFacts *facts = shapes.getFacts(value);
    return facts && llvm::all_of(facts->shape, [](Expression size) { return size.isConstant(1); });
  }
  /// The number of elements of `value`, where it is a vector.
  Expression getLength(Value value) {
    const TensorFacts *facts = value ? shapes.getFacts(value) : nullptr;
    return facts && facts->shape.size() == 1 ? facts->shape.front() : Expression();
  }
  bool hasOneForEachGroup(Value value) {
    Expression length = getLength(value);
    return length && length.isConstant(result.groups);
  }
  bool readGroup(Value operand, int64_t group);
  bool readRows(onnx::NodeOp take, int64_t group);
  bool readPiece(onnx::NodeOp split, Value piece, int64_t group);
  bool readBounds(Value start, Value limit, Value step, int64_t group, onnx::NodeOp node);
  Value readElement(Value value, int64_t group);
  bool readEnd(Value end, int64_t group, Operation *reader);
  bool readRunning();
  bool readSizes();
  bool readCounts(Value counts, Operation *reader);
  bool readCountsOfVector(onnx::NodeOp scatter);
  bool readCountsOfChoices(onnx::NodeOp sum);

  SymbolicShapes &shapes;
  onnx::NodeOp concat;
  GroupedFault &fault;
  GroupedRows result;
  Value previousEnd;  // of the group before
};

/// `value` in front of reshapes, and of Casts from numbers to integers, where these are allowed.
Value GroupedReader::takeViews(Value value, bool casts) {
  static constexpr llvm::StringRef views[] = {"Squeeze", "Unsqueeze", "Reshape", "Identity"};
  while (auto node = value.getDefiningOp<onnx::NodeOp>()) {
    bool isView = node.getDomain() == "ai.onnx" && llvm::is_contained(views, node.getType());
    const TensorFacts *facts = shapes.getFacts(value);
    bool isCast = casts && node.getOpType() == "ai.onnx::Cast" && facts && isa<IntegerType>(facts->elementType) &&
                  facts->elementType.getIntOrFloatBitWidth() >= 32;
    if (!isView && !isCast)
      break;
    result.nodes.push_back(node);
    value = node.getInputs()[0];
  }
  return value;
}

/// The vector, of one number a group, of which `value` is element `group`: by a piece of a Split, a Gather or a Slice. Null where it is none.
Value GroupedReader::readElement(Value value, int64_t group) {
  onnx::NodeOp node;
  auto isConstant = [&](unsigned operand, int64_t number) { return shapes.getConstantInteger(node.getInput(operand)) == number; };
  Value source;
  for (;;) {
    value = takeViews(value, /*casts=*/true);
    node = value.getDefiningOp<onnx::NodeOp>();
    if (!node || node.getInputs().empty() || !isOneElement(value))
      return {};
    source = node.getInputs()[0];
    // An element of an element is that element.
    if (node.getOpType() != "ai.onnx::Gather" || !isOneElement(source) || !isConstant(1, 0) || result.groups == 1)
      break;
    result.nodes.push_back(node);
    value = source;
  }
  bool piece = node.getOpType() == "ai.onnx::Split" && cast<OpResult>(value).getResultNumber() == group &&
               static_cast<int64_t>(node.getNumResults()) == result.groups;
  bool element = node.getOpType() == "ai.onnx::Gather" && isConstant(1, group);
  bool slice = node.getOpType() == "ai.onnx::Slice" && isConstant(1, group) && (!node.getInput(4) || isConstant(4, 1));
  if ((!piece && !element && !slice) || !hasOneForEachGroup(source))
    return {};
  result.nodes.push_back(node);
  return source;
}

/// Element `group` of the ends.
bool GroupedReader::readEnd(Value end, int64_t group, Operation *reader) {
  auto node = end.getDefiningOp<onnx::NodeOp>();
  if (!node)
    return fail(reader, "the end of group " + llvm::Twine(group) + " is no element of cumulated counts");
  Value source = readElement(end, group);
  if (!source || (result.ends && result.ends != source))
    return fail(node, "it is not the end of group " + llvm::Twine(group) + " of " + llvm::Twine(result.groups));
  result.ends = source;
  return true;
}

/// From the end of the group before to the end of the group, one by one.
bool GroupedReader::readBounds(Value start, Value limit, Value step, int64_t group, onnx::NodeOp node) {
  if (step && shapes.getConstantInteger(step) != 1)
    return fail(node, "its rows do not follow each other");
  Value from = takeViews(start, /*casts=*/true);
  if (group == 0 ? shapes.getConstantInteger(start) != 0 : from != previousEnd)
    return fail(node, "it does not begin where the group before ends");
  previousEnd = takeViews(limit, /*casts=*/true);
  return readEnd(previousEnd, group, node);
}

/// Piece `group` of Split(rows, sizes).
bool GroupedReader::readPiece(onnx::NodeOp split, Value piece, int64_t group) {
  bool own = cast<OpResult>(piece).getResultNumber() == group && static_cast<int64_t>(split.getNumResults()) == result.groups;
  if (!own || (result.sizes && result.sizes != split.getInput(1)))
    return fail(split, "it is not split into the rows of " + llvm::Twine(result.groups) + " groups, in their order");
  result.sizes = split.getInput(1);
  return true;
}

/// Gather(rows, Range), Slice(rows) or Split(rows) along the first axis.
bool GroupedReader::readRows(onnx::NodeOp take, int64_t group) {
  bool slices = take.getType() == "Slice";
  bool along = slices ? take.getInput(3) && shapes.getConstantInteger(take.getInput(3)) == 0 : take.getInt("axis", 0) == 0;
  if (!along || (result.rows && result.rows != take.getInputs()[0]))
    return fail(take, "it does not take rows of the tensor that group 0 takes them from");
  result.rows = take.getInputs()[0];
  result.nodes.push_back(take);
  bool isPiece = take.getType() == "Split";
  if (group > 0 && isPiece != static_cast<bool>(result.sizes))
    return fail(take, "it does not take the rows of its group as group 0 does");
  if (isPiece)
    return readPiece(take, result.products.back().node.getInputs()[0], group);
  if (slices)
    return readBounds(take.getInput(1), take.getInput(2), take.getInput(4), group, take);
  onnx::NodeOp range = getNode(take.getInputs()[1], "Range");
  result.nodes.push_back(range);
  return readBounds(range.getInputs()[0], range.getInputs()[1], range.getInputs()[2], group, range);
}

/// The product of the rows of the group and its matrix.
bool GroupedReader::readGroup(Value operand, int64_t group) {
  onnx::NodeOp take = getTaken(operand);
  if (!take)
    return fail(operand.getDefiningOp() ? operand.getDefiningOp() : concat.getOperation(),
                "expected the product of rows that a range takes, as group " + llvm::Twine(group));
  result.products.push_back(getProduct(operand));
  return readRows(take, group);
}

/// The ends are CumSum of the counts.
bool GroupedReader::readRunning() {
  Value value = takeViews(result.ends, /*casts=*/true);
  onnx::NodeOp running = getNode(value, "CumSum");
  if (!running)
    return fail(result.ends.getDefiningOp() ? result.ends.getDefiningOp() : concat.getOperation(), "expected CumSum as the ends of the groups");
  if (running.getInt("exclusive", 0) != 0 || running.getInt("reverse", 0) != 0 || shapes.getConstantInteger(running.getInputs()[1]).value_or(1) != 0)
    return fail(running, "it does not cumulate the counts of the groups");
  result.nodes.push_back(running);
  return readCounts(running.getInputs()[0], running);
}

/// The sizes are the counts, or their elements one by one.
bool GroupedReader::readSizes() {
  Value value = takeViews(result.sizes, /*casts=*/true);
  onnx::NodeOp joined = getNode(value, "Concat");
  Value counts = value;
  if (joined) {
    result.nodes.push_back(joined);
    counts = {};
    for (auto [group, operand] : llvm::enumerate(joined.getInputs())) {
      Value source = readElement(operand, group);
      if (!source || (counts && counts != source))
        return fail(joined, "operand " + llvm::Twine(group) + " is not the size of group " + llvm::Twine(group) + " of " + llvm::Twine(result.groups));
      counts = source;
    }
  }
  Operation *reader = result.products.front().node.getInputs()[0].getDefiningOp();
  if (!hasOneForEachGroup(value))
    return fail(reader, "its sizes are not one for each of " + llvm::Twine(result.groups) + " groups");
  if (!readCounts(counts, joined ? joined.getOperation() : reader))
    return false;
  // Rows that are not known have nodes that say why.
  const TensorFacts *rows = shapes.getFacts(result.rows);
  if (rows && (rows->shape.size() != 2 || !rows->shape.front().isProvedEqual(result.count)))
    return fail(reader, "it does not split as many rows as its sizes count");
  return true;
}

/// Adds 1 to the count of each number's group.
bool GroupedReader::readCountsOfVector(onnx::NodeOp scatter) {
  Value bins = scatter.getInputs()[0], ones = scatter.getInputs()[2];
  Expression length = getLength(scatter.getInputs()[1]);
  // Narrower floats do not hold the counts.
  bool vectors = hasOneForEachGroup(bins) && length && getLength(ones) == length && shapes.getFacts(bins)->elementType.getIntOrFloatBitWidth() >= 32;
  if (!vectors || scatter.getString("reduction", "none") != "add" || !isFilled(bins, 0.0) || !isFilled(ones, 1.0))
    return fail(scatter, "it does not add 1 to the count of each number's group");
  result.nodes.push_back(scatter);
  result.numbers = scatter.getInputs()[1];
  result.count = length;
  return true;
}

/// The column sums of a matrix that is 1 where a row chose a group, and 0 elsewhere.
bool GroupedReader::readCountsOfChoices(onnx::NodeOp sum) {
  std::optional<SmallVector<int64_t>> axes = sum.getInput(1) ? shapes.getConstantData(sum.getInput(1)) : std::nullopt;
  if (auto stated = dyn_cast_or_null<DenseI64ArrayAttr>(sum.getNodeAttr("axes")))
    axes = llvm::to_vector(stated.asArrayRef());
  // Narrower floats do not hold the counts.
  Type counted = shapes.hasShape(sum.getResult(0)) ? shapes.getFacts(sum.getResult(0))->elementType : Type();
  if (axes != SmallVector<int64_t>{0} || !counted || counted.getIntOrFloatBitWidth() < 32)
    return fail(sum, "it does not count the choices of each group");
  result.nodes.push_back(sum);
  onnx::NodeOp scatter = getNode(takeViews(sum.getInputs()[0], /*casts=*/true), "ScatterElements");
  if (!scatter)
    return fail(sum, "expected ScatterElements as the choices of the groups");
  result.nodes.push_back(scatter);
  // TopK chooses no group twice, so that each choice is an element of its own.
  onnx::NodeOp choice = getNode(scatter.getInputs()[1], "TopK");
  const TensorFacts *bins = shapes.getFacts(scatter.getInputs()[0]), *keys = choice ? shapes.getFacts(choice.getInputs()[0]) : nullptr,
                    *ids = shapes.getFacts(scatter.getInputs()[1]), *ones = shapes.getFacts(scatter.getInputs()[2]);
  auto isLast = [](int64_t axis) { return axis == 1 || axis == -1; };
  bool matrices = bins && keys && ids && ones && bins->shape.size() == 2 && keys->shape.size() == 2 && ones->shape == ids->shape;
  bool chooses = matrices && scatter.getInputs()[1] == choice.getResult(1) && isLast(choice.getInt("axis", -1)) && isLast(scatter.getInt("axis", 0));
  if (!chooses || !bins->shape.back().isConstant(result.groups) || !keys->shape.back().isConstant(result.groups) ||
      scatter.getString("reduction", "none") != "none" || !isFilled(scatter.getInputs()[0], 0.0) || !isFilled(scatter.getInputs()[2], 1.0))
    return fail(scatter, "it does not write 1 where a row chooses one of " + llvm::Twine(result.groups) + " groups");
  result.numbers = scatter.getInputs()[1];
  result.count = ids->shape[0] * ids->shape[1];
  return true;
}

/// How often each group stands among the numbers.
bool GroupedReader::readCounts(Value counts, Operation *reader) {
  Value value = takeViews(counts, /*casts=*/true);
  if (onnx::NodeOp scatter = getNode(value, "ScatterElements"))
    return readCountsOfVector(scatter);
  if (onnx::NodeOp sum = getNode(value, "ReduceSum"))
    return readCountsOfChoices(sum);
  return fail(reader, "expected ScatterElements as the counts of the groups");
}

std::optional<GroupedRows> GroupedReader::run() {
  result.groups = concat.getInputs().size();
  for (auto [group, operand] : llvm::enumerate(concat.getInputs()))
    if (!readGroup(operand, group))
      return std::nullopt;
  if (concat.getInt("axis", 0) != 0) {
    fail(concat, "it does not join the rows of the groups");
    return std::nullopt;
  }
  if (result.groups == 0 || !(result.sizes ? readSizes() : readRunning()))
    return std::nullopt;
  return result;
}

}  // namespace

bool looksGrouped(onnx::NodeOp concat) {
  if (concat.getOpType() != "ai.onnx::Concat" || concat.getInputs().empty())
    return false;
  onnx::NodeOp take = getTaken(concat.getInputs()[0]);
  if (!take || take.getType() == "Gather")
    return static_cast<bool>(take);
  return !matchPattern(take.getInput(take.getType() == "Split" ? 1 : 2), m_Constant());
}

std::optional<GroupedRows> readGroupedRows(SymbolicShapes &shapes, onnx::NodeOp concat, GroupedFault &fault) {
  return GroupedReader(shapes, concat, fault).run();
}

Expression getGroupedColumns(SymbolicShapes &shapes, const GroupedRows &grouped) {
  const TensorFacts *rows = shapes.getFacts(grouped.rows);
  Expression columns;
  for (const GroupProduct &product : grouped.products) {
    const TensorFacts *matrix = shapes.getFacts(product.matrix);
    if (!rows || rows->shape.size() != 2 || !matrix || matrix->shape.size() != 2)
      return {};
    Expression own = matrix->shape[product.isTransposed ? 0 : 1], depth = matrix->shape[product.isTransposed ? 1 : 0];
    if ((columns && columns != own) || depth != rows->shape.back())
      return {};
    columns = own;
  }
  return columns;
}

}  // namespace switchyard
