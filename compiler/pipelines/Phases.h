// The phases of the compiler, in order. A phase is a folder, a registered pipeline and a stop of the driver.
#ifndef SWITCHYARD_COMPILER_PIPELINES_PHASES_H
#define SWITCHYARD_COMPILER_PIPELINES_PHASES_H

#include "runtime/base/dim_role.h"

#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassOptions.h"

namespace switchyard {

/// What the user decides about all phases.
struct PhaseOptions : mlir::PassPipelineOptions<PhaseOptions> {
  Option<int64_t> maxBatch{*this, "max-batch", llvm::cl::desc("The largest batch that the program can take"),
                           llvm::cl::init(defaultMaxBatch)};
  Option<int64_t> maxSequence{*this, "max-seq", llvm::cl::desc("The longest sequence that the program can take, past tokens included"),
                              llvm::cl::init(defaultMaxSequence)};
};

struct Phase {
  llvm::StringRef name;      // in `--stop-after`
  llvm::StringRef pipeline;  // its flag
  llvm::StringRef summary;
  void (*build)(mlir::OpPassManager &manager, const PhaseOptions &options);
};

/// The phases after the import, in order.
llvm::ArrayRef<Phase> getPhases();

/// Registers the pipeline of each phase.
void registerPhasePipelines();

}  // namespace switchyard

#endif  // SWITCHYARD_COMPILER_PIPELINES_PHASES_H
