// Assignments through a mask of rows, `sum[mask] = rows`, that exporters write element by element, as scatters of rows.
#include "compiler/raise/Match.h"
#include "compiler/raise/Passes.h"
#include "compiler/raise/control/NodeWriter.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Matchers.h"

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

/// The lookup of a mask of rows, [...], and the rows that are written where it tells, [n, H].
struct Assignment {
  onnx::NodeOp lookup;
  Value rows;
};

bool exchangesAxes(onnx::NodeOp transpose) {
  auto permutation = dyn_cast_or_null<DenseI64ArrayAttr>(transpose.getNodeAttr("perm"));
  return !permutation || permutation.asArrayRef() == ArrayRef<int64_t>{1, 0};
}

/// The NonZero of `mask` [..., 1] without its last dimension, as it looks up the rows of `shape`; null where there is none.
onnx::NodeOp findLookup(SymbolicShapes &shapes, Value mask, ArrayRef<Expression> shape) {
  for (;; mask = cast<onnx::NodeOp>(mask.getDefiningOp()).getInputs()[0]) {
    if (shapes.hasShape(mask) && shapes.getShape(mask) == shape)
      for (Operation *user : mask.getUsers())
        if (auto node = dyn_cast<onnx::NodeOp>(user); node && node.getOpType() == "ai.onnx::NonZero" && shapes.hasShape(node.getResult(0)))
          return node;
    if (!isReshape(mask.getDefiningOp()))
      return {};
  }
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

/// Reads a scatter of elements, of which a mask [..., 1] that is expanded over them tells the coordinates.
std::optional<Assignment> readAssignment(SymbolicShapes &shapes, onnx::NodeOp scatter) {
  onnx::NodeOp transpose = getDefiner(scatter.getInputs()[1], "Transpose");
  onnx::NodeOp elements = transpose && exchangesAxes(transpose) ? getDefiner(transpose.getInputs()[0], "NonZero") : onnx::NodeOp();
  onnx::NodeOp expand = elements ? getDefiner(elements.getInputs()[0], "Expand") : onnx::NodeOp();
  Value base = scatter.getInputs()[0], mask = expand ? expand.getInputs()[0] : Value();
  if (!mask || !shapes.hasShape(base) || !shapes.hasShape(mask) || !shapes.hasShape(expand.getResult(0)))
    return std::nullopt;
  ArrayRef<Expression> whole = shapes.getShape(base), column = shapes.getShape(mask);
  bool isOfRows = whole.size() >= 2 && shapes.getShape(expand.getResult(0)) == whole && column.size() == whole.size() && column.back().isConstant(1) &&
                  column.drop_back() == whole.drop_back();
  onnx::NodeOp lookup = isOfRows ? findLookup(shapes, mask, whole.drop_back()) : onnx::NodeOp();
  if (!lookup)
    return std::nullopt;
  Value rows = findRows(shapes, scatter.getInputs()[2], {shapes.getShape(lookup.getResult(0)).back(), whole.back()});
  return rows ? std::optional(Assignment{lookup, rows}) : std::nullopt;
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
      rewrite(function);
      eraseDeadNodes(function);
    }
  }

private:
  static void rewrite(func::FuncOp function) {
    SmallVector<onnx::NodeOp> scatters;
    for (auto node : function.getOps<onnx::NodeOp>())
      if (node.getOpType() == "ai.onnx::ScatterND" && node.getInputs().size() == 3)
        scatters.push_back(node);
    SymbolicShapes shapes(function);
    for (auto node : function.getOps<onnx::NodeOp>())
      for (Value result : node.getOutputs())
        if (const TensorFacts *facts = shapes.getFacts(result); facts && isa<onnx::UnknownType>(result.getType()))
          result.setType(SymbolicShapes::getType(facts->shape, facts->elementType));
    for (onnx::NodeOp scatter : scatters)
      if (std::optional<Assignment> assignment = readAssignment(shapes, scatter)) {
        NodeWriter writer(scatter, shapes);
        Value tuples = writer.transpose(assignment->lookup.getResult(0), {1, 0});
        scatter.getResult(0).replaceAllUsesWith(writer.copy(scatter, {scatter.getInputs()[0], tuples, assignment->rows}).front());
      }
  }
};

}  // namespace

}  // namespace switchyard::raise
