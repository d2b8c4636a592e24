#ifndef SWITCHYARD_DIALECTS_MOE_ENUMS_TD
#define SWITCHYARD_DIALECTS_MOE_ENUMS_TD

include "MoeDialect.td"

class Moe_Enum<string name, string text, list<I64EnumAttrCase> cases> : I64EnumAttr<name, text, cases> {
  let cppNamespace = "::switchyard::moe";
  let genSpecializedAttr = 0;
}

// The numbers are those of kernels/layout/enums.h.
def Moe_Score : Moe_Enum<"Score", "how logits become scores", [
  I64EnumAttrCase<"softmax", 0>, I64EnumAttrCase<"sigmoid", 1>, I64EnumAttrCase<"sqrt_softplus", 2>, I64EnumAttrCase<"identity", 3>]>;
def Moe_Order : Moe_Enum<"Order", "whether scores come before the selection", [
  I64EnumAttrCase<"score_then_select", 0>, I64EnumAttrCase<"select_then_score", 1>, I64EnumAttrCase<"mix_then_select", 2>]>;
def Moe_GroupScore : Moe_Enum<"GroupScore", "how a group of experts is scored", [
  I64EnumAttrCase<"max", 0>, I64EnumAttrCase<"top2_sum", 1>]>;
def Moe_GroupFill : Moe_Enum<"GroupFill", "what the key of an expert outside the kept groups becomes", [
  I64EnumAttrCase<"zero", 0>, I64EnumAttrCase<"negative_infinity", 1>]>;
def Moe_TieRule : Moe_Enum<"TieRule", "which of two equal experts is taken", [I64EnumAttrCase<"lowest_index", 0>]>;
def Moe_DropPriority : Moe_Enum<"DropPriority", "who is seated first", [
  I64EnumAttrCase<"choice_major", 0>, I64EnumAttrCase<"token_major", 1>]>;
def Moe_ActivationKind : Moe_Enum<"ActivationKind", "the activation of an expert", [
  I64EnumAttrCase<"identity", 0>, I64EnumAttrCase<"relu", 1>, I64EnumAttrCase<"relu_squared", 2>, I64EnumAttrCase<"gelu", 3>,
  I64EnumAttrCase<"gelu_tanh", 4>, I64EnumAttrCase<"silu", 5>, I64EnumAttrCase<"leaky_relu", 6>, I64EnumAttrCase<"elu", 7>,
  I64EnumAttrCase<"selu", 8>, I64EnumAttrCase<"celu", 9>, I64EnumAttrCase<"tanh", 10>, I64EnumAttrCase<"sigmoid", 11>,
  I64EnumAttrCase<"hard_sigmoid", 12>, I64EnumAttrCase<"hard_swish", 13>, I64EnumAttrCase<"softplus", 14>, I64EnumAttrCase<"mish", 15>,
  I64EnumAttrCase<"relu6", 16>]>;
def Moe_Direction : Moe_Enum<"Direction", "which way rows travel", [I64EnumAttrCase<"dispatch", 0>, I64EnumAttrCase<"combine", 1>]>;
def Moe_Algorithm : Moe_Enum<"Algorithm", "the all-to-all algorithm", [
  I64EnumAttrCase<"flat", 0>, I64EnumAttrCase<"hierarchical", 1>, I64EnumAttrCase<"coordinated", 2>]>;
def Moe_RouteSide : Moe_Enum<"RouteSide", "whose table a route is", [I64EnumAttrCase<"source", 0>, I64EnumAttrCase<"owner", 1>]>;

#endif
