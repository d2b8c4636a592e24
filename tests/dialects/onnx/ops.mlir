// RUN: moe-opt %s --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @nodes
func.func @nodes(%a: tensor<?x4xf32>, %condition: tensor<i1>) -> (tensor<?x4xf32>, !onnx.unknown, !onnx.opaque<"seq(tensor(float))">) {
  // CHECK: %[[NONE:.*]] = onnx.none
  %none = onnx.none
  // CHECK: onnx.node "ai.onnx::Clip"(%{{.*}}, %[[NONE]])
  %clip = onnx.node "ai.onnx::Clip"(%a, %none) {name = "/clip", version = 13 : i64} : (tensor<?x4xf32>, !onnx.none) -> tensor<?x4xf32>
  // CHECK: onnx.node "com.example::Anything"{{.*}}node_attributes = {k = 2 : i64}
  %any = onnx.node "com.example::Anything"(%clip) {node_attributes = {k = 2 : i64}, version = 1 : i64} : (tensor<?x4xf32>) -> !onnx.unknown
  %sequence = onnx.node "ai.onnx::SequenceConstruct"(%clip) {version = 11 : i64} : (tensor<?x4xf32>) -> !onnx.opaque<"seq(tensor(float))">
  // CHECK: graph_names = ["then_branch", "else_branch"]
  // CHECK: onnx.yield
  %if = onnx.node "ai.onnx::If"(%condition) {graph_names = ["then_branch", "else_branch"], version = 21 : i64} graphs {
    onnx.yield %clip : tensor<?x4xf32>
  }, {
    onnx.yield %a : tensor<?x4xf32>
  } : (tensor<i1>) -> tensor<?x4xf32>
  return %if, %any, %sequence : tensor<?x4xf32>, !onnx.unknown, !onnx.opaque<"seq(tensor(float))">
}
