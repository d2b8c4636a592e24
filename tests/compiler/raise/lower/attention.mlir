// RUN: moe-opt %s --split-input-file --moe-lower-onnx | FileCheck %s

// Packed operands are cut apart; the total length comes from a shape; rotary positions count on from the past.

// CHECK: func.func @main(%[[B:.*]]: index {{.*}}, %[[S:.*]]: index {{.*}}, %[[P:.*]]: index {{.*}}, %[[T:.*]]: index {{.*}}, %[[QKV:.*]]: tensor<?x?x128xf32> {{.*}}, %[[PK:.*]]: tensor<?x2x?x16xf32> {{.*}}, %[[PV:.*]]: tensor<?x2x?x16xf32> {{.*}}, %[[MASK:.*]]: tensor<?x?xi64> {{.*}}, %[[L:.*]]: tensor<?xi32>
func.func @main(%b: index {rt.dim = "b"}, %s: index {rt.dim = "s"}, %p: index {rt.dim = "p"}, %t: index {rt.dim = "t"},
                %qkv: tensor<?x?x128xf32> {rt.name = "qkv", rt.shape = ["b", "s", 128]}, %pk: tensor<?x2x?x16xf32> {rt.name = "pk", rt.shape = ["b", 2, "p", 16]},
                %pv: tensor<?x2x?x16xf32> {rt.name = "pv", rt.shape = ["b", 2, "p", 16]}, %mask: tensor<?x?xi64> {rt.name = "mask", rt.shape = ["b", "t"]},
                %l: tensor<?xi32> {rt.name = "l", rt.shape = ["b"]}, %cos: tensor<64x8xf32> {rt.name = "cos", rt.shape = [64, 8]},
                %sin: tensor<64x8xf32> {rt.name = "sin", rt.shape = [64, 8]})
    -> (tensor<?x?x64xf32>, tensor<?x2x?x16xf32>, tensor<?x2x?x16xf32>) {
  %one = arith.constant dense<1> : tensor<i64>
  %none = onnx.none
  %shape = onnx.node "ai.onnx::Shape"(%mask) {version = 15 : i64} : (tensor<?x?xi64>) -> tensor<2xi64>
  %total = onnx.node "ai.onnx::Gather"(%shape, %one) {version = 13 : i64} : (tensor<2xi64>, tensor<i64>) -> tensor<i64>
  %total32 = onnx.node "ai.onnx::Cast"(%total) {node_attributes = {to = 6 : i64}, version = 13 : i64} : (tensor<i64>) -> tensor<i32>
  // CHECK: %[[KEYS:.*]] = arith.maxsi %{{[tp0-9arg]*}}, %{{[tp0-9arg]*}} : index
  // CHECK: %[[K:.*]] = tensor.extract_slice %[[QKV]][0, 0, 64] [%[[B]], %[[S]], 32] [1, 1, 1]
  // CHECK: %[[V:.*]] = tensor.extract_slice %[[QKV]][0, 0, 96] [%[[B]], %[[S]], 32] [1, 1, 1]
  // CHECK: %[[Q:.*]] = tensor.extract_slice %[[QKV]][0, 0, 0] [%[[B]], %[[S]], 64] [1, 1, 1]
  // The mask is compared with past and new tokens before positions are made of it.
  // CHECK: %[[PAST:.*]] = arith.index_cast %[[P]] : index to i64
  // CHECK: %[[NEW:.*]] = arith.index_cast %[[S]] : index to i64
  // CHECK: %[[ALL:.*]] = arith.index_cast %[[T]] : index to i64
  // CHECK: %[[COUNTS:.*]] = tensor.from_elements %[[PAST]], %[[NEW]], %[[ALL]] : tensor<3xi64>
  // CHECK: %[[LAST:.*]] = nn.operator "valid_keys"(%[[L]], %[[COUNTS]]) [%[[B]]]
  // CHECK: %[[POSITIONS:.*]] = linalg.generic {{.*}} outs(%{{.*}} : tensor<?x?xi64>)
  // CHECK: %[[RQ:.*]] = nn.rotary %[[Q]], %[[POSITIONS]], %{{.*}}, %{{.*}} {heads = 4 : i64}
  // CHECK: %[[RK:.*]] = nn.rotary %[[K]], %[[POSITIONS]], %{{.*}}, %{{.*}} {heads = 2 : i64}
  // CHECK: nn.attention %[[RQ]], %[[RK]], %[[V]] past %[[PK]], %[[PV]] lengths %[[LAST]] total %[[KEYS]]
  // CHECK-SAME: heads = 4 : i64, kv_heads = 2 : i64
  // CHECK-SAME: window = 8 : i64
  %o:3 = onnx.node "com.microsoft::GroupQueryAttention"(%qkv, %none, %none, %pk, %pv, %l, %total32, %cos, %sin)
    {node_attributes = {do_rotary = 1 : i64, kv_num_heads = 2 : i64, local_window_size = 8 : i64, num_heads = 4 : i64}, version = 1 : i64}
    : (tensor<?x?x128xf32>, !onnx.none, !onnx.none, tensor<?x2x?x16xf32>, tensor<?x2x?x16xf32>, tensor<?xi32>, tensor<i32>, tensor<64x8xf32>, tensor<64x8xf32>)
    -> (tensor<?x?x64xf32>, tensor<?x2x?x16xf32>, tensor<?x2x?x16xf32>)
  return %o#0, %o#1, %o#2 : tensor<?x?x64xf32>, tensor<?x2x?x16xf32>, tensor<?x2x?x16xf32>
}

// -----

// The standard rotary embedding: heads first, with the angles of each token.

// CHECK: func.func @main
// CHECK: linalg.transpose
// CHECK: linalg.index 0
// CHECK: linalg.index 1
// CHECK: nn.rotary %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} {heads = 2 : i64} : tensor<1x3x16xf32>, tensor<1x3xi64>, tensor<3x4xf32>
// CHECK: linalg.transpose
func.func @main(%x: tensor<1x2x3x8xf32> {rt.name = "x", rt.shape = [1, 2, 3, 8]}, %c: tensor<1x3x4xf32> {rt.name = "c", rt.shape = [1, 3, 4]}) -> tensor<1x2x3x8xf32> {
  %0 = onnx.node "ai.onnx::RotaryEmbedding"(%x, %c, %c) {version = 23 : i64} : (tensor<1x2x3x8xf32>, tensor<1x3x4xf32>, tensor<1x3x4xf32>) -> tensor<1x2x3x8xf32>
  return %0 : tensor<1x2x3x8xf32>
}
