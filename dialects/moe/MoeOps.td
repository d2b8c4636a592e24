#ifndef SWITCHYARD_DIALECTS_MOE_OPS_TD
#define SWITCHYARD_DIALECTS_MOE_OPS_TD

include "MoeBase.td"
include "MoeScheduleOps.td"

def Moe_GateOp : Moe_Op<"gate", [Pure]> {
  let summary = "router logits to expert ids and weights, each token by itself";
  let description = [{
    Chooses k experts for each token from its logits (T x E) and weighs them, as `gating` says. `selection_bias` (E) is
    added to the selection key only; `mix` (T x E) supplies the weights instead of the scores. Slots are in descending
    order of the key.

    Constraints:
    1. ids and weights have the same shape T x k, and T is that of the logits.
    2. 1 <= k <= E.
    3. `selection_bias` has E elements; `mix` has the shape of the logits.
    4. the sparse mixer needs k = 2.
    5. `groups` divides E.
    6. the order `mix_then_select` needs `mix`.

    Example:
    ```mlir
    %ids, %weights = moe.gate %logits {gating = #moe.gating<renormalize = true>} : tensor<?x8xf32> -> tensor<?x2xi32>, tensor<?x2xf32>
    ```
  }];
  let arguments = (ins Moe_Float2D:$logits, Optional<TensorRankOf<[AnyFloat], [1]>>:$selection_bias, Optional<Moe_Float2D>:$mix,
                       Moe_GatingAttr:$gating);
  let results = (outs Moe_Index2D:$ids, Moe_Float2D:$weights);
  let assemblyFormat = [{
    $logits (`bias` $selection_bias^ `:` type($selection_bias))? (`mix` $mix^ `:` type($mix))? attr-dict
    `:` type($logits) `->` type($ids) `,` type($weights)
  }];
  let hasVerifier = 1;
  let hasCanonicalizeMethod = 1;
}

