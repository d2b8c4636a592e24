// RUN: moe-opt %s --moe-lower-onnx --split-input-file --verify-diagnostics | FileCheck %s

// Quantised activations: one kernel each.
// CHECK-LABEL: func.func @main(
// CHECK-SAME: %[[X:[a-z0-9]+]]: tensor<4x8xf32> {{.*}}, %[[S:[a-z0-9]+]]: tensor<8xf32> {{.*}}, %[[Z:[a-z0-9]+]]: tensor<8xi4> {{.*}}, %[[A:[a-z0-9]+]]: tensor<4x6xui8> {{.*}}, %[[B:[a-z0-9]+]]: tensor<6x3xi8>
func.func @main(%x: tensor<4x8xf32> {rt.name = "x", rt.shape = [4, 8]}, %s: tensor<8xf32> {rt.name = "s", rt.shape = [8]}, %z: tensor<8xi4> {rt.name = "z", rt.shape = [8]},
                %a: tensor<4x6xui8> {rt.name = "a", rt.shape = [4, 6]}, %b: tensor<6x3xi8> {rt.name = "b", rt.shape = [6, 3]},
                %one: tensor<f32> {rt.name = "one", rt.shape = []}, %p: tensor<1xui8> {rt.name = "p", rt.shape = [1]}, %q: tensor<i8> {rt.name = "q", rt.shape = []})
    -> (tensor<4x8xi4>, tensor<4x8xf32>, tensor<4x8xui8>, tensor<4x3xi32>, tensor<4x3xui8>, tensor<4x8xui32>, tensor<4x8xf8E8M0FNU>) {
  // CHECK: %[[Q:.*]] = nn.operator "quantize"(%[[X]], %[[S]], %[[Z]]) {{.*}}axis = 1 : i64, block = 0 : i64, precision = 0 : i64, saturate = 1 : i64{{.*}} -> tensor<4x8xi4>
  %0 = onnx.node "ai.onnx::QuantizeLinear"(%x, %s, %z) {version = 21 : i64} : (tensor<4x8xf32>, tensor<8xf32>, tensor<8xi4>) -> tensor<4x8xi4>
  // CHECK: nn.operator "dequantize"(%[[Q]], %[[S]], %[[Z]]) {{.*}}axis = 1 : i64, block = 0 : i64{{.*}} -> tensor<4x8xf32>
  %1 = onnx.node "ai.onnx::DequantizeLinear"(%0, %s, %z) {node_attributes = {axis = -1 : i64}, version = 21 : i64} : (tensor<4x8xi4>, tensor<8xf32>, tensor<8xi4>) -> tensor<4x8xf32>
  // CHECK: nn.operator "dynamic_quantize"(%[[X]]) {{.*}} -> (tensor<4x8xui8>, tensor<f32>, tensor<ui8>)
  %2:3 = onnx.node "ai.onnx::DynamicQuantizeLinear"(%x) {version = 11 : i64} : (tensor<4x8xf32>) -> (tensor<4x8xui8>, tensor<f32>, tensor<ui8>)
  // CHECK: nn.operator "matmul_integer"(%[[A]], %[[B]]) {{.*}}present = array<i1: true, true, false, false>{{.*}} -> tensor<4x3xi32>
  %3 = onnx.node "ai.onnx::MatMulInteger"(%a, %b) {version = 10 : i64} : (tensor<4x6xui8>, tensor<6x3xi8>) -> tensor<4x3xi32>
  // CHECK: nn.operator "quantized_matmul"(%[[A]], {{.*}} -> tensor<4x3xui8>
  %4 = onnx.node "ai.onnx::QLinearMatMul"(%a, %one, %p, %b, %one, %q, %one, %p) {version = 10 : i64} : (tensor<4x6xui8>, tensor<f32>, tensor<1xui8>, tensor<6x3xi8>, tensor<f32>, tensor<i8>, tensor<f32>, tensor<1xui8>) -> tensor<4x3xui8>
  // CHECK: nn.operator "bit_cast"(%[[X]]) {{.*}} -> tensor<4x8xui32>
  %5 = onnx.node "ai.onnx::BitCast"(%x) {node_attributes = {to = 12 : i64}, version = 26 : i64} : (tensor<4x8xf32>) -> tensor<4x8xui32>
  // CHECK: nn.operator "convert"(%[[X]]) {{.*}}round_mode = 2 : i64, saturate = 0 : i64{{.*}} -> tensor<4x8xf8E8M0FNU>
  %6 = onnx.node "ai.onnx::Cast"(%x) {node_attributes = {round_mode = "nearest", saturate = 0 : i64, to = 24 : i64}, version = 24 : i64} : (tensor<4x8xf32>) -> tensor<4x8xf8E8M0FNU>
  return %0, %1, %2#0, %3, %4, %5, %6 : tensor<4x8xi4>, tensor<4x8xf32>, tensor<4x8xui8>, tensor<4x3xi32>, tensor<4x3xui8>, tensor<4x8xui32>, tensor<4x8xf8E8M0FNU>
}

