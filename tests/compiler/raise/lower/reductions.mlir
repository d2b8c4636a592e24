// RUN: moe-opt %s --moe-lower-onnx --split-input-file | FileCheck %s

// A sum of floats over a static axis goes through 16 lanes with a fixed merge.

// CHECK-DAG: #[[LANE0:.*]] = affine_map<(d0) -> (d0, 0)>
// CHECK-DAG: #[[LANE15:.*]] = affine_map<(d0) -> (d0, 15)>
// CHECK: func.func @main(%[[N:.*]]: index {{.*}}, %[[X:.*]]: tensor<?x40xf32>
func.func @main(%n: index {rt.dim = "n"}, %x: tensor<?x40xf32> {rt.name = "x", rt.shape = ["n", 40]}) -> tensor<?xf32> {
  %axes = arith.constant dense<[1]> : tensor<1xi64>
  // Two full blocks of 16, lane by lane, ascending from +0.
  // CHECK: %[[MAIN:.*]] = tensor.extract_slice %[[X]][0, 0] [%[[N]], 32] [1, 1]
  // CHECK: %[[BLOCKS:.*]] = nn.reshape %[[MAIN]][%[[N]]] : tensor<?x32xf32> -> tensor<?x2x16xf32>
  // CHECK: %[[ZERO:.*]] = linalg.fill
  // CHECK: %[[SUMS:.*]] = linalg.generic {{.*}} iterator_types = ["parallel", "reduction", "parallel"]} ins(%[[BLOCKS]] : tensor<?x2x16xf32>) outs(%[[ZERO]] : tensor<?x16xf32>)
  // CHECK-NEXT: ^bb0(%[[ELEMENT:.*]]: f32, %[[SUM:.*]]: f32):
  // CHECK-NEXT: arith.addf %[[SUM]], %[[ELEMENT]]
  // The rest is added to the first 8 lanes.
  // CHECK: %[[TAIL:.*]] = tensor.extract_slice %[[X]][0, 32] [%[[N]], 8] [1, 1]
  // CHECK: %[[HEAD:.*]] = tensor.extract_slice %[[SUMS]][0, 0] [%[[N]], 8] [1, 1]
  // CHECK: linalg.generic {{.*}} ins(%[[HEAD]], %[[TAIL]]
  // CHECK: tensor.insert_slice
  // CHECK: %[[LANES:.*]] = tensor.insert_slice
  // The lanes merge pairwise: 0 with 8, 4, 2, 1.
  // CHECK: linalg.generic {indexing_maps = [#[[LANE0]], {{.*}}, #[[LANE15]], #{{.*}}], iterator_types = ["parallel"]} ins(%[[LANES]]
  // CHECK-NEXT: ^bb0(%[[L0:[a-z_0-9]+]]: f32, %[[L1:[a-z_0-9]+]]: f32, %{{[a-z_0-9]+}}: f32, %{{[a-z_0-9]+}}: f32, %{{[a-z_0-9]+}}: f32, %{{[a-z_0-9]+}}: f32, %{{[a-z_0-9]+}}: f32, %{{[a-z_0-9]+}}: f32, %[[L8:[a-z_0-9]+]]: f32, %[[L9:[a-z_0-9]+]]: f32,
  // CHECK-NEXT: arith.addf %[[L0]], %[[L8]]
  // CHECK-NEXT: arith.addf %[[L1]], %[[L9]]
  // CHECK-COUNT-13: arith.addf
  // CHECK-NOT: arith.addf
  %y = onnx.node "ai.onnx::ReduceSum"(%x, %axes) {node_attributes = {keepdims = 0 : i64}, version = 13 : i64} : (tensor<?x40xf32>, tensor<1xi64>) -> tensor<?xf32>
  return %y : tensor<?xf32>
}

// -----

// Over a dynamic axis a sum is ascending, and a mean divides by the number of elements.

// CHECK: func.func @main(%[[N:.*]]: index {{.*}}, %[[X:.*]]: tensor<?x8xf32>
func.func @main(%n: index {rt.dim = "n"}, %x: tensor<?x8xf32> {rt.name = "x", rt.shape = ["n", 8]}) -> (tensor<1x8xf32>, tensor<?xi64>, tensor<?x2xf32>, tensor<?x8xf32>, tensor<?x8xi64>) {
  %axes = arith.constant dense<[0]> : tensor<1xi64>
  %two = arith.constant dense<[2]> : tensor<1xi64>
  %axis = arith.constant dense<-2> : tensor<i64>
  // CHECK: linalg.generic {{.*}} iterator_types = ["reduction", "parallel"]} ins(%[[X]]
  // CHECK: %[[C:.*]] = arith.index_cast %[[N]] : index to i64
  // CHECK: %[[F:.*]] = arith.sitofp %[[C]] : i64 to f32
  // CHECK: arith.divf %{{.*}}, %[[F]]
  // CHECK: nn.reshape %{{.*}}[] : tensor<8xf32> -> tensor<1x8xf32>
  %m = onnx.node "ai.onnx::ReduceMean"(%x, %axes) {version = 18 : i64} : (tensor<?x8xf32>, tensor<1xi64>) -> tensor<1x8xf32>
  // CHECK: %{{.*}}, %[[I:.*]] = nn.topk %[[X]] : tensor<?x8xf32> -> tensor<?x1xf32>, tensor<?x1xi64>
  // CHECK: nn.reshape %[[I]][%[[N]]] : tensor<?x1xi64> -> tensor<?xi64>
  %a = onnx.node "ai.onnx::ArgMax"(%x) {node_attributes = {axis = 1 : i64, keepdims = 0 : i64}, version = 13 : i64} : (tensor<?x8xf32>) -> tensor<?xi64>
  // CHECK: nn.topk %[[X]] {largest = false} : tensor<?x8xf32> -> tensor<?x2xf32>, tensor<?x2xi64>
  %t:2 = onnx.node "ai.onnx::TopK"(%x, %two) {node_attributes = {largest = 0 : i64}, version = 11 : i64} : (tensor<?x8xf32>, tensor<1xi64>) -> (tensor<?x2xf32>, tensor<?x2xi64>)
  // Softmax along another axis than the last stands between transposes.
  // CHECK: linalg.transpose
  // CHECK: nn.softmax %{{.*}} : tensor<8x?xf32>
  // CHECK: linalg.transpose
  %s = onnx.node "ai.onnx::Softmax"(%x) {node_attributes = {axis = 0 : i64}, version = 13 : i64} : (tensor<?x8xf32>) -> tensor<?x8xf32>
  // CHECK: arith.fptosi
  %l = onnx.node "ai.onnx::Cast"(%s) {node_attributes = {to = 7 : i64}, version = 13 : i64} : (tensor<?x8xf32>) -> tensor<?x8xi64>
  // CHECK: nn.cumsum %{{.*}} {axis = 0 : i64, exclusive} : tensor<?x8xi64>
  %c = onnx.node "ai.onnx::CumSum"(%l, %axis) {node_attributes = {exclusive = 1 : i64}, version = 14 : i64} : (tensor<?x8xi64>, tensor<i64>) -> tensor<?x8xi64>
  return %m, %a, %t#0, %s, %c : tensor<1x8xf32>, tensor<?xi64>, tensor<?x2xf32>, tensor<?x8xf32>, tensor<?x8xi64>
}

