// RUN: moe-opt %s --moe-infer-shapes='max-batch=4 max-seq=128' --split-input-file | FileCheck %s

// Names become index arguments in the order of their first use, an unnamed dimension d of x becomes x.d, and shapes are
// written as expressions. A name that leads an input of two dynamic dimensions is a batch.

// CHECK: rt.limits = {batch = 4 : i64, mask.1 = 128 : i64, past = 128 : i64, seq = 128 : i64}
// CHECK: func.func @main(%{{.*}}: index {rt.dim = "batch"}, %{{.*}}: index {rt.dim = "seq"}, %{{.*}}: index {rt.dim = "mask.1"}, %{{.*}}: index {rt.dim = "past"},
// CHECK-SAME: tensor<?x?x64xf32> {rt.name = "x", rt.shape = ["batch", "seq", 64]}
// CHECK-SAME: tensor<?x?xi64> {rt.name = "mask", rt.shape = ["batch", "`mask.1`"]}
// CHECK-SAME: tensor<2x?xf32> {rt.name = "cache", rt.shape = [2, "past"]}
// CHECK-SAME: -> (tensor<?x64xf32> {rt.name = "tokens", rt.shape = ["batch * seq", 64]}, tensor<?xi64> {rt.name = "range", rt.shape = ["max(floordiv(seq + 3, 4), 2)"]})
func.func @main(%x: tensor<?x?x64xf32> {onnx.name = "x", onnx.dims = ["batch", "seq", 64]},
                %mask: tensor<?x?xi64> {onnx.name = "mask", onnx.dims = ["batch", unit]},
                %cache: tensor<2x?xf32> {onnx.name = "cache", onnx.dims = [2, "past"]})
    -> (!onnx.unknown {onnx.name = "tokens", onnx.dims = [unit, 64]}, !onnx.unknown {onnx.name = "range", onnx.dims = [unit]}) {
  %sizes = arith.constant dense<[-1, 64]> : tensor<2xi64>
  %zero = arith.constant dense<0> : tensor<i64>
  %one = arith.constant dense<1> : tensor<i64>
  %two = arith.constant dense<2> : tensor<i64>
  %three = arith.constant dense<3> : tensor<i64>
  %four = arith.constant dense<4> : tensor<i64>
  // CHECK: "ai.onnx::Reshape"
  // CHECK-SAME: -> tensor<?x64xf32>
  %tokens = onnx.node "ai.onnx::Reshape"(%x, %sizes) {version = 14 : i64} : (tensor<?x?x64xf32>, tensor<2xi64>) -> !onnx.unknown
  %shape = onnx.node "ai.onnx::Shape"(%x) {version = 15 : i64} : (tensor<?x?x64xf32>) -> !onnx.unknown
  %seq = onnx.node "ai.onnx::Gather"(%shape, %one) {version = 13 : i64} : (!onnx.unknown, tensor<i64>) -> !onnx.unknown
  %sum = onnx.node "ai.onnx::Add"(%seq, %three) {version = 14 : i64} : (!onnx.unknown, tensor<i64>) -> !onnx.unknown
  %quotient = onnx.node "ai.onnx::Div"(%sum, %four) {version = 14 : i64} : (!onnx.unknown, tensor<i64>) -> !onnx.unknown
  %capacity = onnx.node "ai.onnx::Max"(%quotient, %two) {version = 13 : i64} : (!onnx.unknown, tensor<i64>) -> !onnx.unknown
  // CHECK: "ai.onnx::Range"
  // CHECK-SAME: -> tensor<?xi64>
  %range = onnx.node "ai.onnx::Range"(%zero, %capacity, %one) {version = 11 : i64} : (tensor<i64>, !onnx.unknown, tensor<i64>) -> !onnx.unknown
  return %tokens, %range : !onnx.unknown, !onnx.unknown
}

// -----

// A name that leads a list of tokens and a batch is a batch; one that leads a list alone is batch times sequence.

