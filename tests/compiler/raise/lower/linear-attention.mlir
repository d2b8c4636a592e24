// RUN: moe-opt %s --moe-lower-onnx | FileCheck %s

// Linear attention of both domains: one kernel. What the rule does not use is not given to it.
// CHECK-LABEL: func.func @main(
// CHECK-SAME: %[[Q:[a-z0-9]+]]: tensor<2x?x32xf32> {{.*}}, %[[K:[a-z0-9]+]]: tensor<2x?x16xf32> {{.*}}, %[[P:[a-z0-9]+]]: tensor<2x2x8x8xf32> {{.*}}, %[[B:[a-z0-9]+]]: tensor<2x?x2xf32>
func.func @main(%t: index {rt.dim = "t"}, %q: tensor<2x?x32xf32> {rt.name = "q", rt.shape = [2, "t", 32]}, %k: tensor<2x?x16xf32> {rt.name = "k", rt.shape = [2, "t", 16]},
                %p: tensor<2x2x8x8xf32> {rt.name = "p", rt.shape = [2, 2, 8, 8]}, %b: tensor<2x?x2xf32> {rt.name = "b", rt.shape = [2, "t", 2]})
    -> (tensor<2x?x32xf32>, tensor<2x2x8x8xf32>, tensor<2x?x32xf32>, tensor<2x?x32xf32>) {
  // CHECK: nn.operator "linear_attention_f32"(%[[Q]], %[[K]], %[[K]], %[[P]], %[[B]], %[[B]]) [{{.*}}] {floats = {scale = 0.353{{[0-9]*}} : f64}, integers = {heads = 4 : i64, states = 2 : i64}, present = array<i1: true, true, true, true, true, true>} {{.*}} -> (tensor<2x?x32xf32>, tensor<2x2x8x8xf32>)
  %0:2 = onnx.node "ai.onnx::LinearAttention"(%q, %k, %k, %p, %b, %b) {node_attributes = {q_num_heads = 4 : i64, kv_num_heads = 2 : i64}, version = 27 : i64}
      : (tensor<2x?x32xf32>, tensor<2x?x16xf32>, tensor<2x?x16xf32>, tensor<2x2x8x8xf32>, tensor<2x?x2xf32>, tensor<2x?x2xf32>) -> (tensor<2x?x32xf32>, tensor<2x2x8x8xf32>)
  // CHECK: nn.operator "linear_attention_f32"(%[[Q]], %[[K]], %[[K]], %[[P]]) {{.*}}scale = 5.{{.*}}present = array<i1: true, true, true, true, false, false>
  %1:2 = onnx.node "com.microsoft::LinearAttention"(%q, %k, %k, %p, %b, %b) {node_attributes = {q_num_heads = 4 : i64, kv_num_heads = 2 : i64, scale = 0.5 : f32, update_rule = "linear"}, version = 1 : i64}
      : (tensor<2x?x32xf32>, tensor<2x?x16xf32>, tensor<2x?x16xf32>, tensor<2x2x8x8xf32>, tensor<2x?x2xf32>, tensor<2x?x2xf32>) -> (tensor<2x?x32xf32>, tensor<2x2x8x8xf32>)
  // More states than heads: an answer for each state.
  // CHECK: nn.operator "linear_attention_f32"({{.*}}) {{.*}}heads = 2 : i64, states = 4 : i64{{.*}} -> (tensor<2x?x32xf32>, tensor<2x4x8x8xf32>)
  %2:2 = onnx.node "com.microsoft::LinearAttention"(%k, %k, %q) {node_attributes = {q_num_heads = 2 : i64, kv_num_heads = 4 : i64, update_rule = "linear"}, version = 1 : i64}
      : (tensor<2x?x16xf32>, tensor<2x?x16xf32>, tensor<2x?x32xf32>) -> (tensor<2x?x32xf32>, tensor<2x4x8x8xf32>)
  return %0#0, %0#1, %1#0, %2#0 : tensor<2x?x32xf32>, tensor<2x2x8x8xf32>, tensor<2x?x32xf32>, tensor<2x?x32xf32>
}
