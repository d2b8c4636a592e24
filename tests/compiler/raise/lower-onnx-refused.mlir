// What the rules of moe-lower-onnx do not do, each with its reason.
// RUN: moe-opt %s --moe-lower-onnx --split-input-file --verify-diagnostics -o /dev/null

// Element types and attributes.

func.func @main(%i: tensor<4x4xi64> {rt.name = "i", rt.shape = [4, 4]}, %x: tensor<4x4xf32> {rt.name = "x", rt.shape = [4, 4]},
                %b: tensor<4x4xi1> {rt.name = "b", rt.shape = [4, 4]}, %z: tensor<1xi64> {rt.name = "z", rt.shape = [1]},
                %p: tensor<2x4xi64> {rt.name = "p", rt.shape = [2, 4]}, %q: tensor<2x4x4xf32> {rt.name = "q", rt.shape = [2, 4, 4]},
                %c: tensor<8x2xf32> {rt.name = "c", rt.shape = [8, 2]}, %w: tensor<4xf32> {rt.name = "w", rt.shape = [4]})
    -> (!onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown) {
  %f = arith.constant dense<0.0> : tensor<f32>
  %one = arith.constant dense<[1]> : tensor<1xi64>
  %two = arith.constant dense<[0, 1]> : tensor<2xi64>
  // expected-error @below {{ai.onnx::Relu version 14 is not supported: expects floats}}
  %0 = onnx.node "ai.onnx::Relu"(%i) {version = 14 : i64} : (tensor<4x4xi64>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::Reciprocal version 13 is invalid: operand 0 must hold floats}}
  %1 = onnx.node "ai.onnx::Reciprocal"(%i) {version = 13 : i64} : (tensor<4x4xi64>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::HardSwish version 14 is not supported: expects floats}}
  %2 = onnx.node "ai.onnx::HardSwish"(%i) {version = 14 : i64} : (tensor<4x4xi64>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::Einsum version 12 is not supported: expects one or two operands, and an equation of labels}}
  %3 = onnx.node "ai.onnx::Einsum"(%x, %x, %x) {node_attributes = {equation = "ij,jk,kl->il"}, version = 12 : i64} : (tensor<4x4xf32>, tensor<4x4xf32>, tensor<4x4xf32>) -> !onnx.unknown
  // expected-error @below {{com.microsoft::FusedMatMul version 1 is not supported: expects floats and no transposed batch}}
  %4 = onnx.node "com.microsoft::FusedMatMul"(%x, %x) {node_attributes = {transBatchA = 1 : i64}, version = 1 : i64} : (tensor<4x4xf32>, tensor<4x4xf32>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::ConstantOfShape version 9 is not supported: its value is no integer or float}}
  %5 = onnx.node "ai.onnx::ConstantOfShape"(%one) {node_attributes = {value = dense<(1.0,2.0)> : tensor<1xcomplex<f32>>}, version = 9 : i64} : (tensor<1xi64>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::Range version 11 is not supported: start must be integers, but [] holds others}}
  %6 = onnx.node "ai.onnx::Range"(%f, %f, %f) {version = 11 : i64} : (tensor<f32>, tensor<f32>, tensor<f32>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::ReduceMean version 18 is not supported: expects floats and axes that are known before data is}}
  %7 = onnx.node "ai.onnx::ReduceMean"(%i, %one) {version = 18 : i64} : (tensor<4x4xi64>, tensor<1xi64>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::Softmax version 11 is not supported: expects floats and an axis within the rank}}
  %8 = onnx.node "ai.onnx::Softmax"(%x) {node_attributes = {axis = 5 : i64}, version = 11 : i64} : (tensor<4x4xf32>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::CumSum version 14 is not supported: the axis is not one number within the rank}}
  %9 = onnx.node "ai.onnx::CumSum"(%x, %two) {version = 14 : i64} : (tensor<4x4xf32>, tensor<2xi64>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::TopK version 11 is not supported: K must be known before data is, but 'z' [1] is computed from data}}
  %10:2 = onnx.node "ai.onnx::TopK"(%i, %z) {version = 11 : i64} : (tensor<4x4xi64>, tensor<1xi64>) -> (!onnx.unknown, !onnx.unknown)
  // expected-error @below {{ai.onnx::Softsign version 22 is not supported: expects floats}}
  %11 = onnx.node "ai.onnx::Softsign"(%i) {version = 22 : i64} : (tensor<4x4xi64>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::Trilu version 14 is not supported: the diagonal is not one number}}
  %12 = onnx.node "ai.onnx::Trilu"(%x, %two) {version = 14 : i64} : (tensor<4x4xf32>, tensor<2xi64>) -> !onnx.unknown
  // expected-error @below {{com.microsoft::RotaryEmbedding version 1 is not supported: expects an input of rank 3, or 4 with a number of heads, no scale and no packed batch}}
  %13 = onnx.node "com.microsoft::RotaryEmbedding"(%q, %p, %c, %c) {node_attributes = {scale = 2.0 : f32}, version = 1 : i64} : (tensor<2x4x4xf32>, tensor<2x4xi64>, tensor<8x2xf32>, tensor<8x2xf32>) -> !onnx.unknown
  // expected-error @below {{com.microsoft::RotaryEmbedding version 1 is not supported: rotary_embedding_dim is not twice the width of the caches}}
  %14 = onnx.node "com.microsoft::RotaryEmbedding"(%q, %p, %c, %c) {node_attributes = {rotary_embedding_dim = 3 : i64}, version = 1 : i64} : (tensor<2x4x4xf32>, tensor<2x4xi64>, tensor<8x2xf32>, tensor<8x2xf32>) -> !onnx.unknown
  // expected-error @below {{com.microsoft::QMoE version 1 is not supported: the operator has no lowering}}
  %15 = onnx.node "com.microsoft::QMoE"(%x, %x) {version = 1 : i64} : (tensor<4x4xf32>, tensor<4x4xf32>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::If version 21 is not supported: the operator has no lowering}}
  %16 = onnx.node "ai.onnx::If"(%b) {version = 21 : i64} : (tensor<4x4xi1>) -> !onnx.unknown
  return %0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10#0, %11, %12, %13, %14, %15, %16 : !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown
}