// CHECK: rt.limits = {m = 128 : i64, n = 4 : i64, tokens = 512 : i64}
func.func @main(%x: tensor<?x8xf32> {onnx.name = "x", onnx.dims = ["n", 8]}, %y: tensor<?x?xf32> {onnx.name = "y", onnx.dims = ["n", "m"]},
                %z: tensor<?x8xf32> {onnx.name = "z", onnx.dims = ["tokens", 8]})
    -> (tensor<?x8xf32> {onnx.name = "r", onnx.dims = ["n", 8]}) {
  return %x : tensor<?x8xf32>
}

// -----

// Two names that a broadcast proves equal become one, which the runtime checks; a name that meets a number becomes it.

// CHECK: rt.limits = {tokens = 512 : i64}
// CHECK: func.func @main(%{{.*}}: index {rt.dim = "tokens"}, %{{.*}}: tensor<?x8xf32> {rt.name = "x", rt.shape = ["tokens", 8]}, %{{.*}}: tensor<?x8xf32> {rt.name = "y", rt.shape = ["tokens", 8]})
// CHECK-SAME: -> (tensor<?x8xf32> {rt.name = "z", rt.shape = ["tokens", 8]})
func.func @main(%x: tensor<?x8xf32> {onnx.name = "x", onnx.dims = ["tokens", 8]}, %y: tensor<?x?xf32> {onnx.name = "y", onnx.dims = ["others", "width"]})
    -> (tensor<?x8xf32> {onnx.name = "z", onnx.dims = ["tokens", 8]}) {
  %z = onnx.node "ai.onnx::Add"(%x, %y) {version = 14 : i64} : (tensor<?x8xf32>, tensor<?x?xf32>) -> tensor<?x8xf32>
  return %z : tensor<?x8xf32>
}

// -----

// What the analysis does not know keeps its type.

func.func @main(%x: tensor<4xf32> {onnx.name = "x", onnx.dims = [4]}) -> (!onnx.unknown {onnx.name = "y", onnx.dims = [unit]}) {
  // CHECK: "vendor::Secret"
  // CHECK-SAME: -> !onnx.unknown
  %y = onnx.node "vendor::Secret"(%x) {version = 13 : i64} : (tensor<4xf32>) -> !onnx.unknown
  return %y : !onnx.unknown
}

// -----

// Counts that data decides are each equal to itself alone: a sum over one of them is known, one over two of them is not.

// CHECK: func.func @main
func.func @main(%x: tensor<4x3xf32> {onnx.name = "x", onnx.dims = [4, 3]}) -> (!onnx.unknown {onnx.name = "y", onnx.dims = [unit]}, !onnx.unknown {onnx.name = "z", onnx.dims = [unit]}) {
  %zero = arith.constant dense<0> : tensor<i64>
  // CHECK: "ai.onnx::NonZero"
  // CHECK-SAME: -> tensor<2x?xi64>
  %a = onnx.node "ai.onnx::NonZero"(%x) {version = 13 : i64} : (tensor<4x3xf32>) -> !onnx.unknown
  %b = onnx.node "ai.onnx::NonZero"(%x) {version = 13 : i64} : (tensor<4x3xf32>) -> !onnx.unknown
  %rows = onnx.node "ai.onnx::Gather"(%a, %zero) {version = 13 : i64} : (!onnx.unknown, tensor<i64>) -> !onnx.unknown
  // CHECK: "ai.onnx::Add"
  // CHECK-SAME: -> tensor<2x?xi64>
  %y = onnx.node "ai.onnx::Add"(%a, %rows) {version = 14 : i64} : (!onnx.unknown, !onnx.unknown) -> !onnx.unknown
  // CHECK: "ai.onnx::Add"
  // CHECK-SAME: -> !onnx.unknown
  %z = onnx.node "ai.onnx::Add"(%b, %rows) {version = 14 : i64} : (!onnx.unknown, !onnx.unknown) -> !onnx.unknown
  return %y, %z : !onnx.unknown, !onnx.unknown
}

// -----

// A squeezed name is 1; a size that data decides is what the file states.

