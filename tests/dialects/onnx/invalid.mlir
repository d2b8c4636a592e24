// RUN: moe-opt %s --split-input-file --verify-diagnostics

func.func @node_c1(%a: tensor<4xf32>) {
  // expected-error @below {{'onnx.node' op expects an operator name of the form domain::OpType, but got 'Relu'}}
  %0 = onnx.node "Relu"(%a) {version = 14 : i64} : (tensor<4xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @node_c2(%a: tensor<4xf32>) {
  // expected-error @below {{'onnx.node' op expects an operator set version of at least 1, but got 0}}
  %0 = onnx.node "ai.onnx::Relu"(%a) {version = 0 : i64} : (tensor<4xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @node_c3(%condition: tensor<i1>, %a: tensor<4xf32>) {
  // expected-error @below {{'onnx.node' op expects one name for each nested graph, but got 2 names for 1 graphs}}
  %0 = onnx.node "ai.onnx::If"(%condition) {graph_names = ["then_branch", "else_branch"], version = 21 : i64} graphs {
    onnx.yield %a : tensor<4xf32>
  } : (tensor<i1>) -> tensor<4xf32>
  return
}
