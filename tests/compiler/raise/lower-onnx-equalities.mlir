// RUN: moe-opt %s --split-input-file --verify-diagnostics --moe-lower-onnx | FileCheck %s

// What a pass finds when dimensions are arguments already is checked beside the shapes that they have: here of two names.

// CHECK: func.func @main(%{{.*}}: index {rt.dim = "n"}, %{{.*}}: index {rt.dim = "m"}
// CHECK-SAME: rt.equalities = [{left = "m", node = "node 'sum' (Add)", right = "n"}]
// expected-remark @below {{the program is only for calls in which m is n (node 'sum' (Add)); all others are refused}}
func.func @main(%n: index {rt.dim = "n"}, %m: index {rt.dim = "m"}, %x: tensor<?xf32> {rt.name = "x", rt.shape = ["n"]},
                %y: tensor<?xf32> {rt.name = "y", rt.shape = ["m"]}) -> tensor<?xf32> {
  %z = onnx.node "ai.onnx::Add"(%x, %y) {name = "sum", version = 14 : i64} : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
  return %z : tensor<?xf32>
}

// -----

// Two equalities of which each alone holds for some calls, but no call for both; and numbers that contradict each other behind one.

func.func @main(%n: index {rt.dim = "n"}, %x: tensor<?x4xf32> {rt.name = "x", rt.shape = ["n", 4]}, %w: tensor<7x4xf32> {rt.name = "w", rt.shape = [7, 4]})
    -> (!onnx.unknown, !onnx.unknown) attributes {rt.equalities = [{left = "floordiv(n, 3)", node = "node 'thirds' (Add)", right = "2"}]} {
  %zero = arith.constant dense<[0]> : tensor<1xi64>
  %nine = arith.constant dense<[9]> : tensor<1xi64>
  %three = arith.constant dense<[3]> : tensor<1xi64>
  %shape = onnx.node "ai.onnx::Shape"(%x) {node_attributes = {end = 1 : i64, start = 0 : i64}, version = 15 : i64} : (tensor<?x4xf32>) -> tensor<1xi64>
  %more = onnx.node "ai.onnx::Add"(%shape, %nine) {version = 14 : i64} : (tensor<1xi64>, tensor<1xi64>) -> tensor<1xi64>
  %blocks = onnx.node "ai.onnx::Div"(%more, %nine) {version = 14 : i64} : (tensor<1xi64>, tensor<1xi64>) -> tensor<1xi64>
  %part = onnx.node "ai.onnx::Slice"(%w, %zero, %blocks) {version = 13 : i64} : (tensor<7x4xf32>, tensor<1xi64>, tensor<1xi64>) -> !onnx.unknown
  %third = onnx.node "ai.onnx::Slice"(%w, %zero, %three) {version = 13 : i64} : (tensor<7x4xf32>, tensor<1xi64>, tensor<1xi64>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::Add version 14 is not supported: sizes min(floordiv(n, 9) + 1, 7) and 3 are equal for empty inputs at most}}
  %a = onnx.node "ai.onnx::Add"(%part, %third) {version = 14 : i64} : (!onnx.unknown, !onnx.unknown) -> !onnx.unknown
  // expected-error @below {{ai.onnx::MatMul version 13 is not supported: sizes 4 and 7 must be equal: 'w' [7, 4] and 'w' [7, 4]; the file is taken to be for calls in which floordiv(n, 3) is 2}}
  %b = onnx.node "ai.onnx::MatMul"(%w, %w) {version = 13 : i64} : (tensor<7x4xf32>, tensor<7x4xf32>) -> !onnx.unknown
  return %a, %b : !onnx.unknown, !onnx.unknown
}
