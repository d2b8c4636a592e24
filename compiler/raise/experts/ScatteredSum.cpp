// Sums of rows that are scattered where they came from: ScatterND and ScatterElements that add to the sum before them, or that write into
// zeros which are added to it.
#include "compiler/analysis/ShapeRules.h"
#include "compiler/raise/experts/Looped.h"

#include "llvm/ADT/DenseSet.h"

using namespace mlir;

namespace switchyard::raise {

namespace {

bool isScatter(onnx::NodeOp node) {
  return node && (node.getOpType() == "ai.onnx::ScatterND" || node.getOpType() == "ai.onnx::ScatterElements") && node.getInputs().size() == 3;
}

bool isAdd(onnx::NodeOp node) { return node && node.getOpType() == "ai.onnx::Add"; }

/// True where rows are scattered into `value`, or into a term of it, as far as the first and the last operand of each Add tell, and what is
/// added to those.
bool isSum(Value value) {
  constexpr int mostNodes = 64;
  for (unsigned operand : {0u, 1u}) {
    Value term = value;
    for (int steps = 0; steps < mostNodes; ++steps) {
      auto node = term.getDefiningOp<onnx::NodeOp>();
      bool addsRows = isAdd(node) && isScatter(skipReshapes(node.getInputs()[1 - operand]).getDefiningOp<onnx::NodeOp>());
      if (isScatter(node) || addsRows)
        return true;
      if (!isAdd(node) && !isReshape(node) && !getDefiner(term, "Expand"))
        break;
      term = node.getInputs()[isAdd(node) ? operand : 0];
    }
  }
  return false;
}

/// The Add that `scatter` writes over rows that the Add itself reads, and which of its operands are they; nothing otherwise. What tells which rows is not
/// compared.
struct ReadBack {
  onnx::NodeOp add, gather;
  unsigned rows;  // the other operand
};

std::optional<ReadBack> readBack(onnx::NodeOp scatter) {
  onnx::NodeOp add = getDefiner(skipReshapes(scatter.getInputs()[2]), "Add");
  if (!add || scatter.getType() != "ScatterND" || scatter.getString("reduction", "none") != "none")
    return std::nullopt;
  for (unsigned index : {0u, 1u}) {
    auto gather = skipReshapes(add.getInputs()[index]).getDefiningOp<onnx::NodeOp>();
    if (gather && llvm::is_contained({"ai.onnx::Gather", "ai.onnx::GatherND"}, gather.getOpType()) && gather.getInputs()[0] == scatter.getInputs()[0])
      return ReadBack{add, gather, 1 - index};
  }
  return std::nullopt;
}

/// True where `user` reads no more than a shape, or a part for the sake of its shape.
bool readsShape(Operation *user) {
  auto node = dyn_cast<onnx::NodeOp>(user);
  if (!node || node.getNumResults() != 1)
    return false;
  auto isShape = [](Operation *op) { return isa<onnx::NodeOp>(op) && cast<onnx::NodeOp>(op).getOpType() == "ai.onnx::Shape"; };
  return isShape(node) || (node.getOpType() == "ai.onnx::Slice" && llvm::all_of(node->getUsers(), isShape));
}

/// True where others than `scatter` read what it writes over: that is no sum on its way, but what one begins with.
bool isReadElsewhere(onnx::NodeOp scatter) {
  Operation *reader = scatter;
  for (Value base = scatter.getInputs()[0];; base = cast<onnx::NodeOp>(reader).getInputs()[0]) {
    auto readsData = [&](Operation *user) { return user != reader && !readsShape(user) && !(isReshape(user) && llvm::all_of(user->getUsers(), readsShape)); };
    if (llvm::any_of(base.getUsers(), readsData))
      return true;
    reader = base.getDefiningOp();
    if (!isReshape(reader))
      return false;
  }
}

class SumMatcher {
public:
  SumMatcher(Match &match, onnx::NodeOp sum) : match(match), sum(sum) {}

  FailureOr<ScatteredSum> run();

private:
  LogicalResult visit(Value value, Operation *reader);
  LogicalResult begin(Value value, Operation *reader);
  FailureOr<ScatteredRows> matchScatter(onnx::NodeOp scatter);
  FailureOr<Value> matchRowIndices(onnx::NodeOp scatter);
  LogicalResult matchReadBack(onnx::NodeOp scatter, ReadBack back, Value indices);

