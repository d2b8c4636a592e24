#include "compiler/analysis/ShapeRules.h"
#include "compiler/raise/Graph.h"
#include "compiler/raise/Passes.h"
#include "compiler/raise/Refusals.h"
#include "compiler/raise/control/Sequences.h"
#include "dialects/rt/RtDialect.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/IRMapping.h"

namespace switchyard::raise {

#define GEN_PASS_DEF_INLINECONTROLFLOW
#include "compiler/raise/Passes.h.inc"

using namespace mlir;

namespace {

/// The most nodes that loops are unrolled to, all together; those of which each iteration reads weights of its own, the experts of a layer or
/// the layers of a model, are as many as a file without loops may have.
constexpr int64_t maxUnrolledNodes = 1 << 16, maxUnrolledNodesOfWeights = 1 << 20;

/// A loop that is being unrolled. The values of its iterations are operands of its node, since what stands for them may change: the states, in the
/// place of the first ones, and behind all operands, one iteration after the other, the rows of the stacked results.
struct Unrolling {
  int64_t done = 0, count = 0;
  size_t firstState = 0, states = 0, firstRow = 0, rows = 0;
};

/// Walks a graph once, in order: shapes of what is inlined are known before what follows is looked at.
class Inliner {
public:
  explicit Inliner(func::FuncOp main) : main(main), shapes(main), sequences(shapes) {}
  void run();

private:
  /// Each does a step and gives the op to go on with: the first of what it has put in front of the node, or what follows.
  Operation *visitIf(onnx::NodeOp node);
  Operation *visitLoop(onnx::NodeOp node);
  Operation *visitScan(onnx::NodeOp node);
  Operation *visitSequenceMap(onnx::NodeOp node);

  Operation *inlineBranch(onnx::NodeOp node, bool condition);
  /// For an If of which both branches stand in front of it, and their results among its operands.
  Operation *select(onnx::NodeOp node);
  /// "Max" or "Min" where that is what an If of sizes gives: `capacity < least ? least : capacity`. Empty otherwise.
  StringRef findExtreme(Value condition, Value then, Value otherwise) const;
  /// The reason why a Loop, or a Scan, cannot be unrolled; empty where it can.
  std::string beginLoop(onnx::NodeOp node, Unrolling &loop);
  std::string beginScan(onnx::NodeOp node, Unrolling &scan);
  /// Makes what one more iteration gives operands of the node.
  void keepIteration(onnx::NodeOp node, Unrolling &loop, ArrayRef<Value> values);
  /// Stacks the rows along `axes`, the last one first where `reversed`.
  Operation *finishLoop(onnx::NodeOp node, Unrolling loop, ArrayRef<int64_t> axes, ArrayRef<int64_t> reversed);
  /// Puts a copy of the body in front of `node`, with these arguments; gives what it yields.
  SmallVector<Value> copyBody(onnx::NodeOp node, ValueRange arguments);
  /// The reason against `count` more iterations of the body of `node`; empty where there is none.
  std::string checkBudget(onnx::NodeOp node, int64_t count);
  Operation *refuse(onnx::NodeOp node, const llvm::Twine &why);
  /// Replaces the results of a node that is done, and erases it.
  Operation *finish(onnx::NodeOp node, ValueRange values);

