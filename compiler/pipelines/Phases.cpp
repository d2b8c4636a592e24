#include "compiler/pipelines/Phases.h"

#include "compiler/codegen/Passes.h"
#include "compiler/distribute/Passes.h"
#include "compiler/pipelines/Passes.h"
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
  manager.addPass(raise::createInlineControlFlow());
  manager.addPass(raise::createInferShapes({options.maxBatch, options.maxSequence}));
  manager.addPass(raise::createFoldWeights());
  manager.addPass(raise::createRejectFrozenExperts());
  manager.addPass(raise::createNarrowSums());
  manager.addPass(raise::createScatterScores());
  manager.addPass(raise::createArrangeExperts());
  manager.addPass(raise::createRaiseFused());
  manager.addPass(raise::createRaiseCapacity());
  manager.addPass(raise::createRaiseSwitch());
  manager.addPass(raise::createRaiseSlots());
  manager.addPass(raise::createRaiseGathered());
  manager.addPass(raise::createScatterRows());
  manager.addPass(raise::createRaiseLooped());
  manager.addPass(raise::createRaiseGrouped());
  manager.addPass(raise::createRaiseTiled());
  manager.addPass(raise::createRaiseSelected());
  manager.addPass(raise::createRaiseMasked());
  manager.addPass(raise::createRaiseScatteredSlices());
  manager.addPass(raise::createGroupProducts());
  manager.addPass(raise::createMaskRows());
  manager.addPass(raise::createLowerOnnx());
}

static void buildDistribute(OpPassManager &manager, const PhaseOptions &) { manager.addPass(distribute::createDistributeExperts()); }

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
  manager.addPass(codegen::createPlaceOutputs());
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

void Phase::addTo(OpPassManager &manager, const PhaseOptions &options) const {
  build(manager, options);
  manager.addPass(pipelines::createRecordPhase({name.str()}));
}

std::optional<size_t> findPhase(StringRef name) {
  if (name == importPhase)
    return 0;
  for (auto [position, phase] : llvm::enumerate(getPhases()))
    if (phase.name == name)
      return position + 1;
  return std::nullopt;
}

static constexpr llvm::StringLiteral phaseAttribute = "rt.phase";

void recordPhase(ModuleOp module, StringRef name) { module->setAttr(phaseAttribute, StringAttr::get(module.getContext(), name)); }

std::optional<size_t> findReachedPhase(ModuleOp module) {
  Attribute written = module->getAttr(phaseAttribute);
  if (!written)
    return module->hasAttr("rt.slots") ? getPhases().size() : 1;
  auto name = dyn_cast<StringAttr>(written);
  std::optional<size_t> phase = name ? findPhase(name.getValue()) : std::nullopt;
  if (!phase)
    module.emitError() << phaseAttribute << " is " << written << ", which is no phase of the compiler";
  return phase;
}

void registerPhasePipelines() {
  for (const Phase &phase : getPhases())
    PassPipelineRegistration<PhaseOptions>(
        phase.pipeline, phase.summary, [&phase](OpPassManager &manager, const PhaseOptions &options) { phase.addTo(manager, options); });
}

}  // namespace switchyard