// -----

// Before version 13 Softmax is over all dimensions from the axis on.

// CHECK: func.func @main(%[[X:.*]]: tensor<2x3x4xf32>
func.func @main(%x: tensor<2x3x4xf32> {rt.name = "x", rt.shape = [2, 3, 4]}) -> (tensor<2x3x4xf32>, tensor<2x3x4xf32>, tensor<2xi1>) {
  // CHECK: %[[R:.*]] = nn.reshape %[[X]][] : tensor<2x3x4xf32> -> tensor<2x12xf32>
  // CHECK: %[[S:.*]] = nn.softmax %[[R]] : tensor<2x12xf32>
  // CHECK: nn.reshape %[[S]][] : tensor<2x12xf32> -> tensor<2x3x4xf32>
  %s = onnx.node "ai.onnx::Softmax"(%x) {version = 11 : i64} : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32>
  // CHECK: arith.maximumf
  // CHECK: math.exp
  // CHECK: math.log
  %l = onnx.node "ai.onnx::LogSoftmax"(%x) {version = 13 : i64} : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32>
  %axes = arith.constant dense<[1, 2]> : tensor<2xi64>
  %n = onnx.node "ai.onnx::IsNaN"(%x) {version = 13 : i64} : (tensor<2x3x4xf32>) -> tensor<2x3x4xi1>
  // The largest of booleans is their disjunction.
  // CHECK: arith.constant false
  // CHECK: iterator_types = ["parallel", "reduction", "reduction"]
  // CHECK: arith.ori
  %b = onnx.node "ai.onnx::ReduceMax"(%n, %axes) {node_attributes = {keepdims = 0 : i64}, version = 20 : i64} : (tensor<2x3x4xi1>, tensor<2xi64>) -> tensor<2xi1>
  return %s, %l, %b : tensor<2x3x4xf32>, tensor<2x3x4xf32>, tensor<2xi1>
}

// -----

// Sums of a function of the elements, and a function of the sum. The logarithm of a sum of exponentials shifts by the largest element.

// CHECK: func.func @main
func.func @main(%x: tensor<2x3xf32> {rt.name = "x", rt.shape = [2, 3]}) -> (tensor<2x1xf32>, tensor<2x1xf32>, tensor<2x1xf32>, tensor<2x1xf32>, tensor<2x1xf32>) {
  %axes = arith.constant dense<1> : tensor<1xi64>
  // CHECK: math.absf
  %0 = onnx.node "ai.onnx::ReduceL1"(%x, %axes) {version = 18 : i64} : (tensor<2x3xf32>, tensor<1xi64>) -> tensor<2x1xf32>
  // CHECK: arith.mulf
  // CHECK: math.sqrt
  %1 = onnx.node "ai.onnx::ReduceL2"(%x, %axes) {version = 18 : i64} : (tensor<2x3xf32>, tensor<1xi64>) -> tensor<2x1xf32>
  // CHECK: arith.mulf
  %2 = onnx.node "ai.onnx::ReduceSumSquare"(%x, %axes) {version = 18 : i64} : (tensor<2x3xf32>, tensor<1xi64>) -> tensor<2x1xf32>
  // CHECK: math.log
  %3 = onnx.node "ai.onnx::ReduceLogSum"(%x, %axes) {version = 18 : i64} : (tensor<2x3xf32>, tensor<1xi64>) -> tensor<2x1xf32>
  // CHECK: arith.maximumf
  // CHECK: arith.subf
  // CHECK: math.exp
  // CHECK: math.log
  // CHECK: arith.addf
  %4 = onnx.node "ai.onnx::ReduceLogSumExp"(%x, %axes) {version = 18 : i64} : (tensor<2x3xf32>, tensor<1xi64>) -> tensor<2x1xf32>
  return %0, %1, %2, %3, %4 : tensor<2x1xf32>, tensor<2x1xf32>, tensor<2x1xf32>, tensor<2x1xf32>, tensor<2x1xf32>
}
