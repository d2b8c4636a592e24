// What is wrong with quantised experts is an error, at once where it is invalid, in moe-lower-onnx where it is not supported.
// RUN: moe-opt %s --moe-raise-fused --moe-lower-onnx --split-input-file --verify-diagnostics -o /dev/null

// An attribute of another type.
module {
  rt.weight @q1 : tensor<4x32x8xui8> = #rt.source<"m.onnx", 0, 1024, raw> : tensor<4x32x8xui8>
  rt.weight @s1 : tensor<4x32xf32> = #rt.source<"m.onnx", 1, 512, raw> : tensor<4x32xf32>
  rt.weight @q2 : tensor<4x16x16xui8> = #rt.source<"m.onnx", 2, 1024, raw> : tensor<4x16x16xui8>
  rt.weight @s2 : tensor<4x16xf32> = #rt.source<"m.onnx", 3, 256, raw> : tensor<4x16xf32>
  func.func @main(%t: index {rt.dim = "t"}, %x: tensor<?x16xf32> {rt.name = "x", rt.shape = ["t", 16]},
                  %r: tensor<?x4xf32> {rt.name = "r", rt.shape = ["t", 4]}) -> tensor<?x16xf32> {
    %q1 = rt.weight_ref @q1 : tensor<4x32x8xui8>
    %s1 = rt.weight_ref @s1 : tensor<4x32xf32>
    %q2 = rt.weight_ref @q2 : tensor<4x16x16xui8>
    %s2 = rt.weight_ref @s2 : tensor<4x16xf32>
    %none = onnx.none
    // expected-error @below {{attribute quant_type must be a string, but is 1 : i64}}
    %y = onnx.node "com.microsoft::QMoE"(%x, %r, %q1, %s1, %none, %q2, %s2) {name = "/moe", node_attributes = {activation_type = "silu", k = 2 : i64, quant_type = 1 : i64}, version = 1 : i64}
      : (tensor<?x16xf32>, tensor<?x4xf32>, tensor<4x32x8xui8>, tensor<4x32xf32>, !onnx.none, tensor<4x16x16xui8>, tensor<4x16xf32>) -> tensor<?x16xf32>
    return %y : tensor<?x16xf32>
  }
}

// -----

// An attribute of another type.
module {
  rt.weight @q1 : tensor<4x32x8xui8> = #rt.source<"m.onnx", 0, 1024, raw> : tensor<4x32x8xui8>
  rt.weight @s1 : tensor<4x32xf32> = #rt.source<"m.onnx", 1, 512, raw> : tensor<4x32xf32>
  rt.weight @q2 : tensor<4x16x16xui8> = #rt.source<"m.onnx", 2, 1024, raw> : tensor<4x16x16xui8>
  rt.weight @s2 : tensor<4x16xf32> = #rt.source<"m.onnx", 3, 256, raw> : tensor<4x16xf32>
  func.func @main(%t: index {rt.dim = "t"}, %x: tensor<?x16xf32> {rt.name = "x", rt.shape = ["t", 16]},
                  %r: tensor<?x4xf32> {rt.name = "r", rt.shape = ["t", 4]}) -> tensor<?x16xf32> {
    %q1 = rt.weight_ref @q1 : tensor<4x32x8xui8>
    %s1 = rt.weight_ref @s1 : tensor<4x32xf32>
    %q2 = rt.weight_ref @q2 : tensor<4x16x16xui8>
    %s2 = rt.weight_ref @s2 : tensor<4x16xf32>
    %none = onnx.none
    // expected-error @below {{attribute block_size must be an integer, but is "x"}}
    %y = onnx.node "com.microsoft::QMoE"(%x, %r, %q1, %s1, %none, %q2, %s2) {name = "/moe", node_attributes = {activation_type = "silu", k = 2 : i64, block_size = "x"}, version = 1 : i64}
      : (tensor<?x16xf32>, tensor<?x4xf32>, tensor<4x32x8xui8>, tensor<4x32xf32>, !onnx.none, tensor<4x16x16xui8>, tensor<4x16xf32>) -> tensor<?x16xf32>
    return %y : tensor<?x16xf32>
  }
}

// -----

