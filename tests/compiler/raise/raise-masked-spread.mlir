// The shares are columns of a matrix that spreads the weights over the experts; the sum starts from the residual stream.
// RUN: moe-opt %s --moe-raise-masked | FileCheck %s
// Weights are added to something.
// RUN: sed -e 's/%%zero = arith.constant dense<0.0>/%%zero = arith.constant dense<1.0>/' %s | moe-opt --moe-raise-masked 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS0
// MISS0: remark: the masked experts stay plain: node 'matrix' (ai.onnx::ScatterElements): it does not scatter the weights into zeros
// The largest weight counts.
// RUN: sed -e '/"matrix"/s/axis = -1 : i64/axis = -1 : i64, reduction = "max"/' %s | moe-opt --moe-raise-masked 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS1
// MISS1: remark: the masked experts stay plain: node 'matrix' (ai.onnx::ScatterElements): it does not scatter the weights into zeros
// Experts choose tokens.
// RUN: sed -e '/"matrix"/s/axis = -1/axis = 0/' %s | moe-opt --moe-raise-masked 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS2
// MISS2: remark: the masked experts stay plain: node 'matrix' (ai.onnx::ScatterElements): it does not scatter the weights of a token along its experts
// Two columns are one.
// RUN: sed -e '/"part2"/s/%%columns#2/%%columns#1/' %s | moe-opt --moe-raise-masked 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS3
// MISS3: remark: the masked experts stay plain: node 'part2' (ai.onnx::Mul): expert 1 is added twice
// It starts from a row.
// RUN: sed -e 's/^    %%zero = /    %%row = arith.constant dense<1.0> : tensor<6xf32>\n    %%zero = /; /"first"/s/%%x/%%row/; /"first"/s/tensor<?x6xf32>,/tensor<6xf32>,/' %s | moe-opt --moe-raise-masked 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS4
// MISS4: remark: the masked experts stay plain: it starts from a tensor of another shape
// A table gives the chosen experts other numbers.
// RUN: sed -e '/"matrix"/s/%%top#1/%%others/; s/^    %%matrix =/    %%table = arith.constant dense<[2, 0, 1]> : tensor<3xi64>\n    %%others = onnx.node "ai.onnx::Gather"(%%table, %%top#1) {name = "others", version = 20 : i64} : (tensor<3xi64>, tensor<?x2xi64>) -> tensor<?x2xi64>\n    %%matrix =/' %s | moe-opt --moe-raise-masked | FileCheck %s --check-prefixes=CHECK,TABLE
// TABLE: rt.weight @y.down : tensor<3x6x5xf32> = #rt.step<gather[0, 2, 0, 1],
// Two of them become one.
// RUN: sed -e '/"matrix"/s/%%top#1/%%others/; s/^    %%matrix =/    %%table = arith.constant dense<[2, 0, 0]> : tensor<3xi64>\n    %%others = onnx.node "ai.onnx::Gather"(%%table, %%top#1) {name = "others", version = 20 : i64} : (tensor<3xi64>, tensor<?x2xi64>) -> tensor<?x2xi64>\n    %%matrix =/' %s | moe-opt --moe-raise-masked 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS5
// MISS5: remark: the masked experts stay plain: node 'others' (ai.onnx::Gather): its table does not give each of 3 experts a number of its own
// There are numbers for more of them.
// RUN: sed -e '/"matrix"/s/%%top#1/%%others/; s/^    %%matrix =/    %%table = arith.constant dense<[2, 0, 1, 3]> : tensor<4xi64>\n    %%others = onnx.node "ai.onnx::Gather"(%%table, %%top#1) {name = "others", version = 20 : i64} : (tensor<4xi64>, tensor<?x2xi64>) -> tensor<?x2xi64>\n    %%matrix =/' %s | moe-opt --moe-raise-masked 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS6
// MISS6: remark: the masked experts stay plain: node 'others' (ai.onnx::Gather): its table does not give each of 3 experts a number of its own

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
    %matrix = onnx.node "ai.onnx::ScatterElements"(%zeros, %top#1, %top#0) {name = "matrix", node_attributes = {axis = -1 : i64}, version = 20 : i64} : (tensor<?x3xf32>, tensor<?x2xi64>, tensor<?x2xf32>) -> tensor<?x3xf32>
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
