// RUN: moe-opt %s --moe-lower-onnx | FileCheck %s

// Operators whose results the file states, and others of one kernel.
// CHECK-LABEL: func.func @main(
func.func @main(%n: index {rt.dim = "n"}, %x: tensor<4x6xf32> {rt.name = "x", rt.shape = [4, 6]}, %m: tensor<4xi1> {rt.name = "m", rt.shape = [4]},
                %l: tensor<4xi64> {rt.name = "l", rt.shape = [4]}, %b: tensor<1x9x4xf32> {rt.name = "b", rt.shape = [1, 9, 4]}, %s: tensor<1x2x9xf32> {rt.name = "s", rt.shape = [1, 2, 9]},
                %z: tensor<?x8x1xf64> {rt.name = "z", rt.shape = ["n", 8, 1]}, %q: tensor<?x3x3xf16> {rt.name = "q", rt.shape = ["n", 3, 3]}, %i: tensor<4x6xi32> {rt.name = "i", rt.shape = [4, 6]})
    -> (tensor<2x6xf32>, tensor<2x5xi64>, tensor<3xf32>, tensor<7x3xi64>, tensor<4x6xf32>, tensor<2x8xf32>, tensor<?xf16>, tensor<?x3x3xf16>, tensor<?x5x2xf64>, tensor<?x2x3x2xf64>, tensor<4xf64>, tensor<?x3x3xf16>, tensor<4x6xi32>) {
  %step = arith.constant dense<3> : tensor<i64>
  %length = arith.constant dense<4> : tensor<i64>
  %none = onnx.none
  %crop = arith.constant dense<[2, 8]> : tensor<2xi64>
  // CHECK: nn.operator "compress"{{.*}}axis = 0 : i64
  %0 = onnx.node "ai.onnx::Compress"(%x, %m) {node_attributes = {axis = 0 : i64}, version = 11 : i64} : (tensor<4x6xf32>, tensor<4xi1>) -> tensor<2x6xf32>
  // CHECK: nn.operator "nonzero"
  %1 = onnx.node "ai.onnx::NonZero"(%x) {version = 13 : i64} : (tensor<4x6xf32>) -> tensor<2x5xi64>
  // CHECK: nn.operator "unique"{{.*}}axis = -1 : i64, sorted = 1 : i64{{.*}} -> (tensor<3xf32>, tensor<3xi64>, tensor<24xi64>, tensor<3xi64>)
  %2 = onnx.node "ai.onnx::Unique"(%x) {version = 11 : i64} : (tensor<4x6xf32>) -> tensor<3xf32>
  // CHECK: nn.operator "non_max_suppression"{{.*}}present = array<i1: true, true, false, false, false>
  %3 = onnx.node "ai.onnx::NonMaxSuppression"(%b, %s) {version = 11 : i64} : (tensor<1x9x4xf32>, tensor<1x2x9xf32>) -> tensor<7x3xi64>
  // CHECK: nn.operator "reverse_sequence"{{.*}}batch_axis = 0 : i64, time_axis = 1 : i64
  %4 = onnx.node "ai.onnx::ReverseSequence"(%x, %l) {node_attributes = {batch_axis = 0 : i64, time_axis = 1 : i64}, version = 10 : i64} : (tensor<4x6xf32>, tensor<4xi64>) -> tensor<4x6xf32>
  // CHECK: nn.operator "center_crop_pad"{{.*}} -> tensor<2x8xf32>
  %5 = onnx.node "ai.onnx::CenterCropPad"(%x, %crop) {version = 18 : i64} : (tensor<4x6xf32>, tensor<2xi64>) -> tensor<2x8xf32>
  // CHECK: nn.operator "det"{{.*}} -> (tensor<?xf32>, tensor<?x3x3xf64>)
  %6 = onnx.node "ai.onnx::Det"(%q) {version = 22 : i64} : (tensor<?x3x3xf16>) -> tensor<?xf16>
  // CHECK: nn.operator "lrn"{{.*}}size = 3 : i64
  %7 = onnx.node "ai.onnx::LRN"(%q) {node_attributes = {size = 3 : i64}, version = 13 : i64} : (tensor<?x3x3xf16>) -> tensor<?x3x3xf16>
  // CHECK: nn.operator "dft"{{.*}}onesided = 1 : i64{{.*}} -> tensor<?x5x2xf64>
  %8 = onnx.node "ai.onnx::DFT"(%z) {node_attributes = {onesided = 1 : i64}, version = 20 : i64} : (tensor<?x8x1xf64>) -> tensor<?x5x2xf64>
  // CHECK: nn.operator "stft"{{.*}} -> tensor<?x2x3x2xf64>
  %9 = onnx.node "ai.onnx::STFT"(%z, %step, %none, %length) {version = 17 : i64} : (tensor<?x8x1xf64>, tensor<i64>, !onnx.none, tensor<i64>) -> tensor<?x2x3x2xf64>
  // CHECK: nn.operator "window"{{.*}}kind = 1 : i64, periodic = 0 : i64{{.*}} -> tensor<4xf64>
  %10 = onnx.node "ai.onnx::HammingWindow"(%length) {node_attributes = {output_datatype = 11 : i64, periodic = 0 : i64}, version = 17 : i64} : (tensor<i64>) -> tensor<4xf64>
  // CHECK: nn.operator "unary"{{.*}}kind = 8 : i64
  %11 = onnx.node "ai.onnx::Atan"(%q) {version = 22 : i64} : (tensor<?x3x3xf16>) -> tensor<?x3x3xf16>
  // CHECK: linalg.index
  %12 = onnx.node "ai.onnx::EyeLike"(%i) {node_attributes = {k = 1 : i64}, version = 22 : i64} : (tensor<4x6xi32>) -> tensor<4x6xi32>
  return %0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12 : tensor<2x6xf32>, tensor<2x5xi64>, tensor<3xf32>, tensor<7x3xi64>, tensor<4x6xf32>, tensor<2x8xf32>, tensor<?xf16>, tensor<?x3x3xf16>, tensor<?x5x2xf64>, tensor<?x2x3x2xf64>, tensor<4xf64>, tensor<?x3x3xf16>, tensor<4x6xi32>
}