// A kind of numbers that is not decoded.
module {
  rt.weight @q1 : tensor<4x32x8xui8> = #rt.source<"m.onnx", 0, 1024, raw> : tensor<4x32x8xui8>
  rt.weight @s1 : tensor<4x32xf32> = #rt.source<"m.onnx", 1, 512, raw> : tensor<4x32xf32>
  rt.weight @q2 : tensor<4x16x16xui8> = #rt.source<"m.onnx", 2, 1024, raw> : tensor<4x16x16xui8>
  rt.weight @s2 : tensor<4x16xf32> = #rt.source<"m.onnx", 3, 256, raw> : tensor<4x16xf32>
  func.func @main(%t: index {rt.dim = "t"}, %x: tensor<?x16xf32> {rt.name = "x", rt.shape = ["t", 16]},
                  %r: tensor<?x4xf32> {rt.name = "r", rt.shape = ["t", 4]}) -> tensor<?x16xf32> {
    %q1 = rt.weight_ref @q1 : tensor<4x32x8xui8>
    %s1 = rt.weight_ref @s1 : tensor<4x32xf32>
    %q2 = rt.weight_ref @q2 : tensor<4x16x16xui8>
    %s2 = rt.weight_ref @s2 : tensor<4x16xf32>
    %none = onnx.none
    // expected-error @below {{quant_type 'wfp4afp8'; known are int, fp8, fp4 and nvfp4}}
    %y = onnx.node "com.microsoft::QMoE"(%x, %r, %q1, %s1, %none, %q2, %s2) {name = "/moe", node_attributes = {activation_type = "silu", k = 2 : i64, quant_type = "wfp4afp8"}, version = 1 : i64}
      : (tensor<?x16xf32>, tensor<?x4xf32>, tensor<4x32x8xui8>, tensor<4x32xf32>, !onnx.none, tensor<4x16x16xui8>, tensor<4x16xf32>) -> tensor<?x16xf32>
    return %y : tensor<?x16xf32>
  }
}

// -----

// Blocks of a negative size.
module {
  rt.weight @q1 : tensor<4x32x8xui8> = #rt.source<"m.onnx", 0, 1024, raw> : tensor<4x32x8xui8>
  rt.weight @s1 : tensor<4x32xf32> = #rt.source<"m.onnx", 1, 512, raw> : tensor<4x32xf32>
  rt.weight @q2 : tensor<4x16x16xui8> = #rt.source<"m.onnx", 2, 1024, raw> : tensor<4x16x16xui8>
  rt.weight @s2 : tensor<4x16xf32> = #rt.source<"m.onnx", 3, 256, raw> : tensor<4x16xf32>
  func.func @main(%t: index {rt.dim = "t"}, %x: tensor<?x16xf32> {rt.name = "x", rt.shape = ["t", 16]},
                  %r: tensor<?x4xf32> {rt.name = "r", rt.shape = ["t", 4]}) -> tensor<?x16xf32> {
    %q1 = rt.weight_ref @q1 : tensor<4x32x8xui8>
    %s1 = rt.weight_ref @s1 : tensor<4x32xf32>
    %q2 = rt.weight_ref @q2 : tensor<4x16x16xui8>
    %s2 = rt.weight_ref @s2 : tensor<4x16xf32>
    %none = onnx.none
    // expected-error @below {{attribute block_size must not be negative, but is -1}}
    %y = onnx.node "com.microsoft::QMoE"(%x, %r, %q1, %s1, %none, %q2, %s2) {name = "/moe", node_attributes = {activation_type = "silu", k = 2 : i64, block_size = -1 : i64}, version = 1 : i64}
      : (tensor<?x16xf32>, tensor<?x4xf32>, tensor<4x32x8xui8>, tensor<4x32xf32>, !onnx.none, tensor<4x16x16xui8>, tensor<4x16xf32>) -> tensor<?x16xf32>
    return %y : tensor<?x16xf32>
  }
}

// -----

// A width that is not decoded.
module {
  rt.weight @q1 : tensor<4x32x8xui8> = #rt.source<"m.onnx", 0, 1024, raw> : tensor<4x32x8xui8>
  rt.weight @s1 : tensor<4x32xf32> = #rt.source<"m.onnx", 1, 512, raw> : tensor<4x32xf32>
  rt.weight @q2 : tensor<4x16x16xui8> = #rt.source<"m.onnx", 2, 1024, raw> : tensor<4x16x16xui8>
  rt.weight @s2 : tensor<4x16xf32> = #rt.source<"m.onnx", 3, 256, raw> : tensor<4x16xf32>
  func.func @main(%t: index {rt.dim = "t"}, %x: tensor<?x16xf32> {rt.name = "x", rt.shape = ["t", 16]},
                  %r: tensor<?x4xf32> {rt.name = "r", rt.shape = ["t", 4]}) -> tensor<?x16xf32> {
    %q1 = rt.weight_ref @q1 : tensor<4x32x8xui8>
    %s1 = rt.weight_ref @s1 : tensor<4x32xf32>
    %q2 = rt.weight_ref @q2 : tensor<4x16x16xui8>
    %s2 = rt.weight_ref @s2 : tensor<4x16xf32>
    %none = onnx.none
    // expected-error @below {{weights of 3 bits; decoded are 2, 4 and 8}}
    %y = onnx.node "com.microsoft::QMoE"(%x, %r, %q1, %s1, %none, %q2, %s2) {name = "/moe", node_attributes = {activation_type = "silu", k = 2 : i64, expert_weight_bits = 3 : i64}, version = 1 : i64}
      : (tensor<?x16xf32>, tensor<?x4xf32>, tensor<4x32x8xui8>, tensor<4x32xf32>, !onnx.none, tensor<4x16x16xui8>, tensor<4x16xf32>) -> tensor<?x16xf32>
    return %y : tensor<?x16xf32>
  }
}

