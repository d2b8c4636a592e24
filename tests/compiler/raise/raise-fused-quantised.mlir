// Experts of com.microsoft.QMoE: the same layer over decoded weights.
// RUN: moe-opt %s --moe-raise-fused --split-input-file 2>&1 | FileCheck %s

// One scale a row: zero points are the middle, and nothing tells the layout but that the model computes in f32.
// CHECK: remark: H = I = 16, so that the shapes do not tell raw weights from those that a device has packed; raw ones are taken, since the model computes in f32
// CHECK: rt.weight @"/moe.gate" : tensor<4x16x16xf32> = #rt.step<dequantise[1, 1, 16], (#rt.step<unpack, (#rt.source<"m.onnx", 0, 512, raw> : tensor<4x16x8xui8>)> : tensor<4x16x16xui4>, #rt.step<reshape, (#rt.source<"m.onnx", 1, 256, raw> : tensor<4x16xf32>)> : tensor<4x16x1xf32>, #rt.step<broadcast, (#rt.inline<dense<8> : tensor<ui8>>)> : tensor<4x16x1xui8>)> : tensor<4x16x16xf32>
// CHECK: moe.gate %{{.*}} {gating = #moe.gating<>}
// CHECK: moe.expert {{.*}} gate %{{.*}} : tensor<4x16x16xf32> down %{{.*}} : tensor<4x16x16xf32> {activation = #moe.activation<silu>}
module {
  rt.weight @q1 : tensor<4x16x8xui8> = #rt.source<"m.onnx", 0, 512, raw> : tensor<4x16x8xui8>
  rt.weight @s1 : tensor<4x16xf32> = #rt.source<"m.onnx", 1, 256, raw> : tensor<4x16xf32>
  rt.weight @q2 : tensor<4x16x8xui8> = #rt.source<"m.onnx", 2, 512, raw> : tensor<4x16x8xui8>
  rt.weight @s2 : tensor<4x16xf32> = #rt.source<"m.onnx", 3, 256, raw> : tensor<4x16xf32>
  func.func @main(%t: index {rt.dim = "t"}, %x: tensor<?x16xf32> {rt.name = "x", rt.shape = ["t", 16]},
                  %r: tensor<?x4xf32> {rt.name = "r", rt.shape = ["t", 4]}) -> tensor<?x16xf32> {
    %q1 = rt.weight_ref @q1 : tensor<4x16x8xui8>
    %s1 = rt.weight_ref @s1 : tensor<4x16xf32>
    %q2 = rt.weight_ref @q2 : tensor<4x16x8xui8>
    %s2 = rt.weight_ref @s2 : tensor<4x16xf32>
    %none = onnx.none
    %y = onnx.node "com.microsoft::QMoE"(%x, %r, %q1, %s1, %none, %q2, %s2) {name = "/moe", node_attributes = {activation_type = "silu", k = 2 : i64}, version = 1 : i64}
      : (tensor<?x16xf32>, tensor<?x4xf32>, tensor<4x16x8xui8>, tensor<4x16xf32>, !onnx.none, tensor<4x16x8xui8>, tensor<4x16xf32>) -> tensor<?x16xf32>
    return %y : tensor<?x16xf32>
  }
}

// -----

