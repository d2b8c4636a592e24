// What is wrong with experts in floats of four bits, or is not decoded.
// RUN: moe-opt %s --moe-raise-fused --moe-lower-onnx --split-input-file --verify-diagnostics -o /dev/null

// Blocks of another size.
module {
  rt.weight @q1 : tensor<2x64x16xui8> = #rt.source<"m.onnx", 0, 2048, raw> : tensor<2x64x16xui8>
  rt.weight @s1 : tensor<2x64x1xf8E8M0FNU> = #rt.source<"m.onnx", 2048, 128, raw> : tensor<2x64x1xf8E8M0FNU>
  rt.weight @q2 : tensor<2x32x32xui8> = #rt.source<"m.onnx", 2176, 2048, raw> : tensor<2x32x32xui8>
  rt.weight @s2 : tensor<2x32x2xf8E8M0FNU> = #rt.source<"m.onnx", 4224, 128, raw> : tensor<2x32x2xf8E8M0FNU>
  func.func @main(%t: index {rt.dim = "t"}, %x: tensor<?x32xf32> {rt.name = "x", rt.shape = ["t", 32]},
                  %r: tensor<?x2xf32> {rt.name = "r", rt.shape = ["t", 2]}) -> tensor<?x32xf32> {
    %q1 = rt.weight_ref @q1 : tensor<2x64x16xui8>
    %s1 = rt.weight_ref @s1 : tensor<2x64x1xf8E8M0FNU>
    %q2 = rt.weight_ref @q2 : tensor<2x32x32xui8>
    %s2 = rt.weight_ref @s2 : tensor<2x32x2xf8E8M0FNU>
    %g = arith.constant dense<[0.5, 2.0]> : tensor<2xf32>
    %none = onnx.none
    // expected-error @below {{block_size = 16 with quant_type fp4, of which blocks have 32 elements}}
    %y = onnx.node "com.microsoft::QMoE"(%x, %r, %q1, %s1, %none, %q2, %s2, %none, %none, %none, %none, %none, %none, %none, %none, %g, %g)
      {name = "/moe", node_attributes = {activation_type = "silu", k = 1 : i64, quant_type = "fp4", block_size = 16 : i64}, version = 1 : i64}
      : (tensor<?x32xf32>, tensor<?x2xf32>, tensor<2x64x16xui8>, tensor<2x64x1xf8E8M0FNU>, !onnx.none, tensor<2x32x32xui8>, tensor<2x32x2xf8E8M0FNU>, !onnx.none, !onnx.none, !onnx.none, !onnx.none, !onnx.none, !onnx.none, !onnx.none, !onnx.none, tensor<2xf32>, tensor<2xf32>) -> tensor<?x32xf32>
    return %y : tensor<?x32xf32>
  }
}

// -----

// Other widths.
module {
  rt.weight @q1 : tensor<2x64x16xui8> = #rt.source<"m.onnx", 0, 2048, raw> : tensor<2x64x16xui8>
  rt.weight @s1 : tensor<2x64x1xf8E8M0FNU> = #rt.source<"m.onnx", 2048, 128, raw> : tensor<2x64x1xf8E8M0FNU>
  rt.weight @q2 : tensor<2x32x32xui8> = #rt.source<"m.onnx", 2176, 2048, raw> : tensor<2x32x32xui8>
  rt.weight @s2 : tensor<2x32x2xf8E8M0FNU> = #rt.source<"m.onnx", 4224, 128, raw> : tensor<2x32x2xf8E8M0FNU>
  func.func @main(%t: index {rt.dim = "t"}, %x: tensor<?x32xf32> {rt.name = "x", rt.shape = ["t", 32]},
                  %r: tensor<?x2xf32> {rt.name = "r", rt.shape = ["t", 2]}) -> tensor<?x32xf32> {
    %q1 = rt.weight_ref @q1 : tensor<2x64x16xui8>
    %s1 = rt.weight_ref @s1 : tensor<2x64x1xf8E8M0FNU>
    %q2 = rt.weight_ref @q2 : tensor<2x32x32xui8>
    %s2 = rt.weight_ref @s2 : tensor<2x32x2xf8E8M0FNU>
    %g = arith.constant dense<[0.5, 2.0]> : tensor<2xf32>
    %none = onnx.none
    // expected-error @below {{weights of 8 bits stand with quant_type fp4}}
    %y = onnx.node "com.microsoft::QMoE"(%x, %r, %q1, %s1, %none, %q2, %s2, %none, %none, %none, %none, %none, %none, %none, %none, %g, %g)
      {name = "/moe", node_attributes = {activation_type = "silu", k = 1 : i64, quant_type = "fp4", expert_weight_bits = 8 : i64}, version = 1 : i64}
      : (tensor<?x32xf32>, tensor<?x2xf32>, tensor<2x64x16xui8>, tensor<2x64x1xf8E8M0FNU>, !onnx.none, tensor<2x32x32xui8>, tensor<2x32x2xf8E8M0FNU>, !onnx.none, !onnx.none, !onnx.none, !onnx.none, !onnx.none, !onnx.none, !onnx.none, !onnx.none, tensor<2xf32>, tensor<2xf32>) -> tensor<?x32xf32>
    return %y : tensor<?x32xf32>
  }
}