// -----

// Sizes of named dimensions, and of more than 64 bits.

func.func @main(%x0: index {rt.dim = "x0"}, %x: tensor<?xf32> {rt.name = "x", rt.shape = ["x0"]},
                %y: tensor<4xf32> {rt.name = "y", rt.shape = [4]},
                %h: tensor<9223372036854775807x3xf32> {rt.name = "h", rt.shape = [9223372036854775807, 3]})
    -> (!onnx.unknown, !onnx.unknown, !onnx.unknown) {
  %one = arith.constant dense<[1]> : tensor<1xi64>
  %least = arith.constant dense<-9223372036854775808> : tensor<i64>
  %most = arith.constant dense<9223372036854775807> : tensor<i64>
  %step = arith.constant dense<1> : tensor<i64>
  // expected-error @below {{ai.onnx::Range version 11 is not supported: 64 bits do not hold its length}}
  %0 = onnx.node "ai.onnx::Range"(%least, %most, %step) {version = 11 : i64} : (tensor<i64>, tensor<i64>, tensor<i64>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::Einsum version 12 is not supported: 64 bits do not hold the number of elements of operand 'h' [9223372036854775807, 3]}}
  %1 = onnx.node "ai.onnx::Einsum"(%h) {node_attributes = {equation = "ij->ij"}, version = 12 : i64} : (tensor<9223372036854775807x3xf32>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::Reshape version 14 is not supported: 64 bits do not hold its number of elements: 'h' [9223372036854775807, 3] to sizes [1]}}
  %2 = onnx.node "ai.onnx::Reshape"(%h, %one) {version = 14 : i64} : (tensor<9223372036854775807x3xf32>, tensor<1xi64>) -> !onnx.unknown
  return %0, %1, %2 : !onnx.unknown, !onnx.unknown, !onnx.unknown
}

