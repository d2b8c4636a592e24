#ifndef SWITCHYARD_DIALECTS_RT_INVOCATION_OPS_TD
#define SWITCHYARD_DIALECTS_RT_INVOCATION_OPS_TD

include "RtBase.td"

class Rt_InvocationOp<string mnemonic> : Rt_Op<mnemonic, [AttrSizedOperandSegments, DestinationStyleOpInterface,
    DeclareOpInterfaceMethods<MemoryEffectsOpInterface>, DeclareOpInterfaceMethods<ReifyRankedShapedTypeOpInterface, ["reifyResultShapes"]>,
    DeclareOpInterfaceMethods<BufferizableOpInterface,
      ["bufferizesToMemoryRead", "bufferizesToMemoryWrite", "getAliasingValues", "bufferize"]>]> {
  let arguments = (ins StrAttr:$kernel, Variadic<Rt_TensorOrBuffer>:$inputs, Variadic<Rt_TensorOrBuffer>:$outputs,
                       Variadic<Index>:$scalars, DenseBoolArrayAttr:$present, DictionaryAttr:$integers, DictionaryAttr:$floats,
                       StrAttr:$op, I64Attr:$layer,
                       OptionalAttr<ConfinedAttr<I64Attr, [IntNonNegative]>>:$site);
  let results = (outs Variadic<AnyRankedTensor>:$results);
  let assemblyFormat = [{
    $kernel `ins` `(` ($inputs^ `:` type($inputs))? `)` `outs` `(` $outputs `:` type($outputs) `)`
    (`scalars` `(` $scalars^ `)`)? attr-dict (`->` type($results)^)?
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    ::mlir::MutableOperandRange getDpsInitsMutable() { return getOutputsMutable(); }
  }];
}

def Rt_KernelOp : Rt_InvocationOp<"kernel"> {
  let summary = "a call of a kernel";
  let description = [{
    One row of kernels/kernels.inc. `present` has one entry for each tensor operand of that row that is an input, false
    where an optional one is absent. `integers` and `floats` are its attributes, by name. `op` and `layer` (-1: none) are
    for messages. Outputs are written whole and not read. In a function with an argument `rt.first_site`, `site` is counted
    from that argument on, and `layer` is -1: the manifest has the layer of each site.

    Constraints:
    1. as many entries of `present` are true as there are inputs.
    2. on tensors the results have the types of the outputs; on buffers there is no result.
    3. integers are i64, floats are f64.
    4. `site` is at least 0.

    Example:
    ```mlir
    %c = rt.kernel "matmul_panel_f32" ins(%a, %w : tensor<?x64xf32>, tensor<6x64x16xf32>) outs(%o : tensor<?x96xf32>)
        {present = array<i1: true, true, false>, integers = {n = 96 : i64}, floats = {}, op = "nn.matmul", layer = -1 : i64} -> tensor<?x96xf32>
    ```
  }];
}

def Rt_CollectiveOp : Rt_InvocationOp<"collective"> {
  let summary = "a call of a collective";
  let description = [{
    Every rank calls the same collectives in the same order. The kernel names of collectives start with `collective.`;
    otherwise it is like `rt.kernel`.

    Constraints:
    1. as many entries of `present` are true as there are inputs.
    2. on tensors the results have the types of the outputs; on buffers there is no result.
    3. integers are i64, floats are f64.
    4. the kernel's name starts with `collective.`.
    5. `site` is at least 0.

    Example:
    ```mlir
    %there = rt.collective "collective.exchange_rows" ins(%rows, %route, %owner : tensor<?x64xf32>, tensor<?xi32>, tensor<?xi32>)
        outs(%o : tensor<?x64xf32>) {present = array<i1: true, true, true>, integers = {}, floats = {}, op = "moe.exchange_rows", layer = 0 : i64}
        -> tensor<?x64xf32>
    ```
  }];
}

def Rt_InvokeOp : Rt_Op<"invoke", [AttrSizedOperandSegments, MemoryEffects<[MemRead, MemWrite]>]> {
  let summary = "performs a call site";
  let description = [{
    Calls `MoeEnvironment.invoke` for a site of the manifest: `site`, counted from `first` where there is one. `present` has one
    entry for each tensor, false for an absent one; the status is 0 or ends the step.

    Constraints:
    1. as many entries of `present` are true as there are tensors.
    2. `site` is at least 0.

    Example:
    ```mlir
    %status = rt.invoke 4 (%a, %w, %c : memref<?x64xf32>, memref<6x64x16xf32>, memref<?x96xf32>) {present = array<i1: true, true, false, true>}
    ```
  }];
  let arguments = (ins ConfinedAttr<I64Attr, [IntNonNegative]>:$site, Optional<Index>:$first, Variadic<AnyMemRef>:$tensors, Variadic<Index>:$scalars, DenseBoolArrayAttr:$present);
  let results = (outs I32:$status);
  let assemblyFormat = "$site (`from` $first^)? `(` ($tensors^ `:` type($tensors))? `)` (`scalars` `(` $scalars^ `)`)? attr-dict";
  let hasVerifier = 1;
}

def Rt_ReshapeOp : Rt_Op<"reshape", [Pure, DeclareOpInterfaceMethods<ReifyRankedShapedTypeOpInterface, ["reifyResultShapes"]>,
    DeclareOpInterfaceMethods<BufferizableOpInterface,
      ["bufferizesToMemoryRead", "bufferizesToMemoryWrite", "getAliasingValues", "bufferize", "getBufferType"]>]> {
  let summary = "a view of contiguous memory under another shape";
  let description = [{
    The same elements, in row-major order, under the shape of the result, whose dynamic dimensions are `sizes`. It
    bufferizes to `memref.reinterpret_cast`; a buffer that is not contiguous is copied before.

    Constraints:
    1. `sizes` count the dynamic dimensions of the result.

    Example:
    ```mlir
    %y = rt.reshape %x [%n] : tensor<?x?x64xf32> -> tensor<?x64xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$x, Variadic<Index>:$sizes);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$x `[` $sizes `]` attr-dict `:` type($x) `->` type($result)";
  let hasVerifier = 1;
}

#endif