// -----

// Nothing tells how the bytes lie.
module {
  rt.weight @q1 : tensor<2x32x16xui8> = #rt.source<"m.onnx", 0, 1024, raw> : tensor<2x32x16xui8>
  rt.weight @s1 : tensor<2x32x1xf8E8M0FNU> = #rt.source<"m.onnx", 1024, 64, raw> : tensor<2x32x1xf8E8M0FNU>
  rt.weight @q2 : tensor<2x32x16xui8> = #rt.source<"m.onnx", 1088, 1024, raw> : tensor<2x32x16xui8>
  rt.weight @s2 : tensor<2x32x1xf8E8M0FNU> = #rt.source<"m.onnx", 2112, 64, raw> : tensor<2x32x1xf8E8M0FNU>
  func.func @main(%t: index {rt.dim = "t"}, %x: tensor<?x32xf32> {rt.name = "x", rt.shape = ["t", 32]},
                  %r: tensor<?x2xf32> {rt.name = "r", rt.shape = ["t", 2]}) -> tensor<?x32xf32> {
    %q1 = rt.weight_ref @q1 : tensor<2x32x16xui8>
    %s1 = rt.weight_ref @s1 : tensor<2x32x1xf8E8M0FNU>
    %q2 = rt.weight_ref @q2 : tensor<2x32x16xui8>
    %s2 = rt.weight_ref @s2 : tensor<2x32x1xf8E8M0FNU>
    %g = arith.constant dense<[0.5, 2.0]> : tensor<2xf32>
    %none = onnx.none
    // expected-error @below {{H = I = 32, so that the shapes do not tell whether bytes hold neighbours along the inputs or along the outputs}}
    %y = onnx.node "com.microsoft::QMoE"(%x, %r, %q1, %s1, %none, %q2, %s2, %none, %none, %none, %none, %none, %none, %none, %none, %g, %g)
      {name = "/moe", node_attributes = {activation_type = "silu", k = 1 : i64, quant_type = "fp4"}, version = 1 : i64}
      : (tensor<?x32xf32>, tensor<?x2xf32>, tensor<2x32x16xui8>, tensor<2x32x1xf8E8M0FNU>, !onnx.none, tensor<2x32x16xui8>, tensor<2x32x1xf8E8M0FNU>, !onnx.none, !onnx.none, !onnx.none, !onnx.none, !onnx.none, !onnx.none, !onnx.none, !onnx.none, tensor<2xf32>, tensor<2xf32>) -> tensor<?x32xf32>
    return %y : tensor<?x32xf32>
  }
}

// -----

