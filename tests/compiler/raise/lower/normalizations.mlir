// RUN: moe-opt %s --split-input-file --moe-lower-onnx | FileCheck %s

// CHECK: func.func @main(%[[N:.*]]: index {{.*}}, %[[X:.*]]: tensor<?x4x8xf32> {{.*}}, %[[S:.*]]: tensor<8xf32> {{.*}}, %[[B:.*]]: tensor<8xf32> {{.*}}, %[[G:.*]]: tensor<4x8xf32>
func.func @main(%n: index {rt.dim = "n"}, %x: tensor<?x4x8xf32> {rt.name = "x", rt.shape = ["n", 4, 8]}, %s: tensor<8xf32> {rt.name = "s", rt.shape = [8]},
                %b: tensor<8xf32> {rt.name = "b", rt.shape = [8]}, %g: tensor<4x8xf32> {rt.name = "g", rt.shape = [4, 8]})
    -> (tensor<?x4x8xf32>, tensor<?x4x8xf32>, tensor<?x4x8xf32>, tensor<?x4x8xf32>) {
  // CHECK: nn.layer_norm %[[X]], %[[S]] bias %[[B]] {epsilon = 9.9999{{[0-9]*}}E-7 : f64}
  %a = onnx.node "ai.onnx::LayerNormalization"(%x, %s, %b) {node_attributes = {epsilon = 1.0e-6 : f32}, version = 17 : i64}
    : (tensor<?x4x8xf32>, tensor<8xf32>, tensor<8xf32>) -> tensor<?x4x8xf32>
  // Several axes are one, in a flat view.
  // CHECK: %[[F:.*]] = nn.reshape %[[X]][%[[N]]] : tensor<?x4x8xf32> -> tensor<?x32xf32>
  // CHECK: nn.rms_norm %[[F]], %{{.*}} : tensor<?x32xf32>, tensor<32xf32>
  // CHECK: nn.reshape
  %c = onnx.node "ai.onnx::RMSNormalization"(%x, %g) {node_attributes = {axis = 1 : i64}, version = 23 : i64} : (tensor<?x4x8xf32>, tensor<4x8xf32>) -> tensor<?x4x8xf32>
  // The fourth result is the sum that was normalised.
  // CHECK: %[[SUM:.*]] = linalg.generic {{.*}} ins(%[[X]], %[[X]]
  // CHECK: %[[R:.*]] = nn.rms_norm %[[SUM]], %[[S]] {epsilon = {{9.99+[0-9]*E-13}} : f64}
  // CHECK: return {{.*}}, %[[R]], %[[SUM]]
  %d:4 = onnx.node "com.microsoft::SkipSimplifiedLayerNormalization"(%x, %x, %s) {version = 1 : i64}
    : (tensor<?x4x8xf32>, tensor<?x4x8xf32>, tensor<8xf32>) -> (tensor<?x4x8xf32>, !onnx.none, !onnx.none, tensor<?x4x8xf32>)
  return %a, %c, %d#0, %d#3 : tensor<?x4x8xf32>, tensor<?x4x8xf32>, tensor<?x4x8xf32>, tensor<?x4x8xf32>
}

// -----

// The mean of each row, and one over its deviation, in the type that they are computed in.

// CHECK: func.func @main(%[[X:.*]]: tensor<3x8xf16>
// CHECK: %[[W:.*]] = linalg.generic {{.*}} ins(%[[X]] : tensor<3x8xf16>)
// CHECK: %[[Y:.*]] = nn.layer_norm %[[W]]
// CHECK: arith.divf
// CHECK: math.sqrt
// CHECK: %[[M:.*]] = nn.reshape %{{.*}}[] : tensor<3xf32> -> tensor<3x1xf32>
// CHECK: %[[D:.*]] = nn.reshape %{{.*}}[] : tensor<3xf32> -> tensor<3x1xf32>
// CHECK: return %{{.*}}, %[[M]], %[[D]] : tensor<3x8xf16>, tensor<3x1xf32>, tensor<3x1xf32>
func.func @main(%x: tensor<3x8xf16> {rt.name = "x", rt.shape = [3, 8]}, %s: tensor<8xf16> {rt.name = "s", rt.shape = [8]}) -> (tensor<3x8xf16>, tensor<3x1xf32>, tensor<3x1xf32>) {
  %0:3 = onnx.node "ai.onnx::LayerNormalization"(%x, %s) {version = 17 : i64} : (tensor<3x8xf16>, tensor<8xf16>) -> (tensor<3x8xf16>, tensor<3x1xf32>, tensor<3x1xf32>)
  return %0#0, %0#1, %0#2 : tensor<3x8xf16>, tensor<3x1xf32>, tensor<3x1xf32>
}
