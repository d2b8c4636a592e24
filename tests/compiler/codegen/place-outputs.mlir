// RUN: moe-opt %s --split-input-file --moe-place-outputs | FileCheck %s

// A buffer that is copied to an output is that output; one that is copied to two is the first of them.
// CHECK-LABEL: @main
func.func @main() {
  %n = rt.dim 0 "n"
  // CHECK: %[[N:.*]] = rt.dim
  // CHECK: %[[A:.*]] = rt.output 0[%[[N]]] : memref<?x4xf32>
  // CHECK-NOT: memref.alloc
  %a = memref.alloc(%n) : memref<?x4xf32>
  // CHECK: rt.kernel "softmax_f32" ins(%[[A]] : {{.*}}) outs(%[[A]] : {{.*}})
  rt.kernel "softmax_f32" ins(%a : memref<?x4xf32>) outs(%a : memref<?x4xf32>)
    {present = array<i1: true>, integers = {}, floats = {}, op = "nn.softmax", layer = -1 : i64}
  %first = rt.output 0 [%n] : memref<?x4xf32>
  memref.copy %a, %first : memref<?x4xf32> to memref<?x4xf32>
  // CHECK: %[[B:.*]] = rt.output 1
  // CHECK-NEXT: memref.copy %[[A]], %[[B]]
  // CHECK-NEXT: return
  %second = rt.output 1 [%n] : memref<?x4xf32>
  memref.copy %a, %second : memref<?x4xf32> to memref<?x4xf32>
  return
}

// -----

// An input, and a view of another shape, are copied.
// CHECK-LABEL: @main
func.func @main() {
  %n = rt.dim 0 "n"
  %x = rt.input 0 [%n] : memref<?x4xf32>
  // CHECK: memref.alloc() : memref<8xf32>
  %a = memref.alloc() : memref<8xf32>
  rt.kernel "softmax_f32" ins(%x : memref<?x4xf32>) outs(%x : memref<?x4xf32>)
    {present = array<i1: true>, integers = {}, floats = {}, op = "nn.softmax", layer = -1 : i64}
  %view = memref.expand_shape %a [[0, 1]] output_shape [2, 4] : memref<8xf32> into memref<2x4xf32>
  // CHECK-COUNT-2: memref.copy
  %first = rt.output 0 [%n] : memref<?x4xf32>
  memref.copy %x, %first : memref<?x4xf32> to memref<?x4xf32>
  %second = rt.output 1 [] : memref<2x4xf32>
  memref.copy %view, %second : memref<2x4xf32> to memref<2x4xf32>
  return
}

// -----

// What is written behind the copy must not reach the output.
// CHECK-LABEL: @main
func.func @main() {
  // CHECK: memref.alloc
  %a = memref.alloc() : memref<2x4xf32>
  %first = rt.output 0 [] : memref<2x4xf32>
  // CHECK: memref.copy
  memref.copy %a, %first : memref<2x4xf32> to memref<2x4xf32>
  rt.kernel "softmax_f32" ins(%a : memref<2x4xf32>) outs(%a : memref<2x4xf32>)
    {present = array<i1: true>, integers = {}, floats = {}, op = "nn.softmax", layer = -1 : i64}
  return
}

// -----

// The buffers of a collective are slots of the arena.
// CHECK-LABEL: @main
func.func @main() {
  %n = rt.dim 0 "n"
  // CHECK: memref.alloc(%{{.*}}) : memref<?x4xf32>
  // CHECK: memref.alloc(%{{.*}}) : memref<?x4xf32>
  %local = memref.alloc(%n) : memref<?x4xf32>
  %all = memref.alloc(%n) : memref<?x4xf32>
  rt.collective "collective.all_gather_tokens" ins(%local : memref<?x4xf32>) outs(%all : memref<?x4xf32>)
    {present = array<i1: true>, integers = {}, floats = {}, op = "moe.all_gather", layer = 0 : i64}
  %first = rt.output 0 [%n] : memref<?x4xf32>
  // CHECK: memref.copy
  memref.copy %all, %first : memref<?x4xf32> to memref<?x4xf32>
  return
}
