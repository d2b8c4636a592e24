// Operators beside those of transformers that contradict themselves or their operands: all are named at once, with tensors and sizes.
// RUN: moe-opt %s --moe-infer-shapes --split-input-file --verify-diagnostics -o /dev/null

// Windows.

func.func @main(%a0: tensor<2x4x6x6xf32> {onnx.name = "a0", onnx.dims = [2, 4, 6, 6]},
                %a1: tensor<2x4xf32> {onnx.name = "a1", onnx.dims = [2, 4]},
                %a2: tensor<2x4x6xf32> {onnx.name = "a2", onnx.dims = [2, 4, 6]},
                %a3: tensor<8x4x3x3xf32> {onnx.name = "a3", onnx.dims = [8, 4, 3, 3]},
                %a4: tensor<8x3x3x3xf32> {onnx.name = "a4", onnx.dims = [8, 3, 3, 3]},
                %a5: tensor<4x6xf32> {onnx.name = "a5", onnx.dims = [4, 6]},
                %a6: tensor<4xf32> {onnx.name = "a6", onnx.dims = [4]},
                %a7: tensor<2x4x1x1xf32> {onnx.name = "a7", onnx.dims = [2, 4, 1, 1]})
    -> (!onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown) {
  // expected-error @below {{kernel_shape must hold 2 numbers of at least 1 for 'a0' [2, 4, 6, 6]}}
  %0 = onnx.node "ai.onnx::MaxPool"(%a0) {node_attributes = {kernel_shape = array<i64: 2, 0>}, version = 22 : i64} : (tensor<2x4x6x6xf32>) -> !onnx.unknown
  // expected-error @below {{pads must hold 4 numbers of at least 0}}
  %1 = onnx.node "ai.onnx::AveragePool"(%a0) {node_attributes = {kernel_shape = array<i64: 2, 2>, pads = array<i64: 1, 1>}, version = 22 : i64} : (tensor<2x4x6x6xf32>) -> !onnx.unknown
  // expected-error @below {{auto_pad is 'SAME', none of NOTSET, VALID, SAME_UPPER and SAME_LOWER}}
  %2 = onnx.node "ai.onnx::AveragePool"(%a0) {node_attributes = {kernel_shape = array<i64: 2, 2>, auto_pad = "SAME"}, version = 22 : i64} : (tensor<2x4x6x6xf32>) -> !onnx.unknown
  // expected-error @below {{it has no kernel_shape}}
  %3 = onnx.node "ai.onnx::LpPool"(%a0) {version = 22 : i64} : (tensor<2x4x6x6xf32>) -> !onnx.unknown
  // expected-error @below {{expected a batch, channels and spatial dimensions, but got}}
  %4 = onnx.node "ai.onnx::MaxPool"(%a1) {node_attributes = {kernel_shape = array<i64: 2>}, version = 22 : i64} : (tensor<2x4xf32>) -> !onnx.unknown
  // expected-error @below {{its weight has another rank than its operand:}}
  %5 = onnx.node "ai.onnx::Conv"(%a0, %a2) {version = 22 : i64} : (tensor<2x4x6x6xf32>, tensor<2x4x6xf32>) -> !onnx.unknown
  // expected-error @below {{its kernel_shape is not that of its weight}}
  %6 = onnx.node "ai.onnx::Conv"(%a0, %a3) {node_attributes = {kernel_shape = array<i64: 2, 2>}, version = 22 : i64} : (tensor<2x4x6x6xf32>, tensor<8x4x3x3xf32>) -> !onnx.unknown
  // expected-error @below {{3 groups do not divide 8}}
  %7 = onnx.node "ai.onnx::Conv"(%a0, %a3) {node_attributes = {group = 3 : i64}, version = 22 : i64} : (tensor<2x4x6x6xf32>, tensor<8x4x3x3xf32>) -> !onnx.unknown
  // expected-error @below {{sizes 4 and 3 must be equal}}
  %8 = onnx.node "ai.onnx::Conv"(%a0, %a4) {version = 22 : i64} : (tensor<2x4x6x6xf32>, tensor<8x3x3x3xf32>) -> !onnx.unknown
  // expected-error @below {{its bias must be a vector, but is}}
  %9 = onnx.node "ai.onnx::Conv"(%a0, %a3, %a5) {version = 22 : i64} : (tensor<2x4x6x6xf32>, tensor<8x4x3x3xf32>, tensor<4x6xf32>) -> !onnx.unknown
  // expected-error @below {{sizes 4 and 8 must be equal}}
  %10 = onnx.node "ai.onnx::ConvTranspose"(%a0, %a3) {version = 22 : i64} : (tensor<2x4x6x6xf32>, tensor<8x4x3x3xf32>) -> !onnx.unknown
  // expected-error @below {{expected an image of rank 4 and as many offsets, but got}}
  %11 = onnx.node "ai.onnx::DeformConv"(%a0, %a3, %a5) {version = 22 : i64} : (tensor<2x4x6x6xf32>, tensor<8x4x3x3xf32>, tensor<4x6xf32>) -> !onnx.unknown
  // expected-error @below {{expected a batch, channels and spatial dimensions, but got}}
  %12 = onnx.node "ai.onnx::GlobalMaxPool"(%a6) {version = 22 : i64} : (tensor<4xf32>) -> !onnx.unknown
  // expected-error @below {{its result would have a negative size: [2, 4, -1, -1]}}
  %13 = onnx.node "ai.onnx::MaxPool"(%a7) {node_attributes = {kernel_shape = array<i64: 3, 3>}, version = 22 : i64} : (tensor<2x4x1x1xf32>) -> !onnx.unknown
  return %0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13 : !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown
}

