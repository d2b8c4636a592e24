// RUN: moe-opt %s --split-input-file --verify-diagnostics --moe-lower-onnx | FileCheck %s

// Self attention: a bias in three parts, a length of each sequence, and what is added to the scores.

// CHECK: func.func @main(%[[X:.*]]: tensor<2x3x32xf32>
// CHECK: %[[PAD:.*]] = linalg.generic {{.*}} ins(%{{.*}} : tensor<2x1x1x1xi32>)
// CHECK: arith.cmpi slt
// CHECK: arith.select %{{.*}}, %{{.*}}, %{{.*}} : f32
// CHECK: %[[MASK:.*]] = linalg.generic {{.*}} ins(%[[PAD]], %{{.*}} : tensor<2x1x1x3xf32>, tensor<1x4x3x3xf32>)
// CHECK-COUNT-3: tensor.extract_slice %{{.*}} [32] [1] : tensor<96xf32> to tensor<32xf32>
// CHECK: %[[BIAS:.*]] = linalg.generic {{.*}} ins(%[[MASK]] : tensor<2x4x3x3xf32>)
// CHECK: nn.attention {{.*}} bias %[[BIAS]] {heads = 4 : i64, kv_heads = 4 : i64, scale = 5.000000e-01 : f64}
func.func @main(%x: tensor<2x3x32xf32> {rt.name = "x", rt.shape = [2, 3, 32]}, %b: tensor<96xf32> {rt.name = "b", rt.shape = [96]},
                %n: tensor<2xi32> {rt.name = "n", rt.shape = [2]}, %a: tensor<1x4x3x3xf32> {rt.name = "a", rt.shape = [1, 4, 3, 3]}) -> tensor<2x3x32xf32> {
  %0 = onnx.node "com.microsoft::MultiHeadAttention"(%x, %x, %x, %b, %n, %a) {node_attributes = {num_heads = 4 : i64, scale = 0.5 : f32, unidirectional = 1 : i64}, version = 1 : i64}
    : (tensor<2x3x32xf32>, tensor<2x3x32xf32>, tensor<2x3x32xf32>, tensor<96xf32>, tensor<2xi32>, tensor<1x4x3x3xf32>) -> tensor<2x3x32xf32>
  return %0 : tensor<2x3x32xf32>
}

// -----

// Cross attention: keys and values with their heads first, a mask of all keys.

// CHECK: func.func @main
// CHECK: nn.batch_matmul
// CHECK: nn.softmax %{{.*}} : tensor<1x4x3x5xf32>
// CHECK-NOT: arith.cmpf une
// CHECK: nn.batch_matmul
func.func @main(%x: tensor<1x3x32xf32> {rt.name = "x", rt.shape = [1, 3, 32]}, %k: tensor<1x4x5x8xf32> {rt.name = "k", rt.shape = [1, 4, 5, 8]},
                %m: tensor<1x5xi32> {rt.name = "m", rt.shape = [1, 5]}) -> tensor<1x3x32xf32> {
  %none = onnx.none
  %0 = onnx.node "com.microsoft::MultiHeadAttention"(%x, %k, %k, %none, %m) {node_attributes = {num_heads = 4 : i64}, version = 1 : i64}
    : (tensor<1x3x32xf32>, tensor<1x4x5x8xf32>, tensor<1x4x5x8xf32>, !onnx.none, tensor<1x5xi32>) -> tensor<1x3x32xf32>
  return %0 : tensor<1x3x32xf32>
}

// -----

// Queries, keys and values in one operand.

// CHECK: func.func @main
// CHECK: tensor.extract_slice %{{.*}}[0, 0, 0, 0, 0] [1, 3, 4, 1, 8]
// CHECK: tensor.extract_slice %{{.*}}[0, 0, 0, 1, 0] [1, 3, 4, 1, 8]
// CHECK: tensor.extract_slice %{{.*}}[0, 0, 0, 2, 0] [1, 3, 4, 1, 8]
// CHECK: nn.attention
func.func @main(%x: tensor<1x3x4x3x8xf32> {rt.name = "x", rt.shape = [1, 3, 4, 3, 8]}) -> tensor<1x3x32xf32> {
  %0 = onnx.node "com.microsoft::MultiHeadAttention"(%x) {node_attributes = {num_heads = 4 : i64}, version = 1 : i64} : (tensor<1x3x4x3x8xf32>) -> tensor<1x3x32xf32>
  return %0 : tensor<1x3x32xf32>
}

// -----

// What it does not do.

func.func @main(%x: tensor<1x3x32xf32> {rt.name = "x", rt.shape = [1, 3, 32]}, %n: tensor<5xi32> {rt.name = "n", rt.shape = [5]},
                %h: tensor<1x4x3x8xf32> {rt.name = "h", rt.shape = [1, 4, 3, 8]}, %b: tensor<96xf32> {rt.name = "b", rt.shape = [96]},
                %l: tensor<1xi32> {rt.name = "l", rt.shape = [1]}) -> (!onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown) {
  %none = onnx.none
  // expected-error @below {{com.microsoft::MultiHeadAttention version 1 is not supported: expects a key padding mask of one length a sequence, of batch x keys or of batch x queries x keys}}
  %0 = onnx.node "com.microsoft::MultiHeadAttention"(%x, %x, %x, %none, %n) {node_attributes = {num_heads = 4 : i64}, version = 1 : i64}
    : (tensor<1x3x32xf32>, tensor<1x3x32xf32>, tensor<1x3x32xf32>, !onnx.none, tensor<5xi32>) -> !onnx.unknown
  // expected-error @below {{com.microsoft::MultiHeadAttention version 1 is not supported: a bias stands beside keys with their heads first}}
  %1 = onnx.node "com.microsoft::MultiHeadAttention"(%x, %h, %h, %b) {node_attributes = {num_heads = 4 : i64}, version = 1 : i64}
    : (tensor<1x3x32xf32>, tensor<1x4x3x8xf32>, tensor<1x4x3x8xf32>, tensor<96xf32>) -> !onnx.unknown
  // expected-error @below {{com.microsoft::MultiHeadAttention version 1 is not supported: the output of the scores is not supported}}
  %2:4 = onnx.node "com.microsoft::MultiHeadAttention"(%x, %x, %x) {node_attributes = {num_heads = 4 : i64}, version = 1 : i64}
    : (tensor<1x3x32xf32>, tensor<1x3x32xf32>, tensor<1x3x32xf32>) -> (!onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown)
  // expected-error @below {{com.microsoft::MultiHeadAttention version 1 is not supported: a cache with room for later tokens is not supported}}
  %3 = onnx.node "com.microsoft::MultiHeadAttention"(%x, %x, %x, %none, %none, %none, %none, %none, %l) {node_attributes = {num_heads = 4 : i64}, version = 1 : i64}
    : (tensor<1x3x32xf32>, tensor<1x3x32xf32>, tensor<1x3x32xf32>, !onnx.none, !onnx.none, !onnx.none, !onnx.none, !onnx.none, tensor<1xi32>) -> !onnx.unknown
  return %0, %1, %2#3, %3 : !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown
}
