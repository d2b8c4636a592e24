// RUN: moe-opt %s --moe-lower-onnx --split-input-file | FileCheck %s

// Each channel by itself, one chain over the taps from +0; pads are zeros.
// CHECK: #[[READ:.*]] = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2 * 2 + d3 * 3)>
// CHECK: #[[TAP:.*]] = affine_map<(d0, d1, d2, d3) -> (d1, d3)>
// CHECK: func.func @main(%[[N:.*]]: index {{.*}}, %[[X:.*]]: tensor<2x4x?xf32>
// CHECK: tensor.insert_slice %[[X]]
// CHECK: %[[T:.*]] = rt.weight_ref @w.reshape : tensor<4x3xf32>
// CHECK: %[[ZERO:.*]] = linalg.fill
// CHECK: linalg.generic {indexing_maps = [#[[READ]], #[[TAP]], #{{.*}}], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
// CHECK: math.fma
// CHECK: arith.addf
module {
  rt.weight @w : tensor<4x1x3xf32> = #rt.source<"m.onnx", 0, 48, raw> : tensor<4x1x3xf32>
  func.func @main(%n: index {rt.dim = "n"}, %x: tensor<2x4x?xf32> {rt.name = "x", rt.shape = [2, 4, "n"]}) -> tensor<2x4x?xf32> {
    %w = rt.weight_ref @w : tensor<4x1x3xf32>
    %b = arith.constant dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>
    %y = onnx.node "ai.onnx::Conv"(%x, %w, %b) {node_attributes = {dilations = array<i64: 3>, group = 4 : i64, kernel_shape = array<i64: 3>, pads = array<i64: 4, 2>, strides = array<i64: 2>}, version = 11 : i64}
      : (tensor<2x4x?xf32>, tensor<4x1x3xf32>, tensor<4xf32>) -> tensor<2x4x?xf32>
    return %y : tensor<2x4x?xf32>
  }
}

// -----

// With a state in front of the new positions; the last ones are the next state.
// CHECK: func.func @main(%[[N:.*]]: index {{.*}}, %[[X:.*]]: tensor<2x4x?xf32> {{.*}}, %[[PAST:.*]]: tensor<2x4x2xf32>
// CHECK: %[[A:.*]] = tensor.insert_slice %[[PAST]]
// CHECK: %[[ALL:.*]] = tensor.insert_slice %[[X]] into %[[A]]
// CHECK: linalg.generic
// CHECK: math.fma
// CHECK: tensor.extract_slice %[[ALL]][0, 0, %[[N]]] [2, 4, 2] [1, 1, 1]
// CHECK: math.exp
module {
  rt.weight @w : tensor<4x1x3xf32> = #rt.source<"m.onnx", 0, 48, raw> : tensor<4x1x3xf32>
  func.func @main(%n: index {rt.dim = "n"}, %x: tensor<2x4x?xf32> {rt.name = "x", rt.shape = [2, 4, "n"]}, %p: tensor<2x4x2xf32> {rt.name = "p", rt.shape = [2, 4, 2]})
      -> (tensor<2x4x?xf32>, tensor<2x4x2xf32>) {
    %w = rt.weight_ref @w : tensor<4x1x3xf32>
    %none = onnx.none
    %y:2 = onnx.node "com.microsoft::CausalConvWithState"(%x, %w, %none, %p) {node_attributes = {activation = "silu", ndim = 1 : i64}, version = 1 : i64}
      : (tensor<2x4x?xf32>, tensor<4x1x3xf32>, !onnx.none, tensor<2x4x2xf32>) -> (tensor<2x4x?xf32>, tensor<2x4x2xf32>)
    return %y#0, %y#1 : tensor<2x4x?xf32>, tensor<2x4x2xf32>
  }
}

// -----

// Without a state it is zeros; taps may stand apart.
// CHECK: affine_map<(d0, d1, d2, d3) -> (d0, d1, d2 + d3 * 2)>
// CHECK: linalg.fill {{.*}} -> tensor<2x4x4xf32>
// CHECK: math.fma
module {
  rt.weight @w : tensor<4x1x3xf32> = #rt.source<"m.onnx", 0, 48, raw> : tensor<4x1x3xf32>
  func.func @main(%n: index {rt.dim = "n"}, %x: tensor<2x4x?xf32> {rt.name = "x", rt.shape = [2, 4, "n"]}) -> (tensor<2x4x?xf32>, tensor<2x4x4xf32>) {
    %w = rt.weight_ref @w : tensor<4x1x3xf32>
    %y:2 = onnx.node "com.microsoft::CausalConvWithState"(%x, %w) {node_attributes = {dilation = 2 : i64}, version = 1 : i64}
      : (tensor<2x4x?xf32>, tensor<4x1x3xf32>) -> (tensor<2x4x?xf32>, tensor<2x4x4xf32>)
    return %y#0, %y#1 : tensor<2x4x?xf32>, tensor<2x4x4xf32>
  }
}

// -----

// With the channels last, in two dimensions: turned, and turned back.
// CHECK: linalg.transpose {{.*}} permutation = [0, 2, 1]
// CHECK: linalg.transpose {{.*}} permutation = [0, 2, 1]
// CHECK: math.fma
// CHECK: tensor.extract_slice
// CHECK: linalg.transpose {{.*}} permutation = [0, 2, 1]
// CHECK: nn.reshape {{.*}} -> tensor<2x?x2x2xf32>
// CHECK: nn.reshape {{.*}} -> tensor<2x2x2x2xf32>
module {
  rt.weight @w : tensor<4x1x3xf32> = #rt.source<"m.onnx", 0, 48, raw> : tensor<4x1x3xf32>
  func.func @main(%n: index {rt.dim = "n"}, %x: tensor<2x?x2x2xf32> {rt.name = "x", rt.shape = [2, "n", 2, 2]}, %p: tensor<2x2x2x2xf32> {rt.name = "p", rt.shape = [2, 2, 2, 2]})
      -> (tensor<2x?x2x2xf32>, tensor<2x2x2x2xf32>) {
    %w = rt.weight_ref @w : tensor<4x1x3xf32>
    %none = onnx.none
    %y:2 = onnx.node "com.microsoft::CausalConvWithState"(%x, %w, %none, %p) {node_attributes = {channels_last = 1 : i64}, version = 1 : i64}
      : (tensor<2x?x2x2xf32>, tensor<4x1x3xf32>, !onnx.none, tensor<2x2x2x2xf32>) -> (tensor<2x?x2x2xf32>, tensor<2x2x2x2xf32>)
    return %y#0, %y#1 : tensor<2x?x2x2xf32>, tensor<2x2x2x2xf32>
  }
}
