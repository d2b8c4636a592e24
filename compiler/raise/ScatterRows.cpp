// Assignments through a mask of rows, `sum[mask] = rows`, that exporters write element by element, as scatters of rows.
#include "compiler/raise/Match.h"
#include "compiler/raise/Passes.h"
#include "compiler/raise/control/NodeWriter.h"
#include "compiler/raise/experts/Looped.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"

#include <map>
#include <vector>

namespace switchyard::raise {

#define GEN_PASS_DEF_SCATTERROWS
#include "compiler/raise/Passes.h.inc"

using namespace mlir;

namespace {

/// Equal nodes of which masks, and what is read by them, are made become one: that two lookups of a mask give as much is known where they are one node.
class LookupSharer {
public:
  void visit(onnx::NodeOp node) {
    static constexpr llvm::StringRef types[] = {"NonZero", "Equal",     "Greater",   "Cast",    "ReduceMax", "ReduceSum", "Gather",
                                                "Slice",   "Transpose", "Unsqueeze", "Squeeze", "Reshape"};
    if (node.getDomain() != "ai.onnx" || node.getNumResults() != 1 || !llvm::is_contained(types, node.getType()))
      return;
    std::vector<const void *> key{node.getOpTypeAttr().getAsOpaquePointer(), node.getVersionAttr().getAsOpaquePointer(),
                                  node.getNodeAttributes().getAsOpaquePointer(), node.getResult(0).getType().getAsOpaquePointer()};
    for (Value operand : node.getInputs()) {
      Attribute constant;
      key.push_back(matchPattern(operand, m_Constant(&constant)) ? constant.getAsOpaquePointer() : operand.getAsOpaquePointer());
    }
    auto [first, isNew] = known.try_emplace(std::move(key), node);
    if (!isNew)
      node.getResult(0).replaceAllUsesWith(first->second.getResult(0));
  }

private:
  std::map<std::vector<const void *>, onnx::NodeOp> known;
};

/// The NonZero of `mask` in front of `place`, or null.
onnx::NodeOp findLookup(SymbolicShapes &shapes, Value mask, Operation *place) {
  for (Operation *user : mask.getUsers())
    if (auto node = dyn_cast<onnx::NodeOp>(user); node && node.getOpType() == "ai.onnx::NonZero" && shapes.hasShape(node.getResult(0)) && node->isBeforeInBlock(place))
      return node;
  return {};
}

/// True where `slice` takes the first elements of a vector.
bool takesFirst(SymbolicShapes &shapes, onnx::NodeOp slice) {
  auto isConstant = [&](unsigned operand, int64_t value) { return shapes.getConstantData(slice.getInput(operand)) == SmallVector<int64_t>{value}; };
  return shapes.hasShape(slice.getInputs()[0]) && shapes.getShape(slice.getInputs()[0]).size() == 1 && isConstant(1, 0) &&
         (!slice.getInput(3) || isConstant(3, 0)) && (!slice.getInput(4) || isConstant(4, 1));
}

/// The rows of `shape` of which `updates` are the elements: reshaped, and cut or expanded to the number of elements that are written. One of both alone
/// cannot but leave them as they are, since the scatter takes no other number.
Value findRows(SymbolicShapes &shapes, Value updates, ArrayRef<Expression> shape) {
  for (bool isFitted = false;;) {
    if (shapes.hasShape(updates) && shapes.getShape(updates) == shape)
      return updates;
    auto node = updates.getDefiningOp<onnx::NodeOp>();
    onnx::NodeOp slice = getDefiner(updates, "Slice");
    bool fits = (slice && takesFirst(shapes, slice)) || getDefiner(updates, "Expand");
    if (fits ? isFitted : !isReshape(node))
      return {};
    isFitted |= fits;
    updates = node.getInputs()[0];
  }
}

/// The mask of rows [...] that tells where the scatter of elements `scatter` writes: expanded over the elements, it tells their coordinates. Null where there
/// is none.
Value readMaskOfRows(SymbolicShapes &shapes, onnx::NodeOp scatter) {
  onnx::NodeOp transpose = getDefiner(scatter.getInputs()[1], "Transpose");
  onnx::NodeOp elements = transpose && exchangesAxes(transpose) ? getDefiner(transpose.getInputs()[0], "NonZero") : onnx::NodeOp();
  onnx::NodeOp expand = elements ? getDefiner(elements.getInputs()[0], "Expand") : onnx::NodeOp();
  Value base = scatter.getInputs()[0], mask = expand ? expand.getInputs()[0] : Value();
  if (!mask || !shapes.hasShape(base) || !shapes.hasShape(mask) || !shapes.hasShape(expand.getResult(0)))
    return {};
  ArrayRef<Expression> whole = shapes.getShape(base), column = shapes.getShape(mask);
  bool isOfRows = whole.size() >= 2 && shapes.getShape(expand.getResult(0)) == whole && column.size() == whole.size() && column.back().isConstant(1) &&
                  column.drop_back() == whole.drop_back();
  while (isOfRows && shapes.hasShape(mask) && shapes.getShape(mask) != whole.drop_back() && isReshape(mask.getDefiningOp()))
    mask = cast<onnx::NodeOp>(mask.getDefiningOp()).getInputs()[0];
  return isOfRows && shapes.hasShape(mask) && shapes.getShape(mask) == whole.drop_back() ? mask : Value();
}

/// The lookup of which `indices` list the coordinates along all axes, one tuple a row: its Transpose, or a Concat of columns. Null where they do not.
onnx::NodeOp readTuples(SymbolicShapes &shapes, Value indices) {
  onnx::NodeOp transpose = getDefiner(indices, "Transpose"), concat = getDefiner(indices, "Concat");
  if (transpose)
    return exchangesAxes(transpose) ? getDefiner(transpose.getInputs()[0], "NonZero") : onnx::NodeOp();
  if (!concat || !shapes.hasShape(indices) || shapes.getShape(indices).size() != 2 || Match::getAxis(concat, 2, 0) != 1)
    return {};
  onnx::NodeOp lookup;
  for (auto [axis, column] : llvm::enumerate(concat.getInputs())) {
    Match match(shapes);
    FailureOr<Coordinates> coordinates = matchCoordinates(match, column, concat);
    if (failed(coordinates) || coordinates->axis != static_cast<int64_t>(axis) || (lookup && lookup != coordinates->nonZero))
      return {};
    lookup = coordinates->nonZero;
  }
  Value mask = lookup ? lookup.getInputs()[0] : Value();
  return mask && shapes.hasShape(mask) && shapes.getShape(mask).size() == concat.getInputs().size() ? lookup : onnx::NodeOp();
}

/// Rewrites scatters by masks, and the gathers by masks of several axes that scatters write by, in the order of the program.
class RowRewriter {
public:
  explicit RowRewriter(SymbolicShapes &shapes) : shapes(shapes) {}