// -----

// One projection of a width that is not decoded.
module {
  rt.weight @q1 : tensor<4x32x8xui8> = #rt.source<"m.onnx", 0, 1024, raw> : tensor<4x32x8xui8>
  rt.weight @s1 : tensor<4x32xf32> = #rt.source<"m.onnx", 1, 512, raw> : tensor<4x32xf32>
  rt.weight @q2 : tensor<4x16x16xui8> = #rt.source<"m.onnx", 2, 1024, raw> : tensor<4x16x16xui8>
  rt.weight @s2 : tensor<4x16xf32> = #rt.source<"m.onnx", 3, 256, raw> : tensor<4x16xf32>
  func.func @main(%t: index {rt.dim = "t"}, %x: tensor<?x16xf32> {rt.name = "x", rt.shape = ["t", 16]},
                  %r: tensor<?x4xf32> {rt.name = "r", rt.shape = ["t", 4]}) -> tensor<?x16xf32> {
    %q1 = rt.weight_ref @q1 : tensor<4x32x8xui8>
    %s1 = rt.weight_ref @s1 : tensor<4x32xf32>
    %q2 = rt.weight_ref @q2 : tensor<4x16x16xui8>
    %s2 = rt.weight_ref @s2 : tensor<4x16xf32>
    %none = onnx.none
    // expected-error @below {{weights of 6 bits; decoded are 2, 4 and 8}}
    %y = onnx.node "com.microsoft::QMoE"(%x, %r, %q1, %s1, %none, %q2, %s2) {name = "/moe", node_attributes = {activation_type = "silu", k = 2 : i64, fc2_expert_weight_bits = 6 : i64}, version = 1 : i64}
      : (tensor<?x16xf32>, tensor<?x4xf32>, tensor<4x32x8xui8>, tensor<4x32xf32>, !onnx.none, tensor<4x16x16xui8>, tensor<4x16xf32>) -> tensor<?x16xf32>
    return %y : tensor<?x16xf32>
  }
}

// -----

// The layout of a device, by the attribute.
module {
  rt.weight @q1 : tensor<4x32x8xui8> = #rt.source<"m.onnx", 0, 1024, raw> : tensor<4x32x8xui8>
  rt.weight @s1 : tensor<4x32xf32> = #rt.source<"m.onnx", 1, 512, raw> : tensor<4x32xf32>
  rt.weight @q2 : tensor<4x16x16xui8> = #rt.source<"m.onnx", 2, 1024, raw> : tensor<4x16x16xui8>
  rt.weight @s2 : tensor<4x16xf32> = #rt.source<"m.onnx", 3, 256, raw> : tensor<4x16xf32>
  func.func @main(%t: index {rt.dim = "t"}, %x: tensor<?x16xf32> {rt.name = "x", rt.shape = ["t", 16]},
                  %r: tensor<?x4xf32> {rt.name = "r", rt.shape = ["t", 4]}) -> tensor<?x16xf32> {
    %q1 = rt.weight_ref @q1 : tensor<4x32x8xui8>
    %s1 = rt.weight_ref @s1 : tensor<4x32xf32>
    %q2 = rt.weight_ref @q2 : tensor<4x16x16xui8>
    %s2 = rt.weight_ref @s2 : tensor<4x16xf32>
    %none = onnx.none
    // expected-error @below {{weights_prepacked = 1: the weights are in the layout of a device; export them with weights_prepacked = 0}}
    %y = onnx.node "com.microsoft::QMoE"(%x, %r, %q1, %s1, %none, %q2, %s2) {name = "/moe", node_attributes = {activation_type = "silu", k = 2 : i64, weights_prepacked = 1 : i64}, version = 1 : i64}
      : (tensor<?x16xf32>, tensor<?x4xf32>, tensor<4x32x8xui8>, tensor<4x32xf32>, !onnx.none, tensor<4x16x16xui8>, tensor<4x16xf32>) -> tensor<?x16xf32>
    return %y : tensor<?x16xf32>
  }
}

// -----

