#ifndef SWITCHYARD_DIALECTS_RT_ENVIRONMENT_OPS_TD
#define SWITCHYARD_DIALECTS_RT_ENVIRONMENT_OPS_TD

include "RtBase.td"

// What a rank's program reads of its environment (runtime/base/import_table.h).

class Rt_EnvironmentIndexOp<string mnemonic> : Rt_Op<mnemonic, [Pure]> {
  let results = (outs Index:$result);
}

def Rt_RanksOp : Rt_EnvironmentIndexOp<"ranks"> {
  let summary = "the world size";
  let description = [{
    A value of the run, at least 1: code exists once for every world size.

    Example:
    ```mlir
    %n = rt.ranks
    ```
  }];
  let assemblyFormat = "attr-dict";
}

def Rt_ThreadsOp : Rt_EnvironmentIndexOp<"threads"> {
  let summary = "the kernel threads of this rank";
  let description = [{
    Sizes workspaces of kernels; results never depend on it.

    Example:
    ```mlir
    %n = rt.threads
    ```
  }];
  let assemblyFormat = "attr-dict";
}

def Rt_DimOp : Rt_EnvironmentIndexOp<"dim"> {
  let summary = "the value of a named dimension";
  let description = [{
    `index` is its place in the environment's `dims`, `name` its name in size expressions.

    Constraints:
    1. `index` is at least 0.

    Example:
    ```mlir
    %seq = rt.dim 1 "sequence_length"
    ```
  }];
  let arguments = (ins ConfinedAttr<I64Attr, [IntNonNegative]>:$index, StrAttr:$name);
  let assemblyFormat = "$index $name attr-dict";
}

def Rt_TokenShareOp : Rt_Op<"token_share", [Pure]> {
  let summary = "this rank's share of the tokens of a call";
  let description = [{
    With share = ceil(tokens / ranks): `first` = min(tokens, rank * share) and `count` = min(tokens, first + share) - first.
    Shares may be uneven, and empty at the end. One op, so that the bound `count <= ceil(tokens / ranks)` is known to the
    memory plan.

    Example:
    ```mlir
    %first, %count = rt.token_share %tokens
    ```
  }];
  let arguments = (ins Index:$tokens);
  let results = (outs Index:$first, Index:$count);
  let assemblyFormat = "$tokens attr-dict";
}

class Rt_BufferOp<string mnemonic> : Rt_Op<mnemonic, [Pure, DeclareOpInterfaceMethods<ReifyRankedShapedTypeOpInterface, ["reifyResultShapes"]>]> {
  let arguments = (ins ConfinedAttr<I64Attr, [IntNonNegative]>:$index, Variadic<Index>:$sizes);
  let results = (outs AnyMemRef:$result);
  let assemblyFormat = "$index `[` $sizes `]` attr-dict `:` type($result)";
  let hasVerifier = 1;
}

def Rt_InputOp : Rt_BufferOp<"input"> {
  let summary = "the buffer of an input";
  let description = [{
    Contiguous, row-major, read-only. `sizes` are the dynamic dimensions, in order.

    Constraints:
    1. `sizes` count the dynamic dimensions of the result, whose layout is the identity.

    Example:
    ```mlir
    %ids = rt.input 0 [%batch, %seq] : memref<?x?xi64>
    ```
  }];
}

def Rt_OutputOp : Rt_BufferOp<"output"> {
  let summary = "the buffer of an output";
  let description = [{
    Contiguous, row-major; the program writes all of it. `sizes` are the dynamic dimensions, in order.

    Constraints:
    1. `sizes` count the dynamic dimensions of the result, whose layout is the identity.

    Example:
    ```mlir
    %logits = rt.output 0 [%batch, %seq] : memref<?x?x96xf32>
    ```
  }];
}

def Rt_SlotOp : Rt_BufferOp<"slot"> {
  let summary = "a temporary buffer, laid out by the loader";
  let description = [{
    The buffer of slot `index` in the arena. Slots whose live intervals do not meet may overlap.

    Constraints:
    1. `sizes` count the dynamic dimensions of the result, whose layout is the identity.

    Example:
    ```mlir
    %rows = rt.slot 3 [%n] : memref<?x64xf32>
    ```
  }];
}

class Rt_ReadOnlyOp<string mnemonic, list<Trait> traits = []> : Rt_Op<mnemonic, [Pure,
    DeclareOpInterfaceMethods<BufferizableOpInterface, ["bufferize", "isWritable"]>] # traits> {
  let results = (outs Rt_TensorOrBuffer:$result);
}

def Rt_WeightRefOp : Rt_ReadOnlyOp<"weight_ref", [DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "the tensor of a weight";
  let description = [{
    Reads a weight. It bufferizes to a read-only buffer that the runtime supplies.

    Constraints:
    1. `weight` names an `rt.weight` of the same type.

    Example:
    ```mlir
    %w = rt.weight_ref @fc1 : tensor<8x96x64xf32>
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$weight);
  let assemblyFormat = "$weight attr-dict `:` type($result)";
}

def Rt_ExpertTableOp : Rt_ReadOnlyOp<"expert_table", [DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "the addresses of an expert weight's experts";
  let description = [{
    E addresses as i64, one an expert, 0 where this rank owns no copy.

    Constraints:
    1. `weight` names an `rt.weight per_expert` of E experts.

    Example:
    ```mlir
    %w = rt.expert_table @fc1 : tensor<8xi64>
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$weight);
  let assemblyFormat = "$weight attr-dict `:` type($result)";
}

def Rt_PlacementOp : Rt_ReadOnlyOp<"placement"> {
  let summary = "the owner of each expert of a layer";
  let description = [{
    E ranks as i32, from the plan.

    Example:
    ```mlir
    %owner = rt.placement 0 : tensor<8xi32>
    ```
  }];
  let arguments = (ins ConfinedAttr<I64Attr, [IntNonNegative]>:$layer);
  let assemblyFormat = "$layer attr-dict `:` type($result)";
}

#endif
