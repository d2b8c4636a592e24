// RUN: moe-opt %s --split-input-file --verify-diagnostics

// source_c1
// expected-error @below {{source expects offset and length of at least 0, but got offset -1 and length 16}}
rt.weight @w : tensor<2x2xf32> = #rt.source<"m", -1, 16, raw> : tensor<2x2xf32>

// -----

// expected-error @below {{source expects a tensor type of static shape, but got 'tensor<2x?xf32>'}}
rt.weight @w : tensor<2x?xf32> = #rt.source<"m", 0, 16, raw> : tensor<2x?xf32>

// -----

// source_c2
// expected-error @below {{source expects 16 bytes for 'tensor<2x2xf32>', but got length 12}}
rt.weight @w : tensor<2x2xf32> = #rt.source<"m", 0, 12, raw> : tensor<2x2xf32>

// -----

// step_c1
// expected-error @below {{step reshape expects one input, but got 2}}
rt.weight @w : tensor<8xf32> = #rt.step<reshape, (#rt.source<"m", 0, 16, raw> : tensor<2x2xf32>, #rt.source<"m", 0, 16, raw> : tensor<2x2xf32>)> : tensor<8xf32>

// -----

// expected-error @below {{step reshape expects recipes as inputs, but got 1 : i64}}
rt.weight @w : tensor<8xf32> = #rt.step<reshape, (1 : i64)> : tensor<8xf32>

// -----

// expected-error @below {{step expects a tensor type of static shape, but got 'tensor<?xf32>'}}
rt.weight @w : tensor<?xf32> = #rt.step<reshape, (#rt.source<"m", 0, 16, raw> : tensor<2x2xf32>)> : tensor<?xf32>

// -----

// step_c2
// expected-error @below {{step reshape expects 4 elements, but got 'tensor<5xf32>'}}
rt.weight @w : tensor<5xf32> = #rt.step<reshape, (#rt.source<"m", 0, 16, raw> : tensor<2x2xf32>)> : tensor<5xf32>

// -----

// expected-error @below {{step transpose expects a permutation of 2 dimensions, but got [0, 0]}}
rt.weight @w : tensor<2x2xf32> = #rt.step<transpose [0, 0], (#rt.source<"m", 0, 16, raw> : tensor<2x2xf32>)> : tensor<2x2xf32>

// -----

// expected-error @below {{step slice expects 2 offsets and 2 strides, but got 2 numbers}}
rt.weight @w : tensor<2x1xf32> = #rt.step<slice [0, 1], (#rt.source<"m", 0, 16, raw> : tensor<2x2xf32>)> : tensor<2x1xf32>

// -----

// expected-error @below {{step slice leaves dimension 1 of size 2: offset 1, size 2, stride 1}}
rt.weight @w : tensor<2x2xf32> = #rt.step<slice [0, 1, 1, 1], (#rt.source<"m", 0, 16, raw> : tensor<2x2xf32>)> : tensor<2x2xf32>

// -----

// expected-error @below {{step stack expects inputs of one type, but got 'tensor<2x2xf32>' and 'tensor<2xf32>'}}
rt.weight @w : tensor<2x2x2xf32> = #rt.step<stack, (#rt.source<"m", 0, 16, raw> : tensor<2x2xf32>, #rt.source<"m", 0, 8, raw> : tensor<2xf32>)> : tensor<2x2x2xf32>

// -----

// expected-error @below {{step concat expects one axis below 2, but got [2]}}
rt.weight @w : tensor<4x2xf32> = #rt.step<concat [2], (#rt.source<"m", 0, 16, raw> : tensor<2x2xf32>, #rt.source<"m", 0, 16, raw> : tensor<2x2xf32>)> : tensor<4x2xf32>

// -----

// expected-error @below {{step concat expects inputs of one rank, but got 'tensor<2x2xf32>' and 'tensor<2xf32>'}}
rt.weight @w : tensor<4x2xf32> = #rt.step<concat [0], (#rt.source<"m", 0, 16, raw> : tensor<2x2xf32>, #rt.source<"m", 0, 8, raw> : tensor<2xf32>)> : tensor<4x2xf32>

