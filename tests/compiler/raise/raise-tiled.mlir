// Tokens tiled by expert, routes scattered over all experts (Optimum's GPT-OSS).
// RUN: moe-opt %s --moe-raise-tiled | FileCheck %s
// Tokens are tiled by elements.
// RUN: sed -e 's/dense<\[3, 1\]>/dense<[1, 3]>/; /"tiled"/s/-> tensor<?x6xf32>/-> tensor<?x18xf32>/; /"tokens"/s/tensor<?x6xf32>/tensor<?x18xf32>/' %s | moe-opt --moe-raise-tiled 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS0
// MISS0: remark: the tiled experts stay plain: node 'tiled' (ai.onnx::Tile): it does not repeat all tokens for each of 3 experts
// Tokens are repeated otherwise.
// RUN: sed -e '/"tiled"/s/Tile"(%%x, %%repeats)/Concat"(%%x, %%x, %%x)/; /"tiled"/s/version/node_attributes = {axis = 0 : i64}, version/; /"tiled"/s/tensor<2xi64>/tensor<?x6xf32>, tensor<?x6xf32>/' %s | moe-opt --moe-raise-tiled 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS1
// MISS1: remark: the tiled experts stay plain: node 'tiled' (ai.onnx::Concat): it does not repeat all tokens for each of 3 experts
// The sum runs over the tokens.
// RUN: sed -e 's/%%first_axis = arith.constant dense<0>/%%first_axis = arith.constant dense<1>/; s/-> tensor<?x6xf32> {/-> tensor<3x6xf32> {/; /"y"/s/-> tensor<?x6xf32>/-> tensor<3x6xf32>/; s/return %%y : tensor<?x6xf32>/return %%y : tensor<3x6xf32>/' %s | moe-opt --moe-raise-tiled 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS2
// MISS2: remark: the tiled experts stay plain: it does not sum over 3 experts
// The routes of another number of experts.
// RUN: sed -e '/"logits"/s/tensor<?x3xf32> {/tensor<?x4xf32> {/; s/\["t", 3\]/["t", 4]/; s/tensor<?x3xf32>/tensor<?x4xf32>/g; s/tensor<3x?xf32>/tensor<4x?xf32>/g; s/tensor<3x?x1xf32>/tensor<4x?x1xf32>/g' %s | moe-opt --moe-raise-tiled 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS3
// MISS3: remark: the tiled experts stay plain: node 'weighed' (ai.onnx::Mul): the shape of an operand is not known
// The weights are scattered over the tokens.
// RUN: sed -e '/"routes"/s/axis = 1/axis = 0/' %s | moe-opt --moe-raise-tiled 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS4
// MISS4: remark: the tiled experts stay plain: node 'routes' (ai.onnx::ScatterElements): it does not scatter the weights of a token along its experts
// The worst experts are chosen.
// RUN: sed -e '/"top"/s/axis = -1 : i64/axis = -1 : i64, largest = 0 : i64/' %s | moe-opt --moe-raise-tiled 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS5
// MISS5: remark: the tiled experts stay plain: node 'top' (ai.onnx::TopK): it takes the smallest
// The routes are of other logits.
// RUN: sed -e '/"top"/s/%%logits/%%others/; s/%%logits: /%%others: tensor<?x4xf32> {rt.name = "others", rt.shape = ["t", 4]}, %%logits: /; /"top"/s/tensor<?x3xf32>/tensor<?x4xf32>/' %s | moe-opt --moe-raise-tiled 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS6
// MISS6: remark: the tiled experts stay plain: the router scores 4 experts, but there are weights of 3
// The routes are taken by their slots.
// RUN: sed -e '/"by_expert"/s/array<i64: 1, 0>/array<i64: 0, 1>/; /"by_expert"/s/-> tensor<3x?xf32>/-> tensor<?x3xf32>/; /"shares"/s/tensor<3x?xf32>/tensor<?x3xf32>/; /"shares"/s/tensor<3x?x1xf32>/tensor<?x3x1xf32>/; /"weighed"/s/tensor<3x?x1xf32>/tensor<?x3x1xf32>/' %s | moe-opt --moe-raise-tiled 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS7
// MISS7: remark: the tiled experts stay plain: node
// Somebody else reads what the experts compute.
// RUN: sed -e '/-> tensor<?x6xf32> {/s/-> tensor<?x6xf32> {/-> (tensor<?x6xf32>, tensor<3x?x5xf32>) {/; s/^    return %%y.*/    return %%y, %%active : tensor<?x6xf32>, tensor<3x?x5xf32>/' %s | moe-opt --moe-raise-tiled 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS8
// MISS8: remark: the tiled experts stay plain: node 'active' (ai.onnx::Relu): its result is also read by 'func.return'
// What somebody else reads of the router stays beside the layer.
// RUN: sed -e '/-> tensor<?x6xf32> {/s/-> tensor<?x6xf32> {/-> (tensor<?x6xf32>, tensor<?x3xf32>) {/; s/^    return %%y.*/    return %%y, %%routes : tensor<?x6xf32>, tensor<?x3xf32>/' %s | moe-opt --moe-raise-tiled 2>&1 | FileCheck %s --check-prefix=TOLD
// TOLD: %[[ROUTES:.*]] = onnx.node "ai.onnx::ScatterElements"
// TOLD-NOT: onnx.node
// TOLD: %[[RESULT:.*]] = moe.combine
// TOLD: return %[[RESULT]], %[[ROUTES]]
// The bias is not one an expert.
// RUN: sed -e '/"biased"/s/%%up_bias/%%other_bias/; /"biased"/s/tensor<3x1x5xf32>/tensor<1x1x5xf32>/; s/^    %%k = /    %%other_bias = arith.constant dense<1.0> : tensor<1x1x5xf32>\n    %%k = /' %s | moe-opt --moe-raise-tiled 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS9
// MISS9: remark: the tiled experts stay plain: node 'inner' (ai.onnx::MatMul): its bias is not a weight of 3 x 1 x 5
// No expert is chosen.
// RUN: sed -e 's/%%k = arith.constant dense<2>/%%k = arith.constant dense<0>/; s/tensor<?x2x/tensor<?x0x/; s/tensor<?x2xf32>/tensor<?x0xf32>/g; s/tensor<?x2xi64>/tensor<?x0xi64>/g' %s | moe-opt --moe-raise-tiled 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS10
// MISS10: remark: the tiled experts stay plain: node 'top' (ai.onnx::TopK): it chooses no expert

