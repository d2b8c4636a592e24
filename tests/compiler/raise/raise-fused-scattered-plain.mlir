// A scattered router that is not proved stays plain, with a remark; the fused node then is a router of its own.
// RUN: moe-opt %s --moe-raise-fused --split-input-file --verify-diagnostics -o %t
// RUN: grep -c "moe.gate .*score\|moe.gate .*{gating = #moe.gating<" %t | FileCheck %s
// CHECK: 13

// Other weights may lie below the number.
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
    %fill = onnx.node "ai.onnx::ConstantOfShape"(%shape) {node_attributes = {value = dense<-100.0> : tensor<1xf32>}, version = 9 : i64} : (tensor<2xi64>) -> tensor<?x4xf32>
    %probs = onnx.node "ai.onnx::ScatterElements"(%fill, %top#1, %log) {node_attributes = {axis = -1 : i64}, version = 18 : i64} : (tensor<?x4xf32>, tensor<?x2xi64>, tensor<?x2xf32>) -> tensor<?x4xf32>
    // expected-remark @+1 {{the scattered scores stay plain: node '' (ai.onnx::ScatterElements): the number that it scatters into is not far below the logarithms of all weights}}
    %y = onnx.node "com.microsoft::MoE"(%x, %probs, %fc1, %none, %fc2) {name = "/moe", node_attributes = {activation_type = "silu", k = 2 : i64, normalize_routing_weights = 1 : i64}, version = 1 : i64}
      : (tensor<?x16xf32>, tensor<?x4xf32>, tensor<4x32x16xf32>, !onnx.none, tensor<4x16x32xf32>) -> tensor<?x16xf32>
    return %y : tensor<?x16xf32>
  }
}

// -----

// Adding is no choice.
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
    %fill = onnx.node "ai.onnx::ConstantOfShape"(%shape) {node_attributes = {value = dense<-10000.0> : tensor<1xf32>}, version = 9 : i64} : (tensor<2xi64>) -> tensor<?x4xf32>
    %probs = onnx.node "ai.onnx::ScatterElements"(%fill, %top#1, %log) {node_attributes = {axis = -1 : i64, reduction = "add"}, version = 18 : i64} : (tensor<?x4xf32>, tensor<?x2xi64>, tensor<?x2xf32>) -> tensor<?x4xf32>
    // expected-remark @+1 {{the scattered scores stay plain: node '' (ai.onnx::ScatterElements): it does not scatter along the experts}}
    %y = onnx.node "com.microsoft::MoE"(%x, %probs, %fc1, %none, %fc2) {name = "/moe", node_attributes = {activation_type = "silu", k = 2 : i64, normalize_routing_weights = 1 : i64}, version = 1 : i64}
      : (tensor<?x16xf32>, tensor<?x4xf32>, tensor<4x32x16xf32>, !onnx.none, tensor<4x16x32xf32>) -> tensor<?x16xf32>
    return %y : tensor<?x16xf32>
  }
}

// -----

// Tokens are no experts.
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
    %fill = onnx.node "ai.onnx::ConstantOfShape"(%shape) {node_attributes = {value = dense<-10000.0> : tensor<1xf32>}, version = 9 : i64} : (tensor<2xi64>) -> tensor<?x4xf32>
    %probs = onnx.node "ai.onnx::ScatterElements"(%fill, %top#1, %log) {node_attributes = {axis = 0 : i64}, version = 18 : i64} : (tensor<?x4xf32>, tensor<?x2xi64>, tensor<?x2xf32>) -> tensor<?x4xf32>
    // expected-remark @+1 {{the scattered scores stay plain: node '' (ai.onnx::ScatterElements): it does not scatter along the experts}}
    %y = onnx.node "com.microsoft::MoE"(%x, %probs, %fc1, %none, %fc2) {name = "/moe", node_attributes = {activation_type = "silu", k = 2 : i64, normalize_routing_weights = 1 : i64}, version = 1 : i64}
      : (tensor<?x16xf32>, tensor<?x4xf32>, tensor<4x32x16xf32>, !onnx.none, tensor<4x16x32xf32>) -> tensor<?x16xf32>
    return %y : tensor<?x16xf32>
  }
}

