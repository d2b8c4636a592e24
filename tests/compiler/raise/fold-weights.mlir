// RUN: moe-opt %s --moe-fold-weights --split-input-file | FileCheck %s

// Whatever only moves the elements of weights is a weight; shape arithmetic stays, and so does what depends on data.
// CHECK: rt.weight @{{.*}} : tensor<8x64x32xui8> = #rt.step<reshape, (#rt.step<transpose[0, 2, 1, 3], (#rt.step<reshape, (#rt.source<"m.onnx", 0
// CHECK: func.func @main(%{{.*}}: index {{.*}}, %[[X:.*]]: tensor<?x16xf32>
// CHECK-DAG: rt.weight_ref @w.transpose : tensor<16x8xf32>
// CHECK-DAG: rt.weight_ref @w.slice{{.*}} : tensor<4x16xf32>
// CHECK-DAG: rt.weight_ref @w.concat : tensor<16x16xf32>
// CHECK-DAG: rt.weight_ref @w.gather : tensor<3x16xf32>
// CHECK-DAG: rt.weight_ref @w.cast : tensor<8x16xf16>
// CHECK-DAG: rt.weight_ref @w.broadcast : tensor<2x8x16xf32>
// CHECK-NOT: "ai.onnx::Reshape"
// CHECK: onnx.node "ai.onnx::Unsqueeze"
// CHECK: onnx.node "ai.onnx::Transpose"(%[[X]])
// CHECK-NOT: onnx.node
module {
  rt.weight @q : tensor<8x64x32xui8> = #rt.source<"m.onnx", 0, 16384, raw> : tensor<8x64x32xui8>
  rt.weight @w : tensor<8x16xf32> = #rt.source<"m.onnx", 1, 512, raw> : tensor<8x16xf32>
  func.func @main(%n: index {rt.dim = "n"}, %x: tensor<?x16xf32> {rt.name = "x", rt.shape = ["n", 16]})
      -> (tensor<8x64x32xui8>, tensor<16x8xf32>, tensor<4x16xf32>, tensor<4x16xf32>, tensor<16x16xf32>, tensor<3x16xf32>, tensor<8x16xf16>, tensor<2x8x16xf32>, tensor<1x3xi64>, tensor<16x?xf32>) {
    %q = rt.weight_ref @q : tensor<8x64x32xui8>
    %w = rt.weight_ref @w : tensor<8x16xf32>
    %ids = arith.constant dense<[0, -1, 2]> : tensor<3xi64>
    %shape = arith.constant dense<[8, 2, 32, 32]> : tensor<4xi64>
    %rows = arith.constant dense<[8, 64, 32]> : tensor<3xi64>
    %wide = arith.constant dense<[2, 8, 16]> : tensor<3xi64>
    %zero = arith.constant dense<0> : tensor<1xi64>
    %halves = onnx.node "ai.onnx::Reshape"(%q, %shape) {version = 21 : i64} : (tensor<8x64x32xui8>, tensor<4xi64>) -> tensor<8x2x32x32xui8>
    %turned = onnx.node "ai.onnx::Transpose"(%halves) {node_attributes = {perm = array<i64: 0, 2, 1, 3>}, version = 21 : i64} : (tensor<8x2x32x32xui8>) -> tensor<8x32x2x32xui8>
    %a = onnx.node "ai.onnx::Reshape"(%turned, %rows) {version = 21 : i64} : (tensor<8x32x2x32xui8>, tensor<3xi64>) -> tensor<8x64x32xui8>
    %b = onnx.node "ai.onnx::Transpose"(%w) {version = 21 : i64} : (tensor<8x16xf32>) -> tensor<16x8xf32>
    %c:2 = onnx.node "ai.onnx::Split"(%w) {node_attributes = {num_outputs = 2 : i64}, version = 18 : i64} : (tensor<8x16xf32>) -> (tensor<4x16xf32>, tensor<4x16xf32>)
    %d = onnx.node "ai.onnx::Concat"(%w, %w) {node_attributes = {axis = 0 : i64}, version = 13 : i64} : (tensor<8x16xf32>, tensor<8x16xf32>) -> tensor<16x16xf32>
    %e = onnx.node "ai.onnx::Gather"(%w, %ids) {node_attributes = {axis = 0 : i64}, version = 13 : i64} : (tensor<8x16xf32>, tensor<3xi64>) -> tensor<3x16xf32>
    %f = onnx.node "ai.onnx::Cast"(%w) {node_attributes = {to = 10 : i64}, version = 13 : i64} : (tensor<8x16xf32>) -> tensor<8x16xf16>
    %g = onnx.node "ai.onnx::Expand"(%w, %wide) {version = 13 : i64} : (tensor<8x16xf32>, tensor<3xi64>) -> tensor<2x8x16xf32>
    %h = onnx.node "ai.onnx::Unsqueeze"(%ids, %zero) {version = 13 : i64} : (tensor<3xi64>, tensor<1xi64>) -> tensor<1x3xi64>
    %i = onnx.node "ai.onnx::Transpose"(%x) {version = 21 : i64} : (tensor<?x16xf32>) -> tensor<16x?xf32>
    return %a, %b, %c#0, %c#1, %d, %e, %f, %g, %h, %i : tensor<8x64x32xui8>, tensor<16x8xf32>, tensor<4x16xf32>, tensor<4x16xf32>, tensor<16x16xf32>, tensor<3x16xf32>,
      tensor<8x16xf16>, tensor<2x8x16xf32>, tensor<1x3xi64>, tensor<16x?xf32>
  }
}

