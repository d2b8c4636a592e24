// RUN: moe-opt %s --moe-infer-shapes --split-input-file | FileCheck %s

// The smaller of a size and of what it bounds is that.

// CHECK: func.func @main
// CHECK-SAME: -> (tensor<?xf32> {rt.name = "y", rt.shape = ["min(n, 256)"]})
func.func @main(%x: tensor<?xf32> {onnx.name = "x", onnx.dims = ["n"]}, %w: tensor<256xf32> {onnx.name = "w", onnx.dims = [256]}) -> (!onnx.unknown {onnx.name = "y", onnx.dims = [unit]}) {
  %zero = arith.constant dense<[0]> : tensor<1xi64>
  %n = onnx.node "ai.onnx::Shape"(%x) {version = 15 : i64} : (tensor<?xf32>) -> !onnx.unknown
  %table = onnx.node "ai.onnx::Slice"(%w, %zero, %n) {version = 13 : i64} : (tensor<256xf32>, tensor<1xi64>, !onnx.unknown) -> !onnx.unknown
  %length = onnx.node "ai.onnx::Shape"(%table) {version = 15 : i64} : (!onnx.unknown) -> !onnx.unknown
  %head = onnx.node "ai.onnx::Slice"(%x, %zero, %length) {version = 13 : i64} : (tensor<?xf32>, tensor<1xi64>, !onnx.unknown) -> !onnx.unknown
  // CHECK: "ai.onnx::Mul"
  // CHECK-SAME: (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
  %y = onnx.node "ai.onnx::Mul"(%head, %table) {version = 14 : i64} : (!onnx.unknown, !onnx.unknown) -> !onnx.unknown
  return %y : !onnx.unknown
}

// -----

// Rows padded to whole blocks of 256: (256 - n mod 256) mod 256 more, and as many blocks as a division that rounds down gives.

// CHECK: func.func @main
// CHECK-SAME: -> (tensor<?xf32> {rt.name = "y", rt.shape = ["256 * floordiv(n + 255, 256)"]}, tensor<?x256xf32> {rt.name = "z", rt.shape = ["floordiv(n + 255, 256)", 256]})
func.func @main(%x: tensor<?xf32> {onnx.name = "x", onnx.dims = ["n"]}) -> (!onnx.unknown {onnx.name = "y", onnx.dims = [unit]}, !onnx.unknown {onnx.name = "z", onnx.dims = [unit]}) {
  %zero = arith.constant dense<[0]> : tensor<1xi64>
  %block = arith.constant dense<[256]> : tensor<1xi64>
  %n = onnx.node "ai.onnx::Shape"(%x) {version = 15 : i64} : (tensor<?xf32>) -> !onnx.unknown
  %rest = onnx.node "ai.onnx::Mod"(%n, %block) {version = 13 : i64} : (!onnx.unknown, tensor<1xi64>) -> !onnx.unknown
  %left = onnx.node "ai.onnx::Sub"(%block, %rest) {version = 14 : i64} : (tensor<1xi64>, !onnx.unknown) -> !onnx.unknown
  %more = onnx.node "ai.onnx::Mod"(%left, %block) {version = 13 : i64} : (!onnx.unknown, tensor<1xi64>) -> !onnx.unknown
  %pads = onnx.node "ai.onnx::Concat"(%zero, %more) {node_attributes = {axis = 0 : i64}, version = 13 : i64} : (tensor<1xi64>, !onnx.unknown) -> !onnx.unknown
  %y = onnx.node "ai.onnx::Pad"(%x, %pads) {version = 18 : i64} : (tensor<?xf32>, !onnx.unknown) -> !onnx.unknown
  // The quotient of PyTorch's floor division.
  %all = onnx.node "ai.onnx::Add"(%n, %more) {version = 14 : i64} : (!onnx.unknown, !onnx.unknown) -> !onnx.unknown
  %quotient = onnx.node "ai.onnx::Div"(%all, %block) {version = 14 : i64} : (!onnx.unknown, tensor<1xi64>) -> !onnx.unknown
  %sign = onnx.node "ai.onnx::Sign"(%all) {version = 13 : i64} : (!onnx.unknown) -> !onnx.unknown
  %positive = onnx.node "ai.onnx::Sign"(%block) {version = 13 : i64} : (tensor<1xi64>) -> !onnx.unknown
  %same = onnx.node "ai.onnx::Equal"(%sign, %positive) {version = 13 : i64} : (!onnx.unknown, !onnx.unknown) -> !onnx.unknown
  %differ = onnx.node "ai.onnx::Not"(%same) {version = 1 : i64} : (!onnx.unknown) -> !onnx.unknown
  %remainder = onnx.node "ai.onnx::Mod"(%all, %block) {version = 13 : i64} : (!onnx.unknown, tensor<1xi64>) -> !onnx.unknown
  %uneven = onnx.node "ai.onnx::Cast"(%remainder) {node_attributes = {to = 9 : i64}, version = 13 : i64} : (!onnx.unknown) -> !onnx.unknown
  %corrects = onnx.node "ai.onnx::And"(%differ, %uneven) {version = 7 : i64} : (!onnx.unknown, !onnx.unknown) -> !onnx.unknown
  %correction = onnx.node "ai.onnx::Cast"(%corrects) {node_attributes = {to = 7 : i64}, version = 13 : i64} : (!onnx.unknown) -> !onnx.unknown
  %blocks = onnx.node "ai.onnx::Sub"(%quotient, %correction) {version = 14 : i64} : (!onnx.unknown, !onnx.unknown) -> !onnx.unknown
  %sizes = onnx.node "ai.onnx::Concat"(%blocks, %block) {node_attributes = {axis = 0 : i64}, version = 13 : i64} : (!onnx.unknown, tensor<1xi64>) -> !onnx.unknown
  %z = onnx.node "ai.onnx::Reshape"(%y, %sizes) {version = 14 : i64} : (!onnx.unknown, !onnx.unknown) -> !onnx.unknown
  return %y, %z : !onnx.unknown, !onnx.unknown
}

