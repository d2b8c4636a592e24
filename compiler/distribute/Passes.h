// Passes that make one SPMD program of a model.
#ifndef SWITCHYARD_COMPILER_DISTRIBUTE_PASSES_H
#define SWITCHYARD_COMPILER_DISTRIBUTE_PASSES_H

#include "mlir/Pass/Pass.h"

namespace switchyard::distribute {

#define GEN_PASS_DECL
#include "compiler/distribute/Passes.h.inc"
#define GEN_PASS_REGISTRATION
#include "compiler/distribute/Passes.h.inc"

}  // namespace switchyard::distribute

#endif  // SWITCHYARD_COMPILER_DISTRIBUTE_PASSES_H