// -----

// Scores of the others.
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
    %probs = onnx.node "ai.onnx::ScatterElements"(%l, %top#1, %log) {node_attributes = {axis = -1 : i64}, version = 18 : i64} : (tensor<?x4xf32>, tensor<?x2xi64>, tensor<?x2xf32>) -> tensor<?x4xf32>
    // expected-remark @+1 {{the scattered scores stay plain: node '' (ai.onnx::ScatterElements): it does not scatter into one number}}
    %y = onnx.node "com.microsoft::MoE"(%x, %probs, %fc1, %none, %fc2) {name = "/moe", node_attributes = {activation_type = "silu", k = 2 : i64, normalize_routing_weights = 1 : i64}, version = 1 : i64}
      : (tensor<?x16xf32>, tensor<?x4xf32>, tensor<4x32x16xf32>, !onnx.none, tensor<4x16x32xf32>) -> tensor<?x16xf32>
    return %y : tensor<?x16xf32>
  }
}

// -----

// No logarithm.
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
    %shape = onnx.node "ai.onnx::Shape"(%s) {version = 13 : i64} : (tensor<?x4xf32>) -> tensor<2xi64>
    %fill = onnx.node "ai.onnx::ConstantOfShape"(%shape) {node_attributes = {value = dense<-10000.0> : tensor<1xf32>}, version = 9 : i64} : (tensor<2xi64>) -> tensor<?x4xf32>
    %probs = onnx.node "ai.onnx::ScatterElements"(%fill, %top#1, %w) {node_attributes = {axis = -1 : i64}, version = 18 : i64} : (tensor<?x4xf32>, tensor<?x2xi64>, tensor<?x2xf32>) -> tensor<?x4xf32>
    // expected-remark @+1 {{the scattered scores stay plain: node '' (ai.onnx::GatherElements): expected Log as the scattered weights}}
    %y = onnx.node "com.microsoft::MoE"(%x, %probs, %fc1, %none, %fc2) {name = "/moe", node_attributes = {activation_type = "silu", k = 2 : i64, normalize_routing_weights = 1 : i64}, version = 1 : i64}
      : (tensor<?x16xf32>, tensor<?x4xf32>, tensor<4x32x16xf32>, !onnx.none, tensor<4x16x32xf32>) -> tensor<?x16xf32>
    return %y : tensor<?x16xf32>
  }
}

// -----

// A floor that is none.
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
    %low = arith.constant dense<-1.0> : tensor<f32>
    %clip = onnx.node "ai.onnx::Clip"(%w, %low) {version = 13 : i64} : (tensor<?x2xf32>, tensor<f32>) -> tensor<?x2xf32>
    %log = onnx.node "ai.onnx::Log"(%clip) {version = 13 : i64} : (tensor<?x2xf32>) -> tensor<?x2xf32>
    %shape = onnx.node "ai.onnx::Shape"(%s) {version = 13 : i64} : (tensor<?x4xf32>) -> tensor<2xi64>
    %fill = onnx.node "ai.onnx::ConstantOfShape"(%shape) {node_attributes = {value = dense<-10000.0> : tensor<1xf32>}, version = 9 : i64} : (tensor<2xi64>) -> tensor<?x4xf32>
    %probs = onnx.node "ai.onnx::ScatterElements"(%fill, %top#1, %log) {node_attributes = {axis = -1 : i64}, version = 18 : i64} : (tensor<?x4xf32>, tensor<?x2xi64>, tensor<?x2xf32>) -> tensor<?x4xf32>
    // expected-remark @+1 {{the scattered scores stay plain: node '' (ai.onnx::Clip): it does not keep the weights above a constant greater than 0}}
    %y = onnx.node "com.microsoft::MoE"(%x, %probs, %fc1, %none, %fc2) {name = "/moe", node_attributes = {activation_type = "silu", k = 2 : i64, normalize_routing_weights = 1 : i64}, version = 1 : i64}
      : (tensor<?x16xf32>, tensor<?x4xf32>, tensor<4x32x16xf32>, !onnx.none, tensor<4x16x32xf32>) -> tensor<?x16xf32>
    return %y : tensor<?x16xf32>
  }
}

