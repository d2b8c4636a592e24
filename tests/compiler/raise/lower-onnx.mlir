// RUN: moe-opt %s --moe-lower-onnx --split-input-file | FileCheck %s

// Shape arithmetic disappears into index arithmetic at the entry; a product with a weight takes it outputs first, by recipe.

// CHECK: rt.weight @w.transpose : tensor<96x64xf32> = #rt.step<transpose[1, 0], (#rt.source<"m.onnx", 0, 24576, raw> : tensor<64x96xf32>)> : tensor<96x64xf32>
// CHECK-NOT: rt.weight @w :
rt.weight @w : tensor<64x96xf32> = #rt.source<"m.onnx", 0, 24576, raw> : tensor<64x96xf32>
// CHECK: func.func @main(%[[B:.*]]: index {rt.dim = "batch"}, %[[S:.*]]: index {rt.dim = "seq"}, %[[X:.*]]: tensor<?x?x64xf32>
func.func @main(%b: index {rt.dim = "batch"}, %s: index {rt.dim = "seq"}, %x: tensor<?x?x64xf32> {rt.name = "x", rt.shape = ["batch", "seq", 64]})
    -> (tensor<?x96xf32> {rt.name = "y", rt.shape = ["batch * seq", 96]}) {
  %w = rt.weight_ref @w : tensor<64x96xf32>
  %sizes = arith.constant dense<[-1, 64]> : tensor<2xi64>
  // CHECK: %[[T:.*]] = arith.muli %[[B]], %[[S]] : index
  // CHECK: %[[R:.*]] = nn.reshape %[[X]][%[[T]]] : tensor<?x?x64xf32> -> tensor<?x64xf32>
  %r = onnx.node "ai.onnx::Reshape"(%x, %sizes) {version = 14 : i64} : (tensor<?x?x64xf32>, tensor<2xi64>) -> tensor<?x64xf32>
  // CHECK: %[[W:.*]] = rt.weight_ref @w.transpose : tensor<96x64xf32>
  // CHECK: %[[Y:.*]] = nn.matmul %[[R]], %[[W]] : tensor<?x64xf32>, tensor<96x64xf32> -> tensor<?x96xf32>
  %y = onnx.node "ai.onnx::MatMul"(%r, %w) {version = 13 : i64} : (tensor<?x64xf32>, tensor<64x96xf32>) -> tensor<?x96xf32>
  // CHECK: return %[[Y]]
  return %y : tensor<?x96xf32>
}

// -----

// A size that is read as data is made of the index arguments.

// CHECK: func.func @main(%[[N:.*]]: index
func.func @main(%n: index {rt.dim = "n"}, %x: tensor<?x2xf32> {rt.name = "x", rt.shape = ["n", 2]}) -> (tensor<2xi64> {rt.name = "y", rt.shape = [2]}) {
  // CHECK: %[[C:.*]] = arith.constant 2 : index
  // CHECK: %[[A:.*]] = arith.index_cast %[[N]] : index to i64
  // CHECK: %[[B:.*]] = arith.index_cast %[[C]] : index to i64
  // CHECK: tensor.from_elements %[[A]], %[[B]] : tensor<2xi64>
  %y = onnx.node "ai.onnx::Shape"(%x) {version = 15 : i64} : (tensor<?x2xf32>) -> tensor<2xi64>
  return %y : tensor<2xi64>
}
