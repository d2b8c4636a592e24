// RUN: moe-opt %s --moe-lower-onnx --split-input-file | FileCheck %s

// Three positions a token: each column of the angles is gathered by the position of its section.
// CHECK-LABEL: func.func @main(
func.func @main(%x: tensor<2x3x5x16xf32> {rt.name = "x", rt.shape = [2, 3, 5, 16]}, %p: tensor<3x2x5xi64> {rt.name = "p", rt.shape = [3, 2, 5]},
                %c: tensor<9x6xf32> {rt.name = "c", rt.shape = [9, 6]}) -> (tensor<2x3x5x16xf32>, tensor<2x3x5x16xf32>) {
  // CHECK-COUNT-3: nn.gather {{.*}} tensor<2x5x6xf32>
  // CHECK: %[[COLUMN:.*]] = linalg.index 2
  // CHECK: arith.constant 4 : index
  // CHECK: arith.cmpi ult, %[[COLUMN]]
  // CHECK: arith.constant 5 : index
  // CHECK-COUNT-3: nn.gather {{.*}} tensor<2x5x6xf32>
  // CHECK: nn.rotary {{.*}}heads = 3 : i64}
  %0 = onnx.node "com.microsoft::MRotaryEmbedding"(%x, %p, %c, %c) {node_attributes = {mrope_section = array<i64: 4, 1, 1>}, version = 1 : i64}
      : (tensor<2x3x5x16xf32>, tensor<3x2x5xi64>, tensor<9x6xf32>, tensor<9x6xf32>) -> tensor<2x3x5x16xf32>
  // CHECK: %[[OTHER:.*]] = linalg.index 2
  // CHECK: arith.remui %[[OTHER]]
  // CHECK: nn.rotary {{.*}}interleaved
  %1 = onnx.node "com.microsoft::MRotaryEmbedding"(%x, %p, %c, %c) {node_attributes = {mrope_section = array<i64: 2, 2, 2>, mrope_layout = 1 : i64, interleaved = 1 : i64}, version = 1 : i64}
      : (tensor<2x3x5x16xf32>, tensor<3x2x5xi64>, tensor<9x6xf32>, tensor<9x6xf32>) -> tensor<2x3x5x16xf32>
  return %0, %1 : tensor<2x3x5x16xf32>, tensor<2x3x5x16xf32>
}

// -----

// Heads that lead the tokens are rotated behind them; a single position counts the tokens of a sequence.
// CHECK-LABEL: func.func @main(
func.func @main(%x: tensor<2x3x5x16xf32> {rt.name = "x", rt.shape = [2, 3, 5, 16]}, %p: tensor<1xi64> {rt.name = "p", rt.shape = [1]},
                %c: tensor<9x6xf32> {rt.name = "c", rt.shape = [9, 6]}) -> tensor<2x3x5x16xf32> {
  // CHECK: %[[TOKEN:.*]] = linalg.index 1
  // CHECK: arith.index_cast %[[TOKEN]]
  // CHECK: nn.rotary %{{.*}}, %{{.*}}heads = 3 : i64{{.*}}tensor<2x5x48xf32>
  %0 = onnx.node "com.microsoft::RotaryEmbedding"(%x, %p, %c, %c) {node_attributes = {num_heads = 3 : i64, rotary_embedding_dim = 12 : i64}, version = 1 : i64}
      : (tensor<2x3x5x16xf32>, tensor<1xi64>, tensor<9x6xf32>, tensor<9x6xf32>) -> tensor<2x3x5x16xf32>
  return %0 : tensor<2x3x5x16xf32>
}
