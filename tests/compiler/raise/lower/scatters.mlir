// RUN: moe-opt %s --moe-lower-onnx | FileCheck %s

// Elements written to places that are values of the run, and pads: one kernel each, of any element type.
// CHECK-LABEL: func.func @main(
func.func @main(%n: index {rt.dim = "n"}, %x: tensor<?x4xui8> {rt.name = "x", rt.shape = ["n", 4]}, %i: tensor<2x4xi64> {rt.name = "i", rt.shape = [2, 4]},
                %u: tensor<2x4xui8> {rt.name = "u", rt.shape = [2, 4]}, %t: tensor<2x1xi64> {rt.name = "t", rt.shape = [2, 1]},
                %c: tensor<2x8x4xf32> {rt.name = "c", rt.shape = [2, 8, 4]}, %d: tensor<2x1x4xf32> {rt.name = "d", rt.shape = [2, 1, 4]},
                %s: tensor<2xi64> {rt.name = "s", rt.shape = [2]})
    -> (tensor<?x4xui8>, tensor<?x4xui8>, tensor<2x8x4xf32>, tensor<?x3xui8>, tensor<2x8x5xf32>) {
  %pads = arith.constant dense<[1, 0, 2, -1]> : tensor<4xi64>
  // CHECK: nn.operator "scatter_elements"{{.*}}axis = 1 : i64, kind = 1 : i64{{.*}} -> tensor<?x4xui8>
  %0 = onnx.node "ai.onnx::ScatterElements"(%x, %i, %u) {node_attributes = {axis = -1 : i64, reduction = "add"}, version = 18 : i64} : (tensor<?x4xui8>, tensor<2x4xi64>, tensor<2x4xui8>) -> tensor<?x4xui8>
  // CHECK: nn.operator "scatter_nd"{{.*}}kind = 3 : i64
  %1 = onnx.node "ai.onnx::ScatterND"(%x, %t, %u) {node_attributes = {reduction = "max"}, version = 18 : i64} : (tensor<?x4xui8>, tensor<2x1xi64>, tensor<2x4xui8>) -> tensor<?x4xui8>
  // CHECK: nn.operator "tensor_scatter"{{.*}}axis = 1 : i64, circular = 0 : i64
  %2 = onnx.node "ai.onnx::TensorScatter"(%c, %d, %s) {version = 24 : i64} : (tensor<2x8x4xf32>, tensor<2x1x4xf32>, tensor<2xi64>) -> tensor<2x8x4xf32>
  // CHECK: nn.operator "pad"{{.*}}mode = 0 : i64{{.*}} -> tensor<?x3xui8>
  %3 = onnx.node "ai.onnx::Pad"(%x, %pads) {version = 21 : i64} : (tensor<?x4xui8>, tensor<4xi64>) -> tensor<?x3xui8>
  // Before version 11 the pads and the value are attributes.
  // CHECK: nn.operator "pad"{{.*}}mode = 2 : i64{{.*}}present = array<i1: true, true, true, false>{{.*}} -> tensor<2x8x5xf32>
  %4 = onnx.node "ai.onnx::Pad"(%c) {node_attributes = {mode = "edge", pads = array<i64: 0, 0, 1, 0, 0, 0>, value = 1.0 : f32}, version = 2 : i64} : (tensor<2x8x4xf32>) -> tensor<2x8x5xf32>
  return %0, %1, %2, %3, %4 : tensor<?x4xui8>, tensor<?x4xui8>, tensor<2x8x4xf32>, tensor<?x3xui8>, tensor<2x8x5xf32>
}
