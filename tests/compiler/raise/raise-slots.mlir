// The slots of a token, one after the other, with weights gathered for each.
// RUN: moe-opt %s --moe-raise-slots | FileCheck %s
// In f16, terms that are added up in f32 are the same terms.
// RUN: sed -e 's/f32/f16/g; s/360, raw/180, raw/; s/120, raw/60, raw/; /-> tensor<?x6xf16> {$/s/f16> {$/f32> {/; s/return %%y : tensor<?x6xf16>/return %%y : tensor<?x6xf32>/; s/^    %%y = onnx.node "ai.onnx::Add"(%%term0, %%term1).*/    %%wide0 = onnx.node "ai.onnx::Cast"(%%term0) {name = "wide0", node_attributes = {to = 1 : i64}, version = 20 : i64} : (tensor<?x6xf16>) -> tensor<?x6xf32>\n    %%wide1 = onnx.node "ai.onnx::Cast"(%%term1) {name = "wide1", node_attributes = {to = 1 : i64}, version = 20 : i64} : (tensor<?x6xf16>) -> tensor<?x6xf32>\n    %%y = onnx.node "ai.onnx::Add"(%%wide0, %%wide1) {name = "y", version = 20 : i64} : (tensor<?x6xf32>, tensor<?x6xf32>) -> tensor<?x6xf32>/' %s | moe-opt --moe-raise-slots | FileCheck %s --check-prefix=WIDENED
// WIDENED-NOT: ai.onnx::Add
// WIDENED: %[[ROWS:.*]] = moe.combine
// WIDENED-NOT: onnx.node
// WIDENED: return %[[ROWS]] : tensor<?x6xf32>
// Terms that are rounded to bf16 are others.
// RUN: sed -e 's/f32/f16/g; s/360, raw/180, raw/; s/120, raw/60, raw/; /-> tensor<?x6xf16> {$/s/f16> {$/bf16> {/; s/return %%y : tensor<?x6xf16>/return %%y : tensor<?x6xbf16>/; s/^    %%y = onnx.node "ai.onnx::Add"(%%term0, %%term1).*/    %%wide0 = onnx.node "ai.onnx::Cast"(%%term0) {name = "wide0", node_attributes = {to = 16 : i64}, version = 20 : i64} : (tensor<?x6xf16>) -> tensor<?x6xbf16>\n    %%wide1 = onnx.node "ai.onnx::Cast"(%%term1) {name = "wide1", node_attributes = {to = 16 : i64}, version = 20 : i64} : (tensor<?x6xf16>) -> tensor<?x6xbf16>\n    %%y = onnx.node "ai.onnx::Add"(%%wide0, %%wide1) {name = "y", version = 20 : i64} : (tensor<?x6xbf16>, tensor<?x6xbf16>) -> tensor<?x6xbf16>/' %s | moe-opt --moe-raise-slots 2>&1 | FileCheck %s --check-prefix=ROUNDED
// ROUNDED: onnx.node "ai.onnx::Add"({{.*}}-> tensor<?x6xbf16>
// The sum may begin with zeros.
// RUN: sed -e 's/"ai.onnx::Add"(%%term0, %%term1)/"ai.onnx::Add"(%%begun, %%term1)/' %s | moe-opt --moe-raise-slots | FileCheck %s
// A sum of zeros is none of slots.
// RUN: sed -e 's/"ai.onnx::Add"(%%term0, %%term1)/"ai.onnx::Add"(%%zeros, %%zeros)/' %s | moe-opt --moe-raise-slots 2>&1 | FileCheck %s --check-prefix=PLAIN
// One slot is added twice.
// RUN: sed -e 's/"ai.onnx::Add"(%%term0, %%term1)/"ai.onnx::Add"(%%term0, %%term0)/' %s | moe-opt --moe-raise-slots 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS0
// MISS0: remark: the slots of a token stay plain: node 'id0' (ai.onnx::Gather): slot 0 is added twice
// The weight of another slot.
// RUN: sed -e '/"w1"/s/%%one/%%zero/' %s | moe-opt --moe-raise-slots 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS1
// MISS1: remark: the slots of a token stay plain: node 'id1' (ai.onnx::Gather): ids and weights of a slot are not of one router and place
// Other experts.
// RUN: sed -e '/"inner1"/s/MatMul"(%%lifted/MatMul"(%%doubled/' %s | moe-opt --moe-raise-slots 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS2
// MISS2: remark: the slots of a token stay plain: node 'id1' (ai.onnx::Gather): slot 1 has other experts or tokens than slot 0
// Not all slots are added.
// RUN: sed -e 's/dense<2> : tensor<1xi64>/dense<3> : tensor<1xi64>/; s/tensor<?x2x/tensor<?x3x/g' %s | moe-opt --moe-raise-slots 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS3
// MISS3: remark: the slots of a token stay plain: 2 of 3 slots are added
// Ids of another tensor.
// RUN: sed -e '/"up1"/s/%%id1/%%ids/; /"down1"/s/%%id1/%%ids/' %s | moe-opt --moe-raise-slots 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS4
// MISS4: remark: the slots of a token stay plain: node 'term1' (ai.onnx::Mul): its ids are not one column of those of all slots

