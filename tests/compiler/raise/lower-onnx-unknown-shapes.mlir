// A node of which the shape cannot be known says why.
// RUN: moe-opt %s --moe-lower-onnx --split-input-file --verify-diagnostics -o /dev/null

// Sizes that data decides.

func.func @main(%x: tensor<4xf32> {rt.name = "x", rt.shape = [4]}, %s: tensor<1xi64> {rt.name = "s", rt.shape = [1]},
                %z: tensor<i64> {rt.name = "z", rt.shape = []}, %m: tensor<4x4xf32> {rt.name = "m", rt.shape = [4, 4]},
                %v: tensor<2xf32> {rt.name = "v", rt.shape = [2]})
    -> (!onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown) {
  %one = arith.constant dense<[1]> : tensor<1xi64>
  // expected-error @below {{ai.onnx::Expand version 13 is not supported: the shape of its result must be known before data is, but 's' [1] is computed from data}}
  %0 = onnx.node "ai.onnx::Expand"(%x, %s) {version = 13 : i64} : (tensor<4xf32>, tensor<1xi64>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::Reshape version 14 is not supported: the new sizes must be known before data is, but 's' [1] is computed from data}}
  %1 = onnx.node "ai.onnx::Reshape"(%x, %s) {version = 14 : i64} : (tensor<4xf32>, tensor<1xi64>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::Squeeze version 13 is not supported: the axes must be constants, but 's' [1] are computed}}
  %2 = onnx.node "ai.onnx::Squeeze"(%m, %s) {version = 13 : i64} : (tensor<4x4xf32>, tensor<1xi64>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::Split version 18 is not supported: the sizes of its pieces must be known before data is}}
  %3 = onnx.node "ai.onnx::Split"(%x, %s) {version = 18 : i64} : (tensor<4xf32>, tensor<1xi64>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::Tile version 13 is not supported: the repeats must be known before data is}}
  %4 = onnx.node "ai.onnx::Tile"(%x, %s) {version = 13 : i64} : (tensor<4xf32>, tensor<1xi64>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::Slice version 13 is not supported: starts must be known before data is}}
  %5 = onnx.node "ai.onnx::Slice"(%x, %s, %s) {version = 13 : i64} : (tensor<4xf32>, tensor<1xi64>, tensor<1xi64>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::Slice version 13 is not supported: its steps must be constants, but 's' [1] are computed}}
  %6 = onnx.node "ai.onnx::Slice"(%x, %one, %one, %one, %s) {version = 13 : i64} : (tensor<4xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::ConstantOfShape version 9 is not supported: the sizes must be known before data is}}
  %7 = onnx.node "ai.onnx::ConstantOfShape"(%s) {version = 9 : i64} : (tensor<1xi64>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::Range version 11 is not supported: start must be known before data is}}
  %8 = onnx.node "ai.onnx::Range"(%z, %z, %z) {version = 11 : i64} : (tensor<i64>, tensor<i64>, tensor<i64>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::TopK version 11 is not supported: K must be known before data is}}
  %9:2 = onnx.node "ai.onnx::TopK"(%x, %s) {version = 11 : i64} : (tensor<4xf32>, tensor<1xi64>) -> (!onnx.unknown, !onnx.unknown)
  // expected-error @below {{ai.onnx::OneHot version 11 is not supported: the depth must be known before data is}}
  %10 = onnx.node "ai.onnx::OneHot"(%z, %s, %v) {version = 11 : i64} : (tensor<i64>, tensor<1xi64>, tensor<2xf32>) -> !onnx.unknown
  return %0, %1, %2, %3, %4, %5, %6, %7, %8, %9#0, %10 : !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown
}

// -----

// Sizes of which something is not proved: of named dimensions, or beyond 64 bits.