// CHECK: func.func @main(%{{.*}}: index {rt.dim = "n"}, %{{.*}}: tensor<?x1xf32> {rt.name = "x", rt.shape = ["n", 1]}, %{{.*}}: tensor<6xf32>
// CHECK-SAME: -> (tensor<?xf32> {rt.name = "y", rt.shape = ["n"]}, tensor<2x3xf32> {rt.name = "z", rt.shape = [2, 3]})
func.func @main(%x: tensor<?x?xf32> {onnx.name = "x", onnx.dims = ["n", "one"]}, %v: tensor<6xf32> {onnx.name = "v", onnx.dims = [6]},
                %s: tensor<2xi64> {onnx.name = "s", onnx.dims = [2]})
    -> (!onnx.unknown {onnx.name = "y", onnx.dims = [unit]}, tensor<2x3xf32> {onnx.name = "z", onnx.dims = [2, 3]}) {
  %axes = arith.constant dense<[1]> : tensor<1xi64>
  %y = onnx.node "ai.onnx::Squeeze"(%x, %axes) {version = 13 : i64} : (tensor<?x?xf32>, tensor<1xi64>) -> !onnx.unknown
  %z = onnx.node "ai.onnx::Reshape"(%v, %s) {version = 14 : i64} : (tensor<6xf32>, tensor<2xi64>) -> tensor<2x3xf32>
  return %y, %z : !onnx.unknown, tensor<2x3xf32>
}

// -----

// Sizes of which equality can be neither proved nor checked have no broadcast; two that integer division makes equal have.

