// Operators of hybrid models that contradict themselves or their operands.
// RUN: moe-opt %s --moe-infer-shapes --split-input-file --verify-diagnostics -o /dev/null

func.func @main(%q: tensor<2x3x32xf32> {onnx.name = "q", onnx.dims = [2, 3, 32]}, %k: tensor<2x3x16xf32> {onnx.name = "k", onnx.dims = [2, 3, 16]},
                %b: tensor<2x3x5xf32> {onnx.name = "b", onnx.dims = [2, 3, 5]}, %e: tensor<2x3x0xf32> {onnx.name = "e", onnx.dims = [2, 3, 0]})
    -> (!onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown) {
  %none = onnx.none
  // expected-error @below {{q_num_heads = 4 must be a multiple of kv_num_heads = 3}}
  %0 = onnx.node "com.microsoft::LinearAttention"(%q, %k, %k) {node_attributes = {q_num_heads = 4 : i64, kv_num_heads = 3 : i64}, version = 1 : i64} : (tensor<2x3x32xf32>, tensor<2x3x16xf32>, tensor<2x3x16xf32>) -> !onnx.unknown
  // Of the default domain there are no more states than heads.
  // expected-error @below {{q_num_heads = 2 must be a multiple of kv_num_heads = 4}}
  %1 = onnx.node "ai.onnx::LinearAttention"(%k, %q, %q) {node_attributes = {q_num_heads = 2 : i64, kv_num_heads = 4 : i64}, version = 27 : i64} : (tensor<2x3x16xf32>, tensor<2x3x32xf32>, tensor<2x3x32xf32>) -> !onnx.unknown
  // expected-error @below {{the columns of 'b' [2, 3, 5] are no multiple of 2}}
  %2 = onnx.node "ai.onnx::LinearAttention"(%q, %k, %b) {node_attributes = {q_num_heads = 2 : i64, kv_num_heads = 2 : i64}, version = 27 : i64} : (tensor<2x3x32xf32>, tensor<2x3x16xf32>, tensor<2x3x5xf32>) -> !onnx.unknown
  // expected-error @below {{keys of 16 columns do not fit 4 heads of size 8}}
  %3 = onnx.node "ai.onnx::LinearAttention"(%q, %k, %k) {node_attributes = {q_num_heads = 4 : i64, kv_num_heads = 4 : i64}, version = 27 : i64} : (tensor<2x3x32xf32>, tensor<2x3x16xf32>, tensor<2x3x16xf32>) -> !onnx.unknown
  // expected-error @below {{expected 2 or 16 columns, but got 'b' [2, 3, 5]}}
  %4 = onnx.node "ai.onnx::LinearAttention"(%q, %k, %k, %none, %b) {node_attributes = {q_num_heads = 4 : i64, kv_num_heads = 2 : i64}, version = 27 : i64} : (tensor<2x3x32xf32>, tensor<2x3x16xf32>, tensor<2x3x16xf32>, !onnx.none, tensor<2x3x5xf32>) -> !onnx.unknown
  // expected-error @below {{the queries have no columns: 'e' [2, 3, 0]}}
  %5 = onnx.node "ai.onnx::LinearAttention"(%e, %k, %k) {node_attributes = {q_num_heads = 2 : i64, kv_num_heads = 2 : i64}, version = 27 : i64} : (tensor<2x3x0xf32>, tensor<2x3x16xf32>, tensor<2x3x16xf32>) -> !onnx.unknown
  return %0, %1, %2, %3, %4, %5 : !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown
}

// -----

