// RUN: moe-opt %s --moe-lower-onnx --split-input-file | FileCheck %s

// com.microsoft.Attention: one product for queries, keys and values; the ends and the starts of what each sequence sees become a bias.
// CHECK-LABEL: func.func @main(
func.func @main(%s: index {rt.dim = "s"}, %p: index {rt.dim = "p"}, %x: tensor<2x?x12xf32> {rt.name = "x", rt.shape = [2, "s", 12]},
                %past: tensor<2x2x3x?x4xf32> {rt.name = "past", rt.shape = [2, 2, 3, "p", 4]}, %m: tensor<4xi32> {rt.name = "m", rt.shape = [4]})
    -> (tensor<2x?x12xf32>, tensor<2x2x3x?x4xf32>) {
  %w = rt.weight_ref @w : tensor<12x36xf32>
  %b = rt.weight_ref @b : tensor<36xf32>
  // CHECK: arith.cmpi slt
  // CHECK: arith.cmpi sge
  // CHECK: arith.constant -3.0
  // CHECK: nn.matmul {{.*}} tensor<36x12xf32>
  // CHECK: %[[O:.*]], %[[K:.*]], %[[V:.*]] = nn.attention {{.*}} past {{.*}}heads = 3
  // CHECK-COUNT-2: tensor.insert_slice
  %0:2 = onnx.node "com.microsoft::Attention"(%x, %w, %b, %m, %past) {node_attributes = {num_heads = 3 : i64, unidirectional = 1 : i64, mask_filter_value = -3.0 : f32}, version = 1 : i64}
      : (tensor<2x?x12xf32>, tensor<12x36xf32>, tensor<36xf32>, tensor<4xi32>, tensor<2x2x3x?x4xf32>) -> (tensor<2x?x12xf32>, tensor<2x2x3x?x4xf32>)
  return %0#0, %0#1 : tensor<2x?x12xf32>, tensor<2x2x3x?x4xf32>
}
rt.weight @w : tensor<12x36xf32> = #rt.source<"w.bin", 0, 1728, raw> : tensor<12x36xf32>
rt.weight @b : tensor<36xf32> = #rt.source<"w.bin", 1728, 144, raw> : tensor<36xf32>

// -----

// Weights that are computed, no bias, and values of another size: products and a softmax.
// CHECK-LABEL: func.func @main(
func.func @main(%x: tensor<2x5x12xf32> {rt.name = "x", rt.shape = [2, 5, 12]}, %w: tensor<12x28xf32> {rt.name = "w", rt.shape = [12, 28]},
                %m: tensor<2x5xi32> {rt.name = "m", rt.shape = [2, 5]}) -> tensor<2x5x12xf32> {
  // CHECK: arith.cmpi sgt
  // CHECK: nn.batch_matmul
  // CHECK: nn.batch_matmul
  // CHECK: nn.softmax
  // CHECK: nn.batch_matmul
  %none = onnx.none
  %0 = onnx.node "com.microsoft::Attention"(%x, %w, %none, %m) {node_attributes = {num_heads = 2 : i64, qkv_hidden_sizes = array<i64: 8, 8, 12>}, version = 1 : i64}
      : (tensor<2x5x12xf32>, tensor<12x28xf32>, !onnx.none, tensor<2x5xi32>) -> tensor<2x5x12xf32>
  return %0 : tensor<2x5x12xf32>
}
