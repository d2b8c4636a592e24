// A run of indices along one axis of a tensor, as Gather, Slice and Split take it.
#ifndef SWITCHYARD_COMPILER_RAISE_PART_H
#define SWITCHYARD_COMPILER_RAISE_PART_H

#include "compiler/raise/Graph.h"

namespace switchyard::raise {

/// The indices of `axis` of the first operand of `node` from `first` on, `size` of them. All lie inside.
struct Part {
  onnx::NodeOp node;
  int64_t axis = 0, first = 0, size = 0;

  mlir::Value getWhole() { return node.getInputs()[0]; }
  int64_t countWhole() { return mlir::cast<mlir::RankedTensorType>(getWhole().getType()).getDimSize(axis); }
};

/// Reads Gather by one constant, Slice of one axis with step 1, or a result of Split, along an axis of static size. `getInteger` knows the
/// constants of one element. Nothing for other nodes.
std::optional<Part> readPart(mlir::Value value, llvm::function_ref<std::optional<int64_t>(mlir::Value)> getInteger);

}  // namespace switchyard::raise

#endif  // SWITCHYARD_COMPILER_RAISE_PART_H
