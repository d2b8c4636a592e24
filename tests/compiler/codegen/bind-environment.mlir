// RUN: moe-opt %s --split-input-file --verify-diagnostics --moe-bind-environment | FileCheck %s

// CHECK: module attributes {rt.dims = ["n"]
// CHECK-SAME: rt.inputs = [{name = "x", shape = ["n", 4], type = f32}]
// CHECK-SAME: rt.outputs = [{name = "y", shape = ["n", 4], type = f32}]
module {
  // CHECK: func.func @main() {
  // CHECK: %[[N:.*]] = rt.dim 0 "n"
  // CHECK: %[[B:.*]] = rt.input 0[%[[N]]] : memref<?x4xf32>
  // CHECK: %[[X:.*]] = bufferization.to_tensor %[[B]] restrict
  // CHECK: %[[Y:.*]] = math.absf %[[X]]
  // CHECK: %[[D:.*]] = tensor.dim %[[Y]]
  // CHECK: %[[O:.*]] = rt.output 0[%[[D]]] : memref<?x4xf32>
  // CHECK: bufferization.materialize_in_destination %[[Y]] in restrict writable %[[O]]
  // CHECK: return
  func.func @main(%n: index {rt.dim = "n"}, %x: tensor<?x4xf32> {rt.name = "x", rt.shape = ["n", 4]})
      -> (tensor<?x4xf32> {rt.name = "y", rt.shape = ["n", 4]}) {
    %y = math.absf %x : tensor<?x4xf32>
    return %y : tensor<?x4xf32>
  }
}

// -----

// What is assumed of the dimensions goes with them.

// CHECK: module attributes {rt.dims = ["n"], rt.equalities = [{left = "min(n, 4)", node = "node 'x' (Add)", right = "n"}]
module {
  // CHECK: func.func @main() {
  func.func @main(%n: index {rt.dim = "n"}, %x: tensor<?xf32> {rt.name = "x", rt.shape = ["n"]})
      attributes {rt.equalities = [{left = "min(n, 4)", node = "node 'x' (Add)", right = "n"}]} {
    return
  }
}

// -----

// A size of an input may be a formula, which the runtime checks.

// CHECK: rt.inputs = [{name = "x", shape = ["n"], type = f32}, {name = "y", shape = ["2 * n + `the last`"], type = f32}, {name = "z", shape = ["`the last`"], type = f32}]
module {
  // CHECK: %[[N:.*]] = rt.dim 0 "n"
  // CHECK: %[[L:.*]] = rt.dim 1 "the last"
  // CHECK: %[[TWO:.*]] = arith.constant 2 : index
  // CHECK: %[[PRODUCT:.*]] = arith.muli %[[TWO]], %[[N]]
  // CHECK: %[[SUM:.*]] = arith.addi %[[PRODUCT]], %[[L]]
  // CHECK: rt.input 1[%[[SUM]]] : memref<?xf32>
  func.func @main(%n: index {rt.dim = "n"}, %l: index {rt.dim = "the last"}, %x: tensor<?xf32> {rt.name = "x", rt.shape = ["n"]},
                  %y: tensor<?xf32> {rt.name = "y", rt.shape = ["2 * n + `the last`"]}, %z: tensor<?xf32> {rt.name = "z", rt.shape = ["`the last`"]}) {
    return
  }
}

// -----

// expected-error @below {{expects a function @main of one block that ends in a return}}
module {}

// -----

// expected-error @below {{expects the attribute 'rt.dim' on its index argument 0}}
func.func @main(%n: index) {
  return
}

// -----

// expected-error @below {{expects a ranked tensor with the attributes 'rt.name' and 'rt.shape' of its rank as argument 0, but got 'tensor<4xf32>'}}
func.func @main(%x: tensor<4xf32> {rt.name = "x"}) {
  return
}

// -----

// expected-error @below {{expects the shape of input 'x' to name dimensions among its arguments, but got "n"}}
func.func @main(%x: tensor<?xf32> {rt.name = "x", rt.shape = ["n"]}) {
  return
}
