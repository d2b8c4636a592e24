// RUN: moe-opt %s --moe-raise-fused --split-input-file | FileCheck %s
// RUN: moe-opt %s --moe-raise-fused=assume-legacy-layout=true --split-input-file | FileCheck %s --check-prefix=LEGACY

// Tokens of rank 3 become rows and come back; the router stays what it was, by its own expert numbers.
// CHECK: func.func @main(
// CHECK-SAME: %[[B:.*]]: index {rt.dim = "b"}, %[[S:.*]]: index {rt.dim = "s"}, %[[X:.*]]: tensor<?x?x64xf32>
// CHECK: %[[T:.*]] = arith.muli %[[B]], %[[S]]
// CHECK: %[[LOGITS:.*]] = onnx.node "ai.onnx::Reshape"
// CHECK: %[[IDS:.*]], %[[W:.*]] = moe.gate %[[LOGITS]] {gating = #moe.gating<renormalize = true>} : tensor<?x8xf32> -> tensor<?x2xi32>, tensor<?x2xf32>
// CHECK: %[[TOKENS:.*]] = nn.reshape %[[X]][%[[T]]]
// CHECK: %[[ROWS:.*]], %[[ROUTE:.*]] = moe.dispatch %[[TOKENS]], %[[IDS]]
// CHECK-DAG: %[[FC1:.*]] = rt.weight_ref @fc1
// CHECK-DAG: %[[FC2:.*]] = rt.weight_ref @fc2
// CHECK: %[[Y:.*]] = moe.expert %[[ROWS]], %[[ROUTE]] gate %[[FC1]] : tensor<8x96x64xf32> down %[[FC2]] : tensor<8x64x96xf32> {activation = #moe.activation<silu>}
// CHECK: %[[SUM:.*]] = moe.combine %[[Y]], %[[ROUTE]], %[[W]]
// CHECK: %[[OUT:.*]] = nn.reshape %[[SUM]][%[[B]], %[[S]]]
// CHECK: return %[[OUT]]
module {
  rt.weight @fc1 : tensor<8x96x64xf32> = #rt.source<"m.onnx", 0, 196608, raw> : tensor<8x96x64xf32>
  rt.weight @fc2 : tensor<8x64x96xf32> = #rt.source<"m.onnx", 196608, 196608, raw> : tensor<8x64x96xf32>
  func.func @main(%b: index {rt.dim = "b"}, %s: index {rt.dim = "s"}, %x: tensor<?x?x64xf32> {rt.name = "x", rt.shape = ["b", "s", 64]},
                  %r: tensor<?x?x8xf32> {rt.name = "r", rt.shape = ["b", "s", 8]}) -> tensor<?x?x64xf32> {
    %shape = arith.constant dense<[-1, 8]> : tensor<2xi64>
    %logits = onnx.node "ai.onnx::Reshape"(%r, %shape) {name = "/reshape", version = 21 : i64} : (tensor<?x?x8xf32>, tensor<2xi64>) -> tensor<?x8xf32>
    %fc1 = rt.weight_ref @fc1 : tensor<8x96x64xf32>
    %fc2 = rt.weight_ref @fc2 : tensor<8x64x96xf32>
    %none = onnx.none
    %y = onnx.node "com.microsoft::MoE"(%x, %logits, %fc1, %none, %fc2, %none, %none, %none)
      {name = "/moe", node_attributes = {activation_type = "silu", k = 2 : i64, normalize_routing_weights = 1 : i64}, version = 1 : i64}
      : (tensor<?x?x64xf32>, tensor<?x8xf32>, tensor<8x96x64xf32>, !onnx.none, tensor<8x64x96xf32>, !onnx.none, !onnx.none, !onnx.none) -> tensor<?x?x64xf32>
    return %y : tensor<?x?x64xf32>
  }
}

// -----

