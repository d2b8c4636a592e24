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

// -----

// The file states the shape of what is made of the sum element by element: it is that of the sum.
// CHECK-LABEL: func.func @main(
func.func @main(%x: tensor<3x2x2xf32> {rt.name = "x", rt.shape = [3, 2, 2]}, %axes: tensor<1xi64> {rt.name = "axes", rt.shape = [1]}) -> tensor<3x2xf32> {
  // CHECK: nn.operator "reduce"(%{{.*}}, %{{.*}}) {{.*}} -> tensor<3x2xf32>
  %sum = onnx.node "ai.onnx::ReduceSum"(%x, %axes) {node_attributes = {keepdims = 0 : i64}, version = 18 : i64} : (tensor<3x2x2xf32>, tensor<1xi64>) -> !onnx.unknown
  %root = onnx.node "ai.onnx::Sqrt"(%sum) {version = 13 : i64} : (!onnx.unknown) -> !onnx.unknown
  %y = onnx.node "ai.onnx::CastLike"(%root, %x) {version = 19 : i64} : (!onnx.unknown, tensor<3x2x2xf32>) -> tensor<3x2xf32>
  return %y : tensor<3x2xf32>
}

// -----

// Softmax of f64, and bits of unsigned elements.
// CHECK-LABEL: func.func @main(
func.func @main(%x: tensor<2x3x4xf64> {rt.name = "x", rt.shape = [2, 3, 4]}, %u: tensor<5xui16> {rt.name = "u", rt.shape = [5]})
    -> (tensor<2x3x4xf64>, tensor<2x3x4xf64>, tensor<5xui16>) {
  // CHECK: nn.operator "reduce"{{.*}}kind = 3{{.*}} -> tensor<2x3x1xf64>
  // CHECK: nn.operator "binary"{{.*}}kind = 1
  // CHECK: nn.operator "unary"{{.*}}kind = 0
  // CHECK: nn.operator "reduce"{{.*}}kind = 0
  // CHECK: nn.operator "binary"{{.*}}kind = 3
  %a = onnx.node "ai.onnx::Softmax"(%x) {version = 13 : i64} : (tensor<2x3x4xf64>) -> tensor<2x3x4xf64>
  // CHECK: linalg.transpose
  // CHECK: nn.operator "unary"{{.*}}kind = 1
  // CHECK: nn.operator "binary"{{.*}}kind = 1
  // CHECK: linalg.transpose
  %b = onnx.node "ai.onnx::LogSoftmax"(%x) {node_attributes = {axis = 1 : i64}, version = 13 : i64} : (tensor<2x3x4xf64>) -> tensor<2x3x4xf64>
  // CHECK: nn.operator "bit_cast"{{.*}} -> tensor<5xi16>
  // CHECK: arith.xori
  // CHECK: nn.operator "bit_cast"{{.*}} -> tensor<5xui16>
  %c = onnx.node "ai.onnx::BitwiseNot"(%u) {version = 18 : i64} : (tensor<5xui16>) -> tensor<5xui16>
  return %a, %b, %c : tensor<2x3x4xf64>, tensor<2x3x4xf64>, tensor<5xui16>
}
