// The shares are columns of a matrix to whose elements the weights are assigned, by the tuples of token and expert.
// RUN: moe-opt %s --moe-raise-masked | FileCheck %s
// Weights are assigned to something.
// RUN: sed -e 's/%%zero = arith.constant dense<0.0>/%%zero = arith.constant dense<1.0>/' %s | moe-opt --moe-raise-masked 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS0
// MISS0: remark: the masked experts stay plain: node 'matrix' (ai.onnx::ScatterND): it does not scatter the weights into zeros
// Weights are added.
// RUN: sed -e '/"matrix"/s/name = "matrix"/name = "matrix", node_attributes = {reduction = "mul"}/' %s | moe-opt --moe-raise-masked 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS1
// MISS1: remark: the masked experts stay plain: node 'matrix' (ai.onnx::ScatterND): it does not scatter the weights into zeros
// Experts come first.
// RUN: sed -e '/"tuples"/s/%%tokens, %%ids/%%ids, %%tokens/' %s | moe-opt --moe-raise-masked 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS2
// MISS2: remark: the masked experts stay plain: node 'matrix' (ai.onnx::ScatterND): it does not assign the weights of a token to its experts
// Tokens are counted from 1.
// RUN: sed -e '/"numbers"/s/%%zero_id, %%rows, %%one_id/%%one_id, %%more, %%one_id/; s/^    %%numbers =/    %%more = onnx.node "ai.onnx::Add"(%%rows, %%one_id) {name = "more", version = 20 : i64} : (tensor<i64>, tensor<i64>) -> tensor<i64>\n    %%numbers =/' %s | moe-opt --moe-raise-masked 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS3
// MISS3: remark: the masked experts stay plain: node 'matrix' (ai.onnx::ScatterND): it does not assign the weights of a token to its experts
// The slots are numbered.
// RUN: sed -e '/"tokens"/s/%%repeated/%%top#1/' %s | moe-opt --moe-raise-masked 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS4
// MISS4: remark: the masked experts stay plain: node 'matrix' (ai.onnx::ScatterND): it does not assign the weights of a token to its experts
// The ids stand otherwise.
// RUN: sed -e '/"ids"/s/%%same/%%turned/; /"ids"/s/Unsqueeze/Reshape/; /"ids"/s/%%last/%%cube/; /"ids"/s/tensor<1xi64>/tensor<3xi64>/; s/^    %%ids =/    %%turned = onnx.node "ai.onnx::Transpose"(%%same) {name = "turned", version = 20 : i64} : (tensor<?x2xi64>) -> tensor<?x2xi64>\n    %%cube = arith.constant dense<[-1, 2, 1]> : tensor<3xi64>\n    %%ids =/' %s | moe-opt --moe-raise-masked 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS5
// MISS5: remark: the masked experts stay plain: node 'tuples' (ai.onnx::Concat): its ids have another shape than its weights
// They are no tuples.
// RUN: sed -e '/"matrix"/s/%%tuples/%%other/; s/^    %%matrix =/    %%other = onnx.node "ai.onnx::Neg"(%%tuples) {name = "other", version = 20 : i64} : (tensor<?x2x2xi64>) -> tensor<?x2x2xi64>\n    %%matrix =/' %s | moe-opt --moe-raise-masked 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS6
// MISS6: remark: the masked experts stay plain: node 'other' (ai.onnx::Neg): expected Concat as the tuples of token and expert

// CHECK-NOT: TopK
// CHECK: %[[IDS:.*]], %[[W:.*]] = moe.gate %{{.*}} {gating = #moe.gating<>} : tensor<?x3xf32> -> tensor<?x2xi32>, tensor<?x2xf32>
// CHECK: %[[OUT:.*]] = moe.combine
// CHECK-NEXT: onnx.node "ai.onnx::Add"(%arg1, %[[OUT]])
// CHECK-NEXT: return

