// Rows that a mask looks up, where nothing has made a layer of what is computed from them: computed for all rows, and put back where the mask is set.
#include "compiler/analysis/RowWise.h"
#include "compiler/raise/Graph.h"
#include "compiler/raise/Passes.h"
#include "compiler/raise/Refusals.h"
#include "compiler/raise/control/NodeWriter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/DenseMap.h"

#include <limits>
#include <map>
#include <vector>

namespace switchyard::raise {

#define GEN_PASS_DEF_MASKROWS
#include "compiler/raise/Passes.h.inc"

using namespace mlir;

namespace {

/// A NonZero, or a Concat of the rows of several ones, and what is made of the rows that it looks up.
struct Lookup {
  onnx::NodeOp node;
  SmallVector<Lookup *> parts;  // of a Concat
  Expression count;
  Operation *fault = nullptr;  // the first that cannot be computed for all rows
  Value chosen = {};           // one bool a row, once it is rewritten

  void fail(Operation *op) { fault = fault ? fault : op; }
};

/// What a value has of a lookup: its rows along one axis, or sizes that count them, and maybe those of others.
struct Rows {
  Lookup *lookup;
  std::optional<int64_t> axis;
};

/// Where a Scatter puts rows into a tensor that has all of them: along this axis.
struct Sink {
  int64_t axis;
};

class RowMasker {
public:
  explicit RowMasker(SymbolicShapes &shapes) : shapes(shapes) {}

  void run(func::FuncOp function);

private:
  void visit(onnx::NodeOp node);
  /// A use outside of nodes: an output of the model, or an op that is raised.
  void noteOther(Operation &op);
  void note(onnx::NodeOp node, Lookup &lookup);
  Lookup *findCounted(onnx::NodeOp node);
  /// The rows of several lookups, one lookup after the other, are those of one; false where `node` does not join them so.
  bool join(onnx::NodeOp node);
  /// What cannot be computed for all rows of a lookup cannot be for those that are joined with them.
  void shareFaults();
  bool areSizes(onnx::NodeOp node);
  std::optional<Sink> readSink(onnx::NodeOp node, ArrayRef<std::optional<int64_t>> axes);
  SmallVector<std::optional<int64_t>> getAxes(onnx::NodeOp node);

  void refuse(Lookup &lookup);
  void begin(Lookup &lookup);
  void rewrite(onnx::NodeOp node, const Lookup *lookup);
  void writeRows(Lookup &lookup);
  void guardIndices(onnx::NodeOp node, unsigned operand);
  void rewriteSink(onnx::NodeOp scatter, Sink sink);
  void infer(onnx::NodeOp node);
  Value where(NodeWriter &writer, const Lookup &lookup, Value value, int64_t axis, Value otherwise);