// -----

// Convolutions of bytes: one kernel, with the scales and the zero point of the result where it is rounded.
// CHECK-LABEL: func.func @main(
// CHECK-SAME: %[[X:[a-z0-9]+]]: tensor<1x4x6x6xui8> {{.*}}, %[[W:[a-z0-9]+]]: tensor<8x2x3x3xi8> {{.*}}, %[[S:[a-z0-9]+]]: tensor<f32> {{.*}}, %[[P:[a-z0-9]+]]: tensor<ui8> {{.*}}, %[[Q:[a-z0-9]+]]: tensor<8xi8> {{.*}}, %[[B:[a-z0-9]+]]: tensor<8xi32>
func.func @main(%x: tensor<1x4x6x6xui8> {rt.name = "x", rt.shape = [1, 4, 6, 6]}, %w: tensor<8x2x3x3xi8> {rt.name = "w", rt.shape = [8, 2, 3, 3]},
                %s: tensor<f32> {rt.name = "s", rt.shape = []}, %p: tensor<ui8> {rt.name = "p", rt.shape = []}, %q: tensor<8xi8> {rt.name = "q", rt.shape = [8]},
                %b: tensor<8xi32> {rt.name = "b", rt.shape = [8]}) -> (tensor<1x8x6x6xi32>, tensor<1x8x4x4xui8>) {
  // CHECK: nn.operator "integer_conv"(%[[X]], %[[W]], %[[P]], %{{.*}}) [] {floats = {}, integers = {auto_pad = 0 : i64, group = 2 : i64}, present = array<i1: true, true, true, false, false, false, false, false, false, true>} {{.*}} -> tensor<1x8x6x6xi32>
  %0 = onnx.node "ai.onnx::ConvInteger"(%x, %w, %p) {node_attributes = {group = 2 : i64, pads = array<i64: 1, 1, 1, 1>}, version = 10 : i64} : (tensor<1x4x6x6xui8>, tensor<8x2x3x3xi8>, tensor<ui8>) -> tensor<1x8x6x6xi32>
  // CHECK: nn.operator "integer_conv"(%[[X]], %[[W]], %[[P]], %[[Q]], %[[B]], %[[S]], %[[S]], %[[S]], %[[P]], %{{.*}}) {{.*}} -> tensor<1x8x4x4xui8>
  %1 = onnx.node "ai.onnx::QLinearConv"(%x, %s, %p, %w, %s, %q, %s, %p, %b) {node_attributes = {group = 2 : i64}, version = 10 : i64}
      : (tensor<1x4x6x6xui8>, tensor<f32>, tensor<ui8>, tensor<8x2x3x3xi8>, tensor<f32>, tensor<8xi8>, tensor<f32>, tensor<ui8>, tensor<8xi32>) -> tensor<1x8x4x4xui8>
  return %0, %1 : tensor<1x8x6x6xi32>, tensor<1x8x4x4xui8>
}

// -----