// PLAIN-NOT: moe.gate
// PLAIN: name = "y"
module {
  rt.weight @up0 : tensor<6x5xf32> = #rt.source<"m.onnx", 0, 120, raw> : tensor<6x5xf32>
  rt.weight @down0 : tensor<5x6xf32> = #rt.source<"m.onnx", 120, 120, raw> : tensor<5x6xf32>
  rt.weight @up1 : tensor<6x5xf32> = #rt.source<"m.onnx", 240, 120, raw> : tensor<6x5xf32>
  rt.weight @down1 : tensor<5x6xf32> = #rt.source<"m.onnx", 360, 120, raw> : tensor<5x6xf32>
  rt.weight @up2 : tensor<6x5xf32> = #rt.source<"m.onnx", 480, 120, raw> : tensor<6x5xf32>
  rt.weight @down2 : tensor<5x6xf32> = #rt.source<"m.onnx", 600, 120, raw> : tensor<5x6xf32>
  func.func @main(%t: index {rt.dim = "t"}, %x: tensor<?x6xf32> {rt.name = "x", rt.shape = ["t", 6]},
                  %logits: tensor<?x3xf32> {rt.name = "logits", rt.shape = ["t", 3]}) -> tensor<?x6xf32> {
    %up0 = rt.weight_ref @up0 : tensor<6x5xf32>
    %down0 = rt.weight_ref @down0 : tensor<5x6xf32>
    %up1 = rt.weight_ref @up1 : tensor<6x5xf32>
    %down1 = rt.weight_ref @down1 : tensor<5x6xf32>
    %up2 = rt.weight_ref @up2 : tensor<6x5xf32>
    %down2 = rt.weight_ref @down2 : tensor<5x6xf32>
    %k = arith.constant dense<2> : tensor<1xi64>
    %last = arith.constant dense<-1> : tensor<1xi64>
    %scores = onnx.node "ai.onnx::Softmax"(%logits) {name = "scores", node_attributes = {axis = -1 : i64}, version = 20 : i64} : (tensor<?x3xf32>) -> tensor<?x3xf32>
    %top:2 = onnx.node "ai.onnx::TopK"(%scores, %k) {name = "top", node_attributes = {axis = -1 : i64, largest = 1 : i64, sorted = 1 : i64}, version = 20 : i64} : (tensor<?x3xf32>, tensor<1xi64>) -> (tensor<?x2xf32>, tensor<?x2xi64>)
    %zero = arith.constant dense<0.0> : tensor<f32>
    %square = onnx.node "ai.onnx::Shape"(%logits) {name = "square", version = 20 : i64} : (tensor<?x3xf32>) -> tensor<2xi64>
    %zeros = onnx.node "ai.onnx::Expand"(%zero, %square) {name = "zeros", version = 20 : i64} : (tensor<f32>, tensor<2xi64>) -> tensor<?x3xf32>
    %zero_id = arith.constant dense<0> : tensor<i64>
    %one_id = arith.constant dense<1> : tensor<i64>
    %slot_axis = arith.constant dense<1> : tensor<1xi64>
    %pair = arith.constant dense<[1, 2]> : tensor<2xi64>
    %front = arith.constant dense<0> : tensor<1xi64>
    %rows = onnx.node "ai.onnx::Gather"(%square, %zero_id) {name = "rows", version = 20 : i64} : (tensor<2xi64>, tensor<i64>) -> tensor<i64>
    %numbers = onnx.node "ai.onnx::Range"(%zero_id, %rows, %one_id) {name = "numbers", version = 20 : i64} : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<?xi64>
    %each = onnx.node "ai.onnx::Unsqueeze"(%numbers, %slot_axis) {name = "each", version = 20 : i64} : (tensor<?xi64>, tensor<1xi64>) -> tensor<?x1xi64>
    %repeated = onnx.node "ai.onnx::Expand"(%each, %pair) {name = "repeated", version = 20 : i64} : (tensor<?x1xi64>, tensor<2xi64>) -> tensor<?x2xi64>
    %tokens = onnx.node "ai.onnx::Unsqueeze"(%repeated, %last) {name = "tokens", version = 20 : i64} : (tensor<?x2xi64>, tensor<1xi64>) -> tensor<?x2x1xi64>
    %shape = onnx.node "ai.onnx::Shape"(%top#1) {name = "shape", version = 20 : i64} : (tensor<?x2xi64>) -> tensor<2xi64>
    %same = onnx.node "ai.onnx::Expand"(%top#1, %shape) {name = "same", version = 20 : i64} : (tensor<?x2xi64>, tensor<2xi64>) -> tensor<?x2xi64>
    %ids = onnx.node "ai.onnx::Unsqueeze"(%same, %last) {name = "ids", version = 20 : i64} : (tensor<?x2xi64>, tensor<1xi64>) -> tensor<?x2x1xi64>
    %tuples = onnx.node "ai.onnx::Concat"(%tokens, %ids) {name = "tuples", node_attributes = {axis = -1 : i64}, version = 20 : i64} : (tensor<?x2x1xi64>, tensor<?x2x1xi64>) -> tensor<?x2x2xi64>
    %matrix = onnx.node "ai.onnx::ScatterND"(%zeros, %tuples, %top#0) {name = "matrix", version = 20 : i64} : (tensor<?x3xf32>, tensor<?x2x2xi64>, tensor<?x2xf32>) -> tensor<?x3xf32>
    %columns:3 = onnx.node "ai.onnx::Split"(%matrix) {name = "columns", node_attributes = {axis = 1 : i64, num_outputs = 3 : i64}, version = 20 : i64} : (tensor<?x3xf32>) -> (tensor<?x1xf32>, tensor<?x1xf32>, tensor<?x1xf32>)
    %inner0 = onnx.node "ai.onnx::MatMul"(%x, %up0) {name = "inner0", version = 20 : i64} : (tensor<?x6xf32>, tensor<6x5xf32>) -> tensor<?x5xf32>
    %active0 = onnx.node "ai.onnx::Relu"(%inner0) {name = "active0", version = 20 : i64} : (tensor<?x5xf32>) -> tensor<?x5xf32>
    %rows0 = onnx.node "ai.onnx::MatMul"(%active0, %down0) {name = "rows0", version = 20 : i64} : (tensor<?x5xf32>, tensor<5x6xf32>) -> tensor<?x6xf32>
    %inner1 = onnx.node "ai.onnx::MatMul"(%x, %up1) {name = "inner1", version = 20 : i64} : (tensor<?x6xf32>, tensor<6x5xf32>) -> tensor<?x5xf32>
    %active1 = onnx.node "ai.onnx::Relu"(%inner1) {name = "active1", version = 20 : i64} : (tensor<?x5xf32>) -> tensor<?x5xf32>
    %rows1 = onnx.node "ai.onnx::MatMul"(%active1, %down1) {name = "rows1", version = 20 : i64} : (tensor<?x5xf32>, tensor<5x6xf32>) -> tensor<?x6xf32>
    %inner2 = onnx.node "ai.onnx::MatMul"(%x, %up2) {name = "inner2", version = 20 : i64} : (tensor<?x6xf32>, tensor<6x5xf32>) -> tensor<?x5xf32>
    %active2 = onnx.node "ai.onnx::Relu"(%inner2) {name = "active2", version = 20 : i64} : (tensor<?x5xf32>) -> tensor<?x5xf32>
    %rows2 = onnx.node "ai.onnx::MatMul"(%active2, %down2) {name = "rows2", version = 20 : i64} : (tensor<?x5xf32>, tensor<5x6xf32>) -> tensor<?x6xf32>
    %part0 = onnx.node "ai.onnx::Mul"(%columns#0, %rows0) {name = "part0", version = 20 : i64} : (tensor<?x1xf32>, tensor<?x6xf32>) -> tensor<?x6xf32>
    %part1 = onnx.node "ai.onnx::Mul"(%columns#1, %rows1) {name = "part1", version = 20 : i64} : (tensor<?x1xf32>, tensor<?x6xf32>) -> tensor<?x6xf32>
    %part2 = onnx.node "ai.onnx::Mul"(%columns#2, %rows2) {name = "part2", version = 20 : i64} : (tensor<?x1xf32>, tensor<?x6xf32>) -> tensor<?x6xf32>
    %first = onnx.node "ai.onnx::Add"(%x, %part1) {name = "first", version = 20 : i64} : (tensor<?x6xf32>, tensor<?x6xf32>) -> tensor<?x6xf32>
    %second = onnx.node "ai.onnx::Add"(%first, %part0) {name = "second", version = 20 : i64} : (tensor<?x6xf32>, tensor<?x6xf32>) -> tensor<?x6xf32>
    %y = onnx.node "ai.onnx::Add"(%second, %part2) {name = "y", version = 20 : i64} : (tensor<?x6xf32>, tensor<?x6xf32>) -> tensor<?x6xf32>
    return %y : tensor<?x6xf32>
  }
}
