#include "compiler/pipelines/Registration.h"

#include "compiler/codegen/Passes.h"
#include "compiler/distribute/Passes.h"
#include "compiler/pipelines/Passes.h"
#include "compiler/pipelines/Phases.h"
#include "compiler/raise/Passes.h"
#include "compiler/schedule/Passes.h"
#include "dialects/moe/MoeDialect.h"
#include "dialects/nn/NnDialect.h"
#include "dialects/onnx/OnnxDialect.h"
#include "dialects/rt/RtDialect.h"

#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/InitAllPasses.h"

namespace switchyard {

void registerDialects(mlir::DialectRegistry &registry) {
  mlir::registerAllDialects(registry);
  mlir::registerAllExtensions(registry);
  registry.insert<moe::MoeDialect, nn::NnDialect, onnx::OnnxDialect, rt::RtDialect>();
}

void registerPasses() {
  mlir::registerAllPasses();
  raise::registerRaisePasses();
  distribute::registerDistributePasses();
  schedule::registerSchedulePasses();
  codegen::registerCodegenPasses();
  pipelines::registerPipelinesPasses();
  registerPhasePipelines();
}

}  // namespace switchyard
