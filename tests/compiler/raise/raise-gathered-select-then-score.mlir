// The k best logits, softmax over them; rows broadcast over the slots, biases, interleaved and clamped gate and up (GPT-OSS).
// RUN: moe-opt %s --moe-raise-gathered | FileCheck %s
// Two limits.
// RUN: sed -e '/%%minus_seven =/s/-7.0/-6.0/' %s | moe-opt --moe-raise-gathered 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS0
// MISS0: remark: the gathered experts stay plain: node 'active' (ai.onnx::Mul): gate and up are not clamped by one limit
// The gate is clamped from below, too.
// RUN: sed -e '/"gatec"/s/%%none/%%minus_seven/; /"gatec"/s/!onnx.none/tensor<f32>/' %s | moe-opt --moe-raise-gathered 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS1
// MISS1: remark: the gathered experts stay plain: node 'active' (ai.onnx::Mul): gate and up are not clamped by one limit
// Up is clamped from above only.
// RUN: sed -e '/"upc"/s/%%minus_seven/%%none/; /"upc"/s/tensor<f32>/!onnx.none/' %s | moe-opt --moe-raise-gathered 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS1
// Biases of other experts.
// RUN: sed -e '/"bias1"/s/%%top#1/%%neg/; s/^    %%bias1 =/    %%neg = onnx.node "ai.onnx::Neg"(%%top#1) {name = "neg", version = 13 : i64} : (tensor<?x?x2xi64>) -> tensor<?x?x2xi64>\n    %%bias1 =/' %s | moe-opt --moe-raise-gathered 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS2
// MISS2: remark: the gathered experts stay plain: node 'bias1' (ai.onnx::Gather): it gathers by other ids than the second matrix
// Softmax over the tokens.
// RUN: sed -e '/"share"/s/axis = -1/axis = 1/' %s | moe-opt --moe-raise-gathered 2>&1 | FileCheck %s --check-prefixes=KEPT,MISS3
// MISS3: remark: keys and weights of the router stay plain: node 'share' (ai.onnx::Softmax): it is not over the last axis
// A limit below 0 is no activation's, and no error.
// RUN: sed -e '/%%seven =/s/7.0/-7.0/; /%%minus_seven =/s/-7.0/7.0/' %s | moe-opt --moe-raise-gathered 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS4 --implicit-check-not=error:
// MISS4: remark: the gathered experts stay plain: node 'active' (ai.onnx::Mul): the activation's parameters are out of range
// Softmax over rows of another number of logits than k.
// RUN: sed -e '/"share"/s/%%top#0/%%single/; /"share"/s/tensor<?x?x2xf32>/tensor<?x1xf32>/g; /"factors"/s/%%share/%%back/; s/^    %%share =/    %%ones = arith.constant dense<[-1, 1]> : tensor<2xi64>\n    %%rows_of_x = onnx.node "ai.onnx::Shape"(%%x) {name = "rows_of_x", node_attributes = {end = 2 : i64}, version = 20 : i64} : (tensor<?x?x6xf32>) -> tensor<2xi64>\n    %%pair = arith.constant dense<2> : tensor<1xi64>\n    %%sizes = onnx.node "ai.onnx::Concat"(%%rows_of_x, %%pair) {name = "sizes", node_attributes = {axis = 0 : i64}, version = 20 : i64} : (tensor<2xi64>, tensor<1xi64>) -> tensor<3xi64>\n    %%single = onnx.node "ai.onnx::Reshape"(%%top#0, %%ones) {name = "single", version = 20 : i64} : (tensor<?x?x2xf32>, tensor<2xi64>) -> tensor<?x1xf32>\n    %%share =/; s/^    %%factors =/    %%back = onnx.node "ai.onnx::Reshape"(%%share, %%sizes) {name = "back", version = 20 : i64} : (tensor<?x1xf32>, tensor<3xi64>) -> tensor<?x?x2xf32>\n    %%factors =/' %s | moe-opt --moe-raise-gathered 2>&1 | FileCheck %s --check-prefixes=KEPT,MISS5
// MISS5: remark: keys and weights of the router stay plain: node 'share' (ai.onnx::Softmax): it is not over the 2 selected experts
// Renormalised over rows of another number of weights than k.
// RUN: sed -e '/"factors"/s/%%share/%%back/; s/^    %%factors =/    %%ones = arith.constant dense<[-1, 1]> : tensor<2xi64>\n    %%single = onnx.node "ai.onnx::Reshape"(%%share, %%ones) {name = "single", version = 20 : i64} : (tensor<?x?x2xf32>, tensor<2xi64>) -> tensor<?x1xf32>\n    %%total = onnx.node "ai.onnx::ReduceSum"(%%single, %%last_axis) {name = "total", node_attributes = {keepdims = 1 : i64}, version = 20 : i64} : (tensor<?x1xf32>, tensor<1xi64>) -> tensor<?x1xf32>\n    %%normal = onnx.node "ai.onnx::Div"(%%single, %%total) {name = "normal", version = 20 : i64} : (tensor<?x1xf32>, tensor<?x1xf32>) -> tensor<?x1xf32>\n    %%back = onnx.node "ai.onnx::Reshape"(%%normal, %%sizes) {name = "back", version = 20 : i64} : (tensor<?x1xf32>, tensor<3xi64>) -> tensor<?x?x2xf32>\n    %%factors =/; s/^    %%share =/    %%rows_of_x = onnx.node "ai.onnx::Shape"(%%x) {name = "rows_of_x", node_attributes = {end = 2 : i64}, version = 20 : i64} : (tensor<?x?x6xf32>) -> tensor<2xi64>\n    %%pair = arith.constant dense<2> : tensor<1xi64>\n    %%sizes = onnx.node "ai.onnx::Concat"(%%rows_of_x, %%pair) {name = "sizes", node_attributes = {axis = 0 : i64}, version = 20 : i64} : (tensor<2xi64>, tensor<1xi64>) -> tensor<3xi64>\n    %%share =/' %s | moe-opt --moe-raise-gathered 2>&1 | FileCheck %s --check-prefixes=KEPT,MISS6
// MISS6: remark: keys and weights of the router stay plain: node 'normal' (ai.onnx::Div): its rows do not hold the weights of one token each (k = 2)

