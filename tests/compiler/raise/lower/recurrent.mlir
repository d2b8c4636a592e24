// RUN: moe-opt %s --moe-lower-onnx | FileCheck %s

// Recurrent layers: one kernel, also for results that the node leaves out.
// CHECK-LABEL: func.func @main(
func.func @main(%t: index {rt.dim = "t"}, %x: tensor<?x2x6xf32> {rt.name = "x", rt.shape = ["t", 2, 6]}, %w: tensor<2x16x6xf32> {rt.name = "w", rt.shape = [2, 16, 6]},
                %r: tensor<2x16x4xf32> {rt.name = "r", rt.shape = [2, 16, 4]}, %v: tensor<1x12x6xf32> {rt.name = "v", rt.shape = [1, 12, 6]},
                %s: tensor<1x12x4xf32> {rt.name = "s", rt.shape = [1, 12, 4]}, %p: tensor<1x4x6xf32> {rt.name = "p", rt.shape = [1, 4, 6]}, %q: tensor<1x4x4xf32> {rt.name = "q", rt.shape = [1, 4, 4]},
                %b: tensor<2x?x6xf32> {rt.name = "b", rt.shape = [2, "t", 6]})
    -> (tensor<?x2x2x4xf32>, tensor<2x2x4xf32>, tensor<?x1x2x4xf32>, tensor<2x?x1x4xf32>) {
  // CHECK: %[[A:.*]] = arith.constant dense<[0, 1, 1, 0, 1, 1]> : tensor<6xi64>
  // CHECK: nn.operator "recurrent"({{.*}}%[[A]]) {{.*}}clip = 3.0{{.*}}direction = 2 : i64, kind = 2 : i64{{.*}} -> (tensor<?x2x2x4xf32>, tensor<2x2x4xf32>, tensor<2x2x4xf32>, tensor<2x2x16xf32>)
  %0:2 = onnx.node "ai.onnx::LSTM"(%x, %w, %r) {node_attributes = {direction = "bidirectional", clip = 3.0 : f32}, version = 22 : i64} : (tensor<?x2x6xf32>, tensor<2x16x6xf32>, tensor<2x16x4xf32>) -> (tensor<?x2x2x4xf32>, tensor<2x2x4xf32>)
  // CHECK: nn.operator "recurrent"{{.*}}kind = 1 : i64, linear_before_reset = 1 : i64
  %1 = onnx.node "ai.onnx::GRU"(%x, %v, %s) {node_attributes = {linear_before_reset = 1 : i64}, version = 22 : i64} : (tensor<?x2x6xf32>, tensor<1x12x6xf32>, tensor<1x12x4xf32>) -> tensor<?x1x2x4xf32>
  // CHECK: %[[F:.*]] = arith.constant dense<2> : tensor<3xi64>
  // CHECK: nn.operator "recurrent"({{.*}}%[[F]]) {{.*}}batch_first = 1 : i64{{.*}}direction = 1 : i64{{.*}} -> (tensor<2x?x1x4xf32>, tensor<2x1x4xf32>
  %2 = onnx.node "ai.onnx::RNN"(%b, %p, %q) {node_attributes = {activations = ["Relu"], direction = "reverse", layout = 1 : i64}, version = 22 : i64} : (tensor<2x?x6xf32>, tensor<1x4x6xf32>, tensor<1x4x4xf32>) -> tensor<2x?x1x4xf32>
  return %0#0, %0#1, %1, %2 : tensor<?x2x2x4xf32>, tensor<2x2x4xf32>, tensor<?x1x2x4xf32>, tensor<2x?x1x4xf32>
}
