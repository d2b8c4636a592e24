// DeepSpeed top-1 gate with unrolled experts: weights are the raw scores, seats an expression over the dimensions.
// RUN: moe-opt %s --moe-raise-capacity | FileCheck %s
// The tie rule is another.
// RUN: sed -e 's/select_last_index = 0/select_last_index = 1/' %s | moe-opt --moe-raise-capacity 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS0
// MISS0: remark: the capacity einsum stays plain: node 'choice1' (ai.onnx::ArgMax): it takes the last of equal experts
// Each expert chooses a token.
// RUN: sed -e '/choice1/s/axis = 1/axis = 0/' %s | moe-opt --moe-raise-capacity 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS1
// MISS1: remark: the capacity einsum stays plain: node 'choice1' (ai.onnx::ArgMax): it does not choose among the experts of a token
// Experts are numbered otherwise.
// RUN: sed -e 's/dense<\[0, 1\]>/dense<[1, 0]>/' %s | moe-opt --moe-raise-capacity 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS2
// MISS2: remark: the capacity einsum stays plain: node 'is1' (ai.onnx::Equal): expected a comparison with the numbers from 0 on as the one-hot of the chosen expert
// Positions from another place.
// RUN: sed -e 's/exclusive = 0/exclusive = 1/' %s | moe-opt --moe-raise-capacity 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS3
// MISS3: remark: the capacity einsum stays plain: node 'running1' (ai.onnx::CumSum): exclusive or reverse is set
// The last tokens are seated first.
// RUN: sed -e 's/reverse = 0/reverse = 1/' %s | moe-opt --moe-raise-capacity 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS4
// MISS4: remark: the capacity einsum stays plain: node 'running1' (ai.onnx::CumSum): exclusive or reverse is set
// Positions run over the experts.
// RUN: sed -e '/CumSum/s/%%zero/%%one/' %s | moe-opt --moe-raise-capacity 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS5
// MISS5: remark: the capacity einsum stays plain: node 'running1' (ai.onnx::CumSum): it does not run over the tokens
// One seat more than there are.
// RUN: sed -e '/"position1"/s/%%one/%%two/' %s | moe-opt --moe-raise-capacity 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS6
// MISS6: remark: the capacity einsum stays plain: node 'position1' (ai.onnx::Sub): what is subtracted is not the constant 1
// Two capacities.
// RUN: sed -e '/"range1"/s/%%capacity/%%tokens/' %s | moe-opt --moe-raise-capacity 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS7
// MISS7: remark: the capacity einsum stays plain: node 'fits1' (ai.onnx::Less): the capacity is t in one place and max(floordiv(t + 1, 2), 2) in another
// Seats are numbered from 1.
// RUN: sed -e '/"range1"/s/%%zero/%%one/' %s | moe-opt --moe-raise-capacity 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS8
// MISS8: remark: the capacity einsum stays plain: node 'in1' (ai.onnx::Equal): expected a comparison with the numbers from 0 on as the one-hot of the seats
// A sum over the tokens is no seat.
// RUN: sed -e '/"seat1"/s/%%second_axis/%%first_axis/' %s | moe-opt --moe-raise-capacity 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS9
// MISS9: remark: the capacity einsum stays plain: node 'seat1' (ai.onnx::ReduceSum): it does not sum over the experts
// Weights of another source than the choice.
// RUN: sed -e '/"gated"/s/%%scores, /%%logits, /' %s | moe-opt --moe-raise-capacity 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS10
// MISS10: remark: the capacity einsum stays plain: node 'gated' (ai.onnx::Mul): it does not weigh by the scores that chose the expert
// Dropped routes keep their weight.
// RUN: sed -e '/"keptf1"/s/%%kept1/%%mask1/' %s | moe-opt --moe-raise-capacity 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS11
// MISS11: remark: the capacity einsum stays plain: node 'gated' (ai.onnx::Mul): it does not mask by what fits the capacity
// Tokens are sent by another tensor than they are combined by.
// RUN: sed -e '/"bool"/s/%%combine/%%dropped/; s/^    %%bool =/    %%dropped = onnx.node "ai.onnx::Neg"(%%combine) {version = 13 : i64} : (tensor<?x2x?xf32>) -> tensor<?x2x?xf32>\n    %%bool =/' %s | moe-opt --moe-raise-capacity 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS12
// MISS12: remark: the capacity einsum stays plain: node 'bool' (ai.onnx::Cast): the mask is not where the combine tensor differs from 0
// One expert has another activation.
// RUN: sed -e '/"gelu1a"/s/%%sqrt2/%%onef/' %s | moe-opt --moe-raise-capacity 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS13
// MISS13: remark: the capacity einsum stays plain: node 'gelu1e' (ai.onnx::Mul): no factor is a known activation
// One part is read twice.
// RUN: sed -e 's/%%parts#1, %%w1_1/%%parts#0, %%w1_1/' %s | moe-opt --moe-raise-capacity 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS14
// MISS14: remark: the capacity einsum stays plain: node 'parts' (ai.onnx::Split): expert 1 reads part 0
// Experts are joined in another order.
// RUN: sed -e '/"joined"/s/%%out0, %%out1/%%out1, %%out0/' %s | moe-opt --moe-raise-capacity 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS15
// MISS15: remark: the capacity einsum stays plain: node 'parts' (ai.onnx::Split): expert 0 reads part 1
// Joined along the seats.
// RUN: sed -e '/"joined"/s/axis = 0/axis = 1/' %s | moe-opt --moe-raise-capacity 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS16
// MISS16: remark: the capacity einsum stays plain: node 'joined' (ai.onnx::Concat): it does not join along the experts
// Somebody else reads what would go.
// RUN: sed -e 's/^    return %%y.*/    %%used = onnx.node "ai.onnx::Neg"(%%rows) {name = "other", version = 13 : i64} : (tensor<2x?x4xf32>) -> tensor<2x?x4xf32>\n    return %%y, %%used : tensor<?x4xf32>, tensor<2x?x4xf32>/; s/-> tensor<?x4xf32> {$/-> (tensor<?x4xf32>, tensor<2x?x4xf32>) {/' %s | moe-opt --moe-raise-capacity 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS17
// MISS17: remark: the capacity einsum stays plain: node 'rows' (ai.onnx::Einsum): its result is also read by node 'other' (ai.onnx::Neg)
// A capacity that depends on data.
// RUN: sed -e 's/%%capacity = onnx.node "ai.onnx::Max"(%%share, %%two)/%%capacity = onnx.node "ai.onnx::ReduceMax"(%%choices, %%first_axis)/; s/^    %%capacity =/    %%choices = onnx.node "ai.onnx::ArgMax"(%%logits) {node_attributes = {axis = 1 : i64, keepdims = 0 : i64}, version = 13 : i64} : (tensor<?x2xf32>) -> tensor<?xi64>\n    %%capacity =/; /"capacity"/s/(tensor<i64>, tensor<i64>)/(tensor<?xi64>, tensor<1xi64>)/; /"capacity"/s/{name/{node_attributes = {keepdims = 0 : i64}, name/' %s | moe-opt --moe-raise-capacity 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS18
// MISS18: remark: the capacity einsum stays plain: node 'out0' (ai.onnx::Add): the shape of an operand is not known