// The layout of a device, by the shapes: rows of inputs.
module {
  rt.weight @q1 : tensor<4x16x16xui8> = #rt.source<"m.onnx", 0, 1024, raw> : tensor<4x16x16xui8>
  rt.weight @s1 : tensor<4x32xf32> = #rt.source<"m.onnx", 1, 512, raw> : tensor<4x32xf32>
  rt.weight @q2 : tensor<4x32x8xui8> = #rt.source<"m.onnx", 2, 1024, raw> : tensor<4x32x8xui8>
  rt.weight @s2 : tensor<4x16xf32> = #rt.source<"m.onnx", 3, 256, raw> : tensor<4x16xf32>
  func.func @main(%t: index {rt.dim = "t"}, %x: tensor<?x16xf32> {rt.name = "x", rt.shape = ["t", 16]},
                  %r: tensor<?x4xf32> {rt.name = "r", rt.shape = ["t", 4]}) -> tensor<?x16xf32> {
    %q1 = rt.weight_ref @q1 : tensor<4x16x16xui8>
    %s1 = rt.weight_ref @s1 : tensor<4x32xf32>
    %q2 = rt.weight_ref @q2 : tensor<4x32x8xui8>
    %s2 = rt.weight_ref @s2 : tensor<4x16xf32>
    %none = onnx.none
    // expected-error @below {{stand inputs first, as in the layout that a device packs; export them with weights_prepacked = 0}}
    %y = onnx.node "com.microsoft::QMoE"(%x, %r, %q1, %s1, %none, %q2, %s2) {name = "/moe", node_attributes = {activation_type = "silu", k = 2 : i64}, version = 1 : i64}
      : (tensor<?x16xf32>, tensor<?x4xf32>, tensor<4x16x16xui8>, tensor<4x32xf32>, !onnx.none, tensor<4x32x8xui8>, tensor<4x16xf32>) -> tensor<?x16xf32>
    return %y : tensor<?x16xf32>
  }
}

// -----

// The layout of a device where the file says that it is raw.
module {
  rt.weight @q1 : tensor<4x16x16xui8> = #rt.source<"m.onnx", 0, 1024, raw> : tensor<4x16x16xui8>
  rt.weight @s1 : tensor<4x16xf32> = #rt.source<"m.onnx", 1, 256, raw> : tensor<4x16xf32>
  rt.weight @q2 : tensor<4x32x8xui8> = #rt.source<"m.onnx", 2, 1024, raw> : tensor<4x32x8xui8>
  rt.weight @s2 : tensor<4x32xf32> = #rt.source<"m.onnx", 3, 512, raw> : tensor<4x32xf32>
  func.func @main(%t: index {rt.dim = "t"}, %x: tensor<?x16xf32> {rt.name = "x", rt.shape = ["t", 16]},
                  %r: tensor<?x4xf32> {rt.name = "r", rt.shape = ["t", 4]}) -> tensor<?x16xf32> {
    %q1 = rt.weight_ref @q1 : tensor<4x16x16xui8>
    %s1 = rt.weight_ref @s1 : tensor<4x16xf32>
    %q2 = rt.weight_ref @q2 : tensor<4x32x8xui8>
    %s2 = rt.weight_ref @s2 : tensor<4x32xf32>
    %none = onnx.none
    // expected-error @below {{expected fc1_experts_weights of 4 x 32 x 16, for H = 16, I = 32 and 4 experts, but it is 'tensor<4x16x32xf32>'}}
    %y = onnx.node "com.microsoft::QMoE"(%x, %r, %q1, %s1, %none, %q2, %s2) {name = "/moe", node_attributes = {activation_type = "silu", k = 2 : i64, weights_prepacked = 0 : i64}, version = 1 : i64}
      : (tensor<?x16xf32>, tensor<?x4xf32>, tensor<4x16x16xui8>, tensor<4x16xf32>, !onnx.none, tensor<4x32x8xui8>, tensor<4x32xf32>) -> tensor<?x16xf32>
    return %y : tensor<?x16xf32>
  }
}

// -----

// Where inner and hidden size are equal nothing tells the layouts apart, unless the model computes in f32.
module {
  rt.weight @q1 : tensor<4x16x8xui8> = #rt.source<"m.onnx", 0, 512, raw> : tensor<4x16x8xui8>
  rt.weight @s1 : tensor<4x16xf32> = #rt.source<"m.onnx", 1, 256, raw> : tensor<4x16xf32>
  rt.weight @q2 : tensor<4x16x8xui8> = #rt.source<"m.onnx", 2, 512, raw> : tensor<4x16x8xui8>
  rt.weight @s2 : tensor<4x16xf32> = #rt.source<"m.onnx", 3, 256, raw> : tensor<4x16xf32>
  func.func @main(%t: index {rt.dim = "t"}, %x: tensor<?x16xf16> {rt.name = "x", rt.shape = ["t", 16]},
                  %r: tensor<?x4xf16> {rt.name = "r", rt.shape = ["t", 4]}) -> tensor<?x16xf16> {
    %q1 = rt.weight_ref @q1 : tensor<4x16x8xui8>
    %s1 = rt.weight_ref @s1 : tensor<4x16xf32>
    %q2 = rt.weight_ref @q2 : tensor<4x16x8xui8>
    %s2 = rt.weight_ref @s2 : tensor<4x16xf32>
    %none = onnx.none
    // expected-error @below {{H = I = 16, so that the shapes do not tell raw weights from those that a device has packed; export them with weights_prepacked = 0}}
    %y = onnx.node "com.microsoft::QMoE"(%x, %r, %q1, %s1, %none, %q2, %s2) {name = "/moe", node_attributes = {activation_type = "silu", k = 2 : i64}, version = 1 : i64}
      : (tensor<?x16xf16>, tensor<?x4xf16>, tensor<4x16x8xui8>, tensor<4x16xf32>, !onnx.none, tensor<4x16x8xui8>, tensor<4x16xf32>) -> tensor<?x16xf16>
    return %y : tensor<?x16xf16>
  }
}

