// Experts in floats of four bits: a scale for every block, and one for every expert.
// RUN: moe-opt %s --moe-raise-fused --split-input-file 2>&1 | FileCheck %s

// Bytes along the inputs.
// CHECK: rt.weight @"/moe.gate" : tensor<2x64x32xf32> = #rt.step<dequantise[1, 64, 32], (#rt.step<dequantise[1, 1, 32], (#rt.step<unpack, (#rt.source<"m.onnx", 0, 2048, raw> : tensor<2x64x16xui8>)> : tensor<2x64x32xf4E2M1FN>, #rt.source<"m.onnx", 2048, 128, raw> : tensor<2x64x1xf8E8M0FNU>)> : tensor<2x64x32xf32>, #rt.step<reshape, (#rt.inline<dense<[5.000000e-01, 2.000000e+00]> : tensor<2xf32>>)> : tensor<2x1x1xf32>)> : tensor<2x64x32xf32>
// CHECK: moe.expert
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
    %y = onnx.node "com.microsoft::QMoE"(%x, %r, %q1, %s1, %none, %q2, %s2, %none, %none, %none, %none, %none, %none, %none, %none, %g, %g)
      {name = "/moe", node_attributes = {activation_type = "silu", k = 1 : i64, quant_type = "fp4"}, version = 1 : i64}
      : (tensor<?x32xf32>, tensor<?x2xf32>, tensor<2x64x16xui8>, tensor<2x64x1xf8E8M0FNU>, !onnx.none, tensor<2x32x32xui8>, tensor<2x32x2xf8E8M0FNU>, !onnx.none, !onnx.none, !onnx.none, !onnx.none, !onnx.none, !onnx.none, !onnx.none, !onnx.none, tensor<2xf32>, tensor<2xf32>) -> tensor<?x32xf32>
    return %y : tensor<?x32xf32>
  }
}

// -----

// Bytes along the outputs, blocks of sixteen.
// CHECK: rt.weight @"/moe.down" : tensor<2x32x48xf32> = #rt.step<dequantise[1, 32, 48], (#rt.step<dequantise[1, 1, 16], (#rt.step<transpose[0, 2, 1], (#rt.step<unpack, ({{.*}}tensor<2x48x16xui8>)> : tensor<2x48x32xf4E2M1FN>)> : tensor<2x32x48xf4E2M1FN>, {{.*}} : tensor<2x32x3xf8E4M3FN>)>
// CHECK: moe.expert
module {
  rt.weight @q1 : tensor<2x32x24xui8> = #rt.source<"m.onnx", 0, 1536, raw> : tensor<2x32x24xui8>
  rt.weight @s1 : tensor<2x48x2xf8E4M3FN> = #rt.source<"m.onnx", 1536, 192, raw> : tensor<2x48x2xf8E4M3FN>
  rt.weight @q2 : tensor<2x48x16xui8> = #rt.source<"m.onnx", 1728, 1536, raw> : tensor<2x48x16xui8>
  rt.weight @s2 : tensor<2x32x3xf8E4M3FN> = #rt.source<"m.onnx", 3264, 192, raw> : tensor<2x32x3xf8E4M3FN>
  func.func @main(%t: index {rt.dim = "t"}, %x: tensor<?x32xf32> {rt.name = "x", rt.shape = ["t", 32]},
                  %r: tensor<?x2xf32> {rt.name = "r", rt.shape = ["t", 2]}) -> tensor<?x32xf32> {
    %q1 = rt.weight_ref @q1 : tensor<2x32x24xui8>
    %s1 = rt.weight_ref @s1 : tensor<2x48x2xf8E4M3FN>
    %q2 = rt.weight_ref @q2 : tensor<2x48x16xui8>
    %s2 = rt.weight_ref @s2 : tensor<2x32x3xf8E4M3FN>
    %g = arith.constant dense<[0.5, 2.0]> : tensor<2xf32>
    %none = onnx.none
    %y = onnx.node "com.microsoft::QMoE"(%x, %r, %q1, %s1, %none, %q2, %s2, %none, %none, %none, %none, %none, %none, %none, %none, %g, %g)
      {name = "/moe", node_attributes = {activation_type = "silu", k = 1 : i64, quant_type = "nvfp4", block_size = 16 : i64}, version = 1 : i64}
      : (tensor<?x32xf32>, tensor<?x2xf32>, tensor<2x32x24xui8>, tensor<2x48x2xf8E4M3FN>, !onnx.none, tensor<2x48x16xui8>, tensor<2x32x3xf8E4M3FN>, !onnx.none, !onnx.none, !onnx.none, !onnx.none, !onnx.none, !onnx.none, !onnx.none, !onnx.none, tensor<2xf32>, tensor<2xf32>) -> tensor<?x32xf32>
    return %y : tensor<?x32xf32>
  }
}

// -----

// Scales that the file has as bytes.
// CHECK: rt.weight @"/moe.gate" {{.*}} #rt.source<"m.onnx", 2048, 128, raw> : tensor<2x64x1xf8E8M0FNU>)
// CHECK: moe.expert
module {
  rt.weight @q1 : tensor<2x64x16xui8> = #rt.source<"m.onnx", 0, 2048, raw> : tensor<2x64x16xui8>
  rt.weight @s1 : tensor<2x64x1xui8> = #rt.source<"m.onnx", 2048, 128, raw> : tensor<2x64x1xui8>
  rt.weight @q2 : tensor<2x32x32xui8> = #rt.source<"m.onnx", 2176, 2048, raw> : tensor<2x32x32xui8>
  rt.weight @s2 : tensor<2x32x2xui8> = #rt.source<"m.onnx", 4224, 128, raw> : tensor<2x32x2xui8>
  func.func @main(%t: index {rt.dim = "t"}, %x: tensor<?x32xf32> {rt.name = "x", rt.shape = ["t", 32]},
                  %r: tensor<?x2xf32> {rt.name = "r", rt.shape = ["t", 2]}) -> tensor<?x32xf32> {
    %q1 = rt.weight_ref @q1 : tensor<2x64x16xui8>
    %s1 = rt.weight_ref @s1 : tensor<2x64x1xui8>
    %q2 = rt.weight_ref @q2 : tensor<2x32x32xui8>
    %s2 = rt.weight_ref @s2 : tensor<2x32x2xui8>
    %g = arith.constant dense<[0.5, 2.0]> : tensor<2xf32>
    %none = onnx.none
    %y = onnx.node "com.microsoft::QMoE"(%x, %r, %q1, %s1, %none, %q2, %s2, %none, %none, %none, %none, %none, %none, %none, %none, %g, %g)
      {name = "/moe", node_attributes = {activation_type = "silu", k = 1 : i64, quant_type = "fp4"}, version = 1 : i64}
      : (tensor<?x32xf32>, tensor<?x2xf32>, tensor<2x64x16xui8>, tensor<2x64x1xui8>, !onnx.none, tensor<2x32x32xui8>, tensor<2x32x2xui8>, !onnx.none, !onnx.none, !onnx.none, !onnx.none, !onnx.none, !onnx.none, !onnx.none, !onnx.none, tensor<2xf32>, tensor<2xf32>) -> tensor<?x32xf32>
    return %y : tensor<?x32xf32>
  }
}
