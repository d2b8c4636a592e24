// Tokens tiled by expert and weighed before the experts read them; the weights are the sigmoid of the selected logits (Llama-4).
// RUN: moe-opt %s --moe-raise-tiled | FileCheck %s
// A softmax over the selected experts.
// RUN: sed -e '/"shares"/s/Sigmoid/Softmax/' %s | moe-opt --moe-raise-tiled | FileCheck %s --check-prefix=SOFTMAX
// SOFTMAX: moe.gate {{.*}}gating = #moe.gating<order = select_then_score>
// SOFTMAX: moe.dispatch {{.*}} weights
// Experts that are not selected have a weight, if a small one.
// RUN: sed -e 's/%%low = arith.constant dense<0xFF800000>/%%low = arith.constant dense<-20.0>/' %s | moe-opt --moe-raise-tiled 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS0
// MISS0: remark: the tiled experts stay plain: node 'spread' (ai.onnx::ScatterElements): it does not scatter the logits into numbers that weigh nothing
// Of a softmax, the selected ones may be smaller.
// RUN: sed -e '/"shares"/s/Sigmoid/Softmax/; s/%%low = arith.constant dense<0xFF800000>/%%low = arith.constant dense<-10000.0>/' %s | moe-opt --moe-raise-tiled 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS0
// The logits are added to others.
// RUN: sed -e '/"spread"/s/axis = 1 : i64/axis = 1 : i64, reduction = "add"/' %s | moe-opt --moe-raise-tiled 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS0
// The logits are scattered over the tokens.
// RUN: sed -e '/"spread"/s/axis = 1/axis = 0/' %s | moe-opt --moe-raise-tiled 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS1
// MISS1: remark: the tiled experts stay plain: node 'spread' (ai.onnx::ScatterElements): it does not scatter the logits of a token along its experts
// Other logits are weighed than those by which the experts are selected.
// RUN: sed -e '/^    %%top/s/(%%logits, %%k)/(%%negative, %%k)/; /^    %%square/i\    %%negative = onnx.node "ai.onnx::Neg"(%%logits) {name = "negative", version = 20 : i64} : (tensor<?x3xf32>) -> tensor<?x3xf32>' -e '/^    %%top/{h;d}; /^    %%square/{p;x}' -e '/^    %%spread/s/%%top#0/%%some/; /^    %%spread/i\    %%some = onnx.node "ai.onnx::GatherElements"(%%logits, %%top#1) {name = "some", node_attributes = {axis = 1 : i64}, version = 20 : i64} : (tensor<?x3xf32>, tensor<?x2xi64>) -> tensor<?x2xf32>' %s | moe-opt --moe-raise-tiled 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS2
// MISS2: remark: the tiled experts stay plain: node 'top' (ai.onnx::TopK): the logits that are spread over the experts are not those that it selects
// A sigmoid makes something of zeros.
// RUN: sed -e '/"active"/s/Relu/Sigmoid/' %s | moe-opt --moe-raise-tiled 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS6
// MISS6: remark: the tiled experts stay plain: node 'weighed' (ai.onnx::Mul): it weighs what experts read whose activation makes something of zeros, so that tokens that did not choose an expert get something of it
// Experts with a bias give something for zeros.
// RUN: sed -e '/^    %%rows/s/%%rows = /%%unbiased = /; /^    %%y/i\    %%rows = onnx.node "ai.onnx::Add"(%%unbiased, %%bias) {name = "biased", version = 20 : i64} : (tensor<3x?x6xf32>, tensor<3x1x6xf32>) -> tensor<3x?x6xf32>' %s | moe-opt --moe-raise-tiled 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS3
// MISS3: remark: the tiled experts stay plain: node 'weighed' (ai.onnx::Mul): it weighs what experts with biases read, so that tokens that did not choose an expert get something of it
// RUN: sed -e '/^    %%inner/s/%%inner = /%%unbiased = /; /^    %%active/i\    %%inner = onnx.node "ai.onnx::Add"(%%unbiased, %%bias) {name = "biased", version = 20 : i64} : (tensor<3x?x6xf32>, tensor<3x1x6xf32>) -> tensor<3x?x6xf32>' %s | moe-opt --moe-raise-tiled 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS3
// Something is done to what is weighed.
// RUN: sed -e '/^    %%tokens/s/%%weighed/%%other/; /^    %%tokens/i\    %%other = onnx.node "ai.onnx::Neg"(%%weighed) {name = "other", version = 20 : i64} : (tensor<?x6xf32>) -> tensor<?x6xf32>' %s | moe-opt --moe-raise-tiled 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS4
// MISS4: remark: the tiled experts stay plain: node 'weighed' (ai.onnx::Mul): it does not weigh all that the experts read
// Elements are weighed one by one.
// RUN: sed -e '/^    %%weighed/s/%%column/%%wide/; /^    %%weighed/s/tensor<?x1xf32>/tensor<?x6xf32>/; /^    %%weighed/i\    %%wide = onnx.node "ai.onnx::Concat"(%%column, %%column, %%column, %%column, %%column, %%column) {name = "wide", node_attributes = {axis = 1 : i64}, version = 20 : i64} : (tensor<?x1xf32>, tensor<?x1xf32>, tensor<?x1xf32>, tensor<?x1xf32>, tensor<?x1xf32>, tensor<?x1xf32>) -> tensor<?x6xf32>' %s | moe-opt --moe-raise-tiled 2>&1 | FileCheck %s --check-prefix=PLAIN
// Tokens are tiled by elements.
// RUN: sed -e 's/dense<\[3, 1\]>/dense<[1, 3]>/; /^    %%tiled/s/-> tensor<?x6xf32>/-> tensor<?x18xf32>/; /^    %%tiled/s/%%tiled/%%flat/; /^    %%column/i\    %%tiled = onnx.node "ai.onnx::Reshape"(%%flat, %%row) {name = "lines", version = 20 : i64} : (tensor<?x18xf32>, tensor<2xi64>) -> tensor<?x6xf32>' %s | moe-opt --moe-raise-tiled 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS5
// MISS5: remark: the tiled experts stay plain: node 'tiled' (ai.onnx::Tile): it does not repeat all tokens for each of 3 experts
// Somebody else reads the weighed tokens, which are then computed for that reader, too.
// RUN: sed -e '/-> tensor<?x6xf32> {/s/-> tensor<?x6xf32> {/-> (tensor<?x6xf32>, tensor<?x6xf32>) {/; s/^    return %%y.*/    return %%y, %%weighed : tensor<?x6xf32>, tensor<?x6xf32>/' %s | moe-opt --moe-raise-tiled 2>&1 | FileCheck %s --check-prefix=KEPT
// KEPT: %[[WEIGHED:.*]] = onnx.node "ai.onnx::Mul"{{.*}}name = "weighed"
// KEPT: %[[OUT:.*]] = moe.combine
// KEPT: return %[[OUT]], %[[WEIGHED]]