// Blocks with zero points, rows of gate and up in turn, weights of their own for the chosen experts.
// CHECK-DAG: rt.weight @"/moe.gate" : tensor<4x32x16xf32> = #rt.step<slice[0, 0, 0, 1, 2, 1], (#rt.step<dequantise[1, 1, 16], (#rt.step<unpack, ({{.*}}, #rt.source<"m.onnx", 1, 1024, raw> : tensor<4x64x1xf32>, #rt.step<unpack, (#rt.inline<dense<7> : tensor<4x64x1xui8>>)> : tensor<4x64x1xui4>)> : tensor<4x64x16xf32>)> : tensor<4x32x16xf32>
// CHECK-DAG: rt.weight @"/moe.down" : tensor<4x16x32xf32> = #rt.step<dequantise[1, 1, 16], (#rt.source<"m.onnx", 2, 2048, raw> : tensor<4x16x32xui8>, #rt.source<"m.onnx", 3, 512, raw> : tensor<4x16x2xf32>, #rt.step<broadcast, (#rt.inline<dense<128> : tensor<ui8>>)> : tensor<4x16x2xui8>)> : tensor<4x16x32xf32>
// CHECK: moe.gate %{{.*}} mix %{{.*}} : tensor<?x4xf32> {gating = #moe.gating<score = identity, renormalize = true>}
module {
  rt.weight @q1 : tensor<4x64x8xui8> = #rt.source<"m.onnx", 0, 2048, raw> : tensor<4x64x8xui8>
  rt.weight @s1 : tensor<4x64x1xf32> = #rt.source<"m.onnx", 1, 1024, raw> : tensor<4x64x1xf32>
  rt.weight @q2 : tensor<4x16x32xui8> = #rt.source<"m.onnx", 2, 2048, raw> : tensor<4x16x32xui8>
  rt.weight @s2 : tensor<4x16x2xf32> = #rt.source<"m.onnx", 3, 512, raw> : tensor<4x16x2xf32>
  func.func @main(%t: index {rt.dim = "t"}, %x: tensor<?x16xf32> {rt.name = "x", rt.shape = ["t", 16]},
                  %r: tensor<?x4xf32> {rt.name = "r", rt.shape = ["t", 4]}, %m: tensor<?x4xf32> {rt.name = "m", rt.shape = ["t", 4]}) -> tensor<?x16xf32> {
    %q1 = rt.weight_ref @q1 : tensor<4x64x8xui8>
    %s1 = rt.weight_ref @s1 : tensor<4x64x1xf32>
    %q2 = rt.weight_ref @q2 : tensor<4x16x32xui8>
    %s2 = rt.weight_ref @s2 : tensor<4x16x2xf32>
    %none = onnx.none
    %z = arith.constant dense<7> : tensor<4x64x1xui8>
    %y = onnx.node "com.microsoft::QMoE"(%x, %r, %q1, %s1, %none, %q2, %s2, %none, %none, %none, %none, %z, %none, %none, %m) {name = "/moe", node_attributes = {activation_type = "swiglu", swiglu_fusion = 1 : i64, k = 2 : i64, block_size = 16 : i64, fc2_expert_weight_bits = 8 : i64, normalize_routing_weights = 1 : i64}, version = 1 : i64}
      : (tensor<?x16xf32>, tensor<?x4xf32>, tensor<4x64x8xui8>, tensor<4x64x1xf32>, !onnx.none, tensor<4x16x32xui8>, tensor<4x16x2xf32>, !onnx.none, !onnx.none, !onnx.none, !onnx.none, tensor<4x64x1xui8>, !onnx.none, !onnx.none, tensor<?x4xf32>) -> tensor<?x16xf32>
    return %y : tensor<?x16xf32>
  }
}

// -----

// Floats of 8 bits in square blocks, which need not be full.
// CHECK: rt.weight @"/moe.gate" : tensor<4x40x16xf32> = #rt.step<dequantise[1, 32, 32], (#rt.source<"m.onnx", 0, 2560, raw> : tensor<4x40x16xf8E4M3FN>, #rt.inline<dense<5.000000e-01> : tensor<4x2x1xf32>>)> : tensor<4x40x16xf32>
// CHECK: moe.expert
module {
  rt.weight @q1 : tensor<4x40x16xf8E4M3FN> = #rt.source<"m.onnx", 0, 2560, raw> : tensor<4x40x16xf8E4M3FN>
  rt.weight @q2 : tensor<4x16x40xf8E4M3FN> = #rt.source<"m.onnx", 2, 2560, raw> : tensor<4x16x40xf8E4M3FN>
  func.func @main(%t: index {rt.dim = "t"}, %x: tensor<?x16xf32> {rt.name = "x", rt.shape = ["t", 16]},
                  %r: tensor<?x4xf32> {rt.name = "r", rt.shape = ["t", 4]}) -> tensor<?x16xf32> {
    %q1 = rt.weight_ref @q1 : tensor<4x40x16xf8E4M3FN>
    %q2 = rt.weight_ref @q2 : tensor<4x16x40xf8E4M3FN>
    %s1 = arith.constant dense<0.5> : tensor<4x2x1xf32>
    %s2 = arith.constant dense<0.5> : tensor<4x1x2xf32>
    %none = onnx.none
    %y = onnx.node "com.microsoft::QMoE"(%x, %r, %q1, %s1, %none, %q2, %s2)
      {name = "/moe", node_attributes = {activation_type = "silu", block_size = 32 : i64, k = 2 : i64, quant_type = "fp8"}, version = 1 : i64}
      : (tensor<?x16xf32>, tensor<?x4xf32>, tensor<4x40x16xf8E4M3FN>, tensor<4x2x1xf32>, !onnx.none, tensor<4x16x40xf8E4M3FN>, tensor<4x1x2xf32>) -> tensor<?x16xf32>
    return %y : tensor<?x16xf32>
  }
}