  Match &match;
  onnx::NodeOp sum;
  ArrayRef<Expression> shape;  // tokens x elements
  SmallVector<std::pair<Value, Operation *>> rest;
  llvm::DenseSet<Operation *> seen;
  SmallVector<ScatteredRows> found;
  Value start;
  bool adds = false;
};

/// One index a row, which moves all elements of the row: [n, 1] for ScatterND, [n, H] that repeat [n, 1] for ScatterElements.
FailureOr<Value> SumMatcher::matchRowIndices(onnx::NodeOp scatter) {
  Value indices = scatter.getInputs()[1], rows = scatter.getInputs()[2];
  FailureOr<ArrayRef<Expression>> from = match.getShape(indices, scatter), to = match.getShape(rows, scatter);
  if (failed(from) || failed(to))
    return failure();
  if (to->size() != 2 || (*to)[1] != shape[1])
    return match.fail(scatter, "it does not scatter rows of " + shape[1].str() + " elements");
  Expression count = to->front(), one = match.shapes.getContext().constant(1);
  if (scatter.getType() == "ScatterND") {
    if (*from != ArrayRef<Expression>{count, one})
      return match.fail(scatter, "expected one index a row, but there are " + describeShape(*from));
    return indices;
  }
  if (Match::getAxis(scatter, 2, 0) != 0 || *from != *to)
    return match.fail(scatter, "it does not scatter along the tokens");
  if (shape[1].isConstant(1))
    return indices;
  onnx::NodeOp expand = match.takeOperand(scatter, 1, "Expand", "the indices of the tokens, repeated over their elements");
  if (!expand)
    return failure();
  FailureOr<ArrayRef<Expression>> column = match.getShape(expand.getInputs()[0], expand);
  if (failed(column))
    return failure();
  if (*column != ArrayRef<Expression>{count, one})
    return match.fail(expand, "it does not repeat one index a row over the elements of the row");
  return expand.getInputs()[0];
}

/// The rows that are read back are those that are written.
LogicalResult SumMatcher::matchReadBack(onnx::NodeOp scatter, ReadBack back, Value indices) {
  match.take(back.add);
  match.take(back.gather);
  Value rows = match.takeIdentities(scatter.getInputs()[2]), own = back.add.getInputs()[back.rows], read = back.add.getInputs()[1 - back.rows];
  FailureOr<Coordinates> to = matchCoordinates(match, indices, scatter), from = matchCoordinates(match, back.gather.getInputs()[1], back.gather);
  FailureOr<ArrayRef<Expression>> all = match.getShape(rows, scatter), added = match.getShape(own, back.add), before = match.getShape(read, back.add);
  if (failed(to) || failed(from) || failed(all) || failed(added) || failed(before))
    return failure();
  bool alongRows = back.gather.getType() == "GatherND" ? back.gather.getInt("batch_dims", 0) == 0 : Match::getAxis(back.gather, 2, 0) == 0;
  if (rows != back.add.getResult(0) || match.takeIdentities(read) != back.gather.getResult(0) || *added != *all || *before != *all || !alongRows ||
      to->nonZero != from->nonZero || to->axis != from->axis)
    return match.fail(scatter, "it does not add to the rows that it writes over");
  return success();
}

FailureOr<ScatteredRows> SumMatcher::matchScatter(onnx::NodeOp scatter) {
  match.take(scatter);
  FailureOr<Value> indices = matchRowIndices(scatter);
  if (failed(indices))
    return failure();
  Value base = scatter.getInputs()[0];
  llvm::StringRef reduction = scatter.getString("reduction", "none");
  if (reduction != "add" && reduction != "none")
    return match.fail(scatter, "it reduces by '" + reduction + "'");
  std::optional<ReadBack> back = readBack(scatter);
  ScatteredRows found{scatter, *indices, match.takeIdentities(scatter.getInputs()[2]), reduction == "none"};
  found.replaces = reduction == "none" && !back && !isZeroFilled(base);
  if (!found.replaces || !isReadElsewhere(scatter))
    rest.push_back({base, scatter});
  else if (failed(begin(base, scatter)))
    return failure();
  if (back) {
    if (failed(matchReadBack(scatter, *back, *indices)))
      return failure();
    found.rows = match.takeIdentities(back->add.getInputs()[back->rows]);
  }
  return found;
}

LogicalResult SumMatcher::begin(Value value, Operation *reader) {
  if (start)
    return match.fail(reader, "the sum begins with more than one tensor");
  start = value;
  return success();
}

LogicalResult SumMatcher::visit(Value value, Operation *reader) {
  FailureOr<ArrayRef<Expression>> own = match.getShape(value, reader);
  if (failed(own))
    return failure();
  if (*own != shape)
    return match.fail(reader, "it adds to another shape than " + describeShape(shape));
  if (isZeroFilled(value))
    return success();
  if (!isSum(value))
    return begin(value, reader);
  auto node = match.takeIdentities(value).getDefiningOp<onnx::NodeOp>();
  if (node && !seen.insert(node).second)
    return match.fail(node, "it is added twice");
  if (isAdd(node)) {
    match.take(node);
    adds = true;
    rest.push_back({node.getInputs()[1], node});
    rest.push_back({node.getInputs()[0], node});
    return success();
  }
  if (!isScatter(node))
    return match.fail(node ? node.getOperation() : reader, "it gives the sum another shape on the way");
  FailureOr<ScatteredRows> rows = matchScatter(node);
  if (failed(rows))
    return failure();
  found.push_back(*rows);
  return success();
}

FailureOr<ScatteredSum> SumMatcher::run() {
  FailureOr<ArrayRef<Expression>> own = match.getShape(sum.getResult(0), sum);
  if (failed(own))
    return failure();
  if (own->size() != 2)
    return match.fail(sum, "it is not tokens x elements, but " + describeShape(*own));
  shape = *own;
  rest.push_back({sum.getResult(0), sum});
  while (!rest.empty()) {
    auto [value, reader] = rest.pop_back_val();
    if (failed(visit(value, reader)))
      return failure();
  }
  llvm::sort(found, [](ScatteredRows a, ScatteredRows b) { return a.scatter->isBeforeInBlock(b.scatter); });
  bool isWrittenOver = start && !adds && llvm::all_of(found, [](const ScatteredRows &rows) { return rows.replaces; });
  return ScatteredSum{std::move(found), start, isWrittenOver};
}

/// Finds the sums of a function, each node looked at once.
class SumFinder {
public:
  void visit(onnx::NodeOp node) {
    if (isAdd(node))
      visitAdd(node);
    else if (isScatter(node) && findNonZero(node.getInputs()[1]))
      visitScatter(node);
  }

