// RUN: moe-opt %s --split-input-file --verify-diagnostics

// expected-error@+1 {{gating expects 1 <= groups_kept <= groups, but got groups_kept 5 and groups 4}}
func.func @gating_c1_groups() attributes {a = #moe.gating<groups = 4, groups_kept = 5>} {
  return
}

// -----

// expected-error@+1 {{gating expects 1 <= groups_kept <= groups, but got groups_kept 0 and groups 4}}
func.func @gating_c1_kept() attributes {a = #moe.gating<groups = 4, groups_kept = 0>} {
  return
}

// -----

// expected-error@+1 {{gating expects no groups and no renormalize beside mixer_epsilon, but got groups 1 and renormalize true}}
func.func @gating_c2() attributes {a = #moe.gating<renormalize = true, mixer_epsilon = 1.0e-2 : f64>} {
  return
}

// -----

// expected-error@+1 {{gating expects renormalize beside renormalize_epsilon 1.000000e-20}}
func.func @gating_c3() attributes {a = #moe.gating<renormalize_epsilon = 1.0e-20 : f64>} {
  return
}

// -----

// expected-error@+1 {{gating expects no groups and no mixer_epsilon beside order mix_then_select, but got groups 2}}
func.func @gating_c4() attributes {a = #moe.gating<order = mix_then_select, groups = 2>} {
  return
}

// -----

// expected-error@+1 {{drop expects renormalize beside epsilon 5.000000e-01}}
func.func @drop_c1() attributes {a = #moe.drop<epsilon = 0.5 : f64>} {
  return
}

// -----

// expected-error@+1 {{activation expects alpha for silu, leaky_relu, elu, celu and softplus only, but got alpha 1.702000e+00 for gelu}}
func.func @activation_c1() attributes {a = #moe.activation<gelu, alpha = 1.702 : f64>} {
  return
}

// -----

// expected-error@+1 {{activation expects a limit greater than 0, but got 0.000000e+00}}
func.func @activation_c2() attributes {a = #moe.activation<silu, limit = 0.0 : f64>} {
  return
}

// -----

// expected-error@+1 {{activation expects alpha beside leaky_relu}}
func.func @activation_c3() attributes {a = #moe.activation<leaky_relu>} {
  return
}

// -----

// expected-error@+1 {{activation expects an alpha other than 0 for softplus}}
func.func @activation_c4() attributes {a = #moe.activation<softplus, alpha = 0.0 : f64>} {
  return
}

// -----

// expected-error@+1 {{activation expects an alpha other than 0 for celu}}
func.func @activation_c4_celu() attributes {a = #moe.activation<celu, alpha = 0.0 : f64>} {
  return
}

// -----

// expected-error@+1 {{route expects 1 <= slots <= experts, but got slots 9 and experts 8}}
func.func @route_c1_slots() attributes {a = !moe.route<experts = 8, slots = 9, side = source>} {
  return
}

// -----

// expected-error@+1 {{route expects 1 <= slots <= experts, but got slots 0 and experts 0}}
func.func @route_c1_experts() attributes {a = !moe.route<experts = 0, slots = 0, side = source>} {
  return
}

// -----