// -----

// Padding, scatters and crops.

func.func @main(%a0: tensor<4x6xf32> {onnx.name = "a0", onnx.dims = [4, 6]},
                %a1: tensor<2xi64> {onnx.name = "a1", onnx.dims = [2]},
                %a2: tensor<4xf32> {onnx.name = "a2", onnx.dims = [4]})
    -> (!onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown) {
  %c0 = arith.constant dense<[1, 1]> : tensor<2xi64>
  %c1 = arith.constant dense<[1, 1, 1]> : tensor<3xi64>
  // expected-error @below {{it has 2 pads for 2 axes of}}
  %0 = onnx.node "ai.onnx::Pad"(%a0, %c0) {version = 21 : i64} : (tensor<4x6xf32>, tensor<2xi64>) -> !onnx.unknown
  // expected-error @below {{expected a cache and updates of one rank, written along another axis than the batch:}}
  %1 = onnx.node "ai.onnx::TensorScatter"(%a0, %a0) {node_attributes = {axis = 0 : i64}, version = 24 : i64} : (tensor<4x6xf32>, tensor<4x6xf32>) -> !onnx.unknown
  // expected-error @below {{it has 3 sizes for 2 axes of}}
  %2 = onnx.node "ai.onnx::CenterCropPad"(%a0, %c1) {version = 18 : i64} : (tensor<4x6xf32>, tensor<3xi64>) -> !onnx.unknown
  // expected-error @below {{expected batches and steps in the first two axes, and a length for each batch, but got}}
  %3 = onnx.node "ai.onnx::ReverseSequence"(%a0, %a1) {node_attributes = {batch_axis = 0 : i64}, version = 10 : i64} : (tensor<4x6xf32>, tensor<2xi64>) -> !onnx.unknown
  // expected-error @below {{expected matrices, but got}}
  %4 = onnx.node "ai.onnx::Det"(%a2) {version = 22 : i64} : (tensor<4xf32>) -> !onnx.unknown
  // expected-error @below {{sizes 6 and 4 must be equal}}
  %5 = onnx.node "ai.onnx::Det"(%a0) {version = 22 : i64} : (tensor<4x6xf32>) -> !onnx.unknown
  // expected-error @below {{expected a matrix, but got}}
  %6 = onnx.node "ai.onnx::EyeLike"(%a2) {version = 22 : i64} : (tensor<4xf32>) -> !onnx.unknown
  return %0, %1, %2, %3, %4, %5, %6 : !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown
}

// -----

// Channels.

