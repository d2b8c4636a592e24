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

// A mask of booleans becomes what is added; a query that sees no key gives 0.

// CHECK: func.func @main(%[[Q:.*]]: tensor<1x2x3x8xf32> {{.*}}, %[[B:.*]]: tensor<3x3xi1>
// CHECK: %[[M:.*]] = nn.reshape %[[B]][] : tensor<3x3xi1> -> tensor<1x1x3x3xi1>
// CHECK: %[[BIAS:.*]] = linalg.generic {{.*}} ins(%[[M]] : tensor<1x1x3x3xi1>)
// CHECK: arith.select %{{.*}}, %{{.*}}, %{{.*}} : f32
// CHECK: arith.cmpi sle
// CHECK: nn.attention {{.*}} bias %[[BIAS]] {heads = 2
// CHECK: linalg.generic {{.*}} "reduction"]} ins(%[[BIAS]]
// CHECK: arith.cmpf une
// CHECK: arith.select
func.func @main(%q: tensor<1x2x3x8xf32> {rt.name = "q", rt.shape = [1, 2, 3, 8]}, %b: tensor<3x3xi1> {rt.name = "b", rt.shape = [3, 3]}) -> tensor<1x2x3x8xf32> {
  %0 = onnx.node "ai.onnx::Attention"(%q, %q, %q, %b) {node_attributes = {is_causal = 1 : i64}, version = 23 : i64}
    : (tensor<1x2x3x8xf32>, tensor<1x2x3x8xf32>, tensor<1x2x3x8xf32>, tensor<3x3xi1>) -> tensor<1x2x3x8xf32>
  return %0 : tensor<1x2x3x8xf32>
}

// -----

// Over other tokens, with values of another size: products and a softmax, in which neighbouring heads share their keys.

// CHECK: func.func @main
// CHECK: %[[S:.*]] = nn.batch_matmul %{{.*}}, %{{.*}} : tensor<1x2x6x8xf32>, tensor<1x2x8x5xf32> -> tensor<1x2x6x5xf32>
// CHECK: nn.reshape %[[S]][] : tensor<1x2x6x5xf32> -> tensor<1x4x3x5xf32>
// CHECK: math.tanh
// CHECK: %[[P:.*]] = nn.softmax %{{.*}} : tensor<1x4x3x5xf32>
// CHECK-NOT: arith.cmpf une
// CHECK: nn.batch_matmul %{{.*}}, %{{.*}} : tensor<1x2x6x5xf32>, tensor<1x2x5x4xf32> -> tensor<1x2x6x4xf32>
// CHECK: return %{{.*}}, %[[P]]
func.func @main(%q: tensor<1x4x3x8xf32> {rt.name = "q", rt.shape = [1, 4, 3, 8]}, %k: tensor<1x2x5x8xf32> {rt.name = "k", rt.shape = [1, 2, 5, 8]},
                %v: tensor<1x2x5x4xf32> {rt.name = "v", rt.shape = [1, 2, 5, 4]}) -> (tensor<1x4x3x4xf32>, tensor<1x4x3x5xf32>) {
  %0:4 = onnx.node "ai.onnx::Attention"(%q, %k, %v) {node_attributes = {qk_matmul_output_mode = 3 : i64, softcap = 2.0 : f32}, version = 23 : i64}
    : (tensor<1x4x3x8xf32>, tensor<1x2x5x8xf32>, tensor<1x2x5x4xf32>) -> (tensor<1x4x3x4xf32>, !onnx.none, !onnx.none, tensor<1x4x3x5xf32>)
  return %0#0, %0#3 : tensor<1x4x3x4xf32>, tensor<1x4x3x5xf32>
}

// -----

// Valid keys of each sequence, and windows. Keys beyond the mask are masked.

// CHECK: func.func @main
// CHECK: %[[REST:.*]] = linalg.fill {{.*}} -> tensor<1x1x3x2xf32>
// CHECK: tensor.insert_slice %[[REST]] into %{{.*}}[0, 0, 0, 3]
// CHECK: linalg.generic
// CHECK: arith.cmpi slt
// CHECK: arith.subi
// CHECK-COUNT-3: arith.cmpi sle
// CHECK: nn.softmax
// CHECK: arith.cmpf une
func.func @main(%q: tensor<2x2x3x8xf32> {rt.name = "q", rt.shape = [2, 2, 3, 8]}, %k: tensor<2x2x5x8xf32> {rt.name = "k", rt.shape = [2, 2, 5, 8]},
                %m: tensor<3x3xf32> {rt.name = "m", rt.shape = [3, 3]}, %n: tensor<2xi64> {rt.name = "n", rt.shape = [2]}) -> tensor<2x2x3x8xf32> {
  %none = onnx.none
  %0 = onnx.node "ai.onnx::Attention"(%q, %k, %k, %m, %none, %none, %n)
    {node_attributes = {is_causal = 1 : i64, left_window_size = 2 : i64, right_window_size = 1 : i64}, version = 25 : i64}
    : (tensor<2x2x3x8xf32>, tensor<2x2x5x8xf32>, tensor<2x2x5x8xf32>, tensor<3x3xf32>, !onnx.none, !onnx.none, tensor<2xi64>) -> tensor<2x2x3x8xf32>
  return %0 : tensor<2x2x3x8xf32>
}

// -----

// What it does not do.

func.func @main(%q: tensor<1x2x3x8xf32> {rt.name = "q", rt.shape = [1, 2, 3, 8]}, %c: tensor<8x4xf32> {rt.name = "c", rt.shape = [8, 4]},
                %p: tensor<1x3xi64> {rt.name = "p", rt.shape = [1, 3]}, %x: tensor<1x3x64xf32> {rt.name = "x", rt.shape = [1, 3, 64]},
                %m: tensor<3x1xf32> {rt.name = "m", rt.shape = [3, 1]}) -> (!onnx.unknown, !onnx.unknown, !onnx.unknown) {
  // expected-error @below {{ai.onnx::Attention version 23 is not supported: qk_matmul_output_mode is none of 0 to 3}}
  %0:4 = onnx.node "ai.onnx::Attention"(%q, %q, %q) {node_attributes = {qk_matmul_output_mode = 4 : i64}, version = 23 : i64}
    : (tensor<1x2x3x8xf32>, tensor<1x2x3x8xf32>, tensor<1x2x3x8xf32>) -> (!onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown)
  // expected-error @below {{ai.onnx::Attention version 24 is not supported: a mask of one column may stand for all keys, or for the first one: 'm' [3, 1]}}
  %1 = onnx.node "ai.onnx::Attention"(%q, %q, %q, %m) {version = 24 : i64} : (tensor<1x2x3x8xf32>, tensor<1x2x3x8xf32>, tensor<1x2x3x8xf32>, tensor<3x1xf32>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::RotaryEmbedding version 23 is not supported: expects a number of heads, and caches of half as many columns as are rotated}}
  %2 = onnx.node "ai.onnx::RotaryEmbedding"(%x, %c, %c, %p) {version = 23 : i64} : (tensor<1x3x64xf32>, tensor<8x4xf32>, tensor<8x4xf32>, tensor<1x3xi64>) -> !onnx.unknown
  return %0#3, %1, %2 : !onnx.unknown, !onnx.unknown, !onnx.unknown
}
