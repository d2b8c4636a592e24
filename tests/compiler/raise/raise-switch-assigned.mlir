// The rows of each expert, assigned through a boolean mask over the elements of the tokens (torch.onnx TorchScript).
// RUN: moe-opt %s --moe-raise-switch | FileCheck %s
// Rows that are written over the tokens leave those without a seat as they are.
// RUN: sed -e '/"sum0"/s/%%zeros/%%x/' %s | moe-opt --moe-raise-switch | FileCheck %s --check-prefixes=OVER
// Elements that are multiplied.
// RUN: sed -e '/"sum1"/s/version = 18/node_attributes = {reduction = "mul"}, version = 18/' %s | moe-opt --moe-raise-switch 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS0
// MISS0: remark: the masked experts stay plain: node 'sum1' (ai.onnx::ScatterND): it reduces by 'mul'
// Coordinates that are not turned.
// RUN: sed -e '/"at0"/s/array<i64: 1, 0>/array<i64: 0, 1>/; s/tensor<?x3xi64>/tensor<?x?xi64>/g' %s | moe-opt --moe-raise-switch 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS1
// MISS1: remark: the masked experts stay plain: node 'sum0' (ai.onnx::ScatterND): it writes neither rows nor elements of tokens
// A mask that is wide already.
// RUN: sed -e '/"whole0"/s/%%lifted0/%%wide/; /"whole0"/s/tensor<?x?x1xi1>/tensor<?x?x4xi1>/; s/^    %%whole0 =/    %%wide = onnx.node "ai.onnx::Expand"(%%lifted0, %%shape) {name = "wide", version = 18 : i64} : (tensor<?x?x1xi1>, tensor<3xi64>) -> tensor<?x?x4xi1>\n    %%whole0 =/' %s | moe-opt --moe-raise-switch 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS2
// MISS2: remark: the masked experts stay plain: node 'sum0' (ai.onnx::ScatterND): it does not write all elements of the tokens of a mask
// Elements from the second on.
// RUN: sed -e '/"cut0"/s/%%first, %%stop0, %%first/%%from, %%stop0, %%first/; s/^    %%cut0 =/    %%from = arith.constant dense<1> : tensor<1xi64>\n    %%cut0 =/' %s | moe-opt --moe-raise-switch 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS3
// MISS3: remark: the masked experts stay plain: node 'cut0' (ai.onnx::Slice): it does not take the elements that are written
// Rows of another expert.
// RUN: sed -e '/"taken0"/s/%%where0/%%where/; s/^    %%taken0 =/    %%other = onnx.node "ai.onnx::Gather"(%%mask, %%one) {name = "other", node_attributes = {axis = 2 : i64}, version = 18 : i64} : (tensor<?x?x2xi64>, tensor<i64>) -> tensor<?x?xi64>\n    %%found = onnx.node "ai.onnx::NonZero"(%%other) {name = "found", version = 18 : i64} : (tensor<?x?xi64>) -> tensor<2x?xi64>\n    %%where = onnx.node "ai.onnx::Transpose"(%%found) {name = "where", node_attributes = {perm = array<i64: 1, 0>}, version = 18 : i64} : (tensor<2x?xi64>) -> tensor<?x2xi64>\n    %%taken0 =/' %s | moe-opt --moe-raise-switch 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS4
// MISS4: remark: the masked experts stay plain: node 'sum0' (ai.onnx::ScatterND): it writes where expert 0 has tokens, but reads those of expert 1
// Tokens that are not looked up by all coordinates.
// RUN: sed -e '/"taken0"/s/GatherND/Gather/' %s | moe-opt --moe-raise-switch 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS5
// MISS5: remark: the masked experts stay plain: node 'taken0' (ai.onnx::Gather): it does not gather rows of tokens
// Coordinates in another order.
// RUN: sed -e 's/^    %%where0 = .*/    %%g0 = onnx.node "ai.onnx::Gather"(%%found0, %%zero) {name = "g0", node_attributes = {axis = 0 : i64}, version = 18 : i64} : (tensor<2x?xi64>, tensor<i64>) -> tensor<?xi64>\n    %%c0 = onnx.node "ai.onnx::Unsqueeze"(%%g0, %%last) {name = "c0", version = 18 : i64} : (tensor<?xi64>, tensor<1xi64>) -> tensor<?x1xi64>\n    %%g1 = onnx.node "ai.onnx::Gather"(%%found0, %%one) {name = "g1", node_attributes = {axis = 0 : i64}, version = 18 : i64} : (tensor<2x?xi64>, tensor<i64>) -> tensor<?xi64>\n    %%c1 = onnx.node "ai.onnx::Unsqueeze"(%%g1, %%last) {name = "c1", version = 18 : i64} : (tensor<?xi64>, tensor<1xi64>) -> tensor<?x1xi64>\n    %%where0 = onnx.node "ai.onnx::Concat"(%%c1, %%c0) {name = "where0", node_attributes = {axis = -1 : i64}, version = 18 : i64} : (tensor<?x1xi64>, tensor<?x1xi64>) -> tensor<?x2xi64>/' %s | moe-opt --moe-raise-switch 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS6
// MISS6: remark: the masked experts stay plain: node 'where0' (ai.onnx::Concat): it does not list coordinates, one row an element
// Tokens by sequence, then batch.
// RUN: sed -e '/"taken0"/s/%%x/%%swapped/; s/^    %%taken0 =/    %%batch = onnx.node "ai.onnx::Shape"(%%x) {name = "batch", node_attributes = {end = 1 : i64, start = 0 : i64}, version = 18 : i64} : (tensor<?x?x4xf32>) -> tensor<1xi64>\n    %%rest = onnx.node "ai.onnx::Shape"(%%x) {name = "rest", node_attributes = {end = 2 : i64, start = 1 : i64}, version = 18 : i64} : (tensor<?x?x4xf32>) -> tensor<1xi64>\n    %%width = arith.constant dense<4> : tensor<1xi64>\n    %%sizes = onnx.node "ai.onnx::Concat"(%%rest, %%batch, %%width) {name = "sizes", node_attributes = {axis = 0 : i64}, version = 18 : i64} : (tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<3xi64>\n    %%swapped = onnx.node "ai.onnx::Reshape"(%%x, %%sizes) {name = "swapped", version = 18 : i64} : (tensor<?x?x4xf32>, tensor<3xi64>) -> tensor<?x?x4xf32>\n    %%taken0 =/' %s | moe-opt --moe-raise-switch 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS7
// MISS7: remark: the masked experts stay plain: node 'taken0' (ai.onnx::GatherND): the mask has other tokens than it

