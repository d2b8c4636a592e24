// What is wrong with a fused node is an error, at once where it is invalid, in moe-lower-onnx where it is not supported; it is never left plain.
// RUN: moe-opt %s --moe-raise-fused --moe-lower-onnx --split-input-file --verify-diagnostics -o /dev/null

// No expert is chosen.
module {
  rt.weight @fc1 : tensor<4x32x16xf32> = #rt.source<"m.onnx", 0, 8192, raw> : tensor<4x32x16xf32>
  rt.weight @fc2 : tensor<4x16x32xf32> = #rt.source<"m.onnx", 0, 8192, raw> : tensor<4x16x32xf32>
  func.func @main(%t: index {rt.dim = "t"}, %u: index {rt.dim = "u"}, %x: tensor<?x16xf32> {rt.name = "x", rt.shape = ["t", 16]},
                  %r: tensor<?x4xf32> {rt.name = "r", rt.shape = ["t", 4]}) -> tensor<?x16xf32> {
    %fc1 = rt.weight_ref @fc1 : tensor<4x32x16xf32>
    %fc2 = rt.weight_ref @fc2 : tensor<4x16x32xf32>
    %none = onnx.none
    // expected-error@+1 {{expected 1 <= k <= experts, but k is 0 and there are 4 experts}}
    %y = onnx.node "com.microsoft::MoE"(%x, %r, %fc1, %none, %fc2) {name = "/moe", node_attributes = {k = 0 : i64}, version = 1 : i64}
      : (tensor<?x16xf32>, tensor<?x4xf32>, tensor<4x32x16xf32>, !onnx.none, tensor<4x16x32xf32>) -> tensor<?x16xf32>
    return %y : tensor<?x16xf32>
  }
}

// -----

// More experts are chosen than there are.
module {
  rt.weight @fc1 : tensor<4x32x16xf32> = #rt.source<"m.onnx", 0, 8192, raw> : tensor<4x32x16xf32>
  rt.weight @fc2 : tensor<4x16x32xf32> = #rt.source<"m.onnx", 0, 8192, raw> : tensor<4x16x32xf32>
  func.func @main(%t: index {rt.dim = "t"}, %u: index {rt.dim = "u"}, %x: tensor<?x16xf32> {rt.name = "x", rt.shape = ["t", 16]},
                  %r: tensor<?x4xf32> {rt.name = "r", rt.shape = ["t", 4]}) -> tensor<?x16xf32> {
    %fc1 = rt.weight_ref @fc1 : tensor<4x32x16xf32>
    %fc2 = rt.weight_ref @fc2 : tensor<4x16x32xf32>
    %none = onnx.none
    // expected-error@+1 {{expected 1 <= k <= experts, but k is 5 and there are 4 experts}}
    %y = onnx.node "com.microsoft::MoE"(%x, %r, %fc1, %none, %fc2) {name = "/moe", node_attributes = {k = 5 : i64}, version = 1 : i64}
      : (tensor<?x16xf32>, tensor<?x4xf32>, tensor<4x32x16xf32>, !onnx.none, tensor<4x16x32xf32>) -> tensor<?x16xf32>
    return %y : tensor<?x16xf32>
  }
}

// -----

// An attribute of another type.
module {
  rt.weight @fc1 : tensor<4x32x16xf32> = #rt.source<"m.onnx", 0, 8192, raw> : tensor<4x32x16xf32>
  rt.weight @fc2 : tensor<4x16x32xf32> = #rt.source<"m.onnx", 0, 8192, raw> : tensor<4x16x32xf32>
  func.func @main(%t: index {rt.dim = "t"}, %u: index {rt.dim = "u"}, %x: tensor<?x16xf32> {rt.name = "x", rt.shape = ["t", 16]},
                  %r: tensor<?x4xf32> {rt.name = "r", rt.shape = ["t", 4]}) -> tensor<?x16xf32> {
    %fc1 = rt.weight_ref @fc1 : tensor<4x32x16xf32>
    %fc2 = rt.weight_ref @fc2 : tensor<4x16x32xf32>
    %none = onnx.none
    // expected-error@+1 {{attribute k must be an integer, but is 2.000000e+00 : f32}}
    %y = onnx.node "com.microsoft::MoE"(%x, %r, %fc1, %none, %fc2) {name = "/moe", node_attributes = {k = 2.0 : f32}, version = 1 : i64}
      : (tensor<?x16xf32>, tensor<?x4xf32>, tensor<4x32x16xf32>, !onnx.none, tensor<4x16x32xf32>) -> tensor<?x16xf32>
    return %y : tensor<?x16xf32>
  }
}

// -----

// An attribute of another type.
module {
  rt.weight @fc1 : tensor<4x32x16xf32> = #rt.source<"m.onnx", 0, 8192, raw> : tensor<4x32x16xf32>
  rt.weight @fc2 : tensor<4x16x32xf32> = #rt.source<"m.onnx", 0, 8192, raw> : tensor<4x16x32xf32>
  func.func @main(%t: index {rt.dim = "t"}, %u: index {rt.dim = "u"}, %x: tensor<?x16xf32> {rt.name = "x", rt.shape = ["t", 16]},
                  %r: tensor<?x4xf32> {rt.name = "r", rt.shape = ["t", 4]}) -> tensor<?x16xf32> {
    %fc1 = rt.weight_ref @fc1 : tensor<4x32x16xf32>
    %fc2 = rt.weight_ref @fc2 : tensor<4x16x32xf32>
    %none = onnx.none
    // expected-error@+1 {{attribute activation_type must be a string, but is 1 : i64}}
    %y = onnx.node "com.microsoft::MoE"(%x, %r, %fc1, %none, %fc2) {name = "/moe", node_attributes = {activation_type = 1 : i64}, version = 1 : i64}
      : (tensor<?x16xf32>, tensor<?x4xf32>, tensor<4x32x16xf32>, !onnx.none, tensor<4x16x32xf32>) -> tensor<?x16xf32>
    return %y : tensor<?x16xf32>
  }
}

