// RUN: moe-opt %s --split-input-file --verify-diagnostics --moe-lower-onnx | FileCheck %s

// A decoder step of columns: the past is continued, and the last key is the same for all sequences.

// CHECK: func.func @main(%[[S:.*]]: index {{.*}}, %[[P:.*]]: index
// CHECK-DAG: %[[T:.*]] = arith.addi
// CHECK: nn.attention %{{.*}}, %{{.*}}, %{{.*}} past %{{.*}}, %{{.*}} lengths %{{.*}} total %{{.*}} {heads = 4 : i64, kv_heads = 2 : i64, scale = 2.500000e-01 : f64
func.func @main(%s: index {rt.dim = "s"}, %p: index {rt.dim = "p"}, %q: tensor<2x?x64xf32> {rt.name = "q", rt.shape = [2, "s", 64]},
                %k: tensor<2x?x32xf32> {rt.name = "k", rt.shape = [2, "s", 32]}, %past: tensor<2x2x?x16xf32> {rt.name = "past", rt.shape = [2, 2, "p", 16]})
    -> (tensor<2x?x64xf32>, tensor<2x2x?x16xf32>, tensor<2x2x?x16xf32>) {
  %none = onnx.none
  %0:3 = onnx.node "ai.onnx::Attention"(%q, %k, %k, %none, %past, %past)
    {node_attributes = {is_causal = 1 : i64, kv_num_heads = 2 : i64, q_num_heads = 4 : i64, scale = 0.25 : f32}, version = 24 : i64}
    : (tensor<2x?x64xf32>, tensor<2x?x32xf32>, tensor<2x?x32xf32>, !onnx.none, tensor<2x2x?x16xf32>, tensor<2x2x?x16xf32>)
    -> (tensor<2x?x64xf32>, tensor<2x2x?x16xf32>, tensor<2x2x?x16xf32>)
  return %0#0, %0#1, %0#2 : tensor<2x?x64xf32>, tensor<2x2x?x16xf32>, tensor<2x2x?x16xf32>
}

// -----

// Heads first, with a mask that broadcasts.

// CHECK: func.func @main
// CHECK: linalg.transpose
// CHECK: nn.attention {{.*}} bias %{{.*}} {causal = 0 : i64, heads = 2 : i64, kv_heads = 2 : i64
// CHECK: linalg.transpose
func.func @main(%q: tensor<1x2x3x8xf32> {rt.name = "q", rt.shape = [1, 2, 3, 8]}, %m: tensor<1x3xf32> {rt.name = "m", rt.shape = [1, 3]}) -> tensor<1x2x3x8xf32> {
  %0 = onnx.node "ai.onnx::Attention"(%q, %q, %q, %m) {version = 23 : i64}
    : (tensor<1x2x3x8xf32>, tensor<1x2x3x8xf32>, tensor<1x2x3x8xf32>, tensor<1x3xf32>) -> tensor<1x2x3x8xf32>
  return %0 : tensor<1x2x3x8xf32>
}

// -----

// What it does not do.

func.func @main(%q: tensor<1x2x3x8xf32> {rt.name = "q", rt.shape = [1, 2, 3, 8]}, %k: tensor<1x2x5x8xf32> {rt.name = "k", rt.shape = [1, 2, 5, 8]},
                %b: tensor<3x3xi1> {rt.name = "b", rt.shape = [3, 3]}, %m: tensor<3x5xf32> {rt.name = "m", rt.shape = [3, 5]},
                %n: tensor<1xi64> {rt.name = "n", rt.shape = [1]}, %v: tensor<1x2x3x4xf32> {rt.name = "v", rt.shape = [1, 2, 3, 4]},
                %c: tensor<8x4xf32> {rt.name = "c", rt.shape = [8, 4]}, %p: tensor<1x3xi64> {rt.name = "p", rt.shape = [1, 3]},
                %x: tensor<1x3x64xf32> {rt.name = "x", rt.shape = [1, 3, 64]})
    -> (!onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown) {
  %none = onnx.none
  // expected-error @below {{ai.onnx::Attention version 23 is not supported: queries and keys must be of the same tokens: attention to other tokens is not supported}}
  %0 = onnx.node "ai.onnx::Attention"(%q, %k, %k) {version = 23 : i64} : (tensor<1x2x3x8xf32>, tensor<1x2x5x8xf32>, tensor<1x2x5x8xf32>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::Attention version 23 is not supported: a mask of booleans is not supported: a query that sees no key would be NaN and not 0}}
  %1 = onnx.node "ai.onnx::Attention"(%q, %q, %q, %b) {version = 23 : i64} : (tensor<1x2x3x8xf32>, tensor<1x2x3x8xf32>, tensor<1x2x3x8xf32>, tensor<3x3xi1>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::Attention version 23 is not supported: expects a mask that is, or broadcasts to, queries x keys}}
  %2 = onnx.node "ai.onnx::Attention"(%q, %q, %q, %m) {version = 23 : i64} : (tensor<1x2x3x8xf32>, tensor<1x2x3x8xf32>, tensor<1x2x3x8xf32>, tensor<3x5xf32>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::Attention version 24 is not supported: nonpad_kv_seqlen is not supported}}
  %3 = onnx.node "ai.onnx::Attention"(%q, %q, %q, %none, %none, %none, %n) {version = 24 : i64} : (tensor<1x2x3x8xf32>, tensor<1x2x3x8xf32>, tensor<1x2x3x8xf32>, !onnx.none, !onnx.none, !onnx.none, tensor<1xi64>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::Attention version 23 is not supported: expects numbers of heads, those of queries a multiple of those of keys, and one head size}}
  %4 = onnx.node "ai.onnx::Attention"(%q, %q, %v) {version = 23 : i64} : (tensor<1x2x3x8xf32>, tensor<1x2x3x8xf32>, tensor<1x2x3x4xf32>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::Attention version 23 is not supported: expects the past of keys and of values together, or neither}}
  %5 = onnx.node "ai.onnx::Attention"(%q, %q, %q, %none, %k) {version = 23 : i64} : (tensor<1x2x3x8xf32>, tensor<1x2x3x8xf32>, tensor<1x2x3x8xf32>, !onnx.none, tensor<1x2x5x8xf32>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::Attention version 23 is not supported: the output of the scores is not supported}}
  %6:4 = onnx.node "ai.onnx::Attention"(%q, %q, %q) {version = 23 : i64} : (tensor<1x2x3x8xf32>, tensor<1x2x3x8xf32>, tensor<1x2x3x8xf32>) -> (!onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown)
  // expected-error @below {{ai.onnx::RotaryEmbedding version 23 is not supported: expects a number of heads, and caches of half as many columns as are rotated}}
  %7 = onnx.node "ai.onnx::RotaryEmbedding"(%x, %c, %c, %p) {version = 23 : i64} : (tensor<1x3x64xf32>, tensor<8x4xf32>, tensor<8x4xf32>, tensor<1x3xi64>) -> !onnx.unknown
  return %0, %1, %2, %3, %4, %5, %6#3, %7 : !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown
}
