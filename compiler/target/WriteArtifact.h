// The target phase: code and weights to an artifact.
#ifndef SWITCHYARD_COMPILER_TARGET_WRITEARTIFACT_H
#define SWITCHYARD_COMPILER_TARGET_WRITEARTIFACT_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/PassManager.h"
#include "runtime/base/model_folder.h"
#include "runtime/base/status.h"

#include "llvm/Support/raw_ostream.h"

namespace switchyard::target {

/// The passes from the codegen phase to the LLVM dialect.
void buildLlvmPipeline(mlir::OpPassManager &manager);

/// Writes the artifact `path` from a module behind the codegen phase; `folder` holds the files of its recipes. The module is
/// consumed: it is lowered on the way. The report is printed to `report`. The path is a copy: the linker resets the process's command-line
/// options, of which the caller's may be one.
Status writeArtifact(mlir::ModuleOp module, const ModelFolder &folder, std::string path, llvm::raw_ostream &report);

}  // namespace switchyard::target

#endif  // SWITCHYARD_COMPILER_TARGET_WRITEARTIFACT_H
