#ifndef SWITCHYARD_DIALECTS_MOE_TYPES_TD
#define SWITCHYARD_DIALECTS_MOE_TYPES_TD

include "MoeDialect.td"
include "MoeEnums.td"

class Moe_Type<string name, string typeMnemonic> : TypeDef<MoeDialect, name> {
  let mnemonic = typeMnemonic;
}

def Moe_RouteType : Moe_Type<"Route", "route"> {
  let summary = "the dense token-to-expert table";
  let description = [{
    Offsets per expert and the map row <-> (token, slot), as kernels/layout/route.h lays it out. `source`: of the rows
    that a rank sends for its own tokens; `owner`: of the rows that it received for its own experts.

    **Constraints**
    1. `experts` >= 1 and 1 <= `slots` <= `experts`.

    Example: `!moe.route<experts = 8, slots = 2, side = source>`
  }];
  let parameters = (ins "int64_t":$experts, "int64_t":$slots, EnumParameter<Moe_RouteSide>:$side);
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
}

#endif