// -----

// expected-error @below {{step concat expects inputs that differ along axis 0 only, but got 'tensor<2x2xf32>' and 'tensor<1x3xf32>'}}
rt.weight @w : tensor<3x2xf32> = #rt.step<concat [0], (#rt.source<"m", 0, 16, raw> : tensor<2x2xf32>, #rt.source<"m", 0, 12, raw> : tensor<1x3xf32>)> : tensor<3x2xf32>

// -----

// expected-error @below {{step gather expects an axis below 2, then indices, but got [2, 0]}}
rt.weight @w : tensor<1x2xf32> = #rt.step<gather [2, 0], (#rt.source<"m", 0, 16, raw> : tensor<2x2xf32>)> : tensor<1x2xf32>

// -----

// expected-error @below {{step gather index 2 is outside dimension 0 of size 2}}
rt.weight @w : tensor<1x2xf32> = #rt.step<gather [0, 2], (#rt.source<"m", 0, 16, raw> : tensor<2x2xf32>)> : tensor<1x2xf32>

// -----

// expected-error @below {{step broadcast cannot take shape [2, 2] to [3]}}
rt.weight @w : tensor<3xf32> = #rt.step<broadcast, (#rt.source<"m", 0, 16, raw> : tensor<2x2xf32>)> : tensor<3xf32>

// -----

// expected-error @below {{step pack_panels expects a rank of at least 2, but got 1}}
rt.weight @w : tensor<1x2x16xf32> = #rt.step<pack_panels, (#rt.source<"m", 0, 8, raw> : tensor<2xf32>)> : tensor<1x2x16xf32>

// -----

// expected-error @below {{step pack_panels gives shape [1, 2, 16], but its type is 'tensor<1x2x8xf32>'}}
rt.weight @w : tensor<1x2x8xf32> = #rt.step<pack_panels, (#rt.source<"m", 0, 16, raw> : tensor<2x2xf32>)> : tensor<1x2x8xf32>

// -----

// expected-error @below {{step reshape keeps the element type 'f32', but its type is 'tensor<4xi32>'}}
rt.weight @w : tensor<4xi32> = #rt.step<reshape, (#rt.source<"m", 0, 16, raw> : tensor<2x2xf32>)> : tensor<4xi32>

// -----

// step_c1
// expected-error @below {{step dequantise expects two or three inputs, but got 1}}
rt.weight @w : tensor<2x2xf32> = #rt.step<dequantise [1, 2], (#rt.source<"m", 0, 4, raw> : tensor<2x2xi8>)> : tensor<2x2xf32>

// -----

// step_c2
// expected-error @below {{step dequantise expects 2 block sizes of at least 1 for a tensor of 2 dimensions, but got [2]}}
rt.weight @w : tensor<2x2xf32> = #rt.step<dequantise [2], (#rt.source<"m", 0, 4, raw> : tensor<2x2xi8>, #rt.source<"m", 0, 8, raw> : tensor<2x1xf32>)> : tensor<2x2xf32>

// -----

// expected-error @below {{step dequantise expects scales and zero points of shape [2, 2] for 'tensor<2x3xi8>' in blocks of [1, 2], but got 'tensor<2x1xf32>'}}
rt.weight @w : tensor<2x3xf32> = #rt.step<dequantise [1, 2], (#rt.source<"m", 0, 6, raw> : tensor<2x3xi8>, #rt.source<"m", 0, 8, raw> : tensor<2x1xf32>)> : tensor<2x3xf32>

// -----

// expected-error @below {{step dequantise expects numbers of at most 32 bits, but got 'tensor<2xf64>'}}
rt.weight @w : tensor<2xf32> = #rt.step<dequantise [1], (#rt.source<"m", 0, 2, raw> : tensor<2xi8>, #rt.source<"m", 0, 16, raw> : tensor<2xf64>)> : tensor<2xf32>

