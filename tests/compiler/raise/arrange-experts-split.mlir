// Two parts of one Split, of which one is read with experts and tokens exchanged: no order of the experts is that of both.
// RUN: moe-opt %s --moe-arrange-experts 2>&1 | FileCheck %s
// RUN: sed -e 's/(%%active, %%turned)/(%%active, %%parts#1)/' %s | moe-opt --moe-arrange-experts 2>&1 | FileCheck %s --check-prefix=STRAIGHT

// CHECK: remark: the mixture of experts stays plain: what all of them give is also read by
// CHECK: onnx.node "ai.onnx::Einsum"{{.*}}name = "y"

// STRAIGHT: %[[WHOLE:.*]] = onnx.node "ai.onnx::MatMul"(%{{.*}}, %{{.*}}) {{.*}} -> tensor<4x4x6xf32>
// STRAIGHT: %[[PARTS:.*]]:2 = onnx.node "ai.onnx::Split"(%[[WHOLE]],
// STRAIGHT: %[[ACTIVE:.*]] = onnx.node "ai.onnx::Relu"(%[[PARTS]]#0)
// STRAIGHT: onnx.node "ai.onnx::Mul"(%[[ACTIVE]], %[[PARTS]]#1)
module {
  rt.weight @up : tensor<4x5x6xf32> = #rt.source<"m.onnx", 0, 480, raw> : tensor<4x5x6xf32>
  rt.weight @down : tensor<4x3x5xf32> = #rt.source<"m.onnx", 480, 240, raw> : tensor<4x3x5xf32>
  func.func @main(%x: tensor<4x5xf32> {rt.name = "x", rt.shape = [4, 5]}, %ids: tensor<4x2xi64> {rt.name = "ids", rt.shape = [4, 2]},
                  %weights: tensor<4x2xf32> {rt.name = "weights", rt.shape = [4, 2]}) -> tensor<4x5xf32> {
    %up = rt.weight_ref @up : tensor<4x5x6xf32>
    %down = rt.weight_ref @down : tensor<4x3x5xf32>
    %sizes = arith.constant dense<[3, 3]> : tensor<2xi64>
    %zeros = arith.constant dense<0.0> : tensor<4x4xf32>
    %routes = onnx.node "ai.onnx::ScatterElements"(%zeros, %ids, %weights) {name = "routes", node_attributes = {axis = 1 : i64}, version = 20 : i64} : (tensor<4x4xf32>, tensor<4x2xi64>, tensor<4x2xf32>) -> tensor<4x4xf32>
    %both = onnx.node "ai.onnx::Einsum"(%x, %up) {name = "both", node_attributes = {equation = "th,ehi->eti"}, version = 20 : i64} : (tensor<4x5xf32>, tensor<4x5x6xf32>) -> tensor<4x4x6xf32>
    %parts:2 = onnx.node "ai.onnx::Split"(%both, %sizes) {name = "parts", node_attributes = {axis = 2 : i64}, version = 20 : i64} : (tensor<4x4x6xf32>, tensor<2xi64>) -> (tensor<4x4x3xf32>, tensor<4x4x3xf32>)
    %active = onnx.node "ai.onnx::Relu"(%parts#0) {name = "active", version = 20 : i64} : (tensor<4x4x3xf32>) -> tensor<4x4x3xf32>
    %turned = onnx.node "ai.onnx::Transpose"(%parts#1) {name = "turned", node_attributes = {perm = array<i64: 1, 0, 2>}, version = 20 : i64} : (tensor<4x4x3xf32>) -> tensor<4x4x3xf32>
    %inner = onnx.node "ai.onnx::Mul"(%active, %turned) {name = "inner", version = 20 : i64} : (tensor<4x4x3xf32>, tensor<4x4x3xf32>) -> tensor<4x4x3xf32>
    %rows = onnx.node "ai.onnx::Einsum"(%inner, %down) {name = "rows", node_attributes = {equation = "eti,eih->eth"}, version = 20 : i64} : (tensor<4x4x3xf32>, tensor<4x3x5xf32>) -> tensor<4x4x5xf32>
    %y = onnx.node "ai.onnx::Einsum"(%routes, %rows) {name = "y", node_attributes = {equation = "te,eth->th"}, version = 20 : i64} : (tensor<4x4xf32>, tensor<4x4x5xf32>) -> tensor<4x5xf32>
    return %y : tensor<4x5xf32>
  }
}