// What contradicts itself in them, and what is refused.
func.func @main(%x: tensor<1x4x6x6xui8> {rt.name = "x", rt.shape = [1, 4, 6, 6]}, %w: tensor<8x4x3x3xi8> {rt.name = "w", rt.shape = [8, 4, 3, 3]},
                %s: tensor<f32> {rt.name = "s", rt.shape = []}, %p: tensor<ui8> {rt.name = "p", rt.shape = []}, %q: tensor<i8> {rt.name = "q", rt.shape = []},
                %f: tensor<8xf32> {rt.name = "f", rt.shape = [8]}) -> (!onnx.unknown, !onnx.unknown) {
  // expected-error @below {{ai.onnx::ConvInteger version 10 is invalid: the zero point 'q' [] has another element type than 'x' [1, 4, 6, 6]}}
  %0 = onnx.node "ai.onnx::ConvInteger"(%x, %w, %q) {version = 10 : i64} : (tensor<1x4x6x6xui8>, tensor<8x4x3x3xi8>, tensor<i8>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::QLinearConv version 10 is invalid: its bias must hold i32, but 'f' [8] holds others}}
  %1 = onnx.node "ai.onnx::QLinearConv"(%x, %s, %p, %w, %s, %q, %s, %p, %f) {version = 10 : i64}
      : (tensor<1x4x6x6xui8>, tensor<f32>, tensor<ui8>, tensor<8x4x3x3xi8>, tensor<f32>, tensor<i8>, tensor<f32>, tensor<ui8>, tensor<8xf32>) -> !onnx.unknown
  return %0, %1 : !onnx.unknown, !onnx.unknown
}

// -----

// What is refused.
func.func @main(%x: tensor<4x8xf32> {rt.name = "x", rt.shape = [4, 8]}, %d: tensor<f64> {rt.name = "d", rt.shape = []}, %one: tensor<f32> {rt.name = "one", rt.shape = []},
                %a: tensor<4x6xui8> {rt.name = "a", rt.shape = [4, 6]}, %b: tensor<6x3xi8> {rt.name = "b", rt.shape = [6, 3]}, %n: tensor<4x8xi4> {rt.name = "n", rt.shape = [4, 8]},
                %p: tensor<ui8> {rt.name = "p", rt.shape = []}, %q: tensor<i8> {rt.name = "q", rt.shape = []}, %i: tensor<4x8xi8> {rt.name = "i", rt.shape = [4, 8]},
                %v: tensor<2x3xui8> {rt.name = "v", rt.shape = [2, 3]}, %r: tensor<i32> {rt.name = "r", rt.shape = []})
    -> (!onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, tensor<4x8xf8E8M0FNU>, !onnx.unknown, !onnx.unknown, !onnx.unknown) {
  // expected-error @below {{ai.onnx::QuantizeLinear version 21 is not supported: the scale has elements of more than 32 bits}}
  %0 = onnx.node "ai.onnx::QuantizeLinear"(%x, %d) {version = 21 : i64} : (tensor<4x8xf32>, tensor<f64>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::QuantizeLinear version 23 is not supported: the precision 7 is none of float, float16, bfloat16 and double}}
  %1 = onnx.node "ai.onnx::QuantizeLinear"(%x, %one) {node_attributes = {precision = 7 : i64}, version = 23 : i64} : (tensor<4x8xf32>, tensor<f32>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::QuantizeLinear version 23 is not supported: no quantised elements of the type of code 14}}
  %2 = onnx.node "ai.onnx::QuantizeLinear"(%x, %one) {node_attributes = {output_dtype = 14 : i64}, version = 23 : i64} : (tensor<4x8xf32>, tensor<f32>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::DynamicQuantizeLinear version 11 is not supported: it expects three results}}
  %3 = onnx.node "ai.onnx::DynamicQuantizeLinear"(%x) {version = 11 : i64} : (tensor<4x8xf32>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::MatMulInteger version 10 is not supported: it multiplies integers of 8 bits, but has 'a' [4, 6] and 'x' [4, 8] of other elements}}
  %4 = onnx.node "ai.onnx::MatMulInteger"(%a, %x) {version = 10 : i64} : (tensor<4x6xui8>, tensor<4x8xf32>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::MatMulInteger version 10 is not supported: it has scales or zero points of rank 2 or more: 'v' [2, 3]}}
  %5 = onnx.node "ai.onnx::MatMulInteger"(%a, %b, %v) {version = 10 : i64} : (tensor<4x6xui8>, tensor<6x3xi8>, tensor<2x3xui8>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::QLinearMatMul version 10 is not supported: its result has no elements of integers of 8 bits}}
  %6 = onnx.node "ai.onnx::QLinearMatMul"(%a, %one, %p, %b, %one, %q, %one, %r) {version = 10 : i64} : (tensor<4x6xui8>, tensor<f32>, tensor<ui8>, tensor<6x3xi8>, tensor<f32>, tensor<i8>, tensor<f32>, tensor<i32>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::BitCast version 26 is not supported: a byte is not always a bool}}
  %7 = onnx.node "ai.onnx::BitCast"(%i) {node_attributes = {to = 9 : i64}, version = 26 : i64} : (tensor<4x8xi8>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::BitCast version 26 is not supported: no elements of the type of code 8}}
  %8 = onnx.node "ai.onnx::BitCast"(%i) {node_attributes = {to = 8 : i64}, version = 26 : i64} : (tensor<4x8xi8>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::Cast version 24 is not supported: the round_mode is none of up, down and nearest}}
  %9 = onnx.node "ai.onnx::Cast"(%x) {node_attributes = {round_mode = "odd", to = 24 : i64}, version = 24 : i64} : (tensor<4x8xf32>) -> tensor<4x8xf8E8M0FNU>
  // expected-error @below {{ai.onnx::Add version 14 is not supported: it computes in elements of 8 bits or less, which are only converted, quantised and moved}}
  %10 = onnx.node "ai.onnx::Add"(%n, %n) {version = 14 : i64} : (tensor<4x8xi4>, tensor<4x8xi4>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::DequantizeLinear version 21 is not supported: the scale has elements of more than 32 bits}}
  %11 = onnx.node "ai.onnx::DequantizeLinear"(%i, %d) {version = 21 : i64} : (tensor<4x8xi8>, tensor<f64>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::QLinearMatMul version 10 is not supported: the scale has elements of more than 32 bits}}
  %12 = onnx.node "ai.onnx::QLinearMatMul"(%a, %d, %p, %b, %one, %q, %one, %p) {version = 10 : i64} : (tensor<4x6xui8>, tensor<f64>, tensor<ui8>, tensor<6x3xi8>, tensor<f32>, tensor<i8>, tensor<f32>, tensor<ui8>) -> !onnx.unknown
  return %0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12 : !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, tensor<4x8xf8E8M0FNU>, !onnx.unknown, !onnx.unknown, !onnx.unknown
}