// -----

// A choice that depends on whether there are rows is no size.

// CHECK: func.func @main
// CHECK: "ai.onnx::ConstantOfShape"
// CHECK-SAME: -> !onnx.unknown
func.func @main(%x: tensor<?xf32> {onnx.name = "x", onnx.dims = ["n"]}) -> (!onnx.unknown {onnx.name = "y", onnx.dims = [unit]}) {
  %one = arith.constant dense<[1]> : tensor<1xi64>
  %two = arith.constant dense<[2]> : tensor<1xi64>
  %n = onnx.node "ai.onnx::Shape"(%x) {version = 15 : i64} : (tensor<?xf32>) -> !onnx.unknown
  %any = onnx.node "ai.onnx::Cast"(%n) {node_attributes = {to = 9 : i64}, version = 13 : i64} : (!onnx.unknown) -> !onnx.unknown
  %size = onnx.node "ai.onnx::Where"(%any, %two, %one) {version = 16 : i64} : (!onnx.unknown, tensor<1xi64>, tensor<1xi64>) -> !onnx.unknown
  %y = onnx.node "ai.onnx::ConstantOfShape"(%size) {version = 9 : i64} : (!onnx.unknown) -> !onnx.unknown
  return %y : !onnx.unknown
}

// -----

// What Not gives of a comparison of numbers is known.

// CHECK: func.func @main
// CHECK: "ai.onnx::ConstantOfShape"
// CHECK-SAME: -> tensor<3xf32>
func.func @main(%x: tensor<6x2xf32> {onnx.name = "x", onnx.dims = [6, 2]}) -> (!onnx.unknown {onnx.name = "y", onnx.dims = [unit]}) {
  %heads = onnx.node "ai.onnx::Shape"(%x) {node_attributes = {end = 1 : i64}, version = 15 : i64} : (tensor<6x2xf32>) -> !onnx.unknown
  %shared = onnx.node "ai.onnx::Shape"(%x) {node_attributes = {start = 1 : i64}, version = 15 : i64} : (tensor<6x2xf32>) -> !onnx.unknown
  %one = arith.constant dense<[1]> : tensor<1xi64>
  %equal = onnx.node "ai.onnx::Equal"(%heads, %shared) {version = 13 : i64} : (!onnx.unknown, !onnx.unknown) -> !onnx.unknown
  %differ = onnx.node "ai.onnx::Not"(%equal) {version = 1 : i64} : (!onnx.unknown) -> !onnx.unknown
  %group = onnx.node "ai.onnx::Div"(%heads, %shared) {version = 14 : i64} : (!onnx.unknown, !onnx.unknown) -> !onnx.unknown
  %size = onnx.node "ai.onnx::Where"(%differ, %group, %one) {version = 16 : i64} : (!onnx.unknown, !onnx.unknown, tensor<1xi64>) -> !onnx.unknown
  %y = onnx.node "ai.onnx::ConstantOfShape"(%size) {version = 9 : i64} : (!onnx.unknown) -> !onnx.unknown
  return %y : !onnx.unknown
}

