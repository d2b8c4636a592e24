#include "compiler/pipelines/Phases.h"

#include "mlir/Pass/PassRegistry.h"

using namespace mlir;

namespace switchyard {

llvm::ArrayRef<Phase> getPhases() { return {}; }

void registerPhasePipelines() {
  for (const Phase &phase : getPhases())
    PassPipelineRegistration<PhaseOptions>(phase.pipeline, phase.summary, phase.build);
}

}  // namespace switchyard
