// What is not decoded stays, and moe-lower-onnx says why.
// RUN: moe-opt %s --moe-fold-weights --moe-lower-onnx --split-input-file --verify-diagnostics -o /dev/null

module {
  rt.weight @q : tensor<8x2x16xui8> = #rt.source<"m.onnx", 0, 256, raw> : tensor<8x2x16xui8>
  rt.weight @s : tensor<8x2xf32> = #rt.source<"m.onnx", 1, 64, raw> : tensor<8x2xf32>
  rt.weight @i : tensor<64xi32> = #rt.source<"m.onnx", 2, 256, raw> : tensor<64xi32>
  func.func @main(%n: index {rt.dim = "n"}, %x: tensor<?x64xf32> {rt.name = "x", rt.shape = ["n", 64]}, %v: tensor<8x2x16xui8> {rt.name = "v", rt.shape = [8, 2, 16]})
      -> (tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>) {
    %q = rt.weight_ref @q : tensor<8x2x16xui8>
    %s = rt.weight_ref @s : tensor<8x2xf32>
    %i = rt.weight_ref @i : tensor<64xi32>
    %none = onnx.none
    // expected-error @below {{com.microsoft::MatMulNBits version 1 is not supported: weights of 5 bits; decoded are 2, 4 and 8}}
    %0 = onnx.node "com.microsoft::MatMulNBits"(%x, %q, %s) {node_attributes = {K = 64 : i64, N = 8 : i64, bits = 5 : i64, block_size = 32 : i64}, version = 1 : i64}
      : (tensor<?x64xf32>, tensor<8x2x16xui8>, tensor<8x2xf32>) -> tensor<?x8xf32>
    // expected-error @below {{weight_prepacked = 1: the weight is in the layout of a GPU kernel; export it unpacked}}
    %1 = onnx.node "com.microsoft::MatMulNBits"(%x, %q, %s) {node_attributes = {K = 64 : i64, N = 8 : i64, block_size = 32 : i64, weight_prepacked = 1 : i64}, version = 1 : i64}
      : (tensor<?x64xf32>, tensor<8x2x16xui8>, tensor<8x2xf32>) -> tensor<?x8xf32>
    // expected-error @below {{blocks in the order of g_idx are not supported}}
    %2 = onnx.node "com.microsoft::MatMulNBits"(%x, %q, %s, %none, %i) {node_attributes = {K = 64 : i64, N = 8 : i64, block_size = 32 : i64}, version = 1 : i64}
      : (tensor<?x64xf32>, tensor<8x2x16xui8>, tensor<8x2xf32>, !onnx.none, tensor<64xi32>) -> tensor<?x8xf32>
    // expected-error @below {{the weight must be a weight of the model, but it is computed at run time}}
    %3 = onnx.node "com.microsoft::MatMulNBits"(%x, %v, %s) {node_attributes = {K = 64 : i64, N = 8 : i64, block_size = 32 : i64}, version = 1 : i64}
      : (tensor<?x64xf32>, tensor<8x2x16xui8>, tensor<8x2xf32>) -> tensor<?x8xf32>
    // expected-error @below {{expected tensor<8x1xf32> as the scales, but it is tensor<8x2xf32>}}
    %4 = onnx.node "com.microsoft::MatMulNBits"(%x, %q, %s) {node_attributes = {K = 64 : i64, N = 8 : i64, block_size = 64 : i64}, version = 1 : i64}
      : (tensor<?x64xf32>, tensor<8x2x16xui8>, tensor<8x2xf32>) -> tensor<?x8xf32>
    // expected-error @below {{the zero points must be bytes, but it is tensor<64xi32>}}
    %5 = onnx.node "com.microsoft::MatMulNBits"(%x, %q, %s, %i) {node_attributes = {K = 64 : i64, N = 8 : i64, block_size = 32 : i64}, version = 1 : i64}
      : (tensor<?x64xf32>, tensor<8x2x16xui8>, tensor<8x2xf32>, tensor<64xi32>) -> tensor<?x8xf32>
    // expected-error @below {{unknown attribute flavour}}
    %6 = onnx.node "com.microsoft::MatMulNBits"(%x, %q, %s) {node_attributes = {K = 64 : i64, N = 8 : i64, block_size = 32 : i64, flavour = 1 : i64}, version = 1 : i64}
      : (tensor<?x64xf32>, tensor<8x2x16xui8>, tensor<8x2xf32>) -> tensor<?x8xf32>
    return %0, %1, %2, %3, %4, %5, %6 : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>
  }
}

// -----

