// RUN: moe-opt %s --moe-lower-onnx | FileCheck %s

// Samples between elements: sizes from constant scales, also of a size that is no number, or as the file states them.
// CHECK-LABEL: func.func @main(
func.func @main(%n: index {rt.dim = "n"}, %x: tensor<1x4x?x6xf32> {rt.name = "x", rt.shape = [1, 4, "n", 6]}, %q: tensor<4xf32> {rt.name = "q", rt.shape = [4]},
                %p: tensor<1x3x3x2xf32> {rt.name = "p", rt.shape = [1, 3, 3, 2]}, %a: tensor<2x2x3xf32> {rt.name = "a", rt.shape = [2, 2, 3]},
                %r: tensor<5x4xf32> {rt.name = "r", rt.shape = [5, 4]}, %i: tensor<5xi64> {rt.name = "i", rt.shape = [5]}, %c: tensor<1x8x9xf32> {rt.name = "c", rt.shape = [1, 8, 9]})
    -> (tensor<1x4x?x3xf32>, tensor<1x4x?x6xf32>, tensor<1x4x3x9xf32>, tensor<1x4x8x3xf32>, tensor<1x4x3x3xf32>, tensor<2x5x7x2xf32>, tensor<5x4x3x2xf32>, tensor<1x2x4x4xf32>) {
  %none = onnx.none
  %twice = arith.constant dense<[1.0, 1.0, 2.0, 0.5]> : tensor<4xf32>
  %half = arith.constant dense<[1.0, 1.0, 0.5, 1.0]> : tensor<4xf32>
  %sizes = arith.constant dense<[8, 3]> : tensor<2xi64>
  %image = arith.constant dense<4> : tensor<2xi64>
  %block = arith.constant dense<2> : tensor<2xi64>
  %grid = arith.constant dense<[2, 1, 5, 7]> : tensor<4xi64>
  // CHECK: nn.operator "resize"{{.*}}antialias = 0 : i64, coordinates = 0 : i64, exclude_outside = 0 : i64, mode = 1 : i64, policy = 0 : i64, rounding = 0 : i64{{.*}} -> tensor<1x4x?x3xf32>
  %0 = onnx.node "ai.onnx::Resize"(%x, %none, %twice) {node_attributes = {mode = "linear"}, version = 19 : i64} : (tensor<1x4x?x6xf32>, !onnx.none, tensor<4xf32>) -> tensor<1x4x?x3xf32>
  // Before version 11 coordinates are divided by the scale.
  // CHECK: nn.operator "resize"{{.*}}coordinates = 4 : i64{{.*}}rounding = 4 : i64
  %1 = onnx.node "ai.onnx::Upsample"(%x, %half) {version = 9 : i64} : (tensor<1x4x?x6xf32>, tensor<4xf32>) -> tensor<1x4x?x6xf32>
  // CHECK: nn.operator "resize"{{.*}} -> tensor<1x4x3x9xf32>
  %2 = onnx.node "ai.onnx::Resize"(%x, %none, %q) {version = 19 : i64} : (tensor<1x4x?x6xf32>, !onnx.none, tensor<4xf32>) -> tensor<1x4x3x9xf32>
  // CHECK: nn.operator "resize"{{.*}}present = array<i1: true, false, false, true, true>{{.*}} -> tensor<1x4x8x3xf32>
  %3 = onnx.node "ai.onnx::Resize"(%x, %none, %none, %sizes) {node_attributes = {axes = array<i64: 2, 3>, mode = "cubic"}, version = 19 : i64} : (tensor<1x4x?x6xf32>, !onnx.none, !onnx.none, tensor<2xi64>) -> tensor<1x4x8x3xf32>
  // CHECK: nn.operator "grid_sample"{{.*}}align_corners = 1 : i64, mode = 2 : i64, padding = 2 : i64{{.*}} -> tensor<1x4x3x3xf32>
  %4 = onnx.node "ai.onnx::GridSample"(%x, %p) {node_attributes = {align_corners = 1 : i64, mode = "cubic", padding_mode = "reflection"}, version = 22 : i64} : (tensor<1x4x?x6xf32>, tensor<1x3x3x2xf32>) -> tensor<1x4x3x3xf32>
  // CHECK: nn.operator "affine_grid"{{.*}} -> tensor<2x5x7x2xf32>
  %5 = onnx.node "ai.onnx::AffineGrid"(%a, %grid) {version = 20 : i64} : (tensor<2x2x3xf32>, tensor<4xi64>) -> tensor<2x5x7x2xf32>
  // CHECK: nn.operator "roi_align"{{.*}}half_pixel = 1 : i64, largest = 0 : i64, samples = 2 : i64{{.*}} -> tensor<5x4x3x2xf32>
  %6 = onnx.node "ai.onnx::RoiAlign"(%x, %r, %i) {node_attributes = {output_height = 3 : i64, output_width = 2 : i64, sampling_ratio = 2 : i64}, version = 22 : i64} : (tensor<1x4x?x6xf32>, tensor<5x4xf32>, tensor<5xi64>) -> tensor<5x4x3x2xf32>
  // CHECK: %[[G:.*]] = arith.constant dense<[1, 1, 1, 1, 0, 0, 0, 0]> : tensor<8xi64>
  // CHECK: nn.operator "col2im"(%{{.*}}, %{{.*}}, %{{.*}}, %[[G]]) {{.*}} -> tensor<1x2x4x4xf32>
  %7 = onnx.node "ai.onnx::Col2Im"(%c, %image, %block) {version = 18 : i64} : (tensor<1x8x9xf32>, tensor<2xi64>, tensor<2xi64>) -> tensor<1x2x4x4xf32>
  return %0, %1, %2, %3, %4, %5, %6, %7 : tensor<1x4x?x3xf32>, tensor<1x4x?x6xf32>, tensor<1x4x3x9xf32>, tensor<1x4x8x3xf32>, tensor<1x4x3x3xf32>, tensor<2x5x7x2xf32>, tensor<5x4x3x2xf32>, tensor<1x2x4x4xf32>
}