// -----

// Quotients are rounded towards 0, whatever the signs: -(n / -4) is n / 4, and 3 / -4 is 0.

// CHECK: func.func @main
// CHECK-SAME: tensor<?xf32> {rt.name = "y", rt.shape = ["floordiv(n, 4)"]}, tensor<0xf32> {rt.name = "z", rt.shape = [0]}
func.func @main(%x: tensor<?x3xf32> {onnx.name = "x", onnx.dims = ["n", 3]}) -> (!onnx.unknown {onnx.name = "y", onnx.dims = [unit]}, !onnx.unknown {onnx.name = "z", onnx.dims = [unit]}) {
  %n = onnx.node "ai.onnx::Shape"(%x) {node_attributes = {end = 1 : i64}, version = 15 : i64} : (tensor<?x3xf32>) -> !onnx.unknown
  %three = onnx.node "ai.onnx::Shape"(%x) {node_attributes = {start = 1 : i64}, version = 15 : i64} : (tensor<?x3xf32>) -> !onnx.unknown
  %divisor = arith.constant dense<[-4]> : tensor<1xi64>
  %quotient = onnx.node "ai.onnx::Div"(%n, %divisor) {version = 14 : i64} : (!onnx.unknown, tensor<1xi64>) -> !onnx.unknown
  %size = onnx.node "ai.onnx::Neg"(%quotient) {version = 13 : i64} : (!onnx.unknown) -> !onnx.unknown
  %y = onnx.node "ai.onnx::ConstantOfShape"(%size) {version = 9 : i64} : (!onnx.unknown) -> !onnx.unknown
  %none = onnx.node "ai.onnx::Div"(%three, %divisor) {version = 14 : i64} : (!onnx.unknown, tensor<1xi64>) -> !onnx.unknown
  %z = onnx.node "ai.onnx::ConstantOfShape"(%none) {version = 9 : i64} : (!onnx.unknown) -> !onnx.unknown
  return %y, %z : !onnx.unknown, !onnx.unknown
}

// -----

// Sizes that are scattered into a shape are known.

// CHECK: func.func @main
// CHECK-SAME: tensor<?x3xf32> {rt.name = "y", rt.shape = ["2 * n", 3]}, tensor<?x?xf32> {rt.name = "z", rt.shape = ["n", "n"]}
func.func @main(%x: tensor<?x3xf32> {onnx.name = "x", onnx.dims = ["n", 3]}) -> (!onnx.unknown {onnx.name = "y", onnx.dims = [unit, unit]}, !onnx.unknown {onnx.name = "z", onnx.dims = [unit, unit]}) {
  %shape = onnx.node "ai.onnx::Shape"(%x) {version = 15 : i64} : (tensor<?x3xf32>) -> !onnx.unknown
  %n = onnx.node "ai.onnx::Shape"(%x) {node_attributes = {end = 1 : i64}, version = 15 : i64} : (tensor<?x3xf32>) -> !onnx.unknown
  %twice = onnx.node "ai.onnx::Add"(%n, %n) {version = 14 : i64} : (!onnx.unknown, !onnx.unknown) -> !onnx.unknown
  %first = arith.constant dense<[0]> : tensor<1xi64>
  %last = arith.constant dense<[-1]> : tensor<1xi64>
  %longer = onnx.node "ai.onnx::ScatterElements"(%shape, %first, %twice) {version = 18 : i64} : (!onnx.unknown, tensor<1xi64>, !onnx.unknown) -> !onnx.unknown
  %square = onnx.node "ai.onnx::ScatterElements"(%shape, %last, %n) {node_attributes = {reduction = "none"}, version = 18 : i64} : (!onnx.unknown, tensor<1xi64>, !onnx.unknown) -> !onnx.unknown
  %y = onnx.node "ai.onnx::ConstantOfShape"(%longer) {version = 9 : i64} : (!onnx.unknown) -> !onnx.unknown
  %z = onnx.node "ai.onnx::ConstantOfShape"(%square) {version = 9 : i64} : (!onnx.unknown) -> !onnx.unknown
  return %y, %z : !onnx.unknown, !onnx.unknown
}
