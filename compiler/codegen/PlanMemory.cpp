#include "compiler/codegen/Passes.h"
#include "compiler/codegen/SizeExpression.h"

#include "dialects/rt/RtDialect.h"
#include "runtime/base/element_type.h"

#include "mlir/Dialect/Bufferization/Transforms/BufferViewFlowAnalysis.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using switchyard::artifact::Expression;

namespace switchyard::codegen {

#define GEN_PASS_DEF_PLANMEMORY
#include "compiler/codegen/Passes.h.inc"

namespace {

/// Bytes of an allocation, at its largest over the ranks.
FailureOr<Expression> bytesOf(memref::AllocOp alloc, SizeExpressions &sizes) {
  MemRefType type = alloc.getType();
  int64_t fixed = std::max<int64_t>(1, llvm::divideCeil(type.getElementType().isIndex() ? 64 : type.getElementTypeBitWidth(), 8));
  std::optional<Expression> dynamic;
  for (int64_t size : type.getShape())
    if (!ShapedType::isDynamic(size) && llvm::MulOverflow(fixed, size, fixed))
      return alloc.emitOpError("of type ") << type << " has more bytes than 64 bits count";
  for (Value size : alloc.getDynamicSizes()) {
    std::optional<Expression> traced = sizes.trace(size);
    if (!traced)
      return alloc.emitOpError("has a size that depends on data, which no formula bounds; operand ") << size;
    dynamic = dynamic ? *dynamic * *traced : *traced;
  }
  return dynamic ? *dynamic * Expression(fixed) : Expression(fixed);
}

class Planner {
public:
  explicit Planner(func::FuncOp main) : main(main), aliases(main) {
    for (auto [position, op] : llvm::enumerate(main.front()))
      positions[&op] = position;
  }

  LogicalResult run() {
    SmallVector<memref::AllocOp> allocations;
    WalkResult found = main.walk([&](memref::AllocOp alloc) {
      if (alloc->getBlock() != &main.front()) {
        alloc.emitOpError("stands in a loop; only buffers of the step itself can be laid out");
        return WalkResult::interrupt();
      }
      allocations.push_back(alloc);
      return WalkResult::advance();
    });
    if (found.wasInterrupted())
      return failure();
    for (memref::AllocOp alloc : allocations)
      if (failed(plan(alloc)))
        return failure();
    main->getParentOfType<ModuleOp>()->setAttr("rt.slots", ArrayAttr::get(main.getContext(), slots));
    return success();
  }

private:
  LogicalResult plan(memref::AllocOp alloc) {
    FailureOr<Expression> bytes = bytesOf(alloc, sizes);
    if (failed(bytes))
      return failure();
    auto [first, last] = liveInterval(alloc);
    OpBuilder builder(alloc);
    auto field = [&](StringRef name, int64_t value) { return builder.getNamedAttr(name, builder.getI64IntegerAttr(value)); };
    auto slot = rt::SlotOp::create(builder, alloc.getLoc(), alloc.getType(), slots.size(), alloc.getDynamicSizes());
    slots.push_back(builder.getDictionaryAttr({field("first", first), field("last", last), builder.getNamedAttr("size", builder.getStringAttr(bytes->print()))}));
    alloc.replaceAllUsesWith(slot.getResult());
    alloc.erase();
    return success();
  }

  /// First and last position in @main of an op that touches the buffer or a view of it.
  std::pair<int64_t, int64_t> liveInterval(memref::AllocOp alloc) {
    int64_t first = std::numeric_limits<int64_t>::max(), last = positions.lookup(alloc);
    for (Value alias : aliases.resolve(alloc.getResult()))
      for (Operation *user : alias.getUsers()) {
        int64_t position = positions.lookup(main.front().findAncestorOpInBlock(*user));
        first = std::min(first, position);
        last = std::max(last, position);
      }
    return {std::min(first, last), last};
  }

  func::FuncOp main;
  BufferViewFlowAnalysis aliases;
  llvm::DenseMap<Operation *, int64_t> positions;
  SizeExpressions sizes;
  SmallVector<Attribute> slots;
};

struct PlanMemory : impl::PlanMemoryBase<PlanMemory> {
  void runOnOperation() override {
    for (auto function : getOperation().getOps<func::FuncOp>())
      if (!function.isDeclaration() && failed(Planner(function).run()))
        return signalPassFailure();
  }
};

}  // namespace

}  // namespace switchyard::codegen
