// Nodes that contradict themselves or their operands are invalid: all are named at once, with tensors and sizes.
// RUN: moe-opt %s --moe-infer-shapes --split-input-file --verify-diagnostics -o /dev/null

// Matrix products.

func.func @main(%a: tensor<4x5xf32> {onnx.name = "a", onnx.dims = [4, 5]}, %b: tensor<6x7xf32> {onnx.name = "b", onnx.dims = [6, 7]},
                %s: tensor<f32> {onnx.name = "s", onnx.dims = []}, %v: tensor<2x4x5xf32> {onnx.name = "v", onnx.dims = [2, 4, 5]},
                %w: tensor<3x5x6xf32> {onnx.name = "w", onnx.dims = [3, 5, 6]})
    -> (!onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown) {
  // expected-error @below {{ai.onnx::MatMul version 13 is invalid: sizes 5 and 6 must be equal: 'a' [4, 5] and 'b' [6, 7]}}
  %0 = onnx.node "ai.onnx::MatMul"(%a, %b) {version = 13 : i64} : (tensor<4x5xf32>, tensor<6x7xf32>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::MatMul version 13 is invalid: sizes 2 and 3 must be equal: 'v' [2, 4, 5] and 'w' [3, 5, 6]}}
  %1 = onnx.node "ai.onnx::MatMul"(%v, %w) {version = 13 : i64} : (tensor<2x4x5xf32>, tensor<3x5x6xf32>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::MatMul version 13 is invalid: a matrix product has no scalars as operands: 's' [] times 'b' [6, 7]}}
  %2 = onnx.node "ai.onnx::MatMul"(%s, %b) {version = 13 : i64} : (tensor<f32>, tensor<6x7xf32>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::Gemm version 13 is invalid: sizes 5 and 6 must be equal}}
  %3 = onnx.node "ai.onnx::Gemm"(%a, %b) {version = 13 : i64} : (tensor<4x5xf32>, tensor<6x7xf32>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::Gemm version 13 is invalid: expected two matrices, but got 'v' [2, 4, 5] times 'b' [6, 7]}}
  %4 = onnx.node "ai.onnx::Gemm"(%v, %b) {version = 13 : i64} : (tensor<2x4x5xf32>, tensor<6x7xf32>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::Gemm version 13 is invalid: operand 'a' [4, 5] does not broadcast to [7, 7]}}
  %5 = onnx.node "ai.onnx::Gemm"(%b, %b, %a) {node_attributes = {transA = 1 : i64}, version = 13 : i64} : (tensor<6x7xf32>, tensor<6x7xf32>, tensor<4x5xf32>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::Einsum version 12 is invalid: sizes 5 and 6 must be equal}}
  %6 = onnx.node "ai.onnx::Einsum"(%a, %b) {node_attributes = {equation = "ij,jk->ik"}, version = 12 : i64} : (tensor<4x5xf32>, tensor<6x7xf32>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::Einsum version 12 is invalid: the equation 'ij->ij' has 1 operands, but the node has 2}}
  %7 = onnx.node "ai.onnx::Einsum"(%a, %b) {node_attributes = {equation = "ij->ij"}, version = 12 : i64} : (tensor<4x5xf32>, tensor<6x7xf32>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::Einsum version 12 is invalid: the equation 'ij,jk->ik' has 2 labels for operand 'v' [2, 4, 5]}}
  %8 = onnx.node "ai.onnx::Einsum"(%v, %b) {node_attributes = {equation = "ij,jk->ik"}, version = 12 : i64} : (tensor<2x4x5xf32>, tensor<6x7xf32>) -> !onnx.unknown
  return %0, %1, %2, %3, %4, %5, %6, %7, %8 : !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown
}

// -----

// Broadcasts, axes and element types.

