// RUN: moe-opt %s --moe-number-sites | FileCheck %s

// CHECK: rt.sites = [
// CHECK-SAME: {floats = {}, integers = {}, kernel = "softmax_f32", layer = -1 : i64, name = "", op = "nn.softmax"}
// CHECK-SAME: {buffers = array<i64: 2, 2>, floats = {}, integers = {n = 4 : i64}, kernel = "collective.all_gather_tokens", layer = 0 : i64, name = "/layer.0/moe", op = "moe.all_gather"}]
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
    {present = array<i1: true>, integers = {n = 4}, floats = {}, op = "moe.all_gather", layer = 0 : i64} loc("/layer.0/moe"("model.onnx":1:1))
  return
}
