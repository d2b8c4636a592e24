// DeepSpeed top-2 gate: the second choice by logits, seats behind all first choices, weights renormalised after dropping.
// RUN: moe-opt %s --moe-raise-capacity | FileCheck %s
// A finite fill can be chosen.
// RUN: sed -e 's/0xFF800000/-1.0e+30/' %s | moe-opt --moe-raise-capacity 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS0
// MISS0: remark: the capacity einsum stays plain: node 'masked' (ai.onnx::Where): it does not fill with negative infinity
// The second choice is by scores.
// RUN: sed -e '/"masked"/s/%%logits/%%scores/' %s | moe-opt --moe-raise-capacity 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS1
// MISS1: remark: the capacity einsum stays plain: node 'masked' (ai.onnx::Where): it does not mask the logits of which the scores are made
// Second choices stand behind themselves.
// RUN: sed -e '/"count"/s/%%mask1/%%mask2/' %s | moe-opt --moe-raise-capacity 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS2
// MISS2: remark: the capacity einsum stays plain: node 'count' (ai.onnx::ReduceSum): it does not count the first choices of each expert over the tokens
// A count over the experts.
// RUN: sed -e '/"count"/s/%%first_axis/%%second_axis/' %s | moe-opt --moe-raise-capacity 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS3
// MISS3: remark: the capacity einsum stays plain: node 'count' (ai.onnx::ReduceSum): it does not count the first choices of each expert over the tokens
// Positions of the other choice.
// RUN: sed -e '/"running2"/s/%%mask2/%%mask1/' %s | moe-opt --moe-raise-capacity 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS4
// MISS4: remark: the capacity einsum stays plain: node 'running2' (ai.onnx::CumSum): it does not count the choices of the mask
// One weight is divided by the sum as it is.
// RUN: sed -e '/"part2"/s/%%bounded/%%sum/' %s | moe-opt --moe-raise-capacity 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS5
// MISS5: remark: the capacity einsum stays plain: node 'bounded' (ai.onnx::Clip): expected one positive lower bound and no upper bound, common to both choices
// A bound of 0 lets 0 / 0 through.
// RUN: sed -e 's/1.1920929e-07/0.0/' %s | moe-opt --moe-raise-capacity 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS6
// MISS6: remark: the capacity einsum stays plain: node 'bounded' (ai.onnx::Clip): expected one positive lower bound and no upper bound, common to both choices
// Twice the same score.
// RUN: sed -e '/"sum"/s/%%score2/%%score1/' %s | moe-opt --moe-raise-capacity 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS7
// MISS7: remark: the capacity einsum stays plain: node 'sum' (ai.onnx::Add): it does not add the scores of both choices
// The score of the other choice.
// RUN: sed -e '/"score2"/s/%%keptf2/%%keptf1/' %s | moe-opt --moe-raise-capacity 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS8
// MISS8: remark: the capacity einsum stays plain: node 'score2' (ai.onnx::Einsum): expected se,se->s with the mask of what fits
// A logit is no score.
// RUN: sed -e '/"score2"/s/%%scores/%%logits/' %s | moe-opt --moe-raise-capacity 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS9
// MISS9: remark: the capacity einsum stays plain: node 'score2' (ai.onnx::Einsum): the scores are not those that chose the first expert
// Another equation.
// RUN: sed -e '/"spread1"/s/s,se->se/s,se->es/' %s | moe-opt --moe-raise-capacity 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS10
// MISS10: remark: the capacity einsum stays plain: node 'spread1' (ai.onnx::Einsum): expected s,se->se with the mask of what fits

// CHECK: func.func @main(%{{.*}}: index {rt.dim = "t"}, %[[X:.*]]: tensor<?x4xf32> {{.*}}, %[[LOGITS:.*]]: tensor<?x2xf32>
// CHECK: %[[SCORES:.*]] = onnx.node "ai.onnx::Softmax"(%[[LOGITS]])
// CHECK-NOT: onnx.node
// CHECK: %[[IDS:.*]], %[[W:.*]] = moe.gate %[[LOGITS]] mix %[[SCORES]] : tensor<?x2xf32> {gating = #moe.gating<score = identity, order = mix_then_select>} : tensor<?x2xf32> -> tensor<?x2xi32>, tensor<?x2xf32>
// CHECK: moe.capacity %[[IDS]], %[[W]], %{{.*}} {drop = #moe.drop<renormalize = true, epsilon = 1.1920928955078125E-7 : f64>, experts = 2 : i64}
// CHECK: moe.combine
// CHECK-NEXT: return

