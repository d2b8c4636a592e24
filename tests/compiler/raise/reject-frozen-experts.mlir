// A file in which only some experts were traced is refused; one with all of them is not this pass's business.
// RUN: moe-opt %s --moe-reject-frozen-experts --split-input-file --verify-diagnostics -o /dev/null

// Rows 1 and 2 of three are looked up.
func.func @main(%t: index {rt.dim = "t"}, %x: tensor<?x3xf32> {rt.name = "x", rt.shape = ["t", 3]}) -> (tensor<2x?xi64>, tensor<2x?xi64>) {
  %k = arith.constant dense<1> : tensor<1xi64>
  %depth = arith.constant dense<3> : tensor<i64>
  %values = arith.constant dense<[0, 1]> : tensor<2xi64>
  %one = arith.constant dense<1> : tensor<i64>
  %two = arith.constant dense<2> : tensor<i64>
  %top:2 = onnx.node "ai.onnx::TopK"(%x, %k) {version = 11 : i64} : (tensor<?x3xf32>, tensor<1xi64>) -> (tensor<?x1xf32>, tensor<?x1xi64>)
  %onehot = onnx.node "ai.onnx::OneHot"(%top#1, %depth, %values) {version = 11 : i64} : (tensor<?x1xi64>, tensor<i64>, tensor<2xi64>) -> tensor<?x1x3xi64>
  // expected-error@+1 {{expert 0 missing (frozen at export): the router chooses among 3 experts, but the file computes only 1, 2, those that the exporter's sample input happened to choose; export the model again with all experts}}
  %mask = onnx.node "ai.onnx::Transpose"(%onehot) {node_attributes = {perm = array<i64: 2, 1, 0>}, version = 13 : i64} : (tensor<?x1x3xi64>) -> tensor<3x1x?xi64>
  %row1 = onnx.node "ai.onnx::Gather"(%mask, %one) {version = 13 : i64} : (tensor<3x1x?xi64>, tensor<i64>) -> tensor<1x?xi64>
  %row2 = onnx.node "ai.onnx::Gather"(%mask, %two) {version = 13 : i64} : (tensor<3x1x?xi64>, tensor<i64>) -> tensor<1x?xi64>
  %bool1 = onnx.node "ai.onnx::Cast"(%row1) {node_attributes = {to = 9 : i64}, version = 13 : i64} : (tensor<1x?xi64>) -> tensor<1x?xi1>
  %tokens1 = onnx.node "ai.onnx::NonZero"(%bool1) {version = 13 : i64} : (tensor<1x?xi1>) -> tensor<2x?xi64>
  %tokens2 = onnx.node "ai.onnx::NonZero"(%row2) {version = 13 : i64} : (tensor<1x?xi64>) -> tensor<2x?xi64>
  return %tokens1, %tokens2 : tensor<2x?xi64>, tensor<2x?xi64>
}

// -----

// Both rows of two are looked up: no error.
func.func @main(%t: index {rt.dim = "t"}, %x: tensor<?x2xf32> {rt.name = "x", rt.shape = ["t", 2]}) -> (tensor<2x?xi64>, tensor<2x?xi64>) {
  %k = arith.constant dense<1> : tensor<1xi64>
  %depth = arith.constant dense<2> : tensor<i64>
  %values = arith.constant dense<[0, 1]> : tensor<2xi64>
  %zero = arith.constant dense<0> : tensor<i64>
  %one = arith.constant dense<1> : tensor<i64>
  %top:2 = onnx.node "ai.onnx::TopK"(%x, %k) {version = 11 : i64} : (tensor<?x2xf32>, tensor<1xi64>) -> (tensor<?x1xf32>, tensor<?x1xi64>)
  %onehot = onnx.node "ai.onnx::OneHot"(%top#1, %depth, %values) {version = 11 : i64} : (tensor<?x1xi64>, tensor<i64>, tensor<2xi64>) -> tensor<?x1x2xi64>
  %mask = onnx.node "ai.onnx::Transpose"(%onehot) {node_attributes = {perm = array<i64: 2, 1, 0>}, version = 13 : i64} : (tensor<?x1x2xi64>) -> tensor<2x1x?xi64>
  %row0 = onnx.node "ai.onnx::Gather"(%mask, %zero) {version = 13 : i64} : (tensor<2x1x?xi64>, tensor<i64>) -> tensor<1x?xi64>
  %row1 = onnx.node "ai.onnx::Gather"(%mask, %one) {version = 13 : i64} : (tensor<2x1x?xi64>, tensor<i64>) -> tensor<1x?xi64>
  %tokens0 = onnx.node "ai.onnx::NonZero"(%row0) {version = 13 : i64} : (tensor<1x?xi64>) -> tensor<2x?xi64>
  %tokens1 = onnx.node "ai.onnx::NonZero"(%row1) {version = 13 : i64} : (tensor<1x?xi64>) -> tensor<2x?xi64>
  return %tokens0, %tokens1 : tensor<2x?xi64>, tensor<2x?xi64>
}

// -----

// Both rows of two are looked up, one counted from the end: no error.
func.func @main(%t: index {rt.dim = "t"}, %x: tensor<?x2xf32> {rt.name = "x", rt.shape = ["t", 2]}) -> (tensor<2x?xi64>, tensor<2x?xi64>) {
  %k = arith.constant dense<1> : tensor<1xi64>
  %depth = arith.constant dense<2> : tensor<i64>
  %values = arith.constant dense<[0, 1]> : tensor<2xi64>
  %zero = arith.constant dense<0> : tensor<i64>
  %one = arith.constant dense<-1> : tensor<i64>
  %top:2 = onnx.node "ai.onnx::TopK"(%x, %k) {version = 11 : i64} : (tensor<?x2xf32>, tensor<1xi64>) -> (tensor<?x1xf32>, tensor<?x1xi64>)
  %onehot = onnx.node "ai.onnx::OneHot"(%top#1, %depth, %values) {version = 11 : i64} : (tensor<?x1xi64>, tensor<i64>, tensor<2xi64>) -> tensor<?x1x2xi64>
  %mask = onnx.node "ai.onnx::Transpose"(%onehot) {node_attributes = {perm = array<i64: 2, 1, 0>}, version = 13 : i64} : (tensor<?x1x2xi64>) -> tensor<2x1x?xi64>
  %row0 = onnx.node "ai.onnx::Gather"(%mask, %zero) {version = 13 : i64} : (tensor<2x1x?xi64>, tensor<i64>) -> tensor<1x?xi64>
  %row1 = onnx.node "ai.onnx::Gather"(%mask, %one) {version = 13 : i64} : (tensor<2x1x?xi64>, tensor<i64>) -> tensor<1x?xi64>
  %tokens0 = onnx.node "ai.onnx::NonZero"(%row0) {version = 13 : i64} : (tensor<1x?xi64>) -> tensor<2x?xi64>
  %tokens1 = onnx.node "ai.onnx::NonZero"(%row1) {version = 13 : i64} : (tensor<1x?xi64>) -> tensor<2x?xi64>
  return %tokens0, %tokens1 : tensor<2x?xi64>, tensor<2x?xi64>
}

// -----

// The first dimension counts choices, not experts: no error.
func.func @main(%t: index {rt.dim = "t"}, %x: tensor<?x3xf32> {rt.name = "x", rt.shape = ["t", 3]}) -> tensor<2x?xi64> {
  %k = arith.constant dense<2> : tensor<1xi64>
  %depth = arith.constant dense<3> : tensor<i64>
  %values = arith.constant dense<[0, 1]> : tensor<2xi64>
  %zero = arith.constant dense<0> : tensor<i64>
  %top:2 = onnx.node "ai.onnx::TopK"(%x, %k) {version = 11 : i64} : (tensor<?x3xf32>, tensor<1xi64>) -> (tensor<?x2xf32>, tensor<?x2xi64>)
  %onehot = onnx.node "ai.onnx::OneHot"(%top#1, %depth, %values) {version = 11 : i64} : (tensor<?x2xi64>, tensor<i64>, tensor<2xi64>) -> tensor<?x2x3xi64>
  %mask = onnx.node "ai.onnx::Transpose"(%onehot) {node_attributes = {perm = array<i64: 1, 0, 2>}, version = 13 : i64} : (tensor<?x2x3xi64>) -> tensor<2x?x3xi64>
  %row = onnx.node "ai.onnx::Gather"(%mask, %zero) {version = 13 : i64} : (tensor<2x?x3xi64>, tensor<i64>) -> tensor<?x3xi64>
  %tokens = onnx.node "ai.onnx::NonZero"(%row) {version = 13 : i64} : (tensor<?x3xi64>) -> tensor<2x?xi64>
  return %tokens : tensor<2x?xi64>
}

// -----

// Rows 1 and 2 of three, where the one-hot has the experts in the middle.
func.func @main(%t: index {rt.dim = "t"}, %x: tensor<?x3xf32> {rt.name = "x", rt.shape = ["t", 3]}) -> (tensor<2x?xi64>, tensor<2x?xi64>) {
  %k = arith.constant dense<1> : tensor<1xi64>
  %depth = arith.constant dense<3> : tensor<i64>
  %values = arith.constant dense<[0, 1]> : tensor<2xi64>
  %one = arith.constant dense<1> : tensor<i64>
  %two = arith.constant dense<2> : tensor<i64>
  %top:2 = onnx.node "ai.onnx::TopK"(%x, %k) {version = 11 : i64} : (tensor<?x3xf32>, tensor<1xi64>) -> (tensor<?x1xf32>, tensor<?x1xi64>)
  %onehot = onnx.node "ai.onnx::OneHot"(%top#1, %depth, %values) {node_attributes = {axis = 1 : i64}, version = 11 : i64} : (tensor<?x1xi64>, tensor<i64>, tensor<2xi64>) -> tensor<?x3x1xi64>
  // expected-error@+1 {{expert 0 missing (frozen at export): the router chooses among 3 experts, but the file computes only 1, 2}}
  %mask = onnx.node "ai.onnx::Transpose"(%onehot) {node_attributes = {perm = array<i64: 1, 2, 0>}, version = 13 : i64} : (tensor<?x3x1xi64>) -> tensor<3x1x?xi64>
  %row1 = onnx.node "ai.onnx::Gather"(%mask, %one) {version = 13 : i64} : (tensor<3x1x?xi64>, tensor<i64>) -> tensor<1x?xi64>
  %row2 = onnx.node "ai.onnx::Gather"(%mask, %two) {version = 13 : i64} : (tensor<3x1x?xi64>, tensor<i64>) -> tensor<1x?xi64>
  %bool1 = onnx.node "ai.onnx::Cast"(%row1) {node_attributes = {to = 9 : i64}, version = 13 : i64} : (tensor<1x?xi64>) -> tensor<1x?xi1>
  %tokens1 = onnx.node "ai.onnx::NonZero"(%bool1) {version = 13 : i64} : (tensor<1x?xi1>) -> tensor<2x?xi64>
  %tokens2 = onnx.node "ai.onnx::NonZero"(%row2) {version = 13 : i64} : (tensor<1x?xi64>) -> tensor<2x?xi64>
  return %tokens1, %tokens2 : tensor<2x?xi64>, tensor<2x?xi64>
}

// -----

// The one-hot has room for more experts than the router chooses among: no error.
func.func @main(%t: index {rt.dim = "t"}, %x: tensor<?x2xf32> {rt.name = "x", rt.shape = ["t", 2]}) -> (tensor<2x?xi64>, tensor<2x?xi64>) {
  %k = arith.constant dense<1> : tensor<1xi64>
  %depth = arith.constant dense<3> : tensor<i64>
  %values = arith.constant dense<[0, 1]> : tensor<2xi64>
  %zero = arith.constant dense<0> : tensor<i64>
  %one = arith.constant dense<1> : tensor<i64>
  %top:2 = onnx.node "ai.onnx::TopK"(%x, %k) {version = 11 : i64} : (tensor<?x2xf32>, tensor<1xi64>) -> (tensor<?x1xf32>, tensor<?x1xi64>)
  %onehot = onnx.node "ai.onnx::OneHot"(%top#1, %depth, %values) {version = 11 : i64} : (tensor<?x1xi64>, tensor<i64>, tensor<2xi64>) -> tensor<?x1x3xi64>
  %mask = onnx.node "ai.onnx::Transpose"(%onehot) {node_attributes = {perm = array<i64: 2, 1, 0>}, version = 13 : i64} : (tensor<?x1x3xi64>) -> tensor<3x1x?xi64>
  %row0 = onnx.node "ai.onnx::Gather"(%mask, %zero) {version = 13 : i64} : (tensor<3x1x?xi64>, tensor<i64>) -> tensor<1x?xi64>
  %row1 = onnx.node "ai.onnx::Gather"(%mask, %one) {version = 13 : i64} : (tensor<3x1x?xi64>, tensor<i64>) -> tensor<1x?xi64>
  %tokens0 = onnx.node "ai.onnx::NonZero"(%row0) {version = 13 : i64} : (tensor<1x?xi64>) -> tensor<2x?xi64>
  %tokens1 = onnx.node "ai.onnx::NonZero"(%row1) {version = 13 : i64} : (tensor<1x?xi64>) -> tensor<2x?xi64>
  return %tokens0, %tokens1 : tensor<2x?xi64>, tensor<2x?xi64>
}

// -----

// A sum over the rows of expert 1 of three, which a comparison looks up.
func.func @main(%t: index {rt.dim = "t"}, %x: tensor<?x3xf32> {rt.name = "x", rt.shape = ["t", 3]}) -> tensor<?x3xf32> {
  %k = arith.constant dense<1> : tensor<1xi64>
  %one = arith.constant dense<1> : tensor<i64>
  %axis = arith.constant dense<1> : tensor<1xi64>
  %zero = arith.constant dense<0> : tensor<i64>
  %sizes = onnx.node "ai.onnx::Shape"(%x) {version = 15 : i64} : (tensor<?x3xf32>) -> tensor<2xi64>
  %zeros = onnx.node "ai.onnx::ConstantOfShape"(%sizes) {node_attributes = {value = dense<0.0> : tensor<1xf32>}, version = 9 : i64} : (tensor<2xi64>) -> tensor<?x3xf32>
  %top:2 = onnx.node "ai.onnx::TopK"(%x, %k) {version = 11 : i64} : (tensor<?x3xf32>, tensor<1xi64>) -> (tensor<?x1xf32>, tensor<?x1xi64>)
  %mask = onnx.node "ai.onnx::Equal"(%top#1, %one) {version = 13 : i64} : (tensor<?x1xi64>, tensor<i64>) -> tensor<?x1xi1>
  %found = onnx.node "ai.onnx::NonZero"(%mask) {version = 13 : i64} : (tensor<?x1xi1>) -> tensor<2x?xi64>
  %tokens = onnx.node "ai.onnx::Gather"(%found, %zero) {version = 13 : i64} : (tensor<2x?xi64>, tensor<i64>) -> tensor<?xi64>
  %rows = onnx.node "ai.onnx::Gather"(%x, %tokens) {version = 13 : i64} : (tensor<?x3xf32>, tensor<?xi64>) -> tensor<?x3xf32>
  %column = onnx.node "ai.onnx::Unsqueeze"(%tokens, %axis) {version = 13 : i64} : (tensor<?xi64>, tensor<1xi64>) -> tensor<?x1xi64>
  // expected-error@+1 {{expert 0, 2 missing (frozen at export): the router chooses among 3 experts, but the file computes only 1,}}
  %sum = onnx.node "ai.onnx::ScatterND"(%zeros, %column, %rows) {node_attributes = {reduction = "add"}, version = 18 : i64} : (tensor<?x3xf32>, tensor<?x1xi64>, tensor<?x3xf32>) -> tensor<?x3xf32>
  return %sum : tensor<?x3xf32>
}

// -----

// As many experts as were chosen at export: two, one, or all of three. What NonZero finds may be split otherwise, too.
func.func @main(%t: index {rt.dim = "t"}, %x: tensor<?x3xf32> {rt.name = "x", rt.shape = ["t", 3]}) -> (!onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown) {
  %k = arith.constant dense<2> : tensor<1xi64>
  %depth = arith.constant dense<3> : tensor<i64>
  %values = arith.constant dense<[0, 1]> : tensor<2xi64>
  %zero = arith.constant dense<0> : tensor<i64>
  %axes = arith.constant dense<[-1, -2]> : tensor<2xi64>
  %others = arith.constant dense<[0, 2]> : tensor<2xi64>
  %ones1 = arith.constant dense<1> : tensor<1xi64>
  %ones2 = arith.constant dense<1> : tensor<2xi64>
  %ones3 = arith.constant dense<1> : tensor<3xi64>
  %top:2 = onnx.node "ai.onnx::TopK"(%x, %k) {version = 11 : i64} : (tensor<?x3xf32>, tensor<1xi64>) -> (tensor<?x2xf32>, tensor<?x2xi64>)
  %onehot = onnx.node "ai.onnx::OneHot"(%top#1, %depth, %values) {version = 11 : i64} : (tensor<?x2xi64>, tensor<i64>, tensor<2xi64>) -> tensor<?x2x3xi64>
  %mask = onnx.node "ai.onnx::Transpose"(%onehot) {node_attributes = {perm = array<i64: 2, 1, 0>}, version = 13 : i64} : (tensor<?x2x3xi64>) -> tensor<3x2x?xi64>
  %chosen = onnx.node "ai.onnx::ReduceSum"(%mask, %axes) {node_attributes = {keepdims = 0 : i64}, version = 13 : i64} : (tensor<3x2x?xi64>, tensor<2xi64>) -> tensor<3xi64>
  %hit = onnx.node "ai.onnx::Greater"(%chosen, %zero) {version = 13 : i64} : (tensor<3xi64>, tensor<i64>) -> tensor<3xi1>
  %found = onnx.node "ai.onnx::NonZero"(%hit) {version = 13 : i64} : (tensor<3xi1>) -> tensor<1x?xi64>
  %experts = onnx.node "ai.onnx::Transpose"(%found) {node_attributes = {perm = array<i64: 1, 0>}, version = 13 : i64} : (tensor<1x?xi64>) -> tensor<?x1xi64>
  // expected-error@+1 {{1 expert is missing (frozen at export): the router chooses among 3 experts, but the file computes exactly 2, as many as the exporter's sample input happened to choose}}
  %two:2 = onnx.node "ai.onnx::Split"(%experts, %ones2) {node_attributes = {axis = 0 : i64}, version = 18 : i64} : (tensor<?x1xi64>, tensor<2xi64>) -> (!onnx.unknown, !onnx.unknown)
  // expected-error@+1 {{2 experts are missing (frozen at export)}}
  %single = onnx.node "ai.onnx::Split"(%experts, %ones1) {node_attributes = {axis = 0 : i64}, version = 18 : i64} : (tensor<?x1xi64>, tensor<1xi64>) -> !onnx.unknown
  // expected-error@+1 {{all 3 experts must be chosen in every call (frozen at export)}}
  %three:3 = onnx.node "ai.onnx::Split"(%experts, %ones3) {node_attributes = {axis = 0 : i64}, version = 18 : i64} : (tensor<?x1xi64>, tensor<3xi64>) -> (!onnx.unknown, !onnx.unknown, !onnx.unknown)
  %kinds = onnx.node "ai.onnx::ReduceSum"(%mask, %others) {node_attributes = {keepdims = 0 : i64}, version = 13 : i64} : (tensor<3x2x?xi64>, tensor<2xi64>) -> tensor<2xi64>
  %slots = onnx.node "ai.onnx::NonZero"(%kinds) {version = 13 : i64} : (tensor<2xi64>) -> tensor<1x?xi64>
  %some:2 = onnx.node "ai.onnx::Split"(%slots, %ones2) {node_attributes = {axis = 1 : i64}, version = 18 : i64} : (tensor<1x?xi64>, tensor<2xi64>) -> (!onnx.unknown, !onnx.unknown)
  return %two#0, %single, %three#0, %some#0 : !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown
}

// -----

// Of two choices side by side, among three experts, one expert was hit at export.
func.func @main(%t: index {rt.dim = "t"}, %x: tensor<?x3xf32> {rt.name = "x", rt.shape = ["t", 3]}, %y: tensor<?x3xf32> {rt.name = "y", rt.shape = ["t", 3]}) -> !onnx.unknown {
  %depth = arith.constant dense<3> : tensor<i64>
  %values = arith.constant dense<[0, 1]> : tensor<2xi64>
  %zero = arith.constant dense<0> : tensor<i64>
  %axes = arith.constant dense<[-1, -2]> : tensor<2xi64>
  %ones = arith.constant dense<1> : tensor<1xi64>
  %first = onnx.node "ai.onnx::ArgMax"(%x) {node_attributes = {axis = -1 : i64}, version = 13 : i64} : (tensor<?x3xf32>) -> tensor<?x1xi64>
  %second = onnx.node "ai.onnx::ArgMax"(%y) {node_attributes = {axis = -1 : i64}, version = 13 : i64} : (tensor<?x3xf32>) -> tensor<?x1xi64>
  %ids = onnx.node "ai.onnx::Concat"(%first, %second) {node_attributes = {axis = -1 : i64}, version = 13 : i64} : (tensor<?x1xi64>, tensor<?x1xi64>) -> tensor<?x2xi64>
  %onehot = onnx.node "ai.onnx::OneHot"(%ids, %depth, %values) {version = 11 : i64} : (tensor<?x2xi64>, tensor<i64>, tensor<2xi64>) -> tensor<?x2x3xi64>
  %mask = onnx.node "ai.onnx::Transpose"(%onehot) {node_attributes = {perm = array<i64: 2, 1, 0>}, version = 13 : i64} : (tensor<?x2x3xi64>) -> tensor<3x2x?xi64>
  %chosen = onnx.node "ai.onnx::ReduceSum"(%mask, %axes) {node_attributes = {keepdims = 0 : i64}, version = 13 : i64} : (tensor<3x2x?xi64>, tensor<2xi64>) -> tensor<3xi64>
  %hit = onnx.node "ai.onnx::Greater"(%chosen, %zero) {version = 13 : i64} : (tensor<3xi64>, tensor<i64>) -> tensor<3xi1>
  %found = onnx.node "ai.onnx::NonZero"(%hit) {version = 13 : i64} : (tensor<3xi1>) -> tensor<1x?xi64>
  %experts = onnx.node "ai.onnx::Transpose"(%found) {node_attributes = {perm = array<i64: 1, 0>}, version = 13 : i64} : (tensor<1x?xi64>) -> tensor<?x1xi64>
  // expected-error@+1 {{2 experts are missing (frozen at export): the router chooses among 3 experts, but the file computes exactly 1}}
  %one = onnx.node "ai.onnx::Split"(%experts, %ones) {node_attributes = {axis = 0 : i64}, version = 18 : i64} : (tensor<?x1xi64>, tensor<1xi64>) -> !onnx.unknown
  return %one : !onnx.unknown
}

// -----

// Rows sorted by expert, of which each expert has as many as at export: of tokens, and of rows that stand as the choices do. Rows in another
// order are not this pass's business.
func.func @main(%t: index {rt.dim = "t"}, %x: tensor<?x3xf32> {rt.name = "x", rt.shape = ["t", 3]}, %y: tensor<?x4xf32> {rt.name = "y", rt.shape = ["2 * t", 4]},
                %other: tensor<?xi64> {rt.name = "other", rt.shape = ["t"]}) -> (!onnx.unknown, !onnx.unknown, !onnx.unknown) {
  %k = arith.constant dense<2> : tensor<1xi64>
  %slots = arith.constant dense<2> : tensor<i64>
  %last = arith.constant dense<-1> : tensor<1xi64>
  %sizes = arith.constant dense<[3, 1, 4]> : tensor<3xi64>
  %top:2 = onnx.node "ai.onnx::TopK"(%x, %k) {version = 11 : i64} : (tensor<?x3xf32>, tensor<1xi64>) -> (tensor<?x2xf32>, tensor<?x2xi64>)
  %ids = onnx.node "ai.onnx::Reshape"(%top#1, %last) {version = 13 : i64} : (tensor<?x2xi64>, tensor<1xi64>) -> tensor<?xi64>
  %length = onnx.node "ai.onnx::Shape"(%ids) {version = 13 : i64} : (tensor<?xi64>) -> tensor<1xi64>
  %sorted:2 = onnx.node "ai.onnx::TopK"(%ids, %length) {node_attributes = {axis = 0 : i64, largest = 0 : i64}, version = 11 : i64} : (tensor<?xi64>, tensor<1xi64>) -> (tensor<?xi64>, tensor<?xi64>)
  %token = onnx.node "ai.onnx::Div"(%sorted#1, %slots) {version = 13 : i64} : (tensor<?xi64>, tensor<i64>) -> tensor<?xi64>
  %tokens = onnx.node "ai.onnx::Gather"(%x, %token) {version = 13 : i64} : (tensor<?x3xf32>, tensor<?xi64>) -> tensor<?x3xf32>
  %rows = onnx.node "ai.onnx::Gather"(%y, %sorted#1) {version = 13 : i64} : (tensor<?x4xf32>, tensor<?xi64>) -> tensor<?x4xf32>
  %others = onnx.node "ai.onnx::Gather"(%y, %other) {version = 13 : i64} : (tensor<?x4xf32>, tensor<?xi64>) -> tensor<?x4xf32>
  // expected-error@+1 {{the numbers of rows of 3 experts are frozen at export: the file gives them 3, 1, 4, as the exporter's sample input happened to choose; export the model again with counts that are computed}}
  %a:3 = onnx.node "ai.onnx::Split"(%tokens, %sizes) {node_attributes = {axis = 0 : i64}, version = 13 : i64} : (tensor<?x3xf32>, tensor<3xi64>) -> (!onnx.unknown, !onnx.unknown, !onnx.unknown)
  // expected-error@+1 {{the numbers of rows of 3 experts are frozen at export}}
  %b:3 = onnx.node "ai.onnx::Split"(%rows) {node_attributes = {axis = 0 : i64, split = array<i64: 3, 1, 4>}, version = 11 : i64} : (tensor<?x4xf32>) -> (!onnx.unknown, !onnx.unknown, !onnx.unknown)
  %c:3 = onnx.node "ai.onnx::Split"(%others, %sizes) {node_attributes = {axis = 0 : i64}, version = 13 : i64} : (tensor<?x4xf32>, tensor<3xi64>) -> (!onnx.unknown, !onnx.unknown, !onnx.unknown)
  return %a#0, %b#1, %c#2 : !onnx.unknown, !onnx.unknown, !onnx.unknown
}