// CHECK: func.func @main(%{{.*}}: index {rt.dim = "t"}, %[[X:.*]]: tensor<?x6xf32> {{.*}}, %[[LOGITS:.*]]: tensor<?x3xf32>
// CHECK-NOT: onnx.node
// CHECK: %[[IDS:.*]], %[[W:.*]] = moe.gate %[[LOGITS]] {gating = #moe.gating<score = sigmoid, order = select_then_score>} : tensor<?x3xf32> -> tensor<?x2xi32>, tensor<?x2xf32>
// CHECK: %[[ROWS:.*]], %[[ROUTE:.*]] = moe.dispatch %[[X]], %[[IDS]] weights %[[W]] : tensor<?x2xf32>
// CHECK: %[[Y:.*]] = moe.expert %[[ROWS]], %[[ROUTE]] gate %{{.*}} down %{{.*}} {activation = #moe.activation<relu>}
// CHECK: %[[OUT:.*]] = moe.combine %[[Y]], %[[ROUTE]] : tensor<?x6xf32>, <experts = 3, slots = 2, side = source> -> tensor<?x6xf32>
// CHECK-NEXT: return %[[OUT]]

// A miss leaves the sum over the experts as it is.
// PLAIN-NOT: moe.gate
// PLAIN: name = "y"
module {
  rt.weight @up : tensor<3x6x6xf32> = #rt.source<"m.onnx", 0, 432, raw> : tensor<3x6x6xf32>
  rt.weight @down : tensor<3x6x6xf32> = #rt.source<"m.onnx", 432, 432, raw> : tensor<3x6x6xf32>
  rt.weight @bias : tensor<3x1x6xf32> = #rt.source<"m.onnx", 864, 72, raw> : tensor<3x1x6xf32>
  func.func @main(%t: index {rt.dim = "t"}, %x: tensor<?x6xf32> {rt.name = "x", rt.shape = ["t", 6]},
                  %logits: tensor<?x3xf32> {rt.name = "logits", rt.shape = ["t", 3]}) -> tensor<?x6xf32> {
    %up = rt.weight_ref @up : tensor<3x6x6xf32>
    %down = rt.weight_ref @down : tensor<3x6x6xf32>
    %bias = rt.weight_ref @bias : tensor<3x1x6xf32>
    %k = arith.constant dense<2> : tensor<1xi64>
    %first_axis = arith.constant dense<0> : tensor<1xi64>
    %low = arith.constant dense<0xFF800000> : tensor<f32>
    %repeats = arith.constant dense<[3, 1]> : tensor<2xi64>
    %cube = arith.constant dense<[3, -1, 6]> : tensor<3xi64>
    %row = arith.constant dense<[-1, 6]> : tensor<2xi64>
    %one = arith.constant dense<[-1, 1]> : tensor<2xi64>
    %top:2 = onnx.node "ai.onnx::TopK"(%logits, %k) {name = "top", node_attributes = {axis = -1 : i64}, version = 20 : i64} : (tensor<?x3xf32>, tensor<1xi64>) -> (tensor<?x2xf32>, tensor<?x2xi64>)
    %square = onnx.node "ai.onnx::Shape"(%logits) {name = "square", version = 20 : i64} : (tensor<?x3xf32>) -> tensor<2xi64>
    %lows = onnx.node "ai.onnx::Expand"(%low, %square) {name = "lows", version = 20 : i64} : (tensor<f32>, tensor<2xi64>) -> tensor<?x3xf32>
    %spread = onnx.node "ai.onnx::ScatterElements"(%lows, %top#1, %top#0) {name = "spread", node_attributes = {axis = 1 : i64}, version = 20 : i64} : (tensor<?x3xf32>, tensor<?x2xi64>, tensor<?x2xf32>) -> tensor<?x3xf32>
    %shares = onnx.node "ai.onnx::Sigmoid"(%spread) {name = "shares", version = 20 : i64} : (tensor<?x3xf32>) -> tensor<?x3xf32>
    %by_expert = onnx.node "ai.onnx::Transpose"(%shares) {name = "by_expert", node_attributes = {perm = array<i64: 1, 0>}, version = 20 : i64} : (tensor<?x3xf32>) -> tensor<3x?xf32>
    %tiled = onnx.node "ai.onnx::Tile"(%x, %repeats) {name = "tiled", version = 20 : i64} : (tensor<?x6xf32>, tensor<2xi64>) -> tensor<?x6xf32>
    %column = onnx.node "ai.onnx::Reshape"(%by_expert, %one) {name = "column", version = 20 : i64} : (tensor<3x?xf32>, tensor<2xi64>) -> tensor<?x1xf32>
    %weighed = onnx.node "ai.onnx::Mul"(%tiled, %column) {name = "weighed", version = 20 : i64} : (tensor<?x6xf32>, tensor<?x1xf32>) -> tensor<?x6xf32>
    %tokens = onnx.node "ai.onnx::Reshape"(%weighed, %cube) {name = "tokens", version = 20 : i64} : (tensor<?x6xf32>, tensor<3xi64>) -> tensor<3x?x6xf32>
    %inner = onnx.node "ai.onnx::MatMul"(%tokens, %up) {name = "inner", version = 20 : i64} : (tensor<3x?x6xf32>, tensor<3x6x6xf32>) -> tensor<3x?x6xf32>
    %active = onnx.node "ai.onnx::Relu"(%inner) {name = "active", version = 20 : i64} : (tensor<3x?x6xf32>) -> tensor<3x?x6xf32>
    %rows = onnx.node "ai.onnx::MatMul"(%active, %down) {name = "rows", version = 20 : i64} : (tensor<3x?x6xf32>, tensor<3x6x6xf32>) -> tensor<3x?x6xf32>
    %y = onnx.node "ai.onnx::ReduceSum"(%rows, %first_axis) {name = "y", node_attributes = {keepdims = 0 : i64}, version = 20 : i64} : (tensor<3x?x6xf32>, tensor<1xi64>) -> tensor<?x6xf32>
    return %y : tensor<?x6xf32>
  }
}