func.func @main(%a: tensor<4x5xf32> {onnx.name = "a", onnx.dims = [4, 5]}, %b: tensor<4x6xf32> {onnx.name = "b", onnx.dims = [4, 6]},
                %i: tensor<4x5xi64> {onnx.name = "i", onnx.dims = [4, 5]}, %t: tensor<4x5xi1> {onnx.name = "t", onnx.dims = [4, 5]},
                %v: tensor<2x5xf32> {onnx.name = "v", onnx.dims = [2, 5]}, %k: tensor<3x4x5xf32> {onnx.name = "k", onnx.dims = [3, 4, 5]})
    -> (!onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown) {
  // expected-error @below {{ai.onnx::Add version 14 is invalid: sizes 5 and 6 must be equal: 'a' [4, 5] and 'b' [4, 6]}}
  %0 = onnx.node "ai.onnx::Add"(%a, %b) {version = 14 : i64} : (tensor<4x5xf32>, tensor<4x6xf32>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::Mul version 14 is invalid: its operands must have one element type, but 'a' [4, 5] holds f32 and 'i' [4, 5] holds i64}}
  %1 = onnx.node "ai.onnx::Mul"(%a, %i) {version = 14 : i64} : (tensor<4x5xf32>, tensor<4x5xi64>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::Sqrt version 13 is invalid: operand 0 must hold floats, but 'i' [4, 5] holds i64}}
  %2 = onnx.node "ai.onnx::Sqrt"(%i) {version = 13 : i64} : (tensor<4x5xi64>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::Not version 1 is invalid: operand 0 must hold bools, but 'a' [4, 5] holds f32}}
  %3 = onnx.node "ai.onnx::Not"(%a) {version = 1 : i64} : (tensor<4x5xf32>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::Add version 14 is invalid: operand 0 must hold numbers, but 't' [4, 5] holds i1}}
  %4 = onnx.node "ai.onnx::Add"(%t, %t) {version = 14 : i64} : (tensor<4x5xi1>, tensor<4x5xi1>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::Gather version 13 is invalid: operand 1 must hold i32 or i64, but 'b' [4, 6] holds f32}}
  %5 = onnx.node "ai.onnx::Gather"(%a, %b) {version = 13 : i64} : (tensor<4x5xf32>, tensor<4x6xf32>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::Reshape version 14 is invalid: operand 1 must hold i64, but 'b' [4, 6] holds f32}}
  %6 = onnx.node "ai.onnx::Reshape"(%a, %b) {version = 14 : i64} : (tensor<4x5xf32>, tensor<4x6xf32>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::Where version 16 is invalid: sizes 5 and 6 must be equal}}
  %7 = onnx.node "ai.onnx::Where"(%t, %a, %b) {version = 16 : i64} : (tensor<4x5xi1>, tensor<4x5xf32>, tensor<4x6xf32>) -> !onnx.unknown
  // expected-error @below {{com.microsoft::BiasGelu version 1 is invalid: operand 'b' [4, 6] does not broadcast to [4, 5]}}
  %8 = onnx.node "com.microsoft::BiasGelu"(%a, %b) {version = 1 : i64} : (tensor<4x5xf32>, tensor<4x6xf32>) -> !onnx.unknown
  // expected-error @below {{com.microsoft::BiasGelu version 1 is invalid: operand 'k' [3, 4, 5] does not broadcast to [4, 5]}}
  %9 = onnx.node "com.microsoft::BiasGelu"(%a, %k) {version = 1 : i64} : (tensor<4x5xf32>, tensor<3x4x5xf32>) -> !onnx.unknown
  // expected-error @below {{com.microsoft::SkipLayerNormalization version 1 is invalid: operand 'v' [2, 5] does not broadcast to [4, 5]}}
  %10 = onnx.node "com.microsoft::SkipLayerNormalization"(%a, %v, %v) {version = 1 : i64} : (tensor<4x5xf32>, tensor<2x5xf32>, tensor<2x5xf32>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::Softmax version 13 is invalid: axis 2 is outside the rank 2 for 'a' [4, 5]}}
  %11 = onnx.node "ai.onnx::Softmax"(%a) {node_attributes = {axis = 2 : i64}, version = 13 : i64} : (tensor<4x5xf32>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::Gather version 13 is invalid: axis -3 is outside the rank 2 for 'a' [4, 5]}}
  %12 = onnx.node "ai.onnx::Gather"(%a, %i) {node_attributes = {axis = -3 : i64}, version = 13 : i64} : (tensor<4x5xf32>, tensor<4x5xi64>) -> !onnx.unknown
  return %0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12 : !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown
}

// -----

// Movements.