// CHECK-DAG: rt.weight @y.gate : tensor<4x5x6xf32> = #rt.step<slice[0, 0, 0, 1, 2, 1],
// CHECK-DAG: rt.weight @y.gate_bias : tensor<4x5xf32> = #rt.step<slice[0, 0, 1, 2],
// CHECK-DAG: rt.weight @y.up : tensor<4x5x6xf32> = #rt.step<slice[0, 1, 0, 1, 2, 1],
// CHECK-DAG: rt.weight @y.up_bias : tensor<4x5xf32> = #rt.step<slice[0, 1, 1, 2],
// CHECK: moe.gate %{{.*}} {gating = #moe.gating<order = select_then_score>} : tensor<?x4xf32> -> tensor<?x2xi32>, tensor<?x2xf32>
// CHECK: moe.expert {{.*}} gate_bias {{.*}} up {{.*}} up_bias {{.*}} down
// CHECK-SAME: {activation = #moe.activation<silu, alpha = 1.7020000219345093 : f64, beta = 1.000000e+00 : f64, limit = 7.000000e+00 : f64>}
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
  rt.weight @gate_up_bias : tensor<4x10xf32> = #rt.source<"m.onnx", 0, 160, raw> : tensor<4x10xf32>
  rt.weight @down : tensor<4x6x5xf32> = #rt.source<"m.onnx", 0, 480, raw> : tensor<4x6x5xf32>
  func.func @main(%b: index {rt.dim = "b"}, %s: index {rt.dim = "s"}, %x: tensor<?x?x6xf32> {rt.name = "x", rt.shape = ["b", "s", 6]},
                  %logits: tensor<?x?x4xf32> {rt.name = "logits", rt.shape = ["b", "s", 4]}) -> tensor<?x?x6xf32> {
    %gate_up = rt.weight_ref @gate_up : tensor<4x10x6xf32>
    %gate_up_bias = rt.weight_ref @gate_up_bias : tensor<4x10xf32>
    %down = rt.weight_ref @down : tensor<4x6x5xf32>
    %zero_axis = arith.constant dense<0> : tensor<1xi64>
    %one_axis = arith.constant dense<1> : tensor<1xi64>
    %last_axis = arith.constant dense<-1> : tensor<1xi64>
    %k = arith.constant dense<2> : tensor<1xi64>
    %two = arith.constant dense<2> : tensor<1xi64>
    %three = arith.constant dense<3> : tensor<1xi64>
    %middle = arith.constant dense<[2, 4]> : tensor<2xi64>
    %end = arith.constant dense<9223372036854775807> : tensor<1xi64>
    %seven = arith.constant dense<7.0> : tensor<f32>
    %minus_seven = arith.constant dense<-7.0> : tensor<f32>
    %alpha = arith.constant dense<1.702> : tensor<f32>
    %one = arith.constant dense<1.0> : tensor<f32>
    %none = onnx.none
    %top:2 = onnx.node "ai.onnx::TopK"(%logits, %k) {name = "top", node_attributes = {axis = -1 : i64, largest = 1 : i64, sorted = 1 : i64}, version = 20 : i64} : (tensor<?x?x4xf32>, tensor<1xi64>) -> (tensor<?x?x2xf32>, tensor<?x?x2xi64>)
    %share = onnx.node "ai.onnx::Softmax"(%top#0) {name = "share", node_attributes = {axis = -1 : i64}, version = 20 : i64} : (tensor<?x?x2xf32>) -> tensor<?x?x2xf32>
    %factors = onnx.node "ai.onnx::Unsqueeze"(%share, %last_axis) {name = "factors", version = 20 : i64} : (tensor<?x?x2xf32>, tensor<1xi64>) -> tensor<?x?x2x1xf32>
    %factors2 = onnx.node "ai.onnx::Unsqueeze"(%factors, %last_axis) {name = "factors2", version = 20 : i64} : (tensor<?x?x2x1xf32>, tensor<1xi64>) -> tensor<?x?x2x1x1xf32>
    %vector = onnx.node "ai.onnx::Unsqueeze"(%x, %middle) {name = "vector", version = 20 : i64} : (tensor<?x?x6xf32>, tensor<2xi64>) -> tensor<?x?x1x6x1xf32>
    %gathered1 = onnx.node "ai.onnx::Gather"(%gate_up, %top#1) {name = "gathered1", node_attributes = {axis = 0 : i64}, version = 20 : i64} : (tensor<4x10x6xf32>, tensor<?x?x2xi64>) -> tensor<?x?x2x10x6xf32>
    %product1 = onnx.node "ai.onnx::MatMul"(%gathered1, %vector) {name = "product1", version = 20 : i64} : (tensor<?x?x2x10x6xf32>, tensor<?x?x1x6x1xf32>) -> tensor<?x?x2x10x1xf32>
    %bias1 = onnx.node "ai.onnx::Gather"(%gate_up_bias, %top#1) {name = "bias1", node_attributes = {axis = 0 : i64}, version = 20 : i64} : (tensor<4x10xf32>, tensor<?x?x2xi64>) -> tensor<?x?x2x10xf32>
    %bias1c = onnx.node "ai.onnx::Unsqueeze"(%bias1, %last_axis) {name = "bias1c", version = 20 : i64} : (tensor<?x?x2x10xf32>, tensor<1xi64>) -> tensor<?x?x2x10x1xf32>
    %biased = onnx.node "ai.onnx::Add"(%product1, %bias1c) {name = "biased", version = 20 : i64} : (tensor<?x?x2x10x1xf32>, tensor<?x?x2x10x1xf32>) -> tensor<?x?x2x10x1xf32>
    %gate = onnx.node "ai.onnx::Slice"(%biased, %zero_axis, %end, %three, %two) {name = "gate", version = 20 : i64} : (tensor<?x?x2x10x1xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<?x?x2x5x1xf32>
    %up = onnx.node "ai.onnx::Slice"(%biased, %one_axis, %end, %three, %two) {name = "up", version = 20 : i64} : (tensor<?x?x2x10x1xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<?x?x2x5x1xf32>
    %gatec = onnx.node "ai.onnx::Clip"(%gate, %none, %seven) {name = "gatec", version = 20 : i64} : (tensor<?x?x2x5x1xf32>, !onnx.none, tensor<f32>) -> tensor<?x?x2x5x1xf32>
    %upc = onnx.node "ai.onnx::Clip"(%up, %minus_seven, %seven) {name = "upc", version = 20 : i64} : (tensor<?x?x2x5x1xf32>, tensor<f32>, tensor<f32>) -> tensor<?x?x2x5x1xf32>
    %scaled = onnx.node "ai.onnx::Mul"(%gatec, %alpha) {name = "scaled", version = 20 : i64} : (tensor<?x?x2x5x1xf32>, tensor<f32>) -> tensor<?x?x2x5x1xf32>
    %sigmoid = onnx.node "ai.onnx::Sigmoid"(%scaled) {name = "sigmoid", version = 20 : i64} : (tensor<?x?x2x5x1xf32>) -> tensor<?x?x2x5x1xf32>
    %swish = onnx.node "ai.onnx::Mul"(%gatec, %sigmoid) {name = "swish", version = 20 : i64} : (tensor<?x?x2x5x1xf32>, tensor<?x?x2x5x1xf32>) -> tensor<?x?x2x5x1xf32>
    %up1 = onnx.node "ai.onnx::Add"(%upc, %one) {name = "up1", version = 20 : i64} : (tensor<?x?x2x5x1xf32>, tensor<f32>) -> tensor<?x?x2x5x1xf32>
    %active = onnx.node "ai.onnx::Mul"(%swish, %up1) {name = "active", version = 20 : i64} : (tensor<?x?x2x5x1xf32>, tensor<?x?x2x5x1xf32>) -> tensor<?x?x2x5x1xf32>
    %gathered2 = onnx.node "ai.onnx::Gather"(%down, %top#1) {name = "gathered2", node_attributes = {axis = 0 : i64}, version = 20 : i64} : (tensor<4x6x5xf32>, tensor<?x?x2xi64>) -> tensor<?x?x2x6x5xf32>
    %product2 = onnx.node "ai.onnx::MatMul"(%gathered2, %active) {name = "product2", version = 20 : i64} : (tensor<?x?x2x6x5xf32>, tensor<?x?x2x5x1xf32>) -> tensor<?x?x2x6x1xf32>
    %weighed = onnx.node "ai.onnx::Mul"(%product2, %factors2) {name = "weighed", version = 20 : i64} : (tensor<?x?x2x6x1xf32>, tensor<?x?x2x1x1xf32>) -> tensor<?x?x2x6x1xf32>
    %y = onnx.node "ai.onnx::ReduceSum"(%weighed, %two) {name = "y", node_attributes = {keepdims = 0 : i64}, version = 20 : i64} : (tensor<?x?x2x6x1xf32>, tensor<1xi64>) -> tensor<?x?x6x1xf32>
    %z = onnx.node "ai.onnx::Squeeze"(%y, %last_axis) {name = "z", version = 20 : i64} : (tensor<?x?x6x1xf32>, tensor<1xi64>) -> tensor<?x?x6xf32>
    return %z : tensor<?x?x6xf32>
  }
}
