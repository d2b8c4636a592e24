// RUN: moe-opt %s --split-input-file --verify-diagnostics --moe-lower-to-kernels | FileCheck %s

!source = !moe.route<experts = 4, slots = 2, side = source>
!owner = !moe.route<experts = 4, slots = 2, side = owner>

// CHECK-LABEL: @matmul
// CHECK: %[[OUT:.*]] = tensor.empty(%{{.*}}) : tensor<?x96xf32>
// CHECK: rt.kernel "matmul_panel_f32" ins(%{{.*}}, %{{.*}} : tensor<?x64xf32>, tensor<96x64xf32>) outs(%[[OUT]] : tensor<?x96xf32>)
// CHECK-SAME: integers = {n = 96 : i64}, layer = -1 : i64, op = "nn.matmul", present = array<i1: true, true, false>
func.func @matmul(%a: tensor<?x64xf32>, %w: tensor<96x64xf32>) -> tensor<?x96xf32> {
  %c = nn.matmul %a, %w : tensor<?x64xf32>, tensor<96x64xf32> -> tensor<?x96xf32>
  return %c : tensor<?x96xf32>
}

// CHECK-LABEL: @broadcast
// CHECK: %[[N:.*]] = tensor.dim %arg0, %{{.*}} : tensor<?x4x?x8xf32>
// CHECK: tensor.empty(%[[N]], %{{.*}}, %{{.*}}) : tensor<?x4x?x?xf32>
// CHECK: rt.kernel "batch_matmul_f32"
func.func @broadcast(%a: tensor<?x4x?x8xf32>, %b: tensor<4x8x?xf32>) -> tensor<?x4x?x?xf32> {
  %c = nn.batch_matmul %a, %b : tensor<?x4x?x8xf32>, tensor<4x8x?xf32> -> tensor<?x4x?x?xf32>
  return %c : tensor<?x4x?x?xf32>
}

// CHECK-LABEL: @reshape
// CHECK: rt.reshape %{{.*}}[%{{.*}}] : tensor<?x?x64xf32> -> tensor<?x64xf32>
func.func @reshape(%x: tensor<?x?x64xf32>, %n: index) -> tensor<?x64xf32> {
  %y = nn.reshape %x [%n] : tensor<?x?x64xf32> -> tensor<?x64xf32>
  return %y : tensor<?x64xf32>
}

rt.weight per_expert @fc1 : tensor<4x32x16xf32> = #rt.source<"m", 0, 8192, raw> : tensor<4x32x16xf32>
rt.weight per_expert @fc2 : tensor<4x16x32xf32> = #rt.source<"m", 8192, 8192, raw> : tensor<4x16x32xf32>

