// Experts with weights of rank 3 in one body.
// RUN: moe-opt %s --moe-raise-capacity | FileCheck %s
// An activation that no kernel has.
// RUN: sed -e '/"active"/s/Relu/Erf/' %s | moe-opt --moe-raise-capacity 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS0
// MISS0: remark: the capacity einsum stays plain: node 'active' (ai.onnx::Erf): expected Mul as a gated product, or a known activation (relu, relu_squared, gelu, gelu_tanh, silu, {{.*}}, relu6)
// A bias by seat, not by expert.
// RUN: sed -e 's/tensor<2x1x3xf32>/tensor<1x1x3xf32>/g; s/, 0, 24, raw/, 0, 12, raw/' %s | moe-opt --moe-raise-capacity 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS1
// MISS1: remark: the capacity einsum stays plain: node 'up' (ai.onnx::MatMul): its bias is not a weight of 2 x 1 x 3

// CHECK-DAG: rt.weight @y.gate : tensor<2x3x4xf32> = #rt.step<transpose[0, 2, 1], (#rt.source
// CHECK-DAG: rt.weight @y.gate_bias : tensor<2x3xf32> = #rt.step<reshape, (#rt.source
// CHECK-DAG: rt.weight @y.down : tensor<2x4x3xf32> = #rt.step<transpose[0, 2, 1], (#rt.source
// CHECK: moe.expert {{.*}} gate {{.*}} gate_bias {{.*}} down {{.*}} {activation = #moe.activation<relu>}
// CHECK: moe.combine
// CHECK-NEXT: return

// A miss leaves the einsum as it is.
// PLAIN-NOT: moe.gate
// PLAIN: se,sc->sec
// PLAIN: sec,ecm->sm
module {
  rt.weight @w1 : tensor<2x4x3xf32> = #rt.source<"m.onnx", 0, 96, raw> : tensor<2x4x3xf32>
  rt.weight @b1 : tensor<2x1x3xf32> = #rt.source<"m.onnx", 0, 24, raw> : tensor<2x1x3xf32>
  rt.weight @w2 : tensor<2x3x4xf32> = #rt.source<"m.onnx", 0, 96, raw> : tensor<2x3x4xf32>
  func.func @main(%t: index {rt.dim = "t"}, %x: tensor<?x4xf32> {rt.name = "x", rt.shape = ["t", 4]},
                  %logits: tensor<?x2xf32> {rt.name = "logits", rt.shape = ["t", 2]}) -> tensor<?x4xf32> {
    %w1 = rt.weight_ref @w1 : tensor<2x4x3xf32>
    %b1 = rt.weight_ref @b1 : tensor<2x1x3xf32>
    %w2 = rt.weight_ref @w2 : tensor<2x3x4xf32>
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
    %up = onnx.node "ai.onnx::MatMul"(%rows, %w1) {name = "up", version = 18 : i64} : (tensor<2x?x4xf32>, tensor<2x4x3xf32>) -> tensor<2x?x3xf32>
    %biased = onnx.node "ai.onnx::Add"(%up, %b1) {name = "biased", version = 18 : i64} : (tensor<2x?x3xf32>, tensor<2x1x3xf32>) -> tensor<2x?x3xf32>
    %active = onnx.node "ai.onnx::Relu"(%biased) {name = "active", version = 18 : i64} : (tensor<2x?x3xf32>) -> tensor<2x?x3xf32>
    %joined = onnx.node "ai.onnx::MatMul"(%active, %w2) {name = "joined", version = 18 : i64} : (tensor<2x?x3xf32>, tensor<2x3x4xf32>) -> tensor<2x?x4xf32>
    %y = onnx.node "ai.onnx::Einsum"(%combine, %joined) {name = "y", node_attributes = {equation = "sec,ecm->sm"}, version = 18 : i64} : (tensor<?x2x?xf32>, tensor<2x?x4xf32>) -> tensor<?x4xf32>
    return %y : tensor<?x4xf32>
  }
}
