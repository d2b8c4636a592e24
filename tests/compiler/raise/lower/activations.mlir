// RUN: moe-opt %s --split-input-file --moe-lower-onnx | FileCheck %s

// CHECK: func.func @main
func.func @main(%x: tensor<4x8xf32> {rt.name = "x", rt.shape = [4, 8]}, %b: tensor<8xf32> {rt.name = "b", rt.shape = [8]})
    -> (tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>) {
  // 1 / (1 + exp(-x))
  // CHECK: %[[M:.*]] = arith.negf
  // CHECK: %[[E:.*]] = math.exp %[[M]]
  // CHECK: %[[S:.*]] = arith.addf %{{.*}}, %[[E]]
  // CHECK: arith.divf %{{.*}}, %[[S]]
  %s = onnx.node "ai.onnx::Sigmoid"(%x) {version = 13 : i64} : (tensor<4x8xf32>) -> tensor<4x8xf32>
  // (0.5 * x) * (1 + erf(x / sqrt 2))
  // CHECK: arith.constant 1.41421354
  // CHECK: arith.divf
  // CHECK: math.erf
  // CHECK: %[[H:.*]] = arith.mulf
  // CHECK: arith.mulf %[[H]]
  %g = onnx.node "ai.onnx::Gelu"(%x) {version = 20 : i64} : (tensor<4x8xf32>) -> tensor<4x8xf32>
  // CHECK: arith.addf
  // CHECK: math.tanh
  %f = onnx.node "com.microsoft::FastGelu"(%x, %b) {version = 1 : i64} : (tensor<4x8xf32>, tensor<8xf32>) -> tensor<4x8xf32>
  // CHECK: arith.constant 1.702
  // CHECK: math.exp
  %q = onnx.node "com.microsoft::QuickGelu"(%x) {version = 1 : i64} : (tensor<4x8xf32>) -> tensor<4x8xf32>
  return %s, %g, %f, %q : tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>
}

// -----

// Functions of one value, and the parametric Relu, whose slope broadcasts.

// CHECK: func.func @main
func.func @main(%x: tensor<4x8xf32> {rt.name = "x", rt.shape = [4, 8]}, %slope: tensor<8xf32> {rt.name = "s", rt.shape = [8]}) -> (tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>) {
  // Elu
  // CHECK: arith.constant 5.000000e-01
  // CHECK: math.expm1
  // CHECK: arith.mulf
  // CHECK: arith.cmpf olt
  // CHECK: arith.select
  // CHECK: linalg.yield
  %0 = onnx.node "ai.onnx::Elu"(%x) {node_attributes = {alpha = 0.5 : f32}, version = 22 : i64} : (tensor<4x8xf32>) -> tensor<4x8xf32>
  // Selu
  // CHECK: math.expm1
  // CHECK: arith.select
  // CHECK: arith.mulf
  // CHECK: linalg.yield
  %1 = onnx.node "ai.onnx::Selu"(%x) {version = 22 : i64} : (tensor<4x8xf32>) -> tensor<4x8xf32>
  // Celu
  // CHECK: arith.divf
  // CHECK: math.expm1
  // CHECK: arith.select
  // CHECK: linalg.yield
  %2 = onnx.node "ai.onnx::Celu"(%x) {node_attributes = {alpha = 2.0 : f32}, version = 22 : i64} : (tensor<4x8xf32>) -> tensor<4x8xf32>
  // LeakyRelu
  // CHECK: 0.00999999977
  // CHECK: arith.mulf
  // CHECK: arith.select
  // CHECK: linalg.yield
  %3 = onnx.node "ai.onnx::LeakyRelu"(%x) {version = 22 : i64} : (tensor<4x8xf32>) -> tensor<4x8xf32>
  // ThresholdedRelu
  // CHECK: arith.cmpf ogt
  // CHECK: arith.select
  // CHECK: linalg.yield
  %4 = onnx.node "ai.onnx::ThresholdedRelu"(%x) {version = 22 : i64} : (tensor<4x8xf32>) -> tensor<4x8xf32>
  // HardSigmoid
  // CHECK: 2.000000e-01
  // CHECK: 5.000000e-01
  // CHECK: arith.minimumf
  // CHECK: arith.maximumf
  // CHECK: linalg.yield
  %5 = onnx.node "ai.onnx::HardSigmoid"(%x) {version = 22 : i64} : (tensor<4x8xf32>) -> tensor<4x8xf32>
  // HardSwish
  // CHECK: 0.166666672
  // CHECK: arith.minimumf
  // CHECK: arith.maximumf
  // CHECK: arith.mulf
  // CHECK: linalg.yield
  %6 = onnx.node "ai.onnx::HardSwish"(%x) {version = 22 : i64} : (tensor<4x8xf32>) -> tensor<4x8xf32>
  // Shrink
  // CHECK: arith.cmpf ogt
  // CHECK: arith.cmpf olt
  // CHECK: arith.select
  // CHECK: linalg.yield
  %7 = onnx.node "ai.onnx::Shrink"(%x) {node_attributes = {bias = 1.0 : f32, lambd = 1.5 : f32}, version = 22 : i64} : (tensor<4x8xf32>) -> tensor<4x8xf32>
  // Softplus
  // CHECK: math.absf
  // CHECK: math.exp
  // CHECK: math.log1p
  // CHECK: arith.maximumf
  // CHECK: arith.addf
  // CHECK: linalg.yield
  %8 = onnx.node "ai.onnx::Softplus"(%x) {version = 22 : i64} : (tensor<4x8xf32>) -> tensor<4x8xf32>
  // Softsign
  // CHECK: math.absf
  // CHECK: arith.addf
  // CHECK: arith.divf
  // CHECK: linalg.yield
  %9 = onnx.node "ai.onnx::Softsign"(%x) {version = 22 : i64} : (tensor<4x8xf32>) -> tensor<4x8xf32>
  // Mish
  // CHECK: math.log1p
  // CHECK: math.tanh
  // CHECK: arith.mulf
  // CHECK: linalg.yield
  %10 = onnx.node "ai.onnx::Mish"(%x) {version = 22 : i64} : (tensor<4x8xf32>) -> tensor<4x8xf32>
  // Tan
  // CHECK: math.sin
  // CHECK: math.cos
  // CHECK: arith.divf
  // CHECK: linalg.yield
  %11 = onnx.node "ai.onnx::Tan"(%x) {version = 22 : i64} : (tensor<4x8xf32>) -> tensor<4x8xf32>
  // Sinh
  // CHECK: math.absf
  // CHECK: math.expm1
  // CHECK: arith.divf
  // CHECK: arith.cmpf ogt
  // CHECK: math.copysign
  // CHECK: linalg.yield
  %12 = onnx.node "ai.onnx::Sinh"(%x) {version = 22 : i64} : (tensor<4x8xf32>) -> tensor<4x8xf32>
  // Cosh
  // CHECK: math.absf
  // CHECK: math.exp
  // CHECK: math.exp
  // CHECK: arith.cmpf ogt
  // CHECK: linalg.yield
  %13 = onnx.node "ai.onnx::Cosh"(%x) {version = 22 : i64} : (tensor<4x8xf32>) -> tensor<4x8xf32>
  // PRelu
  // CHECK: arith.mulf
  // CHECK: arith.select
  // CHECK: linalg.yield
  %14 = onnx.node "ai.onnx::PRelu"(%x, %slope) {version = 16 : i64} : (tensor<4x8xf32>, tensor<8xf32>) -> tensor<4x8xf32>
  return %0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14 : tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>
}
