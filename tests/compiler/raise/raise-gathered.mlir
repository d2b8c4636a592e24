// Softmax, the k best, renormalised; weights gathered by GatherND, gate and up in one matrix (Mixtral, torch.onnx dynamo).
// RUN: moe-opt %s --moe-raise-gathered | FileCheck %s
// Scores over the tokens.
// RUN: sed -e '/"scores"/s/axis = -1/axis = 0/' %s | moe-opt --moe-raise-gathered 2>&1 | FileCheck %s --check-prefixes=KEPT,MISS0
// MISS0: remark: keys and weights of the router stay plain: node 'scores' (ai.onnx::Softmax): it is not over the last axis
// Experts choose tokens.
// RUN: sed -e '/"top"/s/axis = -1/axis = 0/' %s | moe-opt --moe-raise-gathered 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS1
// MISS1: remark: the gathered experts stay plain: node 'top' (ai.onnx::TopK): it does not choose among the experts of a token
// The worst experts are chosen.
// RUN: sed -e '/"top"/s/largest = 1/largest = 0/' %s | moe-opt --moe-raise-gathered 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS2
// MISS2: remark: the gathered experts stay plain: node 'top' (ai.onnx::TopK): it takes the smallest
// Renormalised over the tokens.
// RUN: sed -e '/"total"/s/%%last_axis/%%zero_axis/; /"total"/s/tensor<?x1xf32>/tensor<1x2xf32>/; /"share"/s/tensor<?x1xf32>/tensor<1x2xf32>/' %s | moe-opt --moe-raise-gathered 2>&1 | FileCheck %s --check-prefixes=KEPT,MISS3
// MISS3: remark: keys and weights of the router stay plain: node 'share' (ai.onnx::Div): it does not divide the weights of a token by one number
// Divided by the sum of something else.
// RUN: sed -e '/"total"/s/%%top#0/%%top_other/; s/^    %%total/    %%top_other = onnx.node "ai.onnx::Neg"(%%top#0) {name = "neg", version = 13 : i64} : (tensor<?x2xf32>) -> tensor<?x2xf32>\n    %%total/' %s | moe-opt --moe-raise-gathered 2>&1 | FileCheck %s --check-prefixes=KEPT,MISS4
// MISS4: remark: keys and weights of the router stay plain: node 'total' (ai.onnx::ReduceSum): it is not the sum of the weights that are divided
// Two matrices of different experts.
// RUN: sed -e '/"gathered1"/s/%%index/%%swapped/; s/^    %%gathered1/    %%swapped = onnx.node "ai.onnx::Neg"(%%index) {name = "neg", version = 13 : i64} : (tensor<?x1xi64>) -> tensor<?x1xi64>\n    %%gathered1/' %s | moe-opt --moe-raise-gathered 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS5
// MISS5: remark: the gathered experts stay plain: node 'gathered1' (ai.onnx::GatherND): it gathers by other ids than the second matrix
// Tokens are repeated as a block.
// RUN: sed -e 's/dense<\[1, 2, 1\]>/dense<[2, 1, 1]>/; /"lifted"/s/%%one_axis/%%zero_axis/; /"lifted"/s/-> tensor<?x1x6xf32>/-> tensor<1x?x6xf32>/; /"repeated"/s/tensor<?x1x6xf32>/tensor<1x?x6xf32>/; /"repeated"/s/-> tensor<?x2x6xf32>/-> tensor<2x?x6xf32>/; /"rows"/s/tensor<?x2x6xf32>/tensor<2x?x6xf32>/' %s | moe-opt --moe-raise-gathered 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS6
// MISS6: remark: the gathered experts stay plain: node 'repeated' (ai.onnx::Expand): it does not repeat each token 2 times
// An activation that no kernel has.
// RUN: sed -e '/"sigmoid"/s/Sigmoid/Tanh/' %s | moe-opt --moe-raise-gathered 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS7
// MISS7: remark: the gathered experts stay plain: node 'active' (ai.onnx::Mul): no factor is a known activation
// A sum over the tokens.
// RUN: sed -e '/"y"/s/%%one_axis/%%zero_axis/; /"y"/s/-> tensor<?x6xf32>/-> tensor<?x6xf32>/' %s | moe-opt --moe-raise-gathered 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS8
// MISS8: remark: the gathered experts stay plain: it does not sum 2 slots of 6 elements
// Somebody else reads what would go.
// RUN: sed -e 's/-> tensor<?x6xf32> {/-> (tensor<?x6xf32>, tensor<?x5xf32>) {/; s/^    return %%y.*/    %%used = onnx.node "ai.onnx::Neg"(%%active) {name = "other", version = 13 : i64} : (tensor<?x5xf32>) -> tensor<?x5xf32>\n    return %%y, %%used : tensor<?x6xf32>, tensor<?x5xf32>/' %s | moe-opt --moe-raise-gathered 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS9
// MISS9: remark: the gathered experts stay plain: node 'active' (ai.onnx::Mul): its result is also read by node 'other' (ai.onnx::Neg)
// Rows are not weighed.
// RUN: sed -e '/"weighed"/s/Mul/Sub/' %s | moe-opt --moe-raise-gathered 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS10
// MISS10: remark: the gathered experts stay plain: node 'top' (ai.onnx::TopK): the rows of 2 selected experts are not weighed
// There is no second matrix.
// RUN: sed -e '/"product2"/s/MatMul/Sub/' %s | moe-opt --moe-raise-gathered 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS11
// MISS11: remark: the gathered experts stay plain: no ReduceSum over weighed rows of these weights was found, nor a second matrix gathered by the same ids
// Renormalised over rows of another number of weights than k.
// RUN: sed -e '/"total"/s/%%top#0/%%one/; /"total"/s/tensor<?x2xf32>/tensor<?x1xf32>/; /"share"/s/%%top#0/%%one/; /"share"/s/tensor<?x2xf32>/tensor<?x1xf32>/g; /"listed"/s/tensor<?x2xf32>/tensor<?x1xf32>/; s/^    %%total/    %%ones = arith.constant dense<[-1, 1]> : tensor<2xi64>\n    %%one = onnx.node "ai.onnx::Reshape"(%%top#0, %%ones) {name = "one", version = 20 : i64} : (tensor<?x2xf32>, tensor<2xi64>) -> tensor<?x1xf32>\n    %%total/' %s | moe-opt --moe-raise-gathered 2>&1 | FileCheck %s --check-prefixes=KEPT,MISS12
// MISS12: remark: keys and weights of the router stay plain: node 'share' (ai.onnx::Div): its rows do not hold the weights of one token each (k = 2)