// -----

// Logits as weights.
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
    %s = onnx.node "ai.onnx::Identity"(%l) {version = 13 : i64} : (tensor<?x4xf32>) -> tensor<?x4xf32>
    %key = onnx.node "ai.onnx::Add"(%s, %bias) {version = 13 : i64} : (tensor<?x4xf32>, tensor<4xf32>) -> tensor<?x4xf32>
    %top:2 = onnx.node "ai.onnx::TopK"(%key, %k) {version = 11 : i64} : (tensor<?x4xf32>, tensor<1xi64>) -> (tensor<?x2xf32>, tensor<?x2xi64>)
    %w = onnx.node "ai.onnx::GatherElements"(%s, %top#1) {node_attributes = {axis = -1 : i64}, version = 13 : i64} : (tensor<?x4xf32>, tensor<?x2xi64>) -> tensor<?x2xf32>
    %log = onnx.node "ai.onnx::Log"(%w) {version = 13 : i64} : (tensor<?x2xf32>) -> tensor<?x2xf32>
    %shape = onnx.node "ai.onnx::Shape"(%s) {version = 13 : i64} : (tensor<?x4xf32>) -> tensor<2xi64>
    %fill = onnx.node "ai.onnx::ConstantOfShape"(%shape) {node_attributes = {value = dense<-10000.0> : tensor<1xf32>}, version = 9 : i64} : (tensor<2xi64>) -> tensor<?x4xf32>
    %probs = onnx.node "ai.onnx::ScatterElements"(%fill, %top#1, %log) {node_attributes = {axis = -1 : i64}, version = 18 : i64} : (tensor<?x4xf32>, tensor<?x2xi64>, tensor<?x2xf32>) -> tensor<?x4xf32>
    // expected-remark @+1 {{the scattered scores stay plain: node '' (ai.onnx::Log): the weights are not softmax or sigmoid of the logits}}
    %y = onnx.node "com.microsoft::MoE"(%x, %probs, %fc1, %none, %fc2) {name = "/moe", node_attributes = {activation_type = "silu", k = 2 : i64, normalize_routing_weights = 1 : i64}, version = 1 : i64}
      : (tensor<?x16xf32>, tensor<?x4xf32>, tensor<4x32x16xf32>, !onnx.none, tensor<4x16x32xf32>) -> tensor<?x16xf32>
    return %y : tensor<?x16xf32>
  }
}

// -----

// The layer chooses fewer.
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
    %fill = onnx.node "ai.onnx::ConstantOfShape"(%shape) {node_attributes = {value = dense<-10000.0> : tensor<1xf32>}, version = 9 : i64} : (tensor<2xi64>) -> tensor<?x4xf32>
    %probs = onnx.node "ai.onnx::ScatterElements"(%fill, %top#1, %log) {node_attributes = {axis = -1 : i64}, version = 18 : i64} : (tensor<?x4xf32>, tensor<?x2xi64>, tensor<?x2xf32>) -> tensor<?x4xf32>
    // expected-remark @+1 {{the scattered scores stay plain: node '' (ai.onnx::ScatterElements): it scatters 2 of 4 experts, but the layer chooses 1 of 4}}
    %y = onnx.node "com.microsoft::MoE"(%x, %probs, %fc1, %none, %fc2) {name = "/moe", node_attributes = {activation_type = "silu", k = 1 : i64}, version = 1 : i64}
      : (tensor<?x16xf32>, tensor<?x4xf32>, tensor<4x32x16xf32>, !onnx.none, tensor<4x16x32xf32>) -> tensor<?x16xf32>
    return %y : tensor<?x16xf32>
  }
}

// -----