func.func @main(%a: tensor<4x5xf32> {onnx.name = "a", onnx.dims = [4, 5]}, %b: tensor<3x5xf32> {onnx.name = "b", onnx.dims = [3, 5]},
                %c: tensor<4x5x1xf32> {onnx.name = "c", onnx.dims = [4, 5, 1]}, %s: tensor<f32> {onnx.name = "s", onnx.dims = []})
    -> (!onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown) {
  %six = arith.constant dense<[6, 4]> : tensor<2xi64>
  %two = arith.constant dense<[-1, -1]> : tensor<2xi64>
  %three = arith.constant dense<[-1, 3]> : tensor<2xi64>
  %zero = arith.constant dense<[0, 0, 0]> : tensor<3xi64>
  %axes = arith.constant dense<[0, 0]> : tensor<2xi64>
  %axis = arith.constant dense<[7]> : tensor<1xi64>
  %one = arith.constant dense<[1]> : tensor<1xi64>
  %pieces = arith.constant dense<[2, 2]> : tensor<2xi64>
  %negative = arith.constant dense<[5, -1]> : tensor<2xi64>
  %step = arith.constant dense<[0]> : tensor<1xi64>
  // expected-error @below {{ai.onnx::Reshape version 14 is invalid: it makes another number of elements (20, but 24 asked for): 'a' [4, 5] to sizes [6, 4]}}
  %0 = onnx.node "ai.onnx::Reshape"(%a, %six) {version = 14 : i64} : (tensor<4x5xf32>, tensor<2xi64>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::Reshape version 14 is invalid: it makes another number of elements (20, but 3 asked for): 'a' [4, 5] to sizes [-1, 3]}}
  %1 = onnx.node "ai.onnx::Reshape"(%a, %three) {version = 14 : i64} : (tensor<4x5xf32>, tensor<2xi64>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::Reshape version 14 is invalid: more than one of the new sizes [-1, -1] is -1}}
  %2 = onnx.node "ai.onnx::Reshape"(%a, %two) {version = 14 : i64} : (tensor<4x5xf32>, tensor<2xi64>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::Reshape version 14 is invalid: size 2 is 0, so that it is copied, but there is no such dimension in 'a' [4, 5]}}
  %3 = onnx.node "ai.onnx::Reshape"(%a, %zero) {version = 14 : i64} : (tensor<4x5xf32>, tensor<3xi64>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::Flatten version 13 is invalid: axis 3 is outside the rank of 'a' [4, 5]}}
  %4 = onnx.node "ai.onnx::Flatten"(%a) {node_attributes = {axis = 3 : i64}, version = 13 : i64} : (tensor<4x5xf32>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::Transpose version 13 is invalid: perm [0, 0] is no order of the dimensions of 'a' [4, 5]}}
  %5 = onnx.node "ai.onnx::Transpose"(%a) {node_attributes = {perm = array<i64: 0, 0>}, version = 13 : i64} : (tensor<4x5xf32>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::Unsqueeze version 13 is invalid: axis 7 is outside the rank 3 for 'a' [4, 5]}}
  %6 = onnx.node "ai.onnx::Unsqueeze"(%a, %axis) {version = 13 : i64} : (tensor<4x5xf32>, tensor<1xi64>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::Unsqueeze version 13 is invalid: axis 0 stands twice among its axes}}
  %7 = onnx.node "ai.onnx::Unsqueeze"(%a, %axes) {version = 13 : i64} : (tensor<4x5xf32>, tensor<2xi64>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::Unsqueeze version 13 is invalid: it has no axes}}
  %8 = onnx.node "ai.onnx::Unsqueeze"(%a) {version = 13 : i64} : (tensor<4x5xf32>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::Squeeze version 13 is invalid: sizes 5 and 1 must be equal}}
  %9 = onnx.node "ai.onnx::Squeeze"(%a, %one) {version = 13 : i64} : (tensor<4x5xf32>, tensor<1xi64>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::Concat version 13 is invalid: sizes 4 and 3 must be equal: 'a' [4, 5] and 'b' [3, 5]}}
  %10 = onnx.node "ai.onnx::Concat"(%a, %b) {node_attributes = {axis = 1 : i64}, version = 13 : i64} : (tensor<4x5xf32>, tensor<3x5xf32>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::Concat version 13 is invalid: its operands must have one rank, but are 'a' [4, 5] and 'c' [4, 5, 1]}}
  %11 = onnx.node "ai.onnx::Concat"(%a, %c) {node_attributes = {axis = 0 : i64}, version = 13 : i64} : (tensor<4x5xf32>, tensor<4x5x1xf32>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::Split version 18 is invalid: its pieces [2, 2] make 4 elements, but there are 5 in 'a' [4, 5]}}
  %12:2 = onnx.node "ai.onnx::Split"(%a, %pieces) {node_attributes = {axis = 1 : i64}, version = 18 : i64} : (tensor<4x5xf32>, tensor<2xi64>) -> (!onnx.unknown, !onnx.unknown)
  // expected-error @below {{ai.onnx::Split version 18 is invalid: a piece of -1 elements is asked for: [5, -1]}}
  %13:2 = onnx.node "ai.onnx::Split"(%a, %negative) {version = 18 : i64} : (tensor<4x5xf32>, tensor<2xi64>) -> (!onnx.unknown, !onnx.unknown)
  // expected-error @below {{ai.onnx::Split version 18 is invalid: it states 2 sizes for 3 results}}
  %14:3 = onnx.node "ai.onnx::Split"(%a, %pieces) {version = 18 : i64} : (tensor<4x5xf32>, tensor<2xi64>) -> (!onnx.unknown, !onnx.unknown, !onnx.unknown)
  // expected-error @below {{ai.onnx::Tile version 13 is invalid: it has 1 repeats for 'a' [4, 5]}}
  %15 = onnx.node "ai.onnx::Tile"(%a, %one) {version = 13 : i64} : (tensor<4x5xf32>, tensor<1xi64>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::Slice version 13 is invalid: it has 1 starts, 2 ends and 1 axes}}
  %16 = onnx.node "ai.onnx::Slice"(%a, %one, %pieces) {version = 13 : i64} : (tensor<4x5xf32>, tensor<1xi64>, tensor<2xi64>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::Slice version 13 is invalid: it has 1 starts and 2 steps}}
  %17 = onnx.node "ai.onnx::Slice"(%a, %one, %one, %one, %pieces) {version = 13 : i64} : (tensor<4x5xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>, tensor<2xi64>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::Slice version 13 is invalid: its step along axis 1 is 0}}
  %18 = onnx.node "ai.onnx::Slice"(%a, %one, %one, %one, %step) {version = 13 : i64} : (tensor<4x5xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> !onnx.unknown
  return %0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12#0, %13#0, %14#0, %15, %16, %17, %18 : !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown
}

