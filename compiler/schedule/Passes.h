// Passes that bound every buffer: fused gating, an all-to-all in its steps.
#ifndef SWITCHYARD_COMPILER_SCHEDULE_PASSES_H
#define SWITCHYARD_COMPILER_SCHEDULE_PASSES_H

#include "mlir/Pass/Pass.h"

namespace switchyard::schedule {

#define GEN_PASS_DECL
#include "compiler/schedule/Passes.h.inc"
#define GEN_PASS_REGISTRATION
#include "compiler/schedule/Passes.h.inc"

}  // namespace switchyard::schedule

#endif  // SWITCHYARD_COMPILER_SCHEDULE_PASSES_H
