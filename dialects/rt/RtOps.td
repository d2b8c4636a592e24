#ifndef SWITCHYARD_DIALECTS_RT_OPS_TD
#define SWITCHYARD_DIALECTS_RT_OPS_TD

include "RtBase.td"
include "RtElementaryOps.td"
include "RtEnvironmentOps.td"
include "RtInvocationOps.td"

def Rt_WeightOp : Rt_Op<"weight", [Symbol]> {
  let summary = "a weight of the model, by recipe";
  let description = [{
    Declares a constant tensor whose elements stay in the model's files. The recipe (`#rt.source`, `#rt.inline` or
    `#rt.step`) says which bytes they are; it is carried out, streaming, when the artifact is written. With
    `per_expert` the leading dimension counts experts, and a rank holds only those it owns.

    Constraints:
    1. the type of the recipe is the type of the weight.
    2. with `per_expert` the rank is at least 1.

    Example:
    ```mlir
    rt.weight @fc1 : tensor<8x96x64xf32> = #rt.source<"model.onnx", 128, 196608, raw> : tensor<8x96x64xf32>
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, TypeAttrOf<Rt_Tensor>:$type, AnyAttr:$recipe, UnitAttr:$per_expert,
                       OptionalAttr<StrAttr>:$sym_visibility);
  let assemblyFormat = "(`per_expert` $per_expert^)? $sym_name `:` $type `=` $recipe attr-dict";
  let hasVerifier = 1;
}

#endif