// -----

// Indices, reductions, norms.

func.func @main(%a: tensor<4x5xf32> {onnx.name = "a", onnx.dims = [4, 5]}, %i: tensor<4xi64> {onnx.name = "i", onnx.dims = [4]},
                %n: tensor<2x3xi64> {onnx.name = "n", onnx.dims = [2, 3]}, %z: tensor<i64> {onnx.name = "z", onnx.dims = []},
                %v: tensor<3xf32> {onnx.name = "v", onnx.dims = [3]}, %y: tensor<4xf32> {onnx.name = "y", onnx.dims = [4]})
    -> (!onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown) {
  %none = onnx.none
  %six = arith.constant dense<[6]> : tensor<1xi64>
  %two = arith.constant dense<[1, 1]> : tensor<2xi64>
  %axis = arith.constant dense<[5]> : tensor<1xi64>
  %minus = arith.constant dense<[-2]> : tensor<1xi64>
  // expected-error @below {{ai.onnx::GatherElements version 13 is invalid: data and indices must have one rank, but are 'a' [4, 5] and 'i' [4]}}
  %0 = onnx.node "ai.onnx::GatherElements"(%a, %i) {version = 13 : i64} : (tensor<4x5xf32>, tensor<4xi64>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::GatherND version 13 is invalid: its indices are a scalar, and no tuples: 'z' []}}
  %1 = onnx.node "ai.onnx::GatherND"(%a, %z) {version = 13 : i64} : (tensor<4x5xf32>, tensor<i64>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::GatherND version 13 is invalid: index tuples of 3 behind 0 batch dimensions do not fit: 'a' [4, 5] by 'n' [2, 3]}}
  %2 = onnx.node "ai.onnx::GatherND"(%a, %n) {version = 13 : i64} : (tensor<4x5xf32>, tensor<2x3xi64>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::OneHot version 11 is invalid: expected one depth and two values, but got [1] and 'v' [3]}}
  %3 = onnx.node "ai.onnx::OneHot"(%i, %six, %v) {version = 11 : i64} : (tensor<4xi64>, tensor<1xi64>, tensor<3xf32>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::ReduceSum version 13 is invalid: axis 5 is outside the rank 2 for 'a' [4, 5]}}
  %4 = onnx.node "ai.onnx::ReduceSum"(%a, %axis) {version = 13 : i64} : (tensor<4x5xf32>, tensor<1xi64>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::CumSum version 14 is invalid: axis 5 is outside the rank 2 for 'a' [4, 5]}}
  %5 = onnx.node "ai.onnx::CumSum"(%a, %axis) {version = 14 : i64} : (tensor<4x5xf32>, tensor<1xi64>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::TopK version 11 is invalid: K is 6, but axis 1 of 'a' [4, 5] has 5 elements}}
  %6:2 = onnx.node "ai.onnx::TopK"(%a, %six) {version = 11 : i64} : (tensor<4x5xf32>, tensor<1xi64>) -> (!onnx.unknown, !onnx.unknown)
  // expected-error @below {{ai.onnx::TopK version 11 is invalid: K must be one number, but is [2]}}
  %7:2 = onnx.node "ai.onnx::TopK"(%a, %two) {version = 11 : i64} : (tensor<4x5xf32>, tensor<2xi64>) -> (!onnx.unknown, !onnx.unknown)
  // expected-error @below {{ai.onnx::ArgMax version 13 is invalid: axis 2 is outside the rank 2 for 'a' [4, 5]}}
  %8 = onnx.node "ai.onnx::ArgMax"(%a) {node_attributes = {axis = 2 : i64}, version = 13 : i64} : (tensor<4x5xf32>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::LayerNormalization version 17 is invalid: axis 2 is outside the rank 2 for 'a' [4, 5]}}
  %9 = onnx.node "ai.onnx::LayerNormalization"(%a, %v) {node_attributes = {axis = 2 : i64}, version = 17 : i64} : (tensor<4x5xf32>, tensor<3xf32>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::LayerNormalization version 17 is invalid: operand 1 is missing}}
  %10 = onnx.node "ai.onnx::LayerNormalization"(%a, %none) {version = 17 : i64} : (tensor<4x5xf32>, !onnx.none) -> !onnx.unknown
  // expected-error @below {{ai.onnx::ConstantOfShape version 9 is invalid: its result would have a negative size: [-2]}}
  %11 = onnx.node "ai.onnx::ConstantOfShape"(%minus) {version = 9 : i64} : (tensor<1xi64>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::Range version 11 is invalid: start, limit and delta must be one number each: [2], [1], [1]}}
  %12 = onnx.node "ai.onnx::Range"(%two, %six, %six) {version = 11 : i64} : (tensor<2xi64>, tensor<1xi64>, tensor<1xi64>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::Constant version 13 is invalid: there is no weight 'nowhere' of a tensor type}}
  %13 = onnx.node "ai.onnx::Constant"() {node_attributes = {value = @nowhere}, version = 13 : i64} : () -> !onnx.unknown
  return %0, %1, %2, %3, %4, %5, %6#0, %7#0, %8, %9, %10, %11, %12, %13 : !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown
}

