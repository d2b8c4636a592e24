// Sigmoid scores, a selection bias, the best groups of experts, renormalised with an epsilon and scaled (DeepSeek V3).
// RUN: moe-opt %s --moe-raise-gathered | FileCheck %s
// Other groups keep a chance.
// RUN: sed -e '/"limited"/s/%%zero/%%scale/' %s | moe-opt --moe-raise-gathered 2>&1 | FileCheck %s --check-prefixes=KEPT,MISS0
// MISS0: remark: keys and weights of the router stay plain: node 'limited' (ai.onnx::Where): the keys of other groups become neither 0 nor negative infinity
// Weights with the selection bias.
// RUN: sed -e '/"picked"/s/%%scores/%%keys/' %s | moe-opt --moe-raise-gathered 2>&1 | FileCheck %s --check-prefixes=KEPT,MISS1
// MISS1: remark: keys and weights of the router stay plain: node 'picked' (ai.onnx::GatherElements): the weights are gathered from another tensor than the scores that were selected by
// Weights of other experts.
// RUN: sed -e '/"picked"/s/%%top#1/%%neg/; s/^    %%picked/    %%neg = onnx.node "ai.onnx::Neg"(%%top#1) {name = "neg", version = 13 : i64} : (tensor<?x2xi64>) -> tensor<?x2xi64>\n    %%picked/' %s | moe-opt --moe-raise-gathered 2>&1 | FileCheck %s --check-prefixes=KEPT,MISS2
// MISS2: remark: keys and weights of the router stay plain: node 'picked' (ai.onnx::GatherElements): the weights are gathered by other ids than the experts
// Ids of other tokens.
// RUN: sed -e '/"picked"/s/%%top#1/%%turned/; /"picked"/s/tensor<?x2xi64>/tensor<2x?xi64>/; s/^    %%picked/    %%rows_of_two = arith.constant dense<[2, -1]> : tensor<2xi64>\n    %%turned = onnx.node "ai.onnx::Reshape"(%%top#1, %%rows_of_two) {name = "turned", version = 13 : i64} : (tensor<?x2xi64>, tensor<2xi64>) -> tensor<2x?xi64>\n    %%picked/; s/^    %%share = .*/    %%share = onnx.node "ai.onnx::Identity"(%%picked) {name = "share", version = 13 : i64} : (tensor<?x2xf32>) -> tensor<?x2xf32>/; /"sum"/d; /"total"/d; /"normal"/d' %s | moe-opt --moe-raise-gathered 2>&1 | FileCheck %s --check-prefixes=KEPT,MISS3
// MISS3: remark: keys and weights of the router stay plain: node 'picked' (ai.onnx::GatherElements): ids and scores have different rows
// A mask of twos.
// RUN: sed -e '/"ones"/s/dense<1.0>/dense<2.0>/' %s | moe-opt --moe-raise-gathered 2>&1 | FileCheck %s --check-prefixes=KEPT,MISS4
// MISS4: remark: keys and weights of the router stay plain: node 'kept_groups' (ai.onnx::ScatterElements): it does not scatter ones into zeros
// A mask along the tokens.
// RUN: sed -e '/"kept_groups"/s/axis = 1/axis = 0/' %s | moe-opt --moe-raise-gathered 2>&1 | FileCheck %s --check-prefixes=KEPT,MISS5
// MISS5: remark: keys and weights of the router stay plain: node 'kept_groups' (ai.onnx::ScatterElements): it does not scatter along the groups
// Groups scored without the bias.
// RUN: sed -e '/"view"/s/%%keys/%%scores/' %s | moe-opt --moe-raise-gathered 2>&1 | FileCheck %s --check-prefixes=KEPT,MISS6
// MISS6: remark: keys and weights of the router stay plain: node 'best' (ai.onnx::TopK): groups are scored by another tensor than the keys
// Divided by the sum of the keys.
// RUN: sed -e '/"sum"/s/%%picked/%%top#0/' %s | moe-opt --moe-raise-gathered 2>&1 | FileCheck %s --check-prefixes=KEPT,MISS7
// MISS7: remark: keys and weights of the router stay plain: node 'sum' (ai.onnx::ReduceSum): it is not the sum of the weights that are divided
// The keys are the weights.
// RUN: sed -e 's/^    %%share = .*/    %%share = onnx.node "ai.onnx::Identity"(%%top#0) {name = "share", version = 13 : i64} : (tensor<?x2xf32>) -> tensor<?x2xf32>/; /"picked"/d; /"sum"/d; /"total"/d; /"normal"/d' %s | moe-opt --moe-raise-gathered 2>&1 | FileCheck %s --check-prefixes=KEPT,MISS8
// MISS8: remark: keys and weights of the router stay plain: node 'top' (ai.onnx::TopK): its values are weights, but they carry a selection bias or a group mask
// Groups over two tokens each.
// RUN: sed -e 's/\["t", /[6, /g; s/tensor<?x/tensor<6x/g; s/dense<\[-1, 2, 2\]>/dense<[-1, 2, 4]>/; /"view"/s/-> tensor<6x2x2xf32>/-> tensor<3x2x4xf32>/; /"best"/s/6x2x2/3x2x2/g; /"best"/s/tensor<3x2x2xf32>/tensor<3x2x4xf32>/; /"group_scores"/s/6x2x2/3x2x2/; /"group_scores"/s/6x2xf32/3x2xf32/; /"chosen"/s/tensor<6x/tensor<3x/g; /"sizes"/s/6x2/3x2/; /"ones_sizes"/s/6x1/3x1/; /"ones"/s/6x1/3x1/; /"kept_groups"/s/6x1/3x1/g; /"zeros"/s/%%sizes/%%wide/; s/^    %%zeros/    %%wide = arith.constant dense<[6, 2]> : tensor<2xi64>\n    %%zeros/' %s | moe-opt --moe-raise-gathered 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS9
// MISS9: remark: the gathered experts stay plain: node 'best' (ai.onnx::TopK): it does not score 2 groups of 2 experts of each token
// Chosen groups of some of the tokens.
// RUN: sed -e 's/\["t", /[6, /g; s/tensor<?x/tensor<6x/g; /"kept_groups"/s/%%chosen#1/%%some/; /"kept_groups"/s/6x1/3x2/g; /"ones"/s/6x1/3x2/; /"ones_sizes"/s/%%chosen#1/%%some/; /"ones_sizes"/s/6x1/3x2/; s/^    %%ones_sizes/    %%pairs = arith.constant dense<[3, 2]> : tensor<2xi64>\n    %%some = onnx.node "ai.onnx::Reshape"(%%chosen#1, %%pairs) {name = "some", version = 20 : i64} : (tensor<6x1xi64>, tensor<2xi64>) -> tensor<3x2xi64>\n    %%ones_sizes/' %s | moe-opt --moe-raise-gathered 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS10
// MISS10: remark: the gathered experts stay plain: node 'kept_groups' (ai.onnx::ScatterElements): it does not scatter the 1 chosen of 2 groups of each token
// Ones for some of the tokens.
// RUN: sed -e '/"ones"/s/%%ones_sizes/%%few/; s/^    %%ones =/    %%few = arith.constant dense<[3, 1]> : tensor<2xi64>\n    %%ones =/' %s | moe-opt --moe-raise-gathered 2>&1 | FileCheck %s --check-prefixes=KEPT,MISS11
// MISS11: remark: keys and weights of the router stay plain: node 'kept_groups' (ai.onnx::ScatterElements): it does not scatter the 1 chosen of 2 groups of each token
// Ones of which there are two.
// RUN: sed -e '/"ones"/s/dense<1.0> : tensor<1xf32>/dense<[1.0, 1.0]> : tensor<2xf32>/' %s | moe-opt --moe-raise-gathered 2>&1 | FileCheck %s --check-prefixes=KEPT,MISS12
// MISS12: remark: keys and weights of the router stay plain: node 'kept_groups' (ai.onnx::ScatterElements): it does not scatter ones into zeros
// No group at all.
// RUN: sed -e '/%%one_group = /s/dense<1>/dense<0>/; /"chosen"\|"ones_sizes"\|"ones"\|"kept_groups"/s/tensor<?x1x/tensor<?x0x/g' %s | moe-opt --moe-raise-gathered 2>&1 | FileCheck %s --check-prefixes=KEPT,MISS13
// MISS13: remark: keys and weights of the router stay plain: node 'chosen' (ai.onnx::TopK): it chooses no expert