// -----

// An attribute of another type.
module {
  rt.weight @fc1 : tensor<4x32x16xf32> = #rt.source<"m.onnx", 0, 8192, raw> : tensor<4x32x16xf32>
  rt.weight @fc2 : tensor<4x16x32xf32> = #rt.source<"m.onnx", 0, 8192, raw> : tensor<4x16x32xf32>
  func.func @main(%t: index {rt.dim = "t"}, %u: index {rt.dim = "u"}, %x: tensor<?x16xf32> {rt.name = "x", rt.shape = ["t", 16]},
                  %r: tensor<?x4xf32> {rt.name = "r", rt.shape = ["t", 4]}) -> tensor<?x16xf32> {
    %fc1 = rt.weight_ref @fc1 : tensor<4x32x16xf32>
    %fc2 = rt.weight_ref @fc2 : tensor<4x16x32xf32>
    %none = onnx.none
    // expected-error@+1 {{attribute swiglu_limit must be a float, but is 7 : i64}}
    %y = onnx.node "com.microsoft::MoE"(%x, %r, %fc1, %none, %fc2) {name = "/moe", node_attributes = {swiglu_limit = 7 : i64}, version = 1 : i64}
      : (tensor<?x16xf32>, tensor<?x4xf32>, tensor<4x32x16xf32>, !onnx.none, tensor<4x16x32xf32>) -> tensor<?x16xf32>
    return %y : tensor<?x16xf32>
  }
}

// -----

// An attribute that the operator does not have; it may change what the node means.
module {
  rt.weight @fc1 : tensor<4x32x16xf32> = #rt.source<"m.onnx", 0, 8192, raw> : tensor<4x32x16xf32>
  rt.weight @fc2 : tensor<4x16x32xf32> = #rt.source<"m.onnx", 0, 8192, raw> : tensor<4x16x32xf32>
  func.func @main(%t: index {rt.dim = "t"}, %u: index {rt.dim = "u"}, %x: tensor<?x16xf32> {rt.name = "x", rt.shape = ["t", 16]},
                  %r: tensor<?x4xf32> {rt.name = "r", rt.shape = ["t", 4]}) -> tensor<?x16xf32> {
    %fc1 = rt.weight_ref @fc1 : tensor<4x32x16xf32>
    %fc2 = rt.weight_ref @fc2 : tensor<4x16x32xf32>
    %none = onnx.none
    // expected-error@+1 {{unknown attribute num_shared_experts = 1 : i64}}
    %y = onnx.node "com.microsoft::MoE"(%x, %r, %fc1, %none, %fc2) {name = "/moe", node_attributes = {num_shared_experts = 1 : i64}, version = 1 : i64}
      : (tensor<?x16xf32>, tensor<?x4xf32>, tensor<4x32x16xf32>, !onnx.none, tensor<4x16x32xf32>) -> tensor<?x16xf32>
    return %y : tensor<?x16xf32>
  }
}

// -----

// An enumeration has an end.
module {
  rt.weight @fc1 : tensor<4x32x16xf32> = #rt.source<"m.onnx", 0, 8192, raw> : tensor<4x32x16xf32>
  rt.weight @fc2 : tensor<4x16x32xf32> = #rt.source<"m.onnx", 0, 8192, raw> : tensor<4x16x32xf32>
  func.func @main(%t: index {rt.dim = "t"}, %u: index {rt.dim = "u"}, %x: tensor<?x16xf32> {rt.name = "x", rt.shape = ["t", 16]},
                  %r: tensor<?x4xf32> {rt.name = "r", rt.shape = ["t", 4]}) -> tensor<?x16xf32> {
    %fc1 = rt.weight_ref @fc1 : tensor<4x32x16xf32>
    %fc2 = rt.weight_ref @fc2 : tensor<4x16x32xf32>
    %none = onnx.none
    // expected-error@+1 {{attribute swiglu_fusion must be in [0, 2], but is 3}}
    %y = onnx.node "com.microsoft::MoE"(%x, %r, %fc1, %none, %fc2) {name = "/moe", node_attributes = {swiglu_fusion = 3 : i64}, version = 1 : i64}
      : (tensor<?x16xf32>, tensor<?x4xf32>, tensor<4x32x16xf32>, !onnx.none, tensor<4x16x32xf32>) -> tensor<?x16xf32>
    return %y : tensor<?x16xf32>
  }
}

// -----

