// A Switch layer of one expert: whichever axis of 1 counts the experts, the mask is its own, and what the layer is added to is no term of it.
// RUN: moe-opt %s --moe-raise-switch | FileCheck %s
// Seats are counted otherwise.
// RUN: sed -e '/"running"/s/version = 18/node_attributes = {exclusive = 1 : i64}, version = 18/' %s | moe-opt --moe-raise-switch 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS0
// MISS0: remark: the masked experts stay plain: node 'running' (ai.onnx::CumSum):
// Rows are written over tokens.
// RUN: sed -e '/"sum"/s/%%zeros/%%x/' %s | moe-opt --moe-raise-switch 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS1
// MISS1: remark: the masked experts stay plain: the sum does not begin at zero
// Tokens are looked up along the other axis.
// RUN: sed -e '/"tokens"/s/%%v1, %%v2/%%v0, %%v1/' %s | moe-opt --moe-raise-switch 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS2
// MISS2: remark: the masked experts stay plain: its indices are not of the tokens of this expert

// CHECK: func.func @main(%{{.*}}: index {rt.dim = "t"}, %[[X:.*]]: tensor<?x6xf32> {{.*}}, %[[LOGITS:.*]]: tensor<?x1xf32>
// CHECK: %[[IDS:.*]], %[[W:.*]] = moe.gate %[[LOGITS]] {gating = #moe.gating<>} : tensor<?x1xf32> -> tensor<?x1xi32>, tensor<?x1xf32>
// CHECK: %[[KEPT:.*]], %[[MIX:.*]] = moe.capacity %[[IDS]], %[[W]]
// CHECK: %[[ROWS:.*]], %[[ROUTE:.*]] = moe.dispatch %[[X]], %[[KEPT]]
// CHECK: %[[SUM:.*]] = moe.combine %{{.*}}, %[[ROUTE]], %[[MIX]]
// CHECK: onnx.node "ai.onnx::Add"(%[[X]], %[[SUM]])