// -----

// Results that are read, though no kernel gives them, and sizes that come from shapes.

func.func @main(%n: index {rt.dim = "n"}, %x: tensor<4x4xf32> {rt.name = "x", rt.shape = [4, 4]}, %v: tensor<?xf32> {rt.name = "v", rt.shape = ["n"]},
                %w: tensor<4xf32> {rt.name = "w", rt.shape = [4]}, %t: tensor<i1> {rt.name = "t", rt.shape = []})
    -> (!onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown) {
  // expected-error @below {{ai.onnx::Dropout version 13 is not supported: the mask of Dropout is read}}
  %0:2 = onnx.node "ai.onnx::Dropout"(%x) {version = 13 : i64} : (tensor<4x4xf32>) -> (!onnx.unknown, !onnx.unknown)
  // expected-error @below {{ai.onnx::SimplifiedLayerNormalization version 1 is not supported: expects a scale, and no use of the mean and the deviation}}
  %1:2 = onnx.node "ai.onnx::SimplifiedLayerNormalization"(%x, %w) {version = 1 : i64} : (tensor<4x4xf32>, tensor<4xf32>) -> (!onnx.unknown, !onnx.unknown)
  // expected-error @below {{com.microsoft::SkipLayerNormalization version 1 is not supported: the shape of its result is not known before data is}}
  %2:2 = onnx.node "com.microsoft::SkipLayerNormalization"(%x, %x, %w) {version = 1 : i64} : (tensor<4x4xf32>, tensor<4x4xf32>, tensor<4xf32>) -> (!onnx.unknown, !onnx.unknown)
  // expected-error @below {{ai.onnx::LayerNormalization version 17 is not supported: scale and bias must have one element for each that is normalised}}
  %3 = onnx.node "ai.onnx::LayerNormalization"(%x, %w) {node_attributes = {axis = 0 : i64}, version = 17 : i64} : (tensor<4x4xf32>, tensor<4xf32>) -> !onnx.unknown
  %size = onnx.node "ai.onnx::Shape"(%v) {version = 15 : i64} : (tensor<?xf32>) -> !onnx.unknown
  %4:2 = onnx.node "ai.onnx::TopK"(%v, %size) {version = 11 : i64} : (tensor<?xf32>, !onnx.unknown) -> (!onnx.unknown, !onnx.unknown)
  // expected-error @below {{ai.onnx::TopK version 11 is not supported: K = n is not proved to be at most the 4 elements of axis 0}}
  %5:2 = onnx.node "ai.onnx::TopK"(%w, %size) {version = 11 : i64} : (tensor<4xf32>, !onnx.unknown) -> (!onnx.unknown, !onnx.unknown)
  %on = arith.constant dense<true> : tensor<i1>
  %off = arith.constant dense<false> : tensor<i1>
  %ratio = arith.constant dense<0.5> : tensor<f32>
  // expected-error @below {{ai.onnx::Dropout version 13 is not supported: training mode is not known to be off}}
  %6:2 = onnx.node "ai.onnx::Dropout"(%x, %ratio, %on) {version = 13 : i64} : (tensor<4x4xf32>, tensor<f32>, tensor<i1>) -> (!onnx.unknown, !onnx.unknown)
  // expected-error @below {{ai.onnx::Dropout version 13 is not supported: training mode is not known to be off}}
  %7:2 = onnx.node "ai.onnx::Dropout"(%x, %ratio, %t) {version = 13 : i64} : (tensor<4x4xf32>, tensor<f32>, tensor<i1>) -> (!onnx.unknown, !onnx.unknown)
  %8:2 = onnx.node "ai.onnx::Dropout"(%x, %ratio, %off) {version = 13 : i64} : (tensor<4x4xf32>, tensor<f32>, tensor<i1>) -> (!onnx.unknown, !onnx.unknown)
  // expected-error @below {{ai.onnx::Dropout version 6 is not supported: training mode is not known to be off}}
  %9:2 = onnx.node "ai.onnx::Dropout"(%x) {version = 6 : i64} : (tensor<4x4xf32>) -> (!onnx.unknown, !onnx.unknown)
  %10:2 = onnx.node "ai.onnx::Dropout"(%x) {node_attributes = {is_test = 1 : i64}, version = 6 : i64} : (tensor<4x4xf32>) -> (!onnx.unknown, !onnx.unknown)
  return %0#1, %1#1, %2#1, %3, %4#0, %5#0, %6#0, %7#0, %8#0, %9#0, %10#0 : !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown
}