// -----

// A step of 0, and attention.

func.func @main(%q: tensor<1x2x64xf32> {onnx.name = "q", onnx.dims = [1, 2, 64]},
                %w: tensor<1x2x60xf32> {onnx.name = "w", onnx.dims = [1, 2, 60]}, %l: tensor<1xi32> {onnx.name = "l", onnx.dims = [1]},
                %p: tensor<1x4x8xf32> {onnx.name = "p", onnx.dims = [1, 4, 8]}, %k: tensor<3xf32> {onnx.name = "k", onnx.dims = [3]},
                %m: tensor<1x2xi64> {onnx.name = "m", onnx.dims = [1, 2]}, %c: tensor<8xf32> {onnx.name = "c", onnx.dims = [8]})
    -> (!onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown) {
  %none = onnx.none
  %zero = arith.constant dense<0> : tensor<i64>
  %total = arith.constant dense<2> : tensor<1xi32>
  %totals = arith.constant dense<[2, 2]> : tensor<2xi32>
  // expected-error @below {{ai.onnx::Range version 11 is invalid: delta must not be 0}}
  %0 = onnx.node "ai.onnx::Range"(%zero, %zero, %zero) {version = 11 : i64} : (tensor<i64>, tensor<i64>, tensor<i64>) -> !onnx.unknown
  // expected-error @below {{com.microsoft::GroupQueryAttention version 1 is invalid: num_heads = 0 and kv_num_heads = 2 must be from 1 to 1048576}}
  %1:3 = onnx.node "com.microsoft::GroupQueryAttention"(%q, %none, %none, %none, %none, %l, %total) {node_attributes = {num_heads = 0 : i64, kv_num_heads = 2 : i64}, version = 1 : i64} : (tensor<1x2x64xf32>, !onnx.none, !onnx.none, !onnx.none, !onnx.none, tensor<1xi32>, tensor<1xi32>) -> (!onnx.unknown, !onnx.unknown, !onnx.unknown)
  // expected-error @below {{com.microsoft::GroupQueryAttention version 1 is invalid: the columns of 'w' [1, 2, 60] are not a multiple of 8 heads}}
  %2:3 = onnx.node "com.microsoft::GroupQueryAttention"(%w, %none, %none, %none, %none, %l, %total) {node_attributes = {num_heads = 4 : i64, kv_num_heads = 2 : i64}, version = 1 : i64} : (tensor<1x2x60xf32>, !onnx.none, !onnx.none, !onnx.none, !onnx.none, tensor<1xi32>, tensor<1xi32>) -> (!onnx.unknown, !onnx.unknown, !onnx.unknown)
  // expected-error @below {{com.microsoft::GroupQueryAttention version 1 is invalid: the total length must be one number, but is [2]}}
  %3:3 = onnx.node "com.microsoft::GroupQueryAttention"(%q, %none, %none, %none, %none, %l, %totals) {node_attributes = {num_heads = 4 : i64, kv_num_heads = 2 : i64}, version = 1 : i64} : (tensor<1x2x64xf32>, !onnx.none, !onnx.none, !onnx.none, !onnx.none, tensor<1xi32>, tensor<2xi32>) -> (!onnx.unknown, !onnx.unknown, !onnx.unknown)
  // expected-error @below {{com.microsoft::GroupQueryAttention version 1 is invalid: the past must be batch x heads x keys x head size, but is 'p' [1, 4, 8]}}
  %4:3 = onnx.node "com.microsoft::GroupQueryAttention"(%q, %none, %none, %p, %p, %l, %total) {node_attributes = {num_heads = 4 : i64, kv_num_heads = 2 : i64}, version = 1 : i64} : (tensor<1x2x64xf32>, !onnx.none, !onnx.none, tensor<1x4x8xf32>, tensor<1x4x8xf32>, tensor<1xi32>, tensor<1xi32>) -> (!onnx.unknown, !onnx.unknown, !onnx.unknown)
  // expected-error @below {{com.microsoft::GroupQueryAttention version 1 is invalid: one sink for each of 4 heads must be given, but got 'k' [3]}}
  %5:3 = onnx.node "com.microsoft::GroupQueryAttention"(%q, %none, %none, %none, %none, %l, %total, %none, %none, %none, %none, %k) {node_attributes = {num_heads = 4 : i64, kv_num_heads = 2 : i64}, version = 1 : i64} : (tensor<1x2x64xf32>, !onnx.none, !onnx.none, !onnx.none, !onnx.none, tensor<1xi32>, tensor<1xi32>, !onnx.none, !onnx.none, !onnx.none, !onnx.none, tensor<3xf32>) -> (!onnx.unknown, !onnx.unknown, !onnx.unknown)
  // expected-error @below {{com.microsoft::RotaryEmbedding version 1 is invalid: a cache of angles must be a matrix, but is 'c' [8]}}
  %6 = onnx.node "com.microsoft::RotaryEmbedding"(%q, %m, %c, %c) {version = 1 : i64} : (tensor<1x2x64xf32>, tensor<1x2xi64>, tensor<8xf32>, tensor<8xf32>) -> !onnx.unknown
  return %0, %1#0, %2#0, %3#0, %4#0, %5#0, %6 : !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown
}

