// What is not done with the operators of hybrid models, each with its reason.
// RUN: moe-opt %s --moe-lower-onnx --split-input-file --verify-diagnostics -o /dev/null

func.func @main(%t: index {rt.dim = "t"}, %q: tensor<2x3x32xf32> {rt.name = "q", rt.shape = [2, 3, 32]}, %k: tensor<2x3x16xf32> {rt.name = "k", rt.shape = [2, 3, 16]},
                %b: tensor<2x3x2xf32> {rt.name = "b", rt.shape = [2, 3, 2]}, %d: tensor<2x3x16xf64> {rt.name = "d", rt.shape = [2, 3, 16]},
                %n: tensor<2x3x?xf32> {rt.name = "n", rt.shape = [2, 3, "t"]}, %w: tensor<1x2x2x8x8xf32> {rt.name = "w", rt.shape = [1, 2, 2, 8, 8]})
    -> (!onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown) {
  %none = onnx.none
  // expected-error @below {{a window of states is not supported; expects state_window = 0}}
  %0 = onnx.node "com.microsoft::LinearAttention"(%q, %k, %k) {node_attributes = {q_num_heads = 4 : i64, kv_num_heads = 2 : i64, update_rule = "linear", state_window = 1 : i64}, version = 1 : i64}
      : (tensor<2x3x32xf32>, tensor<2x3x16xf32>, tensor<2x3x16xf32>) -> !onnx.unknown
  // expected-error @below {{its update_rule is 'cubic', none of linear, gated, delta and gated_delta}}
  %1 = onnx.node "ai.onnx::LinearAttention"(%q, %k, %k) {node_attributes = {q_num_heads = 4 : i64, kv_num_heads = 2 : i64, update_rule = "cubic"}, version = 27 : i64}
      : (tensor<2x3x32xf32>, tensor<2x3x16xf32>, tensor<2x3x16xf32>) -> !onnx.unknown
  // expected-error @below {{update_rule = 'gated_delta' expects an update rate}}
  %2 = onnx.node "ai.onnx::LinearAttention"(%q, %k, %k, %none, %b) {node_attributes = {q_num_heads = 4 : i64, kv_num_heads = 2 : i64}, version = 27 : i64}
      : (tensor<2x3x32xf32>, tensor<2x3x16xf32>, tensor<2x3x16xf32>, !onnx.none, tensor<2x3x2xf32>) -> !onnx.unknown
  // expected-error @below {{update_rule = 'gated' expects a decay}}
  %3 = onnx.node "ai.onnx::LinearAttention"(%q, %k, %k) {node_attributes = {q_num_heads = 4 : i64, kv_num_heads = 2 : i64, update_rule = "gated"}, version = 27 : i64}
      : (tensor<2x3x32xf32>, tensor<2x3x16xf32>, tensor<2x3x16xf32>) -> !onnx.unknown
  // expected-error @below {{it computes in f32, not in f64}}
  %4 = onnx.node "ai.onnx::LinearAttention"(%d, %d, %d) {node_attributes = {q_num_heads = 2 : i64, kv_num_heads = 2 : i64, update_rule = "linear"}, version = 27 : i64}
      : (tensor<2x3x16xf64>, tensor<2x3x16xf64>, tensor<2x3x16xf64>) -> !onnx.unknown
  // expected-error @below {{expected batch x tokens x columns, with a number of columns, but got 'n' [2, 3, t]}}
  %5 = onnx.node "ai.onnx::LinearAttention"(%n, %k, %k) {node_attributes = {q_num_heads = 2 : i64, kv_num_heads = 2 : i64, update_rule = "linear"}, version = 27 : i64}
      : (tensor<2x3x?xf32>, tensor<2x3x16xf32>, tensor<2x3x16xf32>) -> !onnx.unknown
  // expected-error @below {{the state must be batch x heads x key size x value size, but is 'w' [1, 2, 2, 8, 8]}}
  %6 = onnx.node "ai.onnx::LinearAttention"(%q, %k, %k, %w) {node_attributes = {q_num_heads = 4 : i64, kv_num_heads = 2 : i64, update_rule = "linear"}, version = 27 : i64}
      : (tensor<2x3x32xf32>, tensor<2x3x16xf32>, tensor<2x3x16xf32>, tensor<1x2x2x8x8xf32>) -> !onnx.unknown
  return %0, %1, %2, %3, %4, %5, %6 : !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown
}

// -----

func.func @main(%t: index {rt.dim = "t"}, %x: tensor<2x3x8xf32> {rt.name = "x", rt.shape = [2, 3, 8]}, %s: tensor<4xf32> {rt.name = "s", rt.shape = [4]},
                %n: tensor<2x3x?xf32> {rt.name = "n", rt.shape = [2, 3, "t"]}) -> (!onnx.unknown, !onnx.unknown) {
  // expected-error @below {{activation 'relu'; known are silu, swish and sigmoid}}
  %0 = onnx.node "com.microsoft::GatedRMSNorm"(%x, %s, %x) {node_attributes = {activation = "relu"}, version = 1 : i64} : (tensor<2x3x8xf32>, tensor<4xf32>, tensor<2x3x8xf32>) -> !onnx.unknown
  // expected-error @below {{the columns and the scale must be of numbers, but are 'n' [2, 3, t] and 's' [4]}}
  %1 = onnx.node "com.microsoft::GatedRMSNorm"(%n, %s, %n) {version = 1 : i64} : (tensor<2x3x?xf32>, tensor<4xf32>, tensor<2x3x?xf32>) -> !onnx.unknown
  return %0, %1 : !onnx.unknown, !onnx.unknown
}

// -----

func.func @main(%x: tensor<2x5x48xf32> {rt.name = "x", rt.shape = [2, 5, 48]}, %p: tensor<3x2x5xi64> {rt.name = "p", rt.shape = [3, 2, 5]},
                %c: tensor<9x6xf32> {rt.name = "c", rt.shape = [9, 6]}) -> (!onnx.unknown, !onnx.unknown, !onnx.unknown) {
  // expected-error @below {{expects no scale, no packed batch, and the mrope_layout 0 or 1}}
  %0 = onnx.node "com.microsoft::MRotaryEmbedding"(%x, %p, %c, %c) {node_attributes = {mrope_section = array<i64: 4, 1, 1>, num_heads = 3 : i64, mrope_layout = 2 : i64}, version = 1 : i64}
      : (tensor<2x5x48xf32>, tensor<3x2x5xi64>, tensor<9x6xf32>, tensor<9x6xf32>) -> !onnx.unknown
  // expected-error @below {{expects a number of heads, and caches of half as many columns as are rotated}}
  %1 = onnx.node "com.microsoft::MRotaryEmbedding"(%x, %p, %c, %c) {node_attributes = {mrope_section = array<i64: 4, 1, 1>}, version = 1 : i64}
      : (tensor<2x5x48xf32>, tensor<3x2x5xi64>, tensor<9x6xf32>, tensor<9x6xf32>) -> !onnx.unknown
  // expected-error @below {{expects the three numbers of mrope_section to sum up to the 6 columns of the caches}}
  %2 = onnx.node "com.microsoft::MRotaryEmbedding"(%x, %p, %c, %c) {node_attributes = {mrope_section = array<i64: 4, 1, 2>, num_heads = 3 : i64}, version = 1 : i64}
      : (tensor<2x5x48xf32>, tensor<3x2x5xi64>, tensor<9x6xf32>, tensor<9x6xf32>) -> !onnx.unknown
  return %0, %1, %2 : !onnx.unknown, !onnx.unknown, !onnx.unknown
}
