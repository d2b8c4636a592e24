// RUN: moe-opt %s --split-input-file --moe-infer-shapes | FileCheck %s
// RUN: moe-opt %s --split-input-file --moe-infer-shapes --moe-lower-onnx 2>&1 | FileCheck %s --check-prefix=REMARK

// Sizes over named dimensions that a node needs to be equal are taken to be: one stands for the other from there on, and the runtime checks every call.

// One block of 256: what was cut to it is whole, wherever it is cut again.
// CHECK: tensor<?x4xf32> {rt.name = "x", rt.shape = ["n", 4]})
// CHECK-SAME: -> (tensor<?x4xf32> {rt.name = "y", rt.shape = ["n", 4]}, tensor<?x4xf32> {rt.name = "z", rt.shape = ["n", 4]})
// CHECK-SAME: rt.equalities = [{left = "min(n, 256)", node = "node 'block' (Add)", right = "n"}]
// REMARK: remark: the program is only for calls in which n is 1 to 256 (node 'block' (Add) needs min(n, 256) to be n); all others are refused
func.func @main(%x: tensor<?x4xf32> {onnx.name = "x", onnx.dims = ["n", 4]})
    -> (!onnx.unknown {onnx.name = "y", onnx.dims = [unit, unit]}, !onnx.unknown {onnx.name = "z", onnx.dims = [unit, unit]}) {
  %zero = arith.constant dense<[0]> : tensor<1xi64>
  %length = arith.constant dense<[256]> : tensor<1xi64>
  %cut = onnx.node "ai.onnx::Slice"(%x, %zero, %length, %zero) {version = 13 : i64} : (tensor<?x4xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> !onnx.unknown
  %y = onnx.node "ai.onnx::Add"(%cut, %x) {name = "block", version = 14 : i64} : (!onnx.unknown, tensor<?x4xf32>) -> !onnx.unknown
  %again = onnx.node "ai.onnx::Slice"(%y, %zero, %length, %zero) {version = 13 : i64} : (!onnx.unknown, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> !onnx.unknown
  %z = onnx.node "ai.onnx::Mul"(%again, %x) {version = 14 : i64} : (!onnx.unknown, tensor<?x4xf32>) -> !onnx.unknown
  return %y, %z : !onnx.unknown, !onnx.unknown
}

// -----

// What holds for all sizes from 1 on is checked, but says nothing: the last n - 1 behind a first one are n.
// CHECK: tensor<?xf32> {rt.name = "y", rt.shape = ["n"]}
// CHECK-SAME: rt.equalities = [{left = "max(n - min(n, 1), 0) + 1", node = "node 'shifted' (Mul)", right = "n"}]
// REMARK-NOT: remark
// REMARK: func.func @main
func.func @main(%x: tensor<?xf32> {onnx.name = "x", onnx.dims = ["n"]}, %one: tensor<1xf32> {onnx.name = "one", onnx.dims = [1]})
    -> (!onnx.unknown {onnx.name = "y", onnx.dims = [unit]}) {
  %first = arith.constant dense<[1]> : tensor<1xi64>
  %end = arith.constant dense<[9223372036854775807]> : tensor<1xi64>
  %rest = onnx.node "ai.onnx::Slice"(%x, %first, %end) {version = 13 : i64} : (tensor<?xf32>, tensor<1xi64>, tensor<1xi64>) -> !onnx.unknown
  %longer = onnx.node "ai.onnx::Concat"(%one, %rest) {node_attributes = {axis = 0 : i64}, version = 13 : i64} : (tensor<1xf32>, !onnx.unknown) -> !onnx.unknown
  %y = onnx.node "ai.onnx::Mul"(%longer, %x) {name = "shifted", version = 14 : i64} : (!onnx.unknown, tensor<?xf32>) -> !onnx.unknown
  return %y : !onnx.unknown
}

// -----

// A Reshape: blocks of 4 that divide the rows, which are a product of two names behind the next one; then a number a row.
// CHECK: tensor<?x4x2xf32> {rt.name = "a", rt.shape = ["floordiv(k * m, 4)", 4, 2]}
// CHECK-SAME: tensor<?x?xf32> {rt.name = "b", rt.shape = ["k", "m"]}
// CHECK-SAME: tensor<?x4xf32> {rt.name = "c", rt.shape = ["k", 4]}
// CHECK-SAME: rt.equalities = [{left = "4 * floordiv(k * m, 4)", node = "node 'blocks' (Reshape)", right = "k * m"},
// CHECK-SAME: {left = "min(k, 8)", node = "node 'rows' (Reshape)", right = "k"}]
// REMARK: remark: the program is only for calls in which 4 * floordiv(k * m, 4) is k * m (node 'blocks' (Reshape)), k is 1 to 8 (node 'rows' (Reshape) needs min(k, 8) to be k); all others are refused
func.func @main(%x: tensor<?x2xf32> {onnx.name = "x", onnx.dims = ["n", 2]}, %y: tensor<?x?xf32> {onnx.name = "y", onnx.dims = ["k", "m"]},
                %v: tensor<?xf32> {onnx.name = "v", onnx.dims = ["n"]}, %t: tensor<?x4xf32> {onnx.name = "t", onnx.dims = ["k", 4]})
    -> (!onnx.unknown {onnx.name = "a", onnx.dims = [unit, unit, unit]}, !onnx.unknown {onnx.name = "b", onnx.dims = [unit, unit]}, !onnx.unknown {onnx.name = "c", onnx.dims = [unit, unit]}) {
  %blocks = arith.constant dense<[-1, 4, 2]> : tensor<3xi64>
  %infer = arith.constant dense<[-1]> : tensor<1xi64>
  %zero = arith.constant dense<[0]> : tensor<1xi64>
  %eight = arith.constant dense<[8]> : tensor<1xi64>
  %a = onnx.node "ai.onnx::Reshape"(%x, %blocks) {name = "blocks", version = 14 : i64} : (tensor<?x2xf32>, tensor<3xi64>) -> !onnx.unknown
  %size = onnx.node "ai.onnx::Shape"(%y) {version = 15 : i64} : (tensor<?x?xf32>) -> !onnx.unknown
  %b = onnx.node "ai.onnx::Reshape"(%v, %size) {name = "grid", version = 14 : i64} : (tensor<?xf32>, !onnx.unknown) -> !onnx.unknown
  %cut = onnx.node "ai.onnx::Slice"(%t, %zero, %eight, %zero) {version = 13 : i64} : (tensor<?x4xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> !onnx.unknown
  %rows = onnx.node "ai.onnx::Shape"(%t) {node_attributes = {end = 1 : i64, start = 0 : i64}, version = 15 : i64} : (tensor<?x4xf32>) -> !onnx.unknown
  %sizes = onnx.node "ai.onnx::Concat"(%rows, %infer) {node_attributes = {axis = 0 : i64}, version = 13 : i64} : (!onnx.unknown, tensor<1xi64>) -> !onnx.unknown
  %c = onnx.node "ai.onnx::Reshape"(%cut, %sizes) {name = "rows", version = 14 : i64} : (!onnx.unknown, !onnx.unknown) -> !onnx.unknown
  return %a, %b, %c : !onnx.unknown, !onnx.unknown, !onnx.unknown
}

// -----

// A bound that may be below 0, where it would count from the end, is not in any call.
// CHECK: rt.equalities = [{left = "max(n - 4, 0)", node = "node 'behind' (Slice)", right = "n - 4"}]
// REMARK: remark: the program is only for calls in which n is 4 to 512 (node 'behind' (Slice) needs max(n - 4, 0) to be n - 4); all others are refused
func.func @main(%x: tensor<?xf32> {onnx.name = "x", onnx.dims = ["n"]}) -> (!onnx.unknown {onnx.name = "y", onnx.dims = [unit]}) {
  %zero = arith.constant dense<[0]> : tensor<1xi64>
  %four = arith.constant dense<[4]> : tensor<1xi64>
  %size = onnx.node "ai.onnx::Shape"(%x) {version = 15 : i64} : (tensor<?xf32>) -> !onnx.unknown
  %end = onnx.node "ai.onnx::Sub"(%size, %four) {version = 14 : i64} : (!onnx.unknown, tensor<1xi64>) -> !onnx.unknown
  %y = onnx.node "ai.onnx::Slice"(%x, %zero, %end) {name = "behind", version = 13 : i64} : (tensor<?xf32>, tensor<1xi64>, !onnx.unknown) -> !onnx.unknown
  return %y : !onnx.unknown
}
