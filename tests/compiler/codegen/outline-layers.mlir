// RUN: moe-opt %s --split-input-file --verify-diagnostics --moe-outline-layers='min-length=2' | FileCheck %s

// Two layers of equal structure: buffers and weights become arguments, what does not change is computed before, and sites are counted from
// the first one of the call.
// CHECK-LABEL: func.func @main
// CHECK: %[[A:.*]] = rt.slot 0
// CHECK: %[[B:.*]] = rt.slot 1
// CHECK: %[[W0:.*]] = rt.weight_ref @w0
// CHECK-DAG: %[[FIRST:.*]] = arith.constant 0 : index
// CHECK: call @layer_0(%[[FIRST]], %[[A]], %[[B]], %[[W0]])
// CHECK: %[[W1:.*]] = rt.weight_ref @w1
// CHECK: %[[SECOND:.*]] = arith.constant 2 : index
// CHECK: call @layer_0(%[[SECOND]], %[[A]], %[[B]], %[[W1]])
// CHECK-NEXT: return
// CHECK-LABEL: func.func private @layer_0
// CHECK-SAME: (%{{.*}}: index {rt.first_site}, %[[X:.*]]: memref<?x8xf32>, %[[Y:.*]]: memref<?x8xf32>, %[[W:.*]]: memref<8xf32>)
// CHECK-SAME: attributes {passthrough = ["noinline"]}
// CHECK: rt.kernel "softmax_f32" ins(%[[X]] : {{.*}}) outs(%[[Y]] : {{.*}}) {{.*}}layer = -1 : i64, {{.*}}site = 0 : i64
// CHECK: rt.kernel "rms_norm_f32" ins(%[[Y]], %[[W]] : {{.*}}) outs(%[[X]] : {{.*}}) {{.*}}layer = -1 : i64, {{.*}}site = 1 : i64
rt.weight @w0 : tensor<8xf32> = #rt.source<"m", 0, 32, raw> : tensor<8xf32>
rt.weight @w1 : tensor<8xf32> = #rt.source<"m", 32, 32, raw> : tensor<8xf32>
func.func @main() {
  %n = rt.dim 0 "n"
  %a = rt.slot 0 [%n] : memref<?x8xf32>
  %b = rt.slot 1 [%n] : memref<?x8xf32>
  rt.kernel "softmax_f32" ins(%a : memref<?x8xf32>) outs(%b : memref<?x8xf32>)
    {present = array<i1: true>, integers = {}, floats = {}, op = "nn.softmax", layer = 0 : i64, site = 0 : i64}
  %w0 = rt.weight_ref @w0 : memref<8xf32>
  rt.kernel "rms_norm_f32" ins(%b, %w0 : memref<?x8xf32>, memref<8xf32>) outs(%a : memref<?x8xf32>)
    {present = array<i1: true, true>, integers = {}, floats = {epsilon = 1.0e-5}, op = "nn.rms_norm", layer = 0 : i64, site = 1 : i64}
  rt.kernel "softmax_f32" ins(%a : memref<?x8xf32>) outs(%b : memref<?x8xf32>)
    {present = array<i1: true>, integers = {}, floats = {}, op = "nn.softmax", layer = 1 : i64, site = 2 : i64}
  %w1 = rt.weight_ref @w1 : memref<8xf32>
  rt.kernel "rms_norm_f32" ins(%b, %w1 : memref<?x8xf32>, memref<8xf32>) outs(%a : memref<?x8xf32>)
    {present = array<i1: true, true>, integers = {}, floats = {epsilon = 1.0e-5}, op = "nn.rms_norm", layer = 1 : i64, site = 3 : i64}
  return
}

// -----