// -----

// Weights of floats.
module {
  rt.weight @q1 : tensor<4x32x8xui8> = #rt.source<"m.onnx", 0, 1024, raw> : tensor<4x32x8xui8>
  rt.weight @s1 : tensor<4x32xf32> = #rt.source<"m.onnx", 1, 512, raw> : tensor<4x32xf32>
  rt.weight @q2 : tensor<4x16x16xui8> = #rt.source<"m.onnx", 2, 1024, raw> : tensor<4x16x16xui8>
  rt.weight @s2 : tensor<4x16xf32> = #rt.source<"m.onnx", 3, 256, raw> : tensor<4x16xf32>
  func.func @main(%t: index {rt.dim = "t"}, %x: tensor<?x16xf32> {rt.name = "x", rt.shape = ["t", 16]},
                  %r: tensor<?x4xf32> {rt.name = "r", rt.shape = ["t", 4]}) -> tensor<?x16xf32> {
    %q1 = rt.weight_ref @q1 : tensor<4x32x8xui8>
    %s1 = rt.weight_ref @s1 : tensor<4x32xf32>
    %q2 = rt.weight_ref @q2 : tensor<4x16x16xui8>
    %s2 = rt.weight_ref @s2 : tensor<4x16xf32>
    %none = onnx.none
    // expected-error @below {{expected fc1_experts_weights of floats of 8 bits, but got 'tensor<4x32x8xui8>'}}
    %y = onnx.node "com.microsoft::QMoE"(%x, %r, %q1, %s1, %none, %q2, %s2) {name = "/moe", node_attributes = {activation_type = "silu", k = 2 : i64, quant_type = "fp8"}, version = 1 : i64}
      : (tensor<?x16xf32>, tensor<?x4xf32>, tensor<4x32x8xui8>, tensor<4x32xf32>, !onnx.none, tensor<4x16x16xui8>, tensor<4x16xf32>) -> tensor<?x16xf32>
    return %y : tensor<?x16xf32>
  }
}

// -----

// Scales of other blocks.
module {
  rt.weight @q1 : tensor<4x32x8xui8> = #rt.source<"m.onnx", 0, 1024, raw> : tensor<4x32x8xui8>
  rt.weight @s1 : tensor<4x16xf32> = #rt.source<"m.onnx", 1, 256, raw> : tensor<4x16xf32>
  rt.weight @q2 : tensor<4x16x16xui8> = #rt.source<"m.onnx", 2, 1024, raw> : tensor<4x16x16xui8>
  rt.weight @s2 : tensor<4x16xf32> = #rt.source<"m.onnx", 3, 256, raw> : tensor<4x16xf32>
  func.func @main(%t: index {rt.dim = "t"}, %x: tensor<?x16xf32> {rt.name = "x", rt.shape = ["t", 16]},
                  %r: tensor<?x4xf32> {rt.name = "r", rt.shape = ["t", 4]}) -> tensor<?x16xf32> {
    %q1 = rt.weight_ref @q1 : tensor<4x32x8xui8>
    %s1 = rt.weight_ref @s1 : tensor<4x16xf32>
    %q2 = rt.weight_ref @q2 : tensor<4x16x16xui8>
    %s2 = rt.weight_ref @s2 : tensor<4x16xf32>
    %none = onnx.none
    // expected-error @below {{expected fc1_scales of 4 x 32 x 1, but got 'tensor<4x16xf32>'}}
    %y = onnx.node "com.microsoft::QMoE"(%x, %r, %q1, %s1, %none, %q2, %s2) {name = "/moe", node_attributes = {activation_type = "silu", k = 2 : i64, block_size = 16 : i64}, version = 1 : i64}
      : (tensor<?x16xf32>, tensor<?x4xf32>, tensor<4x32x8xui8>, tensor<4x16xf32>, !onnx.none, tensor<4x16x16xui8>, tensor<4x16xf32>) -> tensor<?x16xf32>
    return %y : tensor<?x16xf32>
  }
}

// -----