  func::FuncOp main;
  SymbolicShapes shapes;
  Sequences sequences;
  llvm::DenseMap<Operation *, Unrolling> loops;
  llvm::DenseSet<Operation *> selections;
  int64_t unrolled = 0, unrolledOfWeights = 0;
  bool changed = false;
};

Operation *Inliner::refuse(onnx::NodeOp node, const llvm::Twine &why) {
  node->setAttr(refusedAttribute, StringAttr::get(node.getContext(), why));
  return node->getNextNode();
}

Operation *Inliner::finish(onnx::NodeOp node, ValueRange values) {
  Operation *next = node->getNextNode();
  for (auto [result, value] : llvm::zip_equal(node.getResults(), values)) {
    if (!value)
      continue;
    // What the file states of the result goes on to hold.
    if (isa<onnx::UnknownType>(value.getType()))
      value.setType(result.getType());
    result.replaceAllUsesWith(value);
  }
  // Another node may stand at its address later.
  loops.erase(node);
  selections.erase(node);
  node.erase();
  changed = true;
  return next;
}

/// The body of attribute `name`; null where it is missing or empty.
Block *findBody(onnx::NodeOp node, llvm::StringRef name) {
  for (auto [graph, graphName] : llvm::zip(node.getGraphs(), node.getGraphNames()))
    if (cast<StringAttr>(graphName).getValue() == name && graph.hasOneBlock())
      return &graph.front();
  return nullptr;
}

/// Moves what a branch computes in front of its node.
SmallVector<Value> moveBranch(onnx::NodeOp node, Block &body) {
  Operation *yield = body.getTerminator();
  SmallVector<Value> values(yield->getOperands());
  node->getBlock()->getOperations().splice(node->getIterator(), body.getOperations(), body.begin(), yield->getIterator());
  return values;
}

Operation *Inliner::inlineBranch(onnx::NodeOp node, bool condition) {
  Block &body = *findBody(node, condition ? "then_branch" : "else_branch");
  Operation *first = body.getOperations().size() > 1 ? &body.front() : nullptr;
  SmallVector<Value> values = moveBranch(node, body);
  Operation *next = finish(node, values);
  return first ? first : next;
}

/// The comparison that `condition` is, in front of casts and reshapes; null where it is none.
onnx::NodeOp findComparison(Value condition) {
  auto node = condition.getDefiningOp<onnx::NodeOp>();
  while (node && (node.getOpType() == "ai.onnx::Cast" || isReshape(node)))
    node = node.getInputs().front().getDefiningOp<onnx::NodeOp>();
  return node && node.getInputs().size() == 2 ? node : onnx::NodeOp();
}

StringRef Inliner::findExtreme(Value condition, Value then, Value otherwise) const {
  onnx::NodeOp comparison = findComparison(condition);
  if (!comparison)
    return {};
  bool less = comparison.getOpType() == "ai.onnx::Less" || comparison.getOpType() == "ai.onnx::LessOrEqual";
  bool greater = comparison.getOpType() == "ai.onnx::Greater" || comparison.getOpType() == "ai.onnx::GreaterOrEqual";
  std::optional<ArrayRef<Expression>> left = shapes.getData(comparison.getInput(0)), right = shapes.getData(comparison.getInput(1)),
                                      yes = shapes.getData(then), no = shapes.getData(otherwise);
  if ((!less && !greater) || !left || !right || !yes || !no || left->size() != 1 || right->size() != 1)
    return {};
  bool same = *yes == *left && *no == *right, swapped = *yes == *right && *no == *left;
  if (!same && !swapped)
    return {};
  return less == swapped ? "Max" : "Min";
}

Operation *Inliner::select(onnx::NodeOp node) {
  NodeWriter writer(node, shapes);
  unsigned count = node.getNumResults();
  SmallVector<Value> operands(node.getInputs()), results;
  Value condition = operands.front();
  ArrayRef<Value> thens = ArrayRef<Value>(operands).slice(1, count), otherwises = ArrayRef<Value>(operands).drop_front(1 + count);
  int choices = 0;
  for (auto [then, otherwise] : llvm::zip_equal(thens, otherwises)) {
    const TensorFacts *left = shapes.getFacts(then), *right = shapes.getFacts(otherwise);
    if (!left || !right)
      return refuse(node, "its condition is computed from data, and the shape of a result is not known in both branches");
    if (left->shape != right->shape || left->elementType != right->elementType)
      return refuse(node, "its condition is computed from data, and a result is " + describeShape(left->shape) + " in one branch and " +
                              describeShape(right->shape) + " in the other");
  }
  const TensorFacts *facts = shapes.getFacts(condition);
  if (!facts || !countElements(shapes.getContext(), facts->shape).isConstant(1))
    return refuse(node, "its condition is not one bool");
  if (!facts->shape.empty())
    condition = writer.create("Squeeze", condition).front();
  for (auto [then, otherwise] : llvm::zip_equal(thens, otherwises)) {
    StringRef extreme = findExtreme(node.getInput(0), then, otherwise);
    bool isChosen = then != otherwise && extreme.empty();
    choices += isChosen;
    results.push_back(then == otherwise ? then
                      : isChosen        ? writer.create("Where", {condition, then, otherwise}).front()
                                        : writer.create(extreme, {then, otherwise}).front());
  }
  if (choices > 0)
    mlir::emitRemark(node.getLoc()) << "its condition is computed from data: both branches are computed, and one is taken";
  return finish(node, results);
}

Operation *Inliner::visitIf(onnx::NodeOp node) {
  if (selections.contains(node))
    return select(node);
  Block *then = findBody(node, "then_branch"), *otherwise = findBody(node, "else_branch");
  size_t results = node.getNumResults();
  if (!then || !otherwise || then->getTerminator()->getNumOperands() != results || otherwise->getTerminator()->getNumOperands() != results ||
      then->getNumArguments() + otherwise->getNumArguments() != 0 || !node.getInput(0))
    return refuse(node, "its branches have not the " + llvm::Twine(results) + " results of the node, or have inputs");
  if (std::optional<int64_t> condition = shapes.getConstantInteger(node.getInput(0)))
    return inlineBranch(node, *condition != 0);
  Operation *previous = node->getPrevNode();
  for (Block *branch : {then, otherwise})
    node.getInputsMutable().append(moveBranch(node, *branch));
  selections.insert(node);
  changed = true;
  return previous ? previous->getNextNode() : &main.front().front();
}

/// True where `value` is a weight of the file, at most under another shape or type.
bool isWeight(Value value) {
  constexpr int mostSteps = 4;
  for (int step = 0; step < mostSteps; ++step) {
    if (value.getDefiningOp<rt::WeightRefOp>())
      return true;
    auto node = value.getDefiningOp<onnx::NodeOp>();
    bool keepsSize = node && (isReshape(node) || node.getOpType() == "ai.onnx::Transpose" || node.getOpType() == "ai.onnx::Cast");
    if (!keepsSize)
      return false;
    value = node.getInputs().front();
  }
  return false;
}

/// True where each iteration reads its own part of a weight: by its number in a Loop, as what is scanned in a Scan.
bool readsOwnWeights(onnx::NodeOp node) {
  if (node.getOpType() == "ai.onnx::Scan")
    return llvm::any_of(node.getInputs().take_back(std::min<int64_t>(node.getInt("num_scan_inputs", 0), node.getInputs().size())), isWeight);
  Block &body = node.getGraphs().front().front();
  return node.getOpType() == "ai.onnx::Loop" && llvm::any_of(body.getOps<onnx::NodeOp>(), [&](onnx::NodeOp gather) {
           return gather.getOpType() == "ai.onnx::Gather" && skipReshapes(gather.getInput(1)) == body.getArgument(0) && isWeight(gather.getInput(0));
         });
}

std::string Inliner::checkBudget(onnx::NodeOp node, int64_t count) {
  int64_t nodes = 1;
  node.getGraphs().front().walk([&](Operation *) { ++nodes; });
  bool ofWeights = readsOwnWeights(node);
  int64_t most = ofWeights ? maxUnrolledNodesOfWeights : maxUnrolledNodes, &done = ofWeights ? unrolledOfWeights : unrolled;
  if (count > (most - done) / nodes)
    return (llvm::Twine(count) + " iterations of a body of " + llvm::Twine(nodes) + " nodes are more than the " + llvm::Twine(most) +
            " nodes that loops are unrolled to")
        .str();
  done += count * nodes;
  return {};
}

SmallVector<Value> Inliner::copyBody(onnx::NodeOp node, ValueRange arguments) {
  Block &body = node.getGraphs().front().front();
  IRMapping mapping;
  mapping.map(body.getArguments(), arguments);
  OpBuilder builder(node);
  for (Operation &op : body.without_terminator())
    builder.clone(op, mapping);
  SmallVector<Value> values;
  for (Value value : body.getTerminator()->getOperands())
    values.push_back(mapping.lookupOrDefault(value));
  changed = true;
  return values;
}

std::string Inliner::beginLoop(onnx::NodeOp node, Unrolling &loop) {
  Block *body = findBody(node, "body");
  size_t states = node.getInputs().size() < 2 ? 0 : node.getInputs().size() - 2;
  if (!body || node.getInputs().size() < 2 || body->getNumArguments() != states + 2 ||
      body->getTerminator()->getNumOperands() != node.getNumResults() + 1 || node.getNumResults() < states)
    return "its body has not the inputs and results that the node asks for";
  std::optional<int64_t> count = node.getInput(0) ? shapes.getConstantInteger(node.getInput(0)) : std::numeric_limits<int64_t>::max();
  if (!count)
    return "the number of its iterations is not known before data is";
  std::optional<int64_t> begins = node.getInput(1) ? shapes.getConstantInteger(node.getInput(1)) : 1;
  if (!begins)
    return "whether it begins is not known before data is";
  loop.count = *begins ? std::max<int64_t>(*count, 0) : 0;
  loop.firstState = 2;
  loop.states = states;
  loop.firstRow = node.getInputs().size();
  loop.rows = node.getNumResults() - states;
  return node.getInput(0) ? checkBudget(node, loop.count) : std::string();
}

void Inliner::keepIteration(onnx::NodeOp node, Unrolling &loop, ArrayRef<Value> values) {
  for (size_t index = 0; index < loop.states; ++index)
    node->setOperand(loop.firstState + index, values[index]);
  node.getInputsMutable().append(values.drop_front(loop.states));
  ++loop.done;
}

Operation *Inliner::finishLoop(onnx::NodeOp node, Unrolling loop, ArrayRef<int64_t> axes, ArrayRef<int64_t> reversed) {
  NodeWriter writer(node, shapes);
  SmallVector<Value> results(node.getInputs().slice(loop.firstState, loop.states));
  for (size_t index = 0; index < loop.rows; ++index) {
    bool isUsed = !node.getResult(loop.states + index).use_empty();
    if (loop.done == 0 && isUsed)
      return refuse(node, "it has no iterations, so that the shape of a result is not known");
    SmallVector<Value> rows;
    for (int64_t iteration = 0; iteration < loop.done; ++iteration)
      rows.push_back(node.getInputs()[loop.firstRow + iteration * loop.rows + index]);
    if (reversed[index])
      std::reverse(rows.begin(), rows.end());
    results.push_back(isUsed ? writer.stack(rows, axes[index]) : Value());
  }
  return finish(node, results);
}

/// Whether the argument of a body is stated to have one dimension, of one element.
bool isVector(Value argument) {
  auto type = dyn_cast<RankedTensorType>(argument.getType());
  return type && type.getRank() == 1;
}

Operation *Inliner::visitLoop(onnx::NodeOp node) {
  auto [found, isNew] = loops.try_emplace(node);
  Unrolling &loop = found->second;
  if (isNew)
    if (std::string reason = beginLoop(node, loop); !reason.empty())
      return refuse(node, reason);
  if (loop.done > 0) {
    std::optional<int64_t> goesOn = shapes.getConstantInteger(node.getInput(1));
    if (!goesOn)
      return refuse(node, "whether it goes on is not known before data is");
    loop.count = *goesOn ? loop.count : loop.done;
  }
  if (loop.done >= loop.count)
    return finishLoop(node, loop, SmallVector<int64_t>(loop.rows, 0), SmallVector<int64_t>(loop.rows, 0));
  if (!node.getInput(0))
    if (std::string reason = checkBudget(node, 1); !reason.empty())
      return refuse(node, reason);
  Operation *previous = node->getPrevNode();
  NodeWriter writer(node, shapes);
  Block &body = node.getGraphs().front().front();
  SmallVector<Value> arguments{writer.integer(loop.done, isVector(body.getArgument(0))), writer.boolean(true, isVector(body.getArgument(1)))};
  llvm::append_range(arguments, node.getInputs().slice(loop.firstState, loop.states));
  SmallVector<Value> values = copyBody(node, arguments);
  node->setOperand(1, values.front());
  keepIteration(node, loop, ArrayRef<Value>(values).drop_front());
  return previous ? previous->getNextNode() : &main.front().front();
}

/// Numbers of an attribute, one for each of `count`; `otherwise` where the node has none.
SmallVector<int64_t> readNumbers(onnx::NodeOp node, llvm::StringRef name, size_t count) {
  auto stated = dyn_cast_or_null<DenseI64ArrayAttr>(node.getNodeAttr(name));
  SmallVector<int64_t> numbers(count, 0);
  if (stated)
    llvm::copy(stated.asArrayRef().take_front(count), numbers.begin());
  return numbers;
}

std::string Inliner::beginScan(onnx::NodeOp node, Unrolling &scan) {
  Block *body = findBody(node, "body");
  int64_t inputs = node.getInputs().size(), scanned = node.getInt("num_scan_inputs", 0), states = inputs - scanned;
  if (static_cast<int64_t>(node.getVersion()) < 9)
    return "a Scan over batches (version 8) is not supported; convert the model to version 9 or later of the operator set";
  if (!body || scanned < 1 || states < 0 || body->getNumArguments() != inputs || node.getNumResults() < states ||
      body->getTerminator()->getNumOperands() != node.getNumResults())
    return "its body has not the inputs and results that the node asks for";
  const TensorFacts *facts = shapes.getFacts(node.getInputs()[states]);
  int64_t rank = facts ? facts->shape.size() : 0, axis = readNumbers(node, "scan_input_axes", scanned)[0];
  axis = axis < 0 ? axis + rank : axis;
  std::optional<int64_t> length = axis >= 0 && axis < rank ? facts->shape[axis].getConstant() : std::nullopt;
  if (!length)
    return "the number of its iterations is not known before data is";
  scan.count = *length;
  scan.states = states;
  scan.firstRow = inputs;
  scan.rows = node.getNumResults() - states;
  return checkBudget(node, *length);
}

Operation *Inliner::visitScan(onnx::NodeOp node) {
  auto [found, isNew] = loops.try_emplace(node);
  Unrolling &scan = found->second;
  if (isNew)
    if (std::string reason = beginScan(node, scan); !reason.empty())
      return refuse(node, reason);
  if (scan.done == scan.count)
    return finishLoop(node, scan, readNumbers(node, "scan_output_axes", scan.rows), readNumbers(node, "scan_output_directions", scan.rows));
  size_t scanned = scan.firstRow - scan.states;
  SmallVector<int64_t> axes = readNumbers(node, "scan_input_axes", scanned), backwards = readNumbers(node, "scan_input_directions", scanned);
  Operation *previous = node->getPrevNode();
  NodeWriter writer(node, shapes);
  SmallVector<Value> arguments(node.getInputs().take_front(scan.states));
  for (size_t index = 0; index < scanned; ++index) {
    Value place = writer.integer(backwards[index] ? scan.count - 1 - scan.done : scan.done);
    arguments.push_back(writer.create("Gather", {node.getInputs()[scan.states + index], place}, writer.attribute("axis", axes[index])).front());
  }
  keepIteration(node, scan, copyBody(node, arguments));
  return previous ? previous->getNextNode() : &main.front().front();
}

Operation *Inliner::visitSequenceMap(onnx::NodeOp node) {
  Block *body = findBody(node, "body");
  const SmallVector<Value> *first = node.getInputs().empty() ? nullptr : sequences.find(node.getInput(0));
  if (!first)
    return refuse(node, "the elements of its sequence are not known");
  int64_t count = first->size();
  if (!body || body->getNumArguments() != node.getInputs().size() || body->getTerminator()->getNumOperands() != node.getNumResults())
    return refuse(node, "its body has not the inputs and results that the node asks for");
  for (Value input : node.getInputs())
    if (const SmallVector<Value> *elements = sequences.find(input); elements && static_cast<int64_t>(elements->size()) != count)
      return refuse(node, "its sequences are of different lengths");
  if (std::string reason = checkBudget(node, count); !reason.empty())
    return refuse(node, reason);
  Operation *previous = node->getPrevNode();
  SmallVector<SmallVector<Value>> results(node.getNumResults());
  for (int64_t index = 0; index < count; ++index) {
    SmallVector<Value> arguments;
    for (Value input : node.getInputs()) {
      const SmallVector<Value> *elements = sequences.find(input);
      arguments.push_back(elements ? (*elements)[index] : input);
    }
    for (auto [all, value] : llvm::zip_equal(results, copyBody(node, arguments)))
      all.push_back(value);
  }
  NodeWriter writer(node, shapes);
  SmallVector<Value> made;
  for (ArrayRef<Value> elements : results)
    made.push_back(writer.create(elements.empty() ? "SequenceEmpty" : "SequenceConstruct", elements).front());
  finish(node, made);
  return previous ? previous->getNextNode() : &main.front().front();
}

void Inliner::run() {
  for (Operation *op = &main.front().front(), *next; op; op = next) {
    next = op->getNextNode();
    auto node = dyn_cast<onnx::NodeOp>(op);
    if (node && !node->hasAttr(refusedAttribute) && !node.getGraphs().empty()) {
      llvm::StringRef type = node.getOpType();
      next = type == "ai.onnx::If"            ? visitIf(node)
             : type == "ai.onnx::Loop"        ? visitLoop(node)
             : type == "ai.onnx::Scan"        ? visitScan(node)
             : type == "ai.onnx::SequenceMap" ? visitSequenceMap(node)
                                              : next;
      continue;
    }
    if (changed)
      shapes.infer(*op);
    if (node)
      sequences.resolve(node);
  }
}

/// Whether a graph has anything for the pass to do.
bool isConcerned(Block &graph) {
  return llvm::any_of(graph.getOps<onnx::NodeOp>(), [](onnx::NodeOp node) {
    llvm::StringRef type = node.getType();
    return !node.getGraphs().empty() || type.contains("Sequence") || type.starts_with("Optional");
  });
}

struct InlineControlFlowPass : impl::InlineControlFlowBase<InlineControlFlowPass> {
  void runOnOperation() override {
    auto main = getOperation().lookupSymbol<func::FuncOp>("main");
    if (!main || !main.getBody().hasOneBlock() || !isConcerned(main.front()))
      return;
    Inliner(main).run();
    eraseDeadNodes(main);
    main.setType(FunctionType::get(&getContext(), main.front().getArgumentTypes(), main.front().getTerminator()->getOperandTypes()));
  }
};

}  // namespace

}  // namespace switchyard::raise