func.func @main(%x0: index {rt.dim = "x0"}, %t0: index {rt.dim = "t0"}, %t1: index {rt.dim = "t1"}, %v0: index {rt.dim = "v0"},
                %x: tensor<?x6xf32> {rt.name = "x", rt.shape = ["x0", 6]}, %y: tensor<1x4xf32> {rt.name = "y", rt.shape = [1, 4]},
                %t: tensor<?x?xi64> {rt.name = "t", rt.shape = ["t0", "t1"]}, %v: tensor<?xf32> {rt.name = "v", rt.shape = ["v0"]})
    -> (!onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown) {
  %none = onnx.none
  %sizes = arith.constant dense<[5, 4]> : tensor<2xi64>
  %whole = arith.constant dense<[7, 5]> : tensor<2xi64>
  %none0 = arith.constant dense<[0, -1]> : tensor<2xi64>
  %axis0 = arith.constant dense<[0]> : tensor<1xi64>
  %one = arith.constant dense<[1]> : tensor<1xi64>
  %two = arith.constant dense<[2]> : tensor<1xi64>
  %zero = arith.constant dense<0> : tensor<i64>
  %far = arith.constant dense<[9223372036854775807, 3]> : tensor<2xi64>
  %least = arith.constant dense<-9223372036854775808> : tensor<i64>
  // expected-error @below {{ai.onnx::Reshape version 14 is not supported: it is not proved to keep the number of elements (6 * x0, and 20 asked for): 'x' [x0, 6] to sizes [5, 4]}}
  %0 = onnx.node "ai.onnx::Reshape"(%x, %sizes) {version = 14 : i64} : (tensor<?x6xf32>, tensor<2xi64>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::Reshape version 14 is not supported: it is not proved to keep the number of elements (6 * x0, and 35 asked for)}}
  %1 = onnx.node "ai.onnx::Reshape"(%x, %whole) {version = 14 : i64} : (tensor<?x6xf32>, tensor<2xi64>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::Reshape version 14 is not supported: -1 among sizes of which one is 0: [0, -1]}}
  %2 = onnx.node "ai.onnx::Reshape"(%x, %none0) {node_attributes = {allowzero = 1 : i64}, version = 14 : i64} : (tensor<?x6xf32>, tensor<2xi64>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::Einsum version 12 is not supported: label k of 'nk,km->nm' is summed over, but is 6 in one operand and 1 in another: 'x' [x0, 6] and 'y' [1, 4]}}
  %3 = onnx.node "ai.onnx::Einsum"(%x, %y) {node_attributes = {equation = "nk,km->nm"}, version = 12 : i64} : (tensor<?x6xf32>, tensor<1x4xf32>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::Einsum version 12 is invalid: the equation '...i->i' is none of labels for the dimensions of its operands}}
  %4 = onnx.node "ai.onnx::Einsum"(%x) {node_attributes = {equation = "...i->i"}, version = 12 : i64} : (tensor<?x6xf32>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::GatherND version 13 is not supported: the length of its index tuples is not a number: 't' [t0, t1]}}
  %5 = onnx.node "ai.onnx::GatherND"(%x, %t) {version = 13 : i64} : (tensor<?x6xf32>, tensor<?x?xi64>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::OneHot version 11 is not supported: the number of values is not known: 'v' [v0]}}
  %6 = onnx.node "ai.onnx::OneHot"(%t, %one, %v) {version = 11 : i64} : (tensor<?x?xi64>, tensor<1xi64>, tensor<?xf32>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::ConstantOfShape version 9 is not supported: 64 bits do not hold the number of elements of its result [9223372036854775807, 3]}}
  %7 = onnx.node "ai.onnx::ConstantOfShape"(%far) {version = 9 : i64} : (tensor<2xi64>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::Range version 11 is not supported: delta must be a constant}}
  %8 = onnx.node "ai.onnx::Range"(%zero, %least, %least) {version = 11 : i64} : (tensor<i64>, tensor<i64>, tensor<i64>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::Cast version 13 is not supported: no conversion to the element type of code 14}}
  %9 = onnx.node "ai.onnx::Cast"(%x) {node_attributes = {to = 14 : i64}, version = 13 : i64} : (tensor<?x6xf32>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::Constant version 13 is not supported: its value is no tensor of numbers}}
  %10 = onnx.node "ai.onnx::Constant"() {node_attributes = {value_string = "text"}, version = 13 : i64} : () -> !onnx.unknown
  // expected-error @below {{ai.onnx::Split version 18 is not supported: the last of 3 pieces of v0 elements is not proved to be at least 0}}
  %11:3 = onnx.node "ai.onnx::Split"(%v) {node_attributes = {num_outputs = 3 : i64}, version = 18 : i64} : (tensor<?xf32>) -> (!onnx.unknown, !onnx.unknown, !onnx.unknown)
  // expected-error @below {{ai.onnx::Sqrt version 13 is not supported: it has 2 operands; at most 1 are known}}
  %12 = onnx.node "ai.onnx::Sqrt"(%x, %x) {version = 13 : i64} : (tensor<?x6xf32>, tensor<?x6xf32>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::ArgMax version 13 is not supported: it has an axis of a scalar}}
  %13 = onnx.node "ai.onnx::ArgMax"(%zero) {version = 13 : i64} : (tensor<i64>) -> !onnx.unknown
  // expected-error @below {{com.microsoft::GroupQueryAttention version 1 is not supported: the query must be batch x sequence x columns, but is 'x' [x0, 6]}}
  %14:3 = onnx.node "com.microsoft::GroupQueryAttention"(%x, %none, %none, %none, %none, %one, %one) {node_attributes = {num_heads = 4 : i64, kv_num_heads = 2 : i64}, version = 1 : i64} : (tensor<?x6xf32>, !onnx.none, !onnx.none, !onnx.none, !onnx.none, tensor<1xi64>, tensor<1xi64>) -> (!onnx.unknown, !onnx.unknown, !onnx.unknown)
  return %0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11#0, %12, %13, %14#0 : !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown
}

