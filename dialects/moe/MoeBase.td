#ifndef SWITCHYARD_DIALECTS_MOE_BASE_TD
#define SWITCHYARD_DIALECTS_MOE_BASE_TD

include "MoeDialect.td"
include "MoeEnums.td"
include "MoeAttrs.td"
include "MoeTypes.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

class Moe_Op<string mnemonic, list<Trait> traits = []> : Op<MoeDialect, mnemonic, traits # [AttrSizedOperandSegments]>;
class Moe_PlainOp<string mnemonic, list<Trait> traits = []> : Op<MoeDialect, mnemonic, traits>;

def Moe_DirectionAttr : EnumAttr<MoeDialect, Moe_Direction, "direction">;
def Moe_AlgorithmAttr : EnumAttr<MoeDialect, Moe_Algorithm, "algorithm">;

def Moe_Tensor : RankedTensorOf<[AnyFloat]>;
def Moe_Float2D : TensorRankOf<[AnyFloat], [2]>;
def Moe_Index2D : TensorRankOf<[I32], [2]>;

#endif