// A clamp that lets nothing through.
module {
  rt.weight @fc1 : tensor<4x32x16xf32> = #rt.source<"m.onnx", 0, 8192, raw> : tensor<4x32x16xf32>
  rt.weight @fc2 : tensor<4x16x32xf32> = #rt.source<"m.onnx", 0, 8192, raw> : tensor<4x16x32xf32>
  func.func @main(%t: index {rt.dim = "t"}, %u: index {rt.dim = "u"}, %x: tensor<?x16xf32> {rt.name = "x", rt.shape = ["t", 16]},
                  %r: tensor<?x4xf32> {rt.name = "r", rt.shape = ["t", 4]}) -> tensor<?x16xf32> {
    %fc1 = rt.weight_ref @fc1 : tensor<4x32x16xf32>
    %fc2 = rt.weight_ref @fc2 : tensor<4x16x32xf32>
    %none = onnx.none
    // expected-error@+1 {{attribute swiglu_limit must be greater than 0, but is 0.000000e+00}}
    %y = onnx.node "com.microsoft::MoE"(%x, %r, %fc1, %none, %fc2) {name = "/moe", node_attributes = {activation_type = "swiglu", swiglu_fusion = 1 : i64, swiglu_limit = 0.0 : f32}, version = 1 : i64}
      : (tensor<?x16xf32>, tensor<?x4xf32>, tensor<4x32x16xf32>, !onnx.none, tensor<4x16x32xf32>) -> tensor<?x16xf32>
    return %y : tensor<?x16xf32>
  }
}

// -----

// An activation that nobody knows.
module {
  rt.weight @fc1 : tensor<4x32x16xf32> = #rt.source<"m.onnx", 0, 8192, raw> : tensor<4x32x16xf32>
  rt.weight @fc2 : tensor<4x16x32xf32> = #rt.source<"m.onnx", 0, 8192, raw> : tensor<4x16x32xf32>
  func.func @main(%t: index {rt.dim = "t"}, %u: index {rt.dim = "u"}, %x: tensor<?x16xf32> {rt.name = "x", rt.shape = ["t", 16]},
                  %r: tensor<?x4xf32> {rt.name = "r", rt.shape = ["t", 4]}) -> tensor<?x16xf32> {
    %fc1 = rt.weight_ref @fc1 : tensor<4x32x16xf32>
    %fc2 = rt.weight_ref @fc2 : tensor<4x16x32xf32>
    %none = onnx.none
    // expected-error@+1 {{activation_type 'mish'; known are identity, relu, gelu, silu and swiglu}}
    %y = onnx.node "com.microsoft::MoE"(%x, %r, %fc1, %none, %fc2) {name = "/moe", node_attributes = {activation_type = "mish"}, version = 1 : i64}
      : (tensor<?x16xf32>, tensor<?x4xf32>, tensor<4x32x16xf32>, !onnx.none, tensor<4x16x32xf32>) -> tensor<?x16xf32>
    return %y : tensor<?x16xf32>
  }
}

// -----

// Parameters of SwiGLU beside another activation.
module {
  rt.weight @fc1 : tensor<4x32x16xf32> = #rt.source<"m.onnx", 0, 8192, raw> : tensor<4x32x16xf32>
  rt.weight @fc2 : tensor<4x16x32xf32> = #rt.source<"m.onnx", 0, 8192, raw> : tensor<4x16x32xf32>
  func.func @main(%t: index {rt.dim = "t"}, %u: index {rt.dim = "u"}, %x: tensor<?x16xf32> {rt.name = "x", rt.shape = ["t", 16]},
                  %r: tensor<?x4xf32> {rt.name = "r", rt.shape = ["t", 4]}) -> tensor<?x16xf32> {
    %fc1 = rt.weight_ref @fc1 : tensor<4x32x16xf32>
    %fc2 = rt.weight_ref @fc2 : tensor<4x16x32xf32>
    %none = onnx.none
    // expected-error@+1 {{activation_alpha, activation_beta, swiglu_limit or swiglu_fusion with activation_type 'gelu'; they belong to swiglu}}
    %y = onnx.node "com.microsoft::MoE"(%x, %r, %fc1, %none, %fc2) {name = "/moe", node_attributes = {activation_type = "gelu", activation_alpha = 2.0 : f32}, version = 1 : i64}
      : (tensor<?x16xf32>, tensor<?x4xf32>, tensor<4x32x16xf32>, !onnx.none, tensor<4x16x32xf32>) -> tensor<?x16xf32>
    return %y : tensor<?x16xf32>
  }
}

// -----

// Unfused SwiGLU needs the third matrix.
module {
  rt.weight @fc1 : tensor<4x32x16xf32> = #rt.source<"m.onnx", 0, 8192, raw> : tensor<4x32x16xf32>
  rt.weight @fc2 : tensor<4x16x32xf32> = #rt.source<"m.onnx", 0, 8192, raw> : tensor<4x16x32xf32>
  func.func @main(%t: index {rt.dim = "t"}, %u: index {rt.dim = "u"}, %x: tensor<?x16xf32> {rt.name = "x", rt.shape = ["t", 16]},
                  %r: tensor<?x4xf32> {rt.name = "r", rt.shape = ["t", 4]}) -> tensor<?x16xf32> {
    %fc1 = rt.weight_ref @fc1 : tensor<4x32x16xf32>
    %fc2 = rt.weight_ref @fc2 : tensor<4x16x32xf32>
    %none = onnx.none
    // expected-error@+1 {{expected fc3_experts_weights with swiglu_fusion 0 and none with 1 and 2, but swiglu_fusion is 0 without fc3_experts_weights}}
    %y = onnx.node "com.microsoft::MoE"(%x, %r, %fc1, %none, %fc2) {name = "/moe", node_attributes = {activation_type = "swiglu"}, version = 1 : i64}
      : (tensor<?x16xf32>, tensor<?x4xf32>, tensor<4x32x16xf32>, !onnx.none, tensor<4x16x32xf32>) -> tensor<?x16xf32>
    return %y : tensor<?x16xf32>
  }
}

// -----