  SymbolicShapes &shapes;
  SmallVector<std::unique_ptr<Lookup>> lookups;
  llvm::DenseMap<Value, Rows> rows;
  llvm::DenseMap<Operation *, Sink> sinks;
  std::map<std::vector<Lookup *>, Lookup *> joins;
  // All that is computed from rows or their sizes, in order; of sizes alone without a lookup.
  SmallVector<std::pair<onnx::NodeOp, Lookup *>> readers;
};

bool isScatter(onnx::NodeOp node) {
  StringRef type = node.getOpType();
  return (type == "ai.onnx::ScatterND" || type == "ai.onnx::ScatterElements" || type == "ai.onnx::Scatter") && node.getInputs().size() == 3;
}

bool isGather(onnx::NodeOp node) {
  StringRef type = node.getOpType();
  return type == "ai.onnx::Gather" || type == "ai.onnx::GatherND" || type == "ai.onnx::GatherElements";
}

SmallVector<std::optional<int64_t>> RowMasker::getAxes(onnx::NodeOp node) {
  return llvm::map_to_vector(node.getInputs(), [&](Value value) {
    auto found = rows.find(value);
    return found == rows.end() ? std::nullopt : found->second.axis;
  });
}

/// True where all results are sizes: small integers that are known as expressions.
bool RowMasker::areSizes(onnx::NodeOp node) {
  return llvm::all_of(node.getOutputs(), [&](Value result) {
    auto dependsOnData = [](Expression size) { return size.dependsOnData(); };
    return shapes.getData(result) && llvm::none_of(shapes.getShape(result), dependsOnData);
  });
}

/// Indices and updates have the rows along one axis, and the data has none; a tuple of ScatterND stands behind them.
std::optional<Sink> RowMasker::readSink(onnx::NodeOp node, ArrayRef<std::optional<int64_t>> axes) {
  if (!isScatter(node) || axes[0] || !axes[1] || axes[1] != axes[2] || !shapes.isKnownBeforeData(node.getInputs()[0]))
    return std::nullopt;
  ArrayRef<Expression> indices = shapes.getShape(node.getInputs()[1]);
  if (node.getType() == "ScatterND")
    return *axes[1] + 1 < static_cast<int64_t>(indices.size()) && indices.back().getConstant().value_or(0) > 0 ? std::optional(Sink{0}) : std::nullopt;
  FailureOr<int64_t> axis = NodeShapes(node, shapes).axis(0, shapes.getShape(node.getInputs()[0]).size());
  return succeeded(axis) && *axis == *axes[1] ? std::optional(Sink{*axis}) : std::nullopt;
}

void RowMasker::note(onnx::NodeOp node, Lookup &lookup) {
  readers.push_back({node, &lookup});
  SmallVector<std::optional<int64_t>> axes = getAxes(node);
  for (auto [index, value] : llvm::enumerate(node.getInputs()))
    if (auto found = rows.find(value); found != rows.end() && !axes[index] && !isShapeOperand(node, index))
      found->second.lookup->fail(node);
  if (std::optional<Sink> sink = readSink(node, axes)) {
    sinks[node] = *sink;
    return;
  }
  RowNode rowNode{NodeShapes(node, shapes), axes, lookup.count};
  std::optional<int64_t> axis = mapRows(rowNode);
  if (!axis)
    lookup.fail(node);
  for (Value result : node.getOutputs())
    rows[result] = {&lookup, axis};
}

/// The lookup whose rows the result has, where sizes alone say so.
Lookup *RowMasker::findCounted(onnx::NodeOp node) {
  const TensorFacts *facts = shapes.getFacts(node.getResult(0));
  for (const std::unique_ptr<Lookup> &lookup : lookups)
    if (facts && llvm::is_contained(facts->shape, lookup->count))
      return lookup.get();
  return nullptr;
}

bool RowMasker::join(onnx::NodeOp node) {
  const TensorFacts *joined = node.getOpType() == "ai.onnx::Concat" ? shapes.getFacts(node.getResult(0)) : nullptr;
  FailureOr<int64_t> axis = joined ? NodeShapes(node, shapes).axis(0, joined->shape.size()) : FailureOr<int64_t>();
  SmallVector<Lookup *> parts;
  for (Value value : node.getInputs()) {
    auto found = rows.find(value);
    if (failed(axis) || found == rows.end() || found->second.axis != *axis)
      return false;
    parts.push_back(found->second.lookup);
  }
  if (llvm::all_equal(parts) && parts.size() < 2)
    return false;
  Lookup *&known = joins[std::vector<Lookup *>(parts.begin(), parts.end())];
  if (!known) {
    lookups.push_back(std::make_unique<Lookup>(Lookup{node, parts, joined->shape[*axis], {}}));
    known = lookups.back().get();
  }
  if (known->count != joined->shape[*axis])
    return false;
  readers.push_back({node, known});
  rows[node.getResult(0)] = {known, *axis};
  return true;
}

void RowMasker::shareFaults() {
  for (bool changed = true; std::exchange(changed, false);)
    for (const std::unique_ptr<Lookup> &lookup : lookups)
      for (Lookup *part : lookup->parts) {
        if (static_cast<bool>(part->fault) == static_cast<bool>(lookup->fault))
          continue;
        part->fail(lookup->fault);
        lookup->fail(part->fault);
        changed = true;
      }
}

void RowMasker::visit(onnx::NodeOp node) {
  if (join(node))
    return;
  Lookup *only = nullptr, *any = nullptr;
  for (Value value : node.getInputs()) {
    auto found = rows.find(value);
    if (found == rows.end())
      continue;
    any = found->second.lookup;
    if (!found->second.axis)
      continue;
    if (only && only != any) {
      only->fail(node);
      any->fail(node);
    }
    only = any;
  }
  if (any && areSizes(node)) {
    readers.push_back({node, nullptr});
    for (Value result : node.getOutputs())
      if (!shapes.isKnownBeforeData(result))
        rows[result] = {any, std::nullopt};
  } else if (any) {
    only = only ? only : findCounted(node);
    note(node, only ? *only : *any);
  }
  bool isLookup = node.getOpType() == "ai.onnx::NonZero" && shapes.hasShape(node.getResult(0)) && shapes.isKnownBeforeData(node.getInputs()[0]);
  if (!isLookup || shapes.getShape(node.getInputs()[0]).empty() || shapes.isKnownBeforeData(node.getResult(0)))
    return;
  lookups.push_back(std::make_unique<Lookup>(Lookup{node, {}, shapes.getShape(node.getResult(0)).back(), {}}));
  rows[node.getResult(0)] = {lookups.back().get(), 1};
}

void RowMasker::noteOther(Operation &op) {
  for (Value value : op.getOperands())
    if (auto found = rows.find(value); found != rows.end())
      found->second.lookup->fail(&op);
}

void RowMasker::refuse(Lookup &lookup) {
  bool isOutput = isa<func::ReturnOp>(lookup.fault);
  std::string reason = "what it finds cannot be computed for all rows: " + (isOutput ? "it is an output of the model" : describe(lookup.fault) + " does not work row by row");
  lookup.node->setAttr(refusedAttribute, StringAttr::get(lookup.node.getContext(), reason));
}

/// The rows are those of all elements of the mask, in their order.
void RowMasker::writeRows(Lookup &lookup) {
  NodeWriter writer(lookup.node, shapes);
  Value mask = lookup.node.getInputs()[0];
  int64_t rank = shapes.getShape(mask).size();
  Value sizes = writer.create("Shape", mask).front();
  Value numbers = writer.create("Range", {writer.integer(0), writer.create("Size", mask).front(), writer.integer(1)}).front();
  SmallVector<Value> coordinates(rank);
  for (int64_t axis = rank - 1; axis >= 0; --axis) {
    Value size = writer.create("Gather", {sizes, writer.integer(axis)}).front();
    Value quotient = axis == 0 ? Value() : writer.create("Div", {numbers, size}).front();
    Value own = axis == 0 ? numbers : writer.create("Sub", {numbers, writer.create("Mul", {quotient, size}).front()}).front();
    coordinates[axis] = writer.unsqueeze(own, 0);
    numbers = quotient;
  }
  lookup.chosen = writer.reshape(writer.create("Cast", mask, writer.attribute("to", 9)).front(), {-1});
  Value all = writer.concat(coordinates, 0);
  rows[all] = {&lookup, 1};
  lookup.node.getResult(0).replaceAllUsesWith(all);
}

/// `value`, of which the rows stand along `axis`, where the mask is set; `otherwise` in all other rows.
Value RowMasker::where(NodeWriter &writer, const Lookup &lookup, Value value, int64_t axis, Value otherwise) {
  SmallVector<int64_t> sizes(shapes.getShape(value).size() - axis, 1);
  sizes.front() = -1;
  return writer.create("Where", {writer.reshape(lookup.chosen, sizes), value, otherwise}).front();
}

/// What other rows say of a table may be outside of it.
void RowMasker::guardIndices(onnx::NodeOp node, unsigned operand) {
  Value indices = node.getInputs()[operand];
  auto found = rows.find(indices);
  if (found == rows.end() || !found->second.axis || !shapes.hasShape(indices))
    return;
  NodeWriter writer(node, shapes);
  node->setOperand(operand, where(writer, *found->second.lookup, indices, *found->second.axis, writer.zero(indices)));
}

/// `size` as the first number of a tuple, of which the `others` are `rest`.
Value inTuple(NodeWriter &writer, Value size, size_t others, int64_t rest) {
  return others == 0 ? size : writer.concat({size, writer.integers(SmallVector<int64_t>(others, rest))}, 0);
}

/// `indices` of a tensor that will be longer by one place: what counts from its end is made to count from its beginning, and what is outside of
/// the tensor as it is stays outside. Only the first number of a tuple is of that axis.
Value getPlaces(NodeWriter &writer, Value indices, Value size, size_t others) {
  constexpr int64_t any = std::numeric_limits<int64_t>::max();
  Value numbers = writer.create("Cast", indices, writer.attribute("to", 7)).front();
  Value bound = inTuple(writer, size, others, any), zero = writer.integer(0);
  Value below = writer.create("Less", {numbers, writer.create("Neg", bound).front()}).front();
  Value inside = writer.create("And", {writer.create("Not", below).front(), writer.create("Less", {numbers, bound}).front()}).front();
  Value forward = writer.create("Where", {writer.create("Less", {numbers, zero}).front(),
                                          writer.create("Add", {numbers, inTuple(writer, size, others, 0)}).front(), numbers}).front();
  Value outside = inTuple(writer, writer.create("Add", {size, writer.integers(1)}).front(), others, 0);
  return writer.create("Where", {inside, forward, outside}).front();
}

/// A scatter whose operands have lost their shapes is refused when it is lowered.
void RowMasker::rewriteSink(onnx::NodeOp scatter, Sink sink) {
  Value data = scatter.getInputs()[0], indices = scatter.getInputs()[1], updates = scatter.getInputs()[2];
  if (!shapes.hasShape(indices) || !shapes.hasShape(updates))
    return;
  Rows own = rows.find(indices)->second;
  NodeWriter writer(scatter, shapes);
  if (scatter.getString("reduction", "none") == "add") {
    guardIndices(scatter, 1);
    scatter->setOperand(2, where(writer, *own.lookup, updates, *own.axis, writer.zero(updates)));
    return;
  }
  // A place behind the last one takes the rows that are not chosen, and is cut off.
  size_t others = scatter.getType() == "ScatterND" ? *shapes.getShape(indices).back().getConstant() - 1 : 0;
  Value size = writer.create("Gather", {writer.create("Shape", data).front(), writer.integers(sink.axis)}).front();
  Value places = getPlaces(writer, indices, size, others);
  places = where(writer, *own.lookup, places, *own.axis, inTuple(writer, size, others, 0));
  Value wide = writer.extend(data, sink.axis);
  Value scattered = writer.copy(scatter, {wide, places, updates}).front();
  scatter.getResult(0).replaceAllUsesWith(writer.slice(scattered, 0, -1, sink.axis));
}

void RowMasker::infer(onnx::NodeOp node) {
  shapes.infer(*node);
  for (Value result : node.getOutputs())
    if (const TensorFacts *facts = shapes.getFacts(result))
      result.setType(SymbolicShapes::getType(facts->shape, facts->elementType));
}

void RowMasker::rewrite(onnx::NodeOp node, const Lookup *lookup) {
  if (lookup && lookup->fault)
    return;
  if (auto sink = sinks.find(node); sink != sinks.end())
    return rewriteSink(node, sink->second);
  if (isGather(node) || node.getType() == "ScatterElements")
    guardIndices(node, 1);
  infer(node);
}

void RowMasker::begin(Lookup &lookup) {
  if (lookup.parts.empty())
    return writeRows(lookup);
  auto chosen = llvm::map_to_vector(lookup.parts, [](Lookup *part) { return part->chosen; });
  lookup.chosen = NodeWriter(lookup.node, shapes).concat(chosen, 0);
}

void RowMasker::run(func::FuncOp function) {
  for (Operation &op : function.front()) {
    if (auto node = dyn_cast<onnx::NodeOp>(op))
      visit(node);
    else
      noteOther(op);
  }
  shareFaults();
  Operation *first = nullptr;
  size_t count = 0;
  for (const std::unique_ptr<Lookup> &lookup : lookups) {
    if (lookup->fault) {
      if (lookup->parts.empty())
        refuse(*lookup);
      continue;
    }
    begin(*lookup);
    first = first ? first : lookup->node;
    count += lookup->parts.empty();
  }
  for (auto [node, lookup] : readers)
    rewrite(node, lookup);
  if (first)
    first->emitRemark() << "the rows that this and " << count - 1 << " other lookups find are computed for all tokens, since no layer was found that takes "
                        << "them: every expert computes every token, and what it gives for others than its own is left out";
}

struct MaskRowsPass : impl::MaskRowsBase<MaskRowsPass> {
  void runOnOperation() override {
    for (auto function : getOperation().getOps<func::FuncOp>()) {
      if (function.isExternal() || !llvm::any_of(function.getOps<onnx::NodeOp>(), [](onnx::NodeOp node) { return node.getOpType() == "ai.onnx::NonZero"; }))
        continue;
      eraseDeadNodes(function);
      SymbolicShapes shapes(function);
      RowMasker(shapes).run(function);
      eraseDeadNodes(function);
    }
  }
};

}  // namespace

}  // namespace switchyard::raise
