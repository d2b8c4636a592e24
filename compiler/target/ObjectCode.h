// From the LLVM dialect to an object file in memory.
#ifndef SWITCHYARD_COMPILER_TARGET_OBJECTCODE_H
#define SWITCHYARD_COMPILER_TARGET_OBJECTCODE_H

#include "mlir/IR/BuiltinOps.h"
#include "runtime/base/status.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"

namespace switchyard::target {

/// Optimises (O2, no fast math, no contraction) and emits position-independent code for the CPU level `level`.
Result<llvm::SmallVector<char, 0>> buildObject(mlir::ModuleOp module, llvm::StringRef level);

}  // namespace switchyard::target

#endif  // SWITCHYARD_COMPILER_TARGET_OBJECTCODE_H
