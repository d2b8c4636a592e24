// RUN: moe-opt %s --split-input-file --verify-diagnostics --moe-describe-layers | FileCheck %s

// A layer with a capacity that is a formula, one whose capacity depends on data: it is bounded by the tokens. One with seats for each
// group, and one whose groups depend on data.
// CHECK: rt.layers = [
// CHECK-SAME: {capacity = "ceildiv(n, 4)", experts = 4 : i64, hidden = 16 : i64, index = 0 : i64, inner = 24 : i64, name = "/gate", slots = 2 : i64, tokens = "n", weights = [@w, @w]}
// CHECK-SAME: {capacity = "8", experts = 4 : i64, hidden = 16 : i64, index = 1 : i64, inner = 24 : i64, name = "", slots = 1 : i64, tokens = "8", weights = [@w, @w]}
// CHECK-SAME: {capacity = "3 * floordiv(n, max(s, 1))", experts = 4 : i64, hidden = 16 : i64, index = 2 : i64
// CHECK-SAME: {capacity = "n", experts = 4 : i64, hidden = 16 : i64, index = 3 : i64
rt.weight per_expert @w : tensor<4x24x16xf32> = #rt.source<"m", 0, 6144, raw> : tensor<4x24x16xf32>
func.func @main(%b: memref<?xf32>, %rows: memref<?x16xf32>, %route: memref<?xi32>, %data: index) {
  %n = rt.dim 0 "n"
  %s = rt.dim 1 "s"
  %c3 = arith.constant 3 : index
  %c4 = arith.constant 4 : index
  %c0 = arith.constant 0 : index
  %none = arith.constant -1 : index
  %logits = rt.slot 0 [%n] : memref<?x4xf32>
  %ids = rt.slot 1 [%n] : memref<?x2xi32>
  %weights = rt.slot 2 [%n] : memref<?x2xf32>
  %owners = rt.placement 0 : memref<4xi32>
  %capacity = arith.ceildivsi %n, %c4 : index
  %table = rt.expert_table @w : memref<4xi64>
  rt.kernel "gate_f32" ins(%logits, %owners : memref<?x4xf32>, memref<4xi32>) outs(%ids, %weights, %route : memref<?x2xi32>, memref<?x2xf32>, memref<?xi32>)
    scalars(%c0, %n, %capacity, %none)
    {present = array<i1: true, false, false, true>, integers = {score = 0 : i64, order = 0 : i64, groups = 1 : i64, groups_kept = 1 : i64, group_score = 0 : i64,
     group_fill = 0 : i64, renormalize = 1 : i64, sparse_mixer = 0 : i64, drop_priority = 0 : i64, drop_renormalize = 0 : i64},
     floats = {scale = 1.0 : f64, renormalize_epsilon = 0.0 : f64, mixer_epsilon = 0.0 : f64, drop_epsilon = 0.0 : f64}, op = "moe.gate", layer = 0 : i64} loc("/gate"("m":1:1))
  rt.kernel "expert_mlp_f32" ins(%rows, %route, %table, %table : memref<?x16xf32>, memref<?xi32>, memref<4xi64>, memref<4xi64>) outs(%rows, %b : memref<?x16xf32>, memref<?xf32>)
    {present = array<i1: true, true, true, false, false, false, true, false>, integers = {inner = 24 : i64, activation = 1 : i64},
     floats = {alpha = 1.0 : f64, beta = 0.0 : f64, limit = 7.0 : f64}, op = "moe.expert", layer = 0 : i64}
  %fixed_logits = rt.slot 3 [] : memref<8x4xf32>
  %fixed_ids = rt.slot 4 [] : memref<8x1xi32>
  %fixed_weights = rt.slot 5 [] : memref<8x1xf32>
  rt.kernel "gate_f32" ins(%fixed_logits, %owners : memref<8x4xf32>, memref<4xi32>)
    outs(%fixed_ids, %fixed_weights, %route : memref<8x1xi32>, memref<8x1xf32>, memref<?xi32>) scalars(%c0, %n, %data, %none)
    {present = array<i1: true, false, false, true>, integers = {score = 0 : i64, order = 0 : i64, groups = 1 : i64, groups_kept = 1 : i64, group_score = 0 : i64,
     group_fill = 0 : i64, renormalize = 1 : i64, sparse_mixer = 0 : i64, drop_priority = 0 : i64, drop_renormalize = 0 : i64},
     floats = {scale = 1.0 : f64, renormalize_epsilon = 0.0 : f64, mixer_epsilon = 0.0 : f64, drop_epsilon = 0.0 : f64}, op = "moe.gate", layer = 1 : i64} loc(unknown)
  rt.kernel "expert_mlp_f32" ins(%rows, %route, %table, %table : memref<?x16xf32>, memref<?xi32>, memref<4xi64>, memref<4xi64>) outs(%rows, %b : memref<?x16xf32>, memref<?xf32>)
    {present = array<i1: true, true, true, false, false, false, true, false>, integers = {inner = 24 : i64, activation = 1 : i64},
     floats = {alpha = 1.0 : f64, beta = 0.0 : f64, limit = 7.0 : f64}, op = "moe.expert", layer = 1 : i64}
  rt.kernel "gate_f32" ins(%logits, %owners : memref<?x4xf32>, memref<4xi32>) outs(%ids, %weights, %route : memref<?x2xi32>, memref<?x2xf32>, memref<?xi32>)
    scalars(%c0, %n, %c3, %s)
    {present = array<i1: true, false, false, true>, integers = {score = 0 : i64, order = 0 : i64, groups = 1 : i64, groups_kept = 1 : i64, group_score = 0 : i64,
     group_fill = 0 : i64, renormalize = 1 : i64, sparse_mixer = 0 : i64, drop_priority = 0 : i64, drop_renormalize = 0 : i64},
     floats = {scale = 1.0 : f64, renormalize_epsilon = 0.0 : f64, mixer_epsilon = 0.0 : f64, drop_epsilon = 0.0 : f64}, op = "moe.gate", layer = 2 : i64}
  rt.kernel "expert_mlp_f32" ins(%rows, %route, %table, %table : memref<?x16xf32>, memref<?xi32>, memref<4xi64>, memref<4xi64>) outs(%rows, %b : memref<?x16xf32>, memref<?xf32>)
    {present = array<i1: true, true, true, false, false, false, true, false>, integers = {inner = 24 : i64, activation = 1 : i64},
     floats = {alpha = 1.0 : f64, beta = 0.0 : f64, limit = 7.0 : f64}, op = "moe.expert", layer = 2 : i64}
  rt.kernel "gate_f32" ins(%logits, %owners : memref<?x4xf32>, memref<4xi32>) outs(%ids, %weights, %route : memref<?x2xi32>, memref<?x2xf32>, memref<?xi32>)
    scalars(%c0, %n, %c3, %data)
    {present = array<i1: true, false, false, true>, integers = {score = 0 : i64, order = 0 : i64, groups = 1 : i64, groups_kept = 1 : i64, group_score = 0 : i64,
     group_fill = 0 : i64, renormalize = 1 : i64, sparse_mixer = 0 : i64, drop_priority = 0 : i64, drop_renormalize = 0 : i64},
     floats = {scale = 1.0 : f64, renormalize_epsilon = 0.0 : f64, mixer_epsilon = 0.0 : f64, drop_epsilon = 0.0 : f64}, op = "moe.gate", layer = 3 : i64}
  rt.kernel "expert_mlp_f32" ins(%rows, %route, %table, %table : memref<?x16xf32>, memref<?xi32>, memref<4xi64>, memref<4xi64>) outs(%rows, %b : memref<?x16xf32>, memref<?xf32>)
    {present = array<i1: true, true, true, false, false, false, true, false>, integers = {inner = 24 : i64, activation = 1 : i64},
     floats = {alpha = 1.0 : f64, beta = 0.0 : f64, limit = 7.0 : f64}, op = "moe.expert", layer = 3 : i64}
  return
}

