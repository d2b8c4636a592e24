// RUN: moe-opt %s --moe-infer-shapes | FileCheck %s

// The smaller of a size and of what it bounds is that.

// CHECK: func.func @main
// CHECK-SAME: -> (tensor<?xf32> {rt.name = "y", rt.shape = ["min(n, 256)"]})
func.func @main(%x: tensor<?xf32> {onnx.name = "x", onnx.dims = ["n"]}, %w: tensor<256xf32> {onnx.name = "w", onnx.dims = [256]}) -> (!onnx.unknown {onnx.name = "y", onnx.dims = [unit]}) {
  %zero = arith.constant dense<[0]> : tensor<1xi64>
  %n = onnx.node "ai.onnx::Shape"(%x) {version = 15 : i64} : (tensor<?xf32>) -> !onnx.unknown
  %table = onnx.node "ai.onnx::Slice"(%w, %zero, %n) {version = 13 : i64} : (tensor<256xf32>, tensor<1xi64>, !onnx.unknown) -> !onnx.unknown
  %length = onnx.node "ai.onnx::Shape"(%table) {version = 15 : i64} : (!onnx.unknown) -> !onnx.unknown
  %head = onnx.node "ai.onnx::Slice"(%x, %zero, %length) {version = 13 : i64} : (tensor<?xf32>, tensor<1xi64>, !onnx.unknown) -> !onnx.unknown
  // CHECK: "ai.onnx::Mul"
  // CHECK-SAME: (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
  %y = onnx.node "ai.onnx::Mul"(%head, %table) {version = 14 : i64} : (!onnx.unknown, !onnx.unknown) -> !onnx.unknown
  return %y : !onnx.unknown
}