// Layers that differ in an attribute, here epsilon, share only what is equal before it.
// CHECK-LABEL: func.func @main
// CHECK-NOT: call
func.func @main(%a: memref<?x8xf32>, %b: memref<?x8xf32>, %w: memref<8xf32>) {
  rt.kernel "softmax_f32" ins(%a : memref<?x8xf32>) outs(%b : memref<?x8xf32>)
    {present = array<i1: true>, integers = {}, floats = {}, op = "nn.softmax", layer = -1 : i64, site = 0 : i64}
  rt.kernel "rms_norm_f32" ins(%b, %w : memref<?x8xf32>, memref<8xf32>) outs(%a : memref<?x8xf32>)
    {present = array<i1: true, true>, integers = {}, floats = {epsilon = 1.0e-5}, op = "nn.rms_norm", layer = -1 : i64, site = 1 : i64}
  rt.kernel "softmax_f32" ins(%a : memref<?x8xf32>) outs(%b : memref<?x8xf32>)
    {present = array<i1: true>, integers = {}, floats = {}, op = "nn.softmax", layer = -1 : i64, site = 2 : i64}
  rt.kernel "rms_norm_f32" ins(%b, %w : memref<?x8xf32>, memref<8xf32>) outs(%a : memref<?x8xf32>)
    {present = array<i1: true, true>, integers = {}, floats = {epsilon = 1.0e-6}, op = "nn.rms_norm", layer = -1 : i64, site = 3 : i64}
  return
}

// -----

// Constants are made again in the function; loops are part of a layer, and values that a layer reads from its own steps stay inside.
// CHECK-LABEL: func.func @main
// CHECK: call @layer_0(%{{.*}}, %arg0, %arg1)
// CHECK: call @layer_0(%{{.*}}, %arg1, %arg2)
// CHECK-LABEL: func.func private @layer_0
// CHECK-SAME: (%{{.*}}: index {rt.first_site}, %[[FROM:.*]]: memref<8xf32>, %[[TO:.*]]: memref<8xf32>)
// CHECK-DAG: %[[C0:.*]] = arith.constant 0 : index
// CHECK-DAG: %[[C1:.*]] = arith.constant 1 : index
// CHECK-DAG: %[[C8:.*]] = arith.constant 8 : index
// CHECK: %[[S:.*]] = memref.load %[[FROM]][%[[C0]]]
// CHECK: scf.for %[[I:.*]] = %[[C0]] to %[[C8]] step %[[C1]]
// CHECK: memref.store %[[S]], %[[TO]][%[[I]]]
func.func @main(%a: memref<8xf32>, %b: memref<8xf32>, %c: memref<8xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %s = memref.load %a[%c0] : memref<8xf32>
  scf.for %i = %c0 to %c8 step %c1 {
    memref.store %s, %b[%i] : memref<8xf32>
  }
  %t = memref.load %b[%c0] : memref<8xf32>
  scf.for %i = %c0 to %c8 step %c1 {
    memref.store %t, %c[%i] : memref<8xf32>
  }
  return
}

// -----

// A value that is read behind the layer keeps it in place.
// CHECK-LABEL: func.func @main
// CHECK-NOT: call
func.func @main(%a: memref<8xf32>, %b: memref<8xf32>, %c: memref<8xf32>) {
  %c0 = arith.constant 0 : index
  %s = memref.load %a[%c0] : memref<8xf32>
  memref.copy %a, %b : memref<8xf32> to memref<8xf32>
  %t = memref.load %a[%c0] : memref<8xf32>
  memref.copy %a, %b : memref<8xf32> to memref<8xf32>
  memref.store %s, %c[%c0] : memref<8xf32>
  memref.store %t, %c[%c0] : memref<8xf32>
  return
}

// -----

// One operand of the first layer is two different ones in the second.
// CHECK-LABEL: func.func @main
// CHECK: call @layer_0(%{{.*}}, %arg0, %arg1, %arg0)
// CHECK: call @layer_0(%{{.*}}, %arg0, %arg1, %arg2)
// CHECK-LABEL: func.func private @layer_0
// CHECK-SAME: (%{{.*}}: index {rt.first_site}, %[[X:.*]]: memref<8xf32>, %[[Y:.*]]: memref<8xf32>, %[[Z:.*]]: memref<8xf32>)
// CHECK: memref.copy %[[X]], %[[Y]]
// CHECK: memref.copy %[[Z]], %[[Y]]
func.func @main(%a: memref<8xf32>, %b: memref<8xf32>, %c: memref<8xf32>) {
  memref.copy %a, %b : memref<8xf32> to memref<8xf32>
  memref.copy %a, %b : memref<8xf32> to memref<8xf32>
  memref.copy %a, %b : memref<8xf32> to memref<8xf32>
  memref.copy %c, %b : memref<8xf32> to memref<8xf32>
  return
}

