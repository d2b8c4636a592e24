// The fused operators of encoders, and products with floats of few bits, that contradict themselves or their operands.
// RUN: moe-opt %s --moe-infer-shapes --split-input-file --verify-diagnostics -o /dev/null

func.func @main(%x: tensor<2x5x12xf32> {onnx.name = "x", onnx.dims = [2, 5, 12]}, %w: tensor<12x36xf32> {onnx.name = "w", onnx.dims = [12, 36]},
                %b: tensor<36xf32> {onnx.name = "b", onnx.dims = [36]}, %one: tensor<1xf32> {onnx.name = "one", onnx.dims = [1]})
    -> (!onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown) {
  %none = onnx.none
  // expected-error @below {{the columns of 'w' [12, 36] are not those of queries, keys and values of num_heads = 5}}
  %0 = onnx.node "com.microsoft::Attention"(%x, %w, %b) {node_attributes = {num_heads = 5 : i64}, version = 1 : i64} : (tensor<2x5x12xf32>, tensor<12x36xf32>, tensor<36xf32>) -> !onnx.unknown
  // expected-error @below {{the columns of 'w' [12, 36] are not those of queries, keys and values of num_heads = 3}}
  %1 = onnx.node "com.microsoft::Attention"(%x, %w, %b) {node_attributes = {num_heads = 3 : i64, qkv_hidden_sizes = array<i64: 9, 9, 9>}, version = 1 : i64} : (tensor<2x5x12xf32>, tensor<12x36xf32>, tensor<36xf32>) -> !onnx.unknown
  // expected-error @below {{the input must be batch x tokens x columns, but is 'w' [12, 36]}}
  %2 = onnx.node "com.microsoft::Attention"(%w, %w, %b) {node_attributes = {num_heads = 3 : i64}, version = 1 : i64} : (tensor<12x36xf32>, tensor<12x36xf32>, tensor<36xf32>) -> !onnx.unknown
  // expected-error @below {{the bias must have 36 elements, but is 'one' [1]}}
  %3 = onnx.node "com.microsoft::Attention"(%x, %w, %one) {node_attributes = {num_heads = 3 : i64}, version = 1 : i64} : (tensor<2x5x12xf32>, tensor<12x36xf32>, tensor<1xf32>) -> !onnx.unknown
  // expected-error @below {{the past must be 2 x batch x heads x keys x head size, but is 'x' [2, 5, 12]}}
  %4 = onnx.node "com.microsoft::Attention"(%x, %w, %b, %none, %x) {node_attributes = {num_heads = 3 : i64}, version = 1 : i64} : (tensor<2x5x12xf32>, tensor<12x36xf32>, tensor<36xf32>, !onnx.none, tensor<2x5x12xf32>) -> !onnx.unknown
  return %0, %1, %2, %3, %4 : !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown
}

// -----

