#ifndef SWITCHYARD_COMPILER_SCHEDULE_PASSES_TD
#define SWITCHYARD_COMPILER_SCHEDULE_PASSES_TD

include "mlir/Pass/PassBase.td"

def FuseGating : Pass<"moe-fuse-gating", "::mlir::ModuleOp"> {
  let summary = "Fuse gate, capacity and the table of dispatch";
  let description = [{
    The gate runs on all tokens of the call; the table is that of this rank's tokens alone.

    ```mlir
    // before
    %ids, %weights = moe.gate %logits {gating = #moe.gating<>}
    %ids0 = tensor.extract_slice %ids[%first, 0] [%count, 2] [1, 1]
    %rows, %route = moe.dispatch %x0, %ids0

    // after
    %ids, %weights, %route = moe.fused_gate %logits tokens %first, %count {gating = #moe.gating<>, layer = 0}
    %rows = moe.permute %x0, %route {layer = 0}
    ```
  }];
  let dependentDialects = ["::switchyard::moe::MoeDialect", "::mlir::tensor::TensorDialect", "::mlir::arith::ArithDialect"];
}

def PhaseAllToAll : Pass<"moe-phase-all-to-all", "::mlir::ModuleOp"> {
  let summary = "Take an all-to-all apart into the exchange of counts and the exchange of rows";
  let description = [{
    ```mlir
    // before
    %there, %owner = moe.all_to_all dispatch flat %rows, %route {layer = 0}
    %back = moe.all_to_all combine flat %y, %owner to %route {layer = 0}

    // after
    %owner = moe.exchange_counts %route {layer = 0}
    %there = moe.exchange_rows %rows, %route, %owner {layer = 0}
    %back = moe.return_rows %y, %owner, %route {layer = 0}
    ```

    Only the flat algorithm is scheduled here; another one is a diagnostic.
  }];
  let dependentDialects = ["::switchyard::moe::MoeDialect"];
}

def KeepElementary : Pass<"moe-keep-elementary", "::mlir::ModuleOp"> {
  let summary = "Keep elementary functions from being folded with the C library of the machine that compiles";
  let description = [{
    Canonicalization folds `math` ops of constants with the host's functions, so that a bit would depend on the machine, and on whether an
    operand is known. Functions of the support object become `rt.elementary`, which nothing folds.

    ```mlir
    // before
    %y = math.exp %x : f32

    // after
    %y = rt.elementary exp %x : f32
    ```
  }];
  let dependentDialects = ["::switchyard::rt::RtDialect"];
}

def FuseElementwise : Pass<"moe-fuse-elementwise", "::mlir::ModuleOp"> {
  let summary = "Fuse elementwise linalg ops into their only consumer where no element is computed twice";
  let description = [{
    Like `linalg-fuse-elementwise-ops`, but a producer that its consumer broadcasts stays apart: fusing it would compute the same
    element many times over. Every element is computed by the same ops in the same order, so that no bit changes.

    ```mlir
    // before
    %1 = linalg.generic ins(%a) outs(%0) { … arith.negf … }
    %2 = linalg.generic ins(%1) outs(%0) { … math.exp … }

    // after
    %2 = linalg.generic ins(%a) outs(%0) { … arith.negf … math.exp … }
    ```
  }];
  let dependentDialects = ["::mlir::linalg::LinalgDialect", "::mlir::tensor::TensorDialect"];
}

#endif
