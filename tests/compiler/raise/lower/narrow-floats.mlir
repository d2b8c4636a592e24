// RUN: moe-opt %s --moe-lower-onnx | FileCheck %s

// f16 and bf16 are widened for what is computed, and the result of each node is rounded once; what is moved stays as it is.

rt.weight @w : tensor<4x6xf16> = #rt.source<"m.onnx", 0, 48, raw> : tensor<4x6xf16>

// CHECK-DAG: rt.weight @w.cast{{.*}} : tensor<6x4xf32> = #rt.step<transpose{{.*}}#rt.step<cast
// CHECK: func.func @main(%[[N:.*]]: index {{.*}}, %[[X:.*]]: tensor<?x4xf16>
func.func @main(%n: index {rt.dim = "n"}, %x: tensor<?x4xf16> {rt.name = "x", rt.shape = ["n", 4]}, %y: tensor<?x4xbf16> {rt.name = "y", rt.shape = ["n", 4]})
    -> (tensor<?x6xf16>, tensor<?x4xf16>, tensor<4x?xf16>, tensor<?xi64>) {
  %w = rt.weight_ref @w : tensor<4x6xf16>
  // CHECK: %[[WIDE:.*]] = linalg.generic {{.*}} ins(%[[X]] : tensor<?x4xf16>) outs(%{{.*}} : tensor<?x4xf32>)
  // CHECK: arith.extf %{{.*}} : f16 to f32
  // CHECK: %[[P:.*]] = nn.matmul %[[WIDE]], %{{.*}} : tensor<?x4xf32>, tensor<6x4xf32> -> tensor<?x6xf32>
  // CHECK: %[[R:.*]] = linalg.generic {{.*}} ins(%[[P]] : tensor<?x6xf32>) outs(%{{.*}} : tensor<?x6xf16>)
  // CHECK: arith.truncf %{{.*}} : f32 to f16
  %0 = onnx.node "ai.onnx::MatMul"(%x, %w) {version = 13 : i64} : (tensor<?x4xf16>, tensor<4x6xf16>) -> tensor<?x6xf16>
  // Constants are widened where they stand.
  // CHECK: arith.constant 5.000000e-01 : f32
  // CHECK: arith.mulf %{{.*}}, %{{.*}} : f32
  // CHECK: %[[H:.*]] = linalg.generic {{.*}} outs(%{{.*}} : tensor<?x4xf16>)
  // CHECK: arith.truncf
  %half = arith.constant dense<0.5> : tensor<f16>
  %1 = onnx.node "ai.onnx::Mul"(%x, %half) {version = 14 : i64} : (tensor<?x4xf16>, tensor<f16>) -> tensor<?x4xf16>
  // CHECK: linalg.transpose ins(%[[X]] : tensor<?x4xf16>)
  %2 = onnx.node "ai.onnx::Transpose"(%x) {version = 21 : i64} : (tensor<?x4xf16>) -> tensor<4x?xf16>
  // CHECK: arith.extf %{{.*}} : bf16 to f32
  // CHECK: nn.topk
  %3 = onnx.node "ai.onnx::ArgMax"(%y) {node_attributes = {axis = 1 : i64, keepdims = 0 : i64}, version = 13 : i64} : (tensor<?x4xbf16>) -> tensor<?xi64>
  // CHECK: return %[[R]], %[[H]]
  return %0, %1, %2, %3 : tensor<?x6xf16>, tensor<?x4xf16>, tensor<4x?xf16>, tensor<?xi64>
}