// -----

// expected-error @below {{step dequantise gives the element type 'f32', but its type is 'tensor<2xf16>'}}
rt.weight @w : tensor<2xf16> = #rt.step<dequantise [1], (#rt.source<"m", 0, 2, raw> : tensor<2xi8>, #rt.source<"m", 0, 8, raw> : tensor<2xf32>)> : tensor<2xf16>

// -----

// expected-error @below {{step unpack expects rows of bytes and a type of 2 or 4 bits, but got 'tensor<2x2xi16>' and 'tensor<2x4xi4>'}}
rt.weight @w : tensor<2x4xi4> = #rt.step<unpack, (#rt.source<"m", 0, 8, raw> : tensor<2x2xi16>)> : tensor<2x4xi4>

// -----

// expected-error @below {{step unpack expects rows of 2 bytes to hold one row of the result each, but its type is 'tensor<2x2xui4>'}}
rt.weight @w : tensor<2x2xui4> = #rt.step<unpack, (#rt.source<"m", 0, 4, raw> : tensor<2x2xui8>)> : tensor<2x2xui4>

// -----

// weight_c1
// expected-error @below {{'rt.weight' op expects a recipe of type 'tensor<4xf32>', but got 'tensor<2x2xf32>'}}
rt.weight @w : tensor<4xf32> = #rt.source<"m", 0, 16, raw> : tensor<2x2xf32>

// -----

// weight_c2
// expected-error @below {{'rt.weight' op expects a rank of at least 1 for a weight per expert, but got 'tensor<f32>'}}
rt.weight per_expert @w : tensor<f32> = #rt.source<"m", 0, 4, raw> : tensor<f32>

// -----

// weight_ref_c1
func.func @missing() {
  // expected-error @below {{'rt.weight_ref' op refers to 'w', which is no rt.weight}}
  %w = rt.weight_ref @w : tensor<2x2xf32>
  return
}

// -----

rt.weight @w : tensor<2x2xf32> = #rt.source<"m", 0, 16, raw> : tensor<2x2xf32>
func.func @other_type() {
  // expected-error @below {{'rt.weight_ref' op has type 'tensor<4xf32>', but the weight 'w' has type 'tensor<2x2xf32>'}}
  %w = rt.weight_ref @w : tensor<4xf32>
  return
}

// -----

// expert_table_c1
rt.weight @w : tensor<2x2xf32> = #rt.source<"m", 0, 16, raw> : tensor<2x2xf32>
func.func @expert_table_dense() {
  // expected-error @below {{refers to 'w', which is no rt.weight per_expert}}
  %t = rt.expert_table @w : tensor<2xi64>
  return
}

// -----

rt.weight per_expert @w : tensor<2x2xf32> = #rt.source<"m", 0, 16, raw> : tensor<2x2xf32>
func.func @expert_table_size() {
  // expected-error @below {{expects a table of 2 i64 addresses for 'w', but got 'tensor<3xi64>'}}
  %t = rt.expert_table @w : tensor<3xi64>
  return
}

// -----

// input_c1
func.func @input_sizes() {
  // expected-error @below {{expects 1 sizes and the identity layout for 'memref<?xf32>', but got 0 sizes}}
  %b = rt.input 0 [] : memref<?xf32>
  return
}

// -----

// output_c1
func.func @output_sizes(%n: index) {
  // expected-error @below {{expects 0 sizes and the identity layout for 'memref<4xf32>', but got 1 sizes}}
  %b = rt.output 0 [%n] : memref<4xf32>
  return
}

// -----

// slot_c1
func.func @slot_layout(%n: index) {
  // expected-error @below {{expects 1 sizes and the identity layout for 'memref<?xf32, strided<[2]>>', but got 1 sizes}}
  %b = rt.slot 0 [%n] : memref<?xf32, strided<[2]>>
  return
}

// -----

// dim_c1
func.func @dim_index() {
  // expected-error @below {{attribute 'index' failed to satisfy constraint}}
  %n = rt.dim -1 "n"
  return
}

