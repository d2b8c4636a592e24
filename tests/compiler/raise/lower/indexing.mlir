// RUN: moe-opt %s --moe-lower-onnx --split-input-file | FileCheck %s

rt.weight @table : tensor<32x8xf32> = #rt.source<"m.onnx", 0, 1024, raw> : tensor<32x8xf32>
// CHECK: func.func @main(%[[N:.*]]: index {{.*}}, %[[I:.*]]: tensor<?xi64> {{.*}}, %[[X:.*]]: tensor<?x8xf32> {{.*}}, %[[J:.*]]: tensor<?x2xi64>
func.func @main(%n: index {rt.dim = "n"}, %i: tensor<?xi64> {rt.name = "i", rt.shape = ["n"]}, %x: tensor<?x8xf32> {rt.name = "x", rt.shape = ["n", 8]},
                %j: tensor<?x2xi64> {rt.name = "j", rt.shape = ["n", 2]})
    -> (tensor<?x8xf32>, tensor<?xf32>, tensor<?x?xf32>, tensor<?x2xf32>, tensor<?xf32>, tensor<?x5xf32>) {
  %table = rt.weight_ref @table : tensor<32x8xf32>
  %three = arith.constant dense<-3> : tensor<i64>
  %depth = arith.constant dense<5> : tensor<i64>
  %values = arith.constant dense<[0.0, 1.0]> : tensor<2xf32>
  // Rows of a weight by id are an embedding.
  // CHECK: nn.embedding %[[I]], %{{.*}} : tensor<?xi64>, tensor<32x8xf32> -> tensor<?x8xf32>
  %a = onnx.node "ai.onnx::Gather"(%table, %i) {version = 13 : i64} : (tensor<32x8xf32>, tensor<?xi64>) -> tensor<?x8xf32>
  // A constant index is a slice.
  // CHECK: %[[S:.*]] = tensor.extract_slice %[[X]][0, 5] [%[[N]], 1] [1, 1]
  // CHECK: nn.reshape %[[S]][%[[N]]] : tensor<?x1xf32> -> tensor<?xf32>
  %b = onnx.node "ai.onnx::Gather"(%x, %three) {node_attributes = {axis = 1 : i64}, version = 13 : i64} : (tensor<?x8xf32>, tensor<i64>) -> tensor<?xf32>
  // CHECK: nn.gather %[[X]], %[[I]] {axis = 1 : i64} : tensor<?x8xf32>, tensor<?xi64> -> tensor<?x?xf32>
  %c = onnx.node "ai.onnx::Gather"(%x, %i) {node_attributes = {axis = 1 : i64}, version = 13 : i64} : (tensor<?x8xf32>, tensor<?xi64>) -> tensor<?x?xf32>
  // CHECK: nn.gather_elements %[[X]], %[[J]] {axis = 1 : i64}
  %d = onnx.node "ai.onnx::GatherElements"(%x, %j) {node_attributes = {axis = -1 : i64}, version = 13 : i64} : (tensor<?x8xf32>, tensor<?x2xi64>) -> tensor<?x2xf32>
  // CHECK: nn.gather_nd %[[X]], %[[J]] : tensor<?x8xf32>, tensor<?x2xi64> -> tensor<?xf32>
  %e = onnx.node "ai.onnx::GatherND"(%x, %j) {version = 13 : i64} : (tensor<?x8xf32>, tensor<?x2xi64>) -> tensor<?xf32>
  // CHECK: linalg.generic
  // CHECK: %[[W:.*]] = arith.index_cast
  // CHECK: linalg.index 1
  // CHECK: arith.cmpi eq
  %f = onnx.node "ai.onnx::OneHot"(%i, %depth, %values) {version = 11 : i64} : (tensor<?xi64>, tensor<i64>, tensor<2xf32>) -> tensor<?x5xf32>
  return %a, %b, %c, %d, %e, %f : tensor<?x8xf32>, tensor<?xf32>, tensor<?x?xf32>, tensor<?x2xf32>, tensor<?xf32>, tensor<?x5xf32>
}

// -----

// Rows that follow each other are the rows before, the updates, the rows after; the file need not state the type.
// CHECK: func.func @main(%{{.*}}: index {{.*}}, %[[X:.*]]: tensor<6x?xf32> {{.*}}, %[[U:.*]]: tensor<2x?xf32>
func.func @main(%n: index {rt.dim = "n"}, %x: tensor<6x?xf32> {rt.name = "x", rt.shape = [6, "n"]}, %u: tensor<2x?xf32> {rt.name = "u", rt.shape = [2, "n"]})
    -> (tensor<6x?xf32>, tensor<6x?xf32>) {
  %middle = arith.constant dense<[[1], [2]]> : tensor<2x1xi64>
  %first = arith.constant dense<[[0], [1]]> : tensor<2x1xi64>
  // CHECK: %[[BEFORE:.*]] = tensor.extract_slice %[[X]][0, 0] [1,
  // CHECK: %[[AFTER:.*]] = tensor.extract_slice %[[X]][3, 0] [3,
  // CHECK: %[[ONE:.*]] = tensor.insert_slice %[[BEFORE]] into %{{.*}}[0, 0]
  // CHECK: %[[TWO:.*]] = tensor.insert_slice %[[U]] into %[[ONE]][1, 0]
  // CHECK: tensor.insert_slice %[[AFTER]] into %[[TWO]][3, 0]
  %a = onnx.node "ai.onnx::ScatterND"(%x, %middle, %u) {version = 18 : i64} : (tensor<6x?xf32>, tensor<2x1xi64>, tensor<2x?xf32>) -> tensor<6x?xf32>
  // CHECK: %[[REST:.*]] = tensor.extract_slice %[[X]][2, 0] [4,
  // CHECK: %[[ONE:.*]] = tensor.insert_slice %[[U]] into %{{.*}}[0, 0]
  // CHECK: tensor.insert_slice %[[REST]] into %[[ONE]][2, 0]
  %b = onnx.node "ai.onnx::ScatterND"(%x, %first, %u) {version = 18 : i64} : (tensor<6x?xf32>, tensor<2x1xi64>, tensor<2x?xf32>) -> !onnx.unknown
  %c = onnx.node "ai.onnx::Identity"(%b) {version = 18 : i64} : (!onnx.unknown) -> tensor<6x?xf32>
  return %a, %c : tensor<6x?xf32>, tensor<6x?xf32>
}
