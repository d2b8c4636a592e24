// All experts on all tokens, with Einsum and the experts behind the tokens: experts first, MatMul, and a sum over the first dimension.
// RUN: moe-opt %s --moe-arrange-experts | FileCheck %s
// The raising pass reads it.
// RUN: moe-opt %s --moe-arrange-experts --moe-raise-tiled | FileCheck %s --check-prefix=RAISED
// RAISED-NOT: onnx.node
// RAISED: moe.gate
// RAISED: moe.expert
// RAISED: moe.combine
// Three operands are paired from the left.
// RUN: sed -e '/"rows"/d; s/"ai.onnx::Einsum"(%%routes, %%rows)/"ai.onnx::Einsum"(%%active, %%down, %%routes)/; s/te,teh->th/tei,eih,te->th/; s/: (tensor<?x3xf32>, tensor<?x3x6xf32>)/: (tensor<?x3x5xf32>, tensor<3x5x6xf32>, tensor<?x3xf32>)/' %s | moe-opt --moe-arrange-experts --moe-raise-tiled | FileCheck %s --check-prefix=RAISED
// Another order of the result's dimensions is no sum over the experts.
// RUN: sed -e 's/te,teh->th/te,teh->ht/; s/(tensor<?x3xf32>, tensor<?x3x6xf32>) -> tensor<?x6xf32>/(tensor<?x3xf32>, tensor<?x3x6xf32>) -> tensor<6x?xf32>/; s/return %%y : tensor<?x6xf32>/return %%y : tensor<6x?xf32>/; s/-> tensor<?x6xf32> {$/-> tensor<6x?xf32> {/' %s | moe-opt --moe-arrange-experts | FileCheck %s --check-prefix=PLAIN
// Another sum than over the experts.
// RUN: sed -e 's/tei,eih->teh/tei,eih->tih/; s/te,teh->th/te,tih->th/; s/tensor<?x3x6xf32>/tensor<?x5x6xf32>/g' %s | moe-opt --moe-arrange-experts | FileCheck %s --check-prefix=PLAIN
// Weights that are no routes.
// RUN: sed -e 's/"ai.onnx::Einsum"(%%routes, /"ai.onnx::Einsum"(%%logits, /' %s | moe-opt --moe-arrange-experts 2>&1 | FileCheck %s --check-prefixes=GIVEN,PLAIN
// GIVEN: remark: the mixture of experts stays plain: all of them are weighed by an input of the model, which is not read as the routes of k chosen ones
// Somebody else reads what the experts give.
// RUN: sed -e 's/return %%y : tensor<?x6xf32>/return %%y, %%rows : tensor<?x6xf32>, tensor<?x3x6xf32>/; s/-> tensor<?x6xf32> {$/-> (tensor<?x6xf32>, tensor<?x3x6xf32>) {/' %s | moe-opt --moe-arrange-experts 2>&1 | FileCheck %s --check-prefixes=READ,PLAIN
// READ: remark: the mixture of experts stays plain: what all of them give is also read by 'func.return'
// A softmax over all experts is no choice.
// RUN: sed -e 's/"ai.onnx::Einsum"(%%routes, /"ai.onnx::Einsum"(%%soft, /' %s | moe-opt --moe-arrange-experts 2>&1 | FileCheck %s --check-prefixes=SOFT,PLAIN
// SOFT: remark: the mixture of experts stays plain: all of them are weighed by node 'soft' (ai.onnx::Softmax), which chooses none

// CHECK: func.func @main(%{{.*}}: index {rt.dim = "t"}, %[[X:.*]]: tensor<?x6xf32> {{.*}}, %[[LOGITS:.*]]: tensor<?x3xf32>
// CHECK: %[[UP:.*]] = rt.weight_ref @up
// CHECK: %[[DOWN:.*]] = rt.weight_ref @down
// CHECK: %[[ROUTES:.*]] = onnx.node "ai.onnx::ScatterElements"
// CHECK: %[[FIRST:.*]] = onnx.node "ai.onnx::MatMul"(%[[X]], %[[UP]]) {{.*}} -> tensor<3x?x5xf32>
// CHECK: %[[BIAS:.*]] = onnx.node "ai.onnx::Reshape"{{.*}} -> tensor<3x1x5xf32>
// CHECK: %[[BIASED:.*]] = onnx.node "ai.onnx::Add"(%[[FIRST]], %[[BIAS]])
// CHECK: %[[ACTIVE:.*]] = onnx.node "ai.onnx::Relu"(%[[BIASED]]) {{.*}} -> tensor<3x?x5xf32>
// CHECK: %[[ROWS:.*]] = onnx.node "ai.onnx::MatMul"(%[[ACTIVE]], %[[DOWN]]) {{.*}} -> tensor<3x?x6xf32>
// CHECK: %[[TURNED:.*]] = onnx.node "ai.onnx::Transpose"(%[[ROUTES]])
// CHECK: %[[SHARES:.*]] = onnx.node "ai.onnx::Unsqueeze"(%[[TURNED]], {{.*}} -> tensor<3x?x1xf32>
// CHECK: %[[WEIGHED:.*]] = onnx.node "ai.onnx::Mul"(%[[ROWS]], %[[SHARES]])
// CHECK: %[[Y:.*]] = onnx.node "ai.onnx::ReduceSum"(%[[WEIGHED]], {{.*}} -> tensor<?x6xf32>
// CHECK: return %[[Y]]