// The router scores as many experts as there are weights.
module {
  rt.weight @fc1 : tensor<4x32x16xf32> = #rt.source<"m.onnx", 0, 8192, raw> : tensor<4x32x16xf32>
  rt.weight @fc2 : tensor<4x16x32xf32> = #rt.source<"m.onnx", 0, 8192, raw> : tensor<4x16x32xf32>
  func.func @main(%t: index {rt.dim = "t"}, %u: index {rt.dim = "u"}, %x: tensor<?x16xf32> {rt.name = "x", rt.shape = ["t", 16]},
                  %r: tensor<?x8xf32> {rt.name = "r", rt.shape = ["t", 8]}) -> tensor<?x16xf32> {
    %fc1 = rt.weight_ref @fc1 : tensor<4x32x16xf32>
    %fc2 = rt.weight_ref @fc2 : tensor<4x16x32xf32>
    %none = onnx.none
    // expected-error@+1 {{expected fc1_experts_weights of 8 experts, as many as router_probs scores, but got 'tensor<4x32x16xf32>'}}
    %y = onnx.node "com.microsoft::MoE"(%x, %r, %fc1, %none, %fc2) {name = "/moe", node_attributes = {activation_type = "silu", k = 2 : i64}, version = 1 : i64}
      : (tensor<?x16xf32>, tensor<?x8xf32>, tensor<4x32x16xf32>, !onnx.none, tensor<4x16x32xf32>) -> tensor<?x16xf32>
    return %y : tensor<?x16xf32>
  }
}

// -----

// All weights have the same experts.
module {
  rt.weight @fc1 : tensor<4x32x16xf32> = #rt.source<"m.onnx", 0, 8192, raw> : tensor<4x32x16xf32>
  rt.weight @fc2 : tensor<3x16x32xf32> = #rt.source<"m.onnx", 0, 6144, raw> : tensor<3x16x32xf32>
  func.func @main(%t: index {rt.dim = "t"}, %u: index {rt.dim = "u"}, %x: tensor<?x16xf32> {rt.name = "x", rt.shape = ["t", 16]},
                  %r: tensor<?x4xf32> {rt.name = "r", rt.shape = ["t", 4]}) -> tensor<?x16xf32> {
    %fc1 = rt.weight_ref @fc1 : tensor<4x32x16xf32>
    %fc2 = rt.weight_ref @fc2 : tensor<3x16x32xf32>
    %none = onnx.none
    // expected-error@+1 {{expected fc2_experts_weights of 4 experts, as many as router_probs scores, but got 'tensor<3x16x32xf32>'}}
    %y = onnx.node "com.microsoft::MoE"(%x, %r, %fc1, %none, %fc2) {name = "/moe", node_attributes = {activation_type = "silu", k = 2 : i64}, version = 1 : i64}
      : (tensor<?x16xf32>, tensor<?x4xf32>, tensor<4x32x16xf32>, !onnx.none, tensor<3x16x32xf32>) -> tensor<?x16xf32>
    return %y : tensor<?x16xf32>
  }
}

// -----

// The matrices fit each other.
module {
  rt.weight @fc1 : tensor<4x30x16xf32> = #rt.source<"m.onnx", 0, 7680, raw> : tensor<4x30x16xf32>
  rt.weight @fc2 : tensor<4x16x32xf32> = #rt.source<"m.onnx", 0, 8192, raw> : tensor<4x16x32xf32>
  func.func @main(%t: index {rt.dim = "t"}, %u: index {rt.dim = "u"}, %x: tensor<?x16xf32> {rt.name = "x", rt.shape = ["t", 16]},
                  %r: tensor<?x4xf32> {rt.name = "r", rt.shape = ["t", 4]}) -> tensor<?x16xf32> {
    %fc1 = rt.weight_ref @fc1 : tensor<4x30x16xf32>
    %fc2 = rt.weight_ref @fc2 : tensor<4x16x32xf32>
    %none = onnx.none
    // expected-error@+1 {{expected fc1_experts_weights of 4 x 32 x 16, for H = 16, I = 32 and 4 experts, but it is 'tensor<4x30x16xf32>'}}
    %y = onnx.node "com.microsoft::MoE"(%x, %r, %fc1, %none, %fc2) {name = "/moe", node_attributes = {activation_type = "silu", k = 2 : i64}, version = 1 : i64}
      : (tensor<?x16xf32>, tensor<?x4xf32>, tensor<4x30x16xf32>, !onnx.none, tensor<4x16x32xf32>) -> tensor<?x16xf32>
    return %y : tensor<?x16xf32>
  }
}

// -----

// Interleaved rows come in pairs.
module {
  rt.weight @fc1 : tensor<4x63x16xf32> = #rt.source<"m.onnx", 0, 16128, raw> : tensor<4x63x16xf32>
  rt.weight @fc2 : tensor<4x16x32xf32> = #rt.source<"m.onnx", 0, 8192, raw> : tensor<4x16x32xf32>
  func.func @main(%t: index {rt.dim = "t"}, %u: index {rt.dim = "u"}, %x: tensor<?x16xf32> {rt.name = "x", rt.shape = ["t", 16]},
                  %r: tensor<?x4xf32> {rt.name = "r", rt.shape = ["t", 4]}) -> tensor<?x16xf32> {
    %fc1 = rt.weight_ref @fc1 : tensor<4x63x16xf32>
    %fc2 = rt.weight_ref @fc2 : tensor<4x16x32xf32>
    %none = onnx.none
    // expected-error@+1 {{expected fc1_experts_weights of 4 x 64 x 16, for H = 16, I = 32 and 4 experts, but it is 'tensor<4x63x16xf32>'}}
    %y = onnx.node "com.microsoft::MoE"(%x, %r, %fc1, %none, %fc2) {name = "/moe", node_attributes = {activation_type = "swiglu", swiglu_fusion = 1 : i64}, version = 1 : i64}
      : (tensor<?x16xf32>, tensor<?x4xf32>, tensor<4x63x16xf32>, !onnx.none, tensor<4x16x32xf32>) -> tensor<?x16xf32>
    return %y : tensor<?x16xf32>
  }
}

