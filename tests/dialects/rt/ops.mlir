// RUN: moe-opt %s --verify-roundtrip | FileCheck %s

// CHECK: rt.weight @source : tensor<32x64xf32> = #rt.source<"model.onnx", 128, 8192, raw> : tensor<32x64xf32>
rt.weight @source : tensor<32x64xf32> = #rt.source<"model.onnx", 128, 8192, raw> : tensor<32x64xf32>
// CHECK: #rt.source<"model.onnx", 9000, 200, varint>
rt.weight @varints : tensor<100xi64> = #rt.source<"model.onnx", 9000, 200, varint> : tensor<100xi64>
// CHECK: rt.weight @inline : tensor<2xf32> = #rt.inline<dense<[1.000000e+00, 2.000000e+00]> : tensor<2xf32>>
rt.weight @inline : tensor<2xf32> = #rt.inline<dense<[1.0, 2.0]> : tensor<2xf32>>
// CHECK: rt.weight per_expert @stacked
// CHECK-SAME: #rt.step<stack, (#rt.step<transpose[1, 0], (#rt.source
rt.weight per_expert @stacked : tensor<2x64x32xf32> = #rt.step<stack, (
    #rt.step<transpose [1, 0], (#rt.source<"model.onnx", 0, 8192, raw> : tensor<32x64xf32>)> : tensor<64x32xf32>,
    #rt.step<reshape, (#rt.source<"w.bin", 0, 8192, raw> : tensor<32x64xf32>)> : tensor<64x32xf32>)> : tensor<2x64x32xf32>
// CHECK: #rt.step<slice[0, 1, 1, 2]
rt.weight @sliced : tensor<32x32xf32> = #rt.step<slice [0, 1, 1, 2], (#rt.source<"m", 0, 8192, raw> : tensor<32x64xf32>)> : tensor<32x32xf32>
// CHECK: #rt.step<concat[1]
rt.weight @joined : tensor<2x5xf32> = #rt.step<concat [1], (#rt.source<"m", 0, 16, raw> : tensor<2x2xf32>, #rt.source<"m", 16, 24, raw> : tensor<2x3xf32>)> : tensor<2x5xf32>
// CHECK: #rt.step<gather[0, 1, 1]
rt.weight @gathered : tensor<2x2xf32> = #rt.step<gather [0, 1, 1], (#rt.source<"m", 0, 16, raw> : tensor<2x2xf32>)> : tensor<2x2xf32>
// CHECK: #rt.step<cast, (#rt.step<broadcast
rt.weight @cast : tensor<4x2xf64> = #rt.step<cast, (#rt.step<broadcast, (#rt.source<"m", 0, 8, raw> : tensor<2xf32>)> : tensor<4x2xf32>)> : tensor<4x2xf64>
// CHECK: #rt.step<dequantise[1, 16], (#rt.step<unpack, (#rt.source
rt.weight @decoded : tensor<4x32xf32> = #rt.step<dequantise [1, 16], (
    #rt.step<unpack, (#rt.source<"m", 0, 64, raw> : tensor<4x16xui8>)> : tensor<4x32xui4>,
    #rt.source<"m", 64, 32, raw> : tensor<4x2xf32>, #rt.source<"m", 96, 8, raw> : tensor<4x2xui8>)> : tensor<4x32xf32>
// CHECK: #rt.step<pack_panels
rt.weight @packed : tensor<3x64x16xf32> = #rt.step<pack_panels, (#rt.source<"m", 0, 8704, raw> : tensor<34x64xf32>)> : tensor<3x64x16xf32>

// CHECK-LABEL: @read
func.func @read() -> tensor<32x64xf32> {
  // CHECK: rt.weight_ref @source : tensor<32x64xf32>
  %w = rt.weight_ref @source : tensor<32x64xf32>
  return %w : tensor<32x64xf32>
}

// CHECK-LABEL: @environment
func.func @environment(%x: tensor<?x64xf32>) -> tensor<?x64xf32> {
  // CHECK: rt.dim 1 "sequence_length"
  %seq = rt.dim 1 "sequence_length"
  // CHECK: rt.ranks
  %ranks = rt.ranks
  // CHECK: rt.threads
  %threads = rt.threads
  // CHECK: %[[FIRST:.*]], %[[COUNT:.*]] = rt.token_share
  %first, %count = rt.token_share %seq
  // CHECK: rt.input 0[{{.*}}] : memref<?x64xf32>
  %input = rt.input 0 [%seq] : memref<?x64xf32>
  // CHECK: rt.output 0[] : memref<4xf32>
  %output = rt.output 0 [] : memref<4xf32>
  // CHECK: rt.slot 7[{{.*}}] : memref<?xf32>
  %slot = rt.slot 7 [%seq] : memref<?xf32>
  // CHECK: rt.expert_table @stacked : tensor<2xi64>
  %table = rt.expert_table @stacked : tensor<2xi64>
  // CHECK: rt.placement 0 : tensor<8xi32>
  %owner = rt.placement 0 : tensor<8xi32>
  // CHECK: rt.reshape {{.*}} : tensor<?x64xf32> -> tensor<?x2x32xf32>
  %y = rt.reshape %x [%seq] : tensor<?x64xf32> -> tensor<?x2x32xf32>
  return %x : tensor<?x64xf32>
}

// CHECK-LABEL: @calls
func.func @calls(%a: tensor<?x64xf32>, %w: tensor<6x64x16xf32>, %o: tensor<?x96xf32>, %b: memref<?x64xf32>, %n: index) -> tensor<?x96xf32> {
  // CHECK: rt.kernel "matmul_panel_f32" ins({{.*}}) outs({{.*}}) scalars({{.*}}) {{.*}} -> tensor<?x96xf32>
  %c = rt.kernel "matmul_panel_f32" ins(%a, %w : tensor<?x64xf32>, tensor<6x64x16xf32>) outs(%o : tensor<?x96xf32>) scalars(%n)
    {present = array<i1: true, true, false>, integers = {n = 96 : i64}, floats = {}, op = "nn.matmul", layer = -1 : i64} -> tensor<?x96xf32>
  // CHECK: rt.collective "collective.all_gather_tokens"
  rt.collective "collective.all_gather_tokens" ins(%b : memref<?x64xf32>) outs(%b : memref<?x64xf32>)
    {present = array<i1: true>, integers = {}, floats = {}, op = "moe.all_gather", layer = 0 : i64, site = 3 : i64}
  // CHECK: rt.invoke 3({{.*}} : memref<?x64xf32>) scalars({{.*}})
  %status = rt.invoke 3 (%b : memref<?x64xf32>) scalars(%n) {present = array<i1: true, false>}
  return %c : tensor<?x96xf32>
}

// CHECK-LABEL: @elementary
func.func @elementary(%x: f32, %h: f16) -> (f32, f32, f16) {
  // CHECK: rt.elementary exp %{{.*}} : f32
  %0 = rt.elementary exp %x : f32
  // CHECK: rt.elementary pow %{{.*}}, %{{.*}} : f32
  %1 = rt.elementary pow %x, %0 : f32
  // CHECK: rt.elementary erf %{{.*}} : f16
  %2 = rt.elementary erf %h : f16
  return %0, %1, %2 : f32, f32, f16
}