// -----

func.func @main(%n: index {rt.dim = "n"}, %x: tensor<?xf32> {rt.name = "x", rt.shape = ["n"]}) -> !onnx.unknown {
  %twice = onnx.node "ai.onnx::Concat"(%x, %x) {node_attributes = {axis = 0 : i64}, version = 13 : i64} : (tensor<?xf32>, tensor<?xf32>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::Add version 14 is not supported: sizes 2 * n and n are equal for empty inputs at most: the result of Concat [2 * n] and 'x' [n]}}
  %y = onnx.node "ai.onnx::Add"(%twice, %x) {version = 14 : i64} : (!onnx.unknown, tensor<?xf32>) -> !onnx.unknown
  return %y : !onnx.unknown
}

// -----

// Bits of floats.

func.func @main(%x: tensor<4xf32> {rt.name = "x", rt.shape = [4]}) -> !onnx.unknown {
  // expected-error @below {{ai.onnx::BitwiseAnd version 18 is not supported: expects integers with a sign}}
  %0 = onnx.node "ai.onnx::BitwiseAnd"(%x, %x) {version = 18 : i64} : (tensor<4xf32>, tensor<4xf32>) -> !onnx.unknown
  return %0 : !onnx.unknown
}

// -----

// Complex numbers, which no kernel takes; as constants they are splats that no scalar op can hold.

func.func @main(%c: tensor<2xcomplex<f32>> {rt.name = "c", rt.shape = [2]}) -> (!onnx.unknown, !onnx.unknown, !onnx.unknown) {
  %k = arith.constant dense<(1.0,2.0)> : tensor<2xcomplex<f32>>
  // expected-error @below {{ai.onnx::ReduceMax version 13 is not supported: it has complex elements}}
  %0 = onnx.node "ai.onnx::ReduceMax"(%c) {version = 13 : i64} : (tensor<2xcomplex<f32>>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::Equal version 13 is not supported: it has complex elements}}
  %1 = onnx.node "ai.onnx::Equal"(%k, %k) {version = 13 : i64} : (tensor<2xcomplex<f32>>, tensor<2xcomplex<f32>>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::Identity version 13 is not supported: it has complex elements}}
  %2 = onnx.node "ai.onnx::Identity"(%c) {version = 13 : i64} : (tensor<2xcomplex<f32>>) -> !onnx.unknown
  return %0, %1, %2 : !onnx.unknown, !onnx.unknown, !onnx.unknown
}

// -----

// Convolutions.

