// RUN: moe-opt %s --split-input-file --verify-diagnostics --moe-number-sites | FileCheck %s

// CHECK: rt.sites = [
// CHECK-SAME: {floats = {}, integers = {}, kernel = "softmax_f32", layer = -1 : i64, name = "", op = "nn.softmax"}
// CHECK-SAME: {buffers = array<i64: 2, 2>, floats = {}, integers = {}, kernel = "collective.all_gather_tokens", layer = 0 : i64, name = "/layer.0/moe", op = "moe.all_gather"}]
// CHECK-LABEL: @main
func.func @main() {
  %n = rt.dim 0 "n"
  %slot = rt.slot 2 [%n] : memref<?x1xf32>
  %b = memref.collapse_shape %slot [[0, 1]] : memref<?x1xf32> into memref<?xf32>
  // CHECK: rt.kernel "softmax_f32" {{.*}} site = 0 : i64
  rt.kernel "softmax_f32" ins(%b : memref<?xf32>) outs(%b : memref<?xf32>)
    {present = array<i1: true>, integers = {}, floats = {}, op = "nn.softmax", layer = -1 : i64}
  // CHECK: rt.collective "collective.all_gather_tokens" {{.*}} site = 1 : i64
  rt.collective "collective.all_gather_tokens" ins(%b : memref<?xf32>) outs(%b : memref<?xf32>)
    {present = array<i1: true>, integers = {}, floats = {}, op = "moe.all_gather", layer = 0 : i64} loc("/layer.0/moe"("model.onnx":1:1))
  return
}

// -----

// Calls are those of the table of kernels, and of the runtime's collectives.
func.func @main(%b: memref<?xf32>) {
  // expected-error @below {{expects a kernel of kernels/kernels.inc, but got 'soft_max'}}
  rt.kernel "soft_max" ins(%b : memref<?xf32>) outs(%b : memref<?xf32>)
    {present = array<i1: true>, integers = {}, floats = {}, op = "nn.softmax", layer = -1 : i64}
  return
}

// -----

func.func @main(%b: memref<?xf32>) {
  // expected-error @below {{of 'softmax_f32' expects 1 inputs, 1 outputs and 0 scalars, but has 2, 1 and 0}}
  rt.kernel "softmax_f32" ins(%b, %b : memref<?xf32>, memref<?xf32>) outs(%b : memref<?xf32>)
    {present = array<i1: true, true>, integers = {}, floats = {}, op = "nn.softmax", layer = -1 : i64}
  return
}

// -----

func.func @main(%b: memref<?xf32>) {
  // expected-error @below {{of 'rms_norm_f32' lacks the input 'scale', which is not optional}}
  rt.kernel "rms_norm_f32" ins(%b : memref<?xf32>) outs(%b : memref<?xf32>)
    {present = array<i1: true, false>, integers = {}, floats = {epsilon = 1.0}, op = "nn.rms_norm", layer = -1 : i64}
  return
}

// -----

func.func @main(%b: memref<?xf32>) {
  // expected-error @below {{of 'gather' expects the integers [axis], but has [axes]}}
  rt.kernel "gather" ins(%b, %b : memref<?xf32>, memref<?xf32>) outs(%b : memref<?xf32>)
    {present = array<i1: true, true>, integers = {axes = 0 : i64}, floats = {}, op = "nn.gather", layer = -1 : i64}
  return
}

// -----

func.func @main(%b: memref<?xf32>) {
  // expected-error @below {{of 'rms_norm_f32' expects the floats [epsilon], but has []}}
  rt.kernel "rms_norm_f32" ins(%b, %b : memref<?xf32>, memref<?xf32>) outs(%b : memref<?xf32>)
    {present = array<i1: true, true>, integers = {}, floats = {}, op = "nn.rms_norm", layer = -1 : i64}
  return
}

// -----

func.func @main(%b: memref<?xf32>) {
  // expected-error @below {{expects a collective of the runtime, but got 'collective.all_reduce'}}
  rt.collective "collective.all_reduce" ins(%b : memref<?xf32>) outs(%b : memref<?xf32>)
    {present = array<i1: true>, integers = {}, floats = {}, op = "moe.all_reduce", layer = 0 : i64}
  return
}

// -----

func.func @main(%b: memref<?xf32>) {
  // expected-error @below {{of 'collective.exchange_rows' expects 3 inputs, 1 outputs and 0 scalars, but has 1, 1 and 0}}
  rt.collective "collective.exchange_rows" ins(%b : memref<?xf32>) outs(%b : memref<?xf32>)
    {present = array<i1: true>, integers = {}, floats = {}, op = "moe.exchange_rows", layer = 0 : i64}
  return
}

// -----

func.func @main(%b: memref<?xf32>) {
  // expected-error @below {{of 'collective.all_gather_tokens' expects all of its inputs, but `present` says that one is absent}}
  rt.collective "collective.all_gather_tokens" ins() outs(%b : memref<?xf32>)
    {present = array<i1: false>, integers = {}, floats = {}, op = "moe.all_gather", layer = 0 : i64}
  return
}
