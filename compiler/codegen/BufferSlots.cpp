#include "compiler/codegen/BufferSlots.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

using namespace mlir;

namespace switchyard::codegen {

/// The buffer that `buffer` is a view of, at the same pointer; null where a view has a pointer of its own.
static Value sourceOf(Value buffer) {
  while (auto view = buffer.getDefiningOp<ViewLikeOpInterface>()) {
    if (isa<memref::ViewOp>(view))
      return nullptr;
    buffer = view.getViewSource();
  }
  return buffer;
}

std::optional<int64_t> slotOf(Value buffer, func::CallOp caller) {
  // Offsets count from the pointer of the slot, which every view keeps but memref.view.
  SmallVector<int64_t> strides;
  int64_t offset = 0;
  auto type = dyn_cast<MemRefType>(buffer.getType());
  if (!type || failed(type.getStridesAndOffset(strides, offset)) || offset != 0)
    return std::nullopt;
  buffer = sourceOf(buffer);
  if (auto argument = dyn_cast_or_null<BlockArgument>(buffer); argument && caller)
    buffer = sourceOf(caller.getOperand(argument.getArgNumber()));
  auto slot = buffer ? buffer.getDefiningOp<rt::SlotOp>() : rt::SlotOp();
  return slot ? std::optional<int64_t>(slot.getIndex()) : std::nullopt;
}

std::vector<int64_t> slotsOf(rt::CollectiveOp call, func::CallOp caller) {
  std::vector<int64_t> slots;
  for (ValueRange tensors : {ValueRange(call.getInputs()), ValueRange(call.getOutputs())})
    for (Value tensor : tensors) {
      std::optional<int64_t> slot = slotOf(tensor, caller);
      if (!slot)
        return {};
      slots.push_back(*slot);
    }
  return slots;
}

}  // namespace switchyard::codegen