// SwiGLU with interleaved rows: even rows are the gate, odd rows the up matrix, biases alike; clamps and scales stay.
// CHECK-DAG: rt.weight @"/moe.gate" : tensor<4x32x16xf32> = #rt.step<slice[0, 0, 0, 1, 2, 1], (#rt.source<"m.onnx", 0
// CHECK-DAG: rt.weight @"/moe.gate_bias" : tensor<4x32xf32> = #rt.step<slice[0, 0, 1, 2], (#rt.source<"m.onnx", 1
// CHECK-DAG: rt.weight @"/moe.up" : tensor<4x32x16xf32> = #rt.step<slice[0, 1, 0, 1, 2, 1], (#rt.source<"m.onnx", 0
// CHECK-DAG: rt.weight @"/moe.up_bias" : tensor<4x32xf32> = #rt.step<slice[0, 1, 1, 2], (#rt.source<"m.onnx", 1
// CHECK: moe.gate {{.*}} {gating = #moe.gating<>} : {{.*}} -> tensor<?x1xi32>
// CHECK: moe.expert {{.*}} gate_bias {{.*}} up {{.*}} up_bias {{.*}} down {{.*}} down_bias
// CHECK-SAME: {activation = #moe.activation<silu, alpha = 1.7020000219345093 : f64, beta = 1.000000e+00 : f64, limit = 7.000000e+00 : f64>}
module {
  rt.weight @fc1 : tensor<4x64x16xf32> = #rt.source<"m.onnx", 0, 16384, raw> : tensor<4x64x16xf32>
  rt.weight @b1 : tensor<4x64xf32> = #rt.source<"m.onnx", 1, 1024, raw> : tensor<4x64xf32>
  rt.weight @fc2 : tensor<4x16x32xf32> = #rt.source<"m.onnx", 2, 8192, raw> : tensor<4x16x32xf32>
  func.func @main(%t: index {rt.dim = "t"}, %x: tensor<?x16xf32> {rt.name = "x", rt.shape = ["t", 16]},
                  %r: tensor<?x4xf32> {rt.name = "r", rt.shape = ["t", 4]}) -> tensor<?x16xf32> {
    %fc1 = rt.weight_ref @fc1 : tensor<4x64x16xf32>
    %b1 = rt.weight_ref @b1 : tensor<4x64xf32>
    %fc2 = rt.weight_ref @fc2 : tensor<4x16x32xf32>
    %b2 = arith.constant dense<1.0> : tensor<4x16xf32>
    %y = onnx.node "com.microsoft::MoE"(%x, %r, %fc1, %b1, %fc2, %b2)
      {name = "/moe", node_attributes = {activation_alpha = 1.702 : f32, activation_beta = 1.0 : f32, activation_type = "swiglu", k = 1 : i64,
       swiglu_fusion = 1 : i64, swiglu_limit = 7.0 : f32, use_sparse_mixer = 0 : i64}, version = 1 : i64}
      : (tensor<?x16xf32>, tensor<?x4xf32>, tensor<4x64x16xf32>, tensor<4x64xf32>, tensor<4x16x32xf32>, tensor<4x16xf32>) -> tensor<?x16xf32>
    return %y : tensor<?x16xf32>
  }
}

// -----

// SwiGLU with all rows of the gate first; an infinite limit is none.
// CHECK-DAG: rt.weight @"/moe.gate" : tensor<4x32x16xf32> = #rt.step<slice[0, 0, 0, 1, 1, 1],
// CHECK-DAG: rt.weight @"/moe.up" : tensor<4x32x16xf32> = #rt.step<slice[0, 32, 0, 1, 1, 1],
// CHECK: {activation = #moe.activation<silu>}
module {
  rt.weight @fc1 : tensor<4x64x16xf32> = #rt.source<"m.onnx", 0, 16384, raw> : tensor<4x64x16xf32>
  rt.weight @fc2 : tensor<4x16x32xf32> = #rt.source<"m.onnx", 2, 8192, raw> : tensor<4x16x32xf32>
  func.func @main(%t: index {rt.dim = "t"}, %x: tensor<?x16xf32> {rt.name = "x", rt.shape = ["t", 16]},
                  %r: tensor<?x4xf32> {rt.name = "r", rt.shape = ["t", 4]}) -> tensor<?x16xf32> {
    %fc1 = rt.weight_ref @fc1 : tensor<4x64x16xf32>
    %fc2 = rt.weight_ref @fc2 : tensor<4x16x32xf32>
    %none = onnx.none
    %y = onnx.node "com.microsoft::MoE"(%x, %r, %fc1, %none, %fc2)
      {name = "/moe", node_attributes = {activation_type = "swiglu", swiglu_fusion = 2 : i64, swiglu_limit = 0x7F800000 : f32}, version = 1 : i64}
      : (tensor<?x16xf32>, tensor<?x4xf32>, tensor<4x64x16xf32>, !onnx.none, tensor<4x16x32xf32>) -> tensor<?x16xf32>
    return %y : tensor<?x16xf32>
  }
}

