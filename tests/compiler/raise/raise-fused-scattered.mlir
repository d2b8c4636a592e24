// Routers in front of a fused layer, which scatter what makes it come to their choice.
// RUN: moe-opt %s --moe-raise-fused --split-input-file | FileCheck %s

// Logarithms of sigmoid scores, chosen with a bias: the layer only divides them by their sum.
// CHECK-LABEL: func.func @main
// CHECK: moe.gate %arg2 bias %{{.*}} : tensor<4xf32> {gating = #moe.gating<score = sigmoid, renormalize = true>}
// CHECK-NOT: onnx.node
module {
  rt.weight @fc1 : tensor<4x32x16xf32> = #rt.source<"m.onnx", 0, 8192, raw> : tensor<4x32x16xf32>
  rt.weight @fc2 : tensor<4x16x32xf32> = #rt.source<"m.onnx", 1, 8192, raw> : tensor<4x16x32xf32>
  func.func @main(%t: index {rt.dim = "t"}, %x: tensor<?x16xf32> {rt.name = "x", rt.shape = ["t", 16]},
                  %l: tensor<?x4xf32> {rt.name = "l", rt.shape = ["t", 4]}) -> tensor<?x16xf32> {
    %fc1 = rt.weight_ref @fc1 : tensor<4x32x16xf32>
    %fc2 = rt.weight_ref @fc2 : tensor<4x16x32xf32>
    %bias = arith.constant dense<[0.1, 0.2, -0.3, 0.4]> : tensor<4xf32>
    %k = arith.constant dense<[2]> : tensor<1xi64>
    %last = arith.constant dense<[-1]> : tensor<1xi64>
    %one = arith.constant dense<1.0> : tensor<f32>
    %none = onnx.none
    %s = onnx.node "ai.onnx::Sigmoid"(%l) {version = 13 : i64} : (tensor<?x4xf32>) -> tensor<?x4xf32>
    %key = onnx.node "ai.onnx::Add"(%s, %bias) {version = 13 : i64} : (tensor<?x4xf32>, tensor<4xf32>) -> tensor<?x4xf32>
    %top:2 = onnx.node "ai.onnx::TopK"(%key, %k) {version = 11 : i64} : (tensor<?x4xf32>, tensor<1xi64>) -> (tensor<?x2xf32>, tensor<?x2xi64>)
    %w = onnx.node "ai.onnx::GatherElements"(%s, %top#1) {node_attributes = {axis = -1 : i64}, version = 13 : i64} : (tensor<?x4xf32>, tensor<?x2xi64>) -> tensor<?x2xf32>
    %log = onnx.node "ai.onnx::Log"(%w) {version = 13 : i64} : (tensor<?x2xf32>) -> tensor<?x2xf32>
    %shape = onnx.node "ai.onnx::Shape"(%s) {version = 13 : i64} : (tensor<?x4xf32>) -> tensor<2xi64>
    %fill = onnx.node "ai.onnx::ConstantOfShape"(%shape) {node_attributes = {value = dense<-3.40282347E+38> : tensor<1xf32>}, version = 9 : i64} : (tensor<2xi64>) -> tensor<?x4xf32>
    %probs = onnx.node "ai.onnx::ScatterElements"(%fill, %top#1, %log) {node_attributes = {axis = -1 : i64}, version = 18 : i64} : (tensor<?x4xf32>, tensor<?x2xi64>, tensor<?x2xf32>) -> tensor<?x4xf32>
    %y = onnx.node "com.microsoft::MoE"(%x, %probs, %fc1, %none, %fc2) {name = "/moe", node_attributes = {activation_type = "silu", k = 2 : i64, normalize_routing_weights = 1 : i64}, version = 1 : i64}
      : (tensor<?x16xf32>, tensor<?x4xf32>, tensor<4x32x16xf32>, !onnx.none, tensor<4x16x32xf32>) -> tensor<?x16xf32>
    return %y : tensor<?x16xf32>
  }
}

// -----

// Sigmoid spelled out, a floor, and a product that makes the sum the sum and an epsilon.
// CHECK-LABEL: func.func @main
// CHECK: moe.gate %arg2 bias %{{.*}} : tensor<4xf32> {gating = #moe.gating<score = sigmoid, renormalize = true, renormalize_epsilon = {{.*}}E-7 : f64, scale = 2.500000e+00 : f64>}
// CHECK-NOT: onnx.node
module {
  rt.weight @fc1 : tensor<4x32x16xf32> = #rt.source<"m.onnx", 0, 8192, raw> : tensor<4x32x16xf32>
  rt.weight @fc2 : tensor<4x16x32xf32> = #rt.source<"m.onnx", 1, 8192, raw> : tensor<4x16x32xf32>
  func.func @main(%t: index {rt.dim = "t"}, %x: tensor<?x16xf32> {rt.name = "x", rt.shape = ["t", 16]},
                  %l: tensor<?x4xf32> {rt.name = "l", rt.shape = ["t", 4]}) -> tensor<?x16xf32> {
    %fc1 = rt.weight_ref @fc1 : tensor<4x32x16xf32>
    %fc2 = rt.weight_ref @fc2 : tensor<4x16x32xf32>
    %bias = arith.constant dense<[0.1, 0.2, -0.3, 0.4]> : tensor<4xf32>
    %k = arith.constant dense<[2]> : tensor<1xi64>
    %last = arith.constant dense<[-1]> : tensor<1xi64>
    %one = arith.constant dense<1.0> : tensor<f32>
    %none = onnx.none
    %neg = onnx.node "ai.onnx::Neg"(%l) {version = 13 : i64} : (tensor<?x4xf32>) -> tensor<?x4xf32>
    %exp = onnx.node "ai.onnx::Exp"(%neg) {version = 13 : i64} : (tensor<?x4xf32>) -> tensor<?x4xf32>
    %sum = onnx.node "ai.onnx::Add"(%exp, %one) {version = 13 : i64} : (tensor<?x4xf32>, tensor<f32>) -> tensor<?x4xf32>
    %s = onnx.node "ai.onnx::Reciprocal"(%sum) {version = 13 : i64} : (tensor<?x4xf32>) -> tensor<?x4xf32>
    %key = onnx.node "ai.onnx::Add"(%s, %bias) {version = 13 : i64} : (tensor<?x4xf32>, tensor<4xf32>) -> tensor<?x4xf32>
    %top:2 = onnx.node "ai.onnx::TopK"(%key, %k) {version = 11 : i64} : (tensor<?x4xf32>, tensor<1xi64>) -> (tensor<?x2xf32>, tensor<?x2xi64>)
    %w = onnx.node "ai.onnx::GatherElements"(%s, %top#1) {node_attributes = {axis = -1 : i64}, version = 13 : i64} : (tensor<?x4xf32>, tensor<?x2xi64>) -> tensor<?x2xf32>
    %low = arith.constant dense<1.0e-30> : tensor<f32>
    %clip = onnx.node "ai.onnx::Clip"(%w, %low) {version = 13 : i64} : (tensor<?x2xf32>, tensor<f32>) -> tensor<?x2xf32>
    %log = onnx.node "ai.onnx::Log"(%clip) {version = 13 : i64} : (tensor<?x2xf32>) -> tensor<?x2xf32>
    %shape = onnx.node "ai.onnx::Shape"(%s) {version = 13 : i64} : (tensor<?x4xf32>) -> tensor<2xi64>
    %fill = onnx.node "ai.onnx::ConstantOfShape"(%shape) {node_attributes = {value = dense<-10000.0> : tensor<1xf32>}, version = 9 : i64} : (tensor<2xi64>) -> tensor<?x4xf32>
    %probs = onnx.node "ai.onnx::ScatterElements"(%fill, %top#1, %log) {node_attributes = {axis = -1 : i64}, version = 18 : i64} : (tensor<?x4xf32>, tensor<?x2xi64>, tensor<?x2xf32>) -> tensor<?x4xf32>
    %eps = arith.constant dense<1.0e-6> : tensor<f32>
    %total = onnx.node "ai.onnx::ReduceSum"(%w, %last) {node_attributes = {keepdims = 1 : i64}, version = 13 : i64} : (tensor<?x2xf32>, tensor<1xi64>) -> tensor<?x1xf32>
    %more = onnx.node "ai.onnx::Add"(%total, %eps) {version = 13 : i64} : (tensor<?x1xf32>, tensor<f32>) -> tensor<?x1xf32>
    %part = onnx.node "ai.onnx::Div"(%total, %more) {version = 13 : i64} : (tensor<?x1xf32>, tensor<?x1xf32>) -> tensor<?x1xf32>
    %sc = arith.constant dense<2.5> : tensor<f32>
    %scaled = onnx.node "ai.onnx::Mul"(%part, %sc) {version = 13 : i64} : (tensor<?x1xf32>, tensor<f32>) -> tensor<?x1xf32>
    %y = onnx.node "com.microsoft::MoE"(%x, %probs, %fc1, %none, %fc2) {name = "/moe", node_attributes = {activation_type = "silu", k = 2 : i64, normalize_routing_weights = 1 : i64}, version = 1 : i64}
      : (tensor<?x16xf32>, tensor<?x4xf32>, tensor<4x32x16xf32>, !onnx.none, tensor<4x16x32xf32>) -> tensor<?x16xf32>
    %z = onnx.node "ai.onnx::Mul"(%y, %scaled) {version = 13 : i64} : (tensor<?x16xf32>, tensor<?x1xf32>) -> tensor<?x16xf32>
    return %z : tensor<?x16xf32>
  }
}

// -----

// The floor counts beside so small an epsilon: the weights keep it, and the product stays.
// CHECK-LABEL: func.func @main
// CHECK: %[[S:.*]] = onnx.node "ai.onnx::Sigmoid"
// CHECK: %[[W:.*]] = onnx.node "ai.onnx::Clip"(%[[S]], %{{.*}}) {{.*}} -> tensor<?x4xf32>
// CHECK: moe.gate %arg2 bias %{{.*}} : tensor<4xf32> mix %[[W]] : tensor<?x4xf32> {gating = #moe.gating<score = sigmoid, renormalize = true>}
// CHECK: onnx.node "ai.onnx::Mul"
module {
  rt.weight @fc1 : tensor<4x32x16xf32> = #rt.source<"m.onnx", 0, 8192, raw> : tensor<4x32x16xf32>
  rt.weight @fc2 : tensor<4x16x32xf32> = #rt.source<"m.onnx", 1, 8192, raw> : tensor<4x16x32xf32>
  func.func @main(%t: index {rt.dim = "t"}, %x: tensor<?x16xf32> {rt.name = "x", rt.shape = ["t", 16]},
                  %l: tensor<?x4xf32> {rt.name = "l", rt.shape = ["t", 4]}) -> tensor<?x16xf32> {
    %fc1 = rt.weight_ref @fc1 : tensor<4x32x16xf32>
    %fc2 = rt.weight_ref @fc2 : tensor<4x16x32xf32>
    %bias = arith.constant dense<[0.1, 0.2, -0.3, 0.4]> : tensor<4xf32>
    %k = arith.constant dense<[2]> : tensor<1xi64>
    %last = arith.constant dense<[-1]> : tensor<1xi64>
    %one = arith.constant dense<1.0> : tensor<f32>
    %none = onnx.none
    %s = onnx.node "ai.onnx::Sigmoid"(%l) {version = 13 : i64} : (tensor<?x4xf32>) -> tensor<?x4xf32>
    %key = onnx.node "ai.onnx::Add"(%s, %bias) {version = 13 : i64} : (tensor<?x4xf32>, tensor<4xf32>) -> tensor<?x4xf32>
    %top:2 = onnx.node "ai.onnx::TopK"(%key, %k) {version = 11 : i64} : (tensor<?x4xf32>, tensor<1xi64>) -> (tensor<?x2xf32>, tensor<?x2xi64>)
    %w = onnx.node "ai.onnx::GatherElements"(%s, %top#1) {node_attributes = {axis = -1 : i64}, version = 13 : i64} : (tensor<?x4xf32>, tensor<?x2xi64>) -> tensor<?x2xf32>
    %low = arith.constant dense<1.0e-30> : tensor<f32>
    %clip = onnx.node "ai.onnx::Clip"(%w, %low) {version = 13 : i64} : (tensor<?x2xf32>, tensor<f32>) -> tensor<?x2xf32>
    %log = onnx.node "ai.onnx::Log"(%clip) {version = 13 : i64} : (tensor<?x2xf32>) -> tensor<?x2xf32>
    %shape = onnx.node "ai.onnx::Shape"(%s) {version = 13 : i64} : (tensor<?x4xf32>) -> tensor<2xi64>
    %fill = onnx.node "ai.onnx::ConstantOfShape"(%shape) {node_attributes = {value = dense<-10000.0> : tensor<1xf32>}, version = 9 : i64} : (tensor<2xi64>) -> tensor<?x4xf32>
    %probs = onnx.node "ai.onnx::ScatterElements"(%fill, %top#1, %log) {node_attributes = {axis = -1 : i64}, version = 18 : i64} : (tensor<?x4xf32>, tensor<?x2xi64>, tensor<?x2xf32>) -> tensor<?x4xf32>
    %eps = arith.constant dense<1.0e-20> : tensor<f32>
    %total = onnx.node "ai.onnx::ReduceSum"(%w, %last) {node_attributes = {keepdims = 1 : i64}, version = 13 : i64} : (tensor<?x2xf32>, tensor<1xi64>) -> tensor<?x1xf32>
    %more = onnx.node "ai.onnx::Add"(%total, %eps) {version = 13 : i64} : (tensor<?x1xf32>, tensor<f32>) -> tensor<?x1xf32>
    %part = onnx.node "ai.onnx::Div"(%total, %more) {version = 13 : i64} : (tensor<?x1xf32>, tensor<?x1xf32>) -> tensor<?x1xf32>
    %y = onnx.node "com.microsoft::MoE"(%x, %probs, %fc1, %none, %fc2) {name = "/moe", node_attributes = {activation_type = "silu", k = 2 : i64, normalize_routing_weights = 1 : i64}, version = 1 : i64}
      : (tensor<?x16xf32>, tensor<?x4xf32>, tensor<4x32x16xf32>, !onnx.none, tensor<4x16x32xf32>) -> tensor<?x16xf32>
    %z = onnx.node "ai.onnx::Mul"(%y, %part) {version = 13 : i64} : (tensor<?x16xf32>, tensor<?x1xf32>) -> tensor<?x16xf32>
    return %z : tensor<?x16xf32>
  }
}

// -----

// The scores say which experts, another operand the weights: scattered
// CHECK-LABEL: func.func @main
// CHECK: moe.gate %arg2 bias %{{.*}} : tensor<4xf32> {gating = #moe.gating<score = sigmoid, renormalize = true>}
// CHECK-NOT: onnx.node
module {
  rt.weight @q1 : tensor<4x32x16xui8> = #rt.source<"m.onnx", 0, 2048, raw> : tensor<4x32x16xui8>
  rt.weight @q2 : tensor<4x16x32xui8> = #rt.source<"m.onnx", 1, 2048, raw> : tensor<4x16x32xui8>
  func.func @main(%t: index {rt.dim = "t"}, %x: tensor<?x16xf32> {rt.name = "x", rt.shape = ["t", 16]},
                  %l: tensor<?x4xf32> {rt.name = "l", rt.shape = ["t", 4]}) -> tensor<?x16xf32> {
    %q1 = rt.weight_ref @q1 : tensor<4x32x16xui8>
    %q2 = rt.weight_ref @q2 : tensor<4x16x32xui8>
    %s1 = arith.constant dense<0.5> : tensor<4x32xf32>
    %s2 = arith.constant dense<0.5> : tensor<4x16xf32>
    %bias = arith.constant dense<[0.1, 0.2, -0.3, 0.4]> : tensor<4xf32>
    %k = arith.constant dense<[2]> : tensor<1xi64>
    %last = arith.constant dense<[-1]> : tensor<1xi64>
    %one = arith.constant dense<1.0> : tensor<f32>
    %none = onnx.none
    %s = onnx.node "ai.onnx::Sigmoid"(%l) {version = 13 : i64} : (tensor<?x4xf32>) -> tensor<?x4xf32>
    %key = onnx.node "ai.onnx::Add"(%s, %bias) {version = 13 : i64} : (tensor<?x4xf32>, tensor<4xf32>) -> tensor<?x4xf32>
    %top:2 = onnx.node "ai.onnx::TopK"(%key, %k) {version = 11 : i64} : (tensor<?x4xf32>, tensor<1xi64>) -> (tensor<?x2xf32>, tensor<?x2xi64>)
    %w = onnx.node "ai.onnx::GatherElements"(%s, %top#1) {node_attributes = {axis = -1 : i64}, version = 13 : i64} : (tensor<?x4xf32>, tensor<?x2xi64>) -> tensor<?x2xf32>
    %total = onnx.node "ai.onnx::ReduceSum"(%w, %last) {node_attributes = {keepdims = 1 : i64}, version = 13 : i64} : (tensor<?x2xf32>, tensor<1xi64>) -> tensor<?x1xf32>
    %part = onnx.node "ai.onnx::Div"(%w, %total) {version = 13 : i64} : (tensor<?x2xf32>, tensor<?x1xf32>) -> tensor<?x2xf32>
    %shape = onnx.node "ai.onnx::Shape"(%s) {version = 13 : i64} : (tensor<?x4xf32>) -> tensor<2xi64>
    %kshape = onnx.node "ai.onnx::Shape"(%top#1) {version = 13 : i64} : (tensor<?x2xi64>) -> tensor<2xi64>
    %fill = onnx.node "ai.onnx::ConstantOfShape"(%shape) {node_attributes = {value = dense<0xFF800000> : tensor<1xf32>}, version = 9 : i64} : (tensor<2xi64>) -> tensor<?x4xf32>
    %zeros = onnx.node "ai.onnx::ConstantOfShape"(%shape) {node_attributes = {value = dense<0.0> : tensor<1xf32>}, version = 9 : i64} : (tensor<2xi64>) -> tensor<?x4xf32>
    %high = onnx.node "ai.onnx::ConstantOfShape"(%kshape) {node_attributes = {value = dense<1.0> : tensor<1xf32>}, version = 9 : i64} : (tensor<2xi64>) -> tensor<?x2xf32>
    %probs = onnx.node "ai.onnx::ScatterElements"(%fill, %top#1, %high) {node_attributes = {axis = -1 : i64}, version = 18 : i64} : (tensor<?x4xf32>, tensor<?x2xi64>, tensor<?x2xf32>) -> tensor<?x4xf32>
    %mix = onnx.node "ai.onnx::ScatterElements"(%zeros, %top#1, %part) {node_attributes = {axis = -1 : i64}, version = 18 : i64} : (tensor<?x4xf32>, tensor<?x2xi64>, tensor<?x2xf32>) -> tensor<?x4xf32>
    %y = onnx.node "com.microsoft::QMoE"(%x, %probs, %q1, %s1, %none, %q2, %s2, %none, %none, %none, %none, %none, %none, %none, %mix) {name = "/moe", node_attributes = {activation_type = "silu", expert_weight_bits = 8 : i64, k = 2 : i64}, version = 1 : i64}
      : (tensor<?x16xf32>, tensor<?x4xf32>, tensor<4x32x16xui8>, tensor<4x32xf32>, !onnx.none, tensor<4x16x32xui8>, tensor<4x16xf32>, !onnx.none, !onnx.none, !onnx.none, !onnx.none, !onnx.none, !onnx.none, !onnx.none, tensor<?x4xf32>) -> tensor<?x16xf32>
    return %y : tensor<?x16xf32>
  }
}

// -----

// or of all experts.
// CHECK-LABEL: func.func @main
// CHECK: %[[S:.*]] = onnx.node "ai.onnx::Sigmoid"
// CHECK: %[[KEY:.*]] = onnx.node "ai.onnx::Add"(%[[S]]
// CHECK: moe.gate %[[KEY]] mix %[[S]] : tensor<?x4xf32> {gating = #moe.gating<score = identity, renormalize = true>}
module {
  rt.weight @q1 : tensor<4x32x16xui8> = #rt.source<"m.onnx", 0, 2048, raw> : tensor<4x32x16xui8>
  rt.weight @q2 : tensor<4x16x32xui8> = #rt.source<"m.onnx", 1, 2048, raw> : tensor<4x16x32xui8>
  func.func @main(%t: index {rt.dim = "t"}, %x: tensor<?x16xf32> {rt.name = "x", rt.shape = ["t", 16]},
                  %l: tensor<?x4xf32> {rt.name = "l", rt.shape = ["t", 4]}) -> tensor<?x16xf32> {
    %q1 = rt.weight_ref @q1 : tensor<4x32x16xui8>
    %q2 = rt.weight_ref @q2 : tensor<4x16x32xui8>
    %s1 = arith.constant dense<0.5> : tensor<4x32xf32>
    %s2 = arith.constant dense<0.5> : tensor<4x16xf32>
    %bias = arith.constant dense<[0.1, 0.2, -0.3, 0.4]> : tensor<4xf32>
    %k = arith.constant dense<[2]> : tensor<1xi64>
    %last = arith.constant dense<[-1]> : tensor<1xi64>
    %one = arith.constant dense<1.0> : tensor<f32>
    %none = onnx.none
    %mix = onnx.node "ai.onnx::Sigmoid"(%l) {version = 13 : i64} : (tensor<?x4xf32>) -> tensor<?x4xf32>
    %key = onnx.node "ai.onnx::Add"(%mix, %bias) {version = 13 : i64} : (tensor<?x4xf32>, tensor<4xf32>) -> tensor<?x4xf32>
    %top:2 = onnx.node "ai.onnx::TopK"(%key, %k) {version = 11 : i64} : (tensor<?x4xf32>, tensor<1xi64>) -> (tensor<?x2xf32>, tensor<?x2xi64>)
    %w = onnx.node "ai.onnx::GatherElements"(%mix, %top#1) {node_attributes = {axis = -1 : i64}, version = 13 : i64} : (tensor<?x4xf32>, tensor<?x2xi64>) -> tensor<?x2xf32>
    %shape = onnx.node "ai.onnx::Shape"(%mix) {version = 13 : i64} : (tensor<?x4xf32>) -> tensor<2xi64>
    %kshape = onnx.node "ai.onnx::Shape"(%top#1) {version = 13 : i64} : (tensor<?x2xi64>) -> tensor<2xi64>
    %fill = onnx.node "ai.onnx::ConstantOfShape"(%shape) {node_attributes = {value = dense<0xFF800000> : tensor<1xf32>}, version = 9 : i64} : (tensor<2xi64>) -> tensor<?x4xf32>
    %high = onnx.node "ai.onnx::ConstantOfShape"(%kshape) {node_attributes = {value = dense<1.0> : tensor<1xf32>}, version = 9 : i64} : (tensor<2xi64>) -> tensor<?x2xf32>
    %probs = onnx.node "ai.onnx::ScatterElements"(%fill, %top#1, %high) {node_attributes = {axis = -1 : i64}, version = 18 : i64} : (tensor<?x4xf32>, tensor<?x2xi64>, tensor<?x2xf32>) -> tensor<?x4xf32>
    %y = onnx.node "com.microsoft::QMoE"(%x, %probs, %q1, %s1, %none, %q2, %s2, %none, %none, %none, %none, %none, %none, %none, %mix) {name = "/moe", node_attributes = {activation_type = "silu", expert_weight_bits = 8 : i64, k = 2 : i64, normalize_routing_weights = 1 : i64}, version = 1 : i64}
      : (tensor<?x16xf32>, tensor<?x4xf32>, tensor<4x32x16xui8>, tensor<4x32xf32>, !onnx.none, tensor<4x16x32xui8>, tensor<4x16xf32>, !onnx.none, !onnx.none, !onnx.none, !onnx.none, !onnx.none, !onnx.none, !onnx.none, tensor<?x4xf32>) -> tensor<?x16xf32>
    return %y : tensor<?x16xf32>
  }
}