// Zero points of another shape.
module {
  rt.weight @q1 : tensor<4x32x8xui8> = #rt.source<"m.onnx", 0, 1024, raw> : tensor<4x32x8xui8>
  rt.weight @s1 : tensor<4x32xf32> = #rt.source<"m.onnx", 1, 512, raw> : tensor<4x32xf32>
  rt.weight @q2 : tensor<4x16x16xui8> = #rt.source<"m.onnx", 2, 1024, raw> : tensor<4x16x16xui8>
  rt.weight @s2 : tensor<4x16xf32> = #rt.source<"m.onnx", 3, 256, raw> : tensor<4x16xf32>
  func.func @main(%t: index {rt.dim = "t"}, %x: tensor<?x16xf32> {rt.name = "x", rt.shape = ["t", 16]},
                  %r: tensor<?x4xf32> {rt.name = "r", rt.shape = ["t", 4]}) -> tensor<?x16xf32> {
    %q1 = rt.weight_ref @q1 : tensor<4x32x8xui8>
    %s1 = rt.weight_ref @s1 : tensor<4x32xf32>
    %q2 = rt.weight_ref @q2 : tensor<4x16x16xui8>
    %s2 = rt.weight_ref @s2 : tensor<4x16xf32>
    %none = onnx.none
    %z = arith.constant dense<1> : tensor<4x8xui8>
    // expected-error @below {{expected fc1_zero_points of 4 x 16 bytes, but got 'tensor<4x8xui8>'}}
    %y = onnx.node "com.microsoft::QMoE"(%x, %r, %q1, %s1, %none, %q2, %s2, %none, %none, %none, %none, %z) {name = "/moe", node_attributes = {activation_type = "silu", k = 2 : i64}, version = 1 : i64}
      : (tensor<?x16xf32>, tensor<?x4xf32>, tensor<4x32x8xui8>, tensor<4x32xf32>, !onnx.none, tensor<4x16x16xui8>, tensor<4x16xf32>, !onnx.none, !onnx.none, !onnx.none, !onnx.none, tensor<4x8xui8>) -> tensor<?x16xf32>
    return %y : tensor<?x16xf32>
  }
}

// -----

// Scales that are computed.
module {
  rt.weight @q1 : tensor<4x32x8xui8> = #rt.source<"m.onnx", 0, 1024, raw> : tensor<4x32x8xui8>
  rt.weight @s1 : tensor<4x32xf32> = #rt.source<"m.onnx", 1, 512, raw> : tensor<4x32xf32>
  rt.weight @q2 : tensor<4x16x16xui8> = #rt.source<"m.onnx", 2, 1024, raw> : tensor<4x16x16xui8>
  rt.weight @s2 : tensor<4x16xf32> = #rt.source<"m.onnx", 3, 256, raw> : tensor<4x16xf32>
  func.func @main(%t: index {rt.dim = "t"}, %x: tensor<?x16xf32> {rt.name = "x", rt.shape = ["t", 16]},
                  %r: tensor<?x4xf32> {rt.name = "r", rt.shape = ["t", 4]}, %c: tensor<4x32xf32> {rt.name = "c", rt.shape = [4, 32]}) -> tensor<?x16xf32> {
    %q1 = rt.weight_ref @q1 : tensor<4x32x8xui8>
    %s1 = rt.weight_ref @s1 : tensor<4x32xf32>
    %q2 = rt.weight_ref @q2 : tensor<4x16x16xui8>
    %s2 = rt.weight_ref @s2 : tensor<4x16xf32>
    %none = onnx.none
    // expected-error @below {{fc1_scales must be a weight of the model, but it is computed at run time}}
    %y = onnx.node "com.microsoft::QMoE"(%x, %r, %q1, %c, %none, %q2, %s2) {name = "/moe", node_attributes = {activation_type = "silu", k = 2 : i64}, version = 1 : i64}
      : (tensor<?x16xf32>, tensor<?x4xf32>, tensor<4x32x8xui8>, tensor<4x32xf32>, !onnx.none, tensor<4x16x16xui8>, tensor<4x16xf32>) -> tensor<?x16xf32>
    return %y : tensor<?x16xf32>
  }
}

// -----