// -----

// The value of ConstantOfShape is one number, whatever holds it.

rt.weight @many : tensor<3xf32> = #rt.source<"m.onnx", 0, 12, raw> : tensor<3xf32>

func.func @main() -> (!onnx.unknown, !onnx.unknown, !onnx.unknown) {
  %sizes = arith.constant dense<[6, 2]> : tensor<2xi64>
  // expected-error @below {{ai.onnx::ConstantOfShape version 9 is invalid: its value must be one number, but holds 2}}
  %0 = onnx.node "ai.onnx::ConstantOfShape"(%sizes) {node_attributes = {value = dense<[0.0, 1.0]> : tensor<2xf32>}, version = 9 : i64} : (tensor<2xi64>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::ConstantOfShape version 9 is invalid: its value must be one number, but holds 0}}
  %1 = onnx.node "ai.onnx::ConstantOfShape"(%sizes) {node_attributes = {value = dense<> : tensor<0xf32>}, version = 9 : i64} : (tensor<2xi64>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::ConstantOfShape version 9 is invalid: its value must be one number, but holds 3}}
  %2 = onnx.node "ai.onnx::ConstantOfShape"(%sizes) {node_attributes = {value = @many}, version = 9 : i64} : (tensor<2xi64>) -> !onnx.unknown
  return %0, %1, %2 : !onnx.unknown, !onnx.unknown, !onnx.unknown
}

// -----

// The standard attention and rotary embedding.

func.func @main(%x: tensor<2x64xf32> {onnx.name = "x", onnx.dims = [2, 64]}, %q: tensor<1x2x60xf32> {onnx.name = "q", onnx.dims = [1, 2, 60]},
                %c: tensor<8x4xf32> {onnx.name = "c", onnx.dims = [8, 4]}, %m: tensor<1x2xi64> {onnx.name = "m", onnx.dims = [1, 2]},
                %d: tensor<1x2x4xf32> {onnx.name = "d", onnx.dims = [1, 2, 4]}, %p: tensor<1x4x8xf32> {onnx.name = "p", onnx.dims = [1, 4, 8]},
                %h: tensor<1x2x3x8xf32> {onnx.name = "h", onnx.dims = [1, 2, 3, 8]})
    -> (!onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown) {
  %none = onnx.none
  // expected-error @below {{ai.onnx::RotaryEmbedding version 23 is invalid: the input must be batch x sequence x columns or batch x heads x sequence x head size, but is 'x' [2, 64]}}
  %0 = onnx.node "ai.onnx::RotaryEmbedding"(%x, %c, %c, %m) {version = 23 : i64} : (tensor<2x64xf32>, tensor<8x4xf32>, tensor<8x4xf32>, tensor<1x2xi64>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::RotaryEmbedding version 23 is invalid: a cache of angles must have rank 3 without positions, but is 'c' [8, 4]}}
  %1 = onnx.node "ai.onnx::RotaryEmbedding"(%q, %c, %c) {version = 23 : i64} : (tensor<1x2x60xf32>, tensor<8x4xf32>, tensor<8x4xf32>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::RotaryEmbedding version 23 is invalid: a cache of angles must have rank 2 with positions, but is 'd' [1, 2, 4]}}
  %2 = onnx.node "ai.onnx::RotaryEmbedding"(%q, %d, %d, %m) {version = 23 : i64} : (tensor<1x2x60xf32>, tensor<1x2x4xf32>, tensor<1x2x4xf32>, tensor<1x2xi64>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::Attention version 23 is invalid: the columns of 'q' [1, 2, 60] are no multiple of q_num_heads = 8}}
  %3 = onnx.node "ai.onnx::Attention"(%q, %q, %q) {node_attributes = {q_num_heads = 8 : i64, kv_num_heads = 2 : i64}, version = 23 : i64} : (tensor<1x2x60xf32>, tensor<1x2x60xf32>, tensor<1x2x60xf32>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::Attention version 23 is invalid: the past must be batch x heads x keys x head size, but is 'p' [1, 4, 8]}}
  %4 = onnx.node "ai.onnx::Attention"(%h, %h, %h, %none, %p, %p) {version = 23 : i64} : (tensor<1x2x3x8xf32>, tensor<1x2x3x8xf32>, tensor<1x2x3x8xf32>, !onnx.none, tensor<1x4x8xf32>, tensor<1x4x8xf32>) -> !onnx.unknown
  return %0, %1, %2, %3, %4 : !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown
}

