// RUN: moe-opt %s --moe-lower-onnx --split-input-file | FileCheck %s

// Labels that are summed make a matrix product between transposes; without any the product is elementwise.

// CHECK-LABEL: func.func @main
// CHECK-SAME: %[[S:.*]]: index {rt.dim = "s"}, %[[P:.*]]: tensor<?x4xf32> {{.*}}, %[[D:.*]]: tensor<?x4x2xf32> {{.*}}, %[[X:.*]]: tensor<?x8xf32>
func.func @main(%s: index {rt.dim = "s"}, %p: tensor<?x4xf32> {rt.name = "p", rt.shape = ["s", 4]}, %d: tensor<?x4x2xf32> {rt.name = "d", rt.shape = ["s", 4, 2]},
                %x: tensor<?x8xf32> {rt.name = "x", rt.shape = ["s", 8]})
    -> (tensor<?x4x2xf32>, tensor<4x2x8xf32>, tensor<?xf32>, tensor<4x?xf32>) {
  // CHECK: %[[PR:.*]] = nn.reshape %[[P]][%[[S]]] : tensor<?x4xf32> -> tensor<?x4x1xf32>
  // CHECK: linalg.generic {{.*}} ins(%[[PR]], %[[D]]
  // CHECK: arith.mulf
  %a = onnx.node "ai.onnx::Einsum"(%p, %d) {node_attributes = {equation = "se,sec->sec"}, version = 12 : i64} : (tensor<?x4xf32>, tensor<?x4x2xf32>) -> tensor<?x4x2xf32>
  // CHECK: %[[T:.*]] = linalg.transpose ins(%[[D]] : tensor<?x4x2xf32>) {{.*}} permutation = [1, 2, 0]
  // CHECK: %[[L:.*]] = nn.reshape %[[T]][%[[S]]] : tensor<4x2x?xf32> -> tensor<1x8x?xf32>
  // CHECK: %[[R:.*]] = nn.reshape %[[X]][%[[S]]] : tensor<?x8xf32> -> tensor<1x?x8xf32>
  // CHECK: %[[M:.*]] = nn.batch_matmul %[[L]], %[[R]] : tensor<1x8x?xf32>, tensor<1x?x8xf32> -> tensor<1x8x8xf32>
  // CHECK: nn.reshape %[[M]][] : tensor<1x8x8xf32> -> tensor<4x2x8xf32>
  %b = onnx.node "ai.onnx::Einsum"(%d, %x) {node_attributes = {equation = "sec, sm -> ecm"}, version = 12 : i64} : (tensor<?x4x2xf32>, tensor<?x8xf32>) -> tensor<4x2x8xf32>
  // CHECK: nn.batch_matmul %{{.*}}, %{{.*}} : tensor<?x1x4xf32>, tensor<?x4x1xf32> -> tensor<?x1x1xf32>
  %c = onnx.node "ai.onnx::Einsum"(%p, %p) {node_attributes = {equation = "se,se->s"}, version = 12 : i64} : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?xf32>
  // CHECK: linalg.transpose ins(%[[P]]
  %e = onnx.node "ai.onnx::Einsum"(%p) {node_attributes = {equation = "se->es"}, version = 12 : i64} : (tensor<?x4xf32>) -> tensor<4x?xf32>
  return %a, %b, %c, %e : tensor<?x4x2xf32>, tensor<4x2x8xf32>, tensor<?xf32>, tensor<4x?xf32>
}

// -----

// A product with a weight takes it outputs first.

rt.weight @w : tensor<4x6x8xf32> = #rt.source<"m.onnx", 0, 768, raw> : tensor<4x6x8xf32>
// CHECK: rt.weight @{{.*}} : tensor<24x8xf32> = #rt.step<reshape
// CHECK: func.func @main(%[[X:.*]]: tensor<2x3x8xf32>
func.func @main(%x: tensor<2x3x8xf32> {rt.name = "x", rt.shape = [2, 3, 8]}) -> tensor<2x3x4x6xf32> {
  %w = rt.weight_ref @w : tensor<4x6x8xf32>
  // CHECK: %[[R:.*]] = nn.reshape %[[X]][] : tensor<2x3x8xf32> -> tensor<6x8xf32>
  // CHECK: %[[M:.*]] = nn.matmul %[[R]], %{{.*}} : tensor<6x8xf32>, tensor<24x8xf32> -> tensor<6x24xf32>
  // CHECK: nn.reshape %[[M]][] : tensor<6x24xf32> -> tensor<2x3x4x6xf32>
  %y = onnx.node "ai.onnx::Einsum"(%x, %w) {node_attributes = {equation = "bsm,hdm->bshd"}, version = 12 : i64} : (tensor<2x3x8xf32>, tensor<4x6x8xf32>) -> tensor<2x3x4x6xf32>
  return %y : tensor<2x3x4x6xf32>
}

// -----

// An ellipsis, a label that repeats, a size of 1 in a sum of products, and elements without a product of their own: one kernel, by numbered labels.
// CHECK: func.func @main(
func.func @main(%x: tensor<2x3x3xf32> {rt.name = "x", rt.shape = [2, 3, 3]}, %y: tensor<1x3x5xf32> {rt.name = "y", rt.shape = [1, 3, 5]},
                %i: tensor<3x4xi32> {rt.name = "i", rt.shape = [3, 4]}, %j: tensor<6x4x2xi32> {rt.name = "j", rt.shape = [6, 4, 2]})
    -> (tensor<2x3xf32>, tensor<2x3x5xf32>, tensor<4xi32>, tensor<6x3x2xi32>) {
  // CHECK: %[[A:.*]] = arith.constant dense<[0, 1, 0, 1, 1]> : tensor<5xi64>
  // CHECK: nn.operator "contraction"(%{{.*}}, %[[A]]) {{.*}} -> tensor<2x3xf32>
  %a = onnx.node "ai.onnx::Einsum"(%x) {node_attributes = {equation = "...ii->...i"}, version = 12 : i64} : (tensor<2x3x3xf32>) -> tensor<2x3xf32>
  // CHECK: %[[B:.*]] = arith.constant dense<[0, 1, 2, 0, 1, 3, 0, 3, 2]> : tensor<9xi64>
  // CHECK: nn.operator "contraction"(%{{.*}}, %{{.*}}, %[[B]]) {{.*}} -> tensor<2x3x5xf32>
  %b = onnx.node "ai.onnx::Einsum"(%x, %y) {node_attributes = {equation = "bnk,bkm->bnm"}, version = 12 : i64} : (tensor<2x3x3xf32>, tensor<1x3x5xf32>) -> tensor<2x3x5xf32>
  // CHECK: nn.operator "contraction"{{.*}} -> tensor<4xi32>
  %c = onnx.node "ai.onnx::Einsum"(%i) {node_attributes = {equation = "ij->j"}, version = 12 : i64} : (tensor<3x4xi32>) -> tensor<4xi32>
  // CHECK: %[[M:.*]] = arith.constant dense<[3, 1, 2, 1, 0, 3, 0, 2]> : tensor<8xi64>
  // CHECK: nn.operator "contraction"(%{{.*}}, %{{.*}}, %[[M]]) {{.*}} -> tensor<6x3x2xi32>
  %d = onnx.node "ai.onnx::MatMul"(%i, %j) {version = 13 : i64} : (tensor<3x4xi32>, tensor<6x4x2xi32>) -> tensor<6x3x2xi32>
  return %a, %b, %c, %d : tensor<2x3xf32>, tensor<2x3x5xf32>, tensor<4xi32>, tensor<6x3x2xi32>
}
