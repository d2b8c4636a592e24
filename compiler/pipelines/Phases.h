// The phases of the compiler, in order. A phase is a folder, a registered pipeline and a stop of the driver.
#ifndef SWITCHYARD_COMPILER_PIPELINES_PHASES_H
#define SWITCHYARD_COMPILER_PIPELINES_PHASES_H

#include "runtime/base/dim_role.h"

#include "mlir/IR/BuiltinOps.h"
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

  /// Adds the passes of the phase, and the record that it has run.
  void addTo(mlir::OpPassManager &manager, const PhaseOptions &options) const;
};

/// The phases after the import, in order.
llvm::ArrayRef<Phase> getPhases();

/// The name of what the import makes, in front of the first phase.
inline constexpr llvm::StringLiteral importPhase = "import";

/// The place of a phase in the order of all, 0 for the import; nothing where there is no such phase.
std::optional<size_t> findPhase(llvm::StringRef name);

/// Writes down in `module` that it is behind the phase `name`.
void recordPhase(mlir::ModuleOp module, llvm::StringRef name);

/// The phase that `module` is behind: the one written down; a module that was written by hand is behind the raise phase, or behind all
/// where it has a plan of the memory. A message, and nothing, where the name written down is no phase.
std::optional<size_t> findReachedPhase(mlir::ModuleOp module);

/// Registers the pipeline of each phase.
void registerPhasePipelines();

}  // namespace switchyard

#endif  // SWITCHYARD_COMPILER_PIPELINES_PHASES_H