// -----

// Elements that are not 0: what follows from their number is not reported.

func.func @main(%x: tensor<4xf32> {rt.name = "x", rt.shape = [4]}) -> (tensor<?xi64>, tensor<2xi64>) {
  %axes = arith.constant dense<0> : tensor<1xi64>
  // expected-error @below {{ai.onnx::NonZero version 13 is not supported: the shape of its result is not known before data is}}
  %1 = onnx.node "ai.onnx::NonZero"(%x) {version = 13 : i64} : (tensor<4xf32>) -> tensor<1x?xi64>
  %2 = onnx.node "ai.onnx::Squeeze"(%1, %axes) {version = 13 : i64} : (tensor<1x?xi64>, tensor<1xi64>) -> tensor<?xi64>
  %3 = onnx.node "ai.onnx::Shape"(%1) {version = 15 : i64} : (tensor<1x?xi64>) -> tensor<2xi64>
  return %2, %3 : tensor<?xi64>, tensor<2xi64>
}

// -----

// Attention over sizes that are not numbers.

func.func @main(%q2: index {rt.dim = "q2"}, %b0: index {rt.dim = "b0"}, %q: tensor<1x2x?xf32> {rt.name = "q", rt.shape = [1, 2, "q2"]},
                %b: tensor<?x2x64xf32> {rt.name = "b", rt.shape = ["b0", 2, 64]})
    -> (!onnx.unknown, !onnx.unknown) {
  %none = onnx.none
  %one = arith.constant dense<1> : tensor<1xi32>
  // expected-error @below {{com.microsoft::GroupQueryAttention version 1 is not supported: the columns of the query are not a number: 'q' [1, 2, q2]}}
  %0:3 = onnx.node "com.microsoft::GroupQueryAttention"(%q, %none, %none, %none, %none, %one, %one) {node_attributes = {num_heads = 4 : i64, kv_num_heads = 2 : i64}, version = 1 : i64} : (tensor<1x2x?xf32>, !onnx.none, !onnx.none, !onnx.none, !onnx.none, tensor<1xi32>, tensor<1xi32>) -> (!onnx.unknown, !onnx.unknown, !onnx.unknown)
  // expected-error @below {{com.microsoft::GroupQueryAttention version 1 is not supported: one length a sequence must be given: [1] for 'b' [b0, 2, 64]}}
  %1:3 = onnx.node "com.microsoft::GroupQueryAttention"(%b, %none, %none, %none, %none, %one, %one) {node_attributes = {num_heads = 4 : i64, kv_num_heads = 2 : i64}, version = 1 : i64} : (tensor<?x2x64xf32>, !onnx.none, !onnx.none, !onnx.none, !onnx.none, tensor<1xi32>, tensor<1xi32>) -> (!onnx.unknown, !onnx.unknown, !onnx.unknown)
  return %0#0, %1#0 : !onnx.unknown, !onnx.unknown
}

// -----

// Attention over a matrix.

func.func @main(%m: tensor<4x4xf32> {rt.name = "m", rt.shape = [4, 4]}) -> !onnx.unknown {
  // expected-error @below {{ai.onnx::Attention version 23 is not supported: an operand must be batch x heads x tokens x head size, or batch x tokens x columns, but is 'm' [4, 4]}}
  %0 = onnx.node "ai.onnx::Attention"(%m, %m, %m) {version = 23 : i64} : (tensor<4x4xf32>, tensor<4x4xf32>, tensor<4x4xf32>) -> !onnx.unknown
  return %0 : !onnx.unknown
}
