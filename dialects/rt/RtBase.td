#ifndef SWITCHYARD_DIALECTS_RT_BASE_TD
#define SWITCHYARD_DIALECTS_RT_BASE_TD

include "RtDialect.td"
include "RtEnums.td"
include "RtAttrs.td"
include "mlir/Dialect/Bufferization/IR/BufferizableOpInterface.td"
include "mlir/IR/BuiltinAttributes.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/Interfaces/DestinationStyleOpInterface.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Rt_Tensor : RankedTensorOf<[AnyType]>;
def Rt_TensorOrBuffer : AnyTypeOf<[AnyRankedTensor, AnyMemRef]>;

class Rt_Op<string mnemonic, list<Trait> traits = []> : Op<RtDialect, mnemonic, traits>;

#endif