// -----

// Convolutions, and operators on quantised weights.

func.func @main(%x: tensor<2x4x8xf32> {onnx.name = "x", onnx.dims = [2, 4, 8]},
                %k: tensor<4x1x3xf32> {onnx.name = "k", onnx.dims = [4, 1, 3]},
                %m: tensor<4x6xf32> {onnx.name = "m", onnx.dims = [4, 6]},
                %q: tensor<8x2x16xui8> {onnx.name = "q", onnx.dims = [8, 2, 16]},
                %s: tensor<8x2xf32> {onnx.name = "s", onnx.dims = [8, 2]},
                %f: tensor<f32> {onnx.name = "f", onnx.dims = []},
                %ids: tensor<3xi64> {onnx.name = "ids", onnx.dims = [3]},
                %t: tensor<8x16xui8> {onnx.name = "t", onnx.dims = [8, 16]},
                %w: tensor<4x6xi8> {onnx.name = "w", onnx.dims = [4, 6]},
                %v: tensor<2xf32> {onnx.name = "v", onnx.dims = [2]},
                %z: tensor<4xi8> {onnx.name = "z", onnx.dims = [4]},
                %e: tensor<4x2xf32> {onnx.name = "e", onnx.dims = [4, 2]},
                %h: tensor<3x2xf32> {onnx.name = "h", onnx.dims = [3, 2]})
    -> (!onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown) {
  %none = onnx.none
  // expected-error @below {{ai.onnx::Conv version 11 is invalid: expected a batch, channels and spatial dimensions, but got 'm' [4, 6]}}
  %0 = onnx.node "ai.onnx::Conv"(%m, %k) {version = 11 : i64} : (tensor<4x6xf32>, tensor<4x1x3xf32>) -> !onnx.unknown
  // expected-error @below {{strides must hold 1 numbers of at least 1 for 'x' [2, 4, 8]}}
  %1 = onnx.node "ai.onnx::Conv"(%x, %k) {node_attributes = {group = 4 : i64, strides = array<i64: 0>}, version = 11 : i64} : (tensor<2x4x8xf32>, tensor<4x1x3xf32>) -> !onnx.unknown
  // expected-error @below {{pads must hold 2 numbers of at least 0 for 'x' [2, 4, 8]}}
  %2 = onnx.node "ai.onnx::Conv"(%x, %k) {node_attributes = {group = 4 : i64, pads = array<i64: 1>}, version = 11 : i64} : (tensor<2x4x8xf32>, tensor<4x1x3xf32>) -> !onnx.unknown
  // expected-error @below {{0 groups do not divide 4: 'x' [2, 4, 8] by 'k' [4, 1, 3]}}
  %3 = onnx.node "ai.onnx::Conv"(%x, %k) {node_attributes = {group = 0 : i64}, version = 11 : i64} : (tensor<2x4x8xf32>, tensor<4x1x3xf32>) -> !onnx.unknown
  // expected-error @below {{sizes 4 and 2 must be equal}}
  %4 = onnx.node "ai.onnx::Conv"(%x, %k) {node_attributes = {group = 2 : i64}, version = 11 : i64} : (tensor<2x4x8xf32>, tensor<4x1x3xf32>) -> !onnx.unknown
  // expected-error @below {{com.microsoft::CausalConvWithState version 1 is invalid: dilation = 0 must be from 1 to 2147483647}}
  %5 = onnx.node "com.microsoft::CausalConvWithState"(%x, %k) {node_attributes = {dilation = 0 : i64}, version = 1 : i64} : (tensor<2x4x8xf32>, tensor<4x1x3xf32>) -> !onnx.unknown
  // expected-error @below {{the state must be batch x channels x positions, but is 'm' [4, 6]}}
  %6 = onnx.node "com.microsoft::CausalConvWithState"(%x, %k, %none, %m) {version = 1 : i64} : (tensor<2x4x8xf32>, tensor<4x1x3xf32>, !onnx.none, tensor<4x6xf32>) -> !onnx.unknown
  // expected-error @below {{com.microsoft::MatMulNBits version 1 is invalid: K = 64 and N = 0 must be from 1 to 2147483647}}
  %7 = onnx.node "com.microsoft::MatMulNBits"(%m, %q, %s) {node_attributes = {K = 64 : i64, block_size = 32 : i64}, version = 1 : i64} : (tensor<4x6xf32>, tensor<8x2x16xui8>, tensor<8x2xf32>) -> !onnx.unknown
  // expected-error @below {{block_size = 24 must be a power of two, at least 16 and at most 2147483647}}
  %8 = onnx.node "com.microsoft::MatMulNBits"(%m, %q, %s) {node_attributes = {K = 64 : i64, N = 8 : i64, block_size = 24 : i64}, version = 1 : i64} : (tensor<4x6xf32>, tensor<8x2x16xui8>, tensor<8x2xf32>) -> !onnx.unknown
  // expected-error @below {{a matrix product has no scalars as operands: 'f' []}}
  %9 = onnx.node "com.microsoft::MatMulNBits"(%f, %q, %s) {node_attributes = {K = 64 : i64, N = 8 : i64, block_size = 32 : i64}, version = 1 : i64} : (tensor<f32>, tensor<8x2x16xui8>, tensor<8x2xf32>) -> !onnx.unknown
  // expected-error @below {{sizes 6 and 64 must be equal}}
  %10 = onnx.node "com.microsoft::MatMulNBits"(%m, %q, %s) {node_attributes = {K = 64 : i64, N = 8 : i64, block_size = 32 : i64}, version = 1 : i64} : (tensor<4x6xf32>, tensor<8x2x16xui8>, tensor<8x2xf32>) -> !onnx.unknown
  // expected-error @below {{com.microsoft::GatherBlockQuantized version 1 is invalid: bits = 9 must be from 1 to 8}}
  %11 = onnx.node "com.microsoft::GatherBlockQuantized"(%t, %ids, %s) {node_attributes = {bits = 9 : i64}, version = 1 : i64} : (tensor<8x16xui8>, tensor<3xi64>, tensor<8x2xf32>) -> !onnx.unknown
  // expected-error @below {{a table of bytes is gathered along axis 0 and quantised along another, but gather_axis is 1 and quantize_axis is 1}}
  %12 = onnx.node "com.microsoft::GatherBlockQuantized"(%t, %ids, %s) {node_attributes = {gather_axis = 1 : i64}, version = 1 : i64} : (tensor<8x16xui8>, tensor<3xi64>, tensor<8x2xf32>) -> !onnx.unknown
  // expected-error @below {{axis 2 is outside the rank 2}}
  %13 = onnx.node "com.microsoft::GatherBlockQuantized"(%t, %ids, %s) {node_attributes = {gather_axis = 2 : i64}, version = 1 : i64} : (tensor<8x16xui8>, tensor<3xi64>, tensor<8x2xf32>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::DequantizeLinear version 21 is invalid: block_size = -1 is negative}}
  %14 = onnx.node "ai.onnx::DequantizeLinear"(%w, %f) {node_attributes = {block_size = -1 : i64}, version = 21 : i64} : (tensor<4x6xi8>, tensor<f32>) -> !onnx.unknown
  // expected-error @below {{expected one scale, or one for each index of axis 1, but got 'e' [4, 2] for 'w' [4, 6]}}
  %15 = onnx.node "ai.onnx::DequantizeLinear"(%w, %e) {version = 21 : i64} : (tensor<4x6xi8>, tensor<4x2xf32>) -> !onnx.unknown
  // expected-error @below {{expected one scale for each block of 3 along axis 1, but got 'h' [3, 2] for 'w' [4, 6]}}
  %16 = onnx.node "ai.onnx::DequantizeLinear"(%w, %h) {node_attributes = {block_size = 3 : i64}, version = 21 : i64} : (tensor<4x6xi8>, tensor<3x2xf32>) -> !onnx.unknown
  // expected-error @below {{sizes 6 and 2 must be equal}}
  %17 = onnx.node "ai.onnx::DequantizeLinear"(%w, %v) {version = 21 : i64} : (tensor<4x6xi8>, tensor<2xf32>) -> !onnx.unknown
  // expected-error @below {{scales and zero points must have one shape, but are 'f' [] and 'z' [4]}}
  %18 = onnx.node "ai.onnx::DequantizeLinear"(%w, %f, %z) {version = 21 : i64} : (tensor<4x6xi8>, tensor<f32>, tensor<4xi8>) -> !onnx.unknown
  return %0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, %16, %17, %18 : !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown
}

// -----

// expected-error @below {{graph output 'y' is stated to hold 'i64', but holds 'f32'}}
func.func @main(%x: tensor<?xf32> {onnx.name = "x", onnx.dims = ["n"]}) -> (tensor<?xi64> {onnx.name = "y", onnx.dims = ["n"]}) {
  %y = onnx.node "ai.onnx::Relu"(%x) {version = 14 : i64} : (tensor<?xf32>) -> tensor<?xi64>
  return %y : tensor<?xi64>
}

// -----

func.func @main(%x: tensor<?x4xf32> {onnx.name = "x", onnx.dims = ["n", 4]}) -> (!onnx.unknown {onnx.name = "y", onnx.dims = [unit]}) {
  %k = arith.constant dense<-1> : tensor<1xi64>
  // expected-error @below {{ai.onnx::TopK version 11 is invalid: K is -1, but axis 1 of 'x' [n, 4] has 4 elements}}
  %y:2 = onnx.node "ai.onnx::TopK"(%x, %k) {version = 11 : i64} : (tensor<?x4xf32>, tensor<1xi64>) -> (!onnx.unknown, !onnx.unknown)
  return %y#0 : !onnx.unknown
}