// CHECK-DAG: rt.weight @y.gate : tensor<4x5x6xf32> = #rt.step<slice[0, 0, 0, 1, 1, 1],
// CHECK-DAG: rt.weight @y.up : tensor<4x5x6xf32> = #rt.step<slice[0, 5, 0, 1, 1, 1],
// CHECK: func.func @main(%{{.*}}: index {rt.dim = "t"}, %[[X:.*]]: tensor<?x6xf32> {{.*}}, %[[LOGITS:.*]]: tensor<?x4xf32>
// CHECK-NOT: onnx.node
// CHECK: %[[IDS:.*]], %[[W:.*]] = moe.gate %[[LOGITS]] {gating = #moe.gating<renormalize = true>} : tensor<?x4xf32> -> tensor<?x2xi32>, tensor<?x2xf32>
// CHECK: %[[ROWS:.*]], %[[ROUTE:.*]] = moe.dispatch %[[X]], %[[IDS]]
// CHECK: moe.expert %[[ROWS]], %[[ROUTE]] gate %{{.*}} up %{{.*}} down %{{.*}} {activation = #moe.activation<silu>}
// CHECK: %[[OUT:.*]] = moe.combine %{{.*}}, %[[ROUTE]], %[[W]]
// CHECK-NEXT: return %[[OUT]]

