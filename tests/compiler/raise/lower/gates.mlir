// RUN: moe-opt %s --moe-lower-onnx --split-input-file | FileCheck %s

// CHECK-LABEL: func.func @main(
func.func @main(%x: tensor<2x3x8xf32> {rt.name = "x", rt.shape = [2, 3, 8]}, %g: tensor<2x3x1xf32> {rt.name = "g", rt.shape = [2, 3, 1]},
                %s: tensor<4xf32> {rt.name = "s", rt.shape = [4]}, %h: tensor<8xf32> {rt.name = "h", rt.shape = [8]})
    -> (tensor<2x3x8xf32>, tensor<2x3x8xf32>, tensor<2x3x8xf32>, tensor<2x3x8xf32>, tensor<2x3x8xf32>) {
  // a * sigmoid(alpha * a) * b
  // CHECK: arith.mulf %{{.*}}, %[[A:.*]] : f32
  // CHECK: math.exp
  // CHECK: %[[S:.*]] = arith.divf
  // CHECK: %[[G:.*]] = arith.mulf %[[A]], %[[S]]
  // CHECK: arith.mulf %[[G]]
  %0 = onnx.node "ai.onnx::SwiGLU"(%x, %x) {node_attributes = {alpha = 0.5 : f32}, version = 28 : i64} : (tensor<2x3x8xf32>, tensor<2x3x8xf32>) -> tensor<2x3x8xf32>
  // CHECK: arith.mulf
  // CHECK: arith.addf
  %1 = onnx.node "com.microsoft::GatedAdd"(%x, %x, %g) {version = 1 : i64} : (tensor<2x3x8xf32>, tensor<2x3x8xf32>, tensor<2x3x1xf32>) -> tensor<2x3x8xf32>
  // CHECK: nn.rms_norm {{.*}}epsilon = 1.000000e-05 : f64{{.*}} tensor<2x3x2x4xf32>
  // CHECK: math.exp
  // CHECK: arith.divf
  // CHECK: arith.mulf
  // CHECK: arith.mulf
  %2 = onnx.node "com.microsoft::GatedRMSNorm"(%x, %s, %x) {version = 1 : i64} : (tensor<2x3x8xf32>, tensor<4xf32>, tensor<2x3x8xf32>) -> tensor<2x3x8xf32>
  // scale * softplus(a + bias), and a sigmoid
  // CHECK: arith.addf
  // CHECK: math.absf
  // CHECK: math.log1p
  // CHECK: arith.mulf
  // CHECK: math.exp
  // CHECK: arith.divf
  %3:2 = onnx.node "com.microsoft::LinearAttentionGate"(%x, %h, %h, %x) {version = 1 : i64} : (tensor<2x3x8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<2x3x8xf32>) -> (tensor<2x3x8xf32>, tensor<2x3x8xf32>)
  return %0, %1, %2, %3#0, %3#1 : tensor<2x3x8xf32>, tensor<2x3x8xf32>, tensor<2x3x8xf32>, tensor<2x3x8xf32>, tensor<2x3x8xf32>
}

// -----

// The product of GatedAdd is rounded before the sum.
// CHECK-LABEL: func.func @main(
func.func @main(%x: tensor<2x8xf16> {rt.name = "x", rt.shape = [2, 8]}, %g: tensor<2x1xf16> {rt.name = "g", rt.shape = [2, 1]}) -> tensor<2x8xf16> {
  // CHECK: arith.mulf
  // CHECK: arith.truncf {{.*}} : f32 to f16
  // CHECK: arith.extf
  // CHECK: arith.addf
  // CHECK: arith.truncf
  %0 = onnx.node "com.microsoft::GatedAdd"(%x, %x, %g) {version = 1 : i64} : (tensor<2x8xf16>, tensor<2x8xf16>, tensor<2x1xf16>) -> tensor<2x8xf16>
  return %0 : tensor<2x8xf16>
}