// CHECK-DAG: rt.weight @y.gate : tensor<2x3x4xf32> = #rt.step<stack
// CHECK: func.func @main(%[[B:.*]]: index {rt.dim = "b"}, %[[S:.*]]: index {rt.dim = "s"}, %[[X:.*]]: tensor<?x?x4xf32> {{.*}}, %[[LOGITS:.*]]: tensor<?x?x2xf32>
// CHECK: %[[SEATS:.*]] = arith.constant 2 : index
// CHECK-NOT: onnx.node
// CHECK: %[[ROWS:.*]] = nn.reshape %[[LOGITS]]
// CHECK: %[[IDS:.*]], %[[W:.*]] = moe.gate %[[ROWS]] {gating = #moe.gating<>} : tensor<?x2xf32> -> tensor<?x1xi32>, tensor<?x1xf32>
// CHECK: %[[KEPT:.*]], %[[LEFT:.*]] = moe.capacity %[[IDS]], %[[W]], %[[SEATS]] group %[[S]] {drop = #moe.drop<>, experts = 2 : i64}
// CHECK: %{{.*}}, %[[ROUTE:.*]] = moe.dispatch %{{.*}}, %[[KEPT]]
// CHECK: moe.expert %{{.*}}, %[[ROUTE]] gate %{{.*}} down %{{.*}} {activation = #moe.activation<relu>}
// CHECK: moe.combine %{{.*}}, %[[ROUTE]], %[[LEFT]]

// OVER: %[[KEPT:.*]], %[[LEFT:.*]] = moe.capacity
// OVER: %[[SUM:.*]] = moe.combine %{{.*}}, %[[LEFT]]
// OVER: %[[Y:.*]] = nn.reshape %[[SUM]]
// OVER: %[[IDS:.*]] = nn.reshape %[[KEPT]]
// OVER: %[[DROPPED:.*]] = onnx.node "ai.onnx::Less"(%[[IDS]], %{{.*}})
// OVER: %[[OWN:.*]] = onnx.node "ai.onnx::Mul"(%arg2, %{{.*}})
// OVER: onnx.node "ai.onnx::Where"(%[[DROPPED]], %[[OWN]], %[[Y]])

