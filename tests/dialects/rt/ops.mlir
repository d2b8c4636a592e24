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
// CHECK: #rt.step<pack_panels
rt.weight @packed : tensor<3x64x16xf32> = #rt.step<pack_panels, (#rt.source<"m", 0, 8704, raw> : tensor<34x64xf32>)> : tensor<3x64x16xf32>

// CHECK-LABEL: @read
func.func @read() -> tensor<32x64xf32> {
  // CHECK: rt.weight_ref @source : tensor<32x64xf32>
  %w = rt.weight_ref @source : tensor<32x64xf32>
  return %w : tensor<32x64xf32>
}
