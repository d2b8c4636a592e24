// RUN: moe-opt %s --split-input-file --verify-diagnostics --moe-infer-shapes --moe-lower-onnx -o /dev/null

// Operands of attention that do not belong together.

func.func @main(%q: tensor<1x4x3x8xf32> {rt.name = "q", rt.shape = [1, 4, 3, 8]}, %k: tensor<1x3x3x8xf32> {rt.name = "k", rt.shape = [1, 3, 3, 8]},
                %s: tensor<1x4x3x6xf32> {rt.name = "s", rt.shape = [1, 4, 3, 6]}, %m: tensor<1x1x1x3x3xf32> {rt.name = "m", rt.shape = [1, 1, 1, 3, 3]},
                %n: tensor<1xi64> {rt.name = "n", rt.shape = [1]}, %l: tensor<1x1xi64> {rt.name = "l", rt.shape = [1, 1]},
                %w: tensor<2x1x3x3xf32> {rt.name = "w", rt.shape = [2, 1, 3, 3]}) {
  %none = onnx.none
  // expected-error @below {{ai.onnx::Attention version 23 is invalid: the past of keys and of values must be given together, or neither}}
  %0 = onnx.node "ai.onnx::Attention"(%q, %q, %q, %none, %q) {version = 23 : i64} : (tensor<1x4x3x8xf32>, tensor<1x4x3x8xf32>, tensor<1x4x3x8xf32>, !onnx.none, tensor<1x4x3x8xf32>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::Attention version 23 is invalid: the heads of queries, 4, must be a multiple of those of keys and of values, 3 and 3}}
  %1 = onnx.node "ai.onnx::Attention"(%q, %k, %k) {version = 23 : i64} : (tensor<1x4x3x8xf32>, tensor<1x3x3x8xf32>, tensor<1x3x3x8xf32>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::Attention version 23 is invalid: the heads of queries and keys must have one size, but have 8 and 6}}
  %2 = onnx.node "ai.onnx::Attention"(%q, %s, %q) {version = 23 : i64} : (tensor<1x4x3x8xf32>, tensor<1x4x3x6xf32>, tensor<1x4x3x8xf32>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::Attention version 23 is invalid: a mask must have rank 1 to 4, but is 'm' [1, 1, 1, 3, 3]}}
  %3 = onnx.node "ai.onnx::Attention"(%q, %q, %q, %m) {version = 23 : i64} : (tensor<1x4x3x8xf32>, tensor<1x4x3x8xf32>, tensor<1x4x3x8xf32>, tensor<1x1x1x3x3xf32>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::Attention version 24 is invalid: nonpad_kv_seqlen stands beside a past}}
  %4 = onnx.node "ai.onnx::Attention"(%q, %q, %q, %none, %q, %q, %n) {version = 24 : i64} : (tensor<1x4x3x8xf32>, tensor<1x4x3x8xf32>, tensor<1x4x3x8xf32>, !onnx.none, tensor<1x4x3x8xf32>, tensor<1x4x3x8xf32>, tensor<1xi64>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::Attention version 24 is invalid: nonpad_kv_seqlen must be one number a sequence, but is 'l' [1, 1]}}
  %5 = onnx.node "ai.onnx::Attention"(%q, %q, %q, %none, %none, %none, %l) {version = 24 : i64} : (tensor<1x4x3x8xf32>, tensor<1x4x3x8xf32>, tensor<1x4x3x8xf32>, !onnx.none, !onnx.none, !onnx.none, tensor<1x1xi64>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::Attention version 23 is invalid: the mask 'w' [2, 1, 3, 3] does not broadcast to [1, 4, 3, 3]}}
  %6 = onnx.node "ai.onnx::Attention"(%q, %q, %q, %w) {version = 23 : i64} : (tensor<1x4x3x8xf32>, tensor<1x4x3x8xf32>, tensor<1x4x3x8xf32>, tensor<2x1x3x3xf32>) -> !onnx.unknown
  return
}

// -----

func.func @main(%h: index {rt.dim = "h"}, %q: tensor<1x?x3x8xf32> {rt.name = "q", rt.shape = [1, "h", 3, 8]}) -> !onnx.unknown {
  // expected-error @below {{ai.onnx::Attention version 23 is not supported: the heads and columns of an operand must be numbers, but it is 'q' [1, h, 3, 8]}}
  %0 = onnx.node "ai.onnx::Attention"(%q, %q, %q) {version = 23 : i64} : (tensor<1x?x3x8xf32>, tensor<1x?x3x8xf32>, tensor<1x?x3x8xf32>) -> !onnx.unknown
  return %0 : !onnx.unknown
}

// -----

func.func @main(%x: tensor<1x3x32xf32> {rt.name = "x", rt.shape = [1, 3, 32]}, %p: tensor<1x3x4x2x8xf32> {rt.name = "p", rt.shape = [1, 3, 4, 2, 8]},
                %h: tensor<1x4x3x8xf32> {rt.name = "h", rt.shape = [1, 4, 3, 8]}, %b: tensor<32xf32> {rt.name = "b", rt.shape = [32]}) {
  %none = onnx.none
  // expected-error @below {{com.microsoft::MultiHeadAttention version 1 is invalid: an operand that packs 3 must be batch x tokens x 4 heads x 3 x head size, but is 'p' [1, 3, 4, 2, 8]}}
  %0 = onnx.node "com.microsoft::MultiHeadAttention"(%p) {node_attributes = {num_heads = 4 : i64}, version = 1 : i64} : (tensor<1x3x4x2x8xf32>) -> !onnx.unknown
  // expected-error @below {{com.microsoft::MultiHeadAttention version 1 is invalid: a value is given without a key}}
  %1 = onnx.node "com.microsoft::MultiHeadAttention"(%x, %none, %x) {node_attributes = {num_heads = 4 : i64}, version = 1 : i64} : (tensor<1x3x32xf32>, !onnx.none, tensor<1x3x32xf32>) -> !onnx.unknown
  // expected-error @below {{com.microsoft::MultiHeadAttention version 1 is invalid: a query beside a key must be batch x tokens x columns, but is 'h' [1, 4, 3, 8]}}
  %2 = onnx.node "com.microsoft::MultiHeadAttention"(%h, %x, %x) {node_attributes = {num_heads = 4 : i64}, version = 1 : i64} : (tensor<1x4x3x8xf32>, tensor<1x3x32xf32>, tensor<1x3x32xf32>) -> !onnx.unknown
  // expected-error @below {{com.microsoft::MultiHeadAttention version 1 is invalid: the bias must have 96 elements, but is 'b' [32]}}
  %3 = onnx.node "com.microsoft::MultiHeadAttention"(%x, %x, %x, %b) {node_attributes = {num_heads = 4 : i64}, version = 1 : i64} : (tensor<1x3x32xf32>, tensor<1x3x32xf32>, tensor<1x3x32xf32>, tensor<32xf32>) -> !onnx.unknown
  return
}