// -----

// MatMulNBits: without zero points the middle of the range, with them packed alike or as floats; a bias is added. K need not fill its blocks.
// CHECK-DAG: rt.weight @q.decoded : tensor<40x8xf32> = #rt.step<transpose[1, 0], (#rt.step<dequantise[1, 16], (#rt.step<slice[0, 0, 1, 1], (#rt.step<unpack, (#rt.step<reshape, (#rt.source<"m.onnx", 0, 192, raw> : tensor<8x3x8xui8>)> : tensor<8x24xui8>)> : tensor<8x48xui4>)> : tensor<8x40xui4>, #rt.source<"m.onnx", 1, 96, raw> : tensor<8x3xf32>, #rt.step<broadcast, (#rt.inline<dense<8> : tensor<ui8>>)> : tensor<8x3xui8>)> : tensor<8x40xf32>)> : tensor<40x8xf32>
// CHECK-DAG: raw> : tensor<8x3xf32>, #rt.step<unpack, (#rt.step<reshape, (#rt.source<"m.onnx", 2, 16, raw> : tensor<16xui8>)> : tensor<8x2xui8>)> : tensor<8x3xui4>)> : tensor<8x40xf32>
// CHECK-DAG: raw> : tensor<8x3xf32>, #rt.step<reshape, (#rt.source<"m.onnx", 3, 96, raw> : tensor<24xf32>)> : tensor<8x3xf32>)> : tensor<8x40xf32>
// CHECK: func.func @main(%{{.*}}: index {{.*}}, %[[X:.*]]: tensor<?x40xf32>
// CHECK: %[[W:.*]] = rt.weight_ref @q.decoded : tensor<40x8xf32>
// CHECK: %[[A:.*]] = onnx.node "ai.onnx::MatMul"(%[[X]], %[[W]]) {name = "/a", version = 13 : i64} : (tensor<?x40xf32>, tensor<40x8xf32>) -> tensor<?x8xf32>
// CHECK: onnx.node "ai.onnx::MatMul"
// CHECK: %[[P:.*]] = onnx.node "ai.onnx::MatMul"
// CHECK: onnx.node "ai.onnx::Add"(%[[P]], %{{.*}})
// CHECK-NOT: MatMulNBits
module {
  rt.weight @q : tensor<8x3x8xui8> = #rt.source<"m.onnx", 0, 192, raw> : tensor<8x3x8xui8>
  rt.weight @s : tensor<8x3xf32> = #rt.source<"m.onnx", 1, 96, raw> : tensor<8x3xf32>
  rt.weight @z : tensor<16xui8> = #rt.source<"m.onnx", 2, 16, raw> : tensor<16xui8>
  rt.weight @f : tensor<24xf32> = #rt.source<"m.onnx", 3, 96, raw> : tensor<24xf32>
  func.func @main(%n: index {rt.dim = "n"}, %x: tensor<?x40xf32> {rt.name = "x", rt.shape = ["n", 40]}) -> (tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>) {
    %q = rt.weight_ref @q : tensor<8x3x8xui8>
    %s = rt.weight_ref @s : tensor<8x3xf32>
    %z = rt.weight_ref @z : tensor<16xui8>
    %f = rt.weight_ref @f : tensor<24xf32>
    %bias = arith.constant dense<1.0> : tensor<8xf32>
    %none = onnx.none
    %a = onnx.node "com.microsoft::MatMulNBits"(%x, %q, %s) {name = "/a", node_attributes = {K = 40 : i64, N = 8 : i64, bits = 4 : i64, block_size = 16 : i64}, version = 1 : i64}
      : (tensor<?x40xf32>, tensor<8x3x8xui8>, tensor<8x3xf32>) -> tensor<?x8xf32>
    %b = onnx.node "com.microsoft::MatMulNBits"(%x, %q, %s, %z) {name = "/b", node_attributes = {K = 40 : i64, N = 8 : i64, accuracy_level = 4 : i64, block_size = 16 : i64}, version = 1 : i64}
      : (tensor<?x40xf32>, tensor<8x3x8xui8>, tensor<8x3xf32>, tensor<16xui8>) -> tensor<?x8xf32>
    %c = onnx.node "com.microsoft::MatMulNBits"(%x, %q, %s, %f, %none, %bias) {name = "/c", node_attributes = {K = 40 : i64, N = 8 : i64, block_size = 16 : i64}, version = 1 : i64}
      : (tensor<?x40xf32>, tensor<8x3x8xui8>, tensor<8x3xf32>, tensor<24xf32>, !onnx.none, tensor<8xf32>) -> tensor<?x8xf32>
    return %a, %b, %c : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>
  }
}

