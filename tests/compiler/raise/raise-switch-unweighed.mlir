// A loop over experts over all tokens in one row; the sum is weighed as a whole (torch.onnx dynamo).
// RUN: moe-opt %s --moe-raise-switch | FileCheck %s

// CHECK-DAG: rt.weight @y.gate : tensor<2x3x4xf32> = #rt.step<stack
// CHECK: func.func @main(%[[B:.*]]: index {rt.dim = "b"}, %[[S:.*]]: index {rt.dim = "s"}, %[[X:.*]]: tensor<?x?x4xf32> {{.*}}, %[[LOGITS:.*]]: tensor<?x?x2xf32>
// CHECK: %[[SEATS:.*]] = arith.constant 2 : index
// CHECK: %[[ROWS:.*]] = nn.reshape %[[LOGITS]]
// CHECK: %[[IDS:.*]], %[[W:.*]] = moe.gate %[[ROWS]] {gating = #moe.gating<>} : tensor<?x2xf32> -> tensor<?x1xi32>, tensor<?x1xf32>
// CHECK: %[[KEPT:.*]], %[[LEFT:.*]] = moe.capacity %[[IDS]], %[[W]], %[[SEATS]] group %[[S]] {drop = #moe.drop<>, experts = 2 : i64}
// CHECK: %{{.*}}, %[[ROUTE:.*]] = moe.dispatch %{{.*}}, %[[KEPT]]
// CHECK: moe.expert %{{.*}}, %[[ROUTE]] gate %{{.*}} down %{{.*}} {activation = #moe.activation<relu>}
// CHECK: moe.combine %{{.*}}, %[[ROUTE]], %[[LEFT]]