// There is no global scale of fc3.
module {
  rt.weight @q1 : tensor<2x64x16xui8> = #rt.source<"m.onnx", 0, 2048, raw> : tensor<2x64x16xui8>
  rt.weight @s1 : tensor<2x64x1xf8E8M0FNU> = #rt.source<"m.onnx", 2048, 128, raw> : tensor<2x64x1xf8E8M0FNU>
  rt.weight @q2 : tensor<2x32x32xui8> = #rt.source<"m.onnx", 2176, 2048, raw> : tensor<2x32x32xui8>
  rt.weight @s2 : tensor<2x32x2xf8E8M0FNU> = #rt.source<"m.onnx", 4224, 128, raw> : tensor<2x32x2xf8E8M0FNU>
  func.func @main(%t: index {rt.dim = "t"}, %x: tensor<?x32xf32> {rt.name = "x", rt.shape = ["t", 32]},
                  %r: tensor<?x2xf32> {rt.name = "r", rt.shape = ["t", 2]}) -> tensor<?x32xf32> {
    %q1 = rt.weight_ref @q1 : tensor<2x64x16xui8>
    %s1 = rt.weight_ref @s1 : tensor<2x64x1xf8E8M0FNU>
    %q2 = rt.weight_ref @q2 : tensor<2x32x32xui8>
    %s2 = rt.weight_ref @s2 : tensor<2x32x2xf8E8M0FNU>
    %g = arith.constant dense<[0.5, 2.0]> : tensor<2xf32>
    %none = onnx.none
    // expected-error @below {{fc3 with quant_type fp4}}
    %y = onnx.node "com.microsoft::QMoE"(%x, %r, %q1, %s1, %none, %q2, %s2, %none, %q1, %s1, %none, %none, %none, %none, %none, %g, %g)
      {name = "/moe", node_attributes = {activation_type = "silu", k = 1 : i64, quant_type = "fp4"}, version = 1 : i64}
      : (tensor<?x32xf32>, tensor<?x2xf32>, tensor<2x64x16xui8>, tensor<2x64x1xf8E8M0FNU>, !onnx.none, tensor<2x32x32xui8>, tensor<2x32x2xf8E8M0FNU>, !onnx.none, tensor<2x64x16xui8>, tensor<2x64x1xf8E8M0FNU>, !onnx.none, !onnx.none, !onnx.none, !onnx.none, !onnx.none, tensor<2xf32>, tensor<2xf32>) -> tensor<?x32xf32>
    return %y : tensor<?x32xf32>
  }
}

// -----

// Scales of another type.
module {
  rt.weight @q1 : tensor<2x64x16xui8> = #rt.source<"m.onnx", 0, 2048, raw> : tensor<2x64x16xui8>
  rt.weight @s1 : tensor<2x64x1xf8E4M3FN> = #rt.source<"m.onnx", 2048, 128, raw> : tensor<2x64x1xf8E4M3FN>
  rt.weight @q2 : tensor<2x32x32xui8> = #rt.source<"m.onnx", 2176, 2048, raw> : tensor<2x32x32xui8>
  rt.weight @s2 : tensor<2x32x2xf8E4M3FN> = #rt.source<"m.onnx", 4224, 128, raw> : tensor<2x32x2xf8E4M3FN>
  func.func @main(%t: index {rt.dim = "t"}, %x: tensor<?x32xf32> {rt.name = "x", rt.shape = ["t", 32]},
                  %r: tensor<?x2xf32> {rt.name = "r", rt.shape = ["t", 2]}) -> tensor<?x32xf32> {
    %q1 = rt.weight_ref @q1 : tensor<2x64x16xui8>
    %s1 = rt.weight_ref @s1 : tensor<2x64x1xf8E4M3FN>
    %q2 = rt.weight_ref @q2 : tensor<2x32x32xui8>
    %s2 = rt.weight_ref @s2 : tensor<2x32x2xf8E4M3FN>
    %g = arith.constant dense<[0.5, 2.0]> : tensor<2xf32>
    %none = onnx.none
    // expected-error @below {{expected fc1_scales of 'f8E8M0FNU' with quant_type fp4, but got 'f8E4M3FN'}}
    %y = onnx.node "com.microsoft::QMoE"(%x, %r, %q1, %s1, %none, %q2, %s2, %none, %none, %none, %none, %none, %none, %none, %none, %g, %g)
      {name = "/moe", node_attributes = {activation_type = "silu", k = 1 : i64, quant_type = "fp4"}, version = 1 : i64}
      : (tensor<?x32xf32>, tensor<?x2xf32>, tensor<2x64x16xui8>, tensor<2x64x1xf8E4M3FN>, !onnx.none, tensor<2x32x32xui8>, tensor<2x32x2xf8E4M3FN>, !onnx.none, !onnx.none, !onnx.none, !onnx.none, !onnx.none, !onnx.none, !onnx.none, !onnx.none, tensor<2xf32>, tensor<2xf32>) -> tensor<?x32xf32>
    return %y : tensor<?x32xf32>
  }
}

