#include "compiler/codegen/BufferSlots.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

using namespace mlir;

namespace switchyard::codegen {

std::optional<int64_t> slotOf(Value buffer) {
  // Offsets count from the pointer of the slot, which every view keeps but memref.view.
  SmallVector<int64_t> strides;
  int64_t offset = 0;
  auto type = dyn_cast<MemRefType>(buffer.getType());
  if (!type || failed(type.getStridesAndOffset(strides, offset)) || offset != 0)
    return std::nullopt;
  while (auto view = buffer.getDefiningOp<ViewLikeOpInterface>()) {
    if (isa<memref::ViewOp>(view))
      return std::nullopt;
    buffer = view.getViewSource();
  }
  auto slot = buffer.getDefiningOp<rt::SlotOp>();
  return slot ? std::optional<int64_t>(slot.getIndex()) : std::nullopt;
}

std::vector<int64_t> slotsOf(rt::CollectiveOp call) {
  std::vector<int64_t> slots;
  for (ValueRange tensors : {ValueRange(call.getInputs()), ValueRange(call.getOutputs())})
    for (Value tensor : tensors) {
      std::optional<int64_t> slot = slotOf(tensor);
      if (!slot)
        return {};
      slots.push_back(*slot);
    }
  return slots;
}

}  // namespace switchyard::codegen
