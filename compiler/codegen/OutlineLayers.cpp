#include "compiler/codegen/OpStructure.h"
#include "compiler/codegen/Passes.h"
#include "compiler/codegen/RepeatedRuns.h"

#include "dialects/rt/RtDialect.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include <map>

using namespace mlir;

namespace switchyard::codegen {

#define GEN_PASS_DEF_OUTLINELAYERS
#include "compiler/codegen/Passes.h.inc"

namespace {

std::optional<int64_t> siteOf(Operation *op) {
  if (auto kernel = dyn_cast<rt::KernelOp>(op))
    return kernel.getSite();
  if (auto collective = dyn_cast<rt::CollectiveOp>(op))
    return collective.getSite();
  return std::nullopt;
}

/// Whether each value can be computed again at the entry of a function, to the same result.
bool isSameConstant(ArrayRef<Value> values) {
  Operation *first = values.front().getDefiningOp();
  if (!first || !isPure(first) || first->getNumOperands() != 0 || first->getNumRegions() != 0 || isa<MemRefType>(values.front().getType()))
    return false;
  unsigned number = cast<OpResult>(values.front()).getResultNumber();
  return llvm::all_of(values, [&](Value value) {
    Operation *op = value.getDefiningOp();
    return op && cast<OpResult>(value).getResultNumber() == number &&
           OperationEquivalence::isEquivalentTo(op, first, OperationEquivalence::IgnoreLocations);
  });
}

/// The ops of a program in order, without those that compute values which do not change: these can stand before any of the others.
class Steps {
public:
  explicit Steps(Block &block) {
    for (Operation &op : block.without_terminator())
      if (!isMovable(op)) {
        positions[&op] = ops.size();
        ops.push_back(&op);
      }
    for (auto [position, op] : llvm::enumerate(ops))
      if (op->getNumResults() > 0)
        lastUses.emplace_back(position, lastUse(op, position));
  }

  ArrayRef<Operation *> list() const { return ops; }

  /// The structure of each op, and where the values come from that other ops of the list make.
  SmallVector<unsigned> structures() const {
    SmallVector<unsigned> numbers;
    OpStructures structures;
    for (auto [position, op] : llvm::enumerate(ops))
      numbers.push_back(structures.number(op, [&, here = position](Value value) -> Reference {
        auto producer = positions.find(value.getDefiningOp());
        if (producer == positions.end())
          return {};
        return {here - producer->second, cast<OpResult>(value).getResultNumber()};
      }));
    return numbers;
  }

  /// Whether no value that is made in [first, end) is read behind it.
  bool isClosed(size_t first, size_t end) const {
    auto entry = llvm::lower_bound(lastUses, std::pair<size_t, size_t>(first, 0));
    for (; entry != lastUses.end() && entry->first < end; ++entry)
      if (entry->second >= end)
        return false;
    return true;
  }

private:
  bool isMovable(Operation &op) const {
    return op.getNumRegions() == 0 && isPure(&op) &&
           llvm::none_of(op.getOperands(), [&](Value value) { return positions.contains(value.getDefiningOp()); });
  }

  size_t lastUse(Operation *op, size_t position) const {
    size_t last = position;
    for (Operation *user : op->getUsers()) {
      auto entry = positions.find(op->getBlock()->findAncestorOpInBlock(*user));
      last = std::max(last, entry == positions.end() ? ops.size() : entry->second);
    }
    return last;
  }

  SmallVector<Operation *> ops;
  llvm::DenseMap<Operation *, size_t> positions;
  SmallVector<std::pair<size_t, size_t>> lastUses;
};

/// One kind of layer: its occurrences, and the function that they become.
class LayerKind {
public:
  using Occurrence = ArrayRef<Operation *>;

  LayerKind(MLIRContext *context, ArrayRef<Operation *> steps, const RepeatedRun &run) : builder(context) {
    for (size_t start : run.starts)
      occurrences.push_back(steps.slice(start, run.length));
  }

  void outline(SymbolTable &symbols, int64_t number) {
    collectOperands();
    func::FuncOp function = buildFunction(symbols, number);
    for (auto [index, occurrence] : llvm::enumerate(occurrences))
      replace(occurrence, index, function);
  }

private:
  /// The values from outside of each occurrence, position by position.
  void collectOperands() {
    for (auto [index, occurrence] : llvm::enumerate(occurrences)) {
      llvm::SmallPtrSet<Operation *, 32> inside(occurrence.begin(), occurrence.end());
      size_t position = 0;
      for (Operation *op : occurrence)
        for (OpOperand *operand : allOperands(op))
          if (isExternal(*operand, op) && !inside.contains(operand->get().getDefiningOp())) {
            if (index == 0)
              operands.emplace_back();
            operands[position++].push_back(operand->get());
          }
    }
  }

  int64_t firstSite(Occurrence occurrence) const {
    for (Operation *op : occurrence)
      if (std::optional<int64_t> site = siteOf(op))
        return *site;
    return 0;
  }

