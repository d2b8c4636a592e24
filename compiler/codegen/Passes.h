// Passes from tensors to buffers, kernels and the LLVM dialect.
#ifndef SWITCHYARD_COMPILER_CODEGEN_PASSES_H
#define SWITCHYARD_COMPILER_CODEGEN_PASSES_H

#include "mlir/Pass/Pass.h"

namespace switchyard::codegen {

#define GEN_PASS_DECL
#include "compiler/codegen/Passes.h.inc"
#define GEN_PASS_REGISTRATION
#include "compiler/codegen/Passes.h.inc"

}  // namespace switchyard::codegen

#endif  // SWITCHYARD_COMPILER_CODEGEN_PASSES_H
