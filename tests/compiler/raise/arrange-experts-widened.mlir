// All experts on all tokens in f16, whose weighed rows are added up in f32.
// RUN: moe-opt %s --moe-arrange-experts | FileCheck %s
// RUN: moe-opt %s --moe-arrange-experts --moe-raise-tiled | FileCheck %s --check-prefix=RAISED
// RAISED: onnx.node "ai.onnx::Softmax"
// RAISED-NOT: onnx.node
// RAISED: %[[ROWS:.*]] = moe.combine
// RAISED-NEXT: return %[[ROWS]] : tensor<?x6xf32>
// Routes of f32 that are rounded to the type of the rows.
// RUN: sed -e 's/^    %%routes = .*/    %%numbers = onnx.node "ai.onnx::Cast"(%%top#0) {name = "numbers", node_attributes = {to = 1 : i64}, version = 20 : i64} : (tensor<?x2xf16>) -> tensor<?x2xf32>\n    %%nothing = arith.constant dense<0.0> : tensor<f32>\n    %%none = onnx.node "ai.onnx::Expand"(%%nothing, %%square) {name = "none", version = 20 : i64} : (tensor<f32>, tensor<2xi64>) -> tensor<?x3xf32>\n    %%matrix = onnx.node "ai.onnx::ScatterElements"(%%none, %%top#1, %%numbers) {name = "matrix", node_attributes = {axis = 1 : i64}, version = 20 : i64} : (tensor<?x3xf32>, tensor<?x2xi64>, tensor<?x2xf32>) -> tensor<?x3xf32>\n    %%routes = onnx.node "ai.onnx::Cast"(%%matrix) {name = "routes", node_attributes = {to = 10 : i64}, version = 20 : i64} : (tensor<?x3xf32>) -> tensor<?x3xf16>/' %s | moe-opt --moe-arrange-experts --moe-raise-tiled | FileCheck %s --check-prefix=RAISED
// Where rows are rounded to another type, or to integers, before they are added up, they are no layer.
// RUN: sed -e '/"summed"/s/%%weighed) {name = "summed"/%%rounded) {name = "summed"/; /"summed"/s/tensor<?x3x6xf16>/tensor<?x3x6xbf16>/; s/^    %%summed/    %%rounded = onnx.node "ai.onnx::Cast"(%%weighed) {name = "rounded", node_attributes = {to = 16 : i64}, version = 20 : i64} : (tensor<?x3x6xf16>) -> tensor<?x3x6xbf16>\n    %%summed/' %s | moe-opt --moe-arrange-experts --moe-raise-tiled 2>&1 | FileCheck %s --check-prefixes=OTHER,PLAIN
// OTHER: remark: the mixture of experts stays plain: node 'rounded' (ai.onnx::Cast) makes bf16 of what is summed
// RUN: sed -e '/"summed"/s/%%weighed) {name = "summed"/%%rounded) {name = "summed"/; /"summed"/s/tensor<?x3x6xf16>/tensor<?x3x6xi32>/; s/^    %%summed/    %%rounded = onnx.node "ai.onnx::Cast"(%%weighed) {name = "rounded", node_attributes = {to = 6 : i64}, version = 20 : i64} : (tensor<?x3x6xf16>) -> tensor<?x3x6xi32>\n    %%summed/' %s | moe-opt --moe-arrange-experts --moe-raise-tiled 2>&1 | FileCheck %s --check-prefixes=INTEGERS,PLAIN
// INTEGERS: remark: the mixture of experts stays plain: node 'rounded' (ai.onnx::Cast) makes i32 of what is summed
// Somebody else reads what is added up.
// RUN: sed -e 's/return %%y : tensor<?x6xf32>/return %%y, %%summed : tensor<?x6xf32>, tensor<?x3x6xf32>/; s/-> tensor<?x6xf32> {$/-> (tensor<?x6xf32>, tensor<?x3x6xf32>) {/' %s | moe-opt --moe-arrange-experts 2>&1 | FileCheck %s --check-prefixes=READ,PLAIN
// READ: remark: the mixture of experts stays plain: what all of them give is also read by

