// RUN: moe-opt %s --moe-lower-onnx --split-input-file | FileCheck %s

// CHECK: func.func @main(%[[N:.*]]: index {{.*}}, %[[X:.*]]: tensor<?x8xf32>
func.func @main(%n: index {rt.dim = "n"}, %x: tensor<?x8xf32> {rt.name = "x", rt.shape = ["n", 8]})
    -> (tensor<8x1x?xf32>, tensor<?x3xf32>, tensor<?x4xf32>, tensor<?x8xf32>, tensor<?x11xf32>, tensor<?x16xf32>, tensor<?x8xf32>) {
  %one = arith.constant dense<[1]> : tensor<1xi64>
  %six = arith.constant dense<[6]> : tensor<1xi64>
  %two = arith.constant dense<[2]> : tensor<1xi64>
  %end = arith.constant dense<[9223372036854775807]> : tensor<1xi64>
  %last = arith.constant dense<[-1]> : tensor<1xi64>
  %before = arith.constant dense<[-9223372036854775808]> : tensor<1xi64>
  %sizes = arith.constant dense<[3, 5]> : tensor<2xi64>
  %repeats = arith.constant dense<[1, 2]> : tensor<2xi64>
  %zero = arith.constant dense<[0]> : tensor<1xi64>
  %k = arith.constant dense<-1> : tensor<i64>
  // CHECK: %[[T:.*]] = linalg.transpose ins(%[[X]] : tensor<?x8xf32>) outs(%{{.*}} : tensor<8x?xf32>) permutation = [1, 0]
  %t = onnx.node "ai.onnx::Transpose"(%x) {version = 13 : i64} : (tensor<?x8xf32>) -> tensor<8x?xf32>
  // CHECK: nn.reshape %[[T]][%[[N]]] : tensor<8x?xf32> -> tensor<8x1x?xf32>
  %u = onnx.node "ai.onnx::Unsqueeze"(%t, %one) {version = 13 : i64} : (tensor<8x?xf32>, tensor<1xi64>) -> tensor<8x1x?xf32>
  // CHECK: %[[P:.*]] = tensor.extract_slice %[[X]][0, 0] [%[[N]], 3] [1, 1]
  // CHECK-NOT: tensor.extract_slice %[[X]][0, 3]
  %p:2 = onnx.node "ai.onnx::Split"(%x, %sizes) {node_attributes = {axis = 1 : i64}, version = 18 : i64} : (tensor<?x8xf32>, tensor<2xi64>) -> (tensor<?x3xf32>, tensor<?x5xf32>)
  // CHECK: tensor.extract_slice %[[X]][0, 1] [%[[N]], 4] [1, 2]
  %s = onnx.node "ai.onnx::Slice"(%x, %one, %end, %one, %two) {version = 13 : i64} : (tensor<?x8xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<?x4xf32>
  // Backwards, element by element.
  // CHECK: linalg.generic
  // CHECK: arith.constant -1 : index
  // CHECK: tensor.extract %[[X]]
  %r = onnx.node "ai.onnx::Slice"(%x, %last, %before, %zero, %last) {version = 13 : i64} : (tensor<?x8xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<?x8xf32>
  // CHECK: %[[I:.*]] = tensor.insert_slice %[[X]] into %{{.*}}[0, 0] [%[[N]], 8] [1, 1]
  // CHECK: tensor.insert_slice %[[P]] into %[[I]][0, 8] [%[[N]], 3] [1, 1]
  %c = onnx.node "ai.onnx::Concat"(%x, %p#0) {node_attributes = {axis = -1 : i64}, version = 13 : i64} : (tensor<?x8xf32>, tensor<?x3xf32>) -> tensor<?x11xf32>
  // CHECK: nn.reshape %[[X]][%[[N]]] : tensor<?x8xf32> -> tensor<1x?x1x8xf32>
  // CHECK: linalg.generic
  // CHECK: nn.reshape %{{.*}}[%[[N]]] : tensor<1x?x2x8xf32> -> tensor<?x16xf32>
  %e = onnx.node "ai.onnx::Tile"(%x, %repeats) {version = 13 : i64} : (tensor<?x8xf32>, tensor<2xi64>) -> tensor<?x16xf32>
  // CHECK: arith.cmpi sle
  // CHECK: arith.select
  %l = onnx.node "ai.onnx::Trilu"(%x, %k) {node_attributes = {upper = 0 : i64}, version = 14 : i64} : (tensor<?x8xf32>, tensor<i64>) -> tensor<?x8xf32>
  return %u, %p#0, %s, %r, %c, %e, %l : tensor<8x1x?xf32>, tensor<?x3xf32>, tensor<?x4xf32>, tensor<?x8xf32>, tensor<?x11xf32>, tensor<?x16xf32>, tensor<?x8xf32>
}

// -----

// An operand of no elements leaves no trace in a concatenation.

// CHECK: func.func @main(%{{.*}}: tensor<8xf32> {{.*}}, %{{.*}}: tensor<0xf32>
// CHECK: tensor.insert_slice
// CHECK-NOT: tensor.insert_slice
// CHECK: return
func.func @main(%x: tensor<8xf32> {rt.name = "x", rt.shape = [8]}, %y: tensor<0xf32> {rt.name = "y", rt.shape = [0]}) -> tensor<8xf32> {
  %z = onnx.node "ai.onnx::Concat"(%x, %y) {node_attributes = {axis = 0 : i64}, version = 13 : i64} : (tensor<8xf32>, tensor<0xf32>) -> tensor<8xf32>
  return %z : tensor<8xf32>
}

// -----

// Every second column of none, and columns behind the last one, are none.

// CHECK: func.func @main(%[[N:.*]]: index {{.*}}, %[[X:.*]]: tensor<?x0xf32>
func.func @main(%n: index {rt.dim = "n"}, %x: tensor<?x0xf32> {rt.name = "x", rt.shape = ["n", 0]}) -> tensor<?x0xf32> {
  %one = arith.constant dense<[1]> : tensor<1xi64>
  %two = arith.constant dense<[2]> : tensor<1xi64>
  %end = arith.constant dense<[9223372036854775807]> : tensor<1xi64>
  // CHECK: %[[Y:.*]] = tensor.empty(%[[N]]) : tensor<?x0xf32>
  // CHECK: return %[[Y]]
  %y = onnx.node "ai.onnx::Slice"(%x, %one, %end, %one, %two) {version = 13 : i64} : (tensor<?x0xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<?x0xf32>
  return %y : tensor<?x0xf32>
}