// -----

// The second matrix gives H.
module {
  rt.weight @fc1 : tensor<4x32x16xf32> = #rt.source<"m.onnx", 0, 8192, raw> : tensor<4x32x16xf32>
  rt.weight @fc2 : tensor<4x15x31xf32> = #rt.source<"m.onnx", 0, 7440, raw> : tensor<4x15x31xf32>
  func.func @main(%t: index {rt.dim = "t"}, %u: index {rt.dim = "u"}, %x: tensor<?x16xf32> {rt.name = "x", rt.shape = ["t", 16]},
                  %r: tensor<?x4xf32> {rt.name = "r", rt.shape = ["t", 4]}) -> tensor<?x16xf32> {
    %fc1 = rt.weight_ref @fc1 : tensor<4x32x16xf32>
    %fc2 = rt.weight_ref @fc2 : tensor<4x15x31xf32>
    %none = onnx.none
    // expected-error@+1 {{expected fc2_experts_weights of 4 x 16 x I, but got 'tensor<4x15x31xf32>'}}
    %y = onnx.node "com.microsoft::MoE"(%x, %r, %fc1, %none, %fc2) {name = "/moe", node_attributes = {activation_type = "silu", k = 2 : i64}, version = 1 : i64}
      : (tensor<?x16xf32>, tensor<?x4xf32>, tensor<4x32x16xf32>, !onnx.none, tensor<4x15x31xf32>) -> tensor<?x16xf32>
    return %y : tensor<?x16xf32>
  }
}

// -----

// A bias has the rows of its matrix.
module {
  rt.weight @fc1 : tensor<4x32x16xf32> = #rt.source<"m.onnx", 0, 8192, raw> : tensor<4x32x16xf32>
  rt.weight @fc2 : tensor<4x16x32xf32> = #rt.source<"m.onnx", 0, 8192, raw> : tensor<4x16x32xf32>
  func.func @main(%t: index {rt.dim = "t"}, %u: index {rt.dim = "u"}, %x: tensor<?x16xf32> {rt.name = "x", rt.shape = ["t", 16]},
                  %r: tensor<?x4xf32> {rt.name = "r", rt.shape = ["t", 4]}) -> tensor<?x16xf32> {
    %fc1 = rt.weight_ref @fc1 : tensor<4x32x16xf32>
    %fc2 = rt.weight_ref @fc2 : tensor<4x16x32xf32>
    %none = onnx.none
    %b2 = arith.constant dense<1.0> : tensor<4x32xf32>
    // expected-error@+1 {{expected fc2_experts_bias of 4 x 16, for H = 16, I = 32 and 4 experts, but it is 'tensor<4x32xf32>'}}
    %y = onnx.node "com.microsoft::MoE"(%x, %r, %fc1, %none, %fc2, %b2) {name = "/moe", node_attributes = {activation_type = "silu", k = 2 : i64}, version = 1 : i64}
      : (tensor<?x16xf32>, tensor<?x4xf32>, tensor<4x32x16xf32>, !onnx.none, tensor<4x16x32xf32>, tensor<4x32xf32>) -> tensor<?x16xf32>
    return %y : tensor<?x16xf32>
  }
}

// -----

// A bias of a matrix that is absent.
module {
  rt.weight @fc1 : tensor<4x32x16xf32> = #rt.source<"m.onnx", 0, 8192, raw> : tensor<4x32x16xf32>
  rt.weight @fc2 : tensor<4x16x32xf32> = #rt.source<"m.onnx", 0, 8192, raw> : tensor<4x16x32xf32>
  func.func @main(%t: index {rt.dim = "t"}, %u: index {rt.dim = "u"}, %x: tensor<?x16xf32> {rt.name = "x", rt.shape = ["t", 16]},
                  %r: tensor<?x4xf32> {rt.name = "r", rt.shape = ["t", 4]}) -> tensor<?x16xf32> {
    %fc1 = rt.weight_ref @fc1 : tensor<4x32x16xf32>
    %fc2 = rt.weight_ref @fc2 : tensor<4x16x32xf32>
    %none = onnx.none
    %b3 = arith.constant dense<1.0> : tensor<4x32xf32>
    // expected-error@+1 {{fc3_experts_bias stands without fc3_experts_weights}}
    %y = onnx.node "com.microsoft::MoE"(%x, %r, %fc1, %none, %fc2, %none, %none, %b3) {name = "/moe", node_attributes = {activation_type = "silu", k = 2 : i64}, version = 1 : i64}
      : (tensor<?x16xf32>, tensor<?x4xf32>, tensor<4x32x16xf32>, !onnx.none, tensor<4x16x32xf32>, !onnx.none, !onnx.none, tensor<4x32xf32>) -> tensor<?x16xf32>
    return %y : tensor<?x16xf32>
  }
}

// -----

