// RUN: moe-opt %s --moe-lower-onnx --split-input-file --verify-diagnostics

// All nodes that cannot be lowered are named at once; what follows from them is not.

func.func @main(%x: tensor<4xf32> {rt.name = "x", rt.shape = [4]}, %i: tensor<4xi64> {rt.name = "i", rt.shape = [4]})
    -> (tensor<4xf32>, tensor<4xi64>, !onnx.unknown) {
  // expected-error @below {{ai.onnx::NonZero version 13 is not supported: the shape of its result is not known before data is}}
  %a = onnx.node "ai.onnx::NonZero"(%x) {version = 13 : i64} : (tensor<4xf32>) -> !onnx.unknown
  %b = onnx.node "ai.onnx::Cast"(%a) {node_attributes = {to = 1 : i64}, version = 13 : i64} : (!onnx.unknown) -> !onnx.unknown
  // expected-error @below {{vendor::Secret version 1 is not supported: the operator has no lowering}}
  %c = onnx.node "vendor::Secret"(%x) {version = 1 : i64} : (tensor<4xf32>) -> tensor<4xf32>
  // expected-error @below {{ai.onnx::BitShift version 11 is not supported: expects the direction LEFT or RIGHT}}
  %d = onnx.node "ai.onnx::BitShift"(%i, %i) {node_attributes = {direction = "UP"}, version = 11 : i64} : (tensor<4xi64>, tensor<4xi64>) -> tensor<4xi64>
  return %c, %d, %b : tensor<4xf32>, tensor<4xi64>, !onnx.unknown
}

// -----

// A shape that data decides.

func.func @main(%x: tensor<4xf32> {rt.name = "x", rt.shape = [4]}, %s: tensor<1xi64> {rt.name = "s", rt.shape = [1]}) -> !onnx.unknown {
  // expected-error @below {{ai.onnx::Expand version 13 is not supported: the shape of its result must be known before data is, but 's' [1] is computed from data}}
  %a = onnx.node "ai.onnx::Expand"(%x, %s) {version = 13 : i64} : (tensor<4xf32>, tensor<1xi64>) -> !onnx.unknown
  return %a : !onnx.unknown
}

// -----

func.func @main(%x: tensor<4xui8> {rt.name = "x", rt.shape = [4]}, %y: tensor<4xi64> {rt.name = "y", rt.shape = [4]}, %z: tensor<4x4xf32> {rt.name = "z", rt.shape = [4, 4]})
    -> (tensor<4xui8>, tensor<4xi64>, !onnx.unknown) {
  // expected-error @below {{ai.onnx::Abs version 13 is not supported: it has unsigned elements}}
  %a = onnx.node "ai.onnx::Abs"(%x) {version = 13 : i64} : (tensor<4xui8>) -> tensor<4xui8>
  // expected-error @below {{ai.onnx::Sqrt version 13 is invalid: operand 0 must hold floats, but 'y' [4] holds i64}}
  %b = onnx.node "ai.onnx::Sqrt"(%y) {version = 13 : i64} : (tensor<4xi64>) -> tensor<4xi64>
  // expected-error @below {{ai.onnx::Einsum version 12 is invalid: the equation '...i->i' is none of labels for the dimensions of its operands}}
  %c = onnx.node "ai.onnx::Einsum"(%z) {node_attributes = {equation = "...i->i"}, version = 12 : i64} : (tensor<4x4xf32>) -> !onnx.unknown
  return %a, %b, %c : tensor<4xui8>, tensor<4xi64>, !onnx.unknown
}

// -----

// What nothing reads is left out.

func.func @main(%x: tensor<4xf32> {rt.name = "x", rt.shape = [4]}) -> tensor<4xf32> {
  %a = onnx.node "ai.onnx::NonZero"(%x) {version = 13 : i64} : (tensor<4xf32>) -> !onnx.unknown
  return %x : tensor<4xf32>
}

// -----

// expected-error @below {{expects an index argument with rt.dim = "n": run moe-infer-shapes first}}
func.func @main(%x: tensor<?xf32> {rt.name = "x", rt.shape = ["n"]}) -> tensor<?xf32> {
  return %x : tensor<?xf32>
}

// -----

// expected-error @below {{expects a function @main of one block, as the importer writes it}}
module {
  func.func private @main()
}

// -----

// What cannot be proved of sizes is not guessed: that nothing is left, that pieces make the whole, that summed sizes are equal.

