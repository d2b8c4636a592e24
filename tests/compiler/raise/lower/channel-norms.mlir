// RUN: moe-opt %s --split-input-file --verify-diagnostics --moe-lower-onnx | FileCheck %s

// CHECK: func.func @main(%[[N:.*]]: index {{.*}}, %[[X:.*]]: tensor<?x6x5xf32> {{.*}}, %[[C:.*]]: tensor<6xf32>
func.func @main(%n: index {rt.dim = "n"}, %x: tensor<?x6x5xf32> {rt.name = "x", rt.shape = ["n", 6, 5]}, %c: tensor<6xf32> {rt.name = "c", rt.shape = [6]})
    -> (tensor<?x6x5xf32>, tensor<?x6x5xf32>, tensor<?x6x5xf32>, tensor<?x6x5xf32>, tensor<?x6x5xf32>) {
  // The variance is that of the places of a channel.
  // CHECK: linalg.generic {{.*}} ins(%[[X]], %{{.*}} : tensor<?x6x5xf32>, tensor<?x6x1xf32>)
  // CHECK: arith.subf
  // CHECK: math.sqrt
  // CHECK: arith.divf
  // CHECK: linalg.generic {{.*}} ins(%{{.*}}, %{{.*}}, %{{.*}} : tensor<?x6x5xf32>, tensor<1x6x1xf32>, tensor<1x6x1xf32>)
  // CHECK: %[[I:.*]] = arith.mulf
  %0 = onnx.node "ai.onnx::InstanceNormalization"(%x, %c, %c) {version = 22 : i64} : (tensor<?x6x5xf32>, tensor<6xf32>, tensor<6xf32>) -> tensor<?x6x5xf32>
  // Three channels make a group.
  // CHECK: nn.reshape %[[X]][%[[N]]] : tensor<?x6x5xf32> -> tensor<?x2x15xf32>
  // CHECK: nn.reshape %{{.*}}[%[[N]]] : tensor<?x2x15xf32> -> tensor<?x6x5xf32>
  %1 = onnx.node "ai.onnx::GroupNormalization"(%x, %c, %c) {node_attributes = {num_groups = 2 : i64}, version = 21 : i64}
    : (tensor<?x6x5xf32>, tensor<6xf32>, tensor<6xf32>) -> tensor<?x6x5xf32>
  // The learnt mean and variance are all that is needed.
  // CHECK: linalg.generic {{.*}} ins(%[[X]], %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} : tensor<?x6x5xf32>, tensor<1x6x1xf32>, tensor<1x6x1xf32>, tensor<1x6x1xf32>, tensor<1x6x1xf32>)
  %2 = onnx.node "ai.onnx::BatchNormalization"(%x, %c, %c, %c, %c) {version = 15 : i64}
    : (tensor<?x6x5xf32>, tensor<6xf32>, tensor<6xf32>, tensor<6xf32>, tensor<6xf32>) -> tensor<?x6x5xf32>
  // CHECK: linalg.generic {{.*}} ins(%[[X]], %{{.*}} : tensor<?x6x5xf32>, tensor<1x6x1xf32>)
  %3 = onnx.node "ai.onnx::MeanVarianceNormalization"(%x) {node_attributes = {axes = array<i64: 0, -1>}, version = 13 : i64} : (tensor<?x6x5xf32>) -> tensor<?x6x5xf32>
  // Nothing is divided by zero.
  // CHECK: math.absf
  // CHECK: arith.cmpf oeq
  // CHECK: arith.select
  %4 = onnx.node "ai.onnx::LpNormalization"(%x) {node_attributes = {axis = 1 : i64, p = 1 : i64}, version = 22 : i64} : (tensor<?x6x5xf32>) -> tensor<?x6x5xf32>
  return %0, %1, %2, %3, %4 : tensor<?x6x5xf32>, tensor<?x6x5xf32>, tensor<?x6x5xf32>, tensor<?x6x5xf32>, tensor<?x6x5xf32>
}

// -----

func.func @main(%x: tensor<2x6x5xf32> {rt.name = "x", rt.shape = [2, 6, 5]}, %c: tensor<6xf32> {rt.name = "c", rt.shape = [6]}, %g: tensor<2xf32> {rt.name = "g", rt.shape = [2]})
    -> (!onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown) {
  // expected-error @below {{ai.onnx::GroupNormalization version 18 is not supported: scale and bias of a whole group are not supported: convert the model to version 21}}
  %0 = onnx.node "ai.onnx::GroupNormalization"(%x, %g, %g) {node_attributes = {num_groups = 2 : i64}, version = 18 : i64} : (tensor<2x6x5xf32>, tensor<2xf32>, tensor<2xf32>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::BatchNormalization version 6 is not supported: training mode is not supported}}
  %1 = onnx.node "ai.onnx::BatchNormalization"(%x, %c, %c, %c, %c) {version = 6 : i64}
    : (tensor<2x6x5xf32>, tensor<6xf32>, tensor<6xf32>, tensor<6xf32>, tensor<6xf32>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::BatchNormalization version 7 is not supported: statistics of each place are not supported}}
  %2 = onnx.node "ai.onnx::BatchNormalization"(%x, %c, %c, %c, %c) {node_attributes = {spatial = 0 : i64}, version = 7 : i64}
    : (tensor<2x6x5xf32>, tensor<6xf32>, tensor<6xf32>, tensor<6xf32>, tensor<6xf32>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::LpNormalization version 22 is not supported: p is neither 1 nor 2}}
  %3 = onnx.node "ai.onnx::LpNormalization"(%x) {node_attributes = {p = 3 : i64}, version = 22 : i64} : (tensor<2x6x5xf32>) -> !onnx.unknown
  return %0, %1, %2, %3 : !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown
}
