// A loop over three experts, unrolled, of which two are chosen. Weights come in several ways.
// RUN: moe-opt %s --moe-raise-looped | FileCheck %s
// Expert 1 twice, and 2 not.
// RUN: sed -e '/name = "one2"/s/%%n2/%%n1/' %s | moe-opt --moe-raise-looped 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS0
// MISS0: remark: the loop over experts stays plain: expert 1 is added twice
// Expert 0 is left out.
// RUN: sed -e '/name = "sum1"/s/%%sum0/%%zeros/' %s | moe-opt --moe-raise-looped 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS1
// MISS1: remark: the loop over experts stays plain: expert 0 is missing
// Expert 2 is left out.
// RUN: sed -e 's/return %%sum2/return %%sum1/' %s | moe-opt --moe-raise-looped 2>&1 | FileCheck %s --check-prefixes=MISS2
// MISS2: remark: the loop over experts stays plain: the router scores 3 experts, but there are weights of 2
// Where nothing is chosen there are ones, too.
// RUN: sed -e '/zero_one =/s/\[0, 1\]/[1, 1]/' %s | moe-opt --moe-raise-looped 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS3
// MISS3: remark: the loop over experts stays plain: node 'onehot' (ai.onnx::OneHot): expected 0 and 1 for a constant number of experts
// The sum begins at one.
// RUN: sed -e '/name = "zeros"/s/0\.0/1.0/' %s | moe-opt --moe-raise-looped 2>&1 | FileCheck %s --check-prefix=ADDED
// ADDED: %[[SUM:.*]] = moe.combine
// ADDED-NEXT: %[[ALL:.*]] = onnx.node "ai.onnx::Add"(%{{.*}}, %[[SUM]])
// ADDED: return %[[ALL]]
// The sum begins at the tokens.
// RUN: sed -e '/name = "sum0"/s/%%zeros/%%x/' %s | moe-opt --moe-raise-looped 2>&1 | FileCheck %s --check-prefix=ADDED
// Something is added on the way.
// RUN: sed -e '/name = "sum1"/s/%%sum0/%%more/; /^    %%column1 = /i\    %%more = onnx.node "ai.onnx::Add"(%%sum0, %%x) {name = "more", version = 14 : i64} : (tensor<?x6xf32>, tensor<?x6xf32>) -> tensor<?x6xf32>' %s | moe-opt --moe-raise-looped 2>&1 | FileCheck %s --check-prefix=ADDED
// And at the beginning, too.
// RUN: sed -e '/name = "sum0"/s/%%zeros/%%x/; /name = "sum1"/s/%%sum0/%%more/; /^    %%column1 = /i\    %%more = onnx.node "ai.onnx::Add"(%%sum0, %%x) {name = "more", version = 14 : i64} : (tensor<?x6xf32>, tensor<?x6xf32>) -> tensor<?x6xf32>' %s | moe-opt --moe-raise-looped 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS5
// MISS5: remark: the loop over experts stays plain: node 'more' (ai.onnx::Add): the sum begins with more than one tensor
// Experts that stand in two sums are not missing.
// RUN: sed -e '/name = "sum1"/s/%%sum0/%%more/; /^    %%column1 = /i\    %%more = onnx.node "ai.onnx::Neg"(%%sum0) {name = "more", version = 13 : i64} : (tensor<?x6xf32>) -> tensor<?x6xf32>' %s | moe-opt --moe-reject-frozen-experts --moe-raise-looped 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS27
// MISS27: remark: the loop over experts stays plain: the router scores 3 experts, but there are weights of 1
// Rows of slots.
// RUN: sed -e '/name = "rows1"/s/%%token1/%%slot1/' %s | moe-opt --moe-raise-looped 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS6
// MISS6: remark: the loop over experts stays plain: node 'rows1' (ai.onnx::Gather): its indices are not of the tokens of this expert
// Added to slots.
// RUN: sed -e '/name = "column1"/s/%%token1/%%slot1/' %s | moe-opt --moe-raise-looped 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS7
// MISS7: remark: the loop over experts stays plain: node 'sum1' (ai.onnx::ScatterND): its indices are not of the tokens of this expert
// Other tokens for one expert.
// RUN: sed -e '/name = "rows1"/s/%%x/%%z/' %s | moe-opt --moe-raise-looped 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS8
// MISS8: remark: the loop over experts stays plain: node 'rows1' (ai.onnx::Gather): it reads other tokens than the expert before it
// Positions by another number of slots.
// RUN: sed -e '/two =/s/dense<2>/dense<3>/' %s | moe-opt --moe-raise-looped 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS9
// MISS9: remark: the loop over experts stays plain: node 'weight0' (ai.onnx::Gather): it does not gather by token * 2 + slot
// One expert is not weighed.
// RUN: sed -e '/name = "sum1"/s/%%weighed1/%%given1/' %s | moe-opt --moe-raise-looped 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS10
// MISS10: remark: the loop over experts stays plain: node 'sum1' (ai.onnx::ScatterND): some experts are weighed, and others are not
// The largest counts.
// RUN: sed -e '/name = "sum1"/s/"add"/"max"/' %s | moe-opt --moe-raise-looped 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS11
// MISS11: remark: the loop over experts stays plain: node 'sum1' (ai.onnx::ScatterND): it reduces by 'max'
// The sum is overwritten.
// RUN: sed -e '/name = "sum1"/s/"add"/"none"/' %s | moe-opt --moe-raise-looped 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS12
// MISS12: remark: the loop over experts stays plain: node 'sum1' (ai.onnx::ScatterND): it overwrites a sum instead of adding to it
// A sum is read elsewhere.
// RUN: sed -e 's/return %%sum2, %%x/return %%sum2, %%sum1/' %s | moe-opt --moe-raise-looped 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS13
// MISS13: remark: the loop over experts stays plain: node 'sum1' (ai.onnx::ScatterND): its result is also read by 'func.return'
// What an expert gives is read elsewhere.
// RUN: sed -e 's/return %%sum2, %%x/return %%sum2, %%given1/; s/tensor<?x6xf32>, tensor<?x6xf32>$/tensor<?x6xf32>, tensor<?x6xf32>/' %s | moe-opt --moe-raise-looped 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS14
// MISS14: remark: the loop over experts stays plain: node 'given1' (ai.onnx::MatMul): its result is also read by 'func.return'
// One expert has another activation.
// RUN: sed -e '/name = "active1"/s/onnx::Relu/onnx::Gelu/; /name = "active1"/s/version = 14/version = 20/' %s | moe-opt --moe-raise-looped 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS15
// MISS15: remark: the loop over experts stays plain: expert 1 has another activation than expert 0

