#include "compiler/analysis/SymbolicShapes.h"
#include "compiler/raise/Passes.h"
#include "compiler/raise/Refusals.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/MapVector.h"

namespace switchyard::raise {

#define GEN_PASS_DEF_INFERSHAPES
#include "compiler/raise/Passes.h.inc"

using namespace mlir;

namespace {

/// What the name of a dimension is used for; the first role in this order wins.
enum class Role { batch, tokens, sequence };

Role roleOf(ArrayRef<Expression> shape, size_t axis) {
  if (axis != 0 || shape.size() < 2)
    return Role::sequence;
  if (!shape[1].getConstant())
    return Role::batch;
  return shape.size() == 2 ? Role::tokens : Role::sequence;
}

struct InferShapesPass : impl::InferShapesBase<InferShapesPass> {
  using InferShapesBase::InferShapesBase;

  void runOnOperation() override;

private:
  /// Reports all nodes that contradict themselves or their operands.
  LogicalResult reportInvalid(func::FuncOp main, SymbolicShapes &shapes);
  void refineTypes(func::FuncOp main, SymbolicShapes &shapes);
  void convertResults(func::FuncOp main, SymbolicShapes &shapes);
  void convertArguments(func::FuncOp main, SymbolicShapes &shapes);
  void addDimensions(func::FuncOp main, SymbolicShapes &shapes);
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

void InferShapesPass::convertResults(func::FuncOp main, SymbolicShapes &shapes) {
  Operation *terminator = main.front().getTerminator();
  for (auto [index, value] : llvm::enumerate(terminator->getOperands())) {
    if (auto name = main.removeResultAttr(index, StringAttr::get(&getContext(), "onnx.name")))
      main.setResultAttr(index, "rt.name", name);
    main.removeResultAttr(index, StringAttr::get(&getContext(), "onnx.dims"));
    if (const TensorFacts *facts = shapes.getFacts(value))
      main.setResultAttr(index, "rt.shape", shapeAttribute(facts->shape));
  }
}

void InferShapesPass::addDimensions(func::FuncOp main, SymbolicShapes &shapes) {
  llvm::MapVector<StringRef, Role> roles;
  for (Value argument : main.getArguments()) {
    const TensorFacts *facts = shapes.getFacts(argument);
    if (!facts)
      continue;
    for (auto [axis, dim] : llvm::enumerate(facts->shape)) {
      if (std::optional<StringRef> name = dim.getDimension()) {
        Role role = roleOf(facts->shape, axis);
        auto [position, isNew] = roles.insert({*name, role});
        position->second = std::min(position->second, role);
      }
    }
  }
  Builder builder(&getContext());
  SmallVector<NamedAttribute> limits;
  unsigned index = 0;
  for (auto [name, role] : roles) {
    auto attributes = builder.getDictionaryAttr(builder.getNamedAttr("rt.dim", builder.getStringAttr(name)));
    if (failed(main.insertArgument(index++, builder.getIndexType(), attributes, main.getLoc())))
      return signalPassFailure();
    int64_t limit = role == Role::batch ? maxBatch : role == Role::tokens ? maxBatch * maxSequence : maxSequence;
    limits.push_back(builder.getNamedAttr(name, builder.getI64IntegerAttr(limit)));
  }
  getOperation()->setAttr("rt.limits", builder.getDictionaryAttr(limits));
}

void InferShapesPass::runOnOperation() {
  auto main = getOperation().lookupSymbol<func::FuncOp>("main");
  if (!main || !main.getBody().hasOneBlock()) {
    getOperation().emitError("expects a function @main of one block, as the importer writes it");
    return signalPassFailure();
  }
  SymbolicShapes shapes(main);
  if (failed(reportInvalid(main, shapes)))
    return signalPassFailure();
  refineTypes(main, shapes);
  convertArguments(main, shapes);
  convertResults(main, shapes);
  main.setType(FunctionType::get(&getContext(), main.front().getArgumentTypes(), main.front().getTerminator()->getOperandTypes()));
  addDimensions(main, shapes);
}

}  // namespace

}  // namespace switchyard::raise