func.func @gate_c1(%logits: tensor<?x8xf32>) {
  // expected-error@+1 {{expects ids and weights of one shape with the tokens of the logits}}
  %ids, %weights = moe.gate %logits {gating = #moe.gating<>} : tensor<?x8xf32> -> tensor<?x2xi32>, tensor<?x3xf32>
  return
}

// -----

func.func @gate_c1_tokens(%logits: tensor<5x8xf32>) {
  // expected-error@+1 {{expects ids and weights of one shape with the tokens of the logits}}
  %ids, %weights = moe.gate %logits {gating = #moe.gating<>} : tensor<5x8xf32> -> tensor<4x2xi32>, tensor<4x2xf32>
  return
}

// -----

func.func @gate_c2(%logits: tensor<?x8xf32>) {
  // expected-error@+1 {{expects 1 <= k <= E, both static, but got k 9 and E 8}}
  %ids, %weights = moe.gate %logits {gating = #moe.gating<>} : tensor<?x8xf32> -> tensor<?x9xi32>, tensor<?x9xf32>
  return
}

// -----

func.func @gate_c3_bias(%logits: tensor<?x8xf32>, %bias: tensor<7xf32>) {
  // expected-error@+1 {{expects a selection bias of 8 elements, but got}}
  %ids, %weights = moe.gate %logits bias %bias : tensor<7xf32> {gating = #moe.gating<>} : tensor<?x8xf32> -> tensor<?x2xi32>, tensor<?x2xf32>
  return
}

// -----

func.func @gate_c3_mix(%logits: tensor<?x8xf32>, %mix: tensor<?x7xf32>) {
  // expected-error@+1 {{expects mix of the shape of the logits}}
  %ids, %weights = moe.gate %logits mix %mix : tensor<?x7xf32> {gating = #moe.gating<>} : tensor<?x8xf32> -> tensor<?x2xi32>, tensor<?x2xf32>
  return
}

// -----

func.func @gate_c4(%logits: tensor<?x8xf32>) {
  // expected-error@+1 {{expects k = 2 for the sparse mixer, but got 1}}
  %ids, %weights = moe.gate %logits {gating = #moe.gating<mixer_epsilon = 1.0e-2 : f64>} : tensor<?x8xf32> -> tensor<?x1xi32>, tensor<?x1xf32>
  return
}

// -----

func.func @gate_c5(%logits: tensor<?x8xf32>) {
  // expected-error@+1 {{expects groups that divide E = 8, but got 3}}
  %ids, %weights = moe.gate %logits {gating = #moe.gating<groups = 3, groups_kept = 1>} : tensor<?x8xf32> -> tensor<?x2xi32>, tensor<?x2xf32>
  return
}

// -----

func.func @gate_c6(%logits: tensor<?x8xf32>) {
  // expected-error@+1 {{expects mix beside order mix_then_select}}
  %ids, %weights = moe.gate %logits {gating = #moe.gating<order = mix_then_select>} : tensor<?x8xf32> -> tensor<?x2xi32>, tensor<?x2xf32>
  return
}

// -----

func.func @capacity_c1(%ids: tensor<?x2xi32>, %weights: tensor<?x3xf32>, %seats: index) {
  // expected-error@+1 {{expects ids and weights of one shape, but got}}
  %i, %w = moe.capacity %ids, %weights, %seats {drop = #moe.drop<>, experts = 8 : i64} : tensor<?x2xi32>, tensor<?x3xf32>
  return
}

// -----

func.func @capacity_c2(%ids: tensor<?x2xi32>, %weights: tensor<?x2xf32>, %seats: index) {
  // expected-error@+1 {{expects 1 <= k <= experts, k static, but got k 2 and experts 1}}
  %i, %w = moe.capacity %ids, %weights, %seats {drop = #moe.drop<>, experts = 1 : i64} : tensor<?x2xi32>, tensor<?x2xf32>
  return
}

// -----

func.func @capacity_c3(%ids: tensor<6x2xi32>, %weights: tensor<6x2xf32>, %seats: index) {
  %four = arith.constant 4 : index
  // expected-error@+1 {{expects groups that divide the tokens, but got groups of 4 of 6 tokens}}
  %i, %w = moe.capacity %ids, %weights, %seats group %four {drop = #moe.drop<>, experts = 8 : i64} : tensor<6x2xi32>, tensor<6x2xf32>
  return
}

// -----

func.func @capacity_c3_zero(%ids: tensor<6x2xi32>, %weights: tensor<6x2xf32>, %seats: index) {
  %zero = arith.constant 0 : index
  // expected-error@+1 {{expects groups that divide the tokens, but got groups of 0 of 6 tokens}}
  %i, %w = moe.capacity %ids, %weights, %seats group %zero {drop = #moe.drop<>, experts = 8 : i64} : tensor<6x2xi32>, tensor<6x2xf32>
  return
}

// -----

func.func @dispatch_c1_tokens(%tokens: tensor<5x64xf32>, %ids: tensor<4x2xi32>) {
  // expected-error@+1 {{expects as many ids as tokens, but got}}
  %rows, %route = moe.dispatch %tokens, %ids : tensor<5x64xf32>, tensor<4x2xi32> -> tensor<?x64xf32>, !moe.route<experts = 8, slots = 2, side = source>
  return
}

// -----

func.func @dispatch_c1_width(%tokens: tensor<?x64xf32>, %ids: tensor<?x2xi32>) {
  // expected-error@+1 {{expects rows of the width of the tokens}}
  %rows, %route = moe.dispatch %tokens, %ids : tensor<?x64xf32>, tensor<?x2xi32> -> tensor<?x32xf32>, !moe.route<experts = 8, slots = 2, side = source>
  return
}

// -----

func.func @dispatch_c2_side(%tokens: tensor<?x64xf32>, %ids: tensor<?x2xi32>) {
  // expected-error@+1 {{expects a source route of 2 slots, but got}}
  %rows, %route = moe.dispatch %tokens, %ids : tensor<?x64xf32>, tensor<?x2xi32> -> tensor<?x64xf32>, !moe.route<experts = 8, slots = 2, side = owner>
  return
}

// -----

func.func @dispatch_c2_slots(%tokens: tensor<?x64xf32>, %ids: tensor<?x3xi32>) {
  // expected-error@+1 {{expects a source route of 3 slots, but got}}
  %rows, %route = moe.dispatch %tokens, %ids : tensor<?x64xf32>, tensor<?x3xi32> -> tensor<?x64xf32>, !moe.route<experts = 8, slots = 2, side = source>
  return
}

// -----

func.func @dispatch_c3(%tokens: tensor<?x64xf32>, %ids: tensor<?x2xi32>, %weights: tensor<?x3xf32>) {
  // expected-error@+1 {{expects weights of the shape of the ids}}
  %rows, %route = moe.dispatch %tokens, %ids weights %weights : tensor<?x3xf32> : tensor<?x64xf32>, tensor<?x2xi32> -> tensor<?x64xf32>, !moe.route<experts = 8, slots = 2, side = source>
  return
}

// -----

func.func @expert_c1_gate(%rows: tensor<?x64xf32>, %route: !moe.route<experts = 8, slots = 2, side = source>, %g: tensor<7x96x64xf32>, %d: tensor<8x64x96xf32>) {
  // expected-error@+1 {{expects gate of shape 8xIx64, but got}}
  %y = moe.expert %rows, %route gate %g : tensor<7x96x64xf32> down %d : tensor<8x64x96xf32> {activation = #moe.activation<silu>} : tensor<?x64xf32>, !moe.route<experts = 8, slots = 2, side = source> -> tensor<?x64xf32>
  return
}

// -----

func.func @expert_c1_up(%rows: tensor<?x64xf32>, %route: !moe.route<experts = 8, slots = 2, side = source>, %g: tensor<8x96x64xf32>, %d: tensor<8x64x96xf32>, %up: tensor<8x95x64xf32>) {
  // expected-error@+1 {{expects up of shape 8x96x64, but got}}
  %y = moe.expert %rows, %route gate %g : tensor<8x96x64xf32> up %up : tensor<8x95x64xf32> down %d : tensor<8x64x96xf32> {activation = #moe.activation<silu>} : tensor<?x64xf32>, !moe.route<experts = 8, slots = 2, side = source> -> tensor<?x64xf32>
  return
}

// -----

func.func @expert_c1_down(%rows: tensor<?x64xf32>, %route: !moe.route<experts = 8, slots = 2, side = source>, %g: tensor<8x96x64xf32>, %d: tensor<8x96x64xf32>) {
  // expected-error@+1 {{expects down of shape 8x64x96, but got}}
  %y = moe.expert %rows, %route gate %g : tensor<8x96x64xf32> down %d : tensor<8x96x64xf32> {activation = #moe.activation<silu>} : tensor<?x64xf32>, !moe.route<experts = 8, slots = 2, side = source> -> tensor<?x64xf32>
  return
}

// -----

func.func @expert_c2_gate(%rows: tensor<?x64xf32>, %route: !moe.route<experts = 8, slots = 2, side = source>, %g: tensor<8x96x64xf32>, %d: tensor<8x64x96xf32>, %gate_bias: tensor<8x64xf32>) {
  // expected-error@+1 {{expects gate_bias of shape 8x96, but got}}
  %y = moe.expert %rows, %route gate %g : tensor<8x96x64xf32> gate_bias %gate_bias : tensor<8x64xf32> down %d : tensor<8x64x96xf32> {activation = #moe.activation<silu>} : tensor<?x64xf32>, !moe.route<experts = 8, slots = 2, side = source> -> tensor<?x64xf32>
  return
}

// -----

func.func @expert_c2_up(%rows: tensor<?x64xf32>, %route: !moe.route<experts = 8, slots = 2, side = source>, %g: tensor<8x96x64xf32>, %d: tensor<8x64x96xf32>, %up: tensor<8x96x64xf32>, %up_bias: tensor<96xf32>) {
  // expected-error@+1 {{expects up_bias of shape 8x96, but got}}
  %y = moe.expert %rows, %route gate %g : tensor<8x96x64xf32> up %up : tensor<8x96x64xf32> up_bias %up_bias : tensor<96xf32> down %d : tensor<8x64x96xf32> {activation = #moe.activation<silu>} : tensor<?x64xf32>, !moe.route<experts = 8, slots = 2, side = source> -> tensor<?x64xf32>
  return
}

// -----

func.func @expert_c2_down(%rows: tensor<?x64xf32>, %route: !moe.route<experts = 8, slots = 2, side = source>, %g: tensor<8x96x64xf32>, %d: tensor<8x64x96xf32>, %down_bias: tensor<8x96xf32>) {
  // expected-error@+1 {{expects down_bias of shape 8x64, but got}}
  %y = moe.expert %rows, %route gate %g : tensor<8x96x64xf32> down %d : tensor<8x64x96xf32> down_bias %down_bias : tensor<8x96xf32> {activation = #moe.activation<silu>} : tensor<?x64xf32>, !moe.route<experts = 8, slots = 2, side = source> -> tensor<?x64xf32>
  return
}

// -----

func.func @expert_c3(%rows: tensor<?x64xf32>, %route: !moe.route<experts = 8, slots = 2, side = source>, %g: tensor<8x96x64xf32>, %d: tensor<8x64x96xf32>) {
  // expected-error@+1 {{expects a result of the type of the rows}}
  %y = moe.expert %rows, %route gate %g : tensor<8x96x64xf32> down %d : tensor<8x64x96xf32> {activation = #moe.activation<silu>} : tensor<?x64xf32>, !moe.route<experts = 8, slots = 2, side = source> -> tensor<5x64xf32>
  return
}

// -----

func.func @expert_c4_bias(%rows: tensor<?x64xf32>, %route: !moe.route<experts = 8, slots = 2, side = source>, %g: tensor<8x96x64xf32>, %d: tensor<8x64x96xf32>, %up_bias: tensor<8x96xf32>) {
  // expected-error@+1 {{expects up beside up_bias, beta and limit, but got activation}}
  %y = moe.expert %rows, %route gate %g : tensor<8x96x64xf32> up_bias %up_bias : tensor<8x96xf32> down %d : tensor<8x64x96xf32> {activation = #moe.activation<silu>} : tensor<?x64xf32>, !moe.route<experts = 8, slots = 2, side = source> -> tensor<?x64xf32>
  return
}

// -----

func.func @expert_c4_beta(%rows: tensor<?x64xf32>, %route: !moe.route<experts = 8, slots = 2, side = source>, %g: tensor<8x96x64xf32>, %d: tensor<8x64x96xf32>) {
  // expected-error@+1 {{expects up beside up_bias, beta and limit, but got activation}}
  %y = moe.expert %rows, %route gate %g : tensor<8x96x64xf32> down %d : tensor<8x64x96xf32> {activation = #moe.activation<silu, beta = 1.0 : f64>} : tensor<?x64xf32>, !moe.route<experts = 8, slots = 2, side = source> -> tensor<?x64xf32>
  return
}

// -----

func.func @expert_c4_limit(%rows: tensor<?x64xf32>, %route: !moe.route<experts = 8, slots = 2, side = source>, %g: tensor<8x96x64xf32>, %d: tensor<8x64x96xf32>) {
  // expected-error@+1 {{expects up beside up_bias, beta and limit, but got activation}}
  %y = moe.expert %rows, %route gate %g : tensor<8x96x64xf32> down %d : tensor<8x64x96xf32> {activation = #moe.activation<silu, limit = 7.0 : f64>} : tensor<?x64xf32>, !moe.route<experts = 8, slots = 2, side = source> -> tensor<?x64xf32>
  return
}

// -----

func.func @combine_c1(%rows: tensor<?x64xf32>, %route: !moe.route<experts = 8, slots = 2, side = source>, %weights: tensor<?x3xf32>) {
  // expected-error@+1 {{expects weights of 2 slots, but got}}
  %tokens = moe.combine %rows, %route, %weights : tensor<?x64xf32>, !moe.route<experts = 8, slots = 2, side = source>, tensor<?x3xf32> -> tensor<?x64xf32>
  return
}

// -----

func.func @combine_c2(%rows: tensor<?x64xf32>, %route: !moe.route<experts = 8, slots = 2, side = source>, %weights: tensor<?x2xf32>) {
  // expected-error@+1 {{expects tokens of the width of the rows}}
  %tokens = moe.combine %rows, %route, %weights : tensor<?x64xf32>, !moe.route<experts = 8, slots = 2, side = source>, tensor<?x2xf32> -> tensor<?x32xf32>
  return
}

// -----

func.func @combine_c3(%rows: tensor<?x64xf32>, %route: !moe.route<experts = 8, slots = 2, side = owner>, %weights: tensor<?x2xf32>) {
  // expected-error@+1 {{expects a source route, but got}}
  %tokens = moe.combine %rows, %route, %weights : tensor<?x64xf32>, !moe.route<experts = 8, slots = 2, side = owner>, tensor<?x2xf32> -> tensor<?x64xf32>
  return
}

// -----

func.func @all_to_all_c1_dispatch(%rows: tensor<?x64xf32>, %route: !moe.route<experts = 8, slots = 2, side = owner>) {
  // expected-error@+1 {{expects a source route to dispatch, but got}}
  %r, %o = moe.all_to_all dispatch flat %rows, %route {layer = 0 : i64} : tensor<?x64xf32>, !moe.route<experts = 8, slots = 2, side = owner> -> tensor<?x64xf32>, !moe.route<experts = 8, slots = 2, side = source>
  return
}

// -----

func.func @all_to_all_c1_combine(%rows: tensor<?x64xf32>, %route: !moe.route<experts = 8, slots = 2, side = source>) {
  // expected-error@+1 {{expects an owner route to combine, but got}}
  %r = moe.all_to_all combine flat %rows, %route to %route {layer = 0 : i64} : tensor<?x64xf32>, !moe.route<experts = 8, slots = 2, side = source>, !moe.route<experts = 8, slots = 2, side = source> -> tensor<?x64xf32>
  return
}

// -----

func.func @all_to_all_c1_no_result(%rows: tensor<?x64xf32>, %route: !moe.route<experts = 8, slots = 2, side = source>) {
  // expected-error@+1 {{expects an owner route as a result of dispatch, and no `to`}}
  %r = moe.all_to_all dispatch flat %rows, %route {layer = 0 : i64} : tensor<?x64xf32>, !moe.route<experts = 8, slots = 2, side = source> -> tensor<?x64xf32>
  return
}

// -----

func.func @all_to_all_c1_no_to(%rows: tensor<?x64xf32>, %route: !moe.route<experts = 8, slots = 2, side = owner>) {
  // expected-error@+1 {{expects a source route `to` go back to as an operand of combine, and no route as a result}}
  %r = moe.all_to_all combine flat %rows, %route {layer = 0 : i64} : tensor<?x64xf32>, !moe.route<experts = 8, slots = 2, side = owner> -> tensor<?x64xf32>
  return
}

// -----

func.func @all_to_all_c1_same_side(%rows: tensor<?x64xf32>, %route: !moe.route<experts = 8, slots = 2, side = source>) {
  // expected-error@+1 {{expects the other route to be of the other side, but got}}
  %r, %o = moe.all_to_all dispatch flat %rows, %route {layer = 0 : i64} : tensor<?x64xf32>, !moe.route<experts = 8, slots = 2, side = source> -> tensor<?x64xf32>, !moe.route<experts = 8, slots = 2, side = source>
  return
}

// -----

func.func @all_to_all_c2(%rows: tensor<?x64xf32>, %route: !moe.route<experts = 8, slots = 2, side = source>) {
  // expected-error@+1 {{expects routes of equal experts and slots, but got}}
  %r, %o = moe.all_to_all dispatch flat %rows, %route {layer = 0 : i64} : tensor<?x64xf32>, !moe.route<experts = 8, slots = 2, side = source> -> tensor<?x64xf32>, !moe.route<experts = 4, slots = 2, side = owner>
  return
}

// -----

func.func @all_to_all_c3(%rows: tensor<?x64xf32>, %route: !moe.route<experts = 8, slots = 2, side = source>) {
  // expected-error@+1 {{expects rows to keep element type and width, but got}}
  %r, %o = moe.all_to_all dispatch flat %rows, %route {layer = 0 : i64} : tensor<?x64xf32>, !moe.route<experts = 8, slots = 2, side = source> -> tensor<?x64xf16>, !moe.route<experts = 8, slots = 2, side = owner>
  return
}

// -----

// all_gather_c1
func.func @all_gather_width(%tokens: tensor<?x64xf32>, %n: index) {
  // expected-error @below {{expects rows to keep element type and width, but got 'tensor<?x64xf32>' and 'tensor<?x32xf32>'}}
  %all = moe.all_gather %tokens total %n {layer = 0 : i64} : tensor<?x64xf32> -> tensor<?x32xf32>
  return
}

// -----

// fused_gate_c1
func.func @fused_gate_route(%logits: tensor<?x8xf32>, %n: index) {
  // expected-error @below {{expects ids and weights of one shape and a source route of 8 experts and 2 slots, but got 'tensor<?x2xi32>', 'tensor<?x2xf32>' and '!moe.route<experts = 4, slots = 2, side = source>'}}
  %ids, %weights, %route = moe.fused_gate %logits tokens %n, %n {gating = #moe.gating<>, layer = 0 : i64}
    : tensor<?x8xf32> -> tensor<?x2xi32>, tensor<?x2xf32>, !moe.route<experts = 4, slots = 2, side = source>
  return
}

// -----

// fused_gate_c3
func.func @fused_gate_mix(%logits: tensor<?x8xf32>, %n: index) {
  // expected-error@+1 {{expects mix beside order mix_then_select}}
  %i, %w, %r = moe.fused_gate %logits tokens %n, %n {gating = #moe.gating<order = mix_then_select>, layer = 0 : i64}
    : tensor<?x8xf32> -> tensor<?x2xi32>, tensor<?x2xf32>, !moe.route<experts = 8, slots = 2, side = source>
  return
}

// -----

// fused_gate_c2
func.func @fused_gate_capacity(%logits: tensor<?x8xf32>, %n: index) {
  // expected-error @below {{expects capacity and drop together}}
  %ids, %weights, %route = moe.fused_gate %logits tokens %n, %n capacity %n {gating = #moe.gating<>, layer = 0 : i64}
    : tensor<?x8xf32> -> tensor<?x2xi32>, tensor<?x2xf32>, !moe.route<experts = 8, slots = 2, side = source>
  return
}

// -----

// fused_gate_c4
func.func @fused_gate_group(%logits: tensor<?x8xf32>, %n: index) {
  // expected-error @below {{expects group beside a capacity alone}}
  %ids, %weights, %route = moe.fused_gate %logits tokens %n, %n group %n {gating = #moe.gating<>, layer = 0 : i64}
    : tensor<?x8xf32> -> tensor<?x2xi32>, tensor<?x2xf32>, !moe.route<experts = 8, slots = 2, side = source>
  return
}

// -----

// permute_c1
func.func @permute_side(%tokens: tensor<?x64xf32>, %route: !moe.route<experts = 8, slots = 2, side = owner>) {
  // expected-error @below {{expects a source route, but got '!moe.route<experts = 8, slots = 2, side = owner>'}}
  %rows = moe.permute %tokens, %route {layer = 0 : i64} : tensor<?x64xf32>, !moe.route<experts = 8, slots = 2, side = owner> -> tensor<?x64xf32>
  return
}

// -----

// permute_c2
func.func @permute_weights(%tokens: tensor<?x64xf32>, %weights: tensor<?x1xf32>, %route: !moe.route<experts = 8, slots = 2, side = source>) {
  // expected-error @below {{expects weights of the 2 slots of the tokens 'tensor<?x64xf32>', but got 'tensor<?x1xf32>'}}
  %rows = moe.permute %tokens, %route weights %weights : tensor<?x1xf32> {layer = 0 : i64} : tensor<?x64xf32>, !moe.route<experts = 8, slots = 2, side = source> -> tensor<?x64xf32>
  return
}

// -----

// exchange_counts_c1
func.func @exchange_counts_experts(%route: !moe.route<experts = 8, slots = 2, side = source>) {
  // expected-error @below {{expects a source and an owner route of equal experts and slots, but got '!moe.route<experts = 8, slots = 2, side = source>' and '!moe.route<experts = 4, slots = 2, side = owner>'}}
  %owner = moe.exchange_counts %route {layer = 0 : i64}
    : !moe.route<experts = 8, slots = 2, side = source> -> !moe.route<experts = 4, slots = 2, side = owner>
  return
}

// -----

// exchange_rows_c1
func.func @exchange_rows_side(%rows: tensor<?x64xf32>, %route: !moe.route<experts = 8, slots = 2, side = source>) {
  // expected-error @below {{expects a source and an owner route of equal experts and slots}}
  %there = moe.exchange_rows %rows, %route, %route {layer = 0 : i64}
    : tensor<?x64xf32>, !moe.route<experts = 8, slots = 2, side = source>, !moe.route<experts = 8, slots = 2, side = source> -> tensor<?x64xf32>
  return
}

// -----

// return_rows_c1
func.func @return_rows_side(%rows: tensor<?x64xf32>, %route: !moe.route<experts = 8, slots = 2, side = source>) {
  // expected-error @below {{expects a source and an owner route of equal experts and slots}}
  %back = moe.return_rows %rows, %route, %route {layer = 0 : i64}
    : tensor<?x64xf32>, !moe.route<experts = 8, slots = 2, side = source>, !moe.route<experts = 8, slots = 2, side = source> -> tensor<?x64xf32>
  return
}