// CHECK: func.func @main(%{{.*}}: index {rt.dim = "t"}, %[[X:.*]]: tensor<?x6xf32> {{.*}}, %[[LOGITS:.*]]: tensor<?x3xf32>
// CHECK-NOT: onnx.node
// CHECK: %[[IDS:.*]], %[[W:.*]] = moe.gate %[[LOGITS]] {gating = #moe.gating<order = select_then_score>} : tensor<?x3xf32> -> tensor<?x2xi32>, tensor<?x2xf32>
// CHECK: %[[ROWS:.*]], %[[ROUTE:.*]] = moe.dispatch %[[X]], %[[IDS]]
// CHECK: moe.expert %[[ROWS]], %[[ROUTE]] gate %{{.*}} gate_bias %{{.*}} down %{{.*}} {activation = #moe.activation<relu>}
// CHECK: %[[OUT:.*]] = moe.combine %{{.*}}, %[[ROUTE]], %[[W]]
// CHECK-NEXT: return %[[OUT]]

// A miss leaves the sum over the experts as it is.
// PLAIN-NOT: moe.gate
// PLAIN: name = "y"
module {
  rt.weight @up : tensor<3x6x5xf32> = #rt.source<"m.onnx", 0, 360, raw> : tensor<3x6x5xf32>
  rt.weight @down : tensor<3x5x6xf32> = #rt.source<"m.onnx", 360, 360, raw> : tensor<3x5x6xf32>
  rt.weight @up_bias : tensor<3x1x5xf32> = #rt.source<"m.onnx", 720, 60, raw> : tensor<3x1x5xf32>
  func.func @main(%t: index {rt.dim = "t"}, %x: tensor<?x6xf32> {rt.name = "x", rt.shape = ["t", 6]},
                  %logits: tensor<?x3xf32> {rt.name = "logits", rt.shape = ["t", 3]}) -> tensor<?x6xf32> {
    %up = rt.weight_ref @up : tensor<3x6x5xf32>
    %down = rt.weight_ref @down : tensor<3x5x6xf32>
    %up_bias = rt.weight_ref @up_bias : tensor<3x1x5xf32>
    %k = arith.constant dense<2> : tensor<1xi64>
    %last = arith.constant dense<-1> : tensor<1xi64>
    %first_axis = arith.constant dense<0> : tensor<1xi64>
    %zero = arith.constant dense<0.0> : tensor<f32>
    %repeats = arith.constant dense<[3, 1]> : tensor<2xi64>
    %cube = arith.constant dense<[3, -1, 6]> : tensor<3xi64>
    %top:2 = onnx.node "ai.onnx::TopK"(%logits, %k) {name = "top", node_attributes = {axis = -1 : i64}, version = 20 : i64} : (tensor<?x3xf32>, tensor<1xi64>) -> (tensor<?x2xf32>, tensor<?x2xi64>)
    %weights = onnx.node "ai.onnx::Softmax"(%top#0) {name = "weights", node_attributes = {axis = -1 : i64}, version = 20 : i64} : (tensor<?x2xf32>) -> tensor<?x2xf32>
    %square = onnx.node "ai.onnx::Shape"(%logits) {name = "square", version = 20 : i64} : (tensor<?x3xf32>) -> tensor<2xi64>
    %zeros = onnx.node "ai.onnx::Expand"(%zero, %square) {name = "zeros", version = 20 : i64} : (tensor<f32>, tensor<2xi64>) -> tensor<?x3xf32>
    %routes = onnx.node "ai.onnx::ScatterElements"(%zeros, %top#1, %weights) {name = "routes", node_attributes = {axis = 1 : i64}, version = 20 : i64} : (tensor<?x3xf32>, tensor<?x2xi64>, tensor<?x2xf32>) -> tensor<?x3xf32>
    %by_expert = onnx.node "ai.onnx::Transpose"(%routes) {name = "by_expert", node_attributes = {perm = array<i64: 1, 0>}, version = 20 : i64} : (tensor<?x3xf32>) -> tensor<3x?xf32>
    %shares = onnx.node "ai.onnx::Unsqueeze"(%by_expert, %last) {name = "shares", version = 20 : i64} : (tensor<3x?xf32>, tensor<1xi64>) -> tensor<3x?x1xf32>
    %tiled = onnx.node "ai.onnx::Tile"(%x, %repeats) {name = "tiled", version = 20 : i64} : (tensor<?x6xf32>, tensor<2xi64>) -> tensor<?x6xf32>
    %tokens = onnx.node "ai.onnx::Reshape"(%tiled, %cube) {name = "tokens", version = 20 : i64} : (tensor<?x6xf32>, tensor<3xi64>) -> tensor<3x?x6xf32>
    %inner = onnx.node "ai.onnx::MatMul"(%tokens, %up) {name = "inner", version = 20 : i64} : (tensor<3x?x6xf32>, tensor<3x6x5xf32>) -> tensor<3x?x5xf32>
    %biased = onnx.node "ai.onnx::Add"(%inner, %up_bias) {name = "biased", version = 20 : i64} : (tensor<3x?x5xf32>, tensor<3x1x5xf32>) -> tensor<3x?x5xf32>
    %active = onnx.node "ai.onnx::Relu"(%biased) {name = "active", version = 20 : i64} : (tensor<3x?x5xf32>) -> tensor<3x?x5xf32>
    %rows = onnx.node "ai.onnx::MatMul"(%active, %down) {name = "rows", version = 20 : i64} : (tensor<3x?x5xf32>, tensor<3x5x6xf32>) -> tensor<3x?x6xf32>
    %weighed = onnx.node "ai.onnx::Mul"(%rows, %shares) {name = "weighed", version = 20 : i64} : (tensor<3x?x6xf32>, tensor<3x?x1xf32>) -> tensor<3x?x6xf32>
    %y = onnx.node "ai.onnx::ReduceSum"(%weighed, %first_axis) {name = "y", node_attributes = {keepdims = 0 : i64}, version = 20 : i64} : (tensor<3x?x6xf32>, tensor<1xi64>) -> tensor<?x6xf32>
    return %y : tensor<?x6xf32>
  }
}