// PLAIN-NOT: moe.gate
// PLAIN: name = "sum"
module {
  rt.weight @up : tensor<4x6xf32> = #rt.source<"m.onnx", 0, 96, raw> : tensor<4x6xf32>
  rt.weight @down : tensor<6x4xf32> = #rt.source<"m.onnx", 96, 96, raw> : tensor<6x4xf32>
  func.func @main(%t: index {rt.dim = "t"}, %x: tensor<?x6xf32> {rt.name = "x", rt.shape = ["t", 6]},
                  %logits: tensor<?x1xf32> {rt.name = "logits", rt.shape = ["t", 1]}) -> tensor<?x6xf32> {
    %up = rt.weight_ref @up : tensor<4x6xf32>
    %down = rt.weight_ref @down : tensor<6x4xf32>
    %v0 = arith.constant dense<0> : tensor<1xi64>
    %v1 = arith.constant dense<1> : tensor<1xi64>
    %v2 = arith.constant dense<2> : tensor<1xi64>
    %last = arith.constant dense<-1> : tensor<1xi64>
    %cube = arith.constant dense<[-1, 1, 1]> : tensor<3xi64>
    %first = arith.constant dense<0> : tensor<i64>
    %axis = arith.constant dense<-2> : tensor<i64>
    %seats = arith.constant dense<2> : tensor<i64>
    %zero = arith.constant dense<0.0> : tensor<f32>
    %scores = onnx.node "ai.onnx::Softmax"(%logits) {name = "scores", node_attributes = {axis = -1 : i64}, version = 18 : i64} : (tensor<?x1xf32>) -> tensor<?x1xf32>
    %chosen = onnx.node "ai.onnx::ArgMax"(%scores) {name = "chosen", node_attributes = {axis = -1 : i64}, version = 18 : i64} : (tensor<?x1xf32>) -> tensor<?x1xi64>
    %largest = onnx.node "ai.onnx::ReduceMax"(%scores, %last) {name = "largest", node_attributes = {keepdims = 1 : i64}, version = 18 : i64} : (tensor<?x1xf32>, tensor<1xi64>) -> tensor<?x1xf32>
    %equal = onnx.node "ai.onnx::Equal"(%chosen, %v0) {name = "equal", version = 18 : i64} : (tensor<?x1xi64>, tensor<1xi64>) -> tensor<?x1xi1>
    %hot = onnx.node "ai.onnx::Cast"(%equal) {name = "hot", node_attributes = {to = 7 : i64}, version = 18 : i64} : (tensor<?x1xi1>) -> tensor<?x1xi64>
    %running = onnx.node "ai.onnx::CumSum"(%hot, %axis) {name = "running", version = 18 : i64} : (tensor<?x1xi64>, tensor<i64>) -> tensor<?x1xi64>
    %fits = onnx.node "ai.onnx::LessOrEqual"(%running, %seats) {name = "fits", version = 18 : i64} : (tensor<?x1xi64>, tensor<i64>) -> tensor<?x1xi1>
    %seated = onnx.node "ai.onnx::Cast"(%fits) {name = "seated", node_attributes = {to = 7 : i64}, version = 18 : i64} : (tensor<?x1xi1>) -> tensor<?x1xi64>
    %mask = onnx.node "ai.onnx::Mul"(%hot, %seated) {name = "mask", version = 18 : i64} : (tensor<?x1xi64>, tensor<?x1xi64>) -> tensor<?x1xi64>
    %slots = onnx.node "ai.onnx::Reshape"(%mask, %cube) {name = "slots", version = 18 : i64} : (tensor<?x1xi64>, tensor<3xi64>) -> tensor<?x1x1xi64>
    %turned = onnx.node "ai.onnx::Transpose"(%slots) {name = "turned", node_attributes = {perm = array<i64: 2, 1, 0>}, version = 18 : i64} : (tensor<?x1x1xi64>) -> tensor<1x1x?xi64>
    %own = onnx.node "ai.onnx::Gather"(%turned, %first) {name = "own", node_attributes = {axis = 0 : i64}, version = 18 : i64} : (tensor<1x1x?xi64>, tensor<i64>) -> tensor<1x?xi64>
    %found = onnx.node "ai.onnx::NonZero"(%own) {name = "found", version = 18 : i64} : (tensor<1x?xi64>) -> tensor<2x?xi64>
    %pairs = onnx.node "ai.onnx::Transpose"(%found) {name = "pairs", node_attributes = {perm = array<i64: 1, 0>}, version = 18 : i64} : (tensor<2x?xi64>) -> tensor<?x2xi64>
    %slot = onnx.node "ai.onnx::Slice"(%pairs, %v0, %v1, %v1) {name = "slot", version = 18 : i64} : (tensor<?x2xi64>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<?x1xi64>
    %tokens = onnx.node "ai.onnx::Slice"(%pairs, %v1, %v2, %v1) {name = "tokens", version = 18 : i64} : (tensor<?x2xi64>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<?x1xi64>
    %rows = onnx.node "ai.onnx::GatherND"(%x, %tokens) {name = "rows", version = 18 : i64} : (tensor<?x6xf32>, tensor<?x1xi64>) -> tensor<?x6xf32>
    %inner = onnx.node "ai.onnx::Gemm"(%rows, %up) {name = "inner", node_attributes = {transB = 1 : i64}, version = 18 : i64} : (tensor<?x6xf32>, tensor<4x6xf32>) -> tensor<?x4xf32>
    %active = onnx.node "ai.onnx::Relu"(%inner) {name = "active", version = 18 : i64} : (tensor<?x4xf32>) -> tensor<?x4xf32>
    %outer = onnx.node "ai.onnx::Gemm"(%active, %down) {name = "outer", node_attributes = {transB = 1 : i64}, version = 18 : i64} : (tensor<?x4xf32>, tensor<6x4xf32>) -> tensor<?x6xf32>
    %each = onnx.node "ai.onnx::Unsqueeze"(%largest, %v2) {name = "each", version = 18 : i64} : (tensor<?x1xf32>, tensor<1xi64>) -> tensor<?x1x1xf32>
    %tuples = onnx.node "ai.onnx::Concat"(%tokens, %slot) {name = "tuples", node_attributes = {axis = -1 : i64}, version = 18 : i64} : (tensor<?x1xi64>, tensor<?x1xi64>) -> tensor<?x2xi64>
    %factors = onnx.node "ai.onnx::GatherND"(%each, %tuples) {name = "factors", version = 18 : i64} : (tensor<?x1x1xf32>, tensor<?x2xi64>) -> tensor<?x1xf32>
    %weighed = onnx.node "ai.onnx::Mul"(%outer, %factors) {name = "weighed", version = 18 : i64} : (tensor<?x6xf32>, tensor<?x1xf32>) -> tensor<?x6xf32>
    %shape = onnx.node "ai.onnx::Shape"(%x) {name = "shape", version = 18 : i64} : (tensor<?x6xf32>) -> tensor<2xi64>
    %zeros = onnx.node "ai.onnx::Expand"(%zero, %shape) {name = "zeros", version = 18 : i64} : (tensor<f32>, tensor<2xi64>) -> tensor<?x6xf32>
    %sum = onnx.node "ai.onnx::ScatterND"(%zeros, %tokens, %weighed) {name = "sum", node_attributes = {reduction = "add"}, version = 18 : i64} : (tensor<?x6xf32>, tensor<?x1xi64>, tensor<?x6xf32>) -> tensor<?x6xf32>
    %y = onnx.node "ai.onnx::Add"(%x, %sum) {name = "y", version = 18 : i64} : (tensor<?x6xf32>, tensor<?x6xf32>) -> tensor<?x6xf32>
    return %y : tensor<?x6xf32>
  }
}
