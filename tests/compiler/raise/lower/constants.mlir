// RUN: moe-opt %s --moe-lower-onnx --split-input-file | FileCheck %s

// CHECK: func.func @main(%[[N:.*]]: index
func.func @main(%n: index {rt.dim = "n"}, %x: tensor<?x8xf32> {rt.name = "x", rt.shape = ["n", 8]}) -> (tensor<f32>, tensor<?x8xf32>, tensor<?xi64>, tensor<3xi64>, tensor<i64>) {
  %zero = arith.constant dense<0> : tensor<i64>
  %one = arith.constant dense<1> : tensor<i64>
  %seven = arith.constant dense<7> : tensor<i64>
  %three = arith.constant dense<3> : tensor<i64>
  // CHECK-DAG: %[[C:.*]] = arith.constant dense<2.500000e-01> : tensor<f32>
  %c = onnx.node "ai.onnx::Constant"() {node_attributes = {value_float = 0.25 : f32}, version = 13 : i64} : () -> tensor<f32>
  %s = onnx.node "ai.onnx::Shape"(%x) {version = 15 : i64} : (tensor<?x8xf32>) -> tensor<2xi64>
  // CHECK: %[[M:.*]] = arith.constant -1.000000e+00 : f32
  // CHECK: linalg.fill ins(%[[M]] : f32) outs(%{{.*}} : tensor<?x8xf32>)
  %f = onnx.node "ai.onnx::ConstantOfShape"(%s) {node_attributes = {value = dense<-1.0> : tensor<1xf32>}, version = 9 : i64} : (tensor<2xi64>) -> tensor<?x8xf32>
  %rows = onnx.node "ai.onnx::Gather"(%s, %zero) {version = 13 : i64} : (tensor<2xi64>, tensor<i64>) -> tensor<i64>
  // CHECK: linalg.generic
  // CHECK: linalg.index 0
  // CHECK: arith.index_cast %{{.*}} : index to i64
  %r = onnx.node "ai.onnx::Range"(%zero, %rows, %one) {version = 11 : i64} : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<?xi64>
  // A short range is a constant.
  // CHECK: arith.constant dense<[1, 4, 7]> : tensor<3xi64>
  %eight = onnx.node "ai.onnx::Add"(%seven, %one) {version = 14 : i64} : (tensor<i64>, tensor<i64>) -> tensor<i64>
  %q = onnx.node "ai.onnx::Range"(%one, %eight, %three) {version = 11 : i64} : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<3xi64>
  // CHECK: tensor.from_elements %{{.*}} : tensor<i64>
  %z = onnx.node "ai.onnx::Size"(%x) {version = 13 : i64} : (tensor<?x8xf32>) -> tensor<i64>
  return %c, %f, %r, %q, %z : tensor<f32>, tensor<?x8xf32>, tensor<?xi64>, tensor<3xi64>, tensor<i64>
}

// -----

// Sizes that are values of the run: the file states the shape of the result, the kernel checks it.
// CHECK: func.func @main(%[[S:[a-z0-9]+]]: tensor<2xi64>
func.func @main(%s: tensor<2xi64> {rt.name = "s", rt.shape = [2]}) -> tensor<3x4xi32> {
  // CHECK: %[[ONE:.*]] = linalg.fill {{.*}} -> tensor<i32>
  // CHECK: nn.operator "expand"(%[[ONE]], %[[S]]) {{.*}} -> tensor<3x4xi32>
  %a = onnx.node "ai.onnx::ConstantOfShape"(%s) {node_attributes = {value = dense<7> : tensor<1xi32>}, version = 25 : i64} : (tensor<2xi64>) -> tensor<3x4xi32>
  return %a : tensor<3x4xi32>
}