// Scales are missing.
module {
  rt.weight @q1 : tensor<4x32x8xui8> = #rt.source<"m.onnx", 0, 1024, raw> : tensor<4x32x8xui8>
  rt.weight @s1 : tensor<4x32xf32> = #rt.source<"m.onnx", 1, 512, raw> : tensor<4x32xf32>
  rt.weight @q2 : tensor<4x16x16xui8> = #rt.source<"m.onnx", 2, 1024, raw> : tensor<4x16x16xui8>
  rt.weight @s2 : tensor<4x16xf32> = #rt.source<"m.onnx", 3, 256, raw> : tensor<4x16xf32>
  func.func @main(%t: index {rt.dim = "t"}, %x: tensor<?x16xf32> {rt.name = "x", rt.shape = ["t", 16]},
                  %r: tensor<?x4xf32> {rt.name = "r", rt.shape = ["t", 4]}) -> tensor<?x16xf32> {
    %q1 = rt.weight_ref @q1 : tensor<4x32x8xui8>
    %s1 = rt.weight_ref @s1 : tensor<4x32xf32>
    %q2 = rt.weight_ref @q2 : tensor<4x16x16xui8>
    %s2 = rt.weight_ref @s2 : tensor<4x16xf32>
    %none = onnx.none
    // expected-error @below {{input fc1_scales is missing}}
    %y = onnx.node "com.microsoft::QMoE"(%x, %r, %q1, %none, %none, %q2, %s2) {name = "/moe", node_attributes = {activation_type = "silu", k = 2 : i64}, version = 1 : i64}
      : (tensor<?x16xf32>, tensor<?x4xf32>, tensor<4x32x8xui8>, !onnx.none, !onnx.none, tensor<4x16x16xui8>, tensor<4x16xf32>) -> tensor<?x16xf32>
    return %y : tensor<?x16xf32>
  }
}

// -----

// Quantised activations.
module {
  rt.weight @q1 : tensor<4x32x8xui8> = #rt.source<"m.onnx", 0, 1024, raw> : tensor<4x32x8xui8>
  rt.weight @s1 : tensor<4x32xf32> = #rt.source<"m.onnx", 1, 512, raw> : tensor<4x32xf32>
  rt.weight @q2 : tensor<4x16x16xui8> = #rt.source<"m.onnx", 2, 1024, raw> : tensor<4x16x16xui8>
  rt.weight @s2 : tensor<4x16xf32> = #rt.source<"m.onnx", 3, 256, raw> : tensor<4x16xf32>
  func.func @main(%t: index {rt.dim = "t"}, %x: tensor<?x16xf32> {rt.name = "x", rt.shape = ["t", 16]},
                  %r: tensor<?x4xf32> {rt.name = "r", rt.shape = ["t", 4]}) -> tensor<?x16xf32> {
    %q1 = rt.weight_ref @q1 : tensor<4x32x8xui8>
    %s1 = rt.weight_ref @s1 : tensor<4x32xf32>
    %q2 = rt.weight_ref @q2 : tensor<4x16x16xui8>
    %s2 = rt.weight_ref @s2 : tensor<4x16xf32>
    %none = onnx.none
    %a = arith.constant dense<1.0> : tensor<4xf32>
    // expected-error @below {{quantised activations (operand 17)}}
    %y = onnx.node "com.microsoft::QMoE"(%x, %r, %q1, %s1, %none, %q2, %s2, %none, %none, %none, %none, %none, %none, %none, %none, %none, %none, %a) {name = "/moe", node_attributes = {activation_type = "silu", k = 2 : i64}, version = 1 : i64}
      : (tensor<?x16xf32>, tensor<?x4xf32>, tensor<4x32x8xui8>, tensor<4x32xf32>, !onnx.none, tensor<4x16x16xui8>, tensor<4x16xf32>, !onnx.none, !onnx.none, !onnx.none, !onnx.none, !onnx.none, !onnx.none, !onnx.none, !onnx.none, !onnx.none, !onnx.none, tensor<4xf32>) -> tensor<?x16xf32>
    return %y : tensor<?x16xf32>
  }
}

// -----

// The sparse mixer weighs by its own scores.
module {
  rt.weight @q1 : tensor<4x32x8xui8> = #rt.source<"m.onnx", 0, 1024, raw> : tensor<4x32x8xui8>
  rt.weight @s1 : tensor<4x32xf32> = #rt.source<"m.onnx", 1, 512, raw> : tensor<4x32xf32>
  rt.weight @q2 : tensor<4x16x16xui8> = #rt.source<"m.onnx", 2, 1024, raw> : tensor<4x16x16xui8>
  rt.weight @s2 : tensor<4x16xf32> = #rt.source<"m.onnx", 3, 256, raw> : tensor<4x16xf32>
  func.func @main(%t: index {rt.dim = "t"}, %x: tensor<?x16xf32> {rt.name = "x", rt.shape = ["t", 16]},
                  %r: tensor<?x4xf32> {rt.name = "r", rt.shape = ["t", 4]}, %m: tensor<?x4xf32> {rt.name = "m", rt.shape = ["t", 4]}) -> tensor<?x16xf32> {
    %q1 = rt.weight_ref @q1 : tensor<4x32x8xui8>
    %s1 = rt.weight_ref @s1 : tensor<4x32xf32>
    %q2 = rt.weight_ref @q2 : tensor<4x16x16xui8>
    %s2 = rt.weight_ref @s2 : tensor<4x16xf32>
    %none = onnx.none
    // expected-error @below {{use_sparse_mixer together with router_weights}}
    %y = onnx.node "com.microsoft::QMoE"(%x, %r, %q1, %s1, %none, %q2, %s2, %none, %none, %none, %none, %none, %none, %none, %m) {name = "/moe", node_attributes = {activation_type = "silu", k = 2 : i64, use_sparse_mixer = 1 : i64}, version = 1 : i64}
      : (tensor<?x16xf32>, tensor<?x4xf32>, tensor<4x32x8xui8>, tensor<4x32xf32>, !onnx.none, tensor<4x16x16xui8>, tensor<4x16xf32>, !onnx.none, !onnx.none, !onnx.none, !onnx.none, !onnx.none, !onnx.none, !onnx.none, tensor<?x4xf32>) -> tensor<?x16xf32>
    return %y : tensor<?x16xf32>
  }
}

