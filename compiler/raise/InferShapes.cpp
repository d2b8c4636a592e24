#include "compiler/analysis/PositionTable.h"
#include "compiler/analysis/SymbolicShapes.h"
#include "compiler/raise/Passes.h"
#include "compiler/raise/Refusals.h"
#include "dialects/support/Diagnostics.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/MapVector.h"

namespace switchyard::raise {

#define GEN_PASS_DEF_INFERSHAPES
#include "compiler/raise/Passes.h.inc"

using namespace mlir;

namespace {

struct InferShapesPass : impl::InferShapesBase<InferShapesPass> {
  using InferShapesBase::InferShapesBase;

  void runOnOperation() override;

private:
  /// Reports all nodes that contradict themselves or their operands.
  LogicalResult reportInvalid(func::FuncOp main, SymbolicShapes &shapes);
  LogicalResult checkResultTypes(func::FuncOp main, SymbolicShapes &shapes);
  void refineTypes(func::FuncOp main, SymbolicShapes &shapes);
  void convertResults(func::FuncOp main, SymbolicShapes &shapes);
  void convertArguments(func::FuncOp main, SymbolicShapes &shapes);
  void addDimensions(func::FuncOp main, SymbolicShapes &shapes);
  /// Bounds the tokens of a call by the rows of the tables that they read, and records how many positions there are.
  void boundByPositions(func::FuncOp main, SymbolicShapes &shapes, llvm::MapVector<StringRef, int64_t> &limits);
  ArrayAttr shapeAttribute(ArrayRef<Expression> shape);
};

/// Integers are static sizes, strings expressions.
ArrayAttr InferShapesPass::shapeAttribute(ArrayRef<Expression> shape) {
  Builder builder(&getContext());
  return builder.getArrayAttr(llvm::map_to_vector(shape, [&](Expression dim) -> Attribute {
    if (std::optional<int64_t> size = dim.getConstant())
      return builder.getI64IntegerAttr(*size);
    return builder.getStringAttr(dim.str());
  }));
}

LogicalResult InferShapesPass::reportInvalid(func::FuncOp main, SymbolicShapes &shapes) {
  RefusalList refusals;
  for (auto node : main.front().getOps<onnx::NodeOp>())
    if (const ShapeFault *fault = shapes.getFault(node); fault && fault->isInvalid)
      refusals.add(node, fault->reason);
  return refusals.report(ExitCode::invalid);
}

/// The element types that the file states for its outputs are those that it computes.
LogicalResult InferShapesPass::checkResultTypes(func::FuncOp main, SymbolicShapes &shapes) {
  for (auto [index, value] : llvm::enumerate(main.front().getTerminator()->getOperands())) {
    auto stated = dyn_cast<RankedTensorType>(main.getResultTypes()[index]);
    const TensorFacts *facts = shapes.getFacts(value);
    if (!stated || !facts || stated.getElementType() == facts->elementType)
      continue;
    auto name = main.getResultAttrOfType<StringAttr>(index, "onnx.name");
    return main.emitError() << "graph output '" << (name ? name.getValue() : "") << "' is stated to hold " << stated.getElementType() << ", but holds "
                            << facts->elementType;
  }
  return success();
}

void InferShapesPass::refineTypes(func::FuncOp main, SymbolicShapes &shapes) {
  auto refine = [&](Value value) {
    const TensorFacts *facts = shapes.getFacts(value);
    if (facts && !isa<IndexType>(value.getType()))
      value.setType(SymbolicShapes::getType(facts->shape, facts->elementType));
  };
  for (Value argument : main.getArguments())
    refine(argument);
  for (Operation &op : main.front())
    for (Value result : op.getResults())
      refine(result);
}

void InferShapesPass::convertArguments(func::FuncOp main, SymbolicShapes &shapes) {
  for (BlockArgument argument : main.getArguments()) {
    unsigned index = argument.getArgNumber();
    if (auto name = main.removeArgAttr(index, "onnx.name"))
      main.setArgAttr(index, "rt.name", name);
    main.removeArgAttr(index, "onnx.dims");
    if (const TensorFacts *facts = shapes.getFacts(argument))
      main.setArgAttr(index, "rt.shape", shapeAttribute(facts->shape));
  }
}

/// The file states sizes of an output that no call can have: those that are computed count.
static void remarkContradiction(func::FuncOp main, StringAttr name, ArrayAttr stated, const TensorFacts *facts) {
  if (!facts || !name)
    return;
  if (stated.size() != facts->shape.size()) {
    mlir::emitRemark(main.getLoc()) << "graph output '" << name.getValue() << "' is stated to have " << stated.size()
                                    << " dimensions, but has " << facts->shape.size();
    return;
  }
  for (auto [axis, entry, size] : llvm::enumerate(stated, facts->shape))
    if (auto number = dyn_cast<IntegerAttr>(entry); number && size.getConstant() && number.getInt() != *size.getConstant())
      mlir::emitRemark(main.getLoc()) << "graph output '" << name.getValue() << "' is stated to have size " << number.getInt()
                                      << " in dimension " << axis << ", but has size " << *size.getConstant();
}

void InferShapesPass::convertResults(func::FuncOp main, SymbolicShapes &shapes) {
  Operation *terminator = main.front().getTerminator();
  for (auto [index, value] : llvm::enumerate(terminator->getOperands())) {
    if (auto name = main.removeResultAttr(index, StringAttr::get(&getContext(), "onnx.name")))
      main.setResultAttr(index, "rt.name", name);
    auto stated = dyn_cast_or_null<ArrayAttr>(main.removeResultAttr(index, StringAttr::get(&getContext(), "onnx.dims")));
    if (stated)
      remarkContradiction(main, main.getResultAttrOfType<StringAttr>(index, "rt.name"), stated, shapes.getFacts(value));
    if (const TensorFacts *facts = shapes.getFacts(value))
      main.setResultAttr(index, "rt.shape", shapeAttribute(facts->shape));
  }
}

void InferShapesPass::addDimensions(func::FuncOp main, SymbolicShapes &shapes) {
  llvm::MapVector<StringRef, DimRole> roles;
  for (Value argument : main.getArguments()) {
    const TensorFacts *facts = shapes.getFacts(argument);
    if (!facts)
      continue;
    for (auto [axis, dim] : llvm::enumerate(facts->shape)) {
      if (std::optional<StringRef> name = dim.getDimension()) {
        DimRole role = roleOfAxis(axis, facts->shape.size(), facts->shape.size() > 1 && facts->shape[1].getConstant());
        auto [position, isNew] = roles.insert({*name, role});
        position->second = std::min(position->second, role);
      }
    }
  }
  Builder builder(&getContext());
  llvm::MapVector<StringRef, int64_t> limits;
  unsigned index = 0;
  for (auto [name, role] : roles) {
    auto attributes = builder.getDictionaryAttr(builder.getNamedAttr("rt.dim", builder.getStringAttr(name)));
    if (failed(main.insertArgument(index++, builder.getIndexType(), attributes, main.getLoc())))
      return signalPassFailure();
    Result<int64_t> limit = limitOfRole(role, maxBatch, maxSequence);
    if (!limit.ok()) {
      emitStatus(getOperation().getLoc(), limit.status().within("dimension '" + name + "'"));
      return signalPassFailure();
    }
    limits[name] = *limit;
  }
  boundByPositions(main, shapes, limits);
  SmallVector<NamedAttribute> attributes;
  for (auto [name, limit] : limits)
    attributes.push_back(builder.getNamedAttr(name, builder.getI64IntegerAttr(limit)));
  getOperation()->setAttr("rt.limits", builder.getDictionaryAttr(attributes));
}

void InferShapesPass::boundByPositions(func::FuncOp main, SymbolicShapes &shapes, llvm::MapVector<StringRef, int64_t> &limits) {
  std::optional<int64_t> positions;
  for (auto node : main.front().getOps<onnx::NodeOp>()) {
    std::optional<PositionTable> table = findPositionTable(node, shapes);
    if (!table || (positions && *positions <= table->rows))
      continue;
    positions = table->rows;
    std::optional<StringRef> name = table->tokens.getDimension();
    auto limit = name ? limits.find(*name) : limits.end();
    if (limit == limits.end() || limit->second <= table->rows)
      continue;
    limit->second = table->rows;
    mlir::emitRemark(node.getLoc()) << "the limit of dimension '" << *name << "' is " << table->rows
                                    << ", since its rotary cache has as many rows";
  }
  if (positions)
    getOperation()->setAttr("rt.positions", Builder(&getContext()).getI64IntegerAttr(*positions));
}

void InferShapesPass::runOnOperation() {
  auto main = getOperation().lookupSymbol<func::FuncOp>("main");
  if (!main || !main.getBody().hasOneBlock()) {
    getOperation().emitError("expects a function @main of one block, as the importer writes it");
    return signalPassFailure();
  }
  SymbolicShapes shapes(main);
  if (failed(reportInvalid(main, shapes)) || failed(checkResultTypes(main, shapes)))
    return signalPassFailure();
  refineTypes(main, shapes);
  convertArguments(main, shapes);
  convertResults(main, shapes);
  main.setType(FunctionType::get(&getContext(), main.front().getArgumentTypes(), main.front().getTerminator()->getOperandTypes()));
  addDimensions(main, shapes);
}

}  // namespace

}  // namespace switchyard::raise
