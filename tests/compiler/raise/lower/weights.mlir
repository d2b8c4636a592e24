// RUN: moe-opt %s --moe-lower-onnx | FileCheck %s

// Operators on weights alone become recipes; equal recipes are one weight; a transpose of a transpose is none.

// CHECK-DAG: rt.weight @w : tensor<4x6xf32> = #rt.source
// CHECK-DAG: rt.weight @[[T:w.transpose]] : tensor<6x4xf32> = #rt.step<transpose[1, 0]
// CHECK-DAG: rt.weight @[[SL:.*]] : tensor<2x6xf32> = #rt.step<slice[2, 0, 1, 1]
// CHECK-DAG: rt.weight @[[CO:.*]] : tensor<8x6xf32> = #rt.step<concat[0]
// CHECK-DAG: rt.weight @[[GA:.*]] : tensor<2x6xf32> = #rt.step<gather[0, 3, 0]
// CHECK-DAG: rt.weight @[[IN:.*]] : tensor<2x6xf32> = #rt.step<transpose[1, 0], (#rt.inline
// CHECK-NOT: rt.weight @unused
rt.weight @w : tensor<4x6xf32> = #rt.source<"m.onnx", 0, 96, raw> : tensor<4x6xf32>
rt.weight @unused : tensor<4x6xf32> = #rt.source<"m.onnx", 96, 96, raw> : tensor<4x6xf32>
// CHECK: func.func @main
func.func @main(%x: tensor<?x6xf32> {rt.name = "x", rt.shape = ["n", 6]}, %y: tensor<?x4xf32> {rt.name = "y", rt.shape = ["n", 4]}, %n: index {rt.dim = "n"})
    -> (tensor<?x4xf32>, tensor<?x6xf32>, tensor<?x6xf32>, tensor<2x6xf32>, tensor<8x6xf32>, tensor<2x6xf32>, tensor<?x2xf32>) {
  %w = rt.weight_ref @w : tensor<4x6xf32>
  %starts = arith.constant dense<[2]> : tensor<1xi64>
  %ends = arith.constant dense<[9223372036854775807]> : tensor<1xi64>
  %axes = arith.constant dense<[0]> : tensor<1xi64>
  %rows = arith.constant dense<[3, 0]> : tensor<2xi64>
  %small = arith.constant dense<[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0], [7.0, 8.0], [9.0, 10.0], [11.0, 12.0]]> : tensor<6x2xf32>
  %t = onnx.node "ai.onnx::Transpose"(%w) {node_attributes = {perm = array<i64: 1, 0>}, version = 13 : i64} : (tensor<4x6xf32>) -> tensor<6x4xf32>
  // CHECK: %[[W:.*]] = rt.weight_ref @w : tensor<4x6xf32>
  // CHECK: nn.matmul %{{.*}}, %[[W]] : tensor<?x6xf32>, tensor<4x6xf32> -> tensor<?x4xf32>
  %a = onnx.node "ai.onnx::MatMul"(%x, %t) {version = 13 : i64} : (tensor<?x6xf32>, tensor<6x4xf32>) -> tensor<?x4xf32>
  // CHECK: rt.weight_ref @[[T]]
  // CHECK: nn.matmul
  %b = onnx.node "ai.onnx::MatMul"(%y, %w) {version = 13 : i64} : (tensor<?x4xf32>, tensor<4x6xf32>) -> tensor<?x6xf32>
  // CHECK: rt.weight_ref @[[T]]
  // CHECK: nn.matmul
  %c = onnx.node "ai.onnx::Gemm"(%y, %w) {version = 13 : i64} : (tensor<?x4xf32>, tensor<4x6xf32>) -> tensor<?x6xf32>
  // CHECK: rt.weight_ref @[[SL]]
  %d = onnx.node "ai.onnx::Slice"(%w, %starts, %ends, %axes) {version = 13 : i64} : (tensor<4x6xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<2x6xf32>
  // CHECK: rt.weight_ref @[[CO]]
  %e = onnx.node "ai.onnx::Concat"(%w, %w) {node_attributes = {axis = 0 : i64}, version = 13 : i64} : (tensor<4x6xf32>, tensor<4x6xf32>) -> tensor<8x6xf32>
  // CHECK: rt.weight_ref @[[GA]]
  %f = onnx.node "ai.onnx::Gather"(%w, %rows) {version = 13 : i64} : (tensor<4x6xf32>, tensor<2xi64>) -> tensor<2x6xf32>
  // CHECK: rt.weight_ref @[[IN]]
  // CHECK: nn.matmul
  %g = onnx.node "ai.onnx::MatMul"(%x, %small) {version = 13 : i64} : (tensor<?x6xf32>, tensor<6x2xf32>) -> tensor<?x2xf32>
  return %a, %b, %c, %d, %e, %f, %g : tensor<?x4xf32>, tensor<?x6xf32>, tensor<?x6xf32>, tensor<2x6xf32>, tensor<8x6xf32>, tensor<2x6xf32>, tensor<?x2xf32>
}
