// RUN: moe-opt %s --moe-lower-onnx | FileCheck %s

// Normalisations over channels are sums and elementwise arithmetic; losses are a kernel behind a softmax.
// CHECK-LABEL: func.func @main(
func.func @main(%n: index {rt.dim = "n"}, %x: tensor<?x4x6xf32> {rt.name = "x", rt.shape = ["n", 4, 6]}, %h: tensor<2x4x6xf16> {rt.name = "h", rt.shape = [2, 4, 6]},
                %v: tensor<4xf32> {rt.name = "v", rt.shape = [4]}, %g: tensor<2xf32> {rt.name = "g", rt.shape = [2]}, %t: tensor<?x6xi64> {rt.name = "t", rt.shape = ["n", 6]})
    -> (tensor<?x4x6xf32>, tensor<?x4x6xf32>, tensor<?x4x6xf32>, tensor<2x4x6xf16>, tensor<?x4x6xf32>, tensor<f32>, tensor<?x4x6xf32>) {
  // CHECK: %[[E:.*]] = arith.constant 1.000000e-03 : f32
  // CHECK: math.sqrt
  // CHECK: arith.divf
  %0 = onnx.node "ai.onnx::BatchNormalization"(%x, %v, %v, %v, %v) {node_attributes = {epsilon = 0.001 : f32}, version = 15 : i64} : (tensor<?x4x6xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<?x4x6xf32>
  %1 = onnx.node "ai.onnx::InstanceNormalization"(%x, %v, %v) {version = 22 : i64} : (tensor<?x4x6xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<?x4x6xf32>
  // Before version 21 a scale stands for a group of channels.
  // CHECK: nn.reshape %{{.*}} : tensor<?x4x6xf32> -> tensor<?x2x12xf32>
  // CHECK: nn.reshape %{{.*}} : tensor<?x2x12xf32> -> tensor<?x4x6xf32>
  %2 = onnx.node "ai.onnx::GroupNormalization"(%x, %g, %g) {node_attributes = {num_groups = 2 : i64}, version = 18 : i64} : (tensor<?x4x6xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<?x4x6xf32>
  // Narrow floats are normalised in f32.
  // CHECK: arith.extf
  // CHECK: arith.truncf
  %3 = onnx.node "ai.onnx::LpNormalization"(%h) {node_attributes = {axis = 1 : i64, p = 1 : i64}, version = 22 : i64} : (tensor<2x4x6xf16>) -> tensor<2x4x6xf16>
  %4 = onnx.node "ai.onnx::MeanVarianceNormalization"(%x) {node_attributes = {axes = array<i64: 0, 2>}, version = 13 : i64} : (tensor<?x4x6xf32>) -> tensor<?x4x6xf32>
  // CHECK: math.log
  // CHECK: nn.operator "negative_log_likelihood"{{.*}}ignored = -1 : i64, ignores = 1 : i64, reduction = 2 : i64{{.*}} -> tensor<f32>
  %5:2 = onnx.node "ai.onnx::SoftmaxCrossEntropyLoss"(%x, %t) {node_attributes = {ignore_index = -1 : i64}, version = 13 : i64} : (tensor<?x4x6xf32>, tensor<?x6xi64>) -> (tensor<f32>, tensor<?x4x6xf32>)
  return %0, %1, %2, %3, %4, %5#0, %5#1 : tensor<?x4x6xf32>, tensor<?x4x6xf32>, tensor<?x4x6xf32>, tensor<2x4x6xf16>, tensor<?x4x6xf32>, tensor<f32>, tensor<?x4x6xf32>
}