// -----

func.func @main(%logits: memref<?x4xf32>, %owners: memref<4xi32>, %ids: memref<?x1xi32>, %weights: memref<?x1xf32>, %route: memref<?xi32>) {
  %c0 = arith.constant 0 : index
  // expected-error @below {{has a number of tokens that is no formula over the dimensions}}
  rt.kernel "gate_f32" ins(%logits, %owners : memref<?x4xf32>, memref<4xi32>)
    outs(%ids, %weights, %route : memref<?x1xi32>, memref<?x1xf32>, memref<?xi32>) scalars(%c0, %c0, %c0, %c0)
    {present = array<i1: true, false, false, true>, integers = {score = 0 : i64, order = 0 : i64, groups = 1 : i64, groups_kept = 1 : i64, group_score = 0 : i64,
     group_fill = 0 : i64, renormalize = 1 : i64, sparse_mixer = 0 : i64, drop_priority = 0 : i64, drop_renormalize = 0 : i64},
     floats = {scale = 1.0 : f64, renormalize_epsilon = 0.0 : f64, mixer_epsilon = 0.0 : f64, drop_epsilon = 0.0 : f64}, op = "moe.gate", layer = 0 : i64}
  return
}

// -----

// expected-error @below {{layer 3 expects a kernel 'gate_f32' and a kernel 'expert_mlp_f32'}}
module {
  func.func @main(%rows: memref<?x16xf32>, %route: memref<?xi32>, %table: memref<4xi64>, %b: memref<?xf32>) {
    rt.kernel "expert_mlp_f32" ins(%rows, %route, %table, %table : memref<?x16xf32>, memref<?xi32>, memref<4xi64>, memref<4xi64>)
      outs(%rows, %b : memref<?x16xf32>, memref<?xf32>)
      {present = array<i1: true, true, true, false, false, false, true, false>, integers = {inner = 24 : i64, activation = 1 : i64},
       floats = {alpha = 1.0 : f64, beta = 0.0 : f64, limit = 7.0 : f64}, op = "moe.expert", layer = 3 : i64}
    return
  }
}