module {
  rt.weight @w0 : tensor<4x3xf32> = #rt.source<"m.onnx", 0, 48, raw> : tensor<4x3xf32>
  rt.weight @w1 : tensor<4x3xf32> = #rt.source<"m.onnx", 0, 48, raw> : tensor<4x3xf32>
  rt.weight @v0 : tensor<3x4xf32> = #rt.source<"m.onnx", 0, 48, raw> : tensor<3x4xf32>
  rt.weight @v1 : tensor<3x4xf32> = #rt.source<"m.onnx", 0, 48, raw> : tensor<3x4xf32>
  func.func @main(%b: index {rt.dim = "b"}, %s: index {rt.dim = "s"}, %x: tensor<?x?x4xf32> {rt.name = "x", rt.shape = ["b", "s", 4]},
                  %logits: tensor<?x?x2xf32> {rt.name = "logits", rt.shape = ["b", "s", 2]}) -> tensor<?x?x4xf32> {
    %w0 = rt.weight_ref @w0 : tensor<4x3xf32>
    %v0 = rt.weight_ref @v0 : tensor<3x4xf32>
    %w1 = rt.weight_ref @w1 : tensor<4x3xf32>
    %v1 = rt.weight_ref @v1 : tensor<3x4xf32>
    %last = arith.constant dense<-1> : tensor<1xi64>
    %numbers = arith.constant dense<[0, 1]> : tensor<2xi64>
    %tokens = arith.constant dense<-2> : tensor<i64>
    %seats = arith.constant dense<2> : tensor<i64>
    %zero = arith.constant dense<0> : tensor<i64>
    %one = arith.constant dense<1> : tensor<i64>
    %nothing = arith.constant dense<0.0> : tensor<f32>
    %scores = onnx.node "ai.onnx::Softmax"(%logits) {name = "scores", node_attributes = {axis = -1 : i64}, version = 18 : i64} : (tensor<?x?x2xf32>) -> tensor<?x?x2xf32>
    %choice = onnx.node "ai.onnx::ArgMax"(%scores) {name = "choice", node_attributes = {axis = -1 : i64, keepdims = 0 : i64, select_last_index = 0 : i64}, version = 18 : i64} : (tensor<?x?x2xf32>) -> tensor<?x?xi64>
    %column = onnx.node "ai.onnx::Unsqueeze"(%choice, %last) {name = "column", version = 18 : i64} : (tensor<?x?xi64>, tensor<1xi64>) -> tensor<?x?x1xi64>
    %equal = onnx.node "ai.onnx::Equal"(%column, %numbers) {name = "equal", version = 18 : i64} : (tensor<?x?x1xi64>, tensor<2xi64>) -> tensor<?x?x2xi1>
    %chosen = onnx.node "ai.onnx::Cast"(%equal) {name = "chosen", node_attributes = {to = 7 : i64}, version = 18 : i64} : (tensor<?x?x2xi1>) -> tensor<?x?x2xi64>
    %count = onnx.node "ai.onnx::CumSum"(%chosen, %tokens) {name = "count", node_attributes = {exclusive = 0 : i64, reverse = 0 : i64}, version = 18 : i64} : (tensor<?x?x2xi64>, tensor<i64>) -> tensor<?x?x2xi64>
    %fits = onnx.node "ai.onnx::LessOrEqual"(%count, %seats) {name = "fits", version = 18 : i64} : (tensor<?x?x2xi64>, tensor<i64>) -> tensor<?x?x2xi1>
    %number = onnx.node "ai.onnx::Cast"(%fits) {name = "number", node_attributes = {to = 7 : i64}, version = 18 : i64} : (tensor<?x?x2xi1>) -> tensor<?x?x2xi64>
    %mask = onnx.node "ai.onnx::Mul"(%chosen, %number) {name = "mask", version = 18 : i64} : (tensor<?x?x2xi64>, tensor<?x?x2xi64>) -> tensor<?x?x2xi64>
    %largest = onnx.node "ai.onnx::ReduceMax"(%scores, %last) {name = "largest", node_attributes = {keepdims = 0 : i64}, version = 18 : i64} : (tensor<?x?x2xf32>, tensor<1xi64>) -> tensor<?x?xf32>
    %weights = onnx.node "ai.onnx::Unsqueeze"(%largest, %last) {name = "weights", version = 18 : i64} : (tensor<?x?xf32>, tensor<1xi64>) -> tensor<?x?x1xf32>
    %flat = arith.constant dense<[-1, 4]> : tensor<2xi64>
    %second = arith.constant dense<1> : tensor<1xi64>
    %width = arith.constant dense<4> : tensor<1xi64>
    %rows = onnx.node "ai.onnx::Reshape"(%x, %flat) {name = "rows", version = 18 : i64} : (tensor<?x?x4xf32>, tensor<2xi64>) -> tensor<?x4xf32>
    %shape = onnx.node "ai.onnx::Shape"(%rows) {name = "shape", version = 18 : i64} : (tensor<?x4xf32>) -> tensor<2xi64>
    %zeros = onnx.node "ai.onnx::Expand"(%nothing, %shape) {name = "zeros", version = 18 : i64} : (tensor<f32>, tensor<2xi64>) -> tensor<?x4xf32>
    %part0 = onnx.node "ai.onnx::Gather"(%mask, %zero) {name = "part0", node_attributes = {axis = 2 : i64}, version = 18 : i64} : (tensor<?x?x2xi64>, tensor<i64>) -> tensor<?x?xi64>
    %list0 = onnx.node "ai.onnx::Reshape"(%part0, %last) {name = "list0", version = 18 : i64} : (tensor<?x?xi64>, tensor<1xi64>) -> tensor<?xi64>
    %found0 = onnx.node "ai.onnx::NonZero"(%list0) {name = "found0", version = 18 : i64} : (tensor<?xi64>) -> tensor<1x?xi64>
    %where0 = onnx.node "ai.onnx::Transpose"(%found0) {name = "where0", node_attributes = {perm = array<i64: 1, 0>}, version = 18 : i64} : (tensor<1x?xi64>) -> tensor<?x1xi64>
    %token0 = onnx.node "ai.onnx::Squeeze"(%where0, %second) {name = "token0", version = 18 : i64} : (tensor<?x1xi64>, tensor<1xi64>) -> tensor<?xi64>
    %taken0 = onnx.node "ai.onnx::Gather"(%rows, %token0) {name = "taken0", node_attributes = {axis = 0 : i64}, version = 18 : i64} : (tensor<?x4xf32>, tensor<?xi64>) -> tensor<?x4xf32>
    %up0 = onnx.node "ai.onnx::MatMul"(%taken0, %w0) {name = "up0", version = 18 : i64} : (tensor<?x4xf32>, tensor<4x3xf32>) -> tensor<?x3xf32>
    %relu0 = onnx.node "ai.onnx::Relu"(%up0) {name = "relu0", version = 18 : i64} : (tensor<?x3xf32>) -> tensor<?x3xf32>
    %down0 = onnx.node "ai.onnx::MatMul"(%relu0, %v0) {name = "down0", version = 18 : i64} : (tensor<?x3xf32>, tensor<3x4xf32>) -> tensor<?x4xf32>
    %at0 = onnx.node "ai.onnx::Unsqueeze"(%token0, %last) {name = "at0", version = 18 : i64} : (tensor<?xi64>, tensor<1xi64>) -> tensor<?x1xi64>
    %sum0 = onnx.node "ai.onnx::ScatterND"(%zeros, %at0, %down0) {name = "sum0", node_attributes = {reduction = "add"}, version = 18 : i64} : (tensor<?x4xf32>, tensor<?x1xi64>, tensor<?x4xf32>) -> tensor<?x4xf32>
    %part1 = onnx.node "ai.onnx::Gather"(%mask, %one) {name = "part1", node_attributes = {axis = 2 : i64}, version = 18 : i64} : (tensor<?x?x2xi64>, tensor<i64>) -> tensor<?x?xi64>
    %list1 = onnx.node "ai.onnx::Reshape"(%part1, %last) {name = "list1", version = 18 : i64} : (tensor<?x?xi64>, tensor<1xi64>) -> tensor<?xi64>
    %found1 = onnx.node "ai.onnx::NonZero"(%list1) {name = "found1", version = 18 : i64} : (tensor<?xi64>) -> tensor<1x?xi64>
    %where1 = onnx.node "ai.onnx::Transpose"(%found1) {name = "where1", node_attributes = {perm = array<i64: 1, 0>}, version = 18 : i64} : (tensor<1x?xi64>) -> tensor<?x1xi64>
    %token1 = onnx.node "ai.onnx::Squeeze"(%where1, %second) {name = "token1", version = 18 : i64} : (tensor<?x1xi64>, tensor<1xi64>) -> tensor<?xi64>
    %taken1 = onnx.node "ai.onnx::Gather"(%rows, %token1) {name = "taken1", node_attributes = {axis = 0 : i64}, version = 18 : i64} : (tensor<?x4xf32>, tensor<?xi64>) -> tensor<?x4xf32>
    %up1 = onnx.node "ai.onnx::MatMul"(%taken1, %w1) {name = "up1", version = 18 : i64} : (tensor<?x4xf32>, tensor<4x3xf32>) -> tensor<?x3xf32>
    %relu1 = onnx.node "ai.onnx::Relu"(%up1) {name = "relu1", version = 18 : i64} : (tensor<?x3xf32>) -> tensor<?x3xf32>
    %down1 = onnx.node "ai.onnx::MatMul"(%relu1, %v1) {name = "down1", version = 18 : i64} : (tensor<?x3xf32>, tensor<3x4xf32>) -> tensor<?x4xf32>
    %at1 = onnx.node "ai.onnx::Unsqueeze"(%token1, %last) {name = "at1", version = 18 : i64} : (tensor<?xi64>, tensor<1xi64>) -> tensor<?x1xi64>
    %sum1 = onnx.node "ai.onnx::ScatterND"(%sum0, %at1, %down1) {name = "sum1", node_attributes = {reduction = "add"}, version = 18 : i64} : (tensor<?x4xf32>, tensor<?x1xi64>, tensor<?x4xf32>) -> tensor<?x4xf32>
    %batch = onnx.node "ai.onnx::Shape"(%x) {name = "batch", node_attributes = {end = 1 : i64, start = 0 : i64}, version = 18 : i64} : (tensor<?x?x4xf32>) -> tensor<1xi64>
    %length = onnx.node "ai.onnx::Shape"(%x) {name = "length", node_attributes = {end = 2 : i64, start = 1 : i64}, version = 18 : i64} : (tensor<?x?x4xf32>) -> tensor<1xi64>
    %whole = onnx.node "ai.onnx::Concat"(%batch, %length, %width) {name = "whole", node_attributes = {axis = 0 : i64}, version = 18 : i64} : (tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<3xi64>
    %back = onnx.node "ai.onnx::Reshape"(%sum1, %whole) {name = "back", version = 18 : i64} : (tensor<?x4xf32>, tensor<3xi64>) -> tensor<?x?x4xf32>
    %y = onnx.node "ai.onnx::Mul"(%back, %weights) {name = "y", version = 18 : i64} : (tensor<?x?x4xf32>, tensor<?x?x1xf32>) -> tensor<?x?x4xf32>
    return %y : tensor<?x?x4xf32>
  }
}
