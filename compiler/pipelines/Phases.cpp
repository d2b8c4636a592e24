#include "compiler/pipelines/Phases.h"

#include "compiler/codegen/Passes.h"
#include "compiler/distribute/Passes.h"
#include "compiler/raise/Passes.h"
#include "compiler/schedule/Passes.h"

#include "mlir/Dialect/Bufferization/Transforms/Passes.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;

namespace switchyard {

static void buildRaise(OpPassManager &manager, const PhaseOptions &options) {
  manager.addPass(raise::createRaiseConstants());
  manager.addPass(raise::createInferShapes({options.maxBatch, options.maxSequence}));
  manager.addPass(raise::createRejectFrozenExperts());
  manager.addPass(raise::createRaiseFused());
  manager.addPass(raise::createRaiseCapacity());
  manager.addPass(raise::createRaiseGathered());
  manager.addPass(raise::createLowerOnnx());
}

static void buildDistribute(OpPassManager &manager, const PhaseOptions &) {
  manager.addPass(distribute::createDistributeExperts());
}

static void buildSchedule(OpPassManager &manager, const PhaseOptions &) {
  manager.addPass(schedule::createFuseGating());
  manager.addPass(schedule::createPhaseAllToAll());
  manager.addPass(schedule::createKeepElementary());
  manager.addPass(createCanonicalizerPass());
  manager.addPass(createCSEPass());
  manager.addPass(schedule::createFuseElementwise());
}

/// Sizes of tensors and buffers become index values of the entry, which the memory plan can trace.
static void addSizeResolution(OpPassManager &manager) {
  manager.addPass(createCanonicalizerPass());
  manager.addPass(memref::createResolveRankedShapeTypeResultDimsPass());
  manager.addPass(createCanonicalizerPass());
  manager.addPass(createCSEPass());
}

static void buildCodegen(OpPassManager &manager, const PhaseOptions &) {
  manager.addPass(codegen::createLowerToKernels());
  manager.addPass(codegen::createPackWeights());
  manager.addPass(codegen::createBindEnvironment());
  addSizeResolution(manager);
  manager.addPass(bufferization::createOneShotBufferizePass());
  addSizeResolution(manager);
  manager.addPass(codegen::createPlanMemory());
  manager.addPass(codegen::createNumberSites());
  manager.addPass(codegen::createDescribeLayers());
  manager.addPass(codegen::createOutlineLayers());
}

llvm::ArrayRef<Phase> getPhases() {
  static const Phase phases[] = {
      {"raise", "moe-pipeline-raise", "onnx to moe, nn and linalg", buildRaise},
      {"distribute", "moe-pipeline-distribute", "one program for any number of ranks", buildDistribute},
      {"schedule", "moe-pipeline-schedule", "fused gating, an all-to-all in its steps", buildSchedule},
      {"codegen", "moe-pipeline-codegen", "tensors to buffers and calls of kernels", buildCodegen},
  };
  return phases;
}

void registerPhasePipelines() {
  for (const Phase &phase : getPhases())
    PassPipelineRegistration<PhaseOptions>(phase.pipeline, phase.summary, phase.build);
}

}  // namespace switchyard
