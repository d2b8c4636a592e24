#ifndef SWITCHYARD_DIALECTS_NN_DIALECT_TD
#define SWITCHYARD_DIALECTS_NN_DIALECT_TD

include "mlir/IR/OpBase.td"

def NnDialect : Dialect {
  let name = "nn";
  let summary = "The dense transformer ops worth keeping whole.";
  let description = [{
    Ops that slicing, kernels and cost need to see: contractions, attention, norms, data-dependent gathers. Everything
    else is `linalg`, `arith` and `math`. Each op maps to one kernel of kernels/kernels.inc.
  }];
  let cppNamespace = "::switchyard::nn";
}

#endif
