// The shares are columns of a one-hot of the ids, weighed and summed over the slots.
// RUN: moe-opt %s --moe-raise-masked | FileCheck %s
// The experts that were not selected count.
// RUN: sed -e 's/dense<\[0.0, 1.0\]>/dense<[1.0, 0.0]>/' %s | moe-opt --moe-raise-masked 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS0
// MISS0: remark: the masked experts stay plain: node 'one_hot' (ai.onnx::OneHot): it is not 1 at the expert and 0 elsewhere, along the last axis
// Experts are spread over the slots.
// RUN: sed -e '/"one_hot"/s/axis = -1/axis = 0/; /"one_hot"/s/-> tensor<?x2x3xf32>/-> tensor<3x?x2xf32>/; /"spread"/s/tensor<?x2x3xf32>)/tensor<3x?x2xf32>)/' %s | moe-opt --moe-raise-masked 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS1
// MISS1: remark: the masked experts stay plain: node 'spread' (ai.onnx::Mul): the shape of an operand is not known
// The sum keeps its axis.
// RUN: sed -e '/"matrix"/s/keepdims = 0/keepdims = 1/; /"matrix"/s/-> tensor<?x3xf32>/-> tensor<?x1x3xf32>/; /"columns"/s/(tensor<?x3xf32>)/(tensor<?x1x3xf32>)/; /"columns"/s/axis = 1/axis = 2/; /"columns"/s/tensor<?x1xf32>/tensor<?x1x1xf32>/g; /"part/s/(tensor<?x1xf32>/(tensor<?x1x1xf32>/' %s | moe-opt --moe-raise-masked 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS2
// MISS2: remark: the masked experts stay plain: node 'matrix' (ai.onnx::ReduceSum): it does not sum over the slots

// CHECK-NOT: onnx.node
// CHECK: moe.gate %{{.*}} {gating = #moe.gating<>} : tensor<?x3xf32> -> tensor<?x2xi32>, tensor<?x2xf32>
// CHECK: moe.combine

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
    %lifted = onnx.node "ai.onnx::Unsqueeze"(%top#0, %last) {name = "lifted", version = 20 : i64} : (tensor<?x2xf32>, tensor<1xi64>) -> tensor<?x2x1xf32>
    %three = arith.constant dense<3> : tensor<1xi64>
    %on_off = arith.constant dense<[0.0, 1.0]> : tensor<2xf32>
    %slots = arith.constant dense<1> : tensor<1xi64>
    %one_hot = onnx.node "ai.onnx::OneHot"(%top#1, %three, %on_off) {name = "one_hot", node_attributes = {axis = -1 : i64}, version = 20 : i64} : (tensor<?x2xi64>, tensor<1xi64>, tensor<2xf32>) -> tensor<?x2x3xf32>
    %spread = onnx.node "ai.onnx::Mul"(%lifted, %one_hot) {name = "spread", version = 20 : i64} : (tensor<?x2x1xf32>, tensor<?x2x3xf32>) -> tensor<?x2x3xf32>
    %matrix = onnx.node "ai.onnx::ReduceSum"(%spread, %slots) {name = "matrix", node_attributes = {keepdims = 0 : i64}, version = 20 : i64} : (tensor<?x2x3xf32>, tensor<1xi64>) -> tensor<?x3xf32>
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
    %y = onnx.node "ai.onnx::Sum"(%part2, %part0, %part1) {name = "y", version = 20 : i64} : (tensor<?x6xf32>, tensor<?x6xf32>, tensor<?x6xf32>) -> tensor<?x6xf32>
    return %y : tensor<?x6xf32>
  }
}
