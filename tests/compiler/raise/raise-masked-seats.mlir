// Experts masked by a choice and by another condition (seats that are counted by hand) stay plain, with a remark.
// RUN: moe-opt %s --moe-raise-masked 2>&1 | FileCheck %s
// Numbers that nothing chose are no layer.
// RUN: sed -e '/"one"/s/%%ids/%%numbers/; /"two"/s/%%ids/%%numbers/' %s | moe-opt --moe-raise-masked 2>&1 | FileCheck %s --check-prefix=NONE

// CHECK: remark: the masked experts stay plain: node 'share0' (ai.onnx::Cast): expected ReduceSum as the weight of an expert
// CHECK-NOT: moe.gate
// CHECK: name = "y"
// NONE-NOT: remark
module {
  rt.weight @w0 : tensor<6x6xf32> = #rt.source<"m.onnx", 0, 144, raw> : tensor<6x6xf32>
  rt.weight @w1 : tensor<6x6xf32> = #rt.source<"m.onnx", 144, 144, raw> : tensor<6x6xf32>
  func.func @main(%t: index {rt.dim = "t"}, %x: tensor<?x6xf32> {rt.name = "x", rt.shape = ["t", 6]}, %logits: tensor<?x2xf32> {rt.name = "logits", rt.shape = ["t", 2]},
                  %fits: tensor<?x1xi1> {rt.name = "fits", rt.shape = ["t", 1]}, %numbers: tensor<?x1xi64> {rt.name = "numbers", rt.shape = ["t", 1]}) -> tensor<?x6xf32> {
    %w0 = rt.weight_ref @w0 : tensor<6x6xf32>
    %w1 = rt.weight_ref @w1 : tensor<6x6xf32>
    %zero = arith.constant dense<0> : tensor<i64>
    %unit = arith.constant dense<1> : tensor<i64>
    %ids = onnx.node "ai.onnx::ArgMax"(%logits) {name = "ids", node_attributes = {axis = -1 : i64}, version = 18 : i64} : (tensor<?x2xf32>) -> tensor<?x1xi64>
    %one = onnx.node "ai.onnx::Equal"(%ids, %zero) {name = "one", version = 18 : i64} : (tensor<?x1xi64>, tensor<i64>) -> tensor<?x1xi1>
    %two = onnx.node "ai.onnx::Equal"(%ids, %unit) {name = "two", version = 18 : i64} : (tensor<?x1xi64>, tensor<i64>) -> tensor<?x1xi1>
    %seat0 = onnx.node "ai.onnx::And"(%one, %fits) {name = "seat0", version = 18 : i64} : (tensor<?x1xi1>, tensor<?x1xi1>) -> tensor<?x1xi1>
    %seat1 = onnx.node "ai.onnx::And"(%two, %fits) {name = "seat1", version = 18 : i64} : (tensor<?x1xi1>, tensor<?x1xi1>) -> tensor<?x1xi1>
    %share0 = onnx.node "ai.onnx::Cast"(%seat0) {name = "share0", node_attributes = {to = 1 : i64}, version = 18 : i64} : (tensor<?x1xi1>) -> tensor<?x1xf32>
    %share1 = onnx.node "ai.onnx::Cast"(%seat1) {name = "share1", node_attributes = {to = 1 : i64}, version = 18 : i64} : (tensor<?x1xi1>) -> tensor<?x1xf32>
    %body0 = onnx.node "ai.onnx::MatMul"(%x, %w0) {name = "body0", version = 18 : i64} : (tensor<?x6xf32>, tensor<6x6xf32>) -> tensor<?x6xf32>
    %body1 = onnx.node "ai.onnx::MatMul"(%x, %w1) {name = "body1", version = 18 : i64} : (tensor<?x6xf32>, tensor<6x6xf32>) -> tensor<?x6xf32>
    %part0 = onnx.node "ai.onnx::Mul"(%body0, %share0) {name = "part0", version = 18 : i64} : (tensor<?x6xf32>, tensor<?x1xf32>) -> tensor<?x6xf32>
    %part1 = onnx.node "ai.onnx::Mul"(%body1, %share1) {name = "part1", version = 18 : i64} : (tensor<?x6xf32>, tensor<?x1xf32>) -> tensor<?x6xf32>
    %y = onnx.node "ai.onnx::Add"(%part0, %part1) {name = "y", version = 18 : i64} : (tensor<?x6xf32>, tensor<?x6xf32>) -> tensor<?x6xf32>
    return %y : tensor<?x6xf32>
  }
}