// The sparse mixer chooses two.
module {
  rt.weight @fc1 : tensor<4x32x16xf32> = #rt.source<"m.onnx", 0, 8192, raw> : tensor<4x32x16xf32>
  rt.weight @fc2 : tensor<4x16x32xf32> = #rt.source<"m.onnx", 0, 8192, raw> : tensor<4x16x32xf32>
  func.func @main(%t: index {rt.dim = "t"}, %u: index {rt.dim = "u"}, %x: tensor<?x16xf32> {rt.name = "x", rt.shape = ["t", 16]},
                  %r: tensor<?x4xf32> {rt.name = "r", rt.shape = ["t", 4]}) -> tensor<?x16xf32> {
    %fc1 = rt.weight_ref @fc1 : tensor<4x32x16xf32>
    %fc2 = rt.weight_ref @fc2 : tensor<4x16x32xf32>
    %none = onnx.none
    // expected-error@+1 {{use_sparse_mixer needs k = 2, but k is 1}}
    %y = onnx.node "com.microsoft::MoE"(%x, %r, %fc1, %none, %fc2) {name = "/moe", node_attributes = {use_sparse_mixer = 1 : i64}, version = 1 : i64}
      : (tensor<?x16xf32>, tensor<?x4xf32>, tensor<4x32x16xf32>, !onnx.none, tensor<4x16x32xf32>) -> tensor<?x16xf32>
    return %y : tensor<?x16xf32>
  }
}

// -----

// The sparse mixer has weights of its own.
module {
  rt.weight @fc1 : tensor<4x32x16xf32> = #rt.source<"m.onnx", 0, 8192, raw> : tensor<4x32x16xf32>
  rt.weight @fc2 : tensor<4x16x32xf32> = #rt.source<"m.onnx", 0, 8192, raw> : tensor<4x16x32xf32>
  func.func @main(%t: index {rt.dim = "t"}, %u: index {rt.dim = "u"}, %x: tensor<?x16xf32> {rt.name = "x", rt.shape = ["t", 16]},
                  %r: tensor<?x4xf32> {rt.name = "r", rt.shape = ["t", 4]}) -> tensor<?x16xf32> {
    %fc1 = rt.weight_ref @fc1 : tensor<4x32x16xf32>
    %fc2 = rt.weight_ref @fc2 : tensor<4x16x32xf32>
    %none = onnx.none
    // expected-error@+1 {{use_sparse_mixer together with normalize_routing_weights}}
    %y = onnx.node "com.microsoft::MoE"(%x, %r, %fc1, %none, %fc2) {name = "/moe", node_attributes = {k = 2 : i64, use_sparse_mixer = 1 : i64, normalize_routing_weights = 1 : i64}, version = 1 : i64}
      : (tensor<?x16xf32>, tensor<?x4xf32>, tensor<4x32x16xf32>, !onnx.none, tensor<4x16x32xf32>) -> tensor<?x16xf32>
    return %y : tensor<?x16xf32>
  }
}

// -----

// One row of logits for each token.
module {
  rt.weight @fc1 : tensor<4x32x16xf32> = #rt.source<"m.onnx", 0, 8192, raw> : tensor<4x32x16xf32>
  rt.weight @fc2 : tensor<4x16x32xf32> = #rt.source<"m.onnx", 0, 8192, raw> : tensor<4x16x32xf32>
  func.func @main(%t: index {rt.dim = "t"}, %u: index {rt.dim = "u"}, %x: tensor<?x16xf32> {rt.name = "x", rt.shape = ["t", 16]},
                  %r: tensor<?x4xf32> {rt.name = "r", rt.shape = ["u", 4]}) -> tensor<?x16xf32> {
    %fc1 = rt.weight_ref @fc1 : tensor<4x32x16xf32>
    %fc2 = rt.weight_ref @fc2 : tensor<4x16x32xf32>
    %none = onnx.none
    // expected-error@+1 {{the router has u rows for t tokens}}
    %y = onnx.node "com.microsoft::MoE"(%x, %r, %fc1, %none, %fc2) {name = "/moe", node_attributes = {activation_type = "silu", k = 2 : i64}, version = 1 : i64}
      : (tensor<?x16xf32>, tensor<?x4xf32>, tensor<4x32x16xf32>, !onnx.none, tensor<4x16x32xf32>) -> tensor<?x16xf32>
    return %y : tensor<?x16xf32>
  }
}

// -----

// Weights that are computed are no weights.
module {
  rt.weight @fc1 : tensor<4x32x16xf32> = #rt.source<"m.onnx", 0, 8192, raw> : tensor<4x32x16xf32>
  rt.weight @fc2 : tensor<4x16x32xf32> = #rt.source<"m.onnx", 0, 8192, raw> : tensor<4x16x32xf32>
  func.func @main(%t: index {rt.dim = "t"}, %u: index {rt.dim = "u"}, %x: tensor<?x16xf32> {rt.name = "x", rt.shape = ["t", 16]},
                  %r: tensor<?x4xf32> {rt.name = "r", rt.shape = ["t", 4]}) -> tensor<?x16xf32> {
    %fc1 = rt.weight_ref @fc1 : tensor<4x32x16xf32>
    %fc2 = rt.weight_ref @fc2 : tensor<4x16x32xf32>
    %none = onnx.none
    %computed = onnx.node "ai.onnx::Neg"(%fc1) {version = 13 : i64} : (tensor<4x32x16xf32>) -> tensor<4x32x16xf32>
    // expected-error@+1 {{fc1_experts_weights must be a weight of the model, but it is computed at run time}}
    %y = onnx.node "com.microsoft::MoE"(%x, %r, %computed, %none, %fc2) {name = "/moe", node_attributes = {activation_type = "silu", k = 2 : i64}, version = 1 : i64}
      : (tensor<?x16xf32>, tensor<?x4xf32>, tensor<4x32x16xf32>, !onnx.none, tensor<4x16x32xf32>) -> tensor<?x16xf32>
    return %y : tensor<?x16xf32>
  }
}