// -----

// Tables: bytes have a middle, i4 has 0. The table and a product over the same bytes are decoded by one recipe.
// CHECK-DAG: rt.weight @t.decoded : tensor<96x32xf32> = #rt.step<dequantise[1, 32], (#rt.step<unpack, (#rt.source<"m.onnx", 0, 1536, raw> : tensor<96x16xui8>)> : tensor<96x32xui4>, #rt.source<"m.onnx", 1, 384, raw> : tensor<96x1xf32>, #rt.step<broadcast
// CHECK-DAG: rt.weight @{{.*}} : tensor<32x96xf32> = #rt.step<transpose[1, 0], (#rt.step<dequantise[1, 32], (#rt.step<unpack, (#rt.source<"m.onnx", 0, 1536, raw>
// CHECK-DAG: rt.weight @i.decoded : tensor<16x6xf32> = #rt.step<dequantise[16, 1], (#rt.source<"m.onnx", 2, 48, raw> : tensor<16x6xi4>, #rt.source<"m.onnx", 3, 24, raw> : tensor<1x6xf32>)> : tensor<16x6xf32>
// CHECK: onnx.node "ai.onnx::Gather"(%{{.*}}, %{{.*}}) {name = "/t", node_attributes = {axis = 0 : i64}, version = 13 : i64} : (tensor<96x32xf32>, tensor<?xi64>) -> tensor<?x32xf32>
// CHECK: onnx.node "ai.onnx::Gather"(%{{.*}}, %{{.*}}) {name = "/i", node_attributes = {axis = 1 : i64}, version = 13 : i64} : (tensor<16x6xf32>, tensor<?xi64>) -> tensor<16x?xf32>
// CHECK: onnx.node "ai.onnx::MatMul"
module {
  rt.weight @t : tensor<96x16xui8> = #rt.source<"m.onnx", 0, 1536, raw> : tensor<96x16xui8>
  rt.weight @s : tensor<96x1xf32> = #rt.source<"m.onnx", 1, 384, raw> : tensor<96x1xf32>
  rt.weight @i : tensor<16x6xi4> = #rt.source<"m.onnx", 2, 48, raw> : tensor<16x6xi4>
  rt.weight @c : tensor<1x6xf32> = #rt.source<"m.onnx", 3, 24, raw> : tensor<1x6xf32>
  func.func @main(%n: index {rt.dim = "n"}, %ids: tensor<?xi64> {rt.name = "ids", rt.shape = ["n"]}) -> (tensor<?x96xf32>, tensor<16x?xf32>) {
    %t = rt.weight_ref @t : tensor<96x16xui8>
    %s = rt.weight_ref @s : tensor<96x1xf32>
    %i = rt.weight_ref @i : tensor<16x6xi4>
    %c = rt.weight_ref @c : tensor<1x6xf32>
    %shape = arith.constant dense<[96, 1, 16]> : tensor<3xi64>
    %y = onnx.node "com.microsoft::GatherBlockQuantized"(%t, %ids, %s) {name = "/t", node_attributes = {bits = 4 : i64, block_size = 32 : i64}, version = 1 : i64}
      : (tensor<96x16xui8>, tensor<?xi64>, tensor<96x1xf32>) -> tensor<?x32xf32>
    %z = onnx.node "com.microsoft::GatherBlockQuantized"(%i, %ids, %c) {name = "/i", node_attributes = {block_size = 16 : i64, gather_axis = -1 : i64, quantize_axis = 0 : i64}, version = 1 : i64}
      : (tensor<16x6xi4>, tensor<?xi64>, tensor<1x6xf32>) -> tensor<16x?xf32>
    %r = onnx.node "ai.onnx::Reshape"(%t, %shape) {version = 21 : i64} : (tensor<96x16xui8>, tensor<3xi64>) -> tensor<96x1x16xui8>
    %l = onnx.node "com.microsoft::MatMulNBits"(%y, %r, %s) {name = "/l", node_attributes = {K = 32 : i64, N = 96 : i64, block_size = 32 : i64}, version = 1 : i64}
      : (tensor<?x32xf32>, tensor<96x1x16xui8>, tensor<96x1xf32>) -> tensor<?x96xf32>
    return %l, %z : tensor<?x96xf32>, tensor<16x?xf32>
  }
}