// Weights that the gate cannot express, which the layer divides by their sum.
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
    %part = onnx.node "ai.onnx::Relu"(%w) {version = 13 : i64} : (tensor<?x2xf32>) -> tensor<?x2xf32>
    %shape = onnx.node "ai.onnx::Shape"(%s) {version = 13 : i64} : (tensor<?x4xf32>) -> tensor<2xi64>
    %kshape = onnx.node "ai.onnx::Shape"(%top#1) {version = 13 : i64} : (tensor<?x2xi64>) -> tensor<2xi64>
    %fill = onnx.node "ai.onnx::ConstantOfShape"(%shape) {node_attributes = {value = dense<-10000.0> : tensor<1xf32>}, version = 9 : i64} : (tensor<2xi64>) -> tensor<?x4xf32>
    %zeros = onnx.node "ai.onnx::ConstantOfShape"(%shape) {node_attributes = {value = dense<0.0> : tensor<1xf32>}, version = 9 : i64} : (tensor<2xi64>) -> tensor<?x4xf32>
    %high = onnx.node "ai.onnx::ConstantOfShape"(%kshape) {node_attributes = {value = dense<1.0> : tensor<1xf32>}, version = 9 : i64} : (tensor<2xi64>) -> tensor<?x2xf32>
    %probs = onnx.node "ai.onnx::ScatterElements"(%fill, %top#1, %high) {node_attributes = {axis = -1 : i64}, version = 18 : i64} : (tensor<?x4xf32>, tensor<?x2xi64>, tensor<?x2xf32>) -> tensor<?x4xf32>
    %mix = onnx.node "ai.onnx::ScatterElements"(%zeros, %top#1, %part) {node_attributes = {axis = -1 : i64}, version = 18 : i64} : (tensor<?x4xf32>, tensor<?x2xi64>, tensor<?x2xf32>) -> tensor<?x4xf32>
    // expected-remark @+1 {{the scattered scores stay plain: node '' (ai.onnx::ScatterElements): node '' (ai.onnx::Relu): expected the values of the selection, or scores gathered by its ids, as the weights}}
    %y = onnx.node "com.microsoft::QMoE"(%x, %probs, %q1, %s1, %none, %q2, %s2, %none, %none, %none, %none, %none, %none, %none, %mix) {name = "/moe", node_attributes = {activation_type = "silu", expert_weight_bits = 8 : i64, k = 2 : i64, normalize_routing_weights = 1 : i64}, version = 1 : i64}
      : (tensor<?x16xf32>, tensor<?x4xf32>, tensor<4x32x16xui8>, tensor<4x32xf32>, !onnx.none, tensor<4x16x32xui8>, tensor<4x16xf32>, !onnx.none, !onnx.none, !onnx.none, !onnx.none, !onnx.none, !onnx.none, !onnx.none, tensor<?x4xf32>) -> tensor<?x16xf32>
    return %y : tensor<?x16xf32>
  }
}

// -----

// Weights of other experts.
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
    %other:2 = onnx.node "ai.onnx::TopK"(%s, %k) {version = 11 : i64} : (tensor<?x4xf32>, tensor<1xi64>) -> (tensor<?x2xf32>, tensor<?x2xi64>)
    %log = onnx.node "ai.onnx::Log"(%w) {version = 13 : i64} : (tensor<?x2xf32>) -> tensor<?x2xf32>
    %shape = onnx.node "ai.onnx::Shape"(%s) {version = 13 : i64} : (tensor<?x4xf32>) -> tensor<2xi64>
    %fill = onnx.node "ai.onnx::ConstantOfShape"(%shape) {node_attributes = {value = dense<-10000.0> : tensor<1xf32>}, version = 9 : i64} : (tensor<2xi64>) -> tensor<?x4xf32>
    %probs = onnx.node "ai.onnx::ScatterElements"(%fill, %other#1, %log) {node_attributes = {axis = -1 : i64}, version = 18 : i64} : (tensor<?x4xf32>, tensor<?x2xi64>, tensor<?x2xf32>) -> tensor<?x4xf32>
    // expected-remark @+1 {{the scattered scores stay plain: node '' (ai.onnx::Log): node '' (ai.onnx::GatherElements): the weights are gathered by other ids than the experts}}
    %y = onnx.node "com.microsoft::MoE"(%x, %probs, %fc1, %none, %fc2) {name = "/moe", node_attributes = {activation_type = "silu", k = 2 : i64, normalize_routing_weights = 1 : i64}, version = 1 : i64}
      : (tensor<?x16xf32>, tensor<?x4xf32>, tensor<4x32x16xf32>, !onnx.none, tensor<4x16x32xf32>) -> tensor<?x16xf32>
    return %y : tensor<?x16xf32>
  }
}

