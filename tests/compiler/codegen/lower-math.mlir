// RUN: moe-opt %s --split-input-file --verify-diagnostics --moe-lower-math | FileCheck %s

// CHECK-LABEL: @known
func.func @known(%x: f32, %h: f16) -> (f32, f32, f32, f16) {
  // CHECK: call @moe_expf(%{{.*}}) : (f32) -> f32
  %0 = math.exp %x : f32
  // CHECK: call @moe_powf(%{{.*}}, %{{.*}}) : (f32, f32) -> f32
  %1 = math.powf %0, %x : f32
  // CHECK: math.sqrt
  %2 = math.sqrt %x : f32
  // CHECK: %[[WIDE:.*]] = arith.extf %{{.*}} : f16 to f32
  // CHECK: %[[TANH:.*]] = call @moe_tanhf(%[[WIDE]])
  // CHECK: arith.truncf %[[TANH]] : f32 to f16
  %3 = math.tanh %h : f16
  return %0, %1, %2, %3 : f32, f32, f32, f16
}
// CHECK: func.func private @moe_expf(f32) -> f32

// -----

// CHECK-LABEL: @kept
func.func @kept(%x: f32) -> f32 {
  // CHECK: %[[LOG:.*]] = call @moe_log1pf(%{{.*}}) : (f32) -> f32
  %0 = rt.elementary log1p %x : f32
  // CHECK: call @moe_powf(%{{.*}}, %[[LOG]]) : (f32, f32) -> f32
  %1 = rt.elementary pow %x, %0 : f32
  return %1 : f32
}

// -----

func.func @unknown(%x: f32, %y: f64) -> (f32, f64) {
  // expected-error @below {{has no function in the support object (kernels/support) for 'f32'}}
  %0 = math.acosh %x : f32
  // expected-error @below {{has no f64 function in the support object (kernels/support); compute it in f32}}
  %1 = math.exp %y : f64
  return %0, %1 : f32, f64
}

// -----

// A weight may be called like a function.
// CHECK: rt.weight @[[WEIGHT:[a-z_0-9]+]] : tensor<1xf32>
// CHECK: rt.weight_ref @[[WEIGHT]]
// CHECK: call @moe_expf
// CHECK: func.func private @moe_expf(f32) -> f32
rt.weight @moe_expf : tensor<1xf32> = #rt.source<"m", 0, 4, raw> : tensor<1xf32>
func.func @taken(%x: f32) -> (f32, tensor<1xf32>) {
  %w = rt.weight_ref @moe_expf : tensor<1xf32>
  %0 = math.exp %x : f32
  return %0, %w : f32, tensor<1xf32>
}
