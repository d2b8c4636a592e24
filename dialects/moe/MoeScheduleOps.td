#ifndef SWITCHYARD_DIALECTS_MOE_SCHEDULE_OPS_TD
#define SWITCHYARD_DIALECTS_MOE_SCHEDULE_OPS_TD

include "MoeBase.td"

// What distribution and scheduling make of a layer: fused gating, permutation, and an all-to-all in its steps.

def Moe_AllGatherOp : Moe_PlainOp<"all_gather", [Pure]> {
  let summary = "the tokens of all ranks, in global order";
  let description = [{
    Every rank gives its share of the tokens (`rt.token_share`) and gets all `total` of them. Shares may be uneven or
    empty, which `shard.all_gather` cannot say.

    Constraints:
    1. element type and H do not change.

    Example:
    ```mlir
    %all = moe.all_gather %local total %n {layer = 0 : i64} : tensor<?x64xf32> -> tensor<?x64xf32>
    ```
  }];
  let arguments = (ins Moe_Float2D:$tokens, Index:$total, I64Attr:$layer);
  let results = (outs Moe_Float2D:$result);
  let assemblyFormat = "$tokens `total` $total attr-dict `:` type($tokens) `->` type($result)";
  let hasVerifier = 1;
}

def Moe_FusedGateOp : Moe_Op<"fused_gate", [Pure]> {
  let summary = "gate, capacity and table of dispatch in one";
  let description = [{
    `moe.gate`, then `moe.capacity` where `capacity` is given, over all T tokens of the call; then the source route of the
    tokens [first, first + count) alone. ids and weights are those of all tokens.

    Constraints:
    1. ids and weights have one shape T x k; the route is a source route of E experts and k slots.
    2. `capacity` and `drop` stand together.
    3. the order `mix_then_select` needs `mix`.
    4. `group` needs `capacity`.

    Example:
    ```mlir
    %ids, %weights, %route = moe.fused_gate %logits tokens %first, %count {gating = #moe.gating<>, layer = 0 : i64}
       : tensor<?x8xf32> -> tensor<?x2xi32>, tensor<?x2xf32>, !moe.route<experts = 8, slots = 2, side = source>
    ```
  }];
  let arguments = (ins Moe_Float2D:$logits, Optional<TensorRankOf<[AnyFloat], [1]>>:$selection_bias, Optional<Moe_Float2D>:$mix,
                       Index:$first, Index:$count, Optional<Index>:$capacity, Optional<Index>:$group, Moe_GatingAttr:$gating, OptionalAttr<Moe_DropAttr>:$drop,
                       I64Attr:$layer);
  let results = (outs Moe_Index2D:$ids, Moe_Float2D:$weights, Moe_RouteType:$route);
  let assemblyFormat = [{
    $logits (`bias` $selection_bias^ `:` type($selection_bias))? (`mix` $mix^ `:` type($mix))? `tokens` $first `,` $count
    (`capacity` $capacity^)? (`group` $group^)? attr-dict `:` type($logits) `->` type($ids) `,` type($weights) `,` type($route)
  }];
  let hasVerifier = 1;
}

def Moe_PermuteOp : Moe_PlainOp<"permute", [Pure]> {
  let summary = "tokens to rows, in the order of a source route";
  let description = [{
    Row r is the token of (token, slot) that the route says, times the weight of that slot where there are weights. Rows
    past the rows in use are left as they are.

    Constraints:
    1. the route is a source route; element type and H do not change.
    2. weights count the tokens and the k slots of the route.

    Example:
    ```mlir
    %rows = moe.permute %tokens, %route {layer = 0 : i64} : tensor<?x64xf32>, !moe.route<experts = 8, slots = 2, side = source> -> tensor<?x64xf32>
    ```
  }];
  let arguments = (ins Moe_Float2D:$tokens, Moe_RouteType:$route, Optional<Moe_Float2D>:$weights, I64Attr:$layer);
  let results = (outs Moe_Float2D:$rows);
  let assemblyFormat = [{
    $tokens `,` $route (`weights` $weights^ `:` type($weights))? attr-dict `:` type($tokens) `,` type($route) `->` type($rows)
  }];
  let hasVerifier = 1;
}

def Moe_ExchangeCountsOp : Moe_PlainOp<"exchange_counts", [Pure]> {
  let summary = "the first step of an all-to-all: how many rows go where";
  let description = [{
    Every rank tells every owner how many rows it will send to each expert, and gets the table of the rows that it will
    receive. Counts are checked on arrival, before any row travels.

    Constraints:
    1. a source route gives an owner route of equal experts and slots.

    Example:
    ```mlir
    %owner = moe.exchange_counts %route {layer = 0 : i64}
       : !moe.route<experts = 8, slots = 2, side = source> -> !moe.route<experts = 8, slots = 2, side = owner>
    ```
  }];
  let arguments = (ins Moe_RouteType:$route, I64Attr:$layer);
  let results = (outs Moe_RouteType:$result);
  let assemblyFormat = "$route attr-dict `:` type($route) `->` type($result)";
  let hasVerifier = 1;
}

class Moe_RowsExchangeOp<string mnemonic> : Moe_PlainOp<mnemonic, [Pure]> {
  let results = (outs Moe_Float2D:$result);
  let hasVerifier = 1;
}

def Moe_ExchangeRowsOp : Moe_RowsExchangeOp<"exchange_rows"> {
  let summary = "the second step of a dispatch: rows travel to the owners of their experts";
  let description = [{
    Constraints:
    1. `route` is a source route and `owner` an owner route; element type and H of the rows do not change.

    Example:
    ```mlir
    %there = moe.exchange_rows %rows, %route, %owner {layer = 0 : i64}
       : tensor<?x64xf32>, !moe.route<experts = 8, slots = 2, side = source>, !moe.route<experts = 8, slots = 2, side = owner> -> tensor<?x64xf32>
    ```
  }];
  let arguments = (ins Moe_Float2D:$rows, Moe_RouteType:$route, Moe_RouteType:$owner, I64Attr:$layer);
  let assemblyFormat = "$rows `,` $route `,` $owner attr-dict `:` type($rows) `,` type($route) `,` type($owner) `->` type($result)";
}

def Moe_ReturnRowsOp : Moe_RowsExchangeOp<"return_rows"> {
  let summary = "rows travel back and stand in the order of their source route";
  let description = [{
    Constraints:
    1. `owner` is an owner route and `route` a source route; element type and H of the rows do not change.

    Example:
    ```mlir
    %back = moe.return_rows %y, %owner, %route {layer = 0 : i64}
       : tensor<?x64xf32>, !moe.route<experts = 8, slots = 2, side = owner>, !moe.route<experts = 8, slots = 2, side = source> -> tensor<?x64xf32>
    ```
  }];
  let arguments = (ins Moe_Float2D:$rows, Moe_RouteType:$owner, Moe_RouteType:$route, I64Attr:$layer);
  let assemblyFormat = "$rows `,` $owner `,` $route attr-dict `:` type($rows) `,` type($owner) `,` type($route) `->` type($result)";
}

#endif
