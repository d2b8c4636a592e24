// RUN: moe-opt %s --split-input-file --verify-diagnostics --moe-distribute-experts | FileCheck %s

!route = !moe.route<experts = 4, slots = 2, side = source>

// CHECK: rt.weight per_expert @fc1 :
// CHECK: rt.weight @shared :
// CHECK: rt.weight per_expert @shared.layer0 :
rt.weight @fc1 : tensor<4x32x16xf32> = #rt.source<"m", 0, 8192, raw> : tensor<4x32x16xf32>
rt.weight @shared : tensor<4x16x32xf32> = #rt.source<"m", 8192, 8192, raw> : tensor<4x16x32xf32>

// CHECK-LABEL: @layer
// CHECK-SAME: (%[[X:.*]]: tensor<?x16xf32>, %[[IDS:.*]]: tensor<?x2xi32>, %[[WEIGHTS:.*]]: tensor<?x2xf32>)
func.func @layer(%x: tensor<?x16xf32>, %ids: tensor<?x2xi32>, %weights: tensor<?x2xf32>) -> (tensor<?x16xf32>, tensor<4x16x32xf32>) {
  %w1 = rt.weight_ref @fc1 : tensor<4x32x16xf32>
  %w2 = rt.weight_ref @shared : tensor<4x16x32xf32>
  // CHECK: %[[T:.*]] = tensor.dim %[[X]]
  // CHECK: %[[FIRST:.*]], %[[COUNT:.*]] = rt.token_share %[[T]]
  // CHECK: %[[X0:.*]] = tensor.extract_slice %[[X]][%[[FIRST]], 0] [%[[COUNT]], 16]
  // CHECK: %[[IDS0:.*]] = tensor.extract_slice %[[IDS]][%[[FIRST]], 0] [%[[COUNT]], 2]
  // CHECK: %[[ROWS:.*]], %[[ROUTE:.*]] = moe.dispatch %[[X0]], %[[IDS0]]
  // CHECK: %[[THERE:.*]], %[[OWNER:.*]] = moe.all_to_all dispatch flat %[[ROWS]], %[[ROUTE]] {layer = 0 : i64}
  %rows, %route = moe.dispatch %x, %ids : tensor<?x16xf32>, tensor<?x2xi32> -> tensor<?x16xf32>, !route
  // CHECK: %[[W2:.*]] = rt.weight_ref @shared.layer0
  // CHECK: %[[Y:.*]] = moe.expert %[[THERE]], %[[OWNER]] gate %{{.*}} down %[[W2]] {{.*}}moe.layer = 0
  %y = moe.expert %rows, %route gate %w1 : tensor<4x32x16xf32> down %w2 : tensor<4x16x32xf32> {activation = #moe.activation<relu>}
    : tensor<?x16xf32>, !route -> tensor<?x16xf32>
  // CHECK: %[[BACK:.*]] = moe.all_to_all combine flat %[[Y]], %[[OWNER]] to %[[ROUTE]] {layer = 0 : i64}
  // CHECK: %[[WEIGHTS0:.*]] = tensor.extract_slice %[[WEIGHTS]][%[[FIRST]], 0] [%[[COUNT]], 2]
  // CHECK: %[[SUM:.*]] = moe.combine %[[BACK]], %[[ROUTE]], %[[WEIGHTS0]]
  // CHECK: moe.all_gather %[[SUM]] total %[[T]] {layer = 0 : i64}
  %z = moe.combine %y, %route, %weights : tensor<?x16xf32>, !route, tensor<?x2xf32> -> tensor<?x16xf32>
  return %z, %w2 : tensor<?x16xf32>, tensor<4x16x32xf32>
}

// -----

!route = !moe.route<experts = 4, slots = 2, side = source>

// Weights of a dispatch are divided with its tokens.
rt.weight @fc1 : tensor<4x32x16xf32> = #rt.source<"m", 0, 8192, raw> : tensor<4x32x16xf32>
rt.weight @fc2 : tensor<4x16x32xf32> = #rt.source<"m", 8192, 8192, raw> : tensor<4x16x32xf32>

// CHECK-LABEL: @weighed
func.func @weighed(%x: tensor<?x16xf32>, %ids: tensor<?x2xi32>, %weights: tensor<?x2xf32>) -> tensor<?x16xf32> {
  %w1 = rt.weight_ref @fc1 : tensor<4x32x16xf32>
  %w2 = rt.weight_ref @fc2 : tensor<4x16x32xf32>
  // CHECK: %[[FIRST:.*]], %[[COUNT:.*]] = rt.token_share
  // CHECK: %[[WEIGHTS0:.*]] = tensor.extract_slice %arg2[%[[FIRST]], 0] [%[[COUNT]], 2]
  // CHECK: moe.dispatch %{{.*}}, %{{.*}} weights %[[WEIGHTS0]] : tensor<?x2xf32>
  %rows, %route = moe.dispatch %x, %ids weights %weights : tensor<?x2xf32> : tensor<?x16xf32>, tensor<?x2xi32> -> tensor<?x16xf32>, !route
  %y = moe.expert %rows, %route gate %w1 : tensor<4x32x16xf32> down %w2 : tensor<4x16x32xf32> {activation = #moe.activation<relu>}
    : tensor<?x16xf32>, !route -> tensor<?x16xf32>
  // CHECK: %[[SUM:.*]] = moe.combine %{{.*}}, %{{.*}} : tensor<?x16xf32>, {{.*}} -> tensor<?x16xf32>
  // CHECK: moe.all_gather %[[SUM]]
  %z = moe.combine %y, %route : tensor<?x16xf32>, !route -> tensor<?x16xf32>
  return %z : tensor<?x16xf32>
}

// -----

!route = !moe.route<experts = 4, slots = 2, side = source>

func.func @no_expert(%x: tensor<?x16xf32>, %ids: tensor<?x2xi32>) -> tensor<?x16xf32> {
  // expected-error @below {{expects its rows to go to one moe.expert and from there to one moe.combine, by its own route}}
  %rows, %route = moe.dispatch %x, %ids : tensor<?x16xf32>, tensor<?x2xi32> -> tensor<?x16xf32>, !route
  return %rows : tensor<?x16xf32>
}

// -----

!route = !moe.route<experts = 4, slots = 2, side = source>

func.func @computed_weight(%x: tensor<?x16xf32>, %ids: tensor<?x2xi32>, %weights: tensor<?x2xf32>, %w1: tensor<4x32x16xf32>,
                           %w2: tensor<4x16x32xf32>) -> tensor<?x16xf32> {
  %rows, %route = moe.dispatch %x, %ids : tensor<?x16xf32>, tensor<?x2xi32> -> tensor<?x16xf32>, !route
  // expected-error @below {{of layer 0 expects its weights to be rt.weight_ref, but operand 2 is computed; fold its producer into the recipe of a weight}}
  %y = moe.expert %rows, %route gate %w1 : tensor<4x32x16xf32> down %w2 : tensor<4x16x32xf32> {activation = #moe.activation<relu>}
    : tensor<?x16xf32>, !route -> tensor<?x16xf32>
  %z = moe.combine %y, %route, %weights : tensor<?x16xf32>, !route, tensor<?x2xf32> -> tensor<?x16xf32>
  return %z : tensor<?x16xf32>
}