// -----

// A width that is not known.
module {
  rt.weight @fc1 : tensor<4x32x16xf32> = #rt.source<"m.onnx", 0, 8192, raw> : tensor<4x32x16xf32>
  rt.weight @fc2 : tensor<4x16x32xf32> = #rt.source<"m.onnx", 0, 8192, raw> : tensor<4x16x32xf32>
  func.func @main(%t: index {rt.dim = "t"}, %u: index {rt.dim = "u"}, %x: tensor<?x?xf32> {rt.name = "x", rt.shape = ["t", "u"]},
                  %r: tensor<?x4xf32> {rt.name = "r", rt.shape = ["t", 4]}) -> tensor<?x?xf32> {
    %fc1 = rt.weight_ref @fc1 : tensor<4x32x16xf32>
    %fc2 = rt.weight_ref @fc2 : tensor<4x16x32xf32>
    %none = onnx.none
    // expected-error@+1 {{the last dimensions of input and router_probs must be static, but they are 'tensor<?x?xf32>' and 'tensor<?x4xf32>'}}
    %y = onnx.node "com.microsoft::MoE"(%x, %r, %fc1, %none, %fc2) {name = "/moe", node_attributes = {activation_type = "silu", k = 2 : i64}, version = 1 : i64}
      : (tensor<?x?xf32>, tensor<?x4xf32>, tensor<4x32x16xf32>, !onnx.none, tensor<4x16x32xf32>) -> tensor<?x?xf32>
    return %y : tensor<?x?xf32>
  }
}

// -----

// H = I and the attributes of 2024: the layout is a guess, and the user hears of it.
module {
  rt.weight @fc1 : tensor<4x16x16xf32> = #rt.source<"m.onnx", 0, 4096, raw> : tensor<4x16x16xf32>
  rt.weight @fc2 : tensor<4x16x16xf32> = #rt.source<"m.onnx", 0, 4096, raw> : tensor<4x16x16xf32>
  func.func @main(%t: index {rt.dim = "t"}, %u: index {rt.dim = "u"}, %x: tensor<?x16xf32> {rt.name = "x", rt.shape = ["t", 16]},
                  %r: tensor<?x4xf32> {rt.name = "r", rt.shape = ["t", 4]}) -> tensor<?x16xf32> {
    %fc1 = rt.weight_ref @fc1 : tensor<4x16x16xf32>
    %fc2 = rt.weight_ref @fc2 : tensor<4x16x16xf32>
    %none = onnx.none
    // expected-remark@+1 {{H = I = 16, so that the shapes do not tell the layout of 2024 from the current one; the current one is taken (moe-raise-fused has assume-legacy-layout)}}
    %y = onnx.node "com.microsoft::MoE"(%x, %r, %fc1, %none, %fc2) {name = "/moe", node_attributes = {activation_type = "silu", k = 2 : i64}, version = 1 : i64}
      : (tensor<?x16xf32>, tensor<?x4xf32>, tensor<4x16x16xf32>, !onnx.none, tensor<4x16x16xf32>) -> tensor<?x16xf32>
    return %y : tensor<?x16xf32>
  }
}

// -----

// Rows that are numbers and differ.
module {
  rt.weight @fc1 : tensor<4x32x16xf32> = #rt.source<"m.onnx", 0, 8192, raw> : tensor<4x32x16xf32>
  rt.weight @fc2 : tensor<4x16x32xf32> = #rt.source<"m.onnx", 0, 8192, raw> : tensor<4x16x32xf32>
  func.func @main(%x: tensor<6x16xf32> {rt.name = "x", rt.shape = [6, 16]}, %r: tensor<5x4xf32> {rt.name = "r", rt.shape = [5, 4]}) -> tensor<6x16xf32> {
    %fc1 = rt.weight_ref @fc1 : tensor<4x32x16xf32>
    %fc2 = rt.weight_ref @fc2 : tensor<4x16x32xf32>
    %none = onnx.none
    // expected-error@+1 {{router_probs has 5 rows for 6 tokens}}
    %y = onnx.node "com.microsoft::MoE"(%x, %r, %fc1, %none, %fc2) {name = "/moe", version = 1 : i64}
      : (tensor<6x16xf32>, tensor<5x4xf32>, tensor<4x32x16xf32>, !onnx.none, tensor<4x16x32xf32>) -> tensor<6x16xf32>
    return %y : tensor<6x16xf32>
  }
}

// -----

