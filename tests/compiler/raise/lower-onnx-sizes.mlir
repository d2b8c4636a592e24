// Sizes that are computed for a node, which turns out to need none of them, are computed again for another.
// RUN: moe-opt %s --moe-lower-onnx | FileCheck %s

// CHECK-LABEL: func.func @main(
// CHECK-NOT: onnx.node
// CHECK: %[[ROWS:.*]] = arith.muli %arg0, %arg1 : index
// CHECK: nn.reshape %arg2{{.}}%[[ROWS]]{{.}} :
module {
  func.func @main(%b: index {rt.dim = "b"}, %s: index {rt.dim = "s"}, %x: tensor<?x?x4xf32> {rt.name = "x", rt.shape = ["b", "s", 4]}) -> tensor<?x4xf32> {
    %sizes = arith.constant dense<[-1, 4]> : tensor<2xi64>
    %one = arith.constant dense<1> : tensor<i64>
    %axis = arith.constant dense<0> : tensor<1xi64>
    %ones = arith.constant dense<1> : tensor<1xi64>
    %rows = onnx.node "ai.onnx::Reshape"(%x, %sizes) {name = "rows", version = 17 : i64} : (tensor<?x?x4xf32>, tensor<2xi64>) -> tensor<?x4xf32>
    %shape = onnx.node "ai.onnx::Shape"(%rows) {name = "shape", version = 17 : i64} : (tensor<?x4xf32>) -> tensor<2xi64>
    %width = onnx.node "ai.onnx::Gather"(%shape, %one) {name = "width", version = 17 : i64} : (tensor<2xi64>, tensor<i64>) -> tensor<i64>
    %vector = onnx.node "ai.onnx::Unsqueeze"(%width, %axis) {name = "vector", version = 17 : i64} : (tensor<i64>, tensor<1xi64>) -> tensor<1xi64>
    %pair = onnx.node "ai.onnx::Concat"(%vector, %ones) {name = "pair", node_attributes = {axis = 0 : i64}, version = 17 : i64} : (tensor<1xi64>, tensor<1xi64>) -> tensor<2xi64>
    %rank = onnx.node "ai.onnx::Shape"(%pair) {name = "rank", version = 17 : i64} : (tensor<2xi64>) -> tensor<1xi64>
    %units = onnx.node "ai.onnx::ConstantOfShape"(%rank) {name = "units", node_attributes = {value = dense<1> : tensor<1xi64>}, version = 17 : i64} : (tensor<1xi64>) -> tensor<2xi64>
    %y = onnx.node "ai.onnx::Expand"(%rows, %units) {name = "y", version = 17 : i64} : (tensor<?x4xf32>, tensor<2xi64>) -> tensor<?x4xf32>
    return %y : tensor<?x4xf32>
  }
}