// PLAIN: onnx.node "ai.onnx::Einsum"{{.*}}name = "y"
module {
  rt.weight @up : tensor<3x6x5xf32> = #rt.source<"m.onnx", 0, 360, raw> : tensor<3x6x5xf32>
  rt.weight @down : tensor<3x5x6xf32> = #rt.source<"m.onnx", 360, 360, raw> : tensor<3x5x6xf32>
  rt.weight @up_bias : tensor<3x5xf32> = #rt.source<"m.onnx", 720, 60, raw> : tensor<3x5xf32>
  func.func @main(%t: index {rt.dim = "t"}, %x: tensor<?x6xf32> {rt.name = "x", rt.shape = ["t", 6]},
                  %logits: tensor<?x3xf32> {rt.name = "logits", rt.shape = ["t", 3]}) -> tensor<?x6xf32> {
    %up = rt.weight_ref @up : tensor<3x6x5xf32>
    %down = rt.weight_ref @down : tensor<3x5x6xf32>
    %up_bias = rt.weight_ref @up_bias : tensor<3x5xf32>
    %k = arith.constant dense<2> : tensor<1xi64>
    %zero = arith.constant dense<0.0> : tensor<f32>
    %top:2 = onnx.node "ai.onnx::TopK"(%logits, %k) {name = "top", node_attributes = {axis = -1 : i64}, version = 20 : i64} : (tensor<?x3xf32>, tensor<1xi64>) -> (tensor<?x2xf32>, tensor<?x2xi64>)
    %weights = onnx.node "ai.onnx::Softmax"(%top#0) {name = "weights", node_attributes = {axis = -1 : i64}, version = 20 : i64} : (tensor<?x2xf32>) -> tensor<?x2xf32>
    %soft = onnx.node "ai.onnx::Softmax"(%logits) {name = "soft", node_attributes = {axis = -1 : i64}, version = 20 : i64} : (tensor<?x3xf32>) -> tensor<?x3xf32>
    %square = onnx.node "ai.onnx::Shape"(%logits) {name = "square", version = 20 : i64} : (tensor<?x3xf32>) -> tensor<2xi64>
    %zeros = onnx.node "ai.onnx::Expand"(%zero, %square) {name = "zeros", version = 20 : i64} : (tensor<f32>, tensor<2xi64>) -> tensor<?x3xf32>
    %routes = onnx.node "ai.onnx::ScatterElements"(%zeros, %top#1, %weights) {name = "routes", node_attributes = {axis = 1 : i64}, version = 20 : i64} : (tensor<?x3xf32>, tensor<?x2xi64>, tensor<?x2xf32>) -> tensor<?x3xf32>
    %inner = onnx.node "ai.onnx::Einsum"(%x, %up) {name = "inner", node_attributes = {equation = "th,ehi->tei"}, version = 20 : i64} : (tensor<?x6xf32>, tensor<3x6x5xf32>) -> tensor<?x3x5xf32>
    %biased = onnx.node "ai.onnx::Add"(%inner, %up_bias) {name = "biased", version = 20 : i64} : (tensor<?x3x5xf32>, tensor<3x5xf32>) -> tensor<?x3x5xf32>
    %active = onnx.node "ai.onnx::Relu"(%biased) {name = "active", version = 20 : i64} : (tensor<?x3x5xf32>) -> tensor<?x3x5xf32>
    %rows = onnx.node "ai.onnx::Einsum"(%active, %down) {name = "rows", node_attributes = {equation = "tei,eih->teh"}, version = 20 : i64} : (tensor<?x3x5xf32>, tensor<3x5x6xf32>) -> tensor<?x3x6xf32>
    %y = onnx.node "ai.onnx::Einsum"(%routes, %rows) {name = "y", node_attributes = {equation = "te,teh->th"}, version = 20 : i64} : (tensor<?x3xf32>, tensor<?x3x6xf32>) -> tensor<?x6xf32>
    return %y : tensor<?x6xf32>
  }
}
