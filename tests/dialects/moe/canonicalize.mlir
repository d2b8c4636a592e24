// RUN: moe-opt %s --canonicalize --split-input-file | FileCheck %s

// All groups are kept, a factor of 1 and an epsilon of 0: none of them says anything.
// CHECK-LABEL: @gate_plain
// CHECK: gating = #moe.gating<score = sigmoid, renormalize = true>
func.func @gate_plain(%logits: tensor<?x8xf32>) -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %ids, %weights = moe.gate %logits
    {gating = #moe.gating<score = sigmoid, groups = 4, groups_kept = 4, group_score = top2_sum, group_fill = negative_infinity, renormalize = true, renormalize_epsilon = 0.0 : f64, scale = 1.0 : f64>}
    : tensor<?x8xf32> -> tensor<?x2xi32>, tensor<?x2xf32>
  return %ids, %weights : tensor<?x2xi32>, tensor<?x2xf32>
}

// -----

// What says something stays.
// CHECK-LABEL: @gate_kept
// CHECK: groups = 4, groups_kept = 2, group_score = top2_sum
// CHECK-SAME: scale = 2.500000e+00
func.func @gate_kept(%logits: tensor<?x8xf32>) -> (tensor<?x2xi32>, tensor<?x2xf32>) {
  %ids, %weights = moe.gate %logits
    {gating = #moe.gating<score = sigmoid, groups = 4, groups_kept = 2, group_score = top2_sum, scale = 2.5 : f64>}
    : tensor<?x8xf32> -> tensor<?x2xi32>, tensor<?x2xf32>
  return %ids, %weights : tensor<?x2xi32>, tensor<?x2xf32>
}

// -----

// Five tokens cannot fill five seats of an expert twice.
// CHECK-LABEL: @capacity_of_all
// CHECK-SAME: %[[IDS:.*]]: tensor<5x2xi32>, %[[WEIGHTS:.*]]: tensor<5x2xf32>
// CHECK-NEXT: return %[[IDS]], %[[WEIGHTS]]
func.func @capacity_of_all(%ids: tensor<5x2xi32>, %weights: tensor<5x2xf32>) -> (tensor<5x2xi32>, tensor<5x2xf32>) {
  %seats = arith.constant 5 : index
  %i, %w = moe.capacity %ids, %weights, %seats {drop = #moe.drop<>, experts = 8 : i64} : tensor<5x2xi32>, tensor<5x2xf32>
  return %i, %w : tensor<5x2xi32>, tensor<5x2xf32>
}

// -----

// Four seats for five tokens, an unknown number of tokens, or weights that change: the capacity stays.
// CHECK-LABEL: @capacity_kept
// CHECK-COUNT-3: moe.capacity
func.func @capacity_kept(%ids: tensor<5x2xi32>, %weights: tensor<5x2xf32>, %any: tensor<?x2xi32>, %anyWeights: tensor<?x2xf32>)
    -> (tensor<5x2xi32>, tensor<5x2xf32>, tensor<?x2xi32>, tensor<5x2xf32>) {
  %four = arith.constant 4 : index
  %five = arith.constant 5 : index
  %i0, %w0 = moe.capacity %ids, %weights, %four {drop = #moe.drop<>, experts = 8 : i64} : tensor<5x2xi32>, tensor<5x2xf32>
  %i1, %w1 = moe.capacity %any, %anyWeights, %five {drop = #moe.drop<>, experts = 8 : i64} : tensor<?x2xi32>, tensor<?x2xf32>
  %i2, %w2 = moe.capacity %ids, %weights, %five {drop = #moe.drop<renormalize = true>, experts = 8 : i64} : tensor<5x2xi32>, tensor<5x2xf32>
  return %i0, %w0, %i1, %w2 : tensor<5x2xi32>, tensor<5x2xf32>, tensor<?x2xi32>, tensor<5x2xf32>
}

// -----

// Rows that travel there and straight back need not travel.
// CHECK-LABEL: @there_and_back
// CHECK-SAME: %[[ROWS:.*]]: tensor<?x64xf32>
// CHECK-NEXT: return %[[ROWS]]
func.func @there_and_back(%rows: tensor<?x64xf32>, %route: !moe.route<experts = 8, slots = 2, side = source>) -> tensor<?x64xf32> {
  %there, %owner = moe.all_to_all dispatch flat %rows, %route {layer = 0 : i64}
    : tensor<?x64xf32>, !moe.route<experts = 8, slots = 2, side = source> -> tensor<?x64xf32>, !moe.route<experts = 8, slots = 2, side = owner>
  %back = moe.all_to_all combine flat %there, %owner to %route {layer = 0 : i64}
    : tensor<?x64xf32>, !moe.route<experts = 8, slots = 2, side = owner>, !moe.route<experts = 8, slots = 2, side = source> -> tensor<?x64xf32>
  return %back : tensor<?x64xf32>
}

// -----

// Back along another route than they came: the exchange stays.
// CHECK-LABEL: @another_way_back
// CHECK-COUNT-2: moe.all_to_all
func.func @another_way_back(%rows: tensor<?x64xf32>, %route: !moe.route<experts = 8, slots = 2, side = source>,
                            %other: !moe.route<experts = 8, slots = 2, side = source>) -> tensor<?x64xf32> {
  %there, %owner = moe.all_to_all dispatch flat %rows, %route {layer = 0 : i64}
    : tensor<?x64xf32>, !moe.route<experts = 8, slots = 2, side = source> -> tensor<?x64xf32>, !moe.route<experts = 8, slots = 2, side = owner>
  %back = moe.all_to_all combine flat %there, %owner to %other {layer = 0 : i64}
    : tensor<?x64xf32>, !moe.route<experts = 8, slots = 2, side = owner>, !moe.route<experts = 8, slots = 2, side = source> -> tensor<?x64xf32>
  return %back : tensor<?x64xf32>
}