func.func @main(%n: index {rt.dim = "n"}, %x: tensor<2x4x?xf32> {rt.name = "x", rt.shape = [2, 4, "n"]}, %k: tensor<4x1x3xf32> {rt.name = "k", rt.shape = [4, 1, 3]},
                %w: tensor<4x4x3xf32> {rt.name = "w", rt.shape = [4, 4, 3]}, %p: tensor<2x4xf32> {rt.name = "p", rt.shape = [2, 4]})
    -> (!onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown) {
  // expected-error @below {{ai.onnx::Conv version 11 is invalid: auto_pad is 'SAME', none of NOTSET, VALID, SAME_UPPER and SAME_LOWER}}
  %0 = onnx.node "ai.onnx::Conv"(%x, %k) {node_attributes = {auto_pad = "SAME", group = 4 : i64}, version = 11 : i64} : (tensor<2x4x?xf32>, tensor<4x1x3xf32>) -> !onnx.unknown
  // expected-error @below {{3 groups do not divide 4}}
  %1 = onnx.node "ai.onnx::Conv"(%x, %w) {node_attributes = {group = 3 : i64}, version = 11 : i64} : (tensor<2x4x?xf32>, tensor<4x4x3xf32>) -> !onnx.unknown
  // expected-error @below {{its kernel_shape is not that of its weight}}
  %2 = onnx.node "ai.onnx::Conv"(%x, %k) {node_attributes = {group = 4 : i64, kernel_shape = array<i64: 5>}, version = 11 : i64} : (tensor<2x4x?xf32>, tensor<4x1x3xf32>) -> !onnx.unknown
  // expected-error @below {{expected batch x channels x positions and channels x 1 x taps, but got 'p' [2, 4] and 'k' [4, 1, 3]}}
  %3 = onnx.node "com.microsoft::CausalConvWithState"(%p, %k) {version = 1 : i64} : (tensor<2x4xf32>, tensor<4x1x3xf32>) -> !onnx.unknown
  // expected-error @below {{expects ndim = 1 and one state (no window of states)}}
  %4 = onnx.node "com.microsoft::CausalConvWithState"(%x, %k) {node_attributes = {state_window = 2 : i64}, version = 1 : i64} : (tensor<2x4x?xf32>, tensor<4x1x3xf32>) -> !onnx.unknown
  // expected-error @below {{activation 'gelu'; known are none, silu and swish}}
  %5 = onnx.node "com.microsoft::CausalConvWithState"(%x, %k) {node_attributes = {activation = "gelu"}, version = 1 : i64} : (tensor<2x4x?xf32>, tensor<4x1x3xf32>) -> !onnx.unknown
  return %0, %1, %2, %3, %4, %5 : !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown
}

// -----

// What is no arithmetic on tensors of numbers.

func.func @main(%s: !onnx.opaque<"seq(tensor(float))"> {rt.name = "s"}, %t: !onnx.opaque<"tensor(string)"> {rt.name = "t"}, %x: tensor<4xf32> {rt.name = "x", rt.shape = [4]})
    -> (!onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown) {
  // expected-error @below {{ai.onnx::SequenceLength version 11 is not supported: sequences and optionals must be made in the graph, of elements that are known one by one}}
  %0 = onnx.node "ai.onnx::SequenceLength"(%s) {version = 11 : i64} : (!onnx.opaque<"seq(tensor(float))">) -> !onnx.unknown
  // expected-error @below {{ai.onnx::StringConcat version 20 is not supported: strings are not supported}}
  %1 = onnx.node "ai.onnx::StringConcat"(%t, %t) {version = 20 : i64} : (!onnx.opaque<"tensor(string)">, !onnx.opaque<"tensor(string)">) -> !onnx.unknown
  // expected-error @below {{ai.onnx::Bernoulli version 15 is not supported: random operators are not reproducible}}
  %2 = onnx.node "ai.onnx::Bernoulli"(%x) {version = 15 : i64} : (tensor<4xf32>) -> !onnx.unknown
  // expected-error @below {{ai.onnx.preview.training::Adam version 1 is not supported: training is not supported}}
  %3 = onnx.node "ai.onnx.preview.training::Adam"(%x) {version = 1 : i64} : (tensor<4xf32>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::Identity version 16 is not supported: an operand is a seq(tensor(float)), and no tensor of numbers}}
  %4 = onnx.node "ai.onnx::Identity"(%s) {version = 16 : i64} : (!onnx.opaque<"seq(tensor(float))">) -> !onnx.unknown
  return %0, %1, %2, %3, %4 : !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown
}

// -----

// An input that nothing reads is one as well.
// expected-error @below {{a graph input is a tensor(string), and no tensor of numbers}}
func.func @main(%t: !onnx.opaque<"tensor(string)"> {rt.name = "t"}, %x: tensor<4xf32> {rt.name = "x", rt.shape = [4]}) -> tensor<4xf32> {
  return %x : tensor<4xf32>
}