  /// The sums that are part of no other.
  SmallVector<onnx::NodeOp> getWhole() const {
    SmallVector<onnx::NodeOp> whole;
    for (Value sum : sums)
      if (!parts.contains(sum))
        whole.push_back(cast<onnx::NodeOp>(sum.getDefiningOp()));
    return whole;
  }

private:
  void add(onnx::NodeOp node, ArrayRef<Value> terms) {
    parts.insert(terms.begin(), terms.end());
    sums.insert(node.getResult(0));
  }

  Value getSum(Value operand) const {
    Value term = skipReshapes(operand);
    return sums.contains(term) ? term : Value();
  }

  /// `value`, where it is a sum that has begun with a tensor that is none, now that it goes on.
  Value goOn(Value value) {
    Value inner = begun.lookup(value);
    // A residual connection is read by the next norm, too.
    if (!inner || llvm::count_if(value.getUsers(), [](Operation *user) { return !readsShape(user); }) != 1)
      return {};
    parts.insert(inner);
    sums.insert(value);
    return value;
  }

  void visitScatter(onnx::NodeOp node) {
    Value base = node.getInputs()[0], term = getSum(base);
    bool adds = node.getString("reduction", "none") == "add" || readBack(node).has_value();
    if (!term && adds)
      term = goOn(base);
    bool replaces = !adds && node.getString("reduction", "none") == "none" && !isZeroFilled(base);
    if (term && !(replaces && isReadElsewhere(node)))
      add(node, term);
    else if (adds || replaces || isZeroFilled(base))
      add(node, {});
  }

  void visitAdd(onnx::NodeOp node) {
    Value left = getSum(node.getInputs()[0]), right = getSum(node.getInputs()[1]);
    if (left && right)
      return add(node, {left, right});
    Value term = left ? left : right, other = node.getInputs()[left ? 1 : 0];
    if (!term)
      return;
    if (isZeroFilled(other))
      return add(node, term);
    if (Value more = goOn(other))
      return add(node, {term, more});
    begun[node.getResult(0)] = term;
  }

  llvm::SetVector<Value> sums;
  llvm::DenseSet<Value> parts;
  llvm::DenseMap<Value, Value> begun;  // the sum that a node adds to a tensor that is none
};

}  // namespace

bool isZeroFilled(Value value) { return getFilledNumber(skipReshapes(value)) == 0.0; }

/// True where a Concat puts columns side by side: rows of several lookups are no lookup.
static bool joinsColumns(onnx::NodeOp concat) {
  auto type = dyn_cast<RankedTensorType>(concat.getResult(0).getType());
  int64_t axis = concat.getInt("axis", 0);
  return type && axis != 0 && axis != -type.getRank();
}

onnx::NodeOp findNonZero(Value indices) {
  constexpr int mostNodes = 12;
  static constexpr llvm::StringRef types[] = {"Expand", "Concat", "Transpose", "Split", "Slice", "Gather", "Cast"};
  for (int steps = 0; steps < mostNodes; ++steps) {
    auto node = indices.getDefiningOp<onnx::NodeOp>();
    if (getDefiner(indices, "NonZero"))
      return node;
    bool passes = node && node.getDomain() == "ai.onnx" && (isReshape(node) || llvm::is_contained(types, node.getType()));
    if (!passes || node.getInputs().empty() || (node.getType() == "Concat" && !joinsColumns(node)))
      return {};
    indices = node.getInputs()[0];
  }
  return {};
}

SmallVector<onnx::NodeOp> findScatteredSums(func::FuncOp function) {
  SumFinder finder;
  for (auto node : function.front().getOps<onnx::NodeOp>())
    finder.visit(node);
  return finder.getWhole();
}

FailureOr<ScatteredSum> matchScatteredSum(Match &match, onnx::NodeOp sum) { return SumMatcher(match, sum).run(); }

}  // namespace switchyard::raise