// -----

// A choice that stands below.
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
    %fill = onnx.node "ai.onnx::ConstantOfShape"(%shape) {node_attributes = {value = dense<2.0> : tensor<1xf32>}, version = 9 : i64} : (tensor<2xi64>) -> tensor<?x4xf32>
    %zeros = onnx.node "ai.onnx::ConstantOfShape"(%shape) {node_attributes = {value = dense<0.0> : tensor<1xf32>}, version = 9 : i64} : (tensor<2xi64>) -> tensor<?x4xf32>
    %high = onnx.node "ai.onnx::ConstantOfShape"(%kshape) {node_attributes = {value = dense<1.0> : tensor<1xf32>}, version = 9 : i64} : (tensor<2xi64>) -> tensor<?x2xf32>
    %probs = onnx.node "ai.onnx::ScatterElements"(%fill, %top#1, %high) {node_attributes = {axis = -1 : i64}, version = 18 : i64} : (tensor<?x4xf32>, tensor<?x2xi64>, tensor<?x2xf32>) -> tensor<?x4xf32>
    %mix = onnx.node "ai.onnx::ScatterElements"(%zeros, %top#1, %part) {node_attributes = {axis = -1 : i64}, version = 18 : i64} : (tensor<?x4xf32>, tensor<?x2xi64>, tensor<?x2xf32>) -> tensor<?x4xf32>
    // expected-remark @+1 {{the scattered scores stay plain: node '' (ai.onnx::ScatterElements): it does not scatter one number into lower ones}}
    %y = onnx.node "com.microsoft::QMoE"(%x, %probs, %q1, %s1, %none, %q2, %s2, %none, %none, %none, %none, %none, %none, %none, %mix) {name = "/moe", node_attributes = {activation_type = "silu", expert_weight_bits = 8 : i64, k = 2 : i64}, version = 1 : i64}
      : (tensor<?x16xf32>, tensor<?x4xf32>, tensor<4x32x16xui8>, tensor<4x32xf32>, !onnx.none, tensor<4x16x32xui8>, tensor<4x16xf32>, !onnx.none, !onnx.none, !onnx.none, !onnx.none, !onnx.none, !onnx.none, !onnx.none, tensor<?x4xf32>) -> tensor<?x16xf32>
    return %y : tensor<?x16xf32>
  }
}

// -----

