// RUN: moe-opt %s --moe-raise-constants | FileCheck %s

// A Constant node is read as an initializer is: small ones as elements, large ones as a weight. Other forms stay nodes.

rt.weight @w : tensor<8x96x64xf32> = #rt.source<"model.onnx", 0, 196608, raw> : tensor<8x96x64xf32>

// CHECK-LABEL: func.func @main
func.func @main() -> (tensor<2xi64>, tensor<8x96x64xf32>, tensor<f32>) {
  // CHECK: %[[SMALL:.*]] = arith.constant dense<[-1, 8]> : tensor<2xi64>
  %small = onnx.node "ai.onnx::Constant"() {node_attributes = {value = dense<[-1, 8]> : tensor<2xi64>}, version = 13 : i64} : () -> tensor<2xi64>
  // CHECK: %[[LARGE:.*]] = rt.weight_ref @w : tensor<8x96x64xf32>
  %large = onnx.node "ai.onnx::Constant"() {node_attributes = {value = @w}, version = 13 : i64} : () -> tensor<8x96x64xf32>
  // CHECK: %[[NUMBER:.*]] = onnx.node "ai.onnx::Constant"
  %number = onnx.node "ai.onnx::Constant"() {node_attributes = {value_float = 1.0 : f32}, version = 13 : i64} : () -> tensor<f32>
  // CHECK: return %[[SMALL]], %[[LARGE]], %[[NUMBER]]
  return %small, %large, %number : tensor<2xi64>, tensor<8x96x64xf32>, tensor<f32>
}