module {
  rt.weight @t : tensor<8x4x32xui8> = #rt.source<"m.onnx", 0, 1024, raw> : tensor<8x4x32xui8>
  rt.weight @s : tensor<8x4x2xf32> = #rt.source<"m.onnx", 1, 256, raw> : tensor<8x4x2xf32>
  func.func @main(%n: index {rt.dim = "n"}, %ids: tensor<?xi64> {rt.name = "ids", rt.shape = ["n"]}, %w: tensor<4x6xi8> {rt.name = "w", rt.shape = [4, 6]})
      -> (tensor<?x4x85xf32>, tensor<?x4x64xf32>, tensor<?x4x64xf32>) {
    %t = rt.weight_ref @t : tensor<8x4x32xui8>
    %s = rt.weight_ref @s : tensor<8x4x2xf32>
    // expected-error @below {{com.microsoft::GatherBlockQuantized version 1 is not supported: a table of 3 bits; decoded are 2, 4 and 8}}
    %0 = onnx.node "com.microsoft::GatherBlockQuantized"(%t, %ids, %s) {node_attributes = {bits = 3 : i64, block_size = 32 : i64, quantize_axis = -1 : i64}, version = 1 : i64}
      : (tensor<8x4x32xui8>, tensor<?xi64>, tensor<8x4x2xf32>) -> tensor<?x4x85xf32>
    // expected-error @below {{the scales do not fit a table of [8, 4, 64] in blocks of 16 along axis 2}}
    %1 = onnx.node "com.microsoft::GatherBlockQuantized"(%t, %ids, %s) {node_attributes = {block_size = 16 : i64, quantize_axis = 2 : i64}, version = 1 : i64}
      : (tensor<8x4x32xui8>, tensor<?xi64>, tensor<8x4x2xf32>) -> tensor<?x4x64xf32>
    // expected-error @below {{a table of bytes is decoded in blocks along its last axis, but quantize_axis is 1}}
    %2 = onnx.node "com.microsoft::GatherBlockQuantized"(%t, %ids, %s) {node_attributes = {block_size = 32 : i64}, version = 1 : i64}
      : (tensor<8x4x32xui8>, tensor<?xi64>, tensor<8x4x2xf32>) -> tensor<?x4x64xf32>
    return %0, %1, %2 : tensor<?x4x85xf32>, tensor<?x4x64xf32>, tensor<?x4x64xf32>
  }
}

// -----

// expected-error @below {{expects a function @main of one block, as the importer writes it}}
module {
}

// -----

module {
  rt.weight @b8 : tensor<8x40xf8E4M3FN> = #rt.source<"m.onnx", 0, 320, raw> : tensor<8x40xf8E4M3FN>
  rt.weight @s8 : tensor<8x3xf32> = #rt.source<"m.onnx", 1, 96, raw> : tensor<8x3xf32>
  rt.weight @b4 : tensor<8x20xui8> = #rt.source<"m.onnx", 2, 160, raw> : tensor<8x20xui8>
  rt.weight @s4 : tensor<8x3xui8> = #rt.source<"m.onnx", 3, 40, varint> : tensor<8x3xui8>
  func.func @main(%n: index {rt.dim = "n"}, %x: tensor<?x40xf32> {rt.name = "x", rt.shape = ["n", 40]}, %v: tensor<8x20xui8> {rt.name = "v", rt.shape = [8, 20]})
      -> (tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>) {
    %b8 = rt.weight_ref @b8 : tensor<8x40xf8E4M3FN>
    %s8 = rt.weight_ref @s8 : tensor<8x3xf32>
    %b4 = rt.weight_ref @b4 : tensor<8x20xui8>
    %s4 = rt.weight_ref @s4 : tensor<8x3xui8>
    %g = arith.constant dense<0.5> : tensor<f32>
    // expected-error @below {{quantised activations (a_scale) are not supported}}
    %0 = onnx.node "com.microsoft::MatMulBlockQuantizedFp8Weight"(%x, %b8, %s8, %g) {node_attributes = {block_size = 16 : i64}, version = 1 : i64}
      : (tensor<?x40xf32>, tensor<8x40xf8E4M3FN>, tensor<8x3xf32>, tensor<f32>) -> tensor<?x8xf32>
    // expected-error @below {{expected tensor<8x1xf32> as the scales, but it is tensor<8x3xf32>}}
    %1 = onnx.node "com.microsoft::MatMulBlockQuantizedFp8Weight"(%x, %b8, %s8) {version = 1 : i64} : (tensor<?x40xf32>, tensor<8x40xf8E4M3FN>, tensor<8x3xf32>) -> tensor<?x8xf32>
    // expected-error @below {{the scales do not stand in the file as bytes}}
    %2 = onnx.node "com.microsoft::MatMulBlockQuantizedFp4Weight"(%x, %b4, %s4, %g) {version = 1 : i64} : (tensor<?x40xf32>, tensor<8x20xui8>, tensor<8x3xui8>, tensor<f32>) -> tensor<?x8xf32>
    // expected-error @below {{the weight must be a weight of the model, but it is computed at run time}}
    %3 = onnx.node "com.microsoft::MatMulBlockQuantizedFp4Weight"(%x, %v, %s4, %g) {version = 1 : i64} : (tensor<?x40xf32>, tensor<8x20xui8>, tensor<8x3xui8>, tensor<f32>) -> tensor<?x8xf32>
    return %0, %1, %2, %3 : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>
  }
}