// A router that is not read chooses all the same; its weights stay what the file computes.
// KEPT: moe.gate {{.*}}#moe.gating<score = identity>
// KEPT-NOT: name = "y"
// KEPT: moe.combine

// A miss leaves the sum over the slots as it is.
// PLAIN-NOT: moe.gate
// PLAIN: name = "y"
module {
  rt.weight @gate_up : tensor<4x10x6xf32> = #rt.source<"m.onnx", 0, 960, raw> : tensor<4x10x6xf32>
  rt.weight @down : tensor<4x6x5xf32> = #rt.source<"m.onnx", 0, 480, raw> : tensor<4x6x5xf32>
  func.func @main(%t: index {rt.dim = "t"}, %x: tensor<?x6xf32> {rt.name = "x", rt.shape = ["t", 6]},
                  %logits: tensor<?x4xf32> {rt.name = "logits", rt.shape = ["t", 4]}) -> tensor<?x6xf32> {
    %gate_up = rt.weight_ref @gate_up : tensor<4x10x6xf32>
    %down = rt.weight_ref @down : tensor<4x6x5xf32>
    %zero_axis = arith.constant dense<0> : tensor<1xi64>
    %one_axis = arith.constant dense<1> : tensor<1xi64>
    %last_axis = arith.constant dense<-1> : tensor<1xi64>
    %k = arith.constant dense<2> : tensor<1xi64>
    %scores = onnx.node "ai.onnx::Softmax"(%logits) {name = "scores", node_attributes = {axis = -1 : i64}, version = 20 : i64} : (tensor<?x4xf32>) -> tensor<?x4xf32>
    %top:2 = onnx.node "ai.onnx::TopK"(%scores, %k) {name = "top", node_attributes = {axis = -1 : i64, largest = 1 : i64, sorted = 1 : i64}, version = 20 : i64} : (tensor<?x4xf32>, tensor<1xi64>) -> (tensor<?x2xf32>, tensor<?x2xi64>)
    %total = onnx.node "ai.onnx::ReduceSum"(%top#0, %last_axis) {name = "total", node_attributes = {keepdims = 1 : i64}, version = 20 : i64} : (tensor<?x2xf32>, tensor<1xi64>) -> tensor<?x1xf32>
    %share = onnx.node "ai.onnx::Div"(%top#0, %total) {name = "share", version = 20 : i64} : (tensor<?x2xf32>, tensor<?x1xf32>) -> tensor<?x2xf32>
    %flat = arith.constant dense<[-1, 6]> : tensor<2xi64>
    %slots = arith.constant dense<[1, 2, 1]> : tensor<3xi64>
    %cube = arith.constant dense<[-1, 2, 6]> : tensor<3xi64>
    %lifted = onnx.node "ai.onnx::Unsqueeze"(%x, %one_axis) {name = "lifted", version = 20 : i64} : (tensor<?x6xf32>, tensor<1xi64>) -> tensor<?x1x6xf32>
    %repeated = onnx.node "ai.onnx::Expand"(%lifted, %slots) {name = "repeated", version = 20 : i64} : (tensor<?x1x6xf32>, tensor<3xi64>) -> tensor<?x2x6xf32>
    %rows = onnx.node "ai.onnx::Reshape"(%repeated, %flat) {name = "rows", version = 20 : i64} : (tensor<?x2x6xf32>, tensor<2xi64>) -> tensor<?x6xf32>
    %ids = onnx.node "ai.onnx::Reshape"(%top#1, %last_axis) {name = "ids", version = 20 : i64} : (tensor<?x2xi64>, tensor<1xi64>) -> tensor<?xi64>
    %index = onnx.node "ai.onnx::Unsqueeze"(%ids, %last_axis) {name = "index", version = 20 : i64} : (tensor<?xi64>, tensor<1xi64>) -> tensor<?x1xi64>
    %gathered1 = onnx.node "ai.onnx::GatherND"(%gate_up, %index) {name = "gathered1", node_attributes = {batch_dims = 0 : i64}, version = 20 : i64} : (tensor<4x10x6xf32>, tensor<?x1xi64>) -> tensor<?x10x6xf32>
    %vector = onnx.node "ai.onnx::Unsqueeze"(%rows, %last_axis) {name = "vector", version = 20 : i64} : (tensor<?x6xf32>, tensor<1xi64>) -> tensor<?x6x1xf32>
    %product1 = onnx.node "ai.onnx::MatMul"(%gathered1, %vector) {name = "product1", version = 20 : i64} : (tensor<?x10x6xf32>, tensor<?x6x1xf32>) -> tensor<?x10x1xf32>
    %squeezed = onnx.node "ai.onnx::Squeeze"(%product1, %last_axis) {name = "squeezed", version = 20 : i64} : (tensor<?x10x1xf32>, tensor<1xi64>) -> tensor<?x10xf32>
    %halves:2 = onnx.node "ai.onnx::Split"(%squeezed) {name = "halves", node_attributes = {axis = 1 : i64, num_outputs = 2 : i64}, version = 20 : i64} : (tensor<?x10xf32>) -> (tensor<?x5xf32>, tensor<?x5xf32>)
    %sigmoid = onnx.node "ai.onnx::Sigmoid"(%halves#0) {name = "sigmoid", version = 20 : i64} : (tensor<?x5xf32>) -> tensor<?x5xf32>
    %silu = onnx.node "ai.onnx::Mul"(%halves#0, %sigmoid) {name = "silu", version = 20 : i64} : (tensor<?x5xf32>, tensor<?x5xf32>) -> tensor<?x5xf32>
    %active = onnx.node "ai.onnx::Mul"(%silu, %halves#1) {name = "active", version = 20 : i64} : (tensor<?x5xf32>, tensor<?x5xf32>) -> tensor<?x5xf32>
    %gathered2 = onnx.node "ai.onnx::GatherND"(%down, %index) {name = "gathered2", node_attributes = {batch_dims = 0 : i64}, version = 20 : i64} : (tensor<4x6x5xf32>, tensor<?x1xi64>) -> tensor<?x6x5xf32>
    %column = onnx.node "ai.onnx::Unsqueeze"(%active, %last_axis) {name = "column", version = 20 : i64} : (tensor<?x5xf32>, tensor<1xi64>) -> tensor<?x5x1xf32>
    %product2 = onnx.node "ai.onnx::MatMul"(%gathered2, %column) {name = "product2", version = 20 : i64} : (tensor<?x6x5xf32>, tensor<?x5x1xf32>) -> tensor<?x6x1xf32>
    %outputs = onnx.node "ai.onnx::Squeeze"(%product2, %last_axis) {name = "outputs", version = 20 : i64} : (tensor<?x6x1xf32>, tensor<1xi64>) -> tensor<?x6xf32>
    %listed = onnx.node "ai.onnx::Reshape"(%share, %last_axis) {name = "listed", version = 20 : i64} : (tensor<?x2xf32>, tensor<1xi64>) -> tensor<?xf32>
    %factors = onnx.node "ai.onnx::Unsqueeze"(%listed, %last_axis) {name = "factors", version = 20 : i64} : (tensor<?xf32>, tensor<1xi64>) -> tensor<?x1xf32>
    %weighed = onnx.node "ai.onnx::Mul"(%outputs, %factors) {name = "weighed", version = 20 : i64} : (tensor<?x6xf32>, tensor<?x1xf32>) -> tensor<?x6xf32>
    %slotted = onnx.node "ai.onnx::Reshape"(%weighed, %cube) {name = "slotted", version = 20 : i64} : (tensor<?x6xf32>, tensor<3xi64>) -> tensor<?x2x6xf32>
    %y = onnx.node "ai.onnx::ReduceSum"(%slotted, %one_axis) {name = "y", node_attributes = {keepdims = 0 : i64}, version = 20 : i64} : (tensor<?x2x6xf32>, tensor<1xi64>) -> tensor<?x6xf32>
    return %y : tensor<?x6xf32>
  }
}