// CHECK-LABEL: @layer
func.func @layer(%x: tensor<?x16xf32>, %logits: tensor<?x4xf32>, %first: index, %count: index, %total: index) -> tensor<?x16xf32> {
  // CHECK: %[[PLACEMENT:.*]] = rt.placement 0 : tensor<4xi32>
  // CHECK: %[[WORDS:.*]] = arith.muli %arg3, %c4
  // CHECK: %[[SIZE:.*]] = arith.addi %c17{{.*}}, %[[WORDS]]
  // CHECK: %[[TABLE:.*]] = tensor.empty(%[[SIZE]]) : tensor<?xi32>
  // CHECK: %[[GATE:.*]]:3 = rt.kernel "gate_f32" ins(%{{.*}}, %[[PLACEMENT]] : {{.*}}) outs(%{{.*}}, %{{.*}}, %[[TABLE]] : {{.*}}) scalars(%arg2, %arg3, %c-1{{.*}}, %c-1
  // CHECK-SAME: present = array<i1: true, false, false, true>
  %ids, %weights, %route = moe.fused_gate %logits tokens %first, %count {gating = #moe.gating<>, layer = 0 : i64}
    : tensor<?x4xf32> -> tensor<?x2xi32>, tensor<?x2xf32>, !source
  // CHECK: %[[ROWS:.*]] = rt.kernel "permute_f32" ins(%arg0, %[[GATE]]#2
  %rows = moe.permute %x, %route {layer = 0 : i64} : tensor<?x16xf32>, !source -> tensor<?x16xf32>
  // CHECK: %[[OWNER:.*]] = rt.collective "collective.exchange_counts" ins(%[[GATE]]#2
  %owner = moe.exchange_counts %route {layer = 0 : i64} : !source -> !owner
  // CHECK: %[[T:.*]] = tensor.dim %arg1
  // CHECK: %[[WORST:.*]] = arith.muli %[[T]], %c2
  // CHECK: tensor.empty(%[[WORST]]) : tensor<?x16xf32>
  // CHECK: %[[THERE:.*]] = rt.collective "collective.exchange_rows" ins(%[[ROWS]], %[[GATE]]#2, %[[OWNER]]
  %there = moe.exchange_rows %rows, %route, %owner {layer = 0 : i64} : tensor<?x16xf32>, !source, !owner -> tensor<?x16xf32>
  %w1 = rt.weight_ref @fc1 : tensor<4x32x16xf32>
  %w2 = rt.weight_ref @fc2 : tensor<4x16x32xf32>
  // CHECK-DAG: %[[W1:.*]] = rt.expert_table @fc1 : tensor<4xi64>
  // CHECK-DAG: %[[W2:.*]] = rt.expert_table @fc2 : tensor<4xi64>
  // CHECK: %[[THREADS:.*]] = rt.threads
  // CHECK: %[[WHOLE:.*]] = arith.muli %[[THREADS]], %c64
  // CHECK: %[[FILLED:.*]] = arith.minsi %[[WHOLE]], %{{.*}} : index
  // CHECK: arith.maxsi %[[THREADS]], %[[FILLED]] : index
  // CHECK: %[[Y:.*]]:2 = rt.kernel "expert_mlp_f32" ins(%[[THERE]], %[[OWNER]], %[[W1]], %[[W2]]
  // CHECK-SAME: present = array<i1: true, true, true, false, false, false, true, false>
  %y = moe.expert %there, %owner gate %w1 : tensor<4x32x16xf32> down %w2 : tensor<4x16x32xf32> {activation = #moe.activation<relu>}
    : tensor<?x16xf32>, !owner -> tensor<?x16xf32>
  // CHECK: %[[BACK:.*]] = rt.collective "collective.return_rows" ins(%[[Y]]#0, %[[OWNER]], %[[GATE]]#2
  %back = moe.return_rows %y, %owner, %route {layer = 0 : i64} : tensor<?x16xf32>, !owner, !source -> tensor<?x16xf32>
  // CHECK: %[[SUM:.*]] = rt.kernel "combine_f32" ins(%[[BACK]], %[[GATE]]#2, %[[GATE]]#1
  %sum = moe.combine %back, %route, %weights : tensor<?x16xf32>, !source, tensor<?x2xf32> -> tensor<?x16xf32>
  // CHECK: rt.collective "collective.all_gather_tokens" ins(%[[SUM]]
  %all = moe.all_gather %sum total %total {layer = 0 : i64} : tensor<?x16xf32> -> tensor<?x16xf32>
  return %all : tensor<?x16xf32>
}

// CHECK-LABEL: @weighed
func.func @weighed(%x: tensor<?x16xf32>, %logits: tensor<?x4xf32>, %first: index, %count: index) -> tensor<?x16xf32> {
  // CHECK: %[[GATE:.*]]:3 = rt.kernel "gate_f32"
  %ids, %weights, %route = moe.fused_gate %logits tokens %first, %count {gating = #moe.gating<>, layer = 0 : i64}
    : tensor<?x4xf32> -> tensor<?x2xi32>, tensor<?x2xf32>, !source
  // CHECK: %[[ROWS:.*]] = rt.kernel "permute_f32" ins(%arg0, %[[GATE]]#2, %[[GATE]]#1
  %rows = moe.permute %x, %route weights %weights : tensor<?x2xf32> {layer = 0 : i64} : tensor<?x16xf32>, !source -> tensor<?x16xf32>
  // CHECK: %[[OUT:.*]] = tensor.empty(%arg3) : tensor<?x16xf32>
  // CHECK: rt.kernel "combine_f32" ins(%[[ROWS]], %[[GATE]]#2 : {{.*}}) outs(%[[OUT]]
  // CHECK-SAME: present = array<i1: true, true, false>
  %sum = moe.combine %rows, %route : tensor<?x16xf32>, !source -> tensor<?x16xf32>
  return %sum : tensor<?x16xf32>
}

// -----

func.func @half(%x: tensor<?x8xf16>) -> tensor<?x8xf16> {
  // expected-error @+2 {{has no kernel for 'tensor<?x8xf16>'; kernels compute in f32: cast before and after}}
  // expected-error @below {{failed to legalize operation 'nn.softmax'}}
  %y = nn.softmax %x : tensor<?x8xf16>
  return %y : tensor<?x8xf16>
}

// -----

func.func @foreign_route(%rows: tensor<?x16xf32>, %route: !moe.route<experts = 4, slots = 2, side = source>,
                         %owner: !moe.route<experts = 4, slots = 2, side = owner>) -> tensor<?x16xf32> {
  // expected-error @+2 {{expects a source route of a moe.fused_gate; run moe-fuse-gating before}}
  // expected-error @below {{failed to legalize operation 'moe.exchange_rows'}}
  %there = moe.exchange_rows %rows, %route, %owner {layer = 0 : i64}
    : tensor<?x16xf32>, !moe.route<experts = 4, slots = 2, side = source>, !moe.route<experts = 4, slots = 2, side = owner> -> tensor<?x16xf32>
  return %there : tensor<?x16xf32>
}

// -----

func.func @computed_expert(%rows: tensor<?x16xf32>, %owner: !moe.route<experts = 4, slots = 2, side = owner>, %w1: tensor<4x32x16xf32>,
                           %w2: tensor<4x16x32xf32>) -> tensor<?x16xf32> {
  // expected-error @+2 {{expects its weights to be rt.weight_ref, but got}}
  // expected-error @below {{failed to legalize operation 'moe.expert'}}
  %y = moe.expert %rows, %owner gate %w1 : tensor<4x32x16xf32> down %w2 : tensor<4x16x32xf32> {activation = #moe.activation<relu>}
    : tensor<?x16xf32>, !moe.route<experts = 4, slots = 2, side = owner> -> tensor<?x16xf32>
  return %y : tensor<?x16xf32>
}