func.func @main(%n: index {rt.dim = "n"}, %x: tensor<?x6xf32> {rt.name = "x", rt.shape = ["n", 6]}, %y: tensor<1x4xf32> {rt.name = "y", rt.shape = [1, 4]})
    -> (!onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown) {
  %sizes = arith.constant dense<[5, 4]> : tensor<2xi64>
  %pieces = arith.constant dense<[2, 3]> : tensor<2xi64>
  // expected-error @below {{ai.onnx::Reshape version 14 is not supported: it is not proved to keep the number of elements}}
  %a = onnx.node "ai.onnx::Reshape"(%x, %sizes) {version = 14 : i64} : (tensor<?x6xf32>, tensor<2xi64>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::Split version 18 is invalid: its pieces [2, 3] make 5 elements, but there are 6 in 'x' [n, 6]}}
  %b:2 = onnx.node "ai.onnx::Split"(%x, %pieces) {node_attributes = {axis = 1 : i64}, version = 18 : i64} : (tensor<?x6xf32>, tensor<2xi64>) -> (!onnx.unknown, !onnx.unknown)
  // expected-error @below {{ai.onnx::MatMul version 13 is invalid: sizes 6 and 1 must be equal: 'x' [n, 6] and 'y' [1, 4]}}
  %c = onnx.node "ai.onnx::MatMul"(%x, %y) {version = 13 : i64} : (tensor<?x6xf32>, tensor<1x4xf32>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::Einsum version 12 is not supported: label k of 'nk,km->nm' is summed over, but is 6 in one operand and 1 in another}}
  %d = onnx.node "ai.onnx::Einsum"(%x, %y) {node_attributes = {equation = "nk,km->nm"}, version = 12 : i64} : (tensor<?x6xf32>, tensor<1x4xf32>) -> !onnx.unknown
  return %a, %b#0, %c, %d : !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown
}

// -----

func.func @main(%x: tensor<2x3x4xf32> {rt.name = "x", rt.shape = [2, 3, 4]}, %s: tensor<4xf32> {rt.name = "s", rt.shape = [4]}) -> tensor<2x3x4xf32> {
  // expected-error @below {{com.microsoft::SkipLayerNormalization version 1 is not supported: unknown attribute secret}}
  %b = onnx.node "com.microsoft::SkipLayerNormalization"(%x, %x, %s) {node_attributes = {secret = 1 : i64}, version = 1 : i64}
    : (tensor<2x3x4xf32>, tensor<2x3x4xf32>, tensor<4xf32>) -> tensor<2x3x4xf32>
  return %b : tensor<2x3x4xf32>
}

// -----

// A bound of which the sign is not known, and a size that only data tells beside another.

func.func @main(%n: index {rt.dim = "n"}, %m: index {rt.dim = "m"}, %x: tensor<?x?xf32> {rt.name = "x", rt.shape = ["n", "m"]},
                %v: tensor<?xi64> {rt.name = "v", rt.shape = ["n"]}) -> (!onnx.unknown, !onnx.unknown) {
  %zero = arith.constant dense<[0]> : tensor<1xi64>
  %one = arith.constant dense<[1]> : tensor<1xi64>
  // expected-error @below {{ai.onnx::NonZero version 13 is not supported: the shape of its result is not known before data is}}
  %hits = onnx.node "ai.onnx::NonZero"(%v) {version = 13 : i64} : (tensor<?xi64>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::Add version 14 is not supported: sizes count(0) and n can be neither proved equal nor checked before data is: the result of NonZero [1, count(0)] and 'v' [n]}}
  %b = onnx.node "ai.onnx::Add"(%hits, %v) {version = 14 : i64} : (!onnx.unknown, tensor<?xi64>) -> !onnx.unknown
  %shape = onnx.node "ai.onnx::Shape"(%hits) {version = 15 : i64} : (!onnx.unknown) -> tensor<2xi64>
  %rows = onnx.node "ai.onnx::Gather"(%shape, %one) {version = 13 : i64} : (tensor<2xi64>, tensor<1xi64>) -> tensor<1xi64>
  %end = onnx.node "ai.onnx::Sub"(%rows, %one) {version = 14 : i64} : (tensor<1xi64>, tensor<1xi64>) -> tensor<1xi64>
  // expected-error @below {{ai.onnx::Slice version 13 is not supported: the sign of its bound count(0) - 1 is not known before data is}}
  %a = onnx.node "ai.onnx::Slice"(%x, %zero, %end, %one) {version = 13 : i64} : (tensor<?x?xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> !onnx.unknown
  return %a, %b : !onnx.unknown, !onnx.unknown
}

// -----

func.func @main(%x: tensor<6x2xf32> {rt.name = "x", rt.shape = [6, 2]}, %u: tensor<2x2xf32> {rt.name = "u", rt.shape = [2, 2]}) -> tensor<6x2xf32> {
  %three = arith.constant dense<[[1], [2], [3]]> : tensor<3x1xi64>
  // expected-error @below {{ai.onnx::ScatterND version 18 is not supported: its updates and indices do not fit each other or its data}}
  %c = onnx.node "ai.onnx::ScatterND"(%x, %three, %u) {version = 18 : i64} : (tensor<6x2xf32>, tensor<3x1xi64>, tensor<2x2xf32>) -> tensor<6x2xf32>
  return %c : tensor<6x2xf32>
}