// -----

// Zero points.
module {
  rt.weight @q1 : tensor<2x64x16xui8> = #rt.source<"m.onnx", 0, 2048, raw> : tensor<2x64x16xui8>
  rt.weight @s1 : tensor<2x64x1xf8E8M0FNU> = #rt.source<"m.onnx", 2048, 128, raw> : tensor<2x64x1xf8E8M0FNU>
  rt.weight @q2 : tensor<2x32x32xui8> = #rt.source<"m.onnx", 2176, 2048, raw> : tensor<2x32x32xui8>
  rt.weight @s2 : tensor<2x32x2xf8E8M0FNU> = #rt.source<"m.onnx", 4224, 128, raw> : tensor<2x32x2xf8E8M0FNU>
  func.func @main(%t: index {rt.dim = "t"}, %x: tensor<?x32xf32> {rt.name = "x", rt.shape = ["t", 32]},
                  %r: tensor<?x2xf32> {rt.name = "r", rt.shape = ["t", 2]}) -> tensor<?x32xf32> {
    %q1 = rt.weight_ref @q1 : tensor<2x64x16xui8>
    %s1 = rt.weight_ref @s1 : tensor<2x64x1xf8E8M0FNU>
    %q2 = rt.weight_ref @q2 : tensor<2x32x32xui8>
    %s2 = rt.weight_ref @s2 : tensor<2x32x2xf8E8M0FNU>
    %g = arith.constant dense<[0.5, 2.0]> : tensor<2xf32>
    %none = onnx.none
    %z = arith.constant dense<1> : tensor<2x1xui8>
    // expected-error @below {{fc1_zero_points stands with quant_type fp4}}
    %y = onnx.node "com.microsoft::QMoE"(%x, %r, %q1, %s1, %none, %q2, %s2, %none, %none, %none, %none, %z, %none, %none, %none, %g, %g)
      {name = "/moe", node_attributes = {activation_type = "silu", k = 1 : i64, quant_type = "fp4"}, version = 1 : i64}
      : (tensor<?x32xf32>, tensor<?x2xf32>, tensor<2x64x16xui8>, tensor<2x64x1xf8E8M0FNU>, !onnx.none, tensor<2x32x32xui8>, tensor<2x32x2xf8E8M0FNU>, !onnx.none, !onnx.none, !onnx.none, !onnx.none, tensor<2x1xui8>, !onnx.none, !onnx.none, !onnx.none, tensor<2xf32>, tensor<2xf32>) -> tensor<?x32xf32>
    return %y : tensor<?x32xf32>
  }
}

// -----