// CHECK: %[[ROUTES:.*]] = onnx.node "ai.onnx::ScatterElements"
// CHECK: %[[OUT:.*]] = onnx.node "ai.onnx::MatMul"({{.*}} -> tensor<3x?x6xf16>
// CHECK: %[[WEIGHED:.*]] = onnx.node "ai.onnx::Mul"(%[[OUT]], {{.*}} -> tensor<3x?x6xf16>
// CHECK: %[[WIDE:.*]] = onnx.node "ai.onnx::Cast"(%[[WEIGHED]]) {{.*}} -> tensor<3x?x6xf32>
// CHECK: %[[Y:.*]] = onnx.node "ai.onnx::ReduceSum"(%[[WIDE]], {{.*}} -> tensor<?x6xf32>
// CHECK: return %[[Y]]

// PLAIN-NOT: moe.gate
// PLAIN: name = "y"
module {
  rt.weight @up : tensor<3x6x5xf16> = #rt.source<"m.onnx", 0, 180, raw> : tensor<3x6x5xf16>
  rt.weight @down : tensor<3x5x6xf16> = #rt.source<"m.onnx", 180, 180, raw> : tensor<3x5x6xf16>
  func.func @main(%t: index {rt.dim = "t"}, %x: tensor<?x6xf16> {rt.name = "x", rt.shape = ["t", 6]},
                  %logits: tensor<?x3xf16> {rt.name = "logits", rt.shape = ["t", 3]}) -> tensor<?x6xf32> {
    %up = rt.weight_ref @up : tensor<3x6x5xf16>
    %down = rt.weight_ref @down : tensor<3x5x6xf16>
    %k = arith.constant dense<2> : tensor<1xi64>
    %last = arith.constant dense<-1> : tensor<1xi64>
    %middle = arith.constant dense<1> : tensor<1xi64>
    %zero = arith.constant dense<0.0> : tensor<f16>
    %scores = onnx.node "ai.onnx::Softmax"(%logits) {name = "scores", node_attributes = {axis = -1 : i64}, version = 20 : i64} : (tensor<?x3xf16>) -> tensor<?x3xf16>
    %top:2 = onnx.node "ai.onnx::TopK"(%scores, %k) {name = "top", node_attributes = {axis = -1 : i64}, version = 20 : i64} : (tensor<?x3xf16>, tensor<1xi64>) -> (tensor<?x2xf16>, tensor<?x2xi64>)
    %square = onnx.node "ai.onnx::Shape"(%scores) {name = "square", version = 20 : i64} : (tensor<?x3xf16>) -> tensor<2xi64>
    %zeros = onnx.node "ai.onnx::Expand"(%zero, %square) {name = "zeros", version = 20 : i64} : (tensor<f16>, tensor<2xi64>) -> tensor<?x3xf16>
    %routes = onnx.node "ai.onnx::ScatterElements"(%zeros, %top#1, %top#0) {name = "routes", node_attributes = {axis = 1 : i64}, version = 20 : i64} : (tensor<?x3xf16>, tensor<?x2xi64>, tensor<?x2xf16>) -> tensor<?x3xf16>
    %inner = onnx.node "ai.onnx::Einsum"(%x, %up) {name = "inner", node_attributes = {equation = "th,ehi->tei"}, version = 20 : i64} : (tensor<?x6xf16>, tensor<3x6x5xf16>) -> tensor<?x3x5xf16>
    %active = onnx.node "ai.onnx::Relu"(%inner) {name = "active", version = 20 : i64} : (tensor<?x3x5xf16>) -> tensor<?x3x5xf16>
    %rows = onnx.node "ai.onnx::Einsum"(%active, %down) {name = "rows", node_attributes = {equation = "tei,eih->teh"}, version = 20 : i64} : (tensor<?x3x5xf16>, tensor<3x5x6xf16>) -> tensor<?x3x6xf16>
    %shares = onnx.node "ai.onnx::Unsqueeze"(%routes, %last) {name = "shares", version = 20 : i64} : (tensor<?x3xf16>, tensor<1xi64>) -> tensor<?x3x1xf16>
    %weighed = onnx.node "ai.onnx::Mul"(%rows, %shares) {name = "weighed", version = 20 : i64} : (tensor<?x3x6xf16>, tensor<?x3x1xf16>) -> tensor<?x3x6xf16>
    %summed = onnx.node "ai.onnx::Cast"(%weighed) {name = "summed", node_attributes = {to = 1 : i64}, version = 20 : i64} : (tensor<?x3x6xf16>) -> tensor<?x3x6xf32>
    %y = onnx.node "ai.onnx::ReduceSum"(%summed, %middle) {name = "y", node_attributes = {keepdims = 0 : i64}, version = 20 : i64} : (tensor<?x3x6xf32>, tensor<1xi64>) -> tensor<?x6xf32>
    return %y : tensor<?x6xf32>
  }
}