// -----

// A call whose operands are not those of its row is not read.
func.func @main(%logits: memref<?x4xf32>, %ids: memref<?x1xi32>) {
  // expected-error @below {{of 'gate_f32' expects 4 inputs, 3 outputs and 4 scalars, but has 1, 1 and 0}}
  rt.kernel "gate_f32" ins(%logits : memref<?x4xf32>) outs(%ids : memref<?x1xi32>)
    {present = array<i1: true>, integers = {score = 0 : i64, order = 0 : i64, groups = 1 : i64, groups_kept = 1 : i64, group_score = 0 : i64,
     group_fill = 0 : i64, renormalize = 1 : i64, sparse_mixer = 0 : i64, drop_priority = 0 : i64, drop_renormalize = 0 : i64},
     floats = {scale = 1.0 : f64, renormalize_epsilon = 0.0 : f64, mixer_epsilon = 0.0 : f64, drop_epsilon = 0.0 : f64}, op = "moe.gate", layer = 0 : i64}
  return
}

// -----

func.func @main(%rows: memref<?xf32>, %route: memref<?xi32>, %table: memref<4xi64>, %b: memref<?xf32>) {
  // expected-error @below {{of 'expert_mlp_f32' expects 'rows' to be a buffer of rank 2 with a static row, but got 'memref<?xf32>'}}
  rt.kernel "expert_mlp_f32" ins(%rows, %route, %table, %table : memref<?xf32>, memref<?xi32>, memref<4xi64>, memref<4xi64>)
    outs(%rows, %b : memref<?xf32>, memref<?xf32>)
    {present = array<i1: true, true, true, false, false, false, true, false>, integers = {inner = 24 : i64, activation = 1 : i64},
     floats = {alpha = 1.0 : f64, beta = 0.0 : f64, limit = 7.0 : f64}, op = "moe.expert", layer = 0 : i64}
  return
}