// A refused node does not hide the other nodes that are not supported.
module {
  rt.weight @fc1 : tensor<4x32x16xf64> = #rt.source<"m.onnx", 0, 16384, raw> : tensor<4x32x16xf64>
  rt.weight @fc2 : tensor<4x16x32xf64> = #rt.source<"m.onnx", 0, 16384, raw> : tensor<4x16x32xf64>
  func.func @main(%x: tensor<6x16xf64> {rt.name = "x", rt.shape = [6, 16]}, %r: tensor<6x4xf64> {rt.name = "r", rt.shape = [6, 4]}) -> (tensor<6x16xf64>, tensor<6x16xf64>, !onnx.unknown) {
    %fc1 = rt.weight_ref @fc1 : tensor<4x32x16xf64>
    %fc2 = rt.weight_ref @fc2 : tensor<4x16x32xf64>
    %none = onnx.none
    // expected-error@+1 {{com.microsoft::MoE version 1 is not supported: it computes in f32, not in f64: convert the model to float32}}
    %y = onnx.node "com.microsoft::MoE"(%x, %r, %fc1, %none, %fc2) {name = "/moe", version = 1 : i64}
      : (tensor<6x16xf64>, tensor<6x4xf64>, tensor<4x32x16xf64>, !onnx.none, tensor<4x16x32xf64>) -> tensor<6x16xf64>
    // expected-error@+1 {{ai.onnx::Erf version 13 is not supported: it computes in f32, not in f64: convert the model to float32}}
    %z = onnx.node "ai.onnx::Erf"(%y) {version = 13 : i64} : (tensor<6x16xf64>) -> tensor<6x16xf64>
    // expected-error@+1 {{ai.onnx::NonZero version 13 is not supported: the shape of its result is not known before data is}}
    %n = onnx.node "ai.onnx::NonZero"(%y) {version = 13 : i64} : (tensor<6x16xf64>) -> !onnx.unknown
    // What follows from a node that is reported says nothing of its own.
    %v = onnx.node "com.microsoft::MoE"(%n, %r, %fc1, %none, %fc2) {name = "/moe2", version = 1 : i64}
      : (!onnx.unknown, tensor<6x4xf64>, tensor<4x32x16xf64>, !onnx.none, tensor<4x16x32xf64>) -> !onnx.unknown
    return %y, %z, %v : tensor<6x16xf64>, tensor<6x16xf64>, !onnx.unknown
  }
}

// -----

// Weights that are no stack of matrices.
module {
  rt.weight @fc1 : tensor<4x512xf32> = #rt.source<"m.onnx", 0, 8192, raw> : tensor<4x512xf32>
  rt.weight @fc2 : tensor<4x16x32xf32> = #rt.source<"m.onnx", 0, 8192, raw> : tensor<4x16x32xf32>
  func.func @main(%x: tensor<6x16xf32> {rt.name = "x", rt.shape = [6, 16]}, %r: tensor<6x4xf32> {rt.name = "r", rt.shape = [6, 4]}) -> tensor<6x16xf32> {
    %fc1 = rt.weight_ref @fc1 : tensor<4x512xf32>
    %fc2 = rt.weight_ref @fc2 : tensor<4x16x32xf32>
    %none = onnx.none
    // expected-error@+1 {{expected fc1_experts_weights of rank 3, but got 'tensor<4x512xf32>'}}
    %y = onnx.node "com.microsoft::MoE"(%x, %r, %fc1, %none, %fc2) {name = "/moe", version = 1 : i64}
      : (tensor<6x16xf32>, tensor<6x4xf32>, tensor<4x512xf32>, !onnx.none, tensor<4x16x32xf32>) -> tensor<6x16xf32>
    return %y : tensor<6x16xf32>
  }
}

// -----

// More operands than are known.
module {
  rt.weight @fc1 : tensor<4x32x16xf32> = #rt.source<"m.onnx", 0, 8192, raw> : tensor<4x32x16xf32>
  rt.weight @fc2 : tensor<4x16x32xf32> = #rt.source<"m.onnx", 0, 8192, raw> : tensor<4x16x32xf32>
  func.func @main(%x: tensor<6x16xf32> {rt.name = "x", rt.shape = [6, 16]}, %r: tensor<6x4xf32> {rt.name = "r", rt.shape = [6, 4]}) -> tensor<6x16xf32> {
    %fc1 = rt.weight_ref @fc1 : tensor<4x32x16xf32>
    %fc2 = rt.weight_ref @fc2 : tensor<4x16x32xf32>
    %none = onnx.none
    // expected-error@+1 {{expected at most 8 inputs, but there are 9}}
    %y = onnx.node "com.microsoft::MoE"(%x, %r, %fc1, %none, %fc2, %none, %none, %none, %fc2) {name = "/moe", version = 1 : i64}
      : (tensor<6x16xf32>, tensor<6x4xf32>, tensor<4x32x16xf32>, !onnx.none, tensor<4x16x32xf32>, !onnx.none, !onnx.none, !onnx.none, tensor<4x16x32xf32>) -> tensor<6x16xf32>
    return %y : tensor<6x16xf32>
  }
}

// -----

// No list of tokens.
module {
  rt.weight @fc1 : tensor<4x32x16xf32> = #rt.source<"m.onnx", 0, 8192, raw> : tensor<4x32x16xf32>
  rt.weight @fc2 : tensor<4x16x32xf32> = #rt.source<"m.onnx", 0, 8192, raw> : tensor<4x16x32xf32>
  func.func @main(%x: tensor<16xf32> {rt.name = "x", rt.shape = [16]}, %r: tensor<6x4xf32> {rt.name = "r", rt.shape = [6, 4]}) -> tensor<16xf32> {
    %fc1 = rt.weight_ref @fc1 : tensor<4x32x16xf32>
    %fc2 = rt.weight_ref @fc2 : tensor<4x16x32xf32>
    %none = onnx.none
    // expected-error@+1 {{the shape of input is not known as tokens x elements: 'tensor<16xf32>'}}
    %y = onnx.node "com.microsoft::MoE"(%x, %r, %fc1, %none, %fc2) {name = "/moe", version = 1 : i64}
      : (tensor<16xf32>, tensor<6x4xf32>, tensor<4x32x16xf32>, !onnx.none, tensor<4x16x32xf32>) -> tensor<16xf32>
    return %y : tensor<16xf32>
  }
}