// CHECK: func.func @main(%{{.*}}: index {rt.dim = "t"}, %[[X:.*]]: tensor<?x6xf32> {{.*}}, %[[LOGITS:.*]]: tensor<?x3xf32>
// CHECK-NOT: onnx.node
// CHECK: %[[IDS:.*]], %[[W:.*]] = moe.gate %[[LOGITS]] {gating = #moe.gating<order = select_then_score>} : tensor<?x3xf32> -> tensor<?x2xi32>, tensor<?x2xf32>
// CHECK: %[[ROWS:.*]], %[[ROUTE:.*]] = moe.dispatch %[[X]], %[[IDS]]
// CHECK: moe.expert %[[ROWS]], %[[ROUTE]] gate %{{.*}} down %{{.*}} {activation = #moe.activation<relu>}
// CHECK: %[[OUT:.*]] = moe.combine %{{.*}}, %[[ROUTE]], %[[W]]
// CHECK-NEXT: return %[[OUT]]

// PLAIN-NOT: moe.gate
// PLAIN: name = "y"
module {
  rt.weight @up : tensor<3x6x5xf32> = #rt.source<"m.onnx", 0, 360, raw> : tensor<3x6x5xf32>
  rt.weight @down : tensor<3x5x6xf32> = #rt.source<"m.onnx", 360, 360, raw> : tensor<3x5x6xf32>
  func.func @main(%t: index {rt.dim = "t"}, %x: tensor<?x6xf32> {rt.name = "x", rt.shape = ["t", 6]},
                  %logits: tensor<?x3xf32> {rt.name = "logits", rt.shape = ["t", 3]}) -> tensor<?x6xf32> {
    %up = rt.weight_ref @up : tensor<3x6x5xf32>
    %down = rt.weight_ref @down : tensor<3x5x6xf32>
    %k = arith.constant dense<2> : tensor<1xi64>
    %first = arith.constant dense<0> : tensor<1xi64>
    %second = arith.constant dense<1> : tensor<1xi64>
    %last = arith.constant dense<-1> : tensor<1xi64>
    %zero = arith.constant dense<0> : tensor<i64>
    %one = arith.constant dense<1> : tensor<i64>
    %wide = arith.constant dense<[1, 1, 6]> : tensor<3xi64>
    %top:2 = onnx.node "ai.onnx::TopK"(%logits, %k) {name = "top", node_attributes = {axis = -1 : i64}, version = 20 : i64} : (tensor<?x3xf32>, tensor<1xi64>) -> (tensor<?x2xf32>, tensor<?x2xi64>)
    %weights = onnx.node "ai.onnx::Softmax"(%top#0) {name = "weights", node_attributes = {axis = -1 : i64}, version = 20 : i64} : (tensor<?x2xf32>) -> tensor<?x2xf32>
    %lifted = onnx.node "ai.onnx::Unsqueeze"(%x, %second) {name = "lifted", version = 20 : i64} : (tensor<?x6xf32>, tensor<1xi64>) -> tensor<?x1x6xf32>
    %doubled = onnx.node "ai.onnx::Neg"(%lifted) {name = "doubled", version = 20 : i64} : (tensor<?x1x6xf32>) -> tensor<?x1x6xf32>
    %ids = onnx.node "ai.onnx::ArgMax"(%logits) {name = "ids", node_attributes = {axis = 1 : i64, keepdims = 0 : i64}, version = 20 : i64} : (tensor<?x3xf32>) -> tensor<?xi64>
    %square = onnx.node "ai.onnx::Shape"(%x) {name = "square", version = 20 : i64} : (tensor<?x6xf32>) -> tensor<2xi64>
    %zeros = onnx.node "ai.onnx::ConstantOfShape"(%square) {name = "zeros", node_attributes = {value = dense<0.0> : tensor<1xf32>}, version = 20 : i64} : (tensor<2xi64>) -> tensor<?x6xf32>
    %id0 = onnx.node "ai.onnx::Gather"(%top#1, %zero) {name = "id0", node_attributes = {axis = 1 : i64}, version = 20 : i64} : (tensor<?x2xi64>, tensor<i64>) -> tensor<?xi64>
    %w0 = onnx.node "ai.onnx::Gather"(%weights, %zero) {name = "w0", node_attributes = {axis = 1 : i64}, version = 20 : i64} : (tensor<?x2xf32>, tensor<i64>) -> tensor<?xf32>
    %share0 = onnx.node "ai.onnx::Unsqueeze"(%w0, %last) {name = "share0", version = 20 : i64} : (tensor<?xf32>, tensor<1xi64>) -> tensor<?x1xf32>
    %up0 = onnx.node "ai.onnx::Gather"(%up, %id0) {name = "up0", node_attributes = {axis = 0 : i64}, version = 20 : i64} : (tensor<3x6x5xf32>, tensor<?xi64>) -> tensor<?x6x5xf32>
    %down0 = onnx.node "ai.onnx::Gather"(%down, %id0) {name = "down0", node_attributes = {axis = 0 : i64}, version = 20 : i64} : (tensor<3x5x6xf32>, tensor<?xi64>) -> tensor<?x5x6xf32>
    %inner0 = onnx.node "ai.onnx::MatMul"(%lifted, %up0) {name = "inner0", version = 20 : i64} : (tensor<?x1x6xf32>, tensor<?x6x5xf32>) -> tensor<?x1x5xf32>
    %active0 = onnx.node "ai.onnx::Relu"(%inner0) {name = "active0", version = 20 : i64} : (tensor<?x1x5xf32>) -> tensor<?x1x5xf32>
    %row0 = onnx.node "ai.onnx::MatMul"(%active0, %down0) {name = "row0", version = 20 : i64} : (tensor<?x1x5xf32>, tensor<?x5x6xf32>) -> tensor<?x1x6xf32>
    %rows0 = onnx.node "ai.onnx::Squeeze"(%row0, %second) {name = "rows0", version = 20 : i64} : (tensor<?x1x6xf32>, tensor<1xi64>) -> tensor<?x6xf32>
    %term0 = onnx.node "ai.onnx::Mul"(%share0, %rows0) {name = "term0", version = 20 : i64} : (tensor<?x1xf32>, tensor<?x6xf32>) -> tensor<?x6xf32>
    %id1 = onnx.node "ai.onnx::Gather"(%top#1, %one) {name = "id1", node_attributes = {axis = 1 : i64}, version = 20 : i64} : (tensor<?x2xi64>, tensor<i64>) -> tensor<?xi64>
    %w1 = onnx.node "ai.onnx::Gather"(%weights, %one) {name = "w1", node_attributes = {axis = 1 : i64}, version = 20 : i64} : (tensor<?x2xf32>, tensor<i64>) -> tensor<?xf32>
    %share1 = onnx.node "ai.onnx::Unsqueeze"(%w1, %last) {name = "share1", version = 20 : i64} : (tensor<?xf32>, tensor<1xi64>) -> tensor<?x1xf32>
    %up1 = onnx.node "ai.onnx::Gather"(%up, %id1) {name = "up1", node_attributes = {axis = 0 : i64}, version = 20 : i64} : (tensor<3x6x5xf32>, tensor<?xi64>) -> tensor<?x6x5xf32>
    %down1 = onnx.node "ai.onnx::Gather"(%down, %id1) {name = "down1", node_attributes = {axis = 0 : i64}, version = 20 : i64} : (tensor<3x5x6xf32>, tensor<?xi64>) -> tensor<?x5x6xf32>
    %inner1 = onnx.node "ai.onnx::MatMul"(%lifted, %up1) {name = "inner1", version = 20 : i64} : (tensor<?x1x6xf32>, tensor<?x6x5xf32>) -> tensor<?x1x5xf32>
    %active1 = onnx.node "ai.onnx::Relu"(%inner1) {name = "active1", version = 20 : i64} : (tensor<?x1x5xf32>) -> tensor<?x1x5xf32>
    %row1 = onnx.node "ai.onnx::MatMul"(%active1, %down1) {name = "row1", version = 20 : i64} : (tensor<?x1x5xf32>, tensor<?x5x6xf32>) -> tensor<?x1x6xf32>
    %rows1 = onnx.node "ai.onnx::Squeeze"(%row1, %second) {name = "rows1", version = 20 : i64} : (tensor<?x1x6xf32>, tensor<1xi64>) -> tensor<?x6xf32>
    %term1 = onnx.node "ai.onnx::Mul"(%share1, %rows1) {name = "term1", version = 20 : i64} : (tensor<?x1xf32>, tensor<?x6xf32>) -> tensor<?x6xf32>
    %begun = onnx.node "ai.onnx::Add"(%zeros, %term0) {name = "begun", version = 20 : i64} : (tensor<?x6xf32>, tensor<?x6xf32>) -> tensor<?x6xf32>
    %y = onnx.node "ai.onnx::Add"(%term0, %term1) {name = "y", version = 20 : i64} : (tensor<?x6xf32>, tensor<?x6xf32>) -> tensor<?x6xf32>
    return %y : tensor<?x6xf32>
  }
}
