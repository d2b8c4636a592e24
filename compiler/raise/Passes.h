// The passes of the raise phase: onnx → moe + nn + linalg.
#ifndef SWITCHYARD_COMPILER_RAISE_PASSES_H
#define SWITCHYARD_COMPILER_RAISE_PASSES_H

#include "runtime/base/dim_role.h"

#include "mlir/Pass/Pass.h"

#include <memory>

namespace switchyard::raise {

#define GEN_PASS_DECL
#include "compiler/raise/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "compiler/raise/Passes.h.inc"

}  // namespace switchyard::raise

#endif  // SWITCHYARD_COMPILER_RAISE_PASSES_H