def Moe_CapacityOp : Moe_PlainOp<"capacity", [Pure, AllTypesMatch<["ids", "kept_ids"]>, AllTypesMatch<["weights", "kept_weights"]>]> {
  let summary = "drops the routes for which an expert has no seat left";
  let description = [{
    Takes the choices of **all tokens of the call, in global token order**, and drops what exceeds `capacity` rows per
    expert (DeepSpeed, Switch, GShard). Not per token by nature: which routes are dropped depends on the other tokens.
    A dropped slot has id -1 and weight 0. With `group` each `group` consecutive tokens have seats of their own (Switch: the
    tokens of one sequence); without it all tokens of the call are one group.

    Constraints:
    1. ids and weights have one shape; the results have the types of the operands.
    2. 1 <= k <= `experts`.
    3. `group` divides the number of tokens; what is not constant is checked when the step runs.

    Example:
    ```mlir
    %ids2, %weights2 = moe.capacity %ids, %weights, %capacity {drop = #moe.drop<>, experts = 4 : i64} : tensor<?x1xi32>, tensor<?x1xf32>
    ```
  }];
  let arguments = (ins Moe_Index2D:$ids, Moe_Float2D:$weights, Index:$capacity, Optional<Index>:$group, Moe_DropAttr:$drop, I64Attr:$experts);
  let results = (outs Moe_Index2D:$kept_ids, Moe_Float2D:$kept_weights);
  let assemblyFormat = "$ids `,` $weights `,` $capacity (`group` $group^)? attr-dict `:` type($ids) `,` type($weights)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

def Moe_DispatchOp : Moe_PlainOp<"dispatch", [Pure]> {
  let summary = "tokens to rows grouped by expert, with their route";
  let description = [{
    Copies the row of each token once for every slot that is not dropped, grouped by expert, and gives the table that
    says which (token, slot) a row is. The number of rows is at most T * k, which is the size of the result. With
    `weights` each row is the token times the weight of its slot: the expert reads what is weighed (Llama-4), and the
    `moe.combine` of the layer has no weights.

    Constraints:
    1. ids have as many rows as tokens, and the result has the width of the tokens.
    2. the route counts k slots and is a source route.
    3. weights have the shape of the ids.

    Example:
    ```mlir
    %rows, %route = moe.dispatch %tokens, %ids : tensor<?x64xf32>, tensor<?x2xi32> -> tensor<?x64xf32>, !moe.route<experts = 8, slots = 2, side = source>
    ```
  }];
  let arguments = (ins Moe_Float2D:$tokens, Moe_Index2D:$ids, Optional<Moe_Float2D>:$weights);
  let results = (outs Moe_Float2D:$rows, Moe_RouteType:$route);
  let assemblyFormat = [{
    $tokens `,` $ids (`weights` $weights^ `:` type($weights))? attr-dict `:` type($tokens) `,` type($ids) `->` type($rows) `,` type($route)
  }];
  let hasVerifier = 1;
}

def Moe_ExpertOp : Moe_Op<"expert", [Pure]> {
  let summary = "the grouped MLP of the experts over their rows";
  let description = [{
    Each row x of expert e becomes `down[e] * f(gate[e] * x + gate_bias[e]) + down_bias[e]`, or, with `up`,
    `down[e] * (f(g) * (u + beta)) + down_bias[e]` with g and u from gate and up. Weights are stacked by expert and stand
    outputs first: gate and up are E x I x H, down is E x H x I.

    Constraints:
    1. gate is E x I x H, down E x H x I, up (where present) like gate, with E of the route and H of the rows.
    2. the biases are E x I, E x I and E x H.
    3. the result has the type of the rows.
    4. `beta` and `limit` of the activation, and `up_bias`, need `up`.

    Example:
    ```mlir
    %y = moe.expert %rows, %route gate %w1 : tensor<8x96x64xf32> down %w2 : tensor<8x64x96xf32> {activation = #moe.activation<relu>}
       : tensor<?x64xf32>, !moe.route<experts = 8, slots = 2, side = source> -> tensor<?x64xf32>
    ```
  }];
  let arguments = (ins Moe_Float2D:$rows, Moe_RouteType:$route, Moe_Tensor:$gate, Optional<Moe_Tensor>:$gate_bias,
                       Optional<Moe_Tensor>:$up, Optional<Moe_Tensor>:$up_bias, Moe_Tensor:$down,
                       Optional<Moe_Tensor>:$down_bias, Moe_ActivationAttr:$activation);
  let results = (outs Moe_Float2D:$result);
  let assemblyFormat = [{
    $rows `,` $route `gate` $gate `:` type($gate) (`gate_bias` $gate_bias^ `:` type($gate_bias))? (`up` $up^ `:` type($up))?
    (`up_bias` $up_bias^ `:` type($up_bias))? `down` $down `:` type($down) (`down_bias` $down_bias^ `:` type($down_bias))?
    attr-dict `:` type($rows) `,` type($route) `->` type($result)
  }];
  let hasVerifier = 1;
}

def Moe_CombineOp : Moe_PlainOp<"combine", [Pure]> {
  let summary = "rows back to tokens: the weighted sum over the slots";
  let description = [{
    Token t becomes the sum over its slots that were not dropped, ascending, of weight times row, as one fma chain from
    +0 in f32. A token all of whose routes were dropped becomes 0. Without weights each weight is 1.

    Constraints:
    1. the weights, if there are any, count k slots of the route.
    2. rows and result have the same H.
    3. the route is a source route: rows come back to the tokens that sent them.

    Example:
    ```mlir
    %tokens = moe.combine %rows, %route, %weights : tensor<?x64xf32>, !moe.route<experts = 8, slots = 2, side = source>, tensor<?x2xf32> -> tensor<?x64xf32>
    ```
  }];
  let arguments = (ins Moe_Float2D:$rows, Moe_RouteType:$route, Optional<Moe_Float2D>:$weights);
  let results = (outs Moe_Float2D:$tokens);
  let assemblyFormat = [{
    $rows `,` $route (`,` $weights^)? attr-dict `:` type($rows) `,` type($route) (`,` type($weights)^)? `->` type($tokens)
  }];
  let hasVerifier = 1;
}

def Moe_AllToAllOp : Moe_PlainOp<"all_to_all", [Pure]> {
  let summary = "rows travel between ranks";
  let description = [{
    `dispatch`: the rows of a source route travel to the owners of their experts; the results are the received rows and
    their owner route. `combine`: rows in the order of an owner route travel back and stand in the order of the source
    route `to` that sent them.

    Constraints:
    1. dispatch takes a source route and gives an owner route; combine takes an owner route and the source route `to`.
    2. experts and slots of the two routes are equal.
    3. rows keep their element type and H.

    Example:
    ```mlir
    %there, %owner = moe.all_to_all dispatch flat %rows, %route {layer = 0 : i64}
       : tensor<?x64xf32>, !moe.route<experts = 8, slots = 2, side = source> -> tensor<?x64xf32>, !moe.route<experts = 8, slots = 2, side = owner>
    %back = moe.all_to_all combine flat %y, %owner to %route {layer = 0 : i64}
       : tensor<?x64xf32>, !moe.route<experts = 8, slots = 2, side = owner>, !moe.route<experts = 8, slots = 2, side = source> -> tensor<?x64xf32>
    ```
  }];
  let arguments = (ins Moe_DirectionAttr:$direction, Moe_AlgorithmAttr:$algorithm, Moe_Float2D:$rows, Moe_RouteType:$route,
                       Optional<Moe_RouteType>:$to, I64Attr:$layer);
  let results = (outs Moe_Float2D:$result, Optional<Moe_RouteType>:$result_route);
  let assemblyFormat = [{
    $direction $algorithm $rows `,` $route (`to` $to^)? attr-dict `:` type($rows) `,` type($route) (`,` type($to)^)?
    `->` type($result) (`,` type($result_route)^)?
  }];
  let hasVerifier = 1;
  let hasFolder = 1;
}

#endif
