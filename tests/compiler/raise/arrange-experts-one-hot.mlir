// One-hots of which the slots are the last dimension: a product and a sum over it.
// RUN: moe-opt %s --moe-arrange-experts | FileCheck %s
// CHECK: %[[SHARES:.*]] = onnx.node "ai.onnx::Unsqueeze"{{.*}} -> tensor<?x1x2xf32>
// CHECK: %[[WEIGHED:.*]] = onnx.node "ai.onnx::Mul"(%{{.*}}, %[[SHARES]]) {{.*}} -> tensor<?x3x2xf32>
// CHECK: onnx.node "ai.onnx::ReduceSum"(%[[WEIGHED]], {{.*}} -> tensor<?x3xf32>
module {
  func.func @main(%t: index {rt.dim = "t"}, %ids: tensor<?x1x2xi64> {rt.name = "ids", rt.shape = ["t", 1, 2]},
                  %weights: tensor<?x2xf32> {rt.name = "weights", rt.shape = ["t", 2]}) -> tensor<?x3xf32> {
    %numbers = arith.constant dense<[[0], [1], [2]]> : tensor<3x1xi64>
    %chosen = onnx.node "ai.onnx::Equal"(%ids, %numbers) {name = "chosen", version = 20 : i64} : (tensor<?x1x2xi64>, tensor<3x1xi64>) -> tensor<?x3x2xi1>
    %mask = onnx.node "ai.onnx::Cast"(%chosen) {name = "mask", node_attributes = {to = 1 : i64}, version = 20 : i64} : (tensor<?x3x2xi1>) -> tensor<?x3x2xf32>
    %y = onnx.node "ai.onnx::Einsum"(%weights, %mask) {name = "y", node_attributes = {equation = "tk,tek->te"}, version = 20 : i64} : (tensor<?x2xf32>, tensor<?x3x2xf32>) -> tensor<?x3xf32>
    return %y : tensor<?x3xf32>
  }
}