  void run(ArrayRef<onnx::NodeOp> nodes);

private:
  void note(onnx::NodeOp scatter);
  void infer(onnx::NodeOp node);
  void rewrite(onnx::NodeOp node);
  void rewriteElements(onnx::NodeOp scatter, Value mask);
  void rewriteTuples(onnx::NodeOp node, onnx::NodeOp lookup);
  Value flatten(NodeWriter &writer, Value value, size_t axes);
  Value getLookup(NodeWriter &writer, Value mask, Operation *place);
  void replace(NodeWriter &writer, onnx::NodeOp node, size_t axes, Value lookup, Value rows);

  SymbolicShapes &shapes;
  llvm::DenseSet<Value> masks;    // of several axes, by which rows are written
  llvm::DenseSet<Value> changed;  // values of which the shapes are not those that readers were inferred from
  llvm::DenseMap<std::pair<Value, size_t>, Value> flat;  // by how many axes became one
};

/// Notes the mask of several axes that `scatter` writes by.
void RowRewriter::note(onnx::NodeOp scatter) {
  onnx::NodeOp lookup = readTuples(shapes, scatter.getInputs()[1]);
  Value mask = readMaskOfRows(shapes, scatter), base = scatter.getInputs()[0];
  bool isOfRows = !mask && lookup && shapes.hasShape(base) && shapes.hasShape(lookup.getInputs()[0]) &&
                  shapes.getShape(base).size() == shapes.getShape(lookup.getInputs()[0]).size() + 1;
  if (isOfRows)
    mask = lookup.getInputs()[0];
  if (mask && shapes.getShape(mask).size() > 1)
    masks.insert(mask);
}

/// `value` with its first `axes` axes as one; null where the others are not numbers.
Value RowRewriter::flatten(NodeWriter &writer, Value value, size_t axes) {
  if (axes == 1)
    return value;
  Value &known = flat[{value, axes}];
  if (known)
    return known;
  SmallVector<int64_t> sizes{-1};
  for (Expression size : shapes.getShape(value).drop_front(axes)) {
    if (!size.getConstant())
      return {};
    sizes.push_back(*size.getConstant());
  }
  return known = writer.reshape(value, sizes);
}

/// What NonZero finds in `mask` as a vector. Where the file has done so in front of `place`, that.
Value RowRewriter::getLookup(NodeWriter &writer, Value mask, Operation *place) {
  size_t axes = shapes.getShape(mask).size();
  Value &vector = flat[{mask, axes}];
  for (Operation *user : mask.getUsers())
    if (!vector && axes > 1 && isReshape(user) && user->isBeforeInBlock(place) && shapes.hasShape(user->getResult(0)) && shapes.getShape(user->getResult(0)).size() == 1)
      vector = user->getResult(0);
  Value whole = flatten(writer, mask, axes);
  onnx::NodeOp found = findLookup(shapes, whole, place);
  return found ? found.getResult(0) : writer.create("NonZero", whole).front();
}

/// Puts a node like `node` in its place, which reads or writes `rows` by what `lookup` finds along the first `axes` axes of its data.
void RowRewriter::replace(NodeWriter &writer, onnx::NodeOp node, size_t axes, Value lookup, Value rows) {
  SmallVector<Value> operands(node.getInputs());
  Value data = operands[0];
  operands[0] = flatten(writer, data, axes);
  operands[1] = writer.transpose(lookup, {1, 0});
  if (rows)
    operands[2] = rows;
  Value result = writer.copy(node, operands).front();
  if (rows && axes > 1) {
    Value whole = writer.create("Reshape", {result, writer.create("Shape", data).front()}).front();
    flat[{whole, axes}] = result;
    result = whole;
  }
  changed.insert(result);
  node.getResult(0).replaceAllUsesWith(result);
}

void RowRewriter::rewriteElements(onnx::NodeOp scatter, Value mask) {
  NodeWriter writer(scatter, shapes);
  size_t axes = shapes.getShape(mask).size();
  Value lookup = getLookup(writer, mask, scatter), data = scatter.getInputs()[0];
  Value rows = findRows(shapes, scatter.getInputs()[2], {shapes.getShape(lookup).back(), shapes.getShape(data).back()});
  if (rows && flatten(writer, data, axes))
    replace(writer, scatter, axes, lookup, rows);
}

void RowRewriter::rewriteTuples(onnx::NodeOp node, onnx::NodeOp lookup) {
  Value data = node.getInputs()[0], mask = lookup.getInputs()[0];
  if (!masks.contains(mask) || !shapes.hasShape(data) || !shapes.hasShape(node.getResult(0)))
    return;
  size_t axes = shapes.getShape(mask).size();
  NodeWriter writer(node, shapes);
  bool isByRows = node.getInt("batch_dims", 0) == 0 && shapes.getShape(data).take_front(axes) == shapes.getShape(mask);
  if (isByRows && flatten(writer, data, axes))
    replace(writer, node, axes, getLookup(writer, mask, node), node.getType() == "ScatterND" ? node.getInputs()[2] : Value());
}

void RowRewriter::rewrite(onnx::NodeOp node) {
  bool isScatter = node.getOpType() == "ai.onnx::ScatterND" && node.getInputs().size() == 3;
  if (Value mask = isScatter ? readMaskOfRows(shapes, node) : Value())
    rewriteElements(node, mask);
  else if (isScatter || node.getOpType() == "ai.onnx::GatherND")
    if (onnx::NodeOp lookup = readTuples(shapes, node.getInputs()[1]))
      rewriteTuples(node, lookup);
}

/// The shapes behind what was rewritten: one lookup in the place of several makes them known.
void RowRewriter::infer(onnx::NodeOp node) {
  auto isChanged = [&](Value value) { return changed.contains(value); };
  auto isKnown = [&](Value value) { return shapes.hasShape(value); };
  if (llvm::any_of(node.getInputs(), isChanged) || !llvm::all_of(node.getOutputs(), isKnown)) {
    shapes.infer(*node);
    changed.insert(node.getOutputs().begin(), node.getOutputs().end());
  }
  for (Value result : node.getOutputs())
    if (const TensorFacts *facts = shapes.getFacts(result); facts && isa<onnx::UnknownType>(result.getType()))
      result.setType(SymbolicShapes::getType(facts->shape, facts->elementType));
}

void RowRewriter::run(ArrayRef<onnx::NodeOp> nodes) {
  for (onnx::NodeOp node : nodes)
    if (node.getOpType() == "ai.onnx::ScatterND" && node.getInputs().size() == 3)
      note(node);
  for (onnx::NodeOp node : nodes) {
    infer(node);
    rewrite(node);
  }
}

struct ScatterRowsPass : impl::ScatterRowsBase<ScatterRowsPass> {
  void runOnOperation() override {
    for (auto function : getOperation().getOps<func::FuncOp>()) {
      if (function.isExternal() || !llvm::any_of(function.getOps<onnx::NodeOp>(), [](onnx::NodeOp node) { return node.getOpType() == "ai.onnx::NonZero"; }))
        continue;
      LookupSharer sharer;
      for (auto node : function.getOps<onnx::NodeOp>())
        sharer.visit(node);
      eraseDeadNodes(function);
      SymbolicShapes shapes(function);
      RowRewriter(shapes).run(llvm::to_vector(function.getOps<onnx::NodeOp>()));
      eraseDeadNodes(function);
    }
  }
};

}  // namespace

}  // namespace switchyard::raise