// -----

// expected-error @below {{expects a function @main of one block}}
module {}

// -----

func.func @main(%b: memref<4xf32>) {
  // expected-error @below {{expects a site; run moe-number-sites before}}
  rt.kernel "softmax_f32" ins(%b : memref<4xf32>) outs(%b : memref<4xf32>)
    {present = array<i1: true>, integers = {}, floats = {}, op = "nn.softmax", layer = -1 : i64}
  return
}

// -----

// A kernel in a loop would keep its site in each copy of the layer.
func.func @main(%a: memref<8xf32>, %b: memref<8xf32>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.for %i = %c0 to %n step %c1 {
    // expected-error @below {{expects to stand in @main itself, not in a region of 'scf.for'}}
    rt.kernel "softmax_f32" ins(%a : memref<8xf32>) outs(%b : memref<8xf32>)
      {present = array<i1: true>, integers = {}, floats = {}, op = "nn.softmax", layer = -1 : i64, site = 0 : i64}
  }
  return
}

// -----

// Another result of an equal step is another value.
// CHECK-LABEL: func.func @main
// CHECK-NOT: call
func.func @main(%a: memref<8xf32>, %b: memref<8xf32>, %n: index) {
  %c0 = arith.constant 0 : index
  %x:2 = scf.for %i = %c0 to %n step %n iter_args(%u = %c0, %v = %n) -> (index, index) {
    memref.copy %a, %b : memref<8xf32> to memref<8xf32>
    scf.yield %v, %u : index, index
  }
  memref.dealloc %a : memref<8xf32>
  memref.prefetch %b[%x#0], read, locality<3>, data : memref<8xf32>
  %y:2 = scf.for %i = %c0 to %n step %n iter_args(%u = %c0, %v = %n) -> (index, index) {
    memref.copy %a, %b : memref<8xf32> to memref<8xf32>
    scf.yield %v, %u : index, index
  }
  memref.prefetch %b[%y#1], read, locality<3>, data : memref<8xf32>
  return
}

// -----

// Blocks need not stand in the order of their definitions: the regions below store different values.
// CHECK-LABEL: func.func @main
// CHECK-NOT: call
func.func @main(%a: memref<8xf32>, %b: memref<8xf32>, %i: index, %j: index) {
  scf.execute_region {
    cf.br ^load
  ^store:
    memref.store %x, %b[%i] : memref<8xf32>
    scf.yield
  ^load:
    %x = memref.load %a[%i] : memref<8xf32>
    %y = memref.load %a[%j] : memref<8xf32>
    cf.br ^store
  }
  memref.copy %a, %b : memref<8xf32> to memref<8xf32>
  scf.execute_region {
    cf.br ^load
  ^store:
    memref.store %y, %b[%i] : memref<8xf32>
    scf.yield
  ^load:
    %x = memref.load %a[%i] : memref<8xf32>
    %y = memref.load %a[%j] : memref<8xf32>
    cf.br ^store
  }
  memref.copy %a, %b : memref<8xf32> to memref<8xf32>
  return
}

// -----

// What has an effect is no constant: it is not made again in the function.
// CHECK-LABEL: func.func @main
// CHECK: %[[X:.*]] = call @next()
// CHECK: call @layer_0(%{{.*}}, %arg0, %[[X]], %arg1)
// CHECK: %[[Y:.*]] = call @next()
// CHECK: call @layer_0(%{{.*}}, %arg0, %[[Y]], %arg1)
// CHECK-LABEL: func.func private @layer_0
// CHECK-NOT: call
func.func private @next() -> index
func.func @main(%a: memref<8xf32>, %b: memref<8xf32>, %c: memref<8xindex>) {
  %x = call @next() : () -> index
  memref.prefetch %a[%x], read, locality<3>, data : memref<8xf32>
  memref.copy %a, %b : memref<8xf32> to memref<8xf32>
  %y = call @next() : () -> index
  memref.prefetch %a[%y], read, locality<3>, data : memref<8xf32>
  memref.copy %a, %b : memref<8xf32> to memref<8xf32>
  memref.store %x, %c[%y] : memref<8xindex>
  return
}
