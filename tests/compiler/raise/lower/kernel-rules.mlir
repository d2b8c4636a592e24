// RUN: moe-opt %s --moe-lower-onnx --split-input-file | FileCheck %s

// Operands that are values of the run: the file states the shape of the result, the kernel checks it.
// CHECK-LABEL: func.func @main(
// CHECK-SAME: %[[X:[a-z0-9]+]]: tensor<4x8xf32> {{.*}}, %[[I:[a-z0-9]+]]: tensor<2xi64> {{.*}}, %[[K:[a-z0-9]+]]: tensor<1xi64>
func.func @main(%x: tensor<4x8xf32> {rt.name = "x", rt.shape = [4, 8]}, %i: tensor<2xi64> {rt.name = "i", rt.shape = [2]},
                %k: tensor<1xi64> {rt.name = "k", rt.shape = [1]})
    -> (tensor<1x1xf32>, tensor<8x4xf32>, tensor<4x8xf32>, tensor<2x4xf32>, tensor<4x2xf32>, tensor<4x6xf32>, tensor<4x8xf32>, tensor<4x3xf32>, tensor<4x8xf32>) {
  // CHECK: nn.operator "reduce"(%[[X]], %[[I]]) [] {floats = {}, integers = {kind = 0 : i64, noop = 0 : i64}, present = array<i1: true, true>}
  %a = onnx.node "ai.onnx::ReduceSum"(%x, %i) {version = 13 : i64} : (tensor<4x8xf32>, tensor<2xi64>) -> tensor<1x1xf32>
  // CHECK: nn.operator "reshape"(%[[X]], %[[I]]) [] {{.*}}kind = 0
  %b = onnx.node "ai.onnx::Reshape"(%x, %i) {version = 14 : i64} : (tensor<4x8xf32>, tensor<2xi64>) -> tensor<8x4xf32>
  // CHECK: nn.operator "expand"(%[[X]], %[[I]])
  %c = onnx.node "ai.onnx::Expand"(%x, %i) {version = 13 : i64} : (tensor<4x8xf32>, tensor<2xi64>) -> tensor<4x8xf32>
  // CHECK: nn.operator "slice"(%[[X]], %[[I]], %[[I]]) {{.*}}present = array<i1: true, true, true, false, false>
  %d = onnx.node "ai.onnx::Slice"(%x, %i, %i) {version = 13 : i64} : (tensor<4x8xf32>, tensor<2xi64>, tensor<2xi64>) -> tensor<2x4xf32>
  // CHECK: nn.operator "piece"(%[[X]], %[[I]]) {{.*}}axis = 1 : i64, index = 0 : i64
  // CHECK: nn.operator "piece"(%[[X]], %[[I]]) {{.*}}axis = 1 : i64, index = 1 : i64
  %e:2 = onnx.node "ai.onnx::Split"(%x, %i) {node_attributes = {axis = 1 : i64}, version = 13 : i64} : (tensor<4x8xf32>, tensor<2xi64>) -> (tensor<4x2xf32>, tensor<4x6xf32>)
  // CHECK: nn.operator "running"(%[[X]], %[[K]]) {{.*}}multiplies = 0
  %f = onnx.node "ai.onnx::CumSum"(%x, %k) {version = 14 : i64} : (tensor<4x8xf32>, tensor<1xi64>) -> tensor<4x8xf32>
  // CHECK: nn.operator "topk_elements"(%[[X]], %[[K]]) {{.*}}axis = 1 : i64, largest = 1 : i64, last = 0
  %g:2 = onnx.node "ai.onnx::TopK"(%x, %k) {version = 11 : i64} : (tensor<4x8xf32>, tensor<1xi64>) -> (tensor<4x3xf32>, tensor<4x3xi64>)
  // CHECK: nn.operator "trilu"(%[[X]], %[[K]]) {{.*}}upper = 1
  %h = onnx.node "ai.onnx::Trilu"(%x, %k) {version = 14 : i64} : (tensor<4x8xf32>, tensor<1xi64>) -> tensor<4x8xf32>
  return %a, %b, %c, %d, %e#0, %e#1, %f, %g#0, %h : tensor<1x1xf32>, tensor<8x4xf32>, tensor<4x8xf32>, tensor<2x4xf32>, tensor<4x2xf32>, tensor<4x6xf32>, tensor<4x8xf32>, tensor<4x3xf32>, tensor<4x8xf32>
}

