#ifndef SWITCHYARD_DIALECTS_ONNX_DIALECT_TD
#define SWITCHYARD_DIALECTS_ONNX_DIALECT_TD

include "mlir/IR/OpBase.td"
include "mlir/IR/AttrTypeBase.td"

def OnnxDialect : Dialect {
  let name = "onnx";
  let summary = "An ONNX graph as it was written: one op for every node.";
  let description = [{
    The importer writes this dialect and nothing is lost on the way: every node becomes one `onnx.node`, known or not,
    so that import is total and linear in nodes. Meaning comes later, in the raise phase, which looks rules up by the
    interned name `domain::OpType`.
  }];
  let cppNamespace = "::switchyard::onnx";
  let useDefaultTypePrinterParser = 1;
  let dependentDialects = ["::mlir::func::FuncDialect"];
}

#endif
