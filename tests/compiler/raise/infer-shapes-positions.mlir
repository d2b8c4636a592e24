// RUN: moe-opt %s --moe-infer-shapes --split-input-file --verify-diagnostics | FileCheck %s

// The tokens of a call stand one behind the other, so that there are no more than the shorter cache has rows; padding may be among all keys, which
// the past may have room for.

// CHECK: rt.limits = {b = 16 : i64, p = 512 : i64, s = 64 : i64, t = 512 : i64}, rt.positions = 64 : i64
func.func @main(%q: tensor<?x?x128xf32> {onnx.name = "q", onnx.dims = ["b", "s", 128]}, %pk: tensor<?x2x?x16xf32> {onnx.name = "pk", onnx.dims = ["b", 2, "p", 16]},
                %m: tensor<?x?xi64> {onnx.name = "m", onnx.dims = ["b", "t"]}, %l: tensor<?xi32> {onnx.name = "l", onnx.dims = ["b"]},
                %c: tensor<96x8xf32> {onnx.name = "c", onnx.dims = [96, 8]}, %d: tensor<64x8xf32> {onnx.name = "d", onnx.dims = [64, 8]}) -> (!onnx.unknown {onnx.name = "o", onnx.dims = [unit, unit, 64]}) {
  %one = arith.constant dense<1> : tensor<i64>
  %none = onnx.none
  %shape = onnx.node "ai.onnx::Shape"(%m) {version = 15 : i64} : (tensor<?x?xi64>) -> tensor<2xi64>
  %total = onnx.node "ai.onnx::Gather"(%shape, %one) {version = 13 : i64} : (tensor<2xi64>, tensor<i64>) -> tensor<i64>
  %total32 = onnx.node "ai.onnx::Cast"(%total) {node_attributes = {to = 6 : i64}, version = 13 : i64} : (tensor<i64>) -> tensor<i32>
  // expected-remark @below {{the limit of dimension 's' is 96, since its rotary cache has as many rows}}
  %0:3 = onnx.node "com.microsoft::GroupQueryAttention"(%q, %none, %none, %pk, %pk, %l, %total32, %c, %c) {node_attributes = {do_rotary = 1 : i64, kv_num_heads = 2 : i64, num_heads = 4 : i64}, version = 1 : i64}
    : (tensor<?x?x128xf32>, !onnx.none, !onnx.none, tensor<?x2x?x16xf32>, tensor<?x2x?x16xf32>, tensor<?xi32>, tensor<i32>, tensor<96x8xf32>, tensor<96x8xf32>) -> (!onnx.unknown, !onnx.unknown, !onnx.unknown)
  // expected-remark @below {{the limit of dimension 's' is 64, since its rotary cache has as many rows}}
  %1:3 = onnx.node "com.microsoft::GroupQueryAttention"(%q, %none, %none, %pk, %pk, %l, %total32, %c, %d) {node_attributes = {do_rotary = 1 : i64, kv_num_heads = 2 : i64, num_heads = 4 : i64}, version = 1 : i64}
    : (tensor<?x?x128xf32>, !onnx.none, !onnx.none, tensor<?x2x?x16xf32>, tensor<?x2x?x16xf32>, tensor<?xi32>, tensor<i32>, tensor<96x8xf32>, tensor<64x8xf32>) -> (!onnx.unknown, !onnx.unknown, !onnx.unknown)
  %2:3 = onnx.node "com.microsoft::GroupQueryAttention"(%q, %none, %none, %pk, %pk, %l, %total32, %c, %d) {node_attributes = {do_rotary = 1 : i64, kv_num_heads = 2 : i64, num_heads = 4 : i64}, version = 1 : i64}
    : (tensor<?x?x128xf32>, !onnx.none, !onnx.none, tensor<?x2x?x16xf32>, tensor<?x2x?x16xf32>, tensor<?xi32>, tensor<i32>, tensor<96x8xf32>, tensor<64x8xf32>) -> (!onnx.unknown, !onnx.unknown, !onnx.unknown)
  return %2#0 : !onnx.unknown
}

// -----

// Positions that are an operand may be any numbers, and without rotation the caches are not read.

// CHECK: rt.limits = {b = 16 : i64, s = 512 : i64}
// CHECK-NOT: rt.positions
func.func @main(%q: tensor<?x?x128xf32> {onnx.name = "q", onnx.dims = ["b", "s", 128]}, %l: tensor<?xi32> {onnx.name = "l", onnx.dims = ["b"]},
                %c: tensor<64x8xf32> {onnx.name = "c", onnx.dims = [64, 8]}, %p: tensor<?x?xi64> {onnx.name = "p", onnx.dims = ["b", "s"]})
    -> (!onnx.unknown {onnx.name = "o", onnx.dims = [unit, unit, 64]}, !onnx.unknown {onnx.name = "r", onnx.dims = [unit, unit, 64]}) {
  %one = arith.constant dense<1> : tensor<i64>
  %none = onnx.none
  %shape = onnx.node "ai.onnx::Shape"(%p) {version = 15 : i64} : (tensor<?x?xi64>) -> tensor<2xi64>
  %total = onnx.node "ai.onnx::Gather"(%shape, %one) {version = 13 : i64} : (tensor<2xi64>, tensor<i64>) -> tensor<i64>
  %total32 = onnx.node "ai.onnx::Cast"(%total) {node_attributes = {to = 6 : i64}, version = 13 : i64} : (tensor<i64>) -> tensor<i32>
  %0:3 = onnx.node "com.microsoft::GroupQueryAttention"(%q, %none, %none, %none, %none, %l, %total32, %c, %c, %p) {node_attributes = {do_rotary = 1 : i64, kv_num_heads = 2 : i64, num_heads = 4 : i64}, version = 1 : i64}
    : (tensor<?x?x128xf32>, !onnx.none, !onnx.none, !onnx.none, !onnx.none, tensor<?xi32>, tensor<i32>, tensor<64x8xf32>, tensor<64x8xf32>, tensor<?x?xi64>) -> (!onnx.unknown, !onnx.unknown, !onnx.unknown)
  %1:3 = onnx.node "com.microsoft::GroupQueryAttention"(%q, %none, %none, %none, %none, %l, %total32, %c, %c) {node_attributes = {do_rotary = 0 : i64, kv_num_heads = 2 : i64, num_heads = 4 : i64}, version = 1 : i64}
    : (tensor<?x?x128xf32>, !onnx.none, !onnx.none, !onnx.none, !onnx.none, tensor<?xi32>, tensor<i32>, tensor<64x8xf32>, tensor<64x8xf32>) -> (!onnx.unknown, !onnx.unknown, !onnx.unknown)
  return %0#0, %1#0 : !onnx.unknown, !onnx.unknown
}