func.func @main(%a0: tensor<4xf32> {onnx.name = "a0", onnx.dims = [4]},
                %a1: tensor<2x4xf32> {onnx.name = "a1", onnx.dims = [2, 4]},
                %a2: tensor<2xi64> {onnx.name = "a2", onnx.dims = [2]},
                %a3: tensor<4x6xf32> {onnx.name = "a3", onnx.dims = [4, 6]},
                %a4: tensor<3xf32> {onnx.name = "a4", onnx.dims = [3]},
                %a5: tensor<2x4x6x6xf32> {onnx.name = "a5", onnx.dims = [2, 4, 6, 6]})
    -> (!onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown) {
  // expected-error @below {{expected a batch and channels, but got}}
  %0 = onnx.node "ai.onnx::LRN"(%a0) {node_attributes = {size = 3 : i64}, version = 13 : i64} : (tensor<4xf32>) -> !onnx.unknown
  // expected-error @below {{the weights of classes must be a vector, but are}}
  %1 = onnx.node "ai.onnx::NegativeLogLikelihoodLoss"(%a1, %a2, %a3) {version = 22 : i64} : (tensor<2x4xf32>, tensor<2xi64>, tensor<4x6xf32>) -> !onnx.unknown
  // expected-error @below {{sizes 3 and 4 must be equal}}
  %2 = onnx.node "ai.onnx::NegativeLogLikelihoodLoss"(%a1, %a2, %a4) {version = 22 : i64} : (tensor<2x4xf32>, tensor<2xi64>, tensor<3xf32>) -> !onnx.unknown
  // expected-error @below {{expected a class for each place, but got}}
  %3 = onnx.node "ai.onnx::NegativeLogLikelihoodLoss"(%a5, %a2) {version = 22 : i64} : (tensor<2x4x6x6xf32>, tensor<2xi64>) -> !onnx.unknown
  // expected-error @below {{expected an image of rank 4 and a blocksize of at least 1, but got}}
  %4 = onnx.node "ai.onnx::DepthToSpace"(%a5) {node_attributes = {blocksize = 0 : i64}, version = 13 : i64} : (tensor<2x4x6x6xf32>) -> !onnx.unknown
  return %0, %1, %2, %3, %4 : !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown
}

// -----

// Samples.

func.func @main(%a0: tensor<2x4x6x6xf32> {onnx.name = "a0", onnx.dims = [2, 4, 6, 6]},
                %a1: tensor<4x6xf32> {onnx.name = "a1", onnx.dims = [4, 6]},
                %a2: tensor<2xi64> {onnx.name = "a2", onnx.dims = [2]},
                %a3: tensor<2x4x6xf32> {onnx.name = "a3", onnx.dims = [2, 4, 6]},
                %a4: tensor<2x2xi1> {onnx.name = "a4", onnx.dims = [2, 2]})
    -> (!onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown) {
  %none = onnx.none
  %c0 = arith.constant dense<[0.0, 1.0, 1.0, 1.0]> : tensor<4xf32>
  %c1 = arith.constant dense<[1.0]> : tensor<1xf32>
  %c2 = arith.constant dense<[1, 1, 2, 2]> : tensor<4xi64>
  %c3 = arith.constant dense<[4, 4]> : tensor<2xi64>
  %c4 = arith.constant dense<[3, 1]> : tensor<2xi64>
  // expected-error @below {{its scales must be positive numbers}}
  %0 = onnx.node "ai.onnx::Resize"(%a0, %none, %c0) {version = 19 : i64} : (tensor<2x4x6x6xf32>, !onnx.none, tensor<4xf32>) -> !onnx.unknown
  // expected-error @below {{it has 1 scales or sizes for 4 axes of}}
  %1 = onnx.node "ai.onnx::Resize"(%a0, %none, %c1) {version = 19 : i64} : (tensor<2x4x6x6xf32>, !onnx.none, tensor<1xf32>) -> !onnx.unknown
  // expected-error @below {{expected an image and points of one rank, but got}}
  %2 = onnx.node "ai.onnx::GridSample"(%a0, %a1) {version = 22 : i64} : (tensor<2x4x6x6xf32>, tensor<4x6xf32>) -> !onnx.unknown
  // expected-error @below {{expected matrices and the size of an image, but got}}
  %3 = onnx.node "ai.onnx::AffineGrid"(%a1, %c2) {version = 20 : i64} : (tensor<4x6xf32>, tensor<4xi64>) -> !onnx.unknown
  // expected-error @below {{expected an image of rank 4, regions and their batches, but got}}
  %4 = onnx.node "ai.onnx::RoiAlign"(%a1, %a1, %a2) {version = 22 : i64} : (tensor<4x6xf32>, tensor<4x6xf32>, tensor<2xi64>) -> !onnx.unknown
  // expected-error @below {{blocks [3, 1] do not make an image [4, 4] of}}
  %5 = onnx.node "ai.onnx::Col2Im"(%a3, %c3, %c4) {version = 18 : i64} : (tensor<2x4x6xf32>, tensor<2xi64>, tensor<2xi64>) -> !onnx.unknown
  // expected-error @below {{its condition must be a vector, but is}}
  %6 = onnx.node "ai.onnx::Compress"(%a1, %a4) {version = 11 : i64} : (tensor<4x6xf32>, tensor<2x2xi1>) -> !onnx.unknown
  // expected-error @below {{expected boxes and scores of rank 3, but got}}
  %7 = onnx.node "ai.onnx::NonMaxSuppression"(%a1, %a1) {version = 11 : i64} : (tensor<4x6xf32>, tensor<4x6xf32>) -> !onnx.unknown
  return %0, %1, %2, %3, %4, %5, %6, %7 : !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown
}