// A miss leaves the sum of the experts as it is.
// PLAIN-NOT: moe.gate
// PLAIN: name = "y"
module {
  rt.weight @w0 : tensor<4x3xf32> = #rt.source<"m.onnx", 0, 48, raw> : tensor<4x3xf32>
  rt.weight @w1 : tensor<4x3xf32> = #rt.source<"m.onnx", 0, 48, raw> : tensor<4x3xf32>
  rt.weight @v0 : tensor<3x4xf32> = #rt.source<"m.onnx", 0, 48, raw> : tensor<3x4xf32>
  rt.weight @v1 : tensor<3x4xf32> = #rt.source<"m.onnx", 0, 48, raw> : tensor<3x4xf32>
  func.func @main(%b: index {rt.dim = "b"}, %s: index {rt.dim = "s"}, %x: tensor<?x?x4xf32> {rt.name = "x", rt.shape = ["b", "s", 4]},
                  %logits: tensor<?x?x2xf32> {rt.name = "logits", rt.shape = ["b", "s", 2]}) -> tensor<?x?x4xf32> {
    %w0 = rt.weight_ref @w0 : tensor<4x3xf32>
    %v0 = rt.weight_ref @v0 : tensor<3x4xf32>
    %w1 = rt.weight_ref @w1 : tensor<4x3xf32>
    %v1 = rt.weight_ref @v1 : tensor<3x4xf32>
    %last = arith.constant dense<-1> : tensor<1xi64>
    %numbers = arith.constant dense<[0, 1]> : tensor<2xi64>
    %tokens = arith.constant dense<-2> : tensor<i64>
    %seats = arith.constant dense<2> : tensor<i64>
    %zero = arith.constant dense<0> : tensor<i64>
    %one = arith.constant dense<1> : tensor<i64>
    %nothing = arith.constant dense<0.0> : tensor<f32>
    %scores = onnx.node "ai.onnx::Softmax"(%logits) {name = "scores", node_attributes = {axis = -1 : i64}, version = 18 : i64} : (tensor<?x?x2xf32>) -> tensor<?x?x2xf32>
    %choice = onnx.node "ai.onnx::ArgMax"(%scores) {name = "choice", node_attributes = {axis = -1 : i64, keepdims = 0 : i64, select_last_index = 0 : i64}, version = 18 : i64} : (tensor<?x?x2xf32>) -> tensor<?x?xi64>
    %column = onnx.node "ai.onnx::Unsqueeze"(%choice, %last) {name = "column", version = 18 : i64} : (tensor<?x?xi64>, tensor<1xi64>) -> tensor<?x?x1xi64>
    %equal = onnx.node "ai.onnx::Equal"(%column, %numbers) {name = "equal", version = 18 : i64} : (tensor<?x?x1xi64>, tensor<2xi64>) -> tensor<?x?x2xi1>
    %chosen = onnx.node "ai.onnx::Cast"(%equal) {name = "chosen", node_attributes = {to = 7 : i64}, version = 18 : i64} : (tensor<?x?x2xi1>) -> tensor<?x?x2xi64>
    %count = onnx.node "ai.onnx::CumSum"(%chosen, %tokens) {name = "count", node_attributes = {exclusive = 0 : i64, reverse = 0 : i64}, version = 18 : i64} : (tensor<?x?x2xi64>, tensor<i64>) -> tensor<?x?x2xi64>
    %fits = onnx.node "ai.onnx::LessOrEqual"(%count, %seats) {name = "fits", version = 18 : i64} : (tensor<?x?x2xi64>, tensor<i64>) -> tensor<?x?x2xi1>
    %number = onnx.node "ai.onnx::Cast"(%fits) {name = "number", node_attributes = {to = 7 : i64}, version = 18 : i64} : (tensor<?x?x2xi1>) -> tensor<?x?x2xi64>
    %mask = onnx.node "ai.onnx::Mul"(%chosen, %number) {name = "mask", version = 18 : i64} : (tensor<?x?x2xi64>, tensor<?x?x2xi64>) -> tensor<?x?x2xi64>
    %largest = onnx.node "ai.onnx::ReduceMax"(%scores, %last) {name = "largest", node_attributes = {keepdims = 0 : i64}, version = 18 : i64} : (tensor<?x?x2xf32>, tensor<1xi64>) -> tensor<?x?xf32>
    %weights = onnx.node "ai.onnx::Unsqueeze"(%largest, %last) {name = "weights", version = 18 : i64} : (tensor<?x?xf32>, tensor<1xi64>) -> tensor<?x?x1xf32>
    %first = arith.constant dense<0> : tensor<1xi64>
    %third = arith.constant dense<2> : tensor<1xi64>
    %shape = onnx.node "ai.onnx::Shape"(%x) {name = "shape", version = 18 : i64} : (tensor<?x?x4xf32>) -> tensor<3xi64>
    %zeros = onnx.node "ai.onnx::ConstantOfShape"(%shape) {name = "zeros", node_attributes = {value = dense<0.0> : tensor<1xf32>}, version = 18 : i64} : (tensor<3xi64>) -> tensor<?x?x4xf32>
    %part0 = onnx.node "ai.onnx::Gather"(%mask, %zero) {name = "part0", node_attributes = {axis = 2 : i64}, version = 18 : i64} : (tensor<?x?x2xi64>, tensor<i64>) -> tensor<?x?xi64>
    %bool0 = onnx.node "ai.onnx::Cast"(%part0) {name = "bool0", node_attributes = {to = 9 : i64}, version = 18 : i64} : (tensor<?x?xi64>) -> tensor<?x?xi1>
    %found0 = onnx.node "ai.onnx::NonZero"(%bool0) {name = "found0", version = 18 : i64} : (tensor<?x?xi1>) -> tensor<2x?xi64>
    %where0 = onnx.node "ai.onnx::Transpose"(%found0) {name = "where0", node_attributes = {perm = array<i64: 1, 0>}, version = 18 : i64} : (tensor<2x?xi64>) -> tensor<?x2xi64>
    %taken0 = onnx.node "ai.onnx::GatherND"(%x, %where0) {name = "taken0", version = 18 : i64} : (tensor<?x?x4xf32>, tensor<?x2xi64>) -> tensor<?x4xf32>
    %up0 = onnx.node "ai.onnx::MatMul"(%taken0, %w0) {name = "up0", version = 18 : i64} : (tensor<?x4xf32>, tensor<4x3xf32>) -> tensor<?x3xf32>
    %relu0 = onnx.node "ai.onnx::Relu"(%up0) {name = "relu0", version = 18 : i64} : (tensor<?x3xf32>) -> tensor<?x3xf32>
    %down0 = onnx.node "ai.onnx::MatMul"(%relu0, %v0) {name = "down0", version = 18 : i64} : (tensor<?x3xf32>, tensor<3x4xf32>) -> tensor<?x4xf32>
    %lifted0 = onnx.node "ai.onnx::Unsqueeze"(%bool0, %third) {name = "lifted0", version = 18 : i64} : (tensor<?x?xi1>, tensor<1xi64>) -> tensor<?x?x1xi1>
    %whole0 = onnx.node "ai.onnx::Expand"(%lifted0, %shape) {name = "whole0", version = 18 : i64} : (tensor<?x?x1xi1>, tensor<3xi64>) -> tensor<?x?x4xi1>
    %all0 = onnx.node "ai.onnx::NonZero"(%whole0) {name = "all0", version = 18 : i64} : (tensor<?x?x4xi1>) -> tensor<3x?xi64>
    %at0 = onnx.node "ai.onnx::Transpose"(%all0) {name = "at0", node_attributes = {perm = array<i64: 1, 0>}, version = 18 : i64} : (tensor<3x?xi64>) -> tensor<?x3xi64>
    %size0 = onnx.node "ai.onnx::Shape"(%at0) {name = "size0", version = 18 : i64} : (tensor<?x3xi64>) -> tensor<2xi64>
    %end0 = onnx.node "ai.onnx::Gather"(%size0, %zero) {name = "end0", node_attributes = {axis = 0 : i64}, version = 18 : i64} : (tensor<2xi64>, tensor<i64>) -> tensor<i64>
    %stop0 = onnx.node "ai.onnx::Unsqueeze"(%end0, %first) {name = "stop0", version = 18 : i64} : (tensor<i64>, tensor<1xi64>) -> tensor<1xi64>
    %vector0 = onnx.node "ai.onnx::Reshape"(%down0, %last) {name = "vector0", version = 18 : i64} : (tensor<?x4xf32>, tensor<1xi64>) -> tensor<?xf32>
    %cut0 = onnx.node "ai.onnx::Slice"(%vector0, %first, %stop0, %first) {name = "cut0", version = 18 : i64} : (tensor<?xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<?xf32>
    %sum0 = onnx.node "ai.onnx::ScatterND"(%zeros, %at0, %cut0) {name = "sum0", version = 18 : i64} : (tensor<?x?x4xf32>, tensor<?x3xi64>, tensor<?xf32>) -> tensor<?x?x4xf32>
    %part1 = onnx.node "ai.onnx::Gather"(%mask, %one) {name = "part1", node_attributes = {axis = 2 : i64}, version = 18 : i64} : (tensor<?x?x2xi64>, tensor<i64>) -> tensor<?x?xi64>
    %bool1 = onnx.node "ai.onnx::Cast"(%part1) {name = "bool1", node_attributes = {to = 9 : i64}, version = 18 : i64} : (tensor<?x?xi64>) -> tensor<?x?xi1>
    %found1 = onnx.node "ai.onnx::NonZero"(%bool1) {name = "found1", version = 18 : i64} : (tensor<?x?xi1>) -> tensor<2x?xi64>
    %where1 = onnx.node "ai.onnx::Transpose"(%found1) {name = "where1", node_attributes = {perm = array<i64: 1, 0>}, version = 18 : i64} : (tensor<2x?xi64>) -> tensor<?x2xi64>
    %taken1 = onnx.node "ai.onnx::GatherND"(%x, %where1) {name = "taken1", version = 18 : i64} : (tensor<?x?x4xf32>, tensor<?x2xi64>) -> tensor<?x4xf32>
    %up1 = onnx.node "ai.onnx::MatMul"(%taken1, %w1) {name = "up1", version = 18 : i64} : (tensor<?x4xf32>, tensor<4x3xf32>) -> tensor<?x3xf32>
    %relu1 = onnx.node "ai.onnx::Relu"(%up1) {name = "relu1", version = 18 : i64} : (tensor<?x3xf32>) -> tensor<?x3xf32>
    %down1 = onnx.node "ai.onnx::MatMul"(%relu1, %v1) {name = "down1", version = 18 : i64} : (tensor<?x3xf32>, tensor<3x4xf32>) -> tensor<?x4xf32>
    %lifted1 = onnx.node "ai.onnx::Unsqueeze"(%bool1, %third) {name = "lifted1", version = 18 : i64} : (tensor<?x?xi1>, tensor<1xi64>) -> tensor<?x?x1xi1>
    %whole1 = onnx.node "ai.onnx::Expand"(%lifted1, %shape) {name = "whole1", version = 18 : i64} : (tensor<?x?x1xi1>, tensor<3xi64>) -> tensor<?x?x4xi1>
    %all1 = onnx.node "ai.onnx::NonZero"(%whole1) {name = "all1", version = 18 : i64} : (tensor<?x?x4xi1>) -> tensor<3x?xi64>
    %at1 = onnx.node "ai.onnx::Transpose"(%all1) {name = "at1", node_attributes = {perm = array<i64: 1, 0>}, version = 18 : i64} : (tensor<3x?xi64>) -> tensor<?x3xi64>
    %size1 = onnx.node "ai.onnx::Shape"(%at1) {name = "size1", version = 18 : i64} : (tensor<?x3xi64>) -> tensor<2xi64>
    %end1 = onnx.node "ai.onnx::Gather"(%size1, %zero) {name = "end1", node_attributes = {axis = 0 : i64}, version = 18 : i64} : (tensor<2xi64>, tensor<i64>) -> tensor<i64>
    %stop1 = onnx.node "ai.onnx::Unsqueeze"(%end1, %first) {name = "stop1", version = 18 : i64} : (tensor<i64>, tensor<1xi64>) -> tensor<1xi64>
    %vector1 = onnx.node "ai.onnx::Reshape"(%down1, %last) {name = "vector1", version = 18 : i64} : (tensor<?x4xf32>, tensor<1xi64>) -> tensor<?xf32>
    %cut1 = onnx.node "ai.onnx::Slice"(%vector1, %first, %stop1, %first) {name = "cut1", version = 18 : i64} : (tensor<?xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<?xf32>
    %sum1 = onnx.node "ai.onnx::ScatterND"(%sum0, %at1, %cut1) {name = "sum1", version = 18 : i64} : (tensor<?x?x4xf32>, tensor<?x3xi64>, tensor<?xf32>) -> tensor<?x?x4xf32>
    %y = onnx.node "ai.onnx::Mul"(%sum1, %weights) {name = "y", version = 18 : i64} : (tensor<?x?x4xf32>, tensor<?x?x1xf32>) -> tensor<?x?x4xf32>
    return %y : tensor<?x?x4xf32>
  }
}
