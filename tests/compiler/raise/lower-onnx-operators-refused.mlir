// What the rules of moe-lower-onnx do not do with operators beside those of transformers, each with its reason.
// RUN: moe-opt %s --moe-lower-onnx --split-input-file --verify-diagnostics -o /dev/null

// Windows.

func.func @main(%a0: tensor<2x4x6x6xf32> {rt.name = "a0", rt.shape = [2, 4, 6, 6]},
                %a1: tensor<2x4x9xf32> {rt.name = "a1", rt.shape = [2, 4, 9]})
    -> (!onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown) {
  %c0 = arith.constant dense<[4, 4]> : tensor<2xi64>
  %c1 = arith.constant dense<[2, 2]> : tensor<2xi64>
  // expected-error @below {{expects an exponent p of at least 1}}
  %0 = onnx.node "ai.onnx::LpPool"(%a0) {node_attributes = {kernel_shape = array<i64: 2, 2>, p = 0 : i64}, version = 22 : i64} : (tensor<2x4x6x6xf32>) -> !onnx.unknown
  // expected-error @below {{expects an exponent p of 1 or 2}}
  %1 = onnx.node "ai.onnx::GlobalLpPool"(%a0) {node_attributes = {p = 3 : i64}, version = 22 : i64} : (tensor<2x4x6x6xf32>) -> !onnx.unknown
  // expected-error @below {{expects a size of at least 1}}
  %2 = onnx.node "ai.onnx::LRN"(%a0) {node_attributes = {size = 0 : i64}, version = 13 : i64} : (tensor<2x4x6x6xf32>) -> !onnx.unknown
  // expected-error @below {{its strides, dilations or pads do not fit its image}}
  %3 = onnx.node "ai.onnx::Col2Im"(%a1, %c0, %c1) {node_attributes = {strides = array<i64: 0, 1>}, version = 18 : i64} : (tensor<2x4x9xf32>, tensor<2xi64>, tensor<2xi64>) -> !onnx.unknown
  return %0, %1, %2, %3 : !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown
}

// -----

// Modes and reductions.

func.func @main(%a0: tensor<4x6xf32> {rt.name = "a0", rt.shape = [4, 6]},
                %a1: tensor<2x2xi64> {rt.name = "a1", rt.shape = [2, 2]},
                %a2: tensor<2x2xf32> {rt.name = "a2", rt.shape = [2, 2]},
                %a3: tensor<2x1xi64> {rt.name = "a3", rt.shape = [2, 1]},
                %a4: tensor<2x6xf32> {rt.name = "a4", rt.shape = [2, 6]},
                %a5: tensor<4xi64> {rt.name = "a5", rt.shape = [4]},
                %a6: tensor<2x4x6x6xf32> {rt.name = "a6", rt.shape = [2, 4, 6, 6]},
                %a7: tensor<2x3x3x2xf32> {rt.name = "a7", rt.shape = [2, 3, 3, 2]},
                %a8: tensor<2x4xf32> {rt.name = "a8", rt.shape = [2, 4]},
                %a9: tensor<2xi64> {rt.name = "a9", rt.shape = [2]},
                %a10: tensor<2x4x6xf32> {rt.name = "a10", rt.shape = [2, 4, 6]},
                %a11: tensor<1x3x6xf32> {rt.name = "a11", rt.shape = [1, 3, 6]},
                %a12: tensor<1x3x3xf32> {rt.name = "a12", rt.shape = [1, 3, 3]})
    -> (!onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown) {
  %none = onnx.none
  %c0 = arith.constant dense<[1, 1, 1, 1]> : tensor<4xi64>
  %c1 = arith.constant dense<[1.0, 1.0, 2.0, 2.0]> : tensor<4xf32>
  // expected-error @below {{the reduction is none of none, add, mul, max and min}}
  %0 = onnx.node "ai.onnx::ScatterElements"(%a0, %a1, %a2) {node_attributes = {reduction = "mean"}, version = 18 : i64} : (tensor<4x6xf32>, tensor<2x2xi64>, tensor<2x2xf32>) -> !onnx.unknown
  // expected-error @below {{the reduction is none of none, add, mul, max and min}}
  %1 = onnx.node "ai.onnx::ScatterND"(%a0, %a3, %a4) {node_attributes = {reduction = "mean"}, version = 18 : i64} : (tensor<4x6xf32>, tensor<2x1xi64>, tensor<2x6xf32>) -> !onnx.unknown
  // expected-error @below {{expects the mode linear or circular}}
  %2 = onnx.node "ai.onnx::TensorScatter"(%a0, %a0) {node_attributes = {axis = 1 : i64, mode = "ring"}, version = 24 : i64} : (tensor<4x6xf32>, tensor<4x6xf32>) -> !onnx.unknown
  // expected-error @below {{expects the mode constant, reflect, edge or wrap}}
  %3 = onnx.node "ai.onnx::Pad"(%a0, %c0) {node_attributes = {mode = "mirror"}, version = 21 : i64} : (tensor<4x6xf32>, tensor<4xi64>) -> !onnx.unknown
  // expected-error @below {{expects the reduction none, sum or mean}}
  %4 = onnx.node "ai.onnx::NegativeLogLikelihoodLoss"(%a0, %a5) {node_attributes = {reduction = "max"}, version = 22 : i64} : (tensor<4x6xf32>, tensor<4xi64>) -> !onnx.unknown
  // expected-error @below {{expects the reduction none, sum or mean}}
  %5 = onnx.node "ai.onnx::SoftmaxCrossEntropyLoss"(%a0, %a5) {node_attributes = {reduction = "max"}, version = 13 : i64} : (tensor<4x6xf32>, tensor<4xi64>) -> !onnx.unknown
  // expected-error @below {{its mode, coordinate transformation, rounding or policy is not known}}
  %6 = onnx.node "ai.onnx::Resize"(%a6, %none, %c1) {node_attributes = {mode = "lanczos"}, version = 19 : i64} : (tensor<2x4x6x6xf32>, !onnx.none, tensor<4xf32>) -> !onnx.unknown
  // expected-error @below {{expects floats, and a mode and a padding that are known}}
  %7 = onnx.node "ai.onnx::GridSample"(%a6, %a7) {node_attributes = {padding_mode = "wrap"}, version = 22 : i64} : (tensor<2x4x6x6xf32>, tensor<2x3x3x2xf32>) -> !onnx.unknown
  // expected-error @below {{expects the mode avg or max, and half_pixel or output_half_pixel coordinates}}
  %8 = onnx.node "ai.onnx::RoiAlign"(%a6, %a8, %a9) {node_attributes = {mode = "min"}, version = 22 : i64} : (tensor<2x4x6x6xf32>, tensor<2x4xf32>, tensor<2xi64>) -> !onnx.unknown
  // expected-error @below {{expects activations that are known, with their default parameters}}
  %9:2 = onnx.node "ai.onnx::RNN"(%a10, %a11, %a12) {node_attributes = {activations = ["Affine"]}, version = 22 : i64} : (tensor<2x4x6xf32>, tensor<1x3x6xf32>, tensor<1x3x3xf32>) -> (!onnx.unknown, !onnx.unknown)
  // expected-error @below {{expects floats or integers with a sign}}
  %10 = onnx.node "ai.onnx::EyeLike"(%a0) {node_attributes = {dtype = 12 : i64}, version = 22 : i64} : (tensor<4x6xf32>) -> !onnx.unknown
  return %0, %1, %2, %3, %4, %5, %6, %7, %8, %9#0, %9#1, %10 : !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown
}