// -----

// The layout of 2024: fc1 is E x H x I and fc2 E x I x H. H != I decides it.
// CHECK-DAG: rt.weight @"/moe.gate" : tensor<4x32x16xf32> = #rt.step<transpose[0, 2, 1],
// CHECK-DAG: rt.weight @"/moe.down" : tensor<4x16x32xf32> = #rt.step<transpose[0, 2, 1],
// CHECK: gate {{.*}} : tensor<4x32x16xf32> up {{.*}} : tensor<4x32x16xf32> down {{.*}} : tensor<4x16x32xf32> {activation = #moe.activation<relu>}
module {
  rt.weight @fc1 : tensor<4x16x32xf32> = #rt.source<"m.onnx", 0, 8192, raw> : tensor<4x16x32xf32>
  rt.weight @fc2 : tensor<4x32x16xf32> = #rt.source<"m.onnx", 1, 8192, raw> : tensor<4x32x16xf32>
  rt.weight @fc3 : tensor<4x16x32xf32> = #rt.source<"m.onnx", 2, 8192, raw> : tensor<4x16x32xf32>
  func.func @main(%t: index {rt.dim = "t"}, %x: tensor<?x16xf32> {rt.name = "x", rt.shape = ["t", 16]},
                  %r: tensor<?x4xf32> {rt.name = "r", rt.shape = ["t", 4]}) -> tensor<?x16xf32> {
    %fc1 = rt.weight_ref @fc1 : tensor<4x16x32xf32>
    %fc2 = rt.weight_ref @fc2 : tensor<4x32x16xf32>
    %fc3 = rt.weight_ref @fc3 : tensor<4x16x32xf32>
    %none = onnx.none
    %y = onnx.node "com.microsoft::MoE"(%x, %r, %fc1, %none, %fc2, %none, %fc3)
      {name = "/moe", node_attributes = {k = 2 : i64}, version = 1 : i64}
      : (tensor<?x16xf32>, tensor<?x4xf32>, tensor<4x16x32xf32>, !onnx.none, tensor<4x32x16xf32>, !onnx.none, tensor<4x16x32xf32>) -> tensor<?x16xf32>
    return %y : tensor<?x16xf32>
  }
}

// -----

// H = I and no row count that tells: the current layout, unless the option says otherwise. The sparse mixer keeps its epsilon.
// The operator's gelu is the tanh form.
// CHECK: func.func @main(
// CHECK: moe.gate {{.*}} {gating = #moe.gating<mixer_epsilon = 1.000000e-02 : f64>}
// CHECK: %[[FC1:.*]] = rt.weight_ref @fc1
// CHECK: moe.expert {{.*}} gate %[[FC1]] {{.*}} {activation = #moe.activation<gelu_tanh>}
// LEGACY-DAG: rt.weight @"/moe.gate" : tensor<4x16x16xf32> = #rt.step<transpose[0, 2, 1],
// LEGACY-DAG: rt.weight @"/moe.down" : tensor<4x16x16xf32> = #rt.step<transpose[0, 2, 1],
module {
  rt.weight @fc1 : tensor<4x16x16xf32> = #rt.source<"m.onnx", 0, 4096, raw> : tensor<4x16x16xf32>
  rt.weight @fc2 : tensor<4x16x16xf32> = #rt.source<"m.onnx", 1, 4096, raw> : tensor<4x16x16xf32>
  func.func @main(%t: index {rt.dim = "t"}, %x: tensor<?x16xf32> {rt.name = "x", rt.shape = ["t", 16]},
                  %r: tensor<?x4xf32> {rt.name = "r", rt.shape = ["t", 4]}) -> tensor<?x16xf32> {
    %fc1 = rt.weight_ref @fc1 : tensor<4x16x16xf32>
    %fc2 = rt.weight_ref @fc2 : tensor<4x16x16xf32>
    %none = onnx.none
    %y = onnx.node "com.microsoft::MoE"(%x, %r, %fc1, %none, %fc2)
      {name = "/moe", node_attributes = {activation_type = "gelu", k = 2 : i64, use_sparse_mixer = 1 : i64}, version = 1 : i64}
      : (tensor<?x16xf32>, tensor<?x4xf32>, tensor<4x16x16xf32>, !onnx.none, tensor<4x16x16xf32>) -> tensor<?x16xf32>
    return %y : tensor<?x16xf32>
  }
}
