// The pass that stands at the end of every phase.
#ifndef SWITCHYARD_COMPILER_PIPELINES_PASSES_H
#define SWITCHYARD_COMPILER_PIPELINES_PASSES_H

#include "mlir/Pass/Pass.h"

namespace switchyard::pipelines {

#define GEN_PASS_DECL
#include "compiler/pipelines/Passes.h.inc"
#define GEN_PASS_REGISTRATION
#include "compiler/pipelines/Passes.h.inc"

}  // namespace switchyard::pipelines

#endif  // SWITCHYARD_COMPILER_PIPELINES_PASSES_H
