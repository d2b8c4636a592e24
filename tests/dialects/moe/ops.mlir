// Every op, attribute and type of the dialect survives printing and parsing, in both forms.
// RUN: moe-opt %s --verify-roundtrip -o /dev/null

!source = !moe.route<experts = 8, slots = 2, side = source>
!owner = !moe.route<experts = 8, slots = 2, side = owner>

func.func @gate(%logits: tensor<?x8xf32>, %bias: tensor<8xf32>, %mix: tensor<?x8xf32>) {
  %i0, %w0 = moe.gate %logits {gating = #moe.gating<renormalize = true>} : tensor<?x8xf32> -> tensor<?x2xi32>, tensor<?x2xf32>
  %i1, %w1 = moe.gate %logits bias %bias : tensor<8xf32>
    {gating = #moe.gating<score = sigmoid, groups = 4, groups_kept = 2, group_score = top2_sum, group_fill = negative_infinity, renormalize = true, renormalize_epsilon = 1.0e-20 : f64, scale = 2.5 : f64>}
    : tensor<?x8xf32> -> tensor<?x3xi32>, tensor<?x3xf32>
  %i2, %w2 = moe.gate %logits mix %mix : tensor<?x8xf32> {gating = #moe.gating<score = identity>} : tensor<?x8xf32> -> tensor<?x2xi32>, tensor<?x2xf32>
  %i6, %w6 = moe.gate %logits mix %logits : tensor<?x8xf32> {gating = #moe.gating<score = identity, order = mix_then_select>} : tensor<?x8xf32> -> tensor<?x2xi32>, tensor<?x2xf32>
  %i3, %w3 = moe.gate %logits {gating = #moe.gating<order = select_then_score>} : tensor<?x8xf32> -> tensor<?x2xi32>, tensor<?x2xf32>
  %i4, %w4 = moe.gate %logits {gating = #moe.gating<mixer_epsilon = 1.0e-2 : f64>} : tensor<?x8xf32> -> tensor<?x2xi32>, tensor<?x2xf32>
  %i5, %w5 = moe.gate %logits {gating = #moe.gating<score = sqrt_softplus>} : tensor<?x8xf32> -> tensor<?x2xi32>, tensor<?x2xf32>
  return
}

func.func @capacity(%ids: tensor<?x2xi32>, %weights: tensor<?x2xf32>, %seats: index) {
  %i0, %w0 = moe.capacity %ids, %weights, %seats {drop = #moe.drop<>, experts = 8 : i64} : tensor<?x2xi32>, tensor<?x2xf32>
  %i2, %w2 = moe.capacity %ids, %weights, %seats group %seats {drop = #moe.drop<>, experts = 8 : i64} : tensor<?x2xi32>, tensor<?x2xf32>
  %i1, %w1 = moe.capacity %ids, %weights, %seats
    {drop = #moe.drop<priority = token_major, renormalize = true, epsilon = 1.1920929e-07 : f64>, experts = 8 : i64}
    : tensor<?x2xi32>, tensor<?x2xf32>
  return
}

func.func @layer(%tokens: tensor<?x64xf32>, %ids: tensor<?x2xi32>, %weights: tensor<?x2xf32>, %w1: tensor<8x96x64xf32>, %b1: tensor<8x96xf32>,
                 %w2: tensor<8x64x96xf32>, %b2: tensor<8x64xf32>) -> tensor<?x64xf32> {
  %rows, %route = moe.dispatch %tokens, %ids : tensor<?x64xf32>, tensor<?x2xi32> -> tensor<?x64xf32>, !source
  %plain = moe.expert %rows, %route gate %w1 : tensor<8x96x64xf32> down %w2 : tensor<8x64x96xf32> {activation = #moe.activation<gelu>}
    : tensor<?x64xf32>, !source -> tensor<?x64xf32>
  %gated = moe.expert %plain, %route gate %w1 : tensor<8x96x64xf32> gate_bias %b1 : tensor<8x96xf32> up %w1 : tensor<8x96x64xf32>
    up_bias %b1 : tensor<8x96xf32> down %w2 : tensor<8x64x96xf32> down_bias %b2 : tensor<8x64xf32>
    {activation = #moe.activation<silu, alpha = 1.702 : f64, beta = 1.0 : f64, limit = 7.0 : f64>} : tensor<?x64xf32>, !source -> tensor<?x64xf32>
  %out = moe.combine %gated, %route, %weights : tensor<?x64xf32>, !source, tensor<?x2xf32> -> tensor<?x64xf32>
  %weighed, %same = moe.dispatch %tokens, %ids weights %weights : tensor<?x2xf32> : tensor<?x64xf32>, tensor<?x2xi32> -> tensor<?x64xf32>, !source
  %sum = moe.combine %weighed, %same : tensor<?x64xf32>, !source -> tensor<?x64xf32>
  return %out : tensor<?x64xf32>
}

func.func @activations() attributes {all = [#moe.activation<identity>, #moe.activation<relu>, #moe.activation<relu_squared>,
                                            #moe.activation<gelu>, #moe.activation<gelu_tanh>, #moe.activation<silu>,
                                            #moe.activation<leaky_relu, alpha = 0.0 : f64>, #moe.activation<elu, alpha = 0.5 : f64>,
                                            #moe.activation<selu>, #moe.activation<celu, alpha = 2.0 : f64>, #moe.activation<tanh>,
                                            #moe.activation<sigmoid>, #moe.activation<hard_sigmoid>, #moe.activation<hard_swish>,
                                            #moe.activation<softplus, alpha = 2.0 : f64>, #moe.activation<mish>, #moe.activation<relu6>]} {
  return
}

func.func @all_to_all(%rows: tensor<?x64xf32>, %route: !source) -> tensor<?x64xf32> {
  %there, %owner = moe.all_to_all dispatch hierarchical %rows, %route {layer = 0 : i64} : tensor<?x64xf32>, !source -> tensor<?x64xf32>, !owner
  %back = moe.all_to_all combine coordinated %there, %owner to %route {layer = 0 : i64} : tensor<?x64xf32>, !owner, !source -> tensor<?x64xf32>
  return %back : tensor<?x64xf32>
}

func.func @scheduled(%tokens: tensor<?x64xf32>, %logits: tensor<?x8xf32>, %bias: tensor<8xf32>, %n: index) -> tensor<?x64xf32> {
  %i0, %w0, %r0 = moe.fused_gate %logits bias %bias : tensor<8xf32> mix %logits : tensor<?x8xf32> tokens %n, %n
    {gating = #moe.gating<>, layer = 0 : i64} : tensor<?x8xf32> -> tensor<?x2xi32>, tensor<?x2xf32>, !source
  %i1, %w1, %r1 = moe.fused_gate %logits tokens %n, %n capacity %n group %n {gating = #moe.gating<>, drop = #moe.drop<>, layer = 0 : i64}
    : tensor<?x8xf32> -> tensor<?x2xi32>, tensor<?x2xf32>, !source
  %ids, %weights, %route = moe.fused_gate %logits tokens %n, %n capacity %n {gating = #moe.gating<>, drop = #moe.drop<>, layer = 0 : i64}
    : tensor<?x8xf32> -> tensor<?x2xi32>, tensor<?x2xf32>, !source
  %rows = moe.permute %tokens, %route {layer = 0 : i64} : tensor<?x64xf32>, !source -> tensor<?x64xf32>
  %weighed = moe.permute %tokens, %route weights %weights : tensor<?x2xf32> {layer = 0 : i64} : tensor<?x64xf32>, !source -> tensor<?x64xf32>
  %owner = moe.exchange_counts %route {layer = 0 : i64} : !source -> !owner
  %there = moe.exchange_rows %rows, %route, %owner {layer = 0 : i64} : tensor<?x64xf32>, !source, !owner -> tensor<?x64xf32>
  %back = moe.return_rows %there, %owner, %route {layer = 0 : i64} : tensor<?x64xf32>, !owner, !source -> tensor<?x64xf32>
  %all = moe.all_gather %back total %n {layer = 0 : i64} : tensor<?x64xf32> -> tensor<?x64xf32>
  return %all : tensor<?x64xf32>
}
