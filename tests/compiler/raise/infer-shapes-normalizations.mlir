// RUN: moe-opt %s --split-input-file --verify-diagnostics --moe-infer-shapes --moe-lower-onnx -o /dev/null

func.func @main(%x: tensor<2x6x5xf32> {rt.name = "x", rt.shape = [2, 6, 5]}, %c: tensor<6xf32> {rt.name = "c", rt.shape = [6]}, %m: tensor<6x1xf32> {rt.name = "m", rt.shape = [6, 1]}) {
  // expected-error @below {{ai.onnx::LayerNormalization version 17 is invalid: stash_type must be a type of floats, but is 7}}
  %0 = onnx.node "ai.onnx::LayerNormalization"(%c, %c) {node_attributes = {stash_type = 7 : i64}, version = 17 : i64} : (tensor<6xf32>, tensor<6xf32>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::InstanceNormalization version 22 is invalid: the input must have channels, but is 'c' [6]}}
  %1 = onnx.node "ai.onnx::InstanceNormalization"(%c, %c, %c) {version = 22 : i64} : (tensor<6xf32>, tensor<6xf32>, tensor<6xf32>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::InstanceNormalization version 22 is invalid: one number for each channel must be given, but got 'm' [6, 1]}}
  %2 = onnx.node "ai.onnx::InstanceNormalization"(%x, %m, %c) {version = 22 : i64} : (tensor<2x6x5xf32>, tensor<6x1xf32>, tensor<6xf32>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::GroupNormalization version 21 is invalid: the channels of 'x' [2, 6, 5] are no multiple of num_groups = 4}}
  %3 = onnx.node "ai.onnx::GroupNormalization"(%x, %c, %c) {node_attributes = {num_groups = 4 : i64}, version = 21 : i64} : (tensor<2x6x5xf32>, tensor<6xf32>, tensor<6xf32>) -> !onnx.unknown
  return
}

// -----

func.func @main(%c: index {rt.dim = "c"}, %x: tensor<2x?x5xf32> {rt.name = "x", rt.shape = [2, "c", 5]}, %s: tensor<?xf32> {rt.name = "s", rt.shape = ["c"]}) -> !onnx.unknown {
  // expected-error @below {{ai.onnx::GroupNormalization version 21 is not supported: the channels must be a number, but the input is 'x' [2, c, 5]}}
  %0 = onnx.node "ai.onnx::GroupNormalization"(%x, %s, %s) {node_attributes = {num_groups = 2 : i64}, version = 21 : i64} : (tensor<2x?x5xf32>, tensor<?xf32>, tensor<?xf32>) -> !onnx.unknown
  return %0 : !onnx.unknown
}

// -----

// A named axis that meets a number is that number, in operands that are spread as in those of Add.

// expected-remark @below {{graph output 'y' is stated to have size 7 in dimension 2, but has size 8}}
func.func @main(%x: tensor<?x?x?xf32> {onnx.name = "x", onnx.dims = ["b", "s", "d"]}, %p: tensor<?x?xf32> {onnx.name = "p", onnx.dims = ["s", "e"]},
                %i: tensor<?x?x?xf32> {onnx.name = "i", onnx.dims = ["b", "c", "s"]}, %w: tensor<8xf32> {onnx.name = "w", onnx.dims = [8]})
    -> (!onnx.unknown {onnx.name = "y", onnx.dims = ["b", "s", 7]}) {
  %n = onnx.node "ai.onnx::LayerNormalization"(%x, %w, %w) {version = 17 : i64} : (tensor<?x?x?xf32>, tensor<8xf32>, tensor<8xf32>) -> !onnx.unknown
  %r = onnx.node "ai.onnx::PRelu"(%p, %w) {version = 16 : i64} : (tensor<?x?xf32>, tensor<8xf32>) -> !onnx.unknown
  %g = onnx.node "ai.onnx::GroupNormalization"(%i, %w, %w) {node_attributes = {num_groups = 2 : i64}, version = 21 : i64} : (tensor<?x?x?xf32>, tensor<8xf32>, tensor<8xf32>) -> !onnx.unknown
  %m = onnx.node "ai.onnx::MatMul"(%r, %g) {version = 13 : i64} : (!onnx.unknown, !onnx.unknown) -> !onnx.unknown
  %y = onnx.node "com.microsoft::SkipLayerNormalization"(%n, %n, %w) {version = 1 : i64} : (!onnx.unknown, !onnx.unknown, tensor<8xf32>) -> !onnx.unknown
  return %y : !onnx.unknown
}
