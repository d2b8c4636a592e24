// A loop over experts, which look up their tokens in the mask and weigh each row (torch.onnx dynamo).
// RUN: moe-opt %s --moe-raise-switch | FileCheck %s
// The sum is weighed, too.
// RUN: sed -e '/"y"/s/name = "y"/name = "back"/; s/%%y = /%%back = /; s/^    return/    %%y = onnx.node "ai.onnx::Mul"(%%back, %%weights) {name = "y", version = 18 : i64} : (tensor<?x?x4xf32>, tensor<?x?x1xf32>) -> tensor<?x?x4xf32>\n    return/' %s | moe-opt --moe-raise-switch 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS0
// MISS0: remark: the masked experts stay plain: the tokens are weighed twice
// Rows that go to the tokens of another expert.
// RUN: sed -e '/"sum1"/s/%%token1/%%token0/' %s | moe-opt --moe-raise-switch 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS1
// MISS1: remark: the masked experts stay plain: expected one index a row, but there are [count(0), 1]
// Weights of another expert.
// RUN: sed -e '/"weight1"/s/%%pair1/%%pair0/' %s | moe-opt --moe-raise-switch 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS2
// MISS2: remark: the masked experts stay plain: the shape of an operand is not known
// An expert that is not there.
// RUN: sed -e '/"y"/s/%%sum1/%%sum0/' %s | moe-opt --moe-raise-switch 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS3
// MISS3: remark: the masked experts stay plain: the router scores 2 experts, but there are weights of 1
// The rows are multiplied.
// RUN: sed -e '/"sum1"/s/reduction = "add"/reduction = "mul"/' %s | moe-opt --moe-raise-switch 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS4
// MISS4: remark: the masked experts stay plain: it reduces by 'mul'

// CHECK-DAG: rt.weight @sum1.gate : tensor<2x3x4xf32> = #rt.step<stack
// CHECK: func.func @main(%[[B:.*]]: index {rt.dim = "b"}, %[[S:.*]]: index {rt.dim = "s"}, %[[X:.*]]: tensor<?x?x4xf32> {{.*}}, %[[LOGITS:.*]]: tensor<?x?x2xf32>
// CHECK: %[[SEATS:.*]] = arith.constant 2 : index
// CHECK: %[[ROWS:.*]] = nn.reshape %[[LOGITS]]
// CHECK: %[[IDS:.*]], %[[W:.*]] = moe.gate %[[ROWS]] {gating = #moe.gating<>} : tensor<?x2xf32> -> tensor<?x1xi32>, tensor<?x1xf32>
// CHECK: %[[KEPT:.*]], %[[LEFT:.*]] = moe.capacity %[[IDS]], %[[W]], %[[SEATS]] group %[[S]] {drop = #moe.drop<>, experts = 2 : i64}
// CHECK: %{{.*}}, %[[ROUTE:.*]] = moe.dispatch %{{.*}}, %[[KEPT]]
// CHECK: moe.expert %{{.*}}, %[[ROUTE]] gate %{{.*}} down %{{.*}} {activation = #moe.activation<relu>}
// CHECK: moe.combine %{{.*}}, %[[ROUTE]], %[[LEFT]]