// -----

// What contradicts itself.
func.func @main(%x: tensor<4x8xf32> {rt.name = "x", rt.shape = [4, 8]}, %one: tensor<f32> {rt.name = "one", rt.shape = []}, %i: tensor<4x8xi8> {rt.name = "i", rt.shape = [4, 8]},
                %p: tensor<ui8> {rt.name = "p", rt.shape = []})
    -> (!onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown) {
  // expected-error @below {{ai.onnx::QuantizeLinear version 21 is invalid: output_dtype is not the element type of the zero point}}
  %0 = onnx.node "ai.onnx::QuantizeLinear"(%x, %one, %p) {node_attributes = {output_dtype = 3 : i64}, version = 21 : i64} : (tensor<4x8xf32>, tensor<f32>, tensor<ui8>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::DequantizeLinear version 23 is invalid: output_dtype = 3 is no type of floats}}
  %1 = onnx.node "ai.onnx::DequantizeLinear"(%i, %one) {node_attributes = {output_dtype = 3 : i64}, version = 23 : i64} : (tensor<4x8xi8>, tensor<f32>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::DequantizeLinear version 21 is invalid: the zero point 'p' [] must have the element type of 'i' [4, 8]}}
  %2 = onnx.node "ai.onnx::DequantizeLinear"(%i, %one, %p) {version = 21 : i64} : (tensor<4x8xi8>, tensor<f32>, tensor<ui8>) -> !onnx.unknown
  // expected-error @below {{ai.onnx::BitCast version 26 is invalid: elements of 32 bits have no bits of a type of 64}}
  %3 = onnx.node "ai.onnx::BitCast"(%x) {node_attributes = {to = 7 : i64}, version = 26 : i64} : (tensor<4x8xf32>) -> !onnx.unknown
  return %0, %1, %2, %3 : !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown
}