// -----

// Sizes that are no numbers.

func.func @main(%n: index {rt.dim = "n"},
                %a0: tensor<2x4x6x6xf32> {rt.name = "a0", rt.shape = [2, 4, 6, 6]},
                %a1: tensor<8x4x?x3xf32> {rt.name = "a1", rt.shape = [8, 4, "n", 3]},
                %a2: tensor<2x?x6x6xf32> {rt.name = "a2", rt.shape = [2, "n", 6, 6]})
    -> (!onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown) {
  %none = onnx.none
  %c0 = arith.constant dense<[1.0, 1.5, 1.0, 1.0]> : tensor<4xf32>
  %c1 = arith.constant dense<[2, 3, 6, 6]> : tensor<4xi64>
  // expected-error @below {{the sizes of its kernel are not known:}}
  %0 = onnx.node "ai.onnx::Conv"(%a0, %a1) {version = 22 : i64} : (tensor<2x4x6x6xf32>, tensor<8x4x?x3xf32>) -> !onnx.unknown
  // expected-error @below {{it is not proved that its blocks divide}}
  %1 = onnx.node "ai.onnx::DepthToSpace"(%a2) {node_attributes = {blocksize = 2 : i64}, version = 13 : i64} : (tensor<2x?x6x6xf32>) -> !onnx.unknown
  // expected-error @below {{a size that is no number is scaled by a number that is neither whole nor a half, a quarter and so on:}}
  %2 = onnx.node "ai.onnx::Resize"(%a2, %none, %c0) {version = 19 : i64} : (tensor<2x?x6x6xf32>, !onnx.none, tensor<4xf32>) -> !onnx.unknown
  // expected-error @below {{sizes under an aspect ratio must be numbers:}}
  %3 = onnx.node "ai.onnx::Resize"(%a2, %none, %none, %c1) {node_attributes = {keep_aspect_ratio_policy = "not_larger"}, version = 19 : i64} : (tensor<2x?x6x6xf32>, !onnx.none, !onnx.none, tensor<4xi64>) -> !onnx.unknown
  return %0, %1, %2, %3 : !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown
}

// -----

// Sizes that the file does not state.

func.func @main(%a0: tensor<4x6xf32> {rt.name = "a0", rt.shape = [4, 6]},
                %a1: tensor<4xi1> {rt.name = "a1", rt.shape = [4]},
                %a2: tensor<2x4x6x6xf32> {rt.name = "a2", rt.shape = [2, 4, 6, 6]},
                %a3: tensor<4xf32> {rt.name = "a3", rt.shape = [4]},
                %a4: tensor<2x8x1xf32> {rt.name = "a4", rt.shape = [2, 8, 1]},
                %a5: tensor<i64> {rt.name = "a5", rt.shape = []})
    -> (!onnx.unknown, !onnx.unknown, !onnx.unknown) {
  %none = onnx.none
  // expected-error @below {{the size of its result is a value of the run, and the file does not state it}}
  %0 = onnx.node "ai.onnx::Compress"(%a0, %a1) {version = 11 : i64} : (tensor<4x6xf32>, tensor<4xi1>) -> !onnx.unknown
  // expected-error @below {{it has neither constant scales nor sizes, and the file does not state its result}}
  %1 = onnx.node "ai.onnx::Resize"(%a2, %none, %a3) {version = 19 : i64} : (tensor<2x4x6x6xf32>, !onnx.none, tensor<4xf32>) -> !onnx.unknown
  // expected-error @below {{the axis must be known before data is}}
  %2 = onnx.node "ai.onnx::DFT"(%a4, %none, %a5) {version = 20 : i64} : (tensor<2x8x1xf32>, !onnx.none, tensor<i64>) -> !onnx.unknown
  return %0, %1, %2 : !onnx.unknown, !onnx.unknown, !onnx.unknown
}
