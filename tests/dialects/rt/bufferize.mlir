// RUN: moe-opt %s --split-input-file --verify-diagnostics --one-shot-bufferize | FileCheck %s

rt.weight @w : tensor<4xf32> = #rt.source<"m", 0, 16, raw> : tensor<4xf32>
rt.weight per_expert @e : tensor<2x4xf32> = #rt.source<"m", 0, 32, raw> : tensor<2x4xf32>

// A weight is read in place and never written: a kernel that overwrites it gets a buffer of its own.
// CHECK-LABEL: @weights
func.func @weights(%o: memref<4xf32>) {
  // CHECK: %[[W:.*]] = rt.weight_ref @w : memref<4xf32>
  %w = rt.weight_ref @w : tensor<4xf32>
  // CHECK: rt.expert_table @e : memref<2xi64>
  %e = rt.expert_table @e : tensor<2xi64>
  // CHECK: rt.placement 0 : memref<2xi32>
  %p = rt.placement 0 : tensor<2xi32>
  // CHECK: %[[OWN:.*]] = memref.alloc() {{.*}} : memref<4xf32>
  // CHECK: rt.kernel "softmax_f32" ins(%[[W]], %{{.*}}, %{{.*}} : memref<4xf32>, memref<2xi64>, memref<2xi32>) outs(%[[OWN]] : memref<4xf32>)
  %y = rt.kernel "softmax_f32" ins(%w, %e, %p : tensor<4xf32>, tensor<2xi64>, tensor<2xi32>) outs(%w : tensor<4xf32>)
    {present = array<i1: true, true, true>, integers = {}, floats = {}, op = "nn.softmax", layer = -1 : i64} -> tensor<4xf32>
  bufferization.materialize_in_destination %y in restrict writable %o : (tensor<4xf32>, memref<4xf32>) -> ()
  return
}

// CHECK-LABEL: @reshape
func.func @reshape(%b: memref<?x64xf32>, %n: index, %o: memref<?x2x32xf32>) {
  %x = bufferization.to_tensor %b restrict : memref<?x64xf32> to tensor<?x64xf32>
  // CHECK: memref.reinterpret_cast %{{.*}} to offset: [0], sizes: [%{{.*}}, 2, 32], strides: [64, 32, 1] : memref<?x64xf32> to memref<?x2x32xf32>
  %y = rt.reshape %x [%n] : tensor<?x64xf32> -> tensor<?x2x32xf32>
  bufferization.materialize_in_destination %y in restrict writable %o : (tensor<?x2x32xf32>, memref<?x2x32xf32>) -> ()
  return
}

// What is not contiguous is copied before it is reshaped, or before a kernel reads it with gaps in its innermost dimension.
// CHECK-LABEL: @copies
func.func @copies(%b: memref<8x64xf32>, %o: memref<32xf32>, %p: memref<8x32xf32>) {
  %x = bufferization.to_tensor %b restrict : memref<8x64xf32> to tensor<8x64xf32>
  // CHECK: memref.copy {{.*}} : memref<8x4xf32, strided<[64, 1]>> to memref<8x4xf32>
  // CHECK: memref.reinterpret_cast
  %narrow = tensor.extract_slice %x[0, 0] [8, 4] [1, 1] : tensor<8x64xf32> to tensor<8x4xf32>
  %y = rt.reshape %narrow [] : tensor<8x4xf32> -> tensor<32xf32>
  bufferization.materialize_in_destination %y in restrict writable %o : (tensor<32xf32>, memref<32xf32>) -> ()
  // CHECK: memref.copy {{.*}} : memref<8x32xf32, strided<[64, 2]>> to memref<8x32xf32>
  // CHECK: rt.kernel "softmax_f32" ins(%{{.*}} : memref<8x32xf32>)
  %gaps = tensor.extract_slice %x[0, 0] [8, 32] [1, 2] : tensor<8x64xf32> to tensor<8x32xf32>
  %empty = tensor.empty() : tensor<8x32xf32>
  %z = rt.kernel "softmax_f32" ins(%gaps : tensor<8x32xf32>) outs(%empty : tensor<8x32xf32>)
    {present = array<i1: true>, integers = {}, floats = {}, op = "nn.softmax", layer = -1 : i64} -> tensor<8x32xf32>
  bufferization.materialize_in_destination %z in restrict writable %p : (tensor<8x32xf32>, memref<8x32xf32>) -> ()
  return
}

// -----

func.func @gaps_in_output(%x: memref<8x32xf32>, %b: memref<8x64xf32>) {
  %out = memref.subview %b[0, 0] [8, 32] [1, 2] : memref<8x64xf32> to memref<8x32xf32, strided<[64, 2]>>
  %t = bufferization.to_tensor %out restrict writable : memref<8x32xf32, strided<[64, 2]>> to tensor<8x32xf32>
  %s = bufferization.to_tensor %x restrict : memref<8x32xf32> to tensor<8x32xf32>
  // expected-error @+2 {{cannot write an output whose innermost dimension is not contiguous: 'memref<8x32xf32, strided<[64, 2]>>'}}
  // expected-error @below {{failed to bufferize op}}
  %y = rt.kernel "softmax_f32" ins(%s : tensor<8x32xf32>) outs(%t : tensor<8x32xf32>)
    {present = array<i1: true>, integers = {}, floats = {}, op = "nn.softmax", layer = -1 : i64} -> tensor<8x32xf32>
  return
}

// -----

// Two outputs that are one tensor, since nothing reads them, get two buffers: the kernel may read the first after it has written the second.
// CHECK-LABEL: @unread
func.func @unread(%b: memref<4xf32>, %o: memref<4xf32>) {
  %x = bufferization.to_tensor %b restrict : memref<4xf32> to tensor<4xf32>
  // CHECK: %[[FIRST:.*]] = memref.alloc() {{.*}} : memref<4xf32>
  // CHECK: %[[SECOND:.*]] = memref.alloc() : memref<4xf32>
  // CHECK: rt.kernel "softmax_f32" ins({{.*}}) outs(%{{.*}}, %[[FIRST]], %[[SECOND]] : memref<4xf32>, memref<4xf32>, memref<4xf32>)
  %e = tensor.empty() : tensor<4xf32>
  %d = bufferization.to_tensor %o restrict writable : memref<4xf32> to tensor<4xf32>
  %y:3 = rt.kernel "softmax_f32" ins(%x : tensor<4xf32>) outs(%d, %e, %e : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>)
    {present = array<i1: true>, integers = {}, floats = {}, op = "nn.softmax", layer = -1 : i64} -> tensor<4xf32>, tensor<4xf32>, tensor<4xf32>
  bufferization.materialize_in_destination %y#0 in restrict writable %o : (tensor<4xf32>, memref<4xf32>) -> ()
  return
}