// CHECK: %[[BIAS:.*]] = arith.constant dense<[1.000000e-01
// CHECK-NOT: onnx.node
// CHECK: moe.gate %{{.*}} bias %[[BIAS]] : tensor<4xf32> {gating = #moe.gating<score = sigmoid, groups = 2, group_score = top2_sum, renormalize = true, renormalize_epsilon = {{.*}} : f64, scale = 2.500000e+00 : f64>}
// CHECK: moe.combine

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
    %bias = arith.constant dense<[0.1, 0.2, 0.3, 0.4]> : tensor<4xf32>
    %grouped = arith.constant dense<[-1, 2, 2]> : tensor<3xi64>
    %members = arith.constant dense<[1, 2, 2]> : tensor<3xi64>
    %experts = arith.constant dense<[-1, 4]> : tensor<2xi64>
    %one_group = arith.constant dense<1> : tensor<1xi64>
    %zero = arith.constant dense<0.0> : tensor<f32>
    %scale = arith.constant dense<2.5> : tensor<f32>
    %epsilon = arith.constant dense<1.0e-20> : tensor<f32>
    %scores = onnx.node "ai.onnx::Sigmoid"(%logits) {name = "scores", version = 20 : i64} : (tensor<?x4xf32>) -> tensor<?x4xf32>
    %keys = onnx.node "ai.onnx::Add"(%scores, %bias) {name = "keys", version = 20 : i64} : (tensor<?x4xf32>, tensor<4xf32>) -> tensor<?x4xf32>
    %view = onnx.node "ai.onnx::Reshape"(%keys, %grouped) {name = "view", version = 20 : i64} : (tensor<?x4xf32>, tensor<3xi64>) -> tensor<?x2x2xf32>
    %best:2 = onnx.node "ai.onnx::TopK"(%view, %k) {name = "best", node_attributes = {axis = -1 : i64, largest = 1 : i64, sorted = 1 : i64}, version = 20 : i64} : (tensor<?x2x2xf32>, tensor<1xi64>) -> (tensor<?x2x2xf32>, tensor<?x2x2xi64>)
    %group_scores = onnx.node "ai.onnx::ReduceSum"(%best#0, %last_axis) {name = "group_scores", node_attributes = {keepdims = 0 : i64}, version = 20 : i64} : (tensor<?x2x2xf32>, tensor<1xi64>) -> tensor<?x2xf32>
    %chosen:2 = onnx.node "ai.onnx::TopK"(%group_scores, %one_group) {name = "chosen", node_attributes = {axis = -1 : i64, largest = 1 : i64, sorted = 0 : i64}, version = 20 : i64} : (tensor<?x2xf32>, tensor<1xi64>) -> (tensor<?x1xf32>, tensor<?x1xi64>)
    %sizes = onnx.node "ai.onnx::Shape"(%group_scores) {name = "sizes", version = 20 : i64} : (tensor<?x2xf32>) -> tensor<2xi64>
    %zeros = onnx.node "ai.onnx::Expand"(%zero, %sizes) {name = "zeros", version = 20 : i64} : (tensor<f32>, tensor<2xi64>) -> tensor<?x2xf32>
    %ones_sizes = onnx.node "ai.onnx::Shape"(%chosen#1) {name = "ones_sizes", version = 20 : i64} : (tensor<?x1xi64>) -> tensor<2xi64>
    %ones = onnx.node "ai.onnx::ConstantOfShape"(%ones_sizes) {name = "ones", node_attributes = {value = dense<1.0> : tensor<1xf32>}, version = 20 : i64} : (tensor<2xi64>) -> tensor<?x1xf32>
    %kept_groups = onnx.node "ai.onnx::ScatterElements"(%zeros, %chosen#1, %ones) {name = "kept_groups", node_attributes = {axis = 1 : i64, reduction = "none"}, version = 20 : i64} : (tensor<?x2xf32>, tensor<?x1xi64>, tensor<?x1xf32>) -> tensor<?x2xf32>
    %lifted_groups = onnx.node "ai.onnx::Unsqueeze"(%kept_groups, %last_axis) {name = "lifted_groups", version = 20 : i64} : (tensor<?x2xf32>, tensor<1xi64>) -> tensor<?x2x1xf32>
    %spread = onnx.node "ai.onnx::Expand"(%lifted_groups, %members) {name = "spread", version = 20 : i64} : (tensor<?x2x1xf32>, tensor<3xi64>) -> tensor<?x2x2xf32>
    %mask = onnx.node "ai.onnx::Reshape"(%spread, %experts) {name = "mask", version = 20 : i64} : (tensor<?x2x2xf32>, tensor<2xi64>) -> tensor<?x4xf32>
    %kept = onnx.node "ai.onnx::Cast"(%mask) {name = "kept", node_attributes = {to = 9 : i64}, version = 20 : i64} : (tensor<?x4xf32>) -> tensor<?x4xi1>
    %others = onnx.node "ai.onnx::Not"(%kept) {name = "others", version = 20 : i64} : (tensor<?x4xi1>) -> tensor<?x4xi1>
    %limited = onnx.node "ai.onnx::Where"(%others, %zero, %keys) {name = "limited", version = 20 : i64} : (tensor<?x4xi1>, tensor<f32>, tensor<?x4xf32>) -> tensor<?x4xf32>
    %top:2 = onnx.node "ai.onnx::TopK"(%limited, %k) {name = "top", node_attributes = {axis = -1 : i64, largest = 1 : i64, sorted = 1 : i64}, version = 20 : i64} : (tensor<?x4xf32>, tensor<1xi64>) -> (tensor<?x2xf32>, tensor<?x2xi64>)
    %picked = onnx.node "ai.onnx::GatherElements"(%scores, %top#1) {name = "picked", node_attributes = {axis = 1 : i64}, version = 20 : i64} : (tensor<?x4xf32>, tensor<?x2xi64>) -> tensor<?x2xf32>
    %sum = onnx.node "ai.onnx::ReduceSum"(%picked, %last_axis) {name = "sum", node_attributes = {keepdims = 1 : i64}, version = 20 : i64} : (tensor<?x2xf32>, tensor<1xi64>) -> tensor<?x1xf32>
    %total = onnx.node "ai.onnx::Add"(%sum, %epsilon) {name = "total", version = 20 : i64} : (tensor<?x1xf32>, tensor<f32>) -> tensor<?x1xf32>
    %normal = onnx.node "ai.onnx::Div"(%picked, %total) {name = "normal", version = 20 : i64} : (tensor<?x2xf32>, tensor<?x1xf32>) -> tensor<?x2xf32>
    %share = onnx.node "ai.onnx::Mul"(%normal, %scale) {name = "share", version = 20 : i64} : (tensor<?x2xf32>, tensor<f32>) -> tensor<?x2xf32>
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