// A miss leaves the einsum as it is.
// PLAIN-NOT: moe.gate
// PLAIN: se,sc->sec
// PLAIN: sec,ecm->sm
module {
  rt.weight @w1_0 : tensor<4x3xf32> = #rt.source<"m.onnx", 0, 48, raw> : tensor<4x3xf32>
  rt.weight @b1_0 : tensor<3xf32> = #rt.source<"m.onnx", 0, 12, raw> : tensor<3xf32>
  rt.weight @w2_0 : tensor<3x4xf32> = #rt.source<"m.onnx", 0, 48, raw> : tensor<3x4xf32>
  rt.weight @b2_0 : tensor<4xf32> = #rt.source<"m.onnx", 0, 16, raw> : tensor<4xf32>
  rt.weight @w1_1 : tensor<4x3xf32> = #rt.source<"m.onnx", 0, 48, raw> : tensor<4x3xf32>
  rt.weight @b1_1 : tensor<3xf32> = #rt.source<"m.onnx", 0, 12, raw> : tensor<3xf32>
  rt.weight @w2_1 : tensor<3x4xf32> = #rt.source<"m.onnx", 0, 48, raw> : tensor<3x4xf32>
  rt.weight @b2_1 : tensor<4xf32> = #rt.source<"m.onnx", 0, 16, raw> : tensor<4xf32>
  func.func @main(%t: index {rt.dim = "t"}, %x: tensor<?x4xf32> {rt.name = "x", rt.shape = ["t", 4]},
                  %logits: tensor<?x2xf32> {rt.name = "logits", rt.shape = ["t", 2]}) -> tensor<?x4xf32> {
    %w1_0 = rt.weight_ref @w1_0 : tensor<4x3xf32>
    %b1_0 = rt.weight_ref @b1_0 : tensor<3xf32>
    %w2_0 = rt.weight_ref @w2_0 : tensor<3x4xf32>
    %b2_0 = rt.weight_ref @b2_0 : tensor<4xf32>
    %w1_1 = rt.weight_ref @w1_1 : tensor<4x3xf32>
    %b1_1 = rt.weight_ref @b1_1 : tensor<3xf32>
    %w2_1 = rt.weight_ref @w2_1 : tensor<3x4xf32>
    %b2_1 = rt.weight_ref @b2_1 : tensor<4xf32>
    %experts = arith.constant dense<[0, 1]> : tensor<2xi64>
    %zero = arith.constant dense<0> : tensor<i64>
    %one = arith.constant dense<1> : tensor<i64>
    %two = arith.constant dense<2> : tensor<i64>
    %first_axis = arith.constant dense<0> : tensor<1xi64>
    %second_axis = arith.constant dense<1> : tensor<1xi64>
    %last_axis = arith.constant dense<-1> : tensor<1xi64>
    %sqrt2 = arith.constant dense<1.41421354> : tensor<f32>
    %onef = arith.constant dense<1.0> : tensor<f32>
    %half = arith.constant dense<0.5> : tensor<f32>
    %shape = onnx.node "ai.onnx::Shape"(%x) {name = "shape", node_attributes = {start = 0 : i64, end = 1 : i64}, version = 18 : i64} : (tensor<?x4xf32>) -> tensor<1xi64>
    %tokens = onnx.node "ai.onnx::Squeeze"(%shape) {name = "tokens", version = 18 : i64} : (tensor<1xi64>) -> tensor<i64>
    %more = onnx.node "ai.onnx::Add"(%tokens, %one) {name = "more", version = 18 : i64} : (tensor<i64>, tensor<i64>) -> tensor<i64>
    %share = onnx.node "ai.onnx::Div"(%more, %two) {name = "share", version = 18 : i64} : (tensor<i64>, tensor<i64>) -> tensor<i64>
    %capacity = onnx.node "ai.onnx::Max"(%share, %two) {name = "capacity", version = 18 : i64} : (tensor<i64>, tensor<i64>) -> tensor<i64>
    %scores = onnx.node "ai.onnx::Softmax"(%logits) {name = "scores", node_attributes = {axis = 1 : i64}, version = 18 : i64} : (tensor<?x2xf32>) -> tensor<?x2xf32>
    %minus_infinity = arith.constant dense<0xFF800000> : tensor<f32>
    %epsilon = arith.constant dense<1.1920929e-07> : tensor<f32>
    %choice1 = onnx.node "ai.onnx::ArgMax"(%scores) {name = "choice1", node_attributes = {axis = 1 : i64, keepdims = 0 : i64, select_last_index = 0 : i64}, version = 18 : i64} : (tensor<?x2xf32>) -> tensor<?xi64>
    %column1 = onnx.node "ai.onnx::Unsqueeze"(%choice1, %last_axis) {name = "column1", version = 18 : i64} : (tensor<?xi64>, tensor<1xi64>) -> tensor<?x1xi64>
    %is1 = onnx.node "ai.onnx::Equal"(%column1, %experts) {name = "is1", version = 18 : i64} : (tensor<?x1xi64>, tensor<2xi64>) -> tensor<?x2xi1>
    %mask1 = onnx.node "ai.onnx::Cast"(%is1) {name = "mask1", node_attributes = {to = 7 : i64}, version = 18 : i64} : (tensor<?x2xi1>) -> tensor<?x2xi64>
    %bool1 = onnx.node "ai.onnx::Cast"(%mask1) {name = "bool1", node_attributes = {to = 9 : i64}, version = 18 : i64} : (tensor<?x2xi64>) -> tensor<?x2xi1>
    %masked = onnx.node "ai.onnx::Where"(%bool1, %minus_infinity, %logits) {name = "masked", version = 18 : i64} : (tensor<?x2xi1>, tensor<f32>, tensor<?x2xf32>) -> tensor<?x2xf32>
    %choice2 = onnx.node "ai.onnx::ArgMax"(%masked) {name = "choice2", node_attributes = {axis = 1 : i64, keepdims = 0 : i64, select_last_index = 0 : i64}, version = 18 : i64} : (tensor<?x2xf32>) -> tensor<?xi64>
    %column2 = onnx.node "ai.onnx::Unsqueeze"(%choice2, %last_axis) {name = "column2", version = 18 : i64} : (tensor<?xi64>, tensor<1xi64>) -> tensor<?x1xi64>
    %is2 = onnx.node "ai.onnx::Equal"(%column2, %experts) {name = "is2", version = 18 : i64} : (tensor<?x1xi64>, tensor<2xi64>) -> tensor<?x2xi1>
    %mask2 = onnx.node "ai.onnx::Cast"(%is2) {name = "mask2", node_attributes = {to = 7 : i64}, version = 18 : i64} : (tensor<?x2xi1>) -> tensor<?x2xi64>
    %running1 = onnx.node "ai.onnx::CumSum"(%mask1, %zero) {name = "running1", node_attributes = {exclusive = 0 : i64, reverse = 0 : i64}, version = 18 : i64} : (tensor<?x2xi64>, tensor<i64>) -> tensor<?x2xi64>
    %position1 = onnx.node "ai.onnx::Sub"(%running1, %one) {name = "position1", version = 18 : i64} : (tensor<?x2xi64>, tensor<i64>) -> tensor<?x2xi64>
    %running2 = onnx.node "ai.onnx::CumSum"(%mask2, %zero) {name = "running2", node_attributes = {exclusive = 0 : i64, reverse = 0 : i64}, version = 18 : i64} : (tensor<?x2xi64>, tensor<i64>) -> tensor<?x2xi64>
    %position2 = onnx.node "ai.onnx::Sub"(%running2, %one) {name = "position2", version = 18 : i64} : (tensor<?x2xi64>, tensor<i64>) -> tensor<?x2xi64>
    %count = onnx.node "ai.onnx::ReduceSum"(%mask1, %first_axis) {name = "count", node_attributes = {keepdims = 1 : i64}, version = 18 : i64} : (tensor<?x2xi64>, tensor<1xi64>) -> tensor<1x2xi64>
    %behind = onnx.node "ai.onnx::Add"(%position2, %count) {name = "behind", version = 18 : i64} : (tensor<?x2xi64>, tensor<1x2xi64>) -> tensor<?x2xi64>
    %fits1 = onnx.node "ai.onnx::Less"(%position1, %capacity) {name = "fits1", version = 18 : i64} : (tensor<?x2xi64>, tensor<i64>) -> tensor<?x2xi1>
    %fitting1 = onnx.node "ai.onnx::Cast"(%fits1) {name = "fitting1", node_attributes = {to = 7 : i64}, version = 18 : i64} : (tensor<?x2xi1>) -> tensor<?x2xi64>
    %kept1 = onnx.node "ai.onnx::Mul"(%mask1, %fitting1) {name = "kept1", version = 18 : i64} : (tensor<?x2xi64>, tensor<?x2xi64>) -> tensor<?x2xi64>
    %at1 = onnx.node "ai.onnx::Mul"(%position1, %kept1) {name = "at1", version = 18 : i64} : (tensor<?x2xi64>, tensor<?x2xi64>) -> tensor<?x2xi64>
    %seat1 = onnx.node "ai.onnx::ReduceSum"(%at1, %second_axis) {name = "seat1", node_attributes = {keepdims = 0 : i64}, version = 18 : i64} : (tensor<?x2xi64>, tensor<1xi64>) -> tensor<?xi64>
    %keptf1 = onnx.node "ai.onnx::Cast"(%kept1) {name = "keptf1", node_attributes = {to = 1 : i64}, version = 18 : i64} : (tensor<?x2xi64>) -> tensor<?x2xf32>
    %seats1 = onnx.node "ai.onnx::Unsqueeze"(%seat1, %last_axis) {name = "seats1", version = 18 : i64} : (tensor<?xi64>, tensor<1xi64>) -> tensor<?x1xi64>
    %range1 = onnx.node "ai.onnx::Range"(%zero, %capacity, %one) {name = "range1", version = 18 : i64} : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<?xi64>
    %in1 = onnx.node "ai.onnx::Equal"(%seats1, %range1) {name = "in1", version = 18 : i64} : (tensor<?x1xi64>, tensor<?xi64>) -> tensor<?x?xi1>
    %onehot1 = onnx.node "ai.onnx::Cast"(%in1) {name = "onehot1", node_attributes = {to = 1 : i64}, version = 18 : i64} : (tensor<?x?xi1>) -> tensor<?x?xf32>
    %fits2 = onnx.node "ai.onnx::Less"(%behind, %capacity) {name = "fits2", version = 18 : i64} : (tensor<?x2xi64>, tensor<i64>) -> tensor<?x2xi1>
    %fitting2 = onnx.node "ai.onnx::Cast"(%fits2) {name = "fitting2", node_attributes = {to = 7 : i64}, version = 18 : i64} : (tensor<?x2xi1>) -> tensor<?x2xi64>
    %kept2 = onnx.node "ai.onnx::Mul"(%mask2, %fitting2) {name = "kept2", version = 18 : i64} : (tensor<?x2xi64>, tensor<?x2xi64>) -> tensor<?x2xi64>
    %at2 = onnx.node "ai.onnx::Mul"(%behind, %kept2) {name = "at2", version = 18 : i64} : (tensor<?x2xi64>, tensor<?x2xi64>) -> tensor<?x2xi64>
    %seat2 = onnx.node "ai.onnx::ReduceSum"(%at2, %second_axis) {name = "seat2", node_attributes = {keepdims = 0 : i64}, version = 18 : i64} : (tensor<?x2xi64>, tensor<1xi64>) -> tensor<?xi64>
    %keptf2 = onnx.node "ai.onnx::Cast"(%kept2) {name = "keptf2", node_attributes = {to = 1 : i64}, version = 18 : i64} : (tensor<?x2xi64>) -> tensor<?x2xf32>
    %seats2 = onnx.node "ai.onnx::Unsqueeze"(%seat2, %last_axis) {name = "seats2", version = 18 : i64} : (tensor<?xi64>, tensor<1xi64>) -> tensor<?x1xi64>
    %range2 = onnx.node "ai.onnx::Range"(%zero, %capacity, %one) {name = "range2", version = 18 : i64} : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<?xi64>
    %in2 = onnx.node "ai.onnx::Equal"(%seats2, %range2) {name = "in2", version = 18 : i64} : (tensor<?x1xi64>, tensor<?xi64>) -> tensor<?x?xi1>
    %onehot2 = onnx.node "ai.onnx::Cast"(%in2) {name = "onehot2", node_attributes = {to = 1 : i64}, version = 18 : i64} : (tensor<?x?xi1>) -> tensor<?x?xf32>
    %score1 = onnx.node "ai.onnx::Einsum"(%scores, %keptf1) {name = "score1", node_attributes = {equation = "se,se->s"}, version = 18 : i64} : (tensor<?x2xf32>, tensor<?x2xf32>) -> tensor<?xf32>
    %score2 = onnx.node "ai.onnx::Einsum"(%scores, %keptf2) {name = "score2", node_attributes = {equation = "se,se->s"}, version = 18 : i64} : (tensor<?x2xf32>, tensor<?x2xf32>) -> tensor<?xf32>
    %sum = onnx.node "ai.onnx::Add"(%score1, %score2) {name = "sum", version = 18 : i64} : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
    %bounded = onnx.node "ai.onnx::Clip"(%sum, %epsilon) {name = "bounded", version = 18 : i64} : (tensor<?xf32>, tensor<f32>) -> tensor<?xf32>
    %part1 = onnx.node "ai.onnx::Div"(%score1, %bounded) {name = "part1", version = 18 : i64} : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
    %spread1 = onnx.node "ai.onnx::Einsum"(%part1, %keptf1) {name = "spread1", node_attributes = {equation = "s,se->se"}, version = 18 : i64} : (tensor<?xf32>, tensor<?x2xf32>) -> tensor<?x2xf32>
    %term1 = onnx.node "ai.onnx::Einsum"(%spread1, %onehot1) {name = "term1", node_attributes = {equation = "se,sc->sec"}, version = 18 : i64} : (tensor<?x2xf32>, tensor<?x?xf32>) -> tensor<?x2x?xf32>
    %part2 = onnx.node "ai.onnx::Div"(%score2, %bounded) {name = "part2", version = 18 : i64} : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
    %spread2 = onnx.node "ai.onnx::Einsum"(%part2, %keptf2) {name = "spread2", node_attributes = {equation = "s,se->se"}, version = 18 : i64} : (tensor<?xf32>, tensor<?x2xf32>) -> tensor<?x2xf32>
    %term2 = onnx.node "ai.onnx::Einsum"(%spread2, %onehot2) {name = "term2", node_attributes = {equation = "se,sc->sec"}, version = 18 : i64} : (tensor<?x2xf32>, tensor<?x?xf32>) -> tensor<?x2x?xf32>
    %combine = onnx.node "ai.onnx::Add"(%term1, %term2) {name = "combine", version = 18 : i64} : (tensor<?x2x?xf32>, tensor<?x2x?xf32>) -> tensor<?x2x?xf32>
    %bool = onnx.node "ai.onnx::Cast"(%combine) {name = "bool", node_attributes = {to = 9 : i64}, version = 18 : i64} : (tensor<?x2x?xf32>) -> tensor<?x2x?xi1>
    %dispatch = onnx.node "ai.onnx::Cast"(%bool) {name = "dispatch", node_attributes = {to = 1 : i64}, version = 18 : i64} : (tensor<?x2x?xi1>) -> tensor<?x2x?xf32>
    %rows = onnx.node "ai.onnx::Einsum"(%dispatch, %x) {name = "rows", node_attributes = {equation = "sec,sm->ecm"}, version = 18 : i64} : (tensor<?x2x?xf32>, tensor<?x4xf32>) -> tensor<2x?x4xf32>
    %parts:2 = onnx.node "ai.onnx::Split"(%rows) {name = "parts", node_attributes = {axis = 0 : i64, num_outputs = 2 : i64}, version = 18 : i64} : (tensor<2x?x4xf32>) -> (tensor<1x?x4xf32>, tensor<1x?x4xf32>)
    %up0 = onnx.node "ai.onnx::MatMul"(%parts#0, %w1_0) {name = "up0", version = 18 : i64} : (tensor<1x?x4xf32>, tensor<4x3xf32>) -> tensor<1x?x3xf32>
    %biased0 = onnx.node "ai.onnx::Add"(%up0, %b1_0) {name = "biased0", version = 18 : i64} : (tensor<1x?x3xf32>, tensor<3xf32>) -> tensor<1x?x3xf32>
    %gelu0a = onnx.node "ai.onnx::Div"(%biased0, %sqrt2) {name = "gelu0a", version = 18 : i64} : (tensor<1x?x3xf32>, tensor<f32>) -> tensor<1x?x3xf32>
    %gelu0b = onnx.node "ai.onnx::Erf"(%gelu0a) {name = "gelu0b", version = 18 : i64} : (tensor<1x?x3xf32>) -> tensor<1x?x3xf32>
    %gelu0c = onnx.node "ai.onnx::Add"(%gelu0b, %onef) {name = "gelu0c", version = 18 : i64} : (tensor<1x?x3xf32>, tensor<f32>) -> tensor<1x?x3xf32>
    %gelu0d = onnx.node "ai.onnx::Mul"(%half, %gelu0c) {name = "gelu0d", version = 18 : i64} : (tensor<f32>, tensor<1x?x3xf32>) -> tensor<1x?x3xf32>
    %gelu0e = onnx.node "ai.onnx::Mul"(%biased0, %gelu0d) {name = "gelu0e", version = 18 : i64} : (tensor<1x?x3xf32>, tensor<1x?x3xf32>) -> tensor<1x?x3xf32>
    %down0 = onnx.node "ai.onnx::MatMul"(%gelu0e, %w2_0) {name = "down0", version = 18 : i64} : (tensor<1x?x3xf32>, tensor<3x4xf32>) -> tensor<1x?x4xf32>
    %out0 = onnx.node "ai.onnx::Add"(%down0, %b2_0) {name = "out0", version = 18 : i64} : (tensor<1x?x4xf32>, tensor<4xf32>) -> tensor<1x?x4xf32>
    %up1 = onnx.node "ai.onnx::MatMul"(%parts#1, %w1_1) {name = "up1", version = 18 : i64} : (tensor<1x?x4xf32>, tensor<4x3xf32>) -> tensor<1x?x3xf32>
    %biased1 = onnx.node "ai.onnx::Add"(%up1, %b1_1) {name = "biased1", version = 18 : i64} : (tensor<1x?x3xf32>, tensor<3xf32>) -> tensor<1x?x3xf32>
    %gelu1a = onnx.node "ai.onnx::Div"(%biased1, %sqrt2) {name = "gelu1a", version = 18 : i64} : (tensor<1x?x3xf32>, tensor<f32>) -> tensor<1x?x3xf32>
    %gelu1b = onnx.node "ai.onnx::Erf"(%gelu1a) {name = "gelu1b", version = 18 : i64} : (tensor<1x?x3xf32>) -> tensor<1x?x3xf32>
    %gelu1c = onnx.node "ai.onnx::Add"(%gelu1b, %onef) {name = "gelu1c", version = 18 : i64} : (tensor<1x?x3xf32>, tensor<f32>) -> tensor<1x?x3xf32>
    %gelu1d = onnx.node "ai.onnx::Mul"(%half, %gelu1c) {name = "gelu1d", version = 18 : i64} : (tensor<f32>, tensor<1x?x3xf32>) -> tensor<1x?x3xf32>
    %gelu1e = onnx.node "ai.onnx::Mul"(%biased1, %gelu1d) {name = "gelu1e", version = 18 : i64} : (tensor<1x?x3xf32>, tensor<1x?x3xf32>) -> tensor<1x?x3xf32>
    %down1 = onnx.node "ai.onnx::MatMul"(%gelu1e, %w2_1) {name = "down1", version = 18 : i64} : (tensor<1x?x3xf32>, tensor<3x4xf32>) -> tensor<1x?x4xf32>
    %out1 = onnx.node "ai.onnx::Add"(%down1, %b2_1) {name = "out1", version = 18 : i64} : (tensor<1x?x4xf32>, tensor<4xf32>) -> tensor<1x?x4xf32>
    %joined = onnx.node "ai.onnx::Concat"(%out0, %out1) {name = "joined", node_attributes = {axis = 0 : i64}, version = 18 : i64} : (tensor<1x?x4xf32>, tensor<1x?x4xf32>) -> tensor<2x?x4xf32>
    %y = onnx.node "ai.onnx::Einsum"(%combine, %joined) {name = "y", node_attributes = {equation = "sec,ecm->sm"}, version = 18 : i64} : (tensor<?x2x?xf32>, tensor<2x?x4xf32>) -> tensor<?x4xf32>
    return %y : tensor<?x4xf32>
  }
}
