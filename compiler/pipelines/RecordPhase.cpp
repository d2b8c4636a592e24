#include "compiler/pipelines/Passes.h"
#include "compiler/pipelines/Phases.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"

using namespace mlir;

namespace switchyard::pipelines {

#define GEN_PASS_DEF_RECORDPHASE
#include "compiler/pipelines/Passes.h.inc"

namespace {

struct RecordPhase : impl::RecordPhaseBase<RecordPhase> {
  using RecordPhaseBase::RecordPhaseBase;

  void runOnOperation() override { recordPhase(getOperation(), phase); }
};

}  // namespace

}  // namespace switchyard::pipelines