  /// Operands that are equal in all occurrences become one argument; constants are made again.
  func::FuncOp buildFunction(SymbolTable &symbols, int64_t number) {
    Location loc = occurrences.front().front()->getLoc();
    auto function = func::FuncOp::create(loc, ("layer_" + Twine(number)).str(), builder.getFunctionType({builder.getIndexType()}, {}));
    function.setPrivate();
    function->setAttr("passthrough", builder.getStrArrayAttr({"noinline"}));
    symbols.insert(function);
    Block *body = function.addEntryBlock();
    builder.setInsertionPointToStart(body);

    std::map<std::vector<const void *>, Value> known;
    SmallVector<Value> inner;
    for (ArrayRef<Value> values : operands) {
      std::vector<const void *> key;
      for (Value value : values)
        key.push_back(value.getAsOpaquePointer());
      Value &argument = known[key];
      if (!argument && isSameConstant(values)) {
        argument = builder.clone(*values.front().getDefiningOp())->getResult(cast<OpResult>(values.front()).getResultNumber());
      } else if (!argument) {
        argument = body->addArgument(values.front().getType(), values.front().getLoc());
        arguments.push_back(values);
      }
      inner.push_back(argument);
    }
    function.setFunctionType(builder.getFunctionType(body->getArgumentTypes(), {}));
    function.setArgAttr(0, "rt.first_site", builder.getUnitAttr());
    cloneBody(inner);
    func::ReturnOp::create(builder, loc);
    return function;
  }

  void cloneBody(ArrayRef<Value> inner) {
    Occurrence original = occurrences.front();
    int64_t first = firstSite(original);
    IRMapping mapping;
    const Value *next = inner.begin();
    llvm::SmallPtrSet<Operation *, 32> inside(original.begin(), original.end());
    for (Operation *op : original) {
      Operation *copy = builder.clone(*op, mapping);
      for (auto [from, to] : llvm::zip_equal(allOperands(op), allOperands(copy)))
        if (isExternal(*from, op) && !inside.contains(from->get().getDefiningOp()))
          to->set(*next++);
      // A site is counted from the first one of the call; its layer stands in rt.sites.
      if (std::optional<int64_t> site = siteOf(op)) {
        copy->setAttr("site", builder.getI64IntegerAttr(*site - first));
        copy->setAttr("layer", builder.getI64IntegerAttr(-1));
      }
    }
  }

  void replace(Occurrence occurrence, size_t index, func::FuncOp function) {
    Operation *start = occurrence.front();
    // What the occurrence reads is computed before it.
    llvm::SmallPtrSet<Operation *, 32> inside(occurrence.begin(), occurrence.end());
    for (Operation *op = start; op != occurrence.back();) {
      Operation *following = op->getNextNode();
      if (!inside.contains(op))
        op->moveBefore(start);
      op = following;
    }
    builder.setInsertionPoint(start);
    SmallVector<Value> values{arith::ConstantIndexOp::create(builder, start->getLoc(), firstSite(occurrence))};
    for (ArrayRef<Value> argument : arguments)
      values.push_back(argument[index]);
    func::CallOp::create(builder, start->getLoc(), function, values);
    for (Operation *op : llvm::reverse(occurrence))
      op->erase();
  }

  OpBuilder builder;
  SmallVector<Occurrence> occurrences;
  SmallVector<SmallVector<Value>> operands;  // by position, then by occurrence
  SmallVector<ArrayRef<Value>> arguments;    // those operands that are passed
};

struct OutlineLayers : impl::OutlineLayersBase<OutlineLayers> {
  using OutlineLayersBase::OutlineLayersBase;

  void runOnOperation() override {
    auto main = getOperation().lookupSymbol<func::FuncOp>("main");
    if (!main || !llvm::hasSingleElement(main.getBody())) {
      getOperation().emitError("expects a function @main of one block");
      return signalPassFailure();
    }
    WalkResult numbered = main.walk([](Operation *op) {
      if (!isa<rt::KernelOp, rt::CollectiveOp>(op))
        return WalkResult::advance();
      if (!siteOf(op)) {
        op->emitOpError("expects a site; run moe-number-sites before");
        return WalkResult::interrupt();
      }
      // A site in a region would keep its number where the layer around it is copied.
      if (!isa<func::FuncOp>(op->getParentOp())) {
        op->emitOpError("expects to stand in @main itself, not in a region of '") << op->getParentOp()->getName() << "'";
        return WalkResult::interrupt();
      }
      return WalkResult::advance();
    });
    if (numbered.wasInterrupted())
      return signalPassFailure();
    Steps steps(main.front());
    // Finding repetitions is quadratic at worst.
    if (steps.list().size() > maxLength) {
      main.emitRemark("layers are not outlined: the program has ")
          << steps.list().size() << " steps, more than max-length = " << maxLength.getValue();
      return;
    }
    SymbolTable symbols(getOperation());
    auto isClosed = [&](size_t first, size_t end) { return steps.isClosed(first, end); };
    for (auto [number, run] : llvm::enumerate(findRepeatedRuns(steps.structures(), minLength, isClosed)))
      LayerKind(&getContext(), steps.list(), run).outline(symbols, number);
  }
};

}  // namespace

}  // namespace switchyard::codegen
