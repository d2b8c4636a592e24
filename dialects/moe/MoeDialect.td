#ifndef SWITCHYARD_DIALECTS_MOE_DIALECT_TD
#define SWITCHYARD_DIALECTS_MOE_DIALECT_TD

include "mlir/IR/OpBase.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"

def MoeDialect : Dialect {
  let name = "moe";
  let summary = "The sparse Mixture-of-Experts layer, on tensors.";
  let description = [{
    A MoE layer is gate, (capacity,) dispatch, expert, combine; distribution adds all_to_all. The gate works on the
    model's own expert numbers, always: placement and replicas are tables that dispatch applies afterwards. Shared and
    residual experts are ordinary dense ops beside the layer; pyramid models are layers of different E.

    Letters: T tokens, H hidden size, E experts, k slots (experts per token), I inner size of an expert, R rows.
  }];
  let cppNamespace = "::switchyard::moe";
  let useDefaultAttributePrinterParser = 1;
  let useDefaultTypePrinterParser = 1;
}

#endif
