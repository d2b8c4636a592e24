#ifndef SWITCHYARD_DIALECTS_RT_ELEMENTARY_OPS_TD
#define SWITCHYARD_DIALECTS_RT_ELEMENTARY_OPS_TD

include "RtBase.td"

def Rt_ElementaryFunctionAttr : EnumAttr<RtDialect, Rt_ElementaryFunction, "elementary_function">;

def Rt_ElementaryOp : Rt_Op<"elementary", [Pure, SameOperandsAndResultType]> {
  let summary = "an elementary function of scalars, as the support object computes it";
  let description = [{
    `math` ops of constants are folded by MLIR with the functions of the C library of the machine that compiles, whose last bits
    are its own. This op has no folder: whatever is known of its operands, kernels/support computes it.

    Constraints:
    1. `pow` has two operands, every other function one.

    Example:
    ```mlir
    %y = rt.elementary exp %x : f32
    ```
  }];
  let arguments = (ins Rt_ElementaryFunctionAttr:$function, Variadic<AnyFloat>:$operands);
  let results = (outs AnyFloat:$result);
  let assemblyFormat = "$function $operands attr-dict `:` type($result)";
  let hasVerifier = 1;
}

#endif
