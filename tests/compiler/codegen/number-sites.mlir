// RUN: moe-opt %s --moe-number-sites | FileCheck %s

// CHECK-LABEL: @main
func.func @main(%b: memref<?xf32>) {
  // CHECK: rt.kernel "softmax_f32" {{.*}} site = 0 : i64
  rt.kernel "softmax_f32" ins(%b : memref<?xf32>) outs(%b : memref<?xf32>)
    {present = array<i1: true>, integers = {}, floats = {}, op = "nn.softmax", layer = -1 : i64}
  // CHECK: rt.collective "collective.all_gather_tokens" {{.*}} site = 1 : i64
  rt.collective "collective.all_gather_tokens" ins(%b : memref<?xf32>) outs(%b : memref<?xf32>)
    {present = array<i1: true>, integers = {}, floats = {}, op = "moe.all_gather", layer = 0 : i64}
  return
}
