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

/// What takes the rows of which `value` is the product: a Gather by a Range, or a Slice, whose bounds are operands.
onnx::NodeOp getTaken(Value value) {
  onnx::NodeOp product = getNode(value, "MatMul");
  onnx::NodeOp slice = product ? getNode(product.getInputs()[0], "Slice") : onnx::NodeOp();
  onnx::NodeOp gather = product ? getNode(product.getInputs()[0], "Gather") : onnx::NodeOp();
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
  bool readGroup(Value operand, int64_t group);
  bool readRows(onnx::NodeOp take, int64_t group);
  bool readBounds(Value start, Value limit, Value step, int64_t group, onnx::NodeOp node);
  bool readEnd(Value end, int64_t group, Operation *reader);
  bool readCounts();

  SymbolicShapes &shapes;
  onnx::NodeOp concat;
  GroupedFault &fault;
  GroupedRows result;
  Value ends;         // [E]: where the groups end
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

/// Element `group` of the ends: a piece of a Split, or a Gather.
bool GroupedReader::readEnd(Value end, int64_t group, Operation *reader) {
  auto node = end.getDefiningOp<onnx::NodeOp>();
  if (!node)
    return fail(reader, "the end of group " + llvm::Twine(group) + " is no element of cumulated counts");
  bool piece = node.getOpType() == "ai.onnx::Split" && cast<OpResult>(end).getResultNumber() == group &&
               static_cast<int64_t>(node.getNumResults()) == result.groups && isOneElement(end);
  bool element = node.getOpType() == "ai.onnx::Gather" && shapes.getConstantInteger(node.getInput(1)) == group;
  Value source = node.getInputs().empty() ? Value() : node.getInputs()[0];
  const TensorFacts *facts = source ? shapes.getFacts(source) : nullptr;
  bool counts = facts && facts->shape.size() == 1 && facts->shape.front().isConstant(result.groups);
  if ((!piece && !element) || !counts || (ends && ends != source))
    return fail(node, "it is not the end of group " + llvm::Twine(group) + " of " + llvm::Twine(result.groups));
  ends = source;
  result.nodes.push_back(node);
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

/// Gather(rows, Range) or Slice(rows) along the first axis.
bool GroupedReader::readRows(onnx::NodeOp take, int64_t group) {
  bool slices = take.getType() == "Slice";
  bool along = slices ? take.getInput(3) && shapes.getConstantInteger(take.getInput(3)) == 0 : take.getInt("axis", 0) == 0;
  if (!along || (result.rows && result.rows != take.getInputs()[0]))
    return fail(take, "it does not take rows of the tensor that group 0 takes them from");
  result.rows = take.getInputs()[0];
  result.nodes.push_back(take);
  if (slices)
    return readBounds(take.getInput(1), take.getInput(2), take.getInput(4), group, take);
  onnx::NodeOp range = getNode(take.getInputs()[1], "Range");
  result.nodes.push_back(range);
  return readBounds(range.getInputs()[0], range.getInputs()[1], range.getInputs()[2], group, range);
}

/// MatMul(rows of the group, matrix).
bool GroupedReader::readGroup(Value operand, int64_t group) {
  onnx::NodeOp take = getTaken(operand);
  if (!take)
    return fail(operand.getDefiningOp() ? operand.getDefiningOp() : concat.getOperation(),
                "expected the product of rows that a range takes, as group " + llvm::Twine(group));
  result.products.push_back(getNode(operand, "MatMul"));
  return readRows(take, group);
}

/// The ends are CumSum of the counts of `numbers`, each of which counts once.
bool GroupedReader::readCounts() {
  Value value = takeViews(ends, /*casts=*/true);
  onnx::NodeOp running = getNode(value, "CumSum");
  if (!running)
    return fail(ends.getDefiningOp() ? ends.getDefiningOp() : concat.getOperation(), "expected CumSum as the ends of the groups");
  if (running.getInt("exclusive", 0) != 0 || running.getInt("reverse", 0) != 0 || shapes.getConstantInteger(running.getInputs()[1]).value_or(1) != 0)
    return fail(running, "it does not cumulate the counts of the groups");
  result.nodes.push_back(running);
  value = takeViews(running.getInputs()[0], /*casts=*/true);
  onnx::NodeOp scatter = getNode(value, "ScatterElements");
  if (!scatter)
    return fail(running, "expected ScatterElements as the counts of the groups");
  const TensorFacts *bins = shapes.getFacts(scatter.getInputs()[0]), *numbers = shapes.getFacts(scatter.getInputs()[1]),
                    *ones = shapes.getFacts(scatter.getInputs()[2]);
  bool vectors = bins && numbers && ones && bins->shape.size() == 1 && numbers->shape.size() == 1 && ones->shape == numbers->shape;
  if (!vectors || !bins->shape.front().isConstant(result.groups) || scatter.getString("reduction", "none") != "add" ||
      !isFilled(scatter.getInputs()[0], 0.0) || !isFilled(scatter.getInputs()[2], 1.0))
    return fail(scatter, "it does not add 1 to the count of each number's group");
  result.nodes.push_back(scatter);
  result.numbers = scatter.getInputs()[1];
  return true;
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
  if (!readCounts())
    return std::nullopt;
  return result;
}

}  // namespace

bool looksGrouped(onnx::NodeOp concat) {
  if (concat.getOpType() != "ai.onnx::Concat" || concat.getInputs().empty())
    return false;
  onnx::NodeOp take = getTaken(concat.getInputs()[0]);
  return take && (take.getType() == "Gather" || !matchPattern(take.getInput(2), m_Constant()));
}

std::optional<GroupedRows> readGroupedRows(SymbolicShapes &shapes, onnx::NodeOp concat, GroupedFault &fault) {
  return GroupedReader(shapes, concat, fault).run();
}

}  // namespace switchyard
