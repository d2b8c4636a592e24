// RUN: moe-opt %s --split-input-file --verify-diagnostics --moe-fuse-gating | FileCheck %s

!route = !moe.route<experts = 4, slots = 2, side = source>

// CHECK-LABEL: @plain
func.func @plain(%x: tensor<?x16xf32>, %logits: tensor<?x4xf32>) -> (tensor<?x16xf32>, tensor<?x2xf32>) {
  // CHECK-DAG: %[[ZERO:.*]] = arith.constant 0 : index
  // CHECK: %[[IDS:.*]], %[[WEIGHTS:.*]], %[[ROUTE:.*]] = moe.fused_gate %arg1 tokens %[[ZERO]], %{{.*}} {gating = #moe.gating<>, layer = 0 : i64}
  // CHECK: %[[ROWS:.*]] = moe.permute %arg0, %[[ROUTE]] {layer = 0 : i64}
  // CHECK-NOT: moe.dispatch
  // CHECK: return %[[ROWS]], %[[WEIGHTS]]
  %ids, %weights = moe.gate %logits {gating = #moe.gating<>} : tensor<?x4xf32> -> tensor<?x2xi32>, tensor<?x2xf32>
  %rows, %route = moe.dispatch %x, %ids : tensor<?x16xf32>, tensor<?x2xi32> -> tensor<?x16xf32>, !route
  return %rows, %weights : tensor<?x16xf32>, tensor<?x2xf32>
}

// CHECK-LABEL: @weighed
func.func @weighed(%x: tensor<?x16xf32>, %logits: tensor<?x4xf32>, %first: index, %count: index) -> tensor<?x16xf32> {
  // CHECK: %{{.*}}, %[[WEIGHTS:.*]], %[[ROUTE:.*]] = moe.fused_gate %arg1 tokens %arg2, %arg3
  // CHECK: %[[SHARE:.*]] = tensor.extract_slice %[[WEIGHTS]][%arg2, 0] [%arg3, 2]
  // CHECK: moe.permute %{{.*}}, %[[ROUTE]] weights %[[SHARE]] : tensor<?x2xf32> {layer = 0 : i64}
  %ids, %weights = moe.gate %logits {gating = #moe.gating<>} : tensor<?x4xf32> -> tensor<?x2xi32>, tensor<?x2xf32>
  %x0 = tensor.extract_slice %x[%first, 0] [%count, 16] [1, 1] : tensor<?x16xf32> to tensor<?x16xf32>
  %ids0 = tensor.extract_slice %ids[%first, 0] [%count, 2] [1, 1] : tensor<?x2xi32> to tensor<?x2xi32>
  %weights0 = tensor.extract_slice %weights[%first, 0] [%count, 2] [1, 1] : tensor<?x2xf32> to tensor<?x2xf32>
  %rows, %route = moe.dispatch %x0, %ids0 weights %weights0 : tensor<?x2xf32> : tensor<?x16xf32>, tensor<?x2xi32> -> tensor<?x16xf32>, !route
  return %rows : tensor<?x16xf32>
}

// CHECK-LABEL: @grouped
func.func @grouped(%x: tensor<?x16xf32>, %logits: tensor<?x4xf32>, %seats: index, %group: index) -> (tensor<?x16xf32>, tensor<?x2xf32>) {
  // CHECK: moe.fused_gate %arg1 tokens %{{.*}}, %{{.*}} capacity %arg2 group %arg3 {drop = #moe.drop<>, gating = #moe.gating<>, layer = 0 : i64}
  %ids, %weights = moe.gate %logits {gating = #moe.gating<>} : tensor<?x4xf32> -> tensor<?x2xi32>, tensor<?x2xf32>
  %kept, %kept_weights = moe.capacity %ids, %weights, %seats group %group {drop = #moe.drop<>, experts = 4 : i64} : tensor<?x2xi32>, tensor<?x2xf32>
  %rows, %route = moe.dispatch %x, %kept : tensor<?x16xf32>, tensor<?x2xi32> -> tensor<?x16xf32>, !route
  return %rows, %kept_weights : tensor<?x16xf32>, tensor<?x2xf32>
}

// CHECK-LABEL: @share
func.func @share(%x: tensor<?x16xf32>, %logits: tensor<?x4xf32>, %seats: index) -> (tensor<?x16xf32>, tensor<?x2xf32>) {
  // CHECK: %[[FIRST:.*]], %[[COUNT:.*]] = rt.token_share
  // CHECK: moe.fused_gate %{{.*}} tokens %[[FIRST]], %[[COUNT]] capacity %arg2 {drop = #moe.drop<>, gating = #moe.gating<>, layer = 3 : i64}
  // CHECK-NOT: moe.gate
  // CHECK-NOT: moe.capacity
  // CHECK: moe.permute
  %ids, %weights = moe.gate %logits {gating = #moe.gating<>} : tensor<?x4xf32> -> tensor<?x2xi32>, tensor<?x2xf32>
  %kept, %kept_weights = moe.capacity %ids, %weights, %seats {drop = #moe.drop<>, experts = 4 : i64} : tensor<?x2xi32>, tensor<?x2xf32>
  %c0 = arith.constant 0 : index
  %tokens = tensor.dim %x, %c0 : tensor<?x16xf32>
  %first, %count = rt.token_share %tokens
  %x0 = tensor.extract_slice %x[%first, 0] [%count, 16] [1, 1] : tensor<?x16xf32> to tensor<?x16xf32>
  %ids0 = tensor.extract_slice %kept[%first, 0] [%count, 2] [1, 1] : tensor<?x2xi32> to tensor<?x2xi32>
  %rows, %route = moe.dispatch %x0, %ids0 : tensor<?x16xf32>, tensor<?x2xi32> -> tensor<?x16xf32>, !route
  %there, %owner = moe.all_to_all dispatch flat %rows, %route {layer = 3 : i64}
    : tensor<?x16xf32>, !route -> tensor<?x16xf32>, !moe.route<experts = 4, slots = 2, side = owner>
  return %there, %kept_weights : tensor<?x16xf32>, tensor<?x2xf32>
}

// -----

!route = !moe.route<experts = 4, slots = 2, side = source>

func.func @no_gate(%x: tensor<?x16xf32>, %ids: tensor<?x2xi32>) -> tensor<?x16xf32> {
  // expected-error @below {{expects ids of a moe.gate or a moe.capacity behind one, but got}}
  %rows, %route = moe.dispatch %x, %ids : tensor<?x16xf32>, tensor<?x2xi32> -> tensor<?x16xf32>, !route
  return %rows : tensor<?x16xf32>
}

// -----

!route = !moe.route<experts = 4, slots = 2, side = source>

func.func @other_weights(%x: tensor<?x16xf32>, %logits: tensor<?x4xf32>, %other: tensor<?x2xf32>, %seats: index) -> tensor<?x16xf32> {
  %ids, %weights = moe.gate %logits {gating = #moe.gating<>} : tensor<?x4xf32> -> tensor<?x2xi32>, tensor<?x2xf32>
  // expected-error @below {{expects the weights of the moe.gate that chose its ids}}
  %kept, %kept_weights = moe.capacity %ids, %other, %seats {drop = #moe.drop<>, experts = 4 : i64} : tensor<?x2xi32>, tensor<?x2xf32>
  %rows, %route = moe.dispatch %x, %kept : tensor<?x16xf32>, tensor<?x2xi32> -> tensor<?x16xf32>, !route
  return %rows : tensor<?x16xf32>
}

// -----

!route = !moe.route<experts = 4, slots = 2, side = source>

func.func @late_share(%x: tensor<?x16xf32>, %logits: tensor<?x4xf32>) -> tensor<?x16xf32> {
  %ids, %weights = moe.gate %logits {gating = #moe.gating<>} : tensor<?x4xf32> -> tensor<?x2xi32>, tensor<?x2xf32>
  %c0 = arith.constant 0 : index
  %c = tensor.extract %ids[%c0, %c0] : tensor<?x2xi32>
  %count = arith.index_cast %c : i32 to index
  %x0 = tensor.extract_slice %x[0, 0] [%count, 16] [1, 1] : tensor<?x16xf32> to tensor<?x16xf32>
  %ids0 = tensor.extract_slice %ids[0, 0] [%count, 2] [1, 1] : tensor<?x2xi32> to tensor<?x2xi32>
  // expected-error @below {{expects the share of its tokens to be computable before the gate}}
  %rows, %route = moe.dispatch %x0, %ids0 : tensor<?x16xf32>, tensor<?x2xi32> -> tensor<?x16xf32>, !route
  return %rows : tensor<?x16xf32>
}

// -----

!route = !moe.route<experts = 4, slots = 2, side = source>

func.func @every_second_token(%x: tensor<?x16xf32>, %logits: tensor<?x4xf32>, %first: index, %count: index, %other: index) -> tensor<?x16xf32> {
  %ids, %weights = moe.gate %logits {gating = #moe.gating<>} : tensor<?x4xf32> -> tensor<?x2xi32>, tensor<?x2xf32>
  %x0 = tensor.extract_slice %x[%first, 0] [%count, 16] [1, 1] : tensor<?x16xf32> to tensor<?x16xf32>
  %ids0 = tensor.extract_slice %ids[%first, 0] [%count, 2] [2, 1] : tensor<?x2xi32> to tensor<?x2xi32>
  // expected-error @below {{expects ids that are whole adjacent rows of the ids of all tokens}}
  %rows, %route = moe.dispatch %x0, %ids0 : tensor<?x16xf32>, tensor<?x2xi32> -> tensor<?x16xf32>, !route
  return %rows : tensor<?x16xf32>
}

// -----

!route = !moe.route<experts = 4, slots = 2, side = source>

func.func @some_slots(%x: tensor<?x16xf32>, %logits: tensor<?x4xf32>, %first: index, %count: index, %other: index) -> tensor<?x16xf32> {
  %ids, %weights = moe.gate %logits {gating = #moe.gating<>} : tensor<?x4xf32> -> tensor<?x3xi32>, tensor<?x3xf32>
  %x0 = tensor.extract_slice %x[%first, 0] [%count, 16] [1, 1] : tensor<?x16xf32> to tensor<?x16xf32>
  %ids0 = tensor.extract_slice %ids[%first, 1] [%count, 2] [1, 1] : tensor<?x3xi32> to tensor<?x2xi32>
  // expected-error @below {{expects ids that are whole adjacent rows of the ids of all tokens}}
  %rows, %route = moe.dispatch %x0, %ids0 : tensor<?x16xf32>, tensor<?x2xi32> -> tensor<?x16xf32>, !route
  return %rows : tensor<?x16xf32>
}

// -----

!route = !moe.route<experts = 4, slots = 2, side = source>

func.func @other_first(%x: tensor<?x16xf32>, %logits: tensor<?x4xf32>, %first: index, %count: index, %other: index) -> tensor<?x16xf32> {
  %ids, %weights = moe.gate %logits {gating = #moe.gating<>} : tensor<?x4xf32> -> tensor<?x2xi32>, tensor<?x2xf32>
  %x0 = tensor.extract_slice %x[%other, 0] [%count, 16] [1, 1] : tensor<?x16xf32> to tensor<?x16xf32>
  %ids0 = tensor.extract_slice %ids[%first, 0] [%count, 2] [1, 1] : tensor<?x2xi32> to tensor<?x2xi32>
  // expected-error @below {{expects tokens that are the same rows of all tokens as its ids are of theirs}}
  %rows, %route = moe.dispatch %x0, %ids0 : tensor<?x16xf32>, tensor<?x2xi32> -> tensor<?x16xf32>, !route
  return %rows : tensor<?x16xf32>
}

// -----

!route = !moe.route<experts = 4, slots = 2, side = source>

func.func @other_stride(%x: tensor<?x16xf32>, %logits: tensor<?x4xf32>, %first: index, %count: index, %other: index) -> tensor<?x16xf32> {
  %ids, %weights = moe.gate %logits {gating = #moe.gating<>} : tensor<?x4xf32> -> tensor<?x2xi32>, tensor<?x2xf32>
  %x0 = tensor.extract_slice %x[%first, 0] [%count, 16] [2, 1] : tensor<?x16xf32> to tensor<?x16xf32>
  %ids0 = tensor.extract_slice %ids[%first, 0] [%count, 2] [1, 1] : tensor<?x2xi32> to tensor<?x2xi32>
  // expected-error @below {{expects tokens that are the same rows of all tokens as its ids are of theirs}}
  %rows, %route = moe.dispatch %x0, %ids0 : tensor<?x16xf32>, tensor<?x2xi32> -> tensor<?x16xf32>, !route
  return %rows : tensor<?x16xf32>
}

// -----

!route = !moe.route<experts = 4, slots = 2, side = source>

func.func @other_weights_of_share(%x: tensor<?x16xf32>, %logits: tensor<?x4xf32>, %first: index, %count: index, %other: index) -> tensor<?x16xf32> {
  %ids, %weights = moe.gate %logits {gating = #moe.gating<>} : tensor<?x4xf32> -> tensor<?x2xi32>, tensor<?x2xf32>
  %x0 = tensor.extract_slice %x[%first, 0] [%count, 16] [1, 1] : tensor<?x16xf32> to tensor<?x16xf32>
  %ids0 = tensor.extract_slice %ids[%first, 0] [%count, 2] [1, 1] : tensor<?x2xi32> to tensor<?x2xi32>
  %weights0 = tensor.extract_slice %weights[%other, 0] [%count, 2] [1, 1] : tensor<?x2xf32> to tensor<?x2xf32>
  // expected-error @below {{expects weights that are the same rows of all weights as its ids are of theirs}}
  %rows, %route = moe.dispatch %x0, %ids0 weights %weights0 : tensor<?x2xf32> : tensor<?x16xf32>, tensor<?x2xi32> -> tensor<?x16xf32>, !route
  return %rows : tensor<?x16xf32>
}
