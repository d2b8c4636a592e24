// RUN: moe-opt %s --split-input-file --verify-diagnostics --moe-pack-weights | FileCheck %s

// A constant becomes a weight; one that is read otherwise too is declared twice; an unread one is dropped.
// CHECK: rt.weight @constant : tensor<1x2x16xf32> = #rt.step<pack_panels, (#rt.inline<dense<1.000000e+00> : tensor<4x2xf32>>)>
// CHECK: rt.weight @w : tensor<6x64x16xf32> = #rt.step<pack_panels, (#rt.source<"m", 0, 24576, raw> : tensor<96x64xf32>)>
// CHECK: rt.weight @tied : tensor<96x64xf32> = #rt.source
// CHECK: rt.weight @tied.panels : tensor<6x64x16xf32> = #rt.step<pack_panels
// CHECK: rt.weight per_expert @fc1 : tensor<4x2x16x16xf32> = #rt.step<pack_panels
// CHECK-NOT: @unread
rt.weight @w : tensor<96x64xf32> = #rt.source<"m", 0, 24576, raw> : tensor<96x64xf32>
rt.weight @tied : tensor<96x64xf32> = #rt.source<"m", 24576, 24576, raw> : tensor<96x64xf32>
rt.weight per_expert @fc1 : tensor<4x32x16xf32> = #rt.source<"m", 0, 8192, raw> : tensor<4x32x16xf32>
rt.weight @unread : tensor<2xf32> = #rt.source<"m", 0, 8, raw> : tensor<2xf32>

// CHECK-LABEL: @dense
func.func @dense(%a: tensor<?x64xf32>, %b: tensor<?x2xf32>, %o: tensor<?x96xf32>, %p: tensor<?x4xf32>) -> (tensor<96x64xf32>) {
  %unread = rt.weight_ref @unread : tensor<2xf32>
  %w = rt.weight_ref @w : tensor<96x64xf32>
  %tied = rt.weight_ref @tied : tensor<96x64xf32>
  %constant = arith.constant dense<1.0> : tensor<4x2xf32>
  // CHECK: %[[W:.*]] = rt.weight_ref @w : tensor<6x64x16xf32>
  // CHECK: rt.kernel "matmul_panel_f32" ins(%{{.*}}, %[[W]]
  %0 = rt.kernel "matmul_panel_f32" ins(%a, %w : tensor<?x64xf32>, tensor<96x64xf32>) outs(%o : tensor<?x96xf32>)
    {present = array<i1: true, true, false>, integers = {n = 96 : i64}, floats = {}, op = "nn.matmul", layer = -1 : i64} -> tensor<?x96xf32>
  // CHECK: %[[TIED:.*]] = rt.weight_ref @tied.panels : tensor<6x64x16xf32>
  // CHECK: rt.kernel "matmul_panel_f32" ins(%{{.*}}, %[[TIED]]
  %1 = rt.kernel "matmul_panel_f32" ins(%a, %tied : tensor<?x64xf32>, tensor<96x64xf32>) outs(%o : tensor<?x96xf32>)
    {present = array<i1: true, true, false>, integers = {n = 96 : i64}, floats = {}, op = "nn.matmul", layer = -1 : i64} -> tensor<?x96xf32>
  // CHECK: %[[CONSTANT:.*]] = rt.weight_ref @constant : tensor<1x2x16xf32>
  // CHECK: rt.kernel "matmul_panel_f32" ins(%{{.*}}, %[[CONSTANT]]
  %2 = rt.kernel "matmul_panel_f32" ins(%b, %constant : tensor<?x2xf32>, tensor<4x2xf32>) outs(%p : tensor<?x4xf32>)
    {present = array<i1: true, true, false>, integers = {n = 4 : i64}, floats = {}, op = "nn.matmul", layer = -1 : i64} -> tensor<?x4xf32>
  return %tied : tensor<96x64xf32>
}

func.func @expert(%rows: tensor<?x16xf32>, %route: tensor<?xi32>, %workspace: tensor<?xf32>) {
  %w1 = rt.expert_table @fc1 : tensor<4xi64>
  %0:2 = rt.kernel "expert_mlp_f32" ins(%rows, %route, %w1, %w1 : tensor<?x16xf32>, tensor<?xi32>, tensor<4xi64>, tensor<4xi64>)
    outs(%rows, %workspace : tensor<?x16xf32>, tensor<?xf32>)
    {present = array<i1: true, true, true, false, false, false, true, false>, integers = {inner = 32 : i64, activation = 1 : i64}, floats = {alpha = 1.0, beta = 0.0, limit = 7.0},
     op = "moe.expert", layer = 0 : i64} -> tensor<?x16xf32>, tensor<?xf32>
  return
}

// -----

func.func @computed(%a: tensor<?x64xf32>, %w: tensor<96x64xf32>, %o: tensor<?x96xf32>) {
  // expected-error @below {{expects a weight as operand 1, but it is computed; fold its producer into the recipe of an rt.weight}}
  %0 = rt.kernel "matmul_panel_f32" ins(%a, %w : tensor<?x64xf32>, tensor<96x64xf32>) outs(%o : tensor<?x96xf32>)
    {present = array<i1: true, true, false>, integers = {n = 96 : i64}, floats = {}, op = "nn.matmul", layer = -1 : i64} -> tensor<?x96xf32>
  return
}

// -----

func.func @too_few(%a: tensor<?x64xf32>, %o: tensor<?x96xf32>) {
  // expected-error @below {{of 'matmul_panel_f32' expects 3 inputs, 1 outputs and 0 scalars, but has 1, 1 and 0}}
  %0 = rt.kernel "matmul_panel_f32" ins(%a : tensor<?x64xf32>) outs(%o : tensor<?x96xf32>)
    {present = array<i1: true>, integers = {n = 96 : i64}, floats = {}, op = "nn.matmul", layer = -1 : i64} -> tensor<?x96xf32>
  return
}