// -----

// reshape_c1
func.func @reshape_sizes(%x: tensor<?x64xf32>) {
  // expected-error @below {{expects 1 sizes for 'tensor<?x2x32xf32>', but got 0}}
  %y = rt.reshape %x [] : tensor<?x64xf32> -> tensor<?x2x32xf32>
  return
}

// -----

// kernel_c1
func.func @kernel_present(%b: memref<?xf32>) {
  // expected-error @below {{expects 2 inputs, as `present` says, but got 1}}
  rt.kernel "softmax_f32" ins(%b : memref<?xf32>) outs(%b : memref<?xf32>)
    {present = array<i1: true, true>, integers = {}, floats = {}, op = "nn.softmax", layer = -1 : i64}
  return
}

// -----

// kernel_c2
func.func @kernel_results(%x: tensor<?xf32>) {
  // expected-error @below {{expects results of the types of the outputs, but got 0 results}}
  rt.kernel "softmax_f32" ins(%x : tensor<?xf32>) outs(%x : tensor<?xf32>)
    {present = array<i1: true>, integers = {}, floats = {}, op = "nn.softmax", layer = -1 : i64}
  return
}

// -----

// kernel_c3
func.func @kernel_floats(%b: memref<?xf32>) {
  // expected-error @below {{expects 'epsilon' to be of type 'f64', but got 1 : i64}}
  rt.kernel "rms_norm_f32" ins(%b : memref<?xf32>) outs(%b : memref<?xf32>)
    {present = array<i1: true>, integers = {}, floats = {epsilon = 1 : i64}, op = "nn.rms_norm", layer = -1 : i64}
  return
}

// -----

// kernel_c4
func.func @kernel_site(%b: memref<?xf32>) {
  // expected-error @+2 {{attribute 'site' failed to satisfy constraint: 64-bit signless integer attribute whose value is non-negative}}
  rt.kernel "softmax_f32" ins(%b : memref<?xf32>) outs(%b : memref<?xf32>)
    {present = array<i1: true>, integers = {}, floats = {}, op = "nn.softmax", layer = -1 : i64, site = -1 : i64}
  return
}

// -----

// collective_c4
func.func @collective_name(%b: memref<?xf32>) {
  // expected-error @below {{expects a name that starts with 'collective.', but got 'softmax_f32'}}
  rt.collective "softmax_f32" ins(%b : memref<?xf32>) outs(%b : memref<?xf32>)
    {present = array<i1: true>, integers = {}, floats = {}, op = "nn.softmax", layer = -1 : i64}
  return
}

// -----

// collective_c5
func.func @collective_site(%b: memref<?xf32>) {
  // expected-error @+2 {{attribute 'site' failed to satisfy constraint: 64-bit signless integer attribute whose value is non-negative}}
  rt.collective "collective.all_gather_tokens" ins(%b : memref<?xf32>) outs(%b : memref<?xf32>)
    {present = array<i1: true>, integers = {}, floats = {}, op = "moe.all_gather", layer = 0 : i64, site = -1 : i64}
  return
}

// -----

// invoke_c1
func.func @invoke_present(%b: memref<?xf32>) {
  // expected-error @below {{expects 2 tensors, as `present` says, but got 1}}
  %status = rt.invoke 0 (%b : memref<?xf32>) {present = array<i1: true, true>}
  return
}

// -----

// elementary_c1
func.func @elementary_operands(%x: f32) -> f32 {
  // expected-error @below {{expects 2 operands of pow, but got 1}}
  %0 = rt.elementary pow %x : f32
  return %0 : f32
}

// -----

// invoke_c2
func.func @invoke_site(%b: memref<?xf32>) {
  // expected-error @below {{attribute 'site' failed to satisfy constraint: 64-bit signless integer attribute whose value is non-negative}}
  %status = rt.invoke -1 (%b : memref<?xf32>) {present = array<i1: true>}
  return
}
