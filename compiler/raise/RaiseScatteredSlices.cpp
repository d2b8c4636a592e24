#include "compiler/analysis/ShapeRules.h"
#include "compiler/raise/Graph.h"
#include "compiler/raise/Passes.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/BuiltinOps.h"

namespace switchyard::raise {

#define GEN_PASS_DEF_RAISESCATTEREDSLICES
#include "compiler/raise/Passes.h.inc"

using namespace mlir;

namespace {

/// Numbers that follow each other: the indices of a slice along one axis.
struct Run {
  Expression first, size;
};

/// `value` in front of what keeps its elements and their order.
Value skipMoves(SymbolicShapes &shapes, Value value) {
  for (;;) {
    Value inner = skipReshapes(value);
    onnx::NodeOp expand = getDefiner(inner, "Expand");
    bool keeps = expand && shapes.hasShape(inner) && shapes.hasShape(expand.getInputs()[0]) &&
                 shapes.getShape(inner) == shapes.getShape(expand.getInputs()[0]);
    if (!keeps)
      return inner;
    value = expand.getInputs()[0];
  }
}

/// The run that `value` is, under any shape: Range by 1, a Slice of one, or constants.
std::optional<Run> readRun(SymbolicShapes &shapes, Value value) {
  value = skipMoves(shapes, value);
  if (!shapes.hasShape(value))
    return std::nullopt;
  ExpressionContext &context = shapes.getContext();
  Run run{context.constant(0), countElements(context, shapes.getShape(value))};
  if (onnx::NodeOp slice = getDefiner(value, "Slice")) {
    NodeShapes node(slice, shapes);
    FailureOr<SmallVector<SliceRange>> ranges = getSliceRanges(node);
    if (failed(ranges) || ranges->size() != 1 || ranges->front().stride != 1)
      return std::nullopt;
    run.first = ranges->front().offset;
    value = skipMoves(shapes, slice.getInputs()[0]);
  }
  if (onnx::NodeOp range = getDefiner(value, "Range")) {
    std::optional<ArrayRef<Expression>> start = shapes.getData(range.getInputs()[0]);
    if (!start || start->size() != 1 || !isScalarConstant(range.getInputs()[2], 1))
      return std::nullopt;
    return Run{run.first + start->front(), run.size};
  }
  std::optional<SmallVector<int64_t>> numbers = shapes.getConstantData(value);
  if (!numbers || numbers->empty())
    return std::nullopt;
  for (size_t i = 0; i + 1 < numbers->size(); ++i)
    if ((*numbers)[i + 1] != (*numbers)[i] + 1)
      return std::nullopt;
  return Run{run.first + numbers->front(), run.size};
}

/// The run along `axis` of `grid` that is repeated over its other axes in `value` = [grid, 1].
std::optional<Run> readAxis(SymbolicShapes &shapes, Value value, size_t axis, ArrayRef<Expression> grid) {
  value = skipReshapes(value);
  onnx::NodeOp expand = getDefiner(value, "Expand");
  Value source = expand ? expand.getInputs()[0] : value;
  if (!shapes.hasShape(value) || !shapes.hasShape(source) || (expand && shapes.getShape(value) != grid))
    return std::nullopt;
  ArrayRef<Expression> shape = expand ? shapes.getShape(source) : grid;
  if (shape.size() > grid.size())
    return std::nullopt;
  for (auto [d, size] : llvm::enumerate(shape)) {
    size_t position = d + grid.size() - shape.size();
    if (position == axis ? size != grid[axis] : !size.isConstant(1))
      return std::nullopt;
  }
  std::optional<Run> run = readRun(shapes, source);
  return run && run->size == grid[axis] ? run : std::nullopt;
}

/// Where the box begins that `scatter` writes; nothing where its indices are no box, or one that is not proved to lie inside.
std::optional<Dims> readBox(SymbolicShapes &shapes, onnx::NodeOp scatter) {
  if (scatter.getString("reduction", "none") != "none" || scatter.getInputs().size() != 3)
    return std::nullopt;
  for (Value operand : scatter.getInputs())
    if (!shapes.isKnownBeforeData(operand))
      return std::nullopt;
  onnx::NodeOp tuples = getDefiner(scatter.getInputs()[1], "Concat");
  ArrayRef<Expression> data = shapes.getShape(scatter.getInputs()[0]), indices = shapes.getShape(scatter.getInputs()[1]),
                       updates = shapes.getShape(scatter.getInputs()[2]);
  int64_t rank = indices.size(), length = rank - 1;
  if (!tuples || rank < 2 || static_cast<int64_t>(tuples.getInputs().size()) != length || length > static_cast<int64_t>(data.size()))
    return std::nullopt;
  int64_t axis = tuples.getInt("axis", 0);
  ArrayRef<Expression> grid = indices.drop_back();
  bool fits = (axis < 0 ? axis + rank : axis) == rank - 1 && updates.size() == data.size() && updates.take_front(length) == grid &&
              updates.drop_front(length) == data.drop_front(length);
  if (!fits)
    return std::nullopt;
  Dims offsets(data.size(), shapes.getContext().constant(0));
  for (int64_t d = 0; d < length; ++d) {
    std::optional<Run> run = readAxis(shapes, tuples.getInputs()[d], d, grid);
    if (!run || !run->first.isAtLeast(0) || !isProvedAtLeast(data[d], run->first + run->size))
      return std::nullopt;
    offsets[d] = run->first;
  }
  return offsets;
}

struct RaiseScatteredSlicesPass : impl::RaiseScatteredSlicesBase<RaiseScatteredSlicesPass> {
  void runOnOperation() override {
    for (auto function : getOperation().getOps<func::FuncOp>()) {
      SmallVector<onnx::NodeOp> scatters;
      for (auto node : function.getOps<onnx::NodeOp>())
        if (node.getOpType() == "ai.onnx::ScatterND" && getDefiner(node.getInput(1), "Concat"))
          scatters.push_back(node);
      if (scatters.empty())
        continue;
      SymbolicShapes shapes(function);
      if (failed(shapes.verifyDimensionArguments()))
        return signalPassFailure();
      for (onnx::NodeOp scatter : scatters)
        if (std::optional<Dims> offsets = readBox(shapes, scatter))
          replace(scatter, *offsets, shapes);
      eraseDeadNodes(function);
    }
  }

private:
  void replace(onnx::NodeOp scatter, ArrayRef<Expression> offsets, SymbolicShapes &shapes) {
    OpBuilder builder(scatter);
    auto fold = [&](Expression size) { return shapes.materializeFolded(size); };
    Value data = scatter.getInputs()[0], updates = scatter.getInputs()[2];
    SmallVector<OpFoldResult> strides(offsets.size(), builder.getIndexAttr(1));
    Value result = tensor::InsertSliceOp::create(builder, scatter.getLoc(), updates, data, llvm::map_to_vector(offsets, fold),
                                                 llvm::map_to_vector(shapes.getShape(updates), fold), strides);
    shapes.setShape(result, Dims(shapes.getShape(data)));
    scatter.getResult(0).replaceAllUsesWith(result);
  }
};

}  // namespace

}  // namespace switchyard::raise
