#include "compiler/pipelines/Phases.h"

#include "compiler/raise/Passes.h"

#include "mlir/Pass/PassRegistry.h"

using namespace mlir;

namespace switchyard {

static void buildRaise(OpPassManager &manager, const PhaseOptions &options) {
  manager.addPass(raise::createInferShapes({options.maxBatch, options.maxSequence}));
  manager.addPass(raise::createRejectFrozenExperts());
  manager.addPass(raise::createRaiseFused());
  manager.addPass(raise::createRaiseCapacity());
  manager.addPass(raise::createRaiseGathered());
  manager.addPass(raise::createLowerOnnx());
}

llvm::ArrayRef<Phase> getPhases() {
  static const Phase phases[] = {
      {"raise", "moe-pipeline-raise", "onnx to moe, nn and linalg", buildRaise},
  };
  return phases;
}

void registerPhasePipelines() {
  for (const Phase &phase : getPhases())
    PassPipelineRegistration<PhaseOptions>(phase.pipeline, phase.summary, phase.build);
}

}  // namespace switchyard