// CHECK: func.func @main
func.func @main(%x: tensor<?xf32> {onnx.name = "x", onnx.dims = ["n"]}) -> (!onnx.unknown {onnx.name = "y", onnx.dims = [unit]}, !onnx.unknown {onnx.name = "z", onnx.dims = [unit]}) {
  %axis = arith.constant dense<[0]> : tensor<1xi64>
  // CHECK: "ai.onnx::Concat"
  // CHECK-SAME: -> tensor<?xf32>
  %twice = onnx.node "ai.onnx::Concat"(%x, %x) {node_attributes = {axis = 0 : i64}, version = 13 : i64} : (tensor<?xf32>, tensor<?xf32>) -> !onnx.unknown
  // CHECK: "ai.onnx::Add"
  // CHECK-SAME: -> !onnx.unknown
  %y = onnx.node "ai.onnx::Add"(%twice, %x) {version = 14 : i64} : (!onnx.unknown, tensor<?xf32>) -> !onnx.unknown
  %halves:2 = onnx.node "ai.onnx::Split"(%twice) {node_attributes = {num_outputs = 2 : i64}, version = 18 : i64} : (!onnx.unknown) -> (!onnx.unknown, !onnx.unknown)
  // CHECK: "ai.onnx::Mul"
  // CHECK-SAME: (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
  %z = onnx.node "ai.onnx::Mul"(%halves#0, %x) {version = 14 : i64} : (!onnx.unknown, tensor<?xf32>) -> !onnx.unknown
  return %y, %z : !onnx.unknown, !onnx.unknown
}

// -----

// A name that must equal a sum or a product of others becomes it, in whatever order the operators say so: the runtime checks the inputs.

// CHECK: rt.limits = {batch = 4 : i64, new = 128 : i64, past = 128 : i64}
// CHECK: func.func @main(%{{.*}}: index {rt.dim = "batch"}, %{{.*}}: index {rt.dim = "new"}, %{{.*}}: index {rt.dim = "past"},
// CHECK-SAME: tensor<?x?xf32> {rt.name = "mask", rt.shape = ["batch", "new + past"]},
// CHECK-SAME: tensor<?x?xf32> {rt.name = "x", rt.shape = ["batch", "new"]}, %{{.*}}: tensor<?x?xf32> {rt.name = "cache", rt.shape = ["batch", "past"]},
// CHECK-SAME: tensor<?xf32> {rt.name = "flat", rt.shape = ["batch * new + batch * past"]})
// CHECK-SAME: -> (tensor<?x?xf32> {rt.name = "y", rt.shape = ["batch", "new + past"]}, tensor<?xf32> {rt.name = "z", rt.shape = ["batch * new + batch * past"]})
func.func @main(%mask: tensor<?x?xf32> {onnx.name = "mask", onnx.dims = ["batch", "total"]}, %x: tensor<?x?xf32> {onnx.name = "x", onnx.dims = ["batch", "new"]},
                %cache: tensor<?x?xf32> {onnx.name = "cache", onnx.dims = ["batch", "past"]}, %flat: tensor<?xf32> {onnx.name = "flat", onnx.dims = ["elements"]})
    -> (!onnx.unknown {onnx.name = "y", onnx.dims = ["batch", "total"]}, !onnx.unknown {onnx.name = "z", onnx.dims = [unit]}) {
  %all = arith.constant dense<[-1]> : tensor<1xi64>
  %list = onnx.node "ai.onnx::Reshape"(%mask, %all) {version = 14 : i64} : (tensor<?x?xf32>, tensor<1xi64>) -> !onnx.unknown
  %z = onnx.node "ai.onnx::Add"(%list, %flat) {version = 14 : i64} : (!onnx.unknown, tensor<?xf32>) -> !onnx.unknown
  %present = onnx.node "ai.onnx::Concat"(%cache, %x) {node_attributes = {axis = 1 : i64}, version = 13 : i64} : (tensor<?x?xf32>, tensor<?x?xf32>) -> !onnx.unknown
  %y = onnx.node "ai.onnx::Add"(%present, %mask) {version = 14 : i64} : (!onnx.unknown, tensor<?x?xf32>) -> !onnx.unknown
  return %y, %z : !onnx.unknown, !onnx.unknown
}

// -----

// A name is not defined by itself: a = b + c and then c = a + b have no solution but 0. What is left is refused.

// CHECK: func.func @main(%{{.*}}: index {rt.dim = "b"}, %{{.*}}: index {rt.dim = "c"}
// CHECK-SAME: tensor<?xf32> {rt.name = "x", rt.shape = ["b + c"]}
func.func @main(%x: tensor<?xf32> {onnx.name = "x", onnx.dims = ["a"]}, %y: tensor<?xf32> {onnx.name = "y", onnx.dims = ["b"]},
                %z: tensor<?xf32> {onnx.name = "z", onnx.dims = ["c"]})
    -> (!onnx.unknown {onnx.name = "u", onnx.dims = [unit]}, !onnx.unknown {onnx.name = "v", onnx.dims = [unit]}) {
  %yz = onnx.node "ai.onnx::Concat"(%y, %z) {node_attributes = {axis = 0 : i64}, version = 13 : i64} : (tensor<?xf32>, tensor<?xf32>) -> !onnx.unknown
  // CHECK: "ai.onnx::Add"
  // CHECK-SAME: -> tensor<?xf32>
  %u = onnx.node "ai.onnx::Add"(%yz, %x) {version = 14 : i64} : (!onnx.unknown, tensor<?xf32>) -> !onnx.unknown
  %xy = onnx.node "ai.onnx::Concat"(%x, %y) {node_attributes = {axis = 0 : i64}, version = 13 : i64} : (tensor<?xf32>, tensor<?xf32>) -> !onnx.unknown
  // CHECK: "ai.onnx::Mul"
  // CHECK-SAME: -> !onnx.unknown
  %v = onnx.node "ai.onnx::Mul"(%xy, %z) {version = 14 : i64} : (!onnx.unknown, tensor<?xf32>) -> !onnx.unknown
  return %u, %v : !onnx.unknown, !onnx.unknown
}

// -----

// x[-n:] takes n rows from the end, or all where n is 0; a number that a narrower type does not hold is no size.

// CHECK: func.func @main
// CHECK-SAME: -> (tensor<?xf32> {rt.name = "y", rt.shape = ["{{.*}}min(n, 1){{.*}}"]}, tensor<?xf32> {rt.name = "z", rt.shape = ["n"]}
func.func @main(%x: tensor<?xf32> {onnx.name = "x", onnx.dims = ["n"]}, %w: tensor<?xf32> {onnx.name = "w", onnx.dims = ["m"]})
    -> (!onnx.unknown {onnx.name = "y", onnx.dims = [unit]}, !onnx.unknown {onnx.name = "z", onnx.dims = [unit]}, !onnx.unknown {onnx.name = "u", onnx.dims = [unit]}) {
  %end = arith.constant dense<[9223372036854775807]> : tensor<1xi64>
  %far = arith.constant dense<[4294967297]> : tensor<1xi64>
  %n = onnx.node "ai.onnx::Shape"(%x) {version = 15 : i64} : (tensor<?xf32>) -> !onnx.unknown
  %start = onnx.node "ai.onnx::Neg"(%n) {version = 13 : i64} : (!onnx.unknown) -> !onnx.unknown
  %y = onnx.node "ai.onnx::Slice"(%w, %start, %end) {version = 13 : i64} : (tensor<?xf32>, !onnx.unknown, tensor<1xi64>) -> !onnx.unknown
  %z = onnx.node "ai.onnx::Slice"(%x, %start, %end) {version = 13 : i64} : (tensor<?xf32>, !onnx.unknown, tensor<1xi64>) -> !onnx.unknown
  %narrow = onnx.node "ai.onnx::Cast"(%far) {node_attributes = {to = 6 : i64}, version = 13 : i64} : (tensor<1xi64>) -> !onnx.unknown
  %wide = onnx.node "ai.onnx::Cast"(%narrow) {node_attributes = {to = 7 : i64}, version = 13 : i64} : (!onnx.unknown) -> !onnx.unknown
  // CHECK: "ai.onnx::ConstantOfShape"
  // CHECK-SAME: -> !onnx.unknown
  %u = onnx.node "ai.onnx::ConstantOfShape"(%wide) {version = 9 : i64} : (!onnx.unknown) -> !onnx.unknown
  return %y, %z, %u : !onnx.unknown, !onnx.unknown, !onnx.unknown
}

// -----

// A capacity that is computed in floats, ceil(tokens / 3 * 1.25), is an integer expression where both are proved equal; a third
// of a float that is rounded the other way is not.

// CHECK: func.func @main
// CHECK-SAME: {rt.name = "up", rt.shape = ["floordiv(5 * tokens + 11, 12)"]}
// CHECK-SAME: {rt.name = "down", rt.shape = ["floordiv(tokens, 4)"]}
func.func @main(%x: tensor<?x8xf32> {onnx.name = "x", onnx.dims = ["tokens", 8]})
    -> (!onnx.unknown {onnx.name = "up", onnx.dims = [unit]}, !onnx.unknown {onnx.name = "down", onnx.dims = [unit]}, !onnx.unknown {onnx.name = "no", onnx.dims = [unit]}) {
  %zero = arith.constant dense<0> : tensor<i64>
  %one = arith.constant dense<1> : tensor<i64>
  %threef = arith.constant dense<3.0> : tensor<f32>
  %factor = arith.constant dense<1.25> : tensor<f32>
  %quarter = arith.constant dense<0.25> : tensor<f32>
  %many = arith.constant dense<49.0> : tensor<f32>
  %shape = onnx.node "ai.onnx::Shape"(%x) {node_attributes = {start = 0 : i64, end = 1 : i64}, version = 15 : i64} : (tensor<?x8xf32>) -> !onnx.unknown
  %tokens = onnx.node "ai.onnx::Squeeze"(%shape) {version = 13 : i64} : (!onnx.unknown) -> !onnx.unknown
  %float = onnx.node "ai.onnx::Cast"(%tokens) {node_attributes = {to = 1 : i64}, version = 13 : i64} : (!onnx.unknown) -> !onnx.unknown
  %share = onnx.node "ai.onnx::Div"(%float, %threef) {version = 14 : i64} : (!onnx.unknown, tensor<f32>) -> !onnx.unknown
  %scaled = onnx.node "ai.onnx::Mul"(%share, %factor) {version = 14 : i64} : (!onnx.unknown, tensor<f32>) -> !onnx.unknown
  %ceil = onnx.node "ai.onnx::Ceil"(%scaled) {version = 13 : i64} : (!onnx.unknown) -> !onnx.unknown
  %size = onnx.node "ai.onnx::Cast"(%ceil) {node_attributes = {to = 7 : i64}, version = 13 : i64} : (!onnx.unknown) -> !onnx.unknown
  %up = onnx.node "ai.onnx::Range"(%zero, %size, %one) {version = 11 : i64} : (tensor<i64>, !onnx.unknown, tensor<i64>) -> !onnx.unknown
  %part = onnx.node "ai.onnx::Mul"(%quarter, %float) {version = 14 : i64} : (tensor<f32>, !onnx.unknown) -> !onnx.unknown
  %whole = onnx.node "ai.onnx::Cast"(%part) {node_attributes = {to = 7 : i64}, version = 13 : i64} : (!onnx.unknown) -> !onnx.unknown
  %down = onnx.node "ai.onnx::Range"(%zero, %whole, %one) {version = 11 : i64} : (tensor<i64>, !onnx.unknown, tensor<i64>) -> !onnx.unknown
  // 1 / 49 * 49 is less than 1 in f32.
  %tiny = onnx.node "ai.onnx::Div"(%float, %many) {version = 14 : i64} : (!onnx.unknown, tensor<f32>) -> !onnx.unknown
  %again = onnx.node "ai.onnx::Mul"(%tiny, %many) {version = 14 : i64} : (!onnx.unknown, tensor<f32>) -> !onnx.unknown
  %lost = onnx.node "ai.onnx::Cast"(%again) {node_attributes = {to = 7 : i64}, version = 13 : i64} : (!onnx.unknown) -> !onnx.unknown
  // CHECK: "ai.onnx::Range"
  // CHECK: "ai.onnx::Range"
  // CHECK: "ai.onnx::Range"
  // CHECK-SAME: -> !onnx.unknown
  %no = onnx.node "ai.onnx::Range"(%zero, %lost, %one) {version = 11 : i64} : (tensor<i64>, !onnx.unknown, tensor<i64>) -> !onnx.unknown
  return %up, %down, %no : !onnx.unknown, !onnx.unknown, !onnx.unknown
}

// -----

// Sums that must be equal and differ in one name: past tokens plus new ones, named apart for each cache.

// CHECK: func.func @main
// CHECK-SAME: {rt.name = "a", rt.shape = ["past_a", 8]}
// CHECK-SAME: {rt.name = "b", rt.shape = ["past_a", 8]}
// CHECK-SAME: {rt.name = "y", rt.shape = ["past_a + new", 8]}
func.func @main(%a: tensor<?x8xf32> {onnx.name = "a", onnx.dims = ["past_a", 8]}, %x: tensor<?x8xf32> {onnx.name = "x", onnx.dims = ["new", 8]},
                %b: tensor<?x8xf32> {onnx.name = "b", onnx.dims = ["past_b", 8]}) -> (!onnx.unknown {onnx.name = "y", onnx.dims = [unit, 8]}) {
  %left = onnx.node "ai.onnx::Concat"(%a, %x) {node_attributes = {axis = 0 : i64}, version = 13 : i64} : (tensor<?x8xf32>, tensor<?x8xf32>) -> !onnx.unknown
  %right = onnx.node "ai.onnx::Concat"(%b, %x) {node_attributes = {axis = 0 : i64}, version = 13 : i64} : (tensor<?x8xf32>, tensor<?x8xf32>) -> !onnx.unknown
  %y = onnx.node "ai.onnx::Add"(%left, %right) {version = 14 : i64} : (!onnx.unknown, !onnx.unknown) -> !onnx.unknown
  return %y : !onnx.unknown
}

// -----

// The repeats of a Tile by OneHot, as TorchScript writes repeat_interleave.

// CHECK: "ai.onnx::Tile"
// CHECK-SAME: -> tensor<?x3x4xf32>
func.func @main(%x: tensor<?x1x4xf32> {onnx.name = "x", onnx.dims = ["tokens", 1, 4]}) -> (!onnx.unknown {onnx.name = "y", onnx.dims = [unit, 3, 4]}) {
  %axis = arith.constant dense<1> : tensor<1xi64>
  %rank = arith.constant dense<3> : tensor<i64>
  %repeats = arith.constant dense<[1, 3]> : tensor<2xi64>
  %flat = arith.constant dense<[-1]> : tensor<1xi64>
  %rows = onnx.node "ai.onnx::OneHot"(%axis, %rank, %repeats) {version = 11 : i64} : (tensor<1xi64>, tensor<i64>, tensor<2xi64>) -> !onnx.unknown
  %all = onnx.node "ai.onnx::Reshape"(%rows, %flat) {version = 14 : i64} : (!onnx.unknown, tensor<1xi64>) -> !onnx.unknown
  %y = onnx.node "ai.onnx::Tile"(%x, %all) {version = 13 : i64} : (tensor<?x1x4xf32>, !onnx.unknown) -> !onnx.unknown
  return %y : !onnx.unknown
}

// -----

// A named dimension that is broadcast may be 1: meeting two sizes does not make the model invalid, only unknown here.

// CHECK: func.func @main
func.func @main(%x: tensor<?xf32> {onnx.name = "x", onnx.dims = ["n"]}, %a: tensor<4xf32> {onnx.name = "a", onnx.dims = [4]}, %b: tensor<5xf32> {onnx.name = "b", onnx.dims = [5]})
    -> (!onnx.unknown {onnx.name = "y", onnx.dims = [unit]}, !onnx.unknown {onnx.name = "z", onnx.dims = [unit]}) {
  %y = onnx.node "ai.onnx::Add"(%x, %a) {version = 14 : i64} : (tensor<?xf32>, tensor<4xf32>) -> !onnx.unknown
  // CHECK: "ai.onnx::Add"{{.*}}tensor<5xf32>) -> !onnx.unknown
  %z = onnx.node "ai.onnx::Add"(%x, %b) {version = 14 : i64} : (tensor<?xf32>, tensor<5xf32>) -> !onnx.unknown
  return %y, %z : !onnx.unknown, !onnx.unknown
}

// -----

// Equal names that the nodes tell from the last one to the first become the first.

// CHECK: func.func @main(%{{.*}}: index {rt.dim = "s0"}, %{{.*}}: tensor<?xf32> {rt.name = "a", rt.shape = ["s0"]}, %{{.*}}: tensor<?xf32> {rt.name = "b", rt.shape = ["s0"]}, %{{.*}}: tensor<?xf32> {rt.name = "c", rt.shape = ["s0"]}, %{{.*}}: tensor<?xf32> {rt.name = "d", rt.shape = ["s0"]})
func.func @main(%a: tensor<?xf32> {onnx.name = "a", onnx.dims = ["s0"]}, %b: tensor<?xf32> {onnx.name = "b", onnx.dims = ["s1"]},
                %c: tensor<?xf32> {onnx.name = "c", onnx.dims = ["s2"]}, %d: tensor<?xf32> {onnx.name = "d", onnx.dims = ["s3"]}) -> !onnx.unknown {
  %0 = onnx.node "ai.onnx::Add"(%c, %d) {version = 14 : i64} : (tensor<?xf32>, tensor<?xf32>) -> !onnx.unknown
  %1 = onnx.node "ai.onnx::Add"(%b, %c) {version = 14 : i64} : (tensor<?xf32>, tensor<?xf32>) -> !onnx.unknown
  %2 = onnx.node "ai.onnx::Add"(%a, %b) {version = 14 : i64} : (tensor<?xf32>, tensor<?xf32>) -> !onnx.unknown
  return %2 : !onnx.unknown
}

// -----

// The last n of n + 1 positions: of none there are no last ones, and the slice has one. It broadcasts to what has n all the same; beside another
// name there is a last one in every call.
// CHECK: (tensor<?xf32> {rt.name = "y", rt.shape = ["n"]}, tensor<?xf32> {rt.name = "z", rt.shape = ["n"]})
// CHECK-SAME: rt.equalities = [{left = "n", node = "node '' (Mul)", right = "n - min(n, 1) + 1"}]
func.func @main(%x: tensor<?xf32> {onnx.name = "x", onnx.dims = ["n"]}, %one: tensor<1xf32> {onnx.name = "one", onnx.dims = [1]},
                %w: tensor<?xf32> {onnx.name = "w", onnx.dims = ["m"]})
    -> (!onnx.unknown {onnx.name = "y", onnx.dims = [unit]}, !onnx.unknown {onnx.name = "z", onnx.dims = [unit]}) {
  %minus = arith.constant dense<-1> : tensor<i64>
  %end = arith.constant dense<9223372036854775807> : tensor<1xi64>
  %longer = onnx.node "ai.onnx::Concat"(%one, %x) {node_attributes = {axis = 0 : i64}, version = 13 : i64} : (tensor<1xf32>, tensor<?xf32>) -> !onnx.unknown
  %shape = onnx.node "ai.onnx::Shape"(%x) {version = 15 : i64} : (tensor<?xf32>) -> !onnx.unknown
  %start = onnx.node "ai.onnx::Mul"(%shape, %minus) {version = 14 : i64} : (!onnx.unknown, tensor<i64>) -> !onnx.unknown
  %last = onnx.node "ai.onnx::Slice"(%longer, %start, %end) {version = 13 : i64} : (!onnx.unknown, !onnx.unknown, tensor<1xi64>) -> !onnx.unknown
  %y = onnx.node "ai.onnx::Mul"(%x, %last) {version = 14 : i64} : (tensor<?xf32>, !onnx.unknown) -> !onnx.unknown
  %z = onnx.node "ai.onnx::Mul"(%w, %last) {version = 14 : i64} : (tensor<?xf32>, !onnx.unknown) -> !onnx.unknown
  return %y, %z : !onnx.unknown, !onnx.unknown
}

// -----

// A mask that is cut to the keys beside it has no others; a table of numbers that is cut to a size is as long in every call.

// CHECK: func.func @main(%{{.*}}: index {rt.dim = "keys"}, %{{.*}}: tensor<?xf32> {rt.name = "x", rt.shape = ["keys"]}, %{{.*}}: tensor<?xf32> {rt.name = "mask", rt.shape = ["keys"]})
// CHECK-SAME: rt.equalities = [{left = "keys", node = "node '' (Mul)", right = "min(keys, 9)"}]
func.func @main(%x: tensor<?xf32> {onnx.name = "x", onnx.dims = ["keys"]}, %mask: tensor<?xf32> {onnx.name = "mask", onnx.dims = ["total"]})
    -> (!onnx.unknown {onnx.name = "y", onnx.dims = [unit]}, !onnx.unknown {onnx.name = "z", onnx.dims = [unit]}) {
  %zero = arith.constant dense<0> : tensor<1xi64>
  %table = arith.constant dense<1.0> : tensor<9xf32>
  %size = onnx.node "ai.onnx::Shape"(%x) {version = 15 : i64} : (tensor<?xf32>) -> !onnx.unknown
  %cut = onnx.node "ai.onnx::Slice"(%mask, %zero, %size) {version = 13 : i64} : (tensor<?xf32>, tensor<1xi64>, !onnx.unknown) -> !onnx.unknown
  // CHECK: "ai.onnx::Add"
  // CHECK-SAME: -> tensor<?xf32>
  %y = onnx.node "ai.onnx::Add"(%x, %cut) {version = 14 : i64} : (tensor<?xf32>, !onnx.unknown) -> !onnx.unknown
  %part = onnx.node "ai.onnx::Slice"(%table, %zero, %size) {version = 13 : i64} : (tensor<9xf32>, tensor<1xi64>, !onnx.unknown) -> !onnx.unknown
  // CHECK: "ai.onnx::Mul"
  // CHECK-SAME: -> tensor<?xf32>
  %z = onnx.node "ai.onnx::Mul"(%x, %part) {version = 14 : i64} : (tensor<?xf32>, !onnx.unknown) -> !onnx.unknown
  return %y, %z : !onnx.unknown, !onnx.unknown
}