// -----

// DequantizeLinear: one scale, one for each index of the axis, one for each block.
// CHECK-DAG: : tensor<4x6xf32> = #rt.step<dequantise[4, 6], (#rt.source<"m.onnx", 0, 24, raw> : tensor<4x6xi8>, #rt.step<reshape, (#rt.inline<dense<5.000000e-01> : tensor<f32>>)> : tensor<1x1xf32>)> : tensor<4x6xf32>
// CHECK-DAG: : tensor<4x6xf32> = #rt.step<dequantise[1, 6], (#rt.source<"m.onnx", 0, 24, raw> : tensor<4x6xi8>, {{.*}}tensor<4x1xf32>{{.*}}, {{.*}}tensor<4x1xi8>
// CHECK-DAG: : tensor<4x6xf16> = #rt.step<cast, (#rt.step<dequantise[1, 4], (#rt.source<"m.onnx", 0, 24, raw> : tensor<4x6xi8>, #rt.source<"m.onnx", 24, 16, raw> : tensor<4x2xf16>)> : tensor<4x6xf32>)> : tensor<4x6xf16>
// CHECK-DAG: : tensor<4x6xf32> = #rt.step<dequantise[1, 6], (#rt.source<"m.onnx", 0, 24, raw> : tensor<4x6xf8E4M3FN>
// CHECK-NOT: onnx.node
module {
  rt.weight @w : tensor<4x6xi8> = #rt.source<"m.onnx", 0, 24, raw> : tensor<4x6xi8>
  rt.weight @e : tensor<4x6xf8E4M3FN> = #rt.source<"m.onnx", 0, 24, raw> : tensor<4x6xf8E4M3FN>
  rt.weight @b : tensor<4x2xf16> = #rt.source<"m.onnx", 24, 16, raw> : tensor<4x2xf16>
  func.func @main() -> (tensor<4x6xf32>, tensor<4x6xf32>, tensor<4x6xf16>, tensor<4x6xf32>) {
    %w = rt.weight_ref @w : tensor<4x6xi8>
    %e = rt.weight_ref @e : tensor<4x6xf8E4M3FN>
    %b = rt.weight_ref @b : tensor<4x2xf16>
    %one = arith.constant dense<0.5> : tensor<f32>
    %rows = arith.constant dense<[0.5, 1.0, 2.0, -4.0]> : tensor<4xf32>
    %zeros = arith.constant dense<[1, 2, 3, -4]> : tensor<4xi8>
    %x = onnx.node "ai.onnx::DequantizeLinear"(%w, %one) {name = "/x", version = 21 : i64} : (tensor<4x6xi8>, tensor<f32>) -> tensor<4x6xf32>
    %y = onnx.node "ai.onnx::DequantizeLinear"(%w, %rows, %zeros) {name = "/y", node_attributes = {axis = -2 : i64}, version = 21 : i64} : (tensor<4x6xi8>, tensor<4xf32>, tensor<4xi8>) -> tensor<4x6xf32>
    %z = onnx.node "ai.onnx::DequantizeLinear"(%w, %b) {name = "/z", node_attributes = {axis = 1 : i64, block_size = 4 : i64}, version = 21 : i64} : (tensor<4x6xi8>, tensor<4x2xf16>) -> tensor<4x6xf16>
    %v = onnx.node "ai.onnx::DequantizeLinear"(%e, %rows) {name = "/v", node_attributes = {axis = 0 : i64}, version = 21 : i64} : (tensor<4x6xf8E4M3FN>, tensor<4xf32>) -> tensor<4x6xf32>
    return %x, %y, %z, %v : tensor<4x6xf32>, tensor<4x6xf32>, tensor<4x6xf16>, tensor<4x6xf32>
  }
}