// -----

// Floats of 8 bits have no zero points, and fc3 no scale of its own without blocks.
module {
  rt.weight @q1 : tensor<4x32x16xf8E4M3FN> = #rt.source<"m.onnx", 0, 2048, raw> : tensor<4x32x16xf8E4M3FN>
  rt.weight @q2 : tensor<4x16x32xf8E4M3FN> = #rt.source<"m.onnx", 2, 2048, raw> : tensor<4x16x32xf8E4M3FN>
  func.func @main(%t: index {rt.dim = "t"}, %x: tensor<?x16xf32> {rt.name = "x", rt.shape = ["t", 16]},
                  %r: tensor<?x4xf32> {rt.name = "r", rt.shape = ["t", 4]}) -> (tensor<?x16xf32>, tensor<?x16xf32>) {
    %q1 = rt.weight_ref @q1 : tensor<4x32x16xf8E4M3FN>
    %q2 = rt.weight_ref @q2 : tensor<4x16x32xf8E4M3FN>
    %s = arith.constant dense<0.5> : tensor<4xf32>
    %z = arith.constant dense<1> : tensor<4x16xui8>
    %none = onnx.none
    // expected-error @below {{fc1_zero_points stands with quant_type fp8}}
    %y = onnx.node "com.microsoft::QMoE"(%x, %r, %q1, %none, %none, %q2, %none, %none, %none, %none, %none, %z, %none, %none, %none, %s, %s)
      {name = "/moe", node_attributes = {activation_type = "silu", k = 2 : i64, quant_type = "fp8"}, version = 1 : i64}
      : (tensor<?x16xf32>, tensor<?x4xf32>, tensor<4x32x16xf8E4M3FN>, !onnx.none, !onnx.none, tensor<4x16x32xf8E4M3FN>, !onnx.none, !onnx.none, !onnx.none, !onnx.none, !onnx.none, tensor<4x16xui8>,
         !onnx.none, !onnx.none, !onnx.none, tensor<4xf32>, tensor<4xf32>) -> tensor<?x16xf32>
    return %y, %y : tensor<?x16xf32>, tensor<?x16xf32>
  }
}

// -----

module {
  rt.weight @q1 : tensor<4x32x16xf8E4M3FN> = #rt.source<"m.onnx", 0, 2048, raw> : tensor<4x32x16xf8E4M3FN>
  rt.weight @q2 : tensor<4x16x32xf8E4M3FN> = #rt.source<"m.onnx", 2, 2048, raw> : tensor<4x16x32xf8E4M3FN>
  func.func @main(%t: index {rt.dim = "t"}, %x: tensor<?x16xf32> {rt.name = "x", rt.shape = ["t", 16]},
                  %r: tensor<?x4xf32> {rt.name = "r", rt.shape = ["t", 4]}) -> tensor<?x16xf32> {
    %q1 = rt.weight_ref @q1 : tensor<4x32x16xf8E4M3FN>
    %q2 = rt.weight_ref @q2 : tensor<4x16x32xf8E4M3FN>
    %s = arith.constant dense<0.5> : tensor<4xf32>
    %none = onnx.none
    // expected-error @below {{fc3 with quant_type fp8 and no block_size}}
    %y = onnx.node "com.microsoft::QMoE"(%x, %r, %q1, %none, %none, %q2, %none, %none, %q1, %none, %none, %none, %none, %none, %none, %s, %s)
      {name = "/moe", node_attributes = {activation_type = "silu", k = 2 : i64, quant_type = "fp8"}, version = 1 : i64}
      : (tensor<?x16xf32>, tensor<?x4xf32>, tensor<4x32x16xf8E4M3FN>, !onnx.none, !onnx.none, tensor<4x16x32xf8E4M3FN>, !onnx.none, !onnx.none, tensor<4x32x16xf8E4M3FN>, !onnx.none, !onnx.none, !onnx.none,
         !onnx.none, !onnx.none, !onnx.none, tensor<4xf32>, tensor<4xf32>) -> tensor<?x16xf32>
    return %y : tensor<?x16xf32>
  }
}
