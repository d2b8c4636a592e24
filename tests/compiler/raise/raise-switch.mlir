// Switch Transformer's layer with dense experts: each computes all tokens and multiplies by its part of the mask.
// RUN: moe-opt %s --moe-raise-switch | FileCheck %s
// The capacity is two numbers.
// RUN: sed -e '/"fits"/s/%%seats/%%numbers/; /"fits"/s/tensor<i64>/tensor<2xi64>/' %s | moe-opt --moe-raise-switch 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS0
// MISS0: remark: the masked experts stay plain: node 'fits' (ai.onnx::LessOrEqual): the capacity is no expression over the model's dimensions
// A running count of something else.
// RUN: sed -e '/"count"/s/%%chosen/%%other/; s/^    %%count =/    %%other = onnx.node "ai.onnx::Neg"(%%chosen) {name = "other", version = 18 : i64} : (tensor<?x?x2xi64>) -> tensor<?x?x2xi64>\n    %%count =/' %s | moe-opt --moe-raise-switch 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS1
// MISS1: remark: the masked experts stay plain: node 'count' (ai.onnx::CumSum): it does not count the choices of the mask
// Positions counted in floats.
// RUN: sed -e '/"chosen"/s/to = 7/to = 1/; /"number"/s/to = 7/to = 1/; /"chosen"\|"count"\|"fits"\|"number"\|"mask"\|"part/s/x2xi64/x2xf32/g; /"fits"/s/tensor<i64>/tensor<f32>/; s/%%seats = arith.constant dense<2> : tensor<i64>/%%seats = arith.constant dense<2.0> : tensor<f32>/; /"part\|"lifted/s/x?xi64/x?xf32/g; /"lifted\|"factor/s/x1xi64/x1xf32/g' %s | moe-opt --moe-raise-switch 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS2
// MISS2: remark: the masked experts stay plain: node 'count' (ai.onnx::CumSum): positions are not counted in integers
// Positions from the end.
// RUN: sed -e '/"count"/s/reverse = 0/reverse = 1/' %s | moe-opt --moe-raise-switch 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS3
// MISS3: remark: the masked experts stay plain: node 'count' (ai.onnx::CumSum): exclusive or reverse is set
// Positions from 0.
// RUN: sed -e '/"count"/s/exclusive = 0/exclusive = 1/' %s | moe-opt --moe-raise-switch 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS4
// MISS4: remark: the masked experts stay plain: node 'count' (ai.onnx::CumSum): exclusive or reverse is set
// A running count over the experts.
// RUN: sed -e 's/%%tokens = arith.constant dense<-2>/%%tokens = arith.constant dense<-1>/' %s | moe-opt --moe-raise-switch 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS5
// MISS5: remark: the masked experts stay plain: node 'count' (ai.onnx::CumSum): it does not run over the tokens
// A running count over the batch.
// RUN: sed -e 's/%%tokens = arith.constant dense<-2>/%%tokens = arith.constant dense<0>/' %s | moe-opt --moe-raise-switch 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS6
// MISS6: remark: the masked experts stay plain: node 'count' (ai.onnx::CumSum): it does not run over the tokens
// A mask that is no product any more.
// RUN: sed -e '/"part[01]"/s/%%mask/%%cut/; s/^    %%shape =/    %%two = arith.constant dense<2> : tensor<1xi64>\n    %%from = arith.constant dense<0> : tensor<1xi64>\n    %%cut = onnx.node "ai.onnx::Slice"(%%mask, %%from, %%two, %%two) {name = "cut", version = 18 : i64} : (tensor<?x?x2xi64>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<?x?x2xi64>\n    %%shape =/' %s | moe-opt --moe-raise-switch 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS7
// MISS7: remark: the masked experts stay plain: node 'cut' (ai.onnx::Slice): it does not pick one expert by a constant
// Tokens that find no seat keep their hidden state, as early versions had it.
// RUN: sed -e '/"sum0"/s/%%zeros/%%x/' %s | moe-opt --moe-raise-switch 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS8
// MISS8: remark: the masked experts stay plain: node 'sum0' (ai.onnx::Add): the sum does not begin at zero
// A term without a mask.
// RUN: sed -e '/"term0"/s/%%factor0/%%weights/' %s | moe-opt --moe-raise-switch 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS9
// MISS9: remark: the masked experts stay plain: node 'term0' (ai.onnx::Mul): expected an expert and its part of a mask
// One term twice.
// RUN: sed -e '/"sum1"/s/%%sum0/%%term1/' %s | moe-opt --moe-raise-switch 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS10
// MISS10: remark: the masked experts stay plain: node 'term1' (ai.onnx::Mul): it is added twice
// Zeros that broadcast.
// RUN: sed -e '/"sum0"/s/%%zeros/%%nothing/; /"sum0"/s/(tensor<?x?x4xf32>, /(tensor<f32>, /' %s | moe-opt --moe-raise-switch 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS11
// MISS11: remark: the masked experts stay plain: node 'sum0' (ai.onnx::Add): it adds tensors of different shapes
// Two masks.
// RUN: sed -e '/"part1"/s/%%mask/%%again/; s/^    %%shape =/    %%again = onnx.node "ai.onnx::Mul"(%%number, %%chosen) {name = "again", version = 18 : i64} : (tensor<?x?x2xi64>, tensor<?x?x2xi64>) -> tensor<?x?x2xi64>\n    %%shape =/' %s | moe-opt --moe-raise-switch 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS12
// MISS12: remark: the masked experts stay plain: node 'term0' (ai.onnx::Mul): expert 0 is masked by another tensor
// Other tokens.
// RUN: sed -e '/"up1"/s/%%x/%%other/; s/^    %%up1 =/    %%other = onnx.node "ai.onnx::Neg"(%%x) {name = "other", version = 18 : i64} : (tensor<?x?x4xf32>) -> tensor<?x?x4xf32>\n    %%up1 =/' %s | moe-opt --moe-raise-switch 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS13
// MISS13: remark: the masked experts stay plain: node 'term0' (ai.onnx::Mul): expert 0 reads other tokens
// One expert for the tokens of both.
// RUN: sed -e '/"part1"/s/%%one/%%zero/' %s | moe-opt --moe-raise-switch 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS14
// MISS14: remark: the masked experts stay plain: node 'term0' (ai.onnx::Mul): expert 0 is computed twice
// An expert that is not there.
// RUN: sed -e 's/%%numbers = arith.constant dense<\[0, 1\]> : tensor<2xi64>/%%numbers = arith.constant dense<[0, 1, 2]> : tensor<3xi64>/; /"equal"/s/tensor<2xi64>/tensor<3xi64>/; /"equal"\|"chosen"\|"count"\|"fits"\|"number"\|"mask"\|"part/s/x2x/x3x/g' %s | moe-opt --moe-raise-switch 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS15
// MISS15: remark: the masked experts stay plain: expert 2 of 3 is missing
// More scores than experts.
// RUN: sed -e '/%%logits: \|"scores"\|"choice"\|"largest"/s/x2xf32/x3xf32/g; /rt.name = "logits"/s/"s", 2/"s", 3/' %s | moe-opt --moe-raise-switch 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS16
// MISS16: remark: the masked experts stay plain: the router scores 3 experts, but the mask is for another number of them
// One number for all tokens.
// RUN: sed -e '/"y"/s/%%weights/%%scale/; /"y"/s/tensor<?x?x1xf32>/tensor<1x1x1xf32>/; s/^    %%shape =/    %%scale = arith.constant dense<2.0> : tensor<1x1x1xf32>\n    %%shape =/' %s | moe-opt --moe-raise-switch 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS17
// MISS17: remark: the masked experts stay plain: it does not multiply each token by one number
// One row for all tokens.
// RUN: sed -e '/"up0"/s/%%x/%%single/; /"up0"/s/tensor<?x?x4xf32>/tensor<1x1x4xf32>/; /"\(up\|relu\)0"/s/tensor<?x?x3xf32>/tensor<1x1x3xf32>/g; /"down0"/s/tensor<?x?x3xf32>/tensor<1x1x3xf32>/; /"down0"/s/tensor<?x?x4xf32>/tensor<1x1x4xf32>/; /"term0"/s/(tensor<?x?x4xf32>/(tensor<1x1x4xf32>/; s/^    %%shape =/    %%single = arith.constant dense<2.0> : tensor<1x1x4xf32>\n    %%shape =/' %s | moe-opt --moe-raise-switch 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS18
// MISS18: remark: the masked experts stay plain: node 'term0' (ai.onnx::Mul): it does not multiply each row by one number
// A mask that is expanded.
// RUN: sed -e '/"part[01]"/s/%%mask/%%wide/; s/^    %%shape =/    %%size = onnx.node "ai.onnx::Shape"(%%mask) {name = "size", version = 18 : i64} : (tensor<?x?x2xi64>) -> tensor<3xi64>\n    %%wide = onnx.node "ai.onnx::Expand"(%%mask, %%size) {name = "wide", version = 18 : i64} : (tensor<?x?x2xi64>, tensor<3xi64>) -> tensor<?x?x2xi64>\n    %%shape =/' %s | moe-opt --moe-raise-switch 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS19
// MISS19: remark: the masked experts stay plain: node 'wide' (ai.onnx::Expand): expected the mask of the tokens that have a seat
// A capacity of more dimensions than the mask.
// RUN: sed -e 's/%%seats = arith.constant dense<2> : tensor<i64>/%%seats = arith.constant dense<2> : tensor<1x1x1x1xi64>/; /"fits"/s/tensor<i64>/tensor<1x1x1x1xi64>/; /"fits"/s/-> tensor</-> tensor<1x/; /"number"/s/tensor<?/tensor<1x?/g; /"mask"/s/%%mask/%%deep/; /"mask"/s/"mask"/"deep"/; /"deep"/s/, tensor<?/, tensor<1x?/; /"deep"/s/-> tensor<?/-> tensor<1x?/; s/^    %%largest =/    %%axis = arith.constant dense<0> : tensor<1xi64>\n    %%mask = onnx.node "ai.onnx::Squeeze"(%%deep, %%axis) {name = "mask", version = 18 : i64} : (tensor<1x?x?x2xi64>, tensor<1xi64>) -> tensor<?x?x2xi64>\n    %%largest =/' %s | moe-opt --moe-raise-switch 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS20
// MISS20: remark: the masked experts stay plain: node 'deep' (ai.onnx::Mul): the comparison with the capacity broadcasts the mask
// Tokens in another order.
// RUN: sed -e '/"part0"/s/%%mask/%%turned/; /"part0"/s/axis = 2/axis = 0/; /"part0"/s/tensor<?x?x2xi64>/tensor<2x?x?xi64>/; s/^    %%shape =/    %%turned = onnx.node "ai.onnx::Transpose"(%%mask) {name = "turned", node_attributes = {perm = array<i64: 2, 1, 0>}, version = 18 : i64} : (tensor<?x?x2xi64>) -> tensor<2x?x?xi64>\n    %%shape =/' %s | moe-opt --moe-raise-switch 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS21
// MISS21: remark: the masked experts stay plain: node 'turned' (ai.onnx::Transpose): it changes the order of the tokens
// The smallest score weighs.
// RUN: sed -e '/"largest"/s/ReduceMax/ReduceMin/' %s | moe-opt --moe-raise-switch 2>&1 | FileCheck %s --check-prefixes=MISS22
// MISS22: remark: keys and weights of the router stay plain: node 'largest' (ai.onnx::ReduceMin): expected the values of the selection, or scores gathered by its ids, as the weights
// The last of equal experts.
// RUN: sed -e '/"choice"/s/select_last_index = 0/select_last_index = 1/' %s | moe-opt --moe-raise-switch 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS23
// MISS23: remark: the masked experts stay plain: node 'choice' (ai.onnx::ArgMax): it takes the last of equal experts
// Scores over the tokens.
// RUN: sed -e '/"scores"/s/axis = -1/axis = 1/' %s | moe-opt --moe-raise-switch 2>&1 | FileCheck %s --check-prefixes=MISS24
// MISS24: remark: keys and weights of the router stay plain: node 'scores' (ai.onnx::Softmax): it is not over the last axis
// Somebody else reads what would go.
// RUN: sed -e 's/-> tensor<?x?x4xf32> {$/-> (tensor<?x?x4xf32>, tensor<?x?x3xf32>) {/; s/^    return.*/    %%used = onnx.node "ai.onnx::Neg"(%%relu1) {name = "used", version = 18 : i64} : (tensor<?x?x3xf32>) -> tensor<?x?x3xf32>\n    return %%y, %%used : tensor<?x?x4xf32>, tensor<?x?x3xf32>/' %s | moe-opt --moe-raise-switch 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS25
// MISS25: remark: the masked experts stay plain: node 'relu1' (ai.onnx::Relu): its result is also read by node 'used' (ai.onnx::Neg)
// Tokens that are kept below a term that is added to them.
// RUN: sed -e '/"sum1"/s/%%sum0, %%term1/%%term1, %%sum0/; s/^    %%sum0 = .*/    %%found = onnx.node "ai.onnx::NonZero"(%%part0) {name = "found", version = 18 : i64} : (tensor<?x?xi64>) -> tensor<2x?xi64>\n    %%where = onnx.node "ai.onnx::Transpose"(%%found) {name = "where", node_attributes = {perm = array<i64: 1, 0>}, version = 18 : i64} : (tensor<2x?xi64>) -> tensor<?x2xi64>\n    %%taken = onnx.node "ai.onnx::GatherND"(%%x, %%where) {name = "taken", version = 18 : i64} : (tensor<?x?x4xf32>, tensor<?x2xi64>) -> tensor<?x4xf32>\n    %%upper = onnx.node "ai.onnx::MatMul"(%%taken, %%w0) {name = "upper", version = 18 : i64} : (tensor<?x4xf32>, tensor<4x3xf32>) -> tensor<?x3xf32>\n    %%relu = onnx.node "ai.onnx::Relu"(%%upper) {name = "relu", version = 18 : i64} : (tensor<?x3xf32>) -> tensor<?x3xf32>\n    %%rows = onnx.node "ai.onnx::MatMul"(%%relu, %%v0) {name = "rows", version = 18 : i64} : (tensor<?x3xf32>, tensor<3x4xf32>) -> tensor<?x4xf32>\n    %%sum0 = onnx.node "ai.onnx::ScatterND"(%%x, %%where, %%rows) {name = "sum0", version = 18 : i64} : (tensor<?x?x4xf32>, tensor<?x2xi64>, tensor<?x4xf32>) -> tensor<?x?x4xf32>/' %s | moe-opt --moe-raise-switch 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS26
// MISS26: remark: the masked experts stay plain: node 'sum0' (ai.onnx::ScatterND): the sum does not begin at zero
// The mask of a single expert, of which none is picked.
// RUN: sed -e 's/%%numbers = arith.constant dense<\[0, 1\]> : tensor<2xi64>/%%numbers = arith.constant dense<[0]> : tensor<1xi64>/; /"equal"/s/tensor<2xi64>/tensor<1xi64>/; /"equal"\|"chosen"\|"count"\|"fits"\|"number"\|"mask"\|"part/s/x2x/x1x/g; s/^    %%part0 = .*/    %%part0 = onnx.node "ai.onnx::Squeeze"(%%mask, %%last) {name = "part0", version = 18 : i64} : (tensor<?x?x1xi64>, tensor<1xi64>) -> tensor<?x?xi64>/; /"sum1"/s/%%term1/%%zeros/' %s | moe-opt --moe-raise-switch 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS27
// MISS27: remark: the masked experts stay plain: node 'term0' (ai.onnx::Mul): its mask is not of one expert

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
    %shape = onnx.node "ai.onnx::Shape"(%x) {name = "shape", version = 18 : i64} : (tensor<?x?x4xf32>) -> tensor<3xi64>
    %zeros = onnx.node "ai.onnx::Expand"(%nothing, %shape) {name = "zeros", version = 18 : i64} : (tensor<f32>, tensor<3xi64>) -> tensor<?x?x4xf32>
    %part0 = onnx.node "ai.onnx::Gather"(%mask, %zero) {name = "part0", node_attributes = {axis = 2 : i64}, version = 18 : i64} : (tensor<?x?x2xi64>, tensor<i64>) -> tensor<?x?xi64>
    %lifted0 = onnx.node "ai.onnx::Unsqueeze"(%part0, %last) {name = "lifted0", version = 18 : i64} : (tensor<?x?xi64>, tensor<1xi64>) -> tensor<?x?x1xi64>
    %factor0 = onnx.node "ai.onnx::Cast"(%lifted0) {name = "factor0", node_attributes = {to = 1 : i64}, version = 18 : i64} : (tensor<?x?x1xi64>) -> tensor<?x?x1xf32>
    %up0 = onnx.node "ai.onnx::MatMul"(%x, %w0) {name = "up0", version = 18 : i64} : (tensor<?x?x4xf32>, tensor<4x3xf32>) -> tensor<?x?x3xf32>
    %relu0 = onnx.node "ai.onnx::Relu"(%up0) {name = "relu0", version = 18 : i64} : (tensor<?x?x3xf32>) -> tensor<?x?x3xf32>
    %down0 = onnx.node "ai.onnx::MatMul"(%relu0, %v0) {name = "down0", version = 18 : i64} : (tensor<?x?x3xf32>, tensor<3x4xf32>) -> tensor<?x?x4xf32>
    %term0 = onnx.node "ai.onnx::Mul"(%down0, %factor0) {name = "term0", version = 18 : i64} : (tensor<?x?x4xf32>, tensor<?x?x1xf32>) -> tensor<?x?x4xf32>
    %sum0 = onnx.node "ai.onnx::Add"(%zeros, %term0) {name = "sum0", version = 18 : i64} : (tensor<?x?x4xf32>, tensor<?x?x4xf32>) -> tensor<?x?x4xf32>
    %part1 = onnx.node "ai.onnx::Gather"(%mask, %one) {name = "part1", node_attributes = {axis = 2 : i64}, version = 18 : i64} : (tensor<?x?x2xi64>, tensor<i64>) -> tensor<?x?xi64>
    %lifted1 = onnx.node "ai.onnx::Unsqueeze"(%part1, %last) {name = "lifted1", version = 18 : i64} : (tensor<?x?xi64>, tensor<1xi64>) -> tensor<?x?x1xi64>
    %factor1 = onnx.node "ai.onnx::Cast"(%lifted1) {name = "factor1", node_attributes = {to = 1 : i64}, version = 18 : i64} : (tensor<?x?x1xi64>) -> tensor<?x?x1xf32>
    %up1 = onnx.node "ai.onnx::MatMul"(%x, %w1) {name = "up1", version = 18 : i64} : (tensor<?x?x4xf32>, tensor<4x3xf32>) -> tensor<?x?x3xf32>
    %relu1 = onnx.node "ai.onnx::Relu"(%up1) {name = "relu1", version = 18 : i64} : (tensor<?x?x3xf32>) -> tensor<?x?x3xf32>
    %down1 = onnx.node "ai.onnx::MatMul"(%relu1, %v1) {name = "down1", version = 18 : i64} : (tensor<?x?x3xf32>, tensor<3x4xf32>) -> tensor<?x?x4xf32>
    %term1 = onnx.node "ai.onnx::Mul"(%down1, %factor1) {name = "term1", version = 18 : i64} : (tensor<?x?x4xf32>, tensor<?x?x1xf32>) -> tensor<?x?x4xf32>
    %sum1 = onnx.node "ai.onnx::Add"(%sum0, %term1) {name = "sum1", version = 18 : i64} : (tensor<?x?x4xf32>, tensor<?x?x4xf32>) -> tensor<?x?x4xf32>
    %y = onnx.node "ai.onnx::Mul"(%sum1, %weights) {name = "y", version = 18 : i64} : (tensor<?x?x4xf32>, tensor<?x?x1xf32>) -> tensor<?x?x4xf32>
    return %y : tensor<?x?x4xf32>
  }
}
