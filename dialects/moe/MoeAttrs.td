#ifndef SWITCHYARD_DIALECTS_MOE_ATTRS_TD
#define SWITCHYARD_DIALECTS_MOE_ATTRS_TD

include "MoeDialect.td"
include "MoeEnums.td"

class Moe_Attr<string name, string attrMnemonic> : AttrDef<MoeDialect, name> {
  let mnemonic = attrMnemonic;
}

class Moe_DefaultEnum<EnumAttrInfo enum, string default> : EnumParameter<enum> {
  let defaultValue = "::switchyard::moe::" # default;
}

def Moe_GatingAttr : Moe_Attr<"Gating", "gating"> {
  let summary = "how a router chooses experts and weighs them";
  let description = [{
    Composes the routers of moe-systems' catalogue: Mixtral, Qwen, OLMoE, DeepSeek V2 and V3, GPT-OSS, Switch,
    DeepSpeed, Phi sparse mixer.

    1. scores = `score`(logits), over all experts (`score_then_select`) or over the k selected ones (`select_then_score`).
    2. key = scores (or logits, for `select_then_score`), plus the selection bias where the gate has one.
    3. with `groups` > 1, only the `groups_kept` best groups by `group_score` stay; the key of the others becomes `group_fill`.
    4. the k largest keys are selected, in descending order; equal keys by `tie`.
    5. weight = score of the selected (without the bias), or the mix operand's element where the gate has one.
    6. with `renormalize` divided by (their sum + `renormalize_epsilon`); then multiplied by `scale`.

    With the order `mix_then_select` the first choice is the largest element of the gate's mix operand, whatever its key, and the others follow
    by keys as with `score_then_select`: DeepSpeed's top-2, which takes the first expert by softmax and the second by masked logits.

    With `mixer_epsilon` the router is the sparse mixer of Phi-3.5-MoE (k = 2) instead of 1-6.

    **Constraints**
    1. `groups` >= 1 and 1 <= `groups_kept` <= `groups`.
    2. `mixer_epsilon` excludes groups and renormalize.
    3. `renormalize_epsilon` needs `renormalize`.
    4. the order `mix_then_select` excludes groups and `mixer_epsilon`.

    Example: `#moe.gating<score = softmax, renormalize = true>`
  }];
  let parameters = (ins
    Moe_DefaultEnum<Moe_Score, "Score::softmax">:$score,
    Moe_DefaultEnum<Moe_Order, "Order::score_then_select">:$order,
    DefaultValuedParameter<"int64_t", "1">:$groups,
    DefaultValuedParameter<"int64_t", "1">:$groups_kept,
    Moe_DefaultEnum<Moe_GroupScore, "GroupScore::max">:$group_score,
    Moe_DefaultEnum<Moe_GroupFill, "GroupFill::zero">:$group_fill,
    DefaultValuedParameter<"bool", "false">:$renormalize,
    OptionalParameter<"::mlir::FloatAttr">:$renormalize_epsilon,
    OptionalParameter<"::mlir::FloatAttr">:$scale,
    OptionalParameter<"::mlir::FloatAttr">:$mixer_epsilon,
    Moe_DefaultEnum<Moe_TieRule, "TieRule::lowest_index">:$tie);
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
}

def Moe_DropAttr : Moe_Attr<"Drop", "drop"> {
  let summary = "who loses a seat when an expert is full, and what becomes of the weights";
  let description = [{
    Positions count over all tokens of the call (or of each group of `moe.capacity`) in global token order, wherever the tokens live. A route whose position
    is not below the capacity is dropped: its expert id becomes -1, its weight 0. With `renormalize` the weights of a token
    are then divided by max(their sum, `epsilon`).

    **Constraints**
    1. `epsilon` needs `renormalize`.

    Example: `#moe.drop<priority = choice_major, renormalize = true, epsilon = 1.1920929e-07 : f64>`
  }];
  let parameters = (ins
    Moe_DefaultEnum<Moe_DropPriority, "DropPriority::choice_major">:$priority,
    DefaultValuedParameter<"bool", "false">:$renormalize,
    OptionalParameter<"::mlir::FloatAttr">:$epsilon);
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
}

def Moe_ActivationAttr : Moe_Attr<"Activation", "activation"> {
  let summary = "the activation of an expert, gated or not";
  let description = [{
    Not gated: y = f(a). Gated: y = f(g) * (u + `beta`), g clamped from above by `limit`, u to [-`limit`, `limit`].
    f is `kind`; `alpha` is 1 where it does not stand:

    | kind | f(x) |
    | --- | --- |
    | identity, relu, relu_squared | x; x below 0 becomes 0; its square |
    | relu6 | x clamped to [0, 6] |
    | leaky_relu | `alpha` * x below 0, x elsewhere |
    | elu, celu | `alpha` * (e^x - 1) below 0, x elsewhere; celu of x / `alpha` there |
    | selu | 1.0507 * elu(x) with the alpha 1.67326 |
    | gelu, gelu_tanh | 0.5 * x * (1 + erf(x / sqrt 2)), and its tanh form |
    | silu | x * sigmoid(`alpha` * x) |
    | tanh, sigmoid | these |
    | softplus | log(1 + e^(`alpha` * x)) / `alpha` |
    | mish | x * tanh(log(1 + e^x)) |
    | hard_sigmoid, hard_swish | x / 6 + 0.5 clamped to [0, 1]; x times that |

    **Constraints**
    1. `alpha` needs silu, leaky_relu, elu, celu or softplus.
    2. `limit` is greater than 0.
    3. leaky_relu needs `alpha`.
    4. the `alpha` of celu and softplus, which divide by it, is not 0.

    Example: `#moe.activation<silu, alpha = 1.702 : f64, beta = 1.0 : f64, limit = 7.0 : f64>`
  }];
  let parameters = (ins EnumParameter<Moe_ActivationKind>:$kind, OptionalParameter<"::mlir::FloatAttr">:$alpha,
                        OptionalParameter<"::mlir::FloatAttr">:$beta, OptionalParameter<"::mlir::FloatAttr">:$limit);
  let assemblyFormat = "`<` $kind (`,` struct($alpha, $beta, $limit)^)? `>`";
  let genVerifyDecl = 1;
}

#endif
