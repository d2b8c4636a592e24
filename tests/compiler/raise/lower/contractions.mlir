// RUN: moe-opt %s --moe-lower-onnx --split-input-file | FileCheck %s

rt.weight @w : tensor<16x8xf32> = #rt.source<"m.onnx", 0, 512, raw> : tensor<16x8xf32>
// CHECK: func.func @main(%[[N:.*]]: index {{.*}}, %[[X:.*]]: tensor<?x8xf32> {{.*}}, %[[Y:.*]]: tensor<3x8x?xf32> {{.*}}, %[[V:.*]]: tensor<8xf32>
func.func @main(%n: index {rt.dim = "n"}, %x: tensor<?x8xf32> {rt.name = "x", rt.shape = ["n", 8]}, %y: tensor<3x8x?xf32> {rt.name = "y", rt.shape = [3, 8, "n"]},
                %v: tensor<8xf32> {rt.name = "v", rt.shape = [8]}, %c: tensor<16xf32> {rt.name = "c", rt.shape = [16]})
    -> (tensor<?x16xf32>, tensor<?x16xf32>, tensor<3x?x?xf32>, tensor<?xf32>, tensor<8x8xf32>) {
  %w = rt.weight_ref @w : tensor<16x8xf32>
  // A row of N elements is the bias.
  // CHECK: nn.matmul %[[X]], %[[W:.*]] bias %{{.*}} : tensor<?x8xf32>, tensor<16x8xf32>, tensor<16xf32> -> tensor<?x16xf32>
  %a = onnx.node "ai.onnx::Gemm"(%x, %w, %c) {node_attributes = {transB = 1 : i64}, version = 13 : i64} : (tensor<?x8xf32>, tensor<16x8xf32>, tensor<16xf32>) -> tensor<?x16xf32>
  // CHECK: nn.matmul %[[X]], %[[W]] : tensor<?x8xf32>, tensor<16x8xf32> -> tensor<?x16xf32>
  // CHECK: linalg.generic
  // CHECK: arith.constant 5.000000e-01
  // CHECK: arith.mulf
  // CHECK: arith.addf
  %b = onnx.node "ai.onnx::Gemm"(%x, %w, %c) {node_attributes = {alpha = 0.5 : f32, transB = 1 : i64}, version = 13 : i64}
    : (tensor<?x8xf32>, tensor<16x8xf32>, tensor<16xf32>) -> tensor<?x16xf32>
  // CHECK: nn.batch_matmul %[[X]], %[[Y]] : tensor<?x8xf32>, tensor<3x8x?xf32> -> tensor<3x?x?xf32>
  %d = onnx.node "ai.onnx::MatMul"(%x, %y) {version = 13 : i64} : (tensor<?x8xf32>, tensor<3x8x?xf32>) -> tensor<3x?x?xf32>
  // A vector stands for a matrix of one column.
  // CHECK: %[[C:.*]] = nn.reshape %[[V]][] : tensor<8xf32> -> tensor<8x1xf32>
  // CHECK: %[[P:.*]] = nn.batch_matmul %[[X]], %[[C]]
  // CHECK: nn.reshape %[[P]][%[[N]]] : tensor<?x1xf32> -> tensor<?xf32>
  %e = onnx.node "ai.onnx::MatMul"(%x, %v) {version = 13 : i64} : (tensor<?x8xf32>, tensor<8xf32>) -> tensor<?xf32>
  // CHECK: linalg.transpose ins(%[[X]]
  // CHECK: nn.batch_matmul
  // CHECK: arith.constant 2.500000e-01
  %f = onnx.node "com.microsoft::FusedMatMul"(%x, %x) {node_attributes = {alpha = 0.25 : f32, transA = 1 : i64}, version = 1 : i64} : (tensor<?x8xf32>, tensor<?x8xf32>) -> tensor<8x8xf32>
  return %a, %b, %d, %e, %f : tensor<?x16xf32>, tensor<?x16xf32>, tensor<3x?x?xf32>, tensor<?xf32>, tensor<8x8xf32>
}

// -----

// A column of as many elements as there are outputs is not the bias.

rt.weight @w : tensor<16x8xf32> = #rt.source<"m.onnx", 0, 512, raw> : tensor<16x8xf32>
// CHECK: func.func @main(%[[X:.*]]: tensor<16x8xf32> {{.*}}, %[[C:.*]]: tensor<16x1xf32>
func.func @main(%x: tensor<16x8xf32> {rt.name = "x", rt.shape = [16, 8]}, %c: tensor<16x1xf32> {rt.name = "c", rt.shape = [16, 1]}) -> tensor<16x16xf32> {
  %w = rt.weight_ref @w : tensor<16x8xf32>
  // CHECK: nn.matmul %[[X]], %{{[^ ]+}} : tensor<16x8xf32>, tensor<16x8xf32> -> tensor<16x16xf32>
  // CHECK: arith.addf
  %y = onnx.node "ai.onnx::Gemm"(%x, %w, %c) {node_attributes = {transB = 1 : i64}, version = 13 : i64} : (tensor<16x8xf32>, tensor<16x8xf32>, tensor<16x1xf32>) -> tensor<16x16xf32>
  return %y : tensor<16x16xf32>
}