func.func @main(%i: tensor<2x5xi32> {onnx.name = "i", onnx.dims = [2, 5]}, %j: tensor<1x5xi32> {onnx.name = "j", onnx.dims = [1, 5]}, %k: tensor<5xi32> {onnx.name = "k", onnx.dims = [5]},
                %w: tensor<9x8xf32> {onnx.name = "w", onnx.dims = [9, 8]}, %s: tensor<8xf32> {onnx.name = "s", onnx.dims = [8]})
    -> (!onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown) {
  %none = onnx.none
  // expected-error @below {{the ids must be batch x sequence, but are 'k' [5]}}
  %0 = onnx.node "com.microsoft::EmbedLayerNormalization"(%k, %none, %w, %w, %none, %s, %s) {version = 1 : i64} : (tensor<5xi32>, !onnx.none, tensor<9x8xf32>, tensor<9x8xf32>, !onnx.none, tensor<8xf32>, tensor<8xf32>) -> !onnx.unknown
  // expected-error @below {{segments and their table must be given together, or neither}}
  %1 = onnx.node "com.microsoft::EmbedLayerNormalization"(%i, %i, %w, %w, %none, %s, %s) {version = 1 : i64} : (tensor<2x5xi32>, tensor<2x5xi32>, tensor<9x8xf32>, tensor<9x8xf32>, !onnx.none, tensor<8xf32>, tensor<8xf32>) -> !onnx.unknown
  // expected-error @below {{expected tables of rank 2, a scale and a bias of rank 1, but got 's' [8]}}
  %2 = onnx.node "com.microsoft::EmbedLayerNormalization"(%i, %none, %w, %s, %none, %s, %s) {version = 1 : i64} : (tensor<2x5xi32>, !onnx.none, tensor<9x8xf32>, tensor<8xf32>, !onnx.none, tensor<8xf32>, tensor<8xf32>) -> !onnx.unknown
  // expected-error @below {{segments and a mask must be batch x sequence, but are 'j' [1, 5]}}
  %3 = onnx.node "com.microsoft::EmbedLayerNormalization"(%i, %none, %w, %w, %none, %s, %s, %j) {version = 1 : i64} : (tensor<2x5xi32>, !onnx.none, tensor<9x8xf32>, tensor<9x8xf32>, !onnx.none, tensor<8xf32>, tensor<8xf32>, tensor<1x5xi32>) -> !onnx.unknown
  return %0, %1, %2, %3 : !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown
}

// -----

func.func @main(%x: tensor<4x40xf32> {onnx.name = "x", onnx.dims = [4, 40]}, %w: tensor<8x40xf32> {onnx.name = "w", onnx.dims = [8, 40]}, %b: tensor<8x20xui8> {onnx.name = "b", onnx.dims = [8, 20]},
                %s: tensor<8x3xui8> {onnx.name = "s", onnx.dims = [8, 3]}, %g: tensor<1xf32> {onnx.name = "g", onnx.dims = [1]})
    -> (!onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown) {
  // expected-error @below {{expected rows and a matrix, but got 'x' [4, 40] and 'g' [1]}}
  %0 = onnx.node "com.microsoft::MatMulBlockQuantizedFp8Weight"(%x, %g, %w) {version = 1 : i64} : (tensor<4x40xf32>, tensor<1xf32>, tensor<8x40xf32>) -> !onnx.unknown
  // expected-error @below {{the weight must hold floats of 8 bits (e4m3fn), but 'w' [8, 40] holds others}}
  %1 = onnx.node "com.microsoft::MatMulBlockQuantizedFp8Weight"(%x, %w, %w) {version = 1 : i64} : (tensor<4x40xf32>, tensor<8x40xf32>, tensor<8x40xf32>) -> !onnx.unknown
  // expected-error @below {{the weight must hold bytes, but 'w' [8, 40] holds others}}
  %2 = onnx.node "com.microsoft::MatMulBlockQuantizedFp4Weight"(%x, %w, %s, %g) {version = 1 : i64} : (tensor<4x40xf32>, tensor<8x40xf32>, tensor<8x3xui8>, tensor<1xf32>) -> !onnx.unknown
  // expected-error @below {{block_size = 0 must be at least 1}}
  %3 = onnx.node "com.microsoft::MatMulBlockQuantizedFp4Weight"(%x, %b, %s, %g) {node_attributes = {block_size = 0 : i64}, version = 1 : i64} : (tensor<4x40xf32>, tensor<8x20xui8>, tensor<8x3xui8>, tensor<1xf32>) -> !onnx.unknown
  // expected-error @below {{sizes 40 and 6 must be equal}}
  %4 = onnx.node "com.microsoft::MatMulBlockQuantizedFp4Weight"(%w, %s, %s, %g) {version = 1 : i64} : (tensor<8x40xf32>, tensor<8x3xui8>, tensor<8x3xui8>, tensor<1xf32>) -> !onnx.unknown
  return %0, %1, %2, %3, %4 : !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown
}