// Weights scattered elsewhere.
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
    %other:2 = onnx.node "ai.onnx::TopK"(%s, %k) {version = 11 : i64} : (tensor<?x4xf32>, tensor<1xi64>) -> (tensor<?x2xf32>, tensor<?x2xi64>)
    %total = onnx.node "ai.onnx::ReduceSum"(%w, %last) {node_attributes = {keepdims = 1 : i64}, version = 13 : i64} : (tensor<?x2xf32>, tensor<1xi64>) -> tensor<?x1xf32>
    %part = onnx.node "ai.onnx::Div"(%w, %total) {version = 13 : i64} : (tensor<?x2xf32>, tensor<?x1xf32>) -> tensor<?x2xf32>
    %shape = onnx.node "ai.onnx::Shape"(%s) {version = 13 : i64} : (tensor<?x4xf32>) -> tensor<2xi64>
    %kshape = onnx.node "ai.onnx::Shape"(%top#1) {version = 13 : i64} : (tensor<?x2xi64>) -> tensor<2xi64>
    %fill = onnx.node "ai.onnx::ConstantOfShape"(%shape) {node_attributes = {value = dense<-10000.0> : tensor<1xf32>}, version = 9 : i64} : (tensor<2xi64>) -> tensor<?x4xf32>
    %zeros = onnx.node "ai.onnx::ConstantOfShape"(%shape) {node_attributes = {value = dense<0.0> : tensor<1xf32>}, version = 9 : i64} : (tensor<2xi64>) -> tensor<?x4xf32>
    %high = onnx.node "ai.onnx::ConstantOfShape"(%kshape) {node_attributes = {value = dense<1.0> : tensor<1xf32>}, version = 9 : i64} : (tensor<2xi64>) -> tensor<?x2xf32>
    %probs = onnx.node "ai.onnx::ScatterElements"(%fill, %top#1, %high) {node_attributes = {axis = -1 : i64}, version = 18 : i64} : (tensor<?x4xf32>, tensor<?x2xi64>, tensor<?x2xf32>) -> tensor<?x4xf32>
    %mix = onnx.node "ai.onnx::ScatterElements"(%zeros, %other#1, %part) {node_attributes = {axis = -1 : i64}, version = 18 : i64} : (tensor<?x4xf32>, tensor<?x2xi64>, tensor<?x2xf32>) -> tensor<?x4xf32>
    // expected-remark @+1 {{the scattered scores stay plain: node '' (ai.onnx::ScatterElements): the weights are scattered to other experts than the scores}}
    %y = onnx.node "com.microsoft::QMoE"(%x, %probs, %q1, %s1, %none, %q2, %s2, %none, %none, %none, %none, %none, %none, %none, %mix) {name = "/moe", node_attributes = {activation_type = "silu", expert_weight_bits = 8 : i64, k = 2 : i64}, version = 1 : i64}
      : (tensor<?x16xf32>, tensor<?x4xf32>, tensor<4x32x16xui8>, tensor<4x32xf32>, !onnx.none, tensor<4x16x32xui8>, tensor<4x16xf32>, !onnx.none, !onnx.none, !onnx.none, !onnx.none, !onnx.none, !onnx.none, !onnx.none, tensor<?x4xf32>) -> tensor<?x16xf32>
    return %y : tensor<?x16xf32>
  }
}

// -----

// Weights that are normalised twice.
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
    %fill = onnx.node "ai.onnx::ConstantOfShape"(%shape) {node_attributes = {value = dense<-10000.0> : tensor<1xf32>}, version = 9 : i64} : (tensor<2xi64>) -> tensor<?x4xf32>
    %zeros = onnx.node "ai.onnx::ConstantOfShape"(%shape) {node_attributes = {value = dense<0.0> : tensor<1xf32>}, version = 9 : i64} : (tensor<2xi64>) -> tensor<?x4xf32>
    %high = onnx.node "ai.onnx::ConstantOfShape"(%kshape) {node_attributes = {value = dense<1.0> : tensor<1xf32>}, version = 9 : i64} : (tensor<2xi64>) -> tensor<?x2xf32>
    %probs = onnx.node "ai.onnx::ScatterElements"(%fill, %top#1, %high) {node_attributes = {axis = -1 : i64}, version = 18 : i64} : (tensor<?x4xf32>, tensor<?x2xi64>, tensor<?x2xf32>) -> tensor<?x4xf32>
    %mix = onnx.node "ai.onnx::ScatterElements"(%zeros, %top#1, %part) {node_attributes = {axis = -1 : i64}, version = 18 : i64} : (tensor<?x4xf32>, tensor<?x2xi64>, tensor<?x2xf32>) -> tensor<?x4xf32>
    // expected-remark @+1 {{the scattered scores stay plain: node '' (ai.onnx::ScatterElements): the weights that are divided by their sum are normalised or scaled before}}
    %y = onnx.node "com.microsoft::QMoE"(%x, %probs, %q1, %s1, %none, %q2, %s2, %none, %none, %none, %none, %none, %none, %none, %mix) {name = "/moe", node_attributes = {activation_type = "silu", expert_weight_bits = 8 : i64, k = 2 : i64, normalize_routing_weights = 1 : i64}, version = 1 : i64}
      : (tensor<?x16xf32>, tensor<?x4xf32>, tensor<4x32x16xui8>, tensor<4x32xf32>, !onnx.none, tensor<4x16x32xui8>, tensor<4x16xf32>, !onnx.none, !onnx.none, !onnx.none, !onnx.none, !onnx.none, !onnx.none, !onnx.none, tensor<?x4xf32>) -> tensor<?x16xf32>
    return %y : tensor<?x16xf32>
  }
}
