// What is not done with the fused operators of encoders, each with its reason.
// RUN: moe-opt %s --moe-lower-onnx --split-input-file --verify-diagnostics -o /dev/null

func.func @main(%x: tensor<2x5x12xf32> {rt.name = "x", rt.shape = [2, 5, 12]}, %w: tensor<12x36xf32> {rt.name = "w", rt.shape = [12, 36]},
                %b: tensor<36xf32> {rt.name = "b", rt.shape = [36]}) -> (!onnx.unknown, !onnx.unknown) {
  // expected-error @below {{its present holds keys and values of one size, but they have 3 and 6}}
  %0:2 = onnx.node "com.microsoft::Attention"(%x, %w, %b) {node_attributes = {num_heads = 3 : i64, qkv_hidden_sizes = array<i64: 9, 9, 18>}, version = 1 : i64} : (tensor<2x5x12xf32>, tensor<12x36xf32>, tensor<36xf32>) -> (!onnx.unknown, !onnx.unknown)
  return %0#0, %0#1 : !onnx.unknown, !onnx.unknown
}

// -----

func.func @main(%t: index {rt.dim = "t"}, %x: tensor<2x5x12xf32> {rt.name = "x", rt.shape = [2, 5, 12]}, %w: tensor<12x36xf32> {rt.name = "w", rt.shape = [12, 36]},
                %b: tensor<36xf32> {rt.name = "b", rt.shape = [36]}, %m: tensor<2x1x5x5xi32> {rt.name = "m", rt.shape = [2, 1, 5, 5]}, %l: tensor<1xi32> {rt.name = "l", rt.shape = [1]},
                %n: tensor<12x?xf32> {rt.name = "n", rt.shape = [12, "t"]}) -> (!onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown) {
  %none = onnx.none
  // expected-error @below {{a cache with room for later tokens is not supported}}
  %0 = onnx.node "com.microsoft::Attention"(%x, %w, %b, %none, %none, %none, %l) {node_attributes = {num_heads = 3 : i64}, version = 1 : i64}
      : (tensor<2x5x12xf32>, tensor<12x36xf32>, tensor<36xf32>, !onnx.none, !onnx.none, !onnx.none, tensor<1xi32>) -> !onnx.unknown
  // expected-error @below {{rotary positions of its own are not supported; expects do_rotary = 0}}
  %1 = onnx.node "com.microsoft::Attention"(%x, %w, %b) {node_attributes = {num_heads = 3 : i64, do_rotary = 1 : i64}, version = 1 : i64} : (tensor<2x5x12xf32>, tensor<12x36xf32>, tensor<36xf32>) -> !onnx.unknown
  // expected-error @below {{expects a key padding mask of one length a sequence, of batch x keys or of batch x queries x keys}}
  %2 = onnx.node "com.microsoft::Attention"(%x, %w, %b, %m) {node_attributes = {num_heads = 3 : i64}, version = 1 : i64} : (tensor<2x5x12xf32>, tensor<12x36xf32>, tensor<36xf32>, tensor<2x1x5x5xi32>) -> !onnx.unknown
  // expected-error @below {{the weights must be a matrix with a number of columns, but are 'n' [12, t]}}
  %3 = onnx.node "com.microsoft::Attention"(%x, %n, %b) {node_attributes = {num_heads = 3 : i64}, version = 1 : i64} : (tensor<2x5x12xf32>, tensor<12x?xf32>, tensor<36xf32>) -> !onnx.unknown
  // expected-error @below {{unknown attribute norm}}
  %4 = onnx.node "com.microsoft::Attention"(%x, %w, %b) {node_attributes = {num_heads = 3 : i64, norm = 1 : i64}, version = 1 : i64} : (tensor<2x5x12xf32>, tensor<12x36xf32>, tensor<36xf32>) -> !onnx.unknown
  // expected-error @below {{a cache with room for later tokens is not supported}}
  %5 = onnx.node "com.microsoft::Attention"(%x, %w, %b) {node_attributes = {num_heads = 3 : i64, past_present_share_buffer = 1 : i64}, version = 1 : i64} : (tensor<2x5x12xf32>, tensor<12x36xf32>, tensor<36xf32>) -> !onnx.unknown
  return %0, %1, %2, %3, %4, %5 : !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown
}