// -----

// Spectra.

func.func @main(%a0: tensor<2x8x1xf32> {onnx.name = "a0", onnx.dims = [2, 8, 1]},
                %a1: tensor<4x6xf32> {onnx.name = "a1", onnx.dims = [4, 6]})
    -> (!onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown) {
  %none = onnx.none
  %c0 = arith.constant dense<[1, 2]> : tensor<2xi64>
  %c1 = arith.constant dense<4> : tensor<i64>
  %c2 = arith.constant dense<0> : tensor<i64>
  // expected-error @below {{the length must be one number, but is}}
  %0 = onnx.node "ai.onnx::DFT"(%a0, %c0) {version = 20 : i64} : (tensor<2x8x1xf32>, tensor<2xi64>) -> !onnx.unknown
  // expected-error @below {{holds real and imaginary parts, and is not transformed}}
  %1 = onnx.node "ai.onnx::DFT"(%a0) {node_attributes = {axis = 2 : i64}, version = 19 : i64} : (tensor<2x8x1xf32>) -> !onnx.unknown
  // expected-error @below {{expected a signal of rank 3, a step, and a window or the length of a frame, but got}}
  %2 = onnx.node "ai.onnx::STFT"(%a1, %c1) {version = 17 : i64} : (tensor<4x6xf32>, tensor<i64>) -> !onnx.unknown
  // expected-error @below {{its step must be at least 1}}
  %3 = onnx.node "ai.onnx::STFT"(%a0, %c2, %none, %c1) {version = 17 : i64} : (tensor<2x8x1xf32>, tensor<i64>, !onnx.none, tensor<i64>) -> !onnx.unknown
  return %0, %1, %2, %3 : !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown
}

// -----

// Recurrent layers.

func.func @main(%a0: tensor<2x4x6xf32> {onnx.name = "a0", onnx.dims = [2, 4, 6]},
                %a1: tensor<4x6xf32> {onnx.name = "a1", onnx.dims = [4, 6]},
                %a2: tensor<1x9x6xf32> {onnx.name = "a2", onnx.dims = [1, 9, 6]},
                %a3: tensor<1x9x3xf32> {onnx.name = "a3", onnx.dims = [1, 9, 3]})
    -> (!onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown) {
  // expected-error @below {{expected a sequence, its weights and those of the state, of rank 3, but got}}
  %0:3 = onnx.node "ai.onnx::LSTM"(%a0, %a1, %a1) {version = 22 : i64} : (tensor<2x4x6xf32>, tensor<4x6xf32>, tensor<4x6xf32>) -> (!onnx.unknown, !onnx.unknown, !onnx.unknown)
  // expected-error @below {{its direction is 'backward', none of forward, reverse and bidirectional}}
  %1:2 = onnx.node "ai.onnx::GRU"(%a0, %a2, %a3) {node_attributes = {direction = "backward"}, version = 22 : i64} : (tensor<2x4x6xf32>, tensor<1x9x6xf32>, tensor<1x9x3xf32>) -> (!onnx.unknown, !onnx.unknown)
  // expected-error @below {{sizes 9 and 3 must be equal}}
  %2:2 = onnx.node "ai.onnx::RNN"(%a0, %a2, %a3) {version = 22 : i64} : (tensor<2x4x6xf32>, tensor<1x9x6xf32>, tensor<1x9x3xf32>) -> (!onnx.unknown, !onnx.unknown)
  return %0#0, %0#1, %0#2, %1#0, %1#1, %2#0, %2#1 : !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown
}
