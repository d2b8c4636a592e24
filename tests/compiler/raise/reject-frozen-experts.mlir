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
