#include "compiler/raise/Match.h"

#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;

namespace switchyard::raise {

LogicalResult Match::fail(Operation *node, const llvm::Twine &what) {
  if (!hasFailed())
    miss = {node, what.str()};
  return failure();
}

Miss Match::giveBack(size_t count) {
  while (taken.size() > count)
    taken.pop_back();
  return std::exchange(miss, Miss());
}

onnx::NodeOp Match::takeDefiner(Value value, Operation *reader, llvm::StringRef type, const llvm::Twine &role) {
  if (onnx::NodeOp node = getDefiner(value, type)) {
    take(node);
    return node;
  }
  if (Operation *other = value.getDefiningOp())
    (void)fail(other, "expected " + type + " as " + role);
  else
    (void)fail(reader, "expected " + type + " as " + role + ", but it is an argument of the function");
  return {};
}

onnx::NodeOp Match::takeOperand(onnx::NodeOp reader, unsigned index, llvm::StringRef type, const llvm::Twine &role) {
  if (Value value = reader.getInput(index))
    return takeDefiner(value, reader, type, role);
  (void)fail(reader, "expected an operand " + llvm::Twine(index) + ": " + role);
  return {};
}

Value Match::takeReshapes(Value value) {
  while (isReshape(value.getDefiningOp())) {
    take(value.getDefiningOp());
    value = cast<onnx::NodeOp>(value.getDefiningOp()).getInputs()[0];
  }
  return value;
}

Value Match::takeIntegerCasts(Value value) {
  value = takeReshapes(value);
  auto isInteger = [](Value v) { return isa<IntegerType>(getElementTypeOrSelf(v)) && getElementTypeOrSelf(v).getIntOrFloatBitWidth() >= 32; };
  while (onnx::NodeOp cast = getDefiner(value, "Cast")) {
    if (!isInteger(value) || !isInteger(cast.getInputs()[0]))
      break;
    take(cast);
    value = takeReshapes(cast.getInputs()[0]);
  }
  return value;
}

Value Match::takeFloatCasts(Value value) {
  for (value = takeReshapes(value); isFloatCast(value.getDefiningOp()); value = takeReshapes(value)) {
    take(value.getDefiningOp());
    value = cast<onnx::NodeOp>(value.getDefiningOp()).getInputs()[0];
  }
  return value;
}

Value Match::takeWidenings(Value value) {
  for (Value inner = skipWidenings(value); value != inner; value = cast<onnx::NodeOp>(value.getDefiningOp()).getInputs()[0])
    take(value.getDefiningOp());
  return value;
}

bool Match::needsNoData(OpOperand &use, int depth) {
  auto node = dyn_cast<onnx::NodeOp>(use.getOwner());
  if (!node || node.getDomain() != "ai.onnx")
    return false;
  if (node.getType() == "CastLike" && use.getOperandNumber() == 1)
    return true;
  if (node.getType() == "Shape" || node.getType() == "Size")
    return shapes.getData(node.getResult(0)).has_value();
  // A part may be taken for the sake of its shape, and what only the layer reads goes with it.
  return depth > 0 && llvm::all_of(node->getUses(), [&](OpOperand &next) { return taken.contains(next.getOwner()) || needsNoData(next, depth - 1); });
}

bool Match::isFromProducts(Operation *node, llvm::DenseSet<Operation *> &cheap) {
  llvm::SetVector<Operation *> reached;
  reached.insert(node);
  for (size_t next = 0; next < reached.size(); ++next) {
    auto current = dyn_cast<onnx::NodeOp>(reached[next]);
    bool isProduct = current && (current.getType().contains("MatMul") || current.getType() == "Gemm" || current.getType() == "Einsum");
    if (!current || isProduct)
      return true;
    for (Value operand : current.getInputs())
      if (Operation *from = operand.getDefiningOp(); from && taken.contains(from) && !cheap.contains(from))
        reached.insert(from);
  }
  cheap.insert(reached.begin(), reached.end());
  return false;
}

LogicalResult Match::checkReaders(Operation *root) {
  llvm::DenseSet<Operation *> cheap;
  for (Operation *node : taken) {
    if (node == root)
      continue;
    for (OpOperand &use : node->getUses())
      if (!taken.contains(use.getOwner()) && !needsNoData(use, /*depth=*/3) && isFromProducts(node, cheap))
        return fail(node, "its result is also read by " + describe(use.getOwner()));
  }
  return success();
}

FailureOr<ArrayRef<Expression>> Match::getShape(Value value, Operation *reader) {
  if (!shapes.hasShape(value))
    return fail(reader, "the shape of an operand is not known");
  return shapes.getShape(value);
}

std::optional<Part> Match::readPart(Value value) const {
  return raise::readPart(value, [&](Value index) { return shapes.getConstantInteger(index); });
}

std::optional<Expression> Match::readCount(Value value) const {
  DenseIntElementsAttr elements;
  if (matchPattern(value, m_Constant(&elements))) {
    int64_t next = 0;
    for (const APInt &element : elements.getValues<APInt>())
      if (element.getSExtValue() != next++)
        return std::nullopt;
    ArrayRef<int64_t> shape = elements.getType().getShape();
    bool isRow = !shape.empty() && shape.back() == next;
    return isRow ? std::optional(shapes.getContext().constant(next)) : std::nullopt;
  }
  onnx::NodeOp range = getDefiner(value, "Range");
  if (!range || !isScalarConstant(range.getInputs()[0], 0) || !isScalarConstant(range.getInputs()[2], 1))
    return std::nullopt;
  std::optional<ArrayRef<Expression>> limit = shapes.getData(range.getInputs()[1]);
  return limit && limit->size() == 1 ? std::optional(limit->front()) : std::nullopt;
}

LogicalResult Match::takeRowNumbers(Value value, Expression rows, Operation *reader) {
  value = takeIntegerCasts(value);
  while (onnx::NodeOp expand = getDefiner(value, "Expand")) {
    Value source = expand.getInputs()[0];
    FailureOr<ArrayRef<Expression>> from = getShape(source, expand), to = getShape(value, expand);
    if (failed(from) || failed(to))
      return failure();
    if (from->empty() || from->size() != to->size() || from->front() != rows || to->front() != rows)
      return fail(expand, "it does not repeat the number of each token");
    take(expand);
    value = takeIntegerCasts(source);
  }
  std::optional<Expression> count = readCount(value);
  return count && count->isProvedEqual(rows) ? success() : LogicalResult(fail(reader, "its rows are not counted from 0 to " + rows.str()));
}

/// True for a Slice that goes along its axes one by one, so that it keeps all elements where it keeps the shape.
static bool takesOneByOne(SymbolicShapes &shapes, onnx::NodeOp node) {
  if (!node || node.getOpType() != "ai.onnx::Slice")
    return false;
  Value stated = node.getInput(4);
  std::optional<SmallVector<int64_t>> steps = stated ? shapes.getConstantData(stated) : SmallVector<int64_t>();
  return steps && llvm::all_of(*steps, [](int64_t step) { return step == 1; });
}

Value Match::takeIdentities(Value value) {
  for (;;) {
    auto node = value.getDefiningOp<onnx::NodeOp>();
    if (!isReshape(node) && !getDefiner(value, "Expand") && !takesOneByOne(shapes, node))
      return value;
    Value source = node.getInputs()[0];
    if (!shapes.hasShape(source) || !shapes.hasShape(value) || shapes.getShape(source) != shapes.getShape(value))
      return value;
    take(node);
    value = source;
  }
}

bool Match::haveSameRows(Value a, Value b) {
  if (!shapes.hasShape(a) || !shapes.hasShape(b) || shapes.getShape(a).empty() || shapes.getShape(b).empty())
    return false;
  return shapes.getShape(a).drop_back() == shapes.getShape(b).drop_back();
}

int64_t Match::getAxis(onnx::NodeOp node, int64_t rank, int64_t otherwise) {
  int64_t axis = node.getInt("axis", otherwise);
  return axis < 0 ? axis + rank : axis;
}

std::optional<SmallVector<int64_t>> Match::getReductionAxes(onnx::NodeOp node) {
  std::optional<SmallVector<int64_t>> axes;
  if (auto attribute = dyn_cast_or_null<DenseI64ArrayAttr>(node.getNodeAttr("axes")))
    axes = SmallVector<int64_t>(attribute.asArrayRef());
  else if (Value operand = node.getInput(1))
    axes = shapes.getConstantData(operand);
  auto type = dyn_cast<RankedTensorType>(node.getInputs()[0].getType());
  if (!axes || !type)
    return std::nullopt;
  for (int64_t &axis : *axes)
    axis = axis < 0 ? axis + type.getRank() : axis;
  return axes;
}

std::string Miss::describe() const { return raise::describe(node) + ": " + condition; }

void Match::remark(Operation *anchor, llvm::StringRef what) const {
  InFlightDiagnostic diagnostic = anchor->emitRemark() << what << ": ";
  diagnostic << (miss.node == anchor ? miss.condition : miss.describe());
}

}  // namespace switchyard::raise
