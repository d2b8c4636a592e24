// RUN: moe-opt %s --moe-keep-elementary --canonicalize | FileCheck %s

// Functions of constants stay, too: their bits are those of the support object, not of the C library here.
// CHECK-LABEL: @functions
// CHECK: %[[ONE:.*]] = arith.constant 1.500000e+00 : f32
func.func @functions(%x: f32, %v: tensor<4xf32>) -> (f32, f32, f32, f32, f32, f32, f32, f32, f32, f32, tensor<4xf32>) {
  %c = arith.constant 1.5 : f32
  // CHECK: rt.elementary exp %[[ONE]] : f32
  %0 = math.exp %c : f32
  // CHECK: rt.elementary expm1 %[[ONE]]
  %1 = math.expm1 %c : f32
  // CHECK: rt.elementary log %[[ONE]]
  %2 = math.log %c : f32
  // CHECK: rt.elementary log1p %[[ONE]]
  %3 = math.log1p %c : f32
  // CHECK: rt.elementary tanh %[[ONE]]
  %4 = math.tanh %c : f32
  // CHECK: rt.elementary erf %[[ONE]]
  %5 = math.erf %c : f32
  // CHECK: rt.elementary sin %[[ONE]]
  %6 = math.sin %c : f32
  // CHECK: rt.elementary cos %[[ONE]]
  %7 = math.cos %c : f32
  // CHECK: rt.elementary pow %[[ONE]], %[[ONE]] : f32
  %8 = math.powf %c, %c : f32
  // Square roots are exact everywhere, and tensors have no scalar function.
  // CHECK: math.sqrt %arg0
  %9 = math.sqrt %x : f32
  // CHECK: math.exp %arg1 : tensor<4xf32>
  %10 = math.exp %v : tensor<4xf32>
  return %0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10 : f32, f32, f32, f32, f32, f32, f32, f32, f32, f32, tensor<4xf32>
}