// A miss leaves the sum of the experts as it is.
// PLAIN-NOT: moe.gate
// PLAIN: name = "y"
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
    %cube = arith.constant dense<[-1, 1, 2]> : tensor<3xi64>
    %flat = arith.constant dense<[-1, 4]> : tensor<2xi64>
    %single = arith.constant dense<[-1, 1]> : tensor<2xi64>
    %first = arith.constant dense<0> : tensor<1xi64>
    %second = arith.constant dense<1> : tensor<1xi64>
    %third = arith.constant dense<2> : tensor<1xi64>
    %width = arith.constant dense<4> : tensor<1xi64>
    %rows = onnx.node "ai.onnx::Reshape"(%x, %flat) {name = "rows", version = 18 : i64} : (tensor<?x?x4xf32>, tensor<2xi64>) -> tensor<?x4xf32>
    %shape = onnx.node "ai.onnx::Shape"(%rows) {name = "shape", version = 18 : i64} : (tensor<?x4xf32>) -> tensor<2xi64>
    %zeros = onnx.node "ai.onnx::Expand"(%nothing, %shape) {name = "zeros", version = 18 : i64} : (tensor<f32>, tensor<2xi64>) -> tensor<?x4xf32>
    %lists = onnx.node "ai.onnx::Reshape"(%mask, %cube) {name = "lists", version = 18 : i64} : (tensor<?x?x2xi64>, tensor<3xi64>) -> tensor<?x1x2xi64>
    %turned = onnx.node "ai.onnx::Transpose"(%lists) {name = "turned", node_attributes = {perm = array<i64: 2, 1, 0>}, version = 18 : i64} : (tensor<?x1x2xi64>) -> tensor<2x1x?xi64>
    %flatweights = onnx.node "ai.onnx::Reshape"(%weights, %single) {name = "flatweights", version = 18 : i64} : (tensor<?x?x1xf32>, tensor<2xi64>) -> tensor<?x1xf32>
    %each = onnx.node "ai.onnx::Unsqueeze"(%flatweights, %third) {name = "each", version = 18 : i64} : (tensor<?x1xf32>, tensor<1xi64>) -> tensor<?x1x1xf32>
    %part0 = onnx.node "ai.onnx::Gather"(%turned, %zero) {name = "part0", node_attributes = {axis = 0 : i64}, version = 18 : i64} : (tensor<2x1x?xi64>, tensor<i64>) -> tensor<1x?xi64>
    %found0 = onnx.node "ai.onnx::NonZero"(%part0) {name = "found0", version = 18 : i64} : (tensor<1x?xi64>) -> tensor<2x?xi64>
    %where0 = onnx.node "ai.onnx::Transpose"(%found0) {name = "where0", node_attributes = {perm = array<i64: 1, 0>}, version = 18 : i64} : (tensor<2x?xi64>) -> tensor<?x2xi64>
    %slot0 = onnx.node "ai.onnx::Slice"(%where0, %first, %second, %second, %second) {name = "slot0", version = 18 : i64} : (tensor<?x2xi64>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<?x1xi64>
    %token0 = onnx.node "ai.onnx::Slice"(%where0, %second, %third, %second, %second) {name = "token0", version = 18 : i64} : (tensor<?x2xi64>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<?x1xi64>
    %taken0 = onnx.node "ai.onnx::GatherND"(%rows, %token0) {name = "taken0", node_attributes = {batch_dims = 0 : i64}, version = 18 : i64} : (tensor<?x4xf32>, tensor<?x1xi64>) -> tensor<?x4xf32>
    %up0 = onnx.node "ai.onnx::MatMul"(%taken0, %w0) {name = "up0", version = 18 : i64} : (tensor<?x4xf32>, tensor<4x3xf32>) -> tensor<?x3xf32>
    %relu0 = onnx.node "ai.onnx::Relu"(%up0) {name = "relu0", version = 18 : i64} : (tensor<?x3xf32>) -> tensor<?x3xf32>
    %down0 = onnx.node "ai.onnx::MatMul"(%relu0, %v0) {name = "down0", version = 18 : i64} : (tensor<?x3xf32>, tensor<3x4xf32>) -> tensor<?x4xf32>
    %pair0 = onnx.node "ai.onnx::Concat"(%token0, %slot0) {name = "pair0", node_attributes = {axis = -1 : i64}, version = 18 : i64} : (tensor<?x1xi64>, tensor<?x1xi64>) -> tensor<?x2xi64>
    %weight0 = onnx.node "ai.onnx::GatherND"(%each, %pair0) {name = "weight0", node_attributes = {batch_dims = 0 : i64}, version = 18 : i64} : (tensor<?x1x1xf32>, tensor<?x2xi64>) -> tensor<?x1xf32>
    %term0 = onnx.node "ai.onnx::Mul"(%down0, %weight0) {name = "term0", version = 18 : i64} : (tensor<?x4xf32>, tensor<?x1xf32>) -> tensor<?x4xf32>
    %sum0 = onnx.node "ai.onnx::ScatterND"(%zeros, %token0, %term0) {name = "sum0", node_attributes = {reduction = "add"}, version = 18 : i64} : (tensor<?x4xf32>, tensor<?x1xi64>, tensor<?x4xf32>) -> tensor<?x4xf32>
    %part1 = onnx.node "ai.onnx::Gather"(%turned, %one) {name = "part1", node_attributes = {axis = 0 : i64}, version = 18 : i64} : (tensor<2x1x?xi64>, tensor<i64>) -> tensor<1x?xi64>
    %found1 = onnx.node "ai.onnx::NonZero"(%part1) {name = "found1", version = 18 : i64} : (tensor<1x?xi64>) -> tensor<2x?xi64>
    %where1 = onnx.node "ai.onnx::Transpose"(%found1) {name = "where1", node_attributes = {perm = array<i64: 1, 0>}, version = 18 : i64} : (tensor<2x?xi64>) -> tensor<?x2xi64>
    %slot1 = onnx.node "ai.onnx::Slice"(%where1, %first, %second, %second, %second) {name = "slot1", version = 18 : i64} : (tensor<?x2xi64>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<?x1xi64>
    %token1 = onnx.node "ai.onnx::Slice"(%where1, %second, %third, %second, %second) {name = "token1", version = 18 : i64} : (tensor<?x2xi64>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<?x1xi64>
    %taken1 = onnx.node "ai.onnx::GatherND"(%rows, %token1) {name = "taken1", node_attributes = {batch_dims = 0 : i64}, version = 18 : i64} : (tensor<?x4xf32>, tensor<?x1xi64>) -> tensor<?x4xf32>
    %up1 = onnx.node "ai.onnx::MatMul"(%taken1, %w1) {name = "up1", version = 18 : i64} : (tensor<?x4xf32>, tensor<4x3xf32>) -> tensor<?x3xf32>
    %relu1 = onnx.node "ai.onnx::Relu"(%up1) {name = "relu1", version = 18 : i64} : (tensor<?x3xf32>) -> tensor<?x3xf32>
    %down1 = onnx.node "ai.onnx::MatMul"(%relu1, %v1) {name = "down1", version = 18 : i64} : (tensor<?x3xf32>, tensor<3x4xf32>) -> tensor<?x4xf32>
    %pair1 = onnx.node "ai.onnx::Concat"(%token1, %slot1) {name = "pair1", node_attributes = {axis = -1 : i64}, version = 18 : i64} : (tensor<?x1xi64>, tensor<?x1xi64>) -> tensor<?x2xi64>
    %weight1 = onnx.node "ai.onnx::GatherND"(%each, %pair1) {name = "weight1", node_attributes = {batch_dims = 0 : i64}, version = 18 : i64} : (tensor<?x1x1xf32>, tensor<?x2xi64>) -> tensor<?x1xf32>
    %term1 = onnx.node "ai.onnx::Mul"(%down1, %weight1) {name = "term1", version = 18 : i64} : (tensor<?x4xf32>, tensor<?x1xf32>) -> tensor<?x4xf32>
    %sum1 = onnx.node "ai.onnx::ScatterND"(%sum0, %token1, %term1) {name = "sum1", node_attributes = {reduction = "add"}, version = 18 : i64} : (tensor<?x4xf32>, tensor<?x1xi64>, tensor<?x4xf32>) -> tensor<?x4xf32>
    %batch = onnx.node "ai.onnx::Shape"(%x) {name = "batch", node_attributes = {end = 1 : i64, start = 0 : i64}, version = 18 : i64} : (tensor<?x?x4xf32>) -> tensor<1xi64>
    %length = onnx.node "ai.onnx::Shape"(%x) {name = "length", node_attributes = {end = 2 : i64, start = 1 : i64}, version = 18 : i64} : (tensor<?x?x4xf32>) -> tensor<1xi64>
    %whole = onnx.node "ai.onnx::Concat"(%batch, %length, %width) {name = "whole", node_attributes = {axis = 0 : i64}, version = 18 : i64} : (tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<3xi64>
    %y = onnx.node "ai.onnx::Reshape"(%sum1, %whole) {name = "y", version = 18 : i64} : (tensor<?x4xf32>, tensor<3xi64>) -> tensor<?x?x4xf32>
    return %y : tensor<?x?x4xf32>
  }
}
