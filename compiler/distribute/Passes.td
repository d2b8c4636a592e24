#ifndef SWITCHYARD_COMPILER_DISTRIBUTE_PASSES_TD
#define SWITCHYARD_COMPILER_DISTRIBUTE_PASSES_TD

include "mlir/Pass/PassBase.td"

def DistributeExperts : Pass<"moe-distribute-experts", "::mlir::ModuleOp"> {
  let summary = "Divide the tokens of every MoE layer among the ranks, and the experts among their owners";
  let description = [{
    Replicated first: the dense part, the gate and capacity stay on every rank, on all tokens. Around each layer the
    tokens are divided among the ranks, rows travel to the owners of their experts and back, and tokens are gathered. Layers
    are numbered in program order; weights of experts become `per_expert`, a copy of the declaration where one is read
    elsewhere as well.

    ```mlir
    // before
    %rows, %route = moe.dispatch %x, %ids
    %y = moe.expert %rows, %route gate %w1 down %w2
    %z = moe.combine %y, %route, %weights

    // after
    %first, %count = rt.token_share %tokens
    %x0 = tensor.extract_slice %x[%first, 0] [%count, 64] [1, 1]      // ids and weights too
    %rows, %route = moe.dispatch %x0, %ids0
    %there, %owner = moe.all_to_all dispatch flat %rows, %route {layer = 0}
    %y = moe.expert %there, %owner gate %w1 down %w2
    %back = moe.all_to_all combine flat %y, %owner to %route {layer = 0}
    %z0 = moe.combine %back, %route, %weights0
    %z = moe.all_gather %z0 total %tokens {layer = 0}
    ```
  }];
  let dependentDialects = ["::switchyard::rt::RtDialect", "::mlir::tensor::TensorDialect", "::mlir::arith::ArithDialect"];
}

#endif
