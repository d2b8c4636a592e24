// RUN: moe-opt %s --moe-lower-onnx | FileCheck %s

// Losses are a kernel, behind a softmax; the log-probabilities are a second result.
// CHECK-LABEL: func.func @main(
func.func @main(%n: index {rt.dim = "n"}, %x: tensor<?x4x6xf32> {rt.name = "x", rt.shape = ["n", 4, 6]}, %t: tensor<?x6xi64> {rt.name = "t", rt.shape = ["n", 6]},
                %v: tensor<4xf32> {rt.name = "v", rt.shape = [4]})
    -> (tensor<?x6xf32>, tensor<f32>, tensor<?x4x6xf32>) {
  // CHECK: nn.operator "negative_log_likelihood"({{.*}}ignored = 0 : i64, ignores = 0 : i64, reduction = 0 : i64{{.*}} -> tensor<?x6xf32>
  %0 = onnx.node "ai.onnx::NegativeLogLikelihoodLoss"(%x, %t, %v) {node_attributes = {reduction = "none"}, version = 22 : i64} : (tensor<?x4x6xf32>, tensor<?x6xi64>, tensor<4xf32>) -> tensor<?x6xf32>
  // CHECK: math.log
  // CHECK: nn.operator "negative_log_likelihood"{{.*}}ignored = -1 : i64, ignores = 1 : i64, reduction = 2 : i64{{.*}} -> tensor<f32>
  %1:2 = onnx.node "ai.onnx::SoftmaxCrossEntropyLoss"(%x, %t) {node_attributes = {ignore_index = -1 : i64}, version = 13 : i64} : (tensor<?x4x6xf32>, tensor<?x6xi64>) -> (tensor<f32>, tensor<?x4x6xf32>)
  return %0, %1#0, %1#1 : tensor<?x6xf32>, tensor<f32>, tensor<?x4x6xf32>
}