// No global scale.
module {
  rt.weight @q1 : tensor<2x64x16xui8> = #rt.source<"m.onnx", 0, 2048, raw> : tensor<2x64x16xui8>
  rt.weight @s1 : tensor<2x64x1xf8E8M0FNU> = #rt.source<"m.onnx", 2048, 128, raw> : tensor<2x64x1xf8E8M0FNU>
  rt.weight @q2 : tensor<2x32x32xui8> = #rt.source<"m.onnx", 2176, 2048, raw> : tensor<2x32x32xui8>
  rt.weight @s2 : tensor<2x32x2xf8E8M0FNU> = #rt.source<"m.onnx", 4224, 128, raw> : tensor<2x32x2xf8E8M0FNU>
  func.func @main(%t: index {rt.dim = "t"}, %x: tensor<?x32xf32> {rt.name = "x", rt.shape = ["t", 32]},
                  %r: tensor<?x2xf32> {rt.name = "r", rt.shape = ["t", 2]}) -> tensor<?x32xf32> {
    %q1 = rt.weight_ref @q1 : tensor<2x64x16xui8>
    %s1 = rt.weight_ref @s1 : tensor<2x64x1xf8E8M0FNU>
    %q2 = rt.weight_ref @q2 : tensor<2x32x32xui8>
    %s2 = rt.weight_ref @s2 : tensor<2x32x2xf8E8M0FNU>
    %g = arith.constant dense<[0.5, 2.0]> : tensor<2xf32>
    %none = onnx.none
    // expected-error @below {{input fc1_global_scale is missing}}
    %y = onnx.node "com.microsoft::QMoE"(%x, %r, %q1, %s1, %none, %q2, %s2, %none, %none, %none, %none, %none, %none, %none, %none)
      {name = "/moe", node_attributes = {activation_type = "silu", k = 1 : i64, quant_type = "fp4"}, version = 1 : i64}
      : (tensor<?x32xf32>, tensor<?x2xf32>, tensor<2x64x16xui8>, tensor<2x64x1xf8E8M0FNU>, !onnx.none, tensor<2x32x32xui8>, tensor<2x32x2xf8E8M0FNU>, !onnx.none, !onnx.none, !onnx.none, !onnx.none, !onnx.none, !onnx.none, !onnx.none, !onnx.none) -> tensor<?x32xf32>
    return %y : tensor<?x32xf32>
  }
}

// -----

// Scales of other blocks.
module {
  rt.weight @q1 : tensor<2x64x16xui8> = #rt.source<"m.onnx", 0, 2048, raw> : tensor<2x64x16xui8>
  rt.weight @s1 : tensor<2x64x1xf8E8M0FNU> = #rt.source<"m.onnx", 2048, 128, raw> : tensor<2x64x1xf8E8M0FNU>
  rt.weight @q2 : tensor<2x32x32xui8> = #rt.source<"m.onnx", 2176, 2048, raw> : tensor<2x32x32xui8>
  rt.weight @s2 : tensor<2x32x2xf8E8M0FNU> = #rt.source<"m.onnx", 4224, 128, raw> : tensor<2x32x2xf8E8M0FNU>
  func.func @main(%t: index {rt.dim = "t"}, %x: tensor<?x32xf32> {rt.name = "x", rt.shape = ["t", 32]},
                  %r: tensor<?x2xf32> {rt.name = "r", rt.shape = ["t", 2]}) -> tensor<?x32xf32> {
    %q1 = rt.weight_ref @q1 : tensor<2x64x16xui8>
    %s1 = rt.weight_ref @s1 : tensor<2x64x1xf8E8M0FNU>
    %q2 = rt.weight_ref @q2 : tensor<2x32x32xui8>
    %s2 = rt.weight_ref @s2 : tensor<2x32x2xf8E8M0FNU>
    %g = arith.constant dense<[0.5, 2.0]> : tensor<2xf32>
    %none = onnx.none
    // expected-error @below {{expected fc1_scales of 2 x 64 x 2, but got}}
    %y = onnx.node "com.microsoft::QMoE"(%x, %r, %q1, %s1, %none, %q2, %s2, %none, %none, %none, %none, %none, %none, %none, %none, %g, %g)
      {name = "/moe", node_attributes = {activation_type = "silu", k = 1 : i64, quant_type = "nvfp4"}, version = 1 : i64}
      : (tensor<?x32xf32>, tensor<?x2xf32>, tensor<2x64x16xui8>, tensor<2x64x1xf8E8M0FNU>, !onnx.none, tensor<2x32x32xui8>, tensor<2x32x2xf8E8M0FNU>, !onnx.none, !onnx.none, !onnx.none, !onnx.none, !onnx.none, !onnx.none, !onnx.none, !onnx.none, tensor<2xf32>, tensor<2xf32>) -> tensor<?x32xf32>
    return %y : tensor<?x32xf32>
  }
}
