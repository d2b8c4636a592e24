// RUN: moe-opt %s --moe-lower-onnx --split-input-file | FileCheck %s

// Convolutions and pools: one kernel each; the geometry is a constant, the sizes of the result follow from those of x.
// CHECK-LABEL: func.func @main(
// CHECK-SAME: %[[N:[a-z0-9]+]]: index {{.*}}, %[[X:[a-z0-9]+]]: tensor<?x4x6x?xf32>
func.func @main(%n: index {rt.dim = "n"}, %m: index {rt.dim = "w"}, %x: tensor<?x4x6x?xf32> {rt.name = "x", rt.shape = ["n", 4, 6, "w"]},
                %w: tensor<8x2x3x3xf32> {rt.name = "k", rt.shape = [8, 2, 3, 3]}, %b: tensor<8xf32> {rt.name = "b", rt.shape = [8]},
                %t: tensor<4x5x2x2xf32> {rt.name = "t", rt.shape = [4, 5, 2, 2]}, %o: tensor<1x18x4x4xf32> {rt.name = "o", rt.shape = [1, 18, 4, 4]},
                %s: tensor<1x4x6x6xf32> {rt.name = "s", rt.shape = [1, 4, 6, 6]}, %i: tensor<1x4x6x6xi64> {rt.name = "i", rt.shape = [1, 4, 6, 6]})
    -> (tensor<?x8x6x?xf32>, tensor<?x5x13x?xf32>, tensor<?x4x3x?xf32>, tensor<?x4x6x?xf32>, tensor<?x4x5x?xf32>, tensor<?x4x1x1xf32>, tensor<?x4x1x1xf32>, tensor<?x4x1x1xf32>, tensor<1x8x4x4xf32>, tensor<1x4x12x12xf32>) {
  // CHECK: %[[G:.*]] = arith.constant dense<[3, 3, 1, 1, 1, 1, 1, 1, 1, 1]> : tensor<10xi64>
  // CHECK: nn.operator "conv"(%[[X]], %{{.*}}, %{{.*}}, %[[G]]) [%{{.*}}, %{{.*}}] {{.*}}auto_pad = 0 : i64, group = 2 : i64{{.*}} -> tensor<?x8x6x?xf32>
  %0 = onnx.node "ai.onnx::Conv"(%x, %w, %b) {node_attributes = {group = 2 : i64, pads = array<i64: 1, 1, 1, 1>}, version = 22 : i64} : (tensor<?x4x6x?xf32>, tensor<8x2x3x3xf32>, tensor<8xf32>) -> tensor<?x8x6x?xf32>
  // CHECK: nn.operator "conv_transpose"{{.*}} -> tensor<?x5x13x?xf32>
  %1 = onnx.node "ai.onnx::ConvTranspose"(%x, %t) {node_attributes = {strides = array<i64: 2, 2>, output_padding = array<i64: 1, 1>}, version = 22 : i64} : (tensor<?x4x6x?xf32>, tensor<4x5x2x2xf32>) -> tensor<?x5x13x?xf32>
  // The kernel writes indices that nothing reads.
  // CHECK: nn.operator "max_pool"(%[[X]], %{{.*}}) {{.*}}column_major = 0{{.*}} -> (tensor<?x4x3x?xf32>, tensor<?x4x3x?xi64>)
  %2 = onnx.node "ai.onnx::MaxPool"(%x) {node_attributes = {kernel_shape = array<i64: 2, 2>, strides = array<i64: 2, 2>, ceil_mode = 1 : i64}, version = 22 : i64} : (tensor<?x4x6x?xf32>) -> tensor<?x4x3x?xf32>
  // CHECK: nn.operator "pool"{{.*}}auto_pad = 1 : i64, counts_padding = 1 : i64, kind = 0 : i64
  %3 = onnx.node "ai.onnx::AveragePool"(%x) {node_attributes = {kernel_shape = array<i64: 2, 2>, auto_pad = "SAME_UPPER", count_include_pad = 1 : i64}, version = 22 : i64} : (tensor<?x4x6x?xf32>) -> tensor<?x4x6x?xf32>
  // CHECK: nn.operator "pool"{{.*}}kind = 1 : i64, p = 3 : i64
  %4 = onnx.node "ai.onnx::LpPool"(%x) {node_attributes = {kernel_shape = array<i64: 2, 2>, p = 3 : i64, auto_pad = "VALID"}, version = 22 : i64} : (tensor<?x4x6x?xf32>) -> tensor<?x4x5x?xf32>
  // CHECK: nn.operator "reduce"{{.*}}kind = 1 : i64{{.*}} -> tensor<?x4x1x1xf32>
  %5 = onnx.node "ai.onnx::GlobalAveragePool"(%x) {version = 22 : i64} : (tensor<?x4x6x?xf32>) -> tensor<?x4x1x1xf32>
  // CHECK: nn.operator "reduce"{{.*}}kind = 3 : i64
  %6 = onnx.node "ai.onnx::GlobalMaxPool"(%x) {version = 22 : i64} : (tensor<?x4x6x?xf32>) -> tensor<?x4x1x1xf32>
  // CHECK: nn.operator "reduce"{{.*}}kind = 6 : i64
  %7 = onnx.node "ai.onnx::GlobalLpPool"(%x) {version = 22 : i64} : (tensor<?x4x6x?xf32>) -> tensor<?x4x1x1xf32>
  // CHECK: nn.operator "deform_conv"{{.*}}offset_group = 1 : i64{{.*}} -> tensor<1x8x4x4xf32>
  %8 = onnx.node "ai.onnx::DeformConv"(%s, %w, %o) {node_attributes = {group = 2 : i64}, version = 22 : i64} : (tensor<1x4x6x6xf32>, tensor<8x2x3x3xf32>, tensor<1x18x4x4xf32>) -> tensor<1x8x4x4xf32>
  // CHECK: %[[U:.*]] = arith.constant dense<12> : tensor<2xi64>
  // CHECK: nn.operator "max_unpool"(%{{.*}}, %{{.*}}, %[[U]]) {{.*}} -> tensor<1x4x12x12xf32>
  %9 = onnx.node "ai.onnx::MaxUnpool"(%s, %i) {node_attributes = {kernel_shape = array<i64: 2, 2>, strides = array<i64: 2, 2>}, version = 22 : i64} : (tensor<1x4x6x6xf32>, tensor<1x4x6x6xi64>) -> tensor<1x4x12x12xf32>
  return %0, %1, %2, %3, %4, %5, %6, %7, %8, %9 : tensor<?x8x6x?xf32>, tensor<?x5x13x?xf32>, tensor<?x4x3x?xf32>, tensor<?x4x6x?xf32>, tensor<?x4x5x?xf32>, tensor<?x4x1x1xf32>, tensor<?x4x1x1xf32>, tensor<?x4x1x1xf32>, tensor<1x8x4x4xf32>, tensor<1x4x12x12xf32>
}

// -----

// SAME makes a stride of each element, but adds nothing to a kernel that is shorter.
// CHECK-LABEL: func.func @main(
func.func @main(%x: tensor<1x1x9x9xf32> {rt.name = "x", rt.shape = [1, 1, 9, 9]}, %w: tensor<1x2x4x1xf32> {rt.name = "w", rt.shape = [1, 2, 4, 1]}) -> tensor<1x2x27x25xf32> {
  // CHECK: nn.operator "conv_transpose"{{.*}}auto_pad = 1 : i64{{.*}} -> tensor<1x2x27x25xf32>
  %0 = onnx.node "ai.onnx::ConvTranspose"(%x, %w) {node_attributes = {auto_pad = "SAME_UPPER", strides = array<i64: 3, 3>}, version = 22 : i64} : (tensor<1x1x9x9xf32>, tensor<1x2x4x1xf32>) -> tensor<1x2x27x25xf32>
  return %0 : tensor<1x2x27x25xf32>
}