// -----

// Products with floats of 8 and 4 bits; the scales of the latter are bytes of the file, and there is one for all.
// CHECK-DAG: rt.weight @b8.decoded : tensor<40x8xf32> = #rt.step<transpose[1, 0], (#rt.step<dequantise[1, 16], (#rt.source<"m.onnx", 0, 320, raw> : tensor<8x40xf8E4M3FN>, #rt.source<"m.onnx", 1, 96, raw> : tensor<8x3xf32>)> : tensor<8x40xf32>)> : tensor<40x8xf32>
// CHECK-DAG: rt.weight @b4.decoded : tensor<40x8xf32> = #rt.step<transpose[1, 0], (#rt.step<dequantise[8, 40], (#rt.step<dequantise[1, 16], (#rt.step<unpack, (#rt.source<"m.onnx", 2, 160, raw> : tensor<8x20xui8>)> : tensor<8x40xf4E2M1FN>, #rt.source<"m.onnx", 3, 24, raw> : tensor<8x3xf8E4M3FN>)> : tensor<8x40xf32>, {{.*}}
// CHECK: onnx.node "ai.onnx::MatMul"
// CHECK: onnx.node "ai.onnx::Add"
// CHECK: onnx.node "ai.onnx::MatMul"
// CHECK-NOT: MatMulBlockQuantized
module {
  rt.weight @b8 : tensor<8x40xf8E4M3FN> = #rt.source<"m.onnx", 0, 320, raw> : tensor<8x40xf8E4M3FN>
  rt.weight @s8 : tensor<8x3xf32> = #rt.source<"m.onnx", 1, 96, raw> : tensor<8x3xf32>
  rt.weight @b4 : tensor<8x20xui8> = #rt.source<"m.onnx", 2, 160, raw> : tensor<8x20xui8>
  rt.weight @s4 : tensor<8x3xui8> = #rt.source<"m.onnx", 3, 24, raw> : tensor<8x3xui8>
  func.func @main(%n: index {rt.dim = "n"}, %x: tensor<?x40xf32> {rt.name = "x", rt.shape = ["n", 40]}) -> (tensor<?x8xf32>, tensor<?x8xf32>) {
    %b8 = rt.weight_ref @b8 : tensor<8x40xf8E4M3FN>
    %s8 = rt.weight_ref @s8 : tensor<8x3xf32>
    %b4 = rt.weight_ref @b4 : tensor<8x20xui8>
    %s4 = rt.weight_ref @s4 : tensor<8x3xui8>
    %g = arith.constant dense<0.5> : tensor<f32>
    %bias = arith.constant dense<1.0> : tensor<8xf32>
    %none = onnx.none
    %a = onnx.node "com.microsoft::MatMulBlockQuantizedFp8Weight"(%x, %b8, %s8, %none, %bias) {name = "/a", node_attributes = {block_size = 16 : i64}, version = 1 : i64}
      : (tensor<?x40xf32>, tensor<8x40xf8E4M3FN>, tensor<8x3xf32>, !onnx.none, tensor<8xf32>) -> tensor<?x8xf32>
    %b = onnx.node "com.microsoft::MatMulBlockQuantizedFp4Weight"(%x, %b4, %s4, %g) {name = "/b", version = 1 : i64}
      : (tensor<?x40xf32>, tensor<8x20xui8>, tensor<8x3xui8>, tensor<f32>) -> tensor<?x8xf32>
    return %a, %b : tensor<?x8xf32>, tensor<?x8xf32>
  }
}
