// RUN: moe-opt %s --split-input-file --verify-diagnostics --moe-lower-invocations | FileCheck %s

// CHECK-LABEL: func.func @main() -> i32
func.func @main() {
  // CHECK: %[[ZERO:.*]] = arith.constant 0 : i32
  %b = rt.slot 0 [] : memref<4xf32>
  // CHECK: %[[STATUS:.*]] = rt.invoke 0(%{{.*}}, %{{.*}} : memref<4xf32>, memref<4xf32>) {present = array<i1: true, false, true>}
  // CHECK: %[[OK:.*]] = arith.cmpi eq, %[[STATUS]], %[[ZERO]]
  // CHECK: cf.cond_br %[[OK]], ^[[NEXT:.*]], ^[[EXIT:.*]](%[[STATUS]] : i32)
  // CHECK: ^[[NEXT]]:
  rt.kernel "softmax_f32" ins(%b : memref<4xf32>) outs(%b : memref<4xf32>)
    {present = array<i1: true, false>, integers = {}, floats = {}, op = "nn.softmax", layer = -1 : i64, site = 0 : i64}
  // CHECK: rt.invoke 1
  rt.collective "collective.all_gather_tokens" ins(%b : memref<4xf32>) outs(%b : memref<4xf32>)
    {present = array<i1: true>, integers = {}, floats = {}, op = "moe.all_gather", layer = 0 : i64, site = 1 : i64}
  // CHECK: cf.br ^[[EXIT]](%[[ZERO]] : i32)
  // CHECK: ^[[EXIT]](%[[RESULT:.*]]: i32):
  // CHECK: return %[[RESULT]]
  return
}

// -----

// A failure in an outlined layer ends the step, too; its sites are counted from the first argument on.
// CHECK-LABEL: func.func @main() -> i32
// CHECK: %[[STATUS:.*]] = call @layer_0(%{{.*}}, %{{.*}}) : (index, memref<4xf32>) -> i32
// CHECK: %[[OK:.*]] = arith.cmpi eq, %[[STATUS]], %{{.*}}
// CHECK: cf.cond_br %[[OK]], ^{{.*}}, ^{{.*}}(%[[STATUS]] : i32)
func.func @main() {
  %b = rt.slot 0 [] : memref<4xf32>
  %c7 = arith.constant 7 : index
  call @layer_0(%c7, %b) : (index, memref<4xf32>) -> ()
  return
}
// CHECK-LABEL: func.func private @layer_0
// CHECK-SAME: (%[[FIRST:.*]]: index, %{{.*}}: memref<4xf32>) -> i32
// CHECK: rt.invoke 1 from %[[FIRST]](
func.func private @layer_0(%first: index {rt.first_site}, %b: memref<4xf32>) {
  rt.kernel "softmax_f32" ins(%b : memref<4xf32>) outs(%b : memref<4xf32>)
    {present = array<i1: true>, integers = {}, floats = {}, op = "nn.softmax", layer = -1 : i64, site = 1 : i64}
  return
}

// -----

func.func @main() {
  %b = rt.slot 0 [] : memref<4xf32>
  // expected-error @below {{expects buffers and a site; run one-shot-bufferize and moe-number-sites before}}
  rt.kernel "softmax_f32" ins(%b : memref<4xf32>) outs(%b : memref<4xf32>)
    {present = array<i1: true>, integers = {}, floats = {}, op = "nn.softmax", layer = -1 : i64}
  return
}

// -----

// expected-error @below {{expects an entry that ends in a return of nothing}}
func.func @main() {
  cf.br ^end
^end:
  return
}