// CHECK: rt.weight @{{.*}} : tensor<3x6x5xf32> = #rt.step<stack,
// CHECK-NOT: onnx.node
// CHECK: %[[IDS:.*]], %[[WEIGHTS:.*]] = moe.gate %{{.*}} {gating = #moe.gating<>} : tensor<?x3xf32> -> tensor<?x2xi32>, tensor<?x2xf32>
// CHECK: moe.dispatch %{{.*}}, %[[IDS]]
// CHECK: moe.expert {{.*}} {activation = #moe.activation<relu>}
// CHECK: moe.combine %{{.*}}, %{{.*}}, %[[WEIGHTS]]

// A miss leaves the last sum as it is.
// PLAIN-NOT: moe.gate
// PLAIN: name = "sum2"
module {
  rt.weight @w : tensor<6x5xf32> = #rt.source<"m.onnx", 0, 120, raw> : tensor<6x5xf32>
  rt.weight @v : tensor<5x6xf32> = #rt.source<"m.onnx", 120, 120, raw> : tensor<5x6xf32>
  rt.weight @stack : tensor<3x5x6xf32> = #rt.source<"m.onnx", 240, 360, raw> : tensor<3x5x6xf32>
  func.func @main(%t: index {rt.dim = "t"}, %x: tensor<?x6xf32> {rt.name = "x", rt.shape = ["t", 6]}, %z: tensor<?x6xf32> {rt.name = "z", rt.shape = ["t", 6]},
                  %logits: tensor<?x3xf32> {rt.name = "logits", rt.shape = ["t", 3]}) -> (tensor<?x6xf32>, tensor<?x6xf32>) {
    %stack = rt.weight_ref @stack : tensor<3x5x6xf32>
    %n0 = arith.constant dense<0> : tensor<i64>
    %n1 = arith.constant dense<1> : tensor<i64>
    %n2 = arith.constant dense<2> : tensor<i64>
    %two = arith.constant dense<2> : tensor<i64>
    %depth = arith.constant dense<3> : tensor<i64>
    %k = arith.constant dense<2> : tensor<1xi64>
    %zero_one = arith.constant dense<[0, 1]> : tensor<2xi64>
    %ones = arith.constant dense<1> : tensor<2xi64>
    %axis0 = arith.constant dense<0> : tensor<1xi64>
    %axis1 = arith.constant dense<1> : tensor<1xi64>
    %axis2 = arith.constant dense<2> : tensor<1xi64>
    %last_axis = arith.constant dense<-1> : tensor<1xi64>
    %numbers = arith.constant dense<[0, 1, 2]> : tensor<3xi64>
    %column_sizes = arith.constant dense<[-1, 1]> : tensor<2xi64>
    %up0 = rt.weight_ref @w : tensor<6x5xf32>
    %down0 = rt.weight_ref @v : tensor<5x6xf32>
    %up1 = rt.weight_ref @w : tensor<6x5xf32>
    %down1 = onnx.node "ai.onnx::Gather"(%stack, %n1) {name = "down1", version = 13 : i64} : (tensor<3x5x6xf32>, tensor<i64>) -> tensor<5x6xf32>
    %up2 = onnx.node "ai.onnx::Transpose"(%down1) {name = "up2", node_attributes = {perm = array<i64: 1, 0>}, version = 13 : i64} : (tensor<5x6xf32>) -> tensor<6x5xf32>
    %slices:3 = onnx.node "ai.onnx::Split"(%stack) {name = "slices", node_attributes = {axis = 0 : i64, num_outputs = 3 : i64}, version = 18 : i64} : (tensor<3x5x6xf32>) -> (tensor<1x5x6xf32>, tensor<1x5x6xf32>, tensor<1x5x6xf32>)
    %down2 = onnx.node "ai.onnx::Squeeze"(%slices#2, %axis0) {name = "down2", version = 13 : i64} : (tensor<1x5x6xf32>, tensor<1xi64>) -> tensor<5x6xf32>
    %scores = onnx.node "ai.onnx::Softmax"(%logits) {name = "scores", node_attributes = {axis = -1 : i64}, version = 13 : i64} : (tensor<?x3xf32>) -> tensor<?x3xf32>
    %top:2 = onnx.node "ai.onnx::TopK"(%scores, %k) {name = "top", version = 11 : i64} : (tensor<?x3xf32>, tensor<1xi64>) -> (tensor<?x2xf32>, tensor<?x2xi64>)
    %flat = onnx.node "ai.onnx::Reshape"(%top#0, %column_sizes) {name = "flat", version = 14 : i64} : (tensor<?x2xf32>, tensor<2xi64>) -> tensor<?x1xf32>
    %onehot = onnx.node "ai.onnx::OneHot"(%top#1, %depth, %zero_one) {name = "onehot", version = 11 : i64} : (tensor<?x2xi64>, tensor<i64>, tensor<2xi64>) -> tensor<?x2x3xi64>
    %mask = onnx.node "ai.onnx::Transpose"(%onehot) {name = "mask", node_attributes = {perm = array<i64: 2, 1, 0>}, version = 13 : i64} : (tensor<?x2x3xi64>) -> tensor<3x2x?xi64>
    %sizes = onnx.node "ai.onnx::Shape"(%x) {name = "sizes", version = 15 : i64} : (tensor<?x6xf32>) -> tensor<2xi64>
    %zeros = onnx.node "ai.onnx::ConstantOfShape"(%sizes) {name = "zeros", node_attributes = {value = dense<0.0> : tensor<1xf32>}, version = 9 : i64} : (tensor<2xi64>) -> tensor<?x6xf32>
    %one0 = onnx.node "ai.onnx::Gather"(%mask, %n0) {name = "one0", version = 13 : i64} : (tensor<3x2x?xi64>, tensor<i64>) -> tensor<2x?xi64>
    %found0 = onnx.node "ai.onnx::NonZero"(%one0) {name = "found0", version = 13 : i64} : (tensor<2x?xi64>) -> tensor<2x?xi64>
    %turned0 = onnx.node "ai.onnx::Transpose"(%found0) {name = "turned0", node_attributes = {perm = array<i64: 1, 0>}, version = 13 : i64} : (tensor<2x?xi64>) -> tensor<?x2xi64>
    %parts0:2 = onnx.node "ai.onnx::Split"(%turned0, %ones) {name = "parts0", node_attributes = {axis = 1 : i64}, version = 13 : i64} : (tensor<?x2xi64>, tensor<2xi64>) -> (tensor<?x1xi64>, tensor<?x1xi64>)
    %slot0 = onnx.node "ai.onnx::Squeeze"(%parts0#0, %axis1) {name = "slot0", version = 13 : i64} : (tensor<?x1xi64>, tensor<1xi64>) -> tensor<?xi64>
    %token0 = onnx.node "ai.onnx::Squeeze"(%parts0#1, %axis1) {name = "token0", version = 13 : i64} : (tensor<?x1xi64>, tensor<1xi64>) -> tensor<?xi64>
    %rows0 = onnx.node "ai.onnx::Gather"(%x, %token0) {name = "rows0", version = 13 : i64} : (tensor<?x6xf32>, tensor<?xi64>) -> tensor<?x6xf32>
    %inner0 = onnx.node "ai.onnx::MatMul"(%rows0, %up0) {name = "inner0", version = 13 : i64} : (tensor<?x6xf32>, tensor<6x5xf32>) -> tensor<?x5xf32>
    %active0 = onnx.node "ai.onnx::Relu"(%inner0) {name = "active0", version = 14 : i64} : (tensor<?x5xf32>) -> tensor<?x5xf32>
    %given0 = onnx.node "ai.onnx::MatMul"(%active0, %down0) {name = "given0", version = 13 : i64} : (tensor<?x5xf32>, tensor<5x6xf32>) -> tensor<?x6xf32>
    %scaled0 = onnx.node "ai.onnx::Mul"(%token0, %two) {name = "scaled0", version = 14 : i64} : (tensor<?xi64>, tensor<i64>) -> tensor<?xi64>
    %position0 = onnx.node "ai.onnx::Add"(%slot0, %scaled0) {name = "position0", version = 14 : i64} : (tensor<?xi64>, tensor<?xi64>) -> tensor<?xi64>
    %weight0 = onnx.node "ai.onnx::Gather"(%flat, %position0) {name = "weight0", version = 13 : i64} : (tensor<?x1xf32>, tensor<?xi64>) -> tensor<?x1xf32>
    %weighed0 = onnx.node "ai.onnx::Mul"(%given0, %weight0) {name = "weighed0", version = 14 : i64} : (tensor<?x6xf32>, tensor<?x1xf32>) -> tensor<?x6xf32>
    %column0 = onnx.node "ai.onnx::Unsqueeze"(%token0, %axis1) {name = "column0", version = 13 : i64} : (tensor<?xi64>, tensor<1xi64>) -> tensor<?x1xi64>
    %sum0 = onnx.node "ai.onnx::ScatterND"(%zeros, %column0, %weighed0) {name = "sum0", node_attributes = {reduction = "add"}, version = 18 : i64} : (tensor<?x6xf32>, tensor<?x1xi64>, tensor<?x6xf32>) -> tensor<?x6xf32>
    %one1 = onnx.node "ai.onnx::Gather"(%mask, %n1) {name = "one1", version = 13 : i64} : (tensor<3x2x?xi64>, tensor<i64>) -> tensor<2x?xi64>
    %found1 = onnx.node "ai.onnx::NonZero"(%one1) {name = "found1", version = 13 : i64} : (tensor<2x?xi64>) -> tensor<2x?xi64>
    %turned1 = onnx.node "ai.onnx::Transpose"(%found1) {name = "turned1", node_attributes = {perm = array<i64: 1, 0>}, version = 13 : i64} : (tensor<2x?xi64>) -> tensor<?x2xi64>
    %parts1:2 = onnx.node "ai.onnx::Split"(%turned1, %ones) {name = "parts1", node_attributes = {axis = 1 : i64}, version = 13 : i64} : (tensor<?x2xi64>, tensor<2xi64>) -> (tensor<?x1xi64>, tensor<?x1xi64>)
    %slot1 = onnx.node "ai.onnx::Squeeze"(%parts1#0, %axis1) {name = "slot1", version = 13 : i64} : (tensor<?x1xi64>, tensor<1xi64>) -> tensor<?xi64>
    %token1 = onnx.node "ai.onnx::Squeeze"(%parts1#1, %axis1) {name = "token1", version = 13 : i64} : (tensor<?x1xi64>, tensor<1xi64>) -> tensor<?xi64>
    %rows1 = onnx.node "ai.onnx::Gather"(%x, %token1) {name = "rows1", version = 13 : i64} : (tensor<?x6xf32>, tensor<?xi64>) -> tensor<?x6xf32>
    %inner1 = onnx.node "ai.onnx::MatMul"(%rows1, %up1) {name = "inner1", version = 13 : i64} : (tensor<?x6xf32>, tensor<6x5xf32>) -> tensor<?x5xf32>
    %active1 = onnx.node "ai.onnx::Relu"(%inner1) {name = "active1", version = 14 : i64} : (tensor<?x5xf32>) -> tensor<?x5xf32>
    %given1 = onnx.node "ai.onnx::MatMul"(%active1, %down1) {name = "given1", version = 13 : i64} : (tensor<?x5xf32>, tensor<5x6xf32>) -> tensor<?x6xf32>
    %scaled1 = onnx.node "ai.onnx::Mul"(%token1, %two) {name = "scaled1", version = 14 : i64} : (tensor<?xi64>, tensor<i64>) -> tensor<?xi64>
    %position1 = onnx.node "ai.onnx::Add"(%slot1, %scaled1) {name = "position1", version = 14 : i64} : (tensor<?xi64>, tensor<?xi64>) -> tensor<?xi64>
    %weight1 = onnx.node "ai.onnx::Gather"(%flat, %position1) {name = "weight1", version = 13 : i64} : (tensor<?x1xf32>, tensor<?xi64>) -> tensor<?x1xf32>
    %weighed1 = onnx.node "ai.onnx::Mul"(%given1, %weight1) {name = "weighed1", version = 14 : i64} : (tensor<?x6xf32>, tensor<?x1xf32>) -> tensor<?x6xf32>
    %column1 = onnx.node "ai.onnx::Unsqueeze"(%token1, %axis1) {name = "column1", version = 13 : i64} : (tensor<?xi64>, tensor<1xi64>) -> tensor<?x1xi64>
    %sum1 = onnx.node "ai.onnx::ScatterND"(%sum0, %column1, %weighed1) {name = "sum1", node_attributes = {reduction = "add"}, version = 18 : i64} : (tensor<?x6xf32>, tensor<?x1xi64>, tensor<?x6xf32>) -> tensor<?x6xf32>
    %one2 = onnx.node "ai.onnx::Gather"(%mask, %n2) {name = "one2", version = 13 : i64} : (tensor<3x2x?xi64>, tensor<i64>) -> tensor<2x?xi64>
    %found2 = onnx.node "ai.onnx::NonZero"(%one2) {name = "found2", version = 13 : i64} : (tensor<2x?xi64>) -> tensor<2x?xi64>
    %turned2 = onnx.node "ai.onnx::Transpose"(%found2) {name = "turned2", node_attributes = {perm = array<i64: 1, 0>}, version = 13 : i64} : (tensor<2x?xi64>) -> tensor<?x2xi64>
    %parts2:2 = onnx.node "ai.onnx::Split"(%turned2, %ones) {name = "parts2", node_attributes = {axis = 1 : i64}, version = 13 : i64} : (tensor<?x2xi64>, tensor<2xi64>) -> (tensor<?x1xi64>, tensor<?x1xi64>)
    %slot2 = onnx.node "ai.onnx::Squeeze"(%parts2#0, %axis1) {name = "slot2", version = 13 : i64} : (tensor<?x1xi64>, tensor<1xi64>) -> tensor<?xi64>
    %token2 = onnx.node "ai.onnx::Squeeze"(%parts2#1, %axis1) {name = "token2", version = 13 : i64} : (tensor<?x1xi64>, tensor<1xi64>) -> tensor<?xi64>
    %rows2 = onnx.node "ai.onnx::Gather"(%x, %token2) {name = "rows2", version = 13 : i64} : (tensor<?x6xf32>, tensor<?xi64>) -> tensor<?x6xf32>
    %inner2 = onnx.node "ai.onnx::MatMul"(%rows2, %up2) {name = "inner2", version = 13 : i64} : (tensor<?x6xf32>, tensor<6x5xf32>) -> tensor<?x5xf32>
    %active2 = onnx.node "ai.onnx::Relu"(%inner2) {name = "active2", version = 14 : i64} : (tensor<?x5xf32>) -> tensor<?x5xf32>
    %given2 = onnx.node "ai.onnx::MatMul"(%active2, %down2) {name = "given2", version = 13 : i64} : (tensor<?x5xf32>, tensor<5x6xf32>) -> tensor<?x6xf32>
    %scaled2 = onnx.node "ai.onnx::Mul"(%token2, %two) {name = "scaled2", version = 14 : i64} : (tensor<?xi64>, tensor<i64>) -> tensor<?xi64>
    %position2 = onnx.node "ai.onnx::Add"(%slot2, %scaled2) {name = "position2", version = 14 : i64} : (tensor<?xi64>, tensor<?xi64>) -> tensor<?xi64>
    %weight2 = onnx.node "ai.onnx::Gather"(%flat, %position2) {name = "weight2", version = 13 : i64} : (tensor<?x1xf32>, tensor<?xi64>) -> tensor<?x1xf32>
    %weighed2 = onnx.node "ai.onnx::Mul"(%given2, %weight2) {name = "weighed2", version = 14 : i64} : (tensor<?x6xf32>, tensor<?x1xf32>) -> tensor<?x6xf32>
    %column2 = onnx.node "ai.onnx::Unsqueeze"(%token2, %axis1) {name = "column2", version = 13 : i64} : (tensor<?xi64>, tensor<1xi64>) -> tensor<?x1xi64>
    %sum2 = onnx.node "ai.onnx::ScatterND"(%sum1, %column2, %weighed2) {name = "sum2", node_attributes = {reduction = "add"}, version = 18 : i64} : (tensor<?x6xf32>, tensor<?x1xi64>, tensor<?x6xf32>) -> tensor<?x6xf32>
    return %sum2, %x : tensor<?x6xf32>, tensor<?x6xf32>
  }
}