// CHECK-DAG: rt.weight @y.gate : tensor<2x3x4xf32> = #rt.step<stack, (#rt.step<transpose[1, 0],
// CHECK-DAG: rt.weight @y.down : tensor<2x4x3xf32> = #rt.step<stack,
// CHECK: func.func @main(%{{.*}}: index {rt.dim = "t"}, %[[X:.*]]: tensor<?x4xf32> {{.*}}, %[[LOGITS:.*]]: tensor<?x2xf32>
// CHECK: %[[MORE:.*]] = arith.addi %{{.*}}, %c1
// CHECK: %[[HALF:.*]] = arith.floordivsi %[[MORE]], %c2
// CHECK: %[[SEATS:.*]] = arith.maxsi %[[HALF]], %c2
// CHECK-NOT: onnx.node
// CHECK: %[[IDS:.*]], %[[W:.*]] = moe.gate %[[LOGITS]] {gating = #moe.gating<>} : tensor<?x2xf32> -> tensor<?x1xi32>, tensor<?x1xf32>
// CHECK: %[[KEPT:.*]], %[[LEFT:.*]] = moe.capacity %[[IDS]], %[[W]], %[[SEATS]] {drop = #moe.drop<>, experts = 2 : i64}
// CHECK: %[[ROWS:.*]], %[[ROUTE:.*]] = moe.dispatch %[[X]], %[[KEPT]]
// CHECK: moe.expert %[[ROWS]], %[[ROUTE]] gate {{.*}} gate_bias {{.*}} down {{.*}} down_bias {{.*}} {activation = #moe.activation<gelu>}
// CHECK: %[[OUT:.*]] = moe.combine %{{.*}}, %[[ROUTE]], %[[LEFT]]
// CHECK-NEXT: return %[[OUT]]

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
    %choice1 = onnx.node "ai.onnx::ArgMax"(%scores) {name = "choice1", node_attributes = {axis = 1 : i64, keepdims = 0 : i64, select_last_index = 0 : i64}, version = 18 : i64} : (tensor<?x2xf32>) -> tensor<?xi64>
    %column1 = onnx.node "ai.onnx::Unsqueeze"(%choice1, %last_axis) {name = "column1", version = 18 : i64} : (tensor<?xi64>, tensor<1xi64>) -> tensor<?x1xi64>
    %is1 = onnx.node "ai.onnx::Equal"(%column1, %experts) {name = "is1", version = 18 : i64} : (tensor<?x1xi64>, tensor<2xi64>) -> tensor<?x2xi1>
    %mask1 = onnx.node "ai.onnx::Cast"(%is1) {name = "mask1", node_attributes = {to = 7 : i64}, version = 18 : i64} : (tensor<?x2xi1>) -> tensor<?x2xi64>
    %running1 = onnx.node "ai.onnx::CumSum"(%mask1, %zero) {name = "running1", node_attributes = {exclusive = 0 : i64, reverse = 0 : i64}, version = 18 : i64} : (tensor<?x2xi64>, tensor<i64>) -> tensor<?x2xi64>
    %position1 = onnx.node "ai.onnx::Sub"(%running1, %one) {name = "position1", version = 18 : i64} : (tensor<?x2xi64>, tensor<i64>) -> tensor<?x2xi64>
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
    %gated = onnx.node "ai.onnx::Mul"(%scores, %keptf1) {name = "gated", version = 18 : i64} : (tensor<?x2xf32>, tensor<?x2xf32>) -> tensor<?x2xf32>
    %combine = onnx.node "ai.onnx::Einsum"(%gated, %onehot1) {name = "combine", node_attributes = {equation = "se,sc->sec"}, version = 18 : i64} : (tensor<?x2xf32>, tensor<?x?xf32>) -> tensor<?x2x?xf32>
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
