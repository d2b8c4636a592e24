// From the LLVM dialect to a shared object without undefined symbols.
#ifndef SWITCHYARD_COMPILER_TARGET_NATIVECODE_H
#define SWITCHYARD_COMPILER_TARGET_NATIVECODE_H

#include "mlir/IR/BuiltinOps.h"
#include "runtime/base/status.h"

#include "llvm/ADT/SmallVector.h"

namespace switchyard::target {

/// A named CPU level, never the host: equal programs give equal bytes on every machine.
inline constexpr llvm::StringLiteral hostLevel = "x86-64-v3";

/// The shared object of a module in the LLVM dialect, linked with the support object.

Result<llvm::SmallVector<char, 0>> buildSharedObject(mlir::ModuleOp module);

}  // namespace switchyard::target

#endif  // SWITCHYARD_COMPILER_TARGET_NATIVECODE_H
