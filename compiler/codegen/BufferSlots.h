// The slots that a collective works on, for the manifest.
#ifndef SWITCHYARD_COMPILER_CODEGEN_BUFFERSLOTS_H
#define SWITCHYARD_COMPILER_CODEGEN_BUFFERSLOTS_H

#include "dialects/rt/RtDialect.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

#include <vector>

namespace switchyard::codegen {

/// The slot that `buffer` is, under any shape; nothing where it is not the arena's, or begins behind the begin of its slot. An argument of
/// a function is what `caller`, where there is one, passes.
std::optional<int64_t> slotOf(mlir::Value buffer, mlir::func::CallOp caller = nullptr);

/// The slots of the tensors of a call, inputs and outputs; empty where one of them is none.
std::vector<int64_t> slotsOf(rt::CollectiveOp call, mlir::func::CallOp caller = nullptr);

}  // namespace switchyard::codegen

#endif  // SWITCHYARD_COMPILER_CODEGEN_BUFFERSLOTS_H