func.func @main(%x: tensor<2x3x8xf32> {onnx.name = "x", onnx.dims = [2, 3, 8]}, %y: tensor<3x8xf32> {onnx.name = "y", onnx.dims = [3, 8]},
                %s: tensor<3xf32> {onnx.name = "s", onnx.dims = [3]}, %h: tensor<8xf32> {onnx.name = "h", onnx.dims = [8]})
    -> (!onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown) {
  // expected-error @below {{its operands must have one rank, but are 'x' [2, 3, 8] and 'y' [3, 8]}}
  %0 = onnx.node "ai.onnx::SwiGLU"(%x, %y) {version = 28 : i64} : (tensor<2x3x8xf32>, tensor<3x8xf32>) -> !onnx.unknown
  // expected-error @below {{a gate must have one number for each row, but is 'x' [2, 3, 8]}}
  %1 = onnx.node "com.microsoft::GatedAdd"(%x, %x, %x) {version = 1 : i64} : (tensor<2x3x8xf32>, tensor<2x3x8xf32>, tensor<2x3x8xf32>) -> !onnx.unknown
  // expected-error @below {{the columns of 'x' [2, 3, 8] are no multiple of the scale 's' [3]}}
  %2 = onnx.node "com.microsoft::GatedRMSNorm"(%x, %s, %x) {version = 1 : i64} : (tensor<2x3x8xf32>, tensor<3xf32>, tensor<2x3x8xf32>) -> !onnx.unknown
  // expected-error @below {{a gate must be batch x tokens x heads, but is 'y' [3, 8]}}
  %3 = onnx.node "com.microsoft::LinearAttentionGate"(%y, %h, %h) {version = 1 : i64} : (tensor<3x8xf32>, tensor<8xf32>, tensor<8xf32>) -> !onnx.unknown
  // expected-error @below {{one number for each head must be given, but got 'y' [3, 8]}}
  %4 = onnx.node "com.microsoft::LinearAttentionGate"(%x, %y, %h) {version = 1 : i64} : (tensor<2x3x8xf32>, tensor<3x8xf32>, tensor<8xf32>) -> !onnx.unknown
  // expected-error @below {{its update rate is read, but nothing stands for it}}
  %5:2 = onnx.node "com.microsoft::LinearAttentionGate"(%x, %h, %h) {version = 1 : i64} : (tensor<2x3x8xf32>, tensor<8xf32>, tensor<8xf32>) -> (!onnx.unknown, !onnx.unknown)
  return %0, %1, %2, %3, %4, %5#0, %5#1 : !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown
}

// -----

func.func @main(%x: tensor<2x5x48xf32> {onnx.name = "x", onnx.dims = [2, 5, 48]}, %p: tensor<2x2x5xi64> {onnx.name = "p", onnx.dims = [2, 2, 5]},
                %r: tensor<3x2x5xi64> {onnx.name = "r", onnx.dims = [3, 2, 5]}, %c: tensor<9x6xf32> {onnx.name = "c", onnx.dims = [9, 6]})
    -> (!onnx.unknown, !onnx.unknown, !onnx.unknown) {
  // expected-error @below {{the positions must be 3 x batch x sequence, but are 'p' [2, 2, 5]}}
  %0 = onnx.node "com.microsoft::MRotaryEmbedding"(%x, %p, %c, %c) {version = 1 : i64} : (tensor<2x5x48xf32>, tensor<2x2x5xi64>, tensor<9x6xf32>, tensor<9x6xf32>) -> !onnx.unknown
  // expected-error @below {{a cache of angles must be a matrix, but is 'x' [2, 5, 48]}}
  %1 = onnx.node "com.microsoft::MRotaryEmbedding"(%x, %r, %c, %x) {version = 1 : i64} : (tensor<2x5x48xf32>, tensor<3x2x5xi64>, tensor<9x6xf32>, tensor<2x5x48xf32>) -> !onnx.unknown
  // expected-error @below {{the input must be batch x sequence x columns or batch x heads x sequence x head size, but is 'c' [9, 6]}}
  %2 = onnx.node "com.microsoft::MRotaryEmbedding"(%c, %r, %c, %c) {version = 1 : i64} : (tensor<9x6xf32>, tensor<3x2x5xi64>, tensor<9x6xf32>, tensor<9x6xf32>) -> !onnx.unknown
  return %0, %1, %2 : !onnx.unknown, !onnx.unknown, !onnx.unknown
}
