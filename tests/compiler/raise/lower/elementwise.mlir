// RUN: moe-opt %s --split-input-file --moe-lower-onnx | FileCheck %s

// Operands broadcast by their maps; a constant of one value stands in the body.

// CHECK-DAG: #[[ALL:.*]] = affine_map<(d0, d1) -> (d0, d1)>
// CHECK-DAG: #[[COLUMN:.*]] = affine_map<(d0, d1) -> (d0, 0)>
// CHECK-DAG: #[[ROW:.*]] = affine_map<(d0, d1) -> (d1)>
// CHECK: func.func @main(%[[N:.*]]: index {{.*}}, %[[X:.*]]: tensor<?x8xf32> {{.*}}, %[[C:.*]]: tensor<?x1xf32> {{.*}}, %[[R:.*]]: tensor<8xf32> {{.*}}, %[[I:.*]]: tensor<?xi64>
func.func @main(%n: index {rt.dim = "n"}, %x: tensor<?x8xf32> {rt.name = "x", rt.shape = ["n", 8]}, %c: tensor<?x1xf32> {rt.name = "c", rt.shape = ["n", 1]},
                %r: tensor<8xf32> {rt.name = "r", rt.shape = [8]}, %i: tensor<?xi64> {rt.name = "i", rt.shape = ["n"]})
    -> (tensor<?x8xf32>, tensor<?xi64>, tensor<?xi1>, tensor<?x8xf32>, tensor<?x8xf32>) {
  %two = arith.constant dense<2.0> : tensor<f32>
  %low = arith.constant dense<-1.0> : tensor<f32>
  %seven = arith.constant dense<7> : tensor<i64>
  %none = onnx.none
  // CHECK: %[[E:.*]] = tensor.empty(%[[N]]) : tensor<?x8xf32>
  // CHECK: linalg.generic {indexing_maps = [#[[ALL]], #[[COLUMN]], #[[ALL]]], iterator_types = ["parallel", "parallel"]} ins(%[[X]], %[[C]] :
  // CHECK: arith.mulf
  %a = onnx.node "ai.onnx::Mul"(%x, %c) {version = 14 : i64} : (tensor<?x8xf32>, tensor<?x1xf32>) -> tensor<?x8xf32>
  // CHECK: linalg.generic {indexing_maps = [#[[ALL]], #[[ROW]], #[[ALL]]]
  // CHECK: arith.addf
  %b = onnx.node "ai.onnx::Add"(%a, %r) {version = 14 : i64} : (tensor<?x8xf32>, tensor<8xf32>) -> tensor<?x8xf32>
  // CHECK: linalg.generic {indexing_maps = [#[[ALL]], #[[ALL]]]
  // CHECK-NEXT: ^bb0(%[[V:.*]]: f32, %{{.*}}: f32):
  // CHECK: arith.mulf %[[V]], %[[V]] : f32
  %p = onnx.node "ai.onnx::Pow"(%b, %two) {version = 15 : i64} : (tensor<?x8xf32>, tensor<f32>) -> tensor<?x8xf32>
  // Integers divide towards zero, and never by zero.
  // CHECK: ins(%[[I]] : tensor<?xi64>)
  // CHECK: %[[D:.*]] = arith.select
  // CHECK: arith.divsi %{{.*}}, %[[D]] : i64
  %q = onnx.node "ai.onnx::Div"(%i, %seven) {version = 14 : i64} : (tensor<?xi64>, tensor<i64>) -> tensor<?xi64>
  // CHECK: arith.cmpi slt
  %l = onnx.node "ai.onnx::Less"(%i, %seven) {version = 13 : i64} : (tensor<?xi64>, tensor<i64>) -> tensor<?xi1>
  // CHECK: arith.maximumf
  // CHECK-NOT: arith.minimumf
  // CHECK: linalg.yield
  %k = onnx.node "ai.onnx::Clip"(%x, %low, %none) {version = 13 : i64} : (tensor<?x8xf32>, tensor<f32>, !onnx.none) -> tensor<?x8xf32>
  // CHECK: arith.cmpf une
  %t = onnx.node "ai.onnx::Cast"(%x) {node_attributes = {to = 9 : i64}, version = 13 : i64} : (tensor<?x8xf32>) -> tensor<?x8xi1>
  // CHECK: arith.select
  %w = onnx.node "ai.onnx::Where"(%t, %x, %two) {version = 16 : i64} : (tensor<?x8xi1>, tensor<?x8xf32>, tensor<f32>) -> tensor<?x8xf32>
  return %p, %q, %l, %k, %w : tensor<?x8xf32>, tensor<?xi64>, tensor<?xi1>, tensor<?x8xf32>, tensor<?x8xf32>
}

// -----

// CHECK: func.func @main
func.func @main(%x: tensor<4xf32> {rt.name = "x", rt.shape = [4]}, %i: tensor<4xi32> {rt.name = "i", rt.shape = [4]})
    -> (tensor<4xi1>, tensor<4xf32>, tensor<4xf32>, tensor<4xi32>, tensor<4xi32>, tensor<4xi32>) {
  // Infinities of one sign alone.
  // CHECK: 0x7F800000
  // CHECK: arith.cmpf oeq
  // CHECK: linalg.yield
  %0 = onnx.node "ai.onnx::IsInf"(%x) {node_attributes = {detect_negative = 0 : i64}, version = 20 : i64} : (tensor<4xf32>) -> tensor<4xi1>
  // CHECK: arith.addf
  // CHECK: arith.constant 2.000000e+00
  // CHECK: arith.divf
  %1 = onnx.node "ai.onnx::Mean"(%x, %x) {version = 13 : i64} : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  // Zeros and NaN stay.
  // CHECK: arith.cmpf one
  // CHECK: math.copysign
  %2 = onnx.node "ai.onnx::Sign"(%x) {version = 13 : i64} : (tensor<4xf32>) -> tensor<4xf32>
  // CHECK: arith.cmpi slt
  // CHECK: arith.cmpi sgt
  %3 = onnx.node "ai.onnx::Sign"(%i) {version = 13 : i64} : (tensor<4xi32>) -> tensor<4xi32>
  // CHECK: arith.andi
  %4 = onnx.node "ai.onnx::BitwiseAnd"(%i, %i) {version = 18 : i64} : (tensor<4xi32>, tensor<4xi32>) -> tensor<4xi32>
  // CHECK: arith.constant -1
  // CHECK: arith.xori
  %5 = onnx.node "ai.onnx::BitwiseNot"(%i) {version = 18 : i64} : (tensor<4xi32>) -> tensor<4xi32>
  return %0, %1, %2, %3, %4, %5 : tensor<4xi1>, tensor<4xf32>, tensor<4xf32>, tensor<4xi32>, tensor<4xi32>, tensor<4xi32>
}
