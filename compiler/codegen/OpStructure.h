// When two ops of a program do the same to different values.
#ifndef SWITCHYARD_COMPILER_CODEGEN_OPSTRUCTURE_H
#define SWITCHYARD_COMPILER_CODEGEN_OPSTRUCTURE_H

#include "mlir/IR/Operation.h"

#include <map>
#include <vector>

namespace switchyard::codegen {

/// All operands of an op and of the ops in its regions, in the order of a walk.
llvm::SmallVector<mlir::OpOperand *> allOperands(mlir::Operation *op);

/// Whether the operand's value is defined outside of `op`, which it belongs to or lies in.
bool isExternal(const mlir::OpOperand &operand, mlir::Operation *op);

/// Where a value comes from: how many steps before the op, and which result of that step; {0, 0} where any value will do.
using Reference = std::pair<size_t, size_t>;

/// Numbers ops so that equal numbers mean equal structure: name, types, attributes and regions, but for the values from outside, for the
/// site and layer of a call, and for locations.
class OpStructures {
public:
  /// `reference` says what an external operand must be equal in, besides its type.
  unsigned number(mlir::Operation *op, llvm::function_ref<Reference(mlir::Value)> reference);

private:
  std::map<std::vector<const void *>, unsigned> numbers;
};

}  // namespace switchyard::codegen

#endif  // SWITCHYARD_COMPILER_CODEGEN_OPSTRUCTURE_H
