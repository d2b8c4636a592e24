// RUN: moe-opt %s --moe-infer-shapes --split-input-file --verify-diagnostics

// Sizes that the file states for an output, and that no call can have, are told; those that are computed count.
// expected-remark @below {{graph output 'y' is stated to have size 9 in dimension 1, but has size 5}}
func.func @main(%x: tensor<?x5xf32> {onnx.name = "x", onnx.dims = ["t", 5]}) -> (tensor<?x5xf32> {onnx.name = "y", onnx.dims = ["t", 9]}) {
  return %x : tensor<?x5xf32>
}

// -----

// expected-remark @below {{graph output 'y' is stated to have 3 dimensions, but has 2}}
func.func @main(%x: tensor<?x5xf32> {onnx.name = "x", onnx.dims = ["t", 5]}) -> (tensor<?x5xf32> {onnx.name = "y", onnx.dims = ["t", 5, 1]}) {
  return %x : tensor<?x5xf32>
}

// -----

// Another name, or none, is no contradiction.
func.func @main(%x: tensor<?x5xf32> {onnx.name = "x", onnx.dims = ["t", 5]}) -> (tensor<?x5xf32> {onnx.name = "y", onnx.dims = ["rows", unit]}) {
  return %x : tensor<?x5xf32>
}