// -----

// A K that follows from the sizes of an input: the kernel computes what is no constant.
// CHECK-LABEL: func.func @main(
// CHECK-SAME: %[[N:[a-z0-9]+]]: index {{.*}}, %[[X:[a-z0-9]+]]: tensor<4x?xf32>
func.func @main(%n: index {rt.dim = "n"}, %x: tensor<4x?xf32> {rt.name = "x", rt.shape = [4, "n"]}) -> (tensor<4x?xf32>, tensor<4x?xi64>) {
  %most = arith.constant dense<3> : tensor<1xi64>
  %last = arith.constant dense<1> : tensor<1xi64>
  %end = arith.constant dense<2> : tensor<1xi64>
  %sizes = onnx.node "ai.onnx::Shape"(%x) {version = 15 : i64} : (tensor<4x?xf32>) -> tensor<2xi64>
  %width = onnx.node "ai.onnx::Slice"(%sizes, %last, %end) {version = 13 : i64} : (tensor<2xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<1xi64>
  %k = onnx.node "ai.onnx::Min"(%width, %most) {version = 13 : i64} : (tensor<1xi64>, tensor<1xi64>) -> tensor<1xi64>
  // CHECK: nn.operator "topk_elements"(%[[X]], %{{.*}}) [%{{.*}}] {{.*}}axis = 1 : i64, largest = 0 : i64, last = 0
  %y:2 = onnx.node "ai.onnx::TopK"(%x, %k) {node_attributes = {axis = -1 : i64, largest = 0 : i64}, version = 11 : i64} : (tensor<4x?xf32>, tensor<1xi64>) -> (tensor<4x?xf32>, tensor<4x?xi64>)
  return %y#0, %y#1 : tensor<4x?xf32>, tensor<4x?xi64>
}

// -----

// Elements without arithmetic in `arith`; what only moves elements is left to linalg.
// CHECK-LABEL: func.func @main(
// CHECK-SAME: %[[X:[a-z0-9]+]]: tensor<4x8xui32> {{.*}}, %[[F:[a-z0-9]+]]: tensor<4xf32>
func.func @main(%x: tensor<4x8xui32> {rt.name = "x", rt.shape = [4, 8]}, %f: tensor<4xf32> {rt.name = "f", rt.shape = [4]})
    -> (tensor<4x8xui32>, tensor<4x8xi1>, tensor<8x4xui32>, tensor<4xf32>, tensor<4xui8>) {
  // CHECK: %[[S:.*]] = nn.operator "binary"(%[[X]], %[[X]]) {{.*}}kind = 7
  // CHECK: nn.operator "binary"(%[[S]], %[[X]]) {{.*}}kind = 7
  %a = onnx.node "ai.onnx::Max"(%x, %x, %x) {version = 13 : i64} : (tensor<4x8xui32>, tensor<4x8xui32>, tensor<4x8xui32>) -> tensor<4x8xui32>
  // CHECK: nn.operator "binary"(%[[X]], %[[X]]) {{.*}}kind = 10 : i64{{.*}} -> tensor<4x8xi1>
  %b = onnx.node "ai.onnx::Less"(%x, %x) {version = 13 : i64} : (tensor<4x8xui32>, tensor<4x8xui32>) -> tensor<4x8xi1>
  // CHECK: linalg.transpose
  %c = onnx.node "ai.onnx::Transpose"(%x) {version = 13 : i64} : (tensor<4x8xui32>) -> tensor<8x4xui32>
  // CHECK: nn.operator "binary"(%[[F]], %[[F]]) {{.*}}kind = 5
  %d = onnx.node "ai.onnx::Mod"(%f, %f) {version = 13 : i64} : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  // CHECK: nn.operator "convert"(%[[F]])
  %e = onnx.node "ai.onnx::Cast"(%f) {node_attributes = {to = 2 : i64}, version = 13 : i64} : (tensor<4xf32>) -> tensor<4xui8>
  return %a, %b, %c, %d, %e : tensor<4x8xui32>, tensor<4x8xi1>, tensor<8x4xui32>, tensor<4xf32>, tensor<4xui8>
}
