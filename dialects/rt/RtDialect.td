#ifndef SWITCHYARD_DIALECTS_RT_DIALECT_TD
#define SWITCHYARD_DIALECTS_RT_DIALECT_TD

include "mlir/IR/OpBase.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"

def RtDialect : Dialect {
  let name = "rt";
  let summary = "What a rank's program asks of the runtime: weights, kernels, collectives, buffers.";
  let description = [{
    Weights never enter the IR: `rt.weight` names a tensor and says, as an attribute that prints and parses, from which
    bytes of which file it comes and by which byte-moving steps. The other ops are what is left of a program when all
    tensors are buffers; they lower to calls through one versioned import table (runtime/base/import_table.h).
  }];
  let cppNamespace = "::switchyard::rt";
  let useDefaultAttributePrinterParser = 1;
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::bufferization::BufferizationDialect", "::mlir::memref::MemRefDialect"];
}

#endif
