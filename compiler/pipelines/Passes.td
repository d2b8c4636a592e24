#ifndef SWITCHYARD_COMPILER_PIPELINES_PASSES_TD
#define SWITCHYARD_COMPILER_PIPELINES_PASSES_TD

include "mlir/Pass/PassBase.td"

def RecordPhase : Pass<"moe-record-phase", "::mlir::ModuleOp"> {
  let summary = "Record in the module which phase it is behind";
  let description = [{
    Ends the pipeline of every phase, so that a printed module is an input again, from which the driver goes on with the next phase.

    ```mlir
    // before
    module attributes {rt.phase = "raise"} {}

    // after, with phase=distribute
    module attributes {rt.phase = "distribute"} {}
    ```
  }];
  let options = [Option<"phase", "phase", "std::string", "", "The name of the phase">];
}

#endif
