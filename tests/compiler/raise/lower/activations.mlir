// RUN: moe-opt %s --moe-lower-onnx | FileCheck %s

// CHECK: func.func @main
func.func @main(%x: tensor<4x8xf32> {rt.name = "x", rt.shape = [4, 8]}, %b: tensor<8xf32> {rt.name = "b", rt.shape = [8]})
    -> (tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>) {
  // 1 / (1 + exp(-x))
  // CHECK: %[[M:.*]] = arith.negf
  // CHECK: %[[E:.*]] = math.exp %[[M]]
  // CHECK: %[[S:.*]] = arith.addf %{{.*}}, %[[E]]
  // CHECK: arith.divf %{{.*}}, %[[S]]
  %s = onnx.node "ai.onnx::Sigmoid"(%x) {version = 13 : i64} : (tensor<4x8xf32>) -> tensor<4x8xf32>
  // (0.5 * x) * (1 + erf(x / sqrt 2))
  // CHECK: arith.constant 1.41421354
  // CHECK: arith.divf
  // CHECK: math.erf
  // CHECK: %[[H:.*]] = arith.mulf
  // CHECK: arith.mulf %[[H]]
  %g = onnx.node "ai.onnx::Gelu"(%x) {version = 20 : i64} : (tensor<4x8xf32>) -> tensor<4x8xf32>
  // CHECK: arith.addf
  // CHECK: math.tanh
  %f = onnx.node "com.microsoft::FastGelu"(%x, %b) {version = 1 : i64} : (tensor<4x8xf32>, tensor<8xf32>) -> tensor<4x8xf32>
  // CHECK: arith.constant 1.702
  // CHECK: math.exp
  %q = onnx.node "com.microsoft::QuickGelu"(%x) {version = 1 : i64} : (tensor<4x8xf32>) -> tensor<4x8xf32>
  return %s, %g, %f, %q : tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>
}
