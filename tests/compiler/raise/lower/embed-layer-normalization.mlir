// RUN: moe-opt %s --moe-lower-onnx | FileCheck %s

// Positions that are not given are those of the tokens, looked up as the words are: a sequence beyond the table ends the call.
// CHECK-LABEL: func.func @main(
func.func @main(%s: index {rt.dim = "s"}, %ids: tensor<2x?xi32> {rt.name = "ids", rt.shape = [2, "s"]}, %mask: tensor<2x?xi32> {rt.name = "mask", rt.shape = [2, "s"]})
    -> (tensor<2x?x8xf32>, tensor<2xi32>, tensor<2x?x8xf32>) {
  %words = rt.weight_ref @words : tensor<10x8xf32>
  %places = rt.weight_ref @places : tensor<6x8xf32>
  %one = rt.weight_ref @one : tensor<8xf32>
  %none = onnx.none
  // CHECK: linalg.index 1
  // CHECK: nn.embedding {{.*}} tensor<2x?xi32>, tensor<10x8xf32>
  // CHECK: nn.embedding {{.*}} tensor<1x?xi64>, tensor<6x8xf32>
  // CHECK: arith.addf
  // CHECK: nn.layer_norm {{.*}}epsilon = 9.9
  // CHECK: arith.cmpi eq
  // CHECK: arith.extui
  %0:3 = onnx.node "com.microsoft::EmbedLayerNormalization"(%ids, %none, %words, %places, %none, %one, %one, %mask) {version = 1 : i64}
      : (tensor<2x?xi32>, !onnx.none, tensor<10x8xf32>, tensor<6x8xf32>, !onnx.none, tensor<8xf32>, tensor<8xf32>, tensor<2x?xi32>) -> (tensor<2x?x8xf32>, tensor<2xi32>, tensor<2x?x8xf32>)
  return %0#0, %0#1, %0#2 : tensor<2x?x8xf32>, tensor<2xi32>, tensor<2x?x8xf32>
}
rt.weight @words : tensor<10x8xf32> = #rt.source<"w.bin", 0, 320, raw> : tensor<10x8xf32>
rt.weight @places : tensor<6x8xf32> = #rt.source<"w.bin", 320, 192, raw> : tensor<6x8xf32>
rt.weight @one : tensor<8xf32> = #rt.source<"w.bin", 512, 32, raw> : tensor<8xf32>
