// Rows that are read and written by a mask over sequences of tokens: by their positions among all tokens.
// RUN: moe-opt %s --moe-scatter-rows | FileCheck %s
// The coordinates stand in columns.
// RUN: sed -e 's/(%%x, %%tuples)/(%%x, %%columns)/' %s | moe-opt --moe-scatter-rows | FileCheck %s
// Columns that are exchanged are other rows.
// RUN: sed -e 's/(%%x, %%tuples)/(%%x, %%exchanged)/' %s | moe-opt --moe-scatter-rows | FileCheck %s --check-prefix=PLAIN
// Nothing is written by the mask.
// RUN: sed -e 's/(%%x, %%tuples, %%rows)/(%%x, %%others, %%rows)/' %s | moe-opt --moe-scatter-rows | FileCheck %s --check-prefix=PLAIN
// What is written are rows of all tokens of a sequence.
// RUN: sed -e 's/(%%x, %%tuples, %%rows)/(%%x, %%parts#0, %%whole)/; /"y"/s/tensor<?x2xi64>, tensor<?x4xf32>/tensor<?x1xi64>, tensor<?x?x4xf32>/' %s | moe-opt --moe-scatter-rows | FileCheck %s --check-prefix=PLAIN

// CHECK: %[[TOKENS:.*]] = onnx.node "ai.onnx::Reshape"(%{{.*}}) {{.*}} : (tensor<?x?x4xf32>, tensor<2xi64>) -> tensor<?x4xf32>
// CHECK: %[[MASK:.*]] = onnx.node "ai.onnx::Reshape"(%{{.*}}) {{.*}} : (tensor<?x?xi1>, tensor<1xi64>) -> tensor<?xi1>
// CHECK: %[[FOUND:.*]] = onnx.node "ai.onnx::NonZero"(%[[MASK]])
// CHECK: %[[POSITIONS:.*]] = onnx.node "ai.onnx::Transpose"(%[[FOUND]])
// CHECK: %[[GIVEN:.*]] = onnx.node "ai.onnx::GatherND"(%[[TOKENS]], %[[POSITIONS]])
// CHECK: %[[ROWS:.*]] = onnx.node "ai.onnx::Relu"(%[[GIVEN]])
// CHECK: %[[SAME:.*]] = onnx.node "ai.onnx::Transpose"(%[[FOUND]])
// CHECK: %[[SUM:.*]] = onnx.node "ai.onnx::ScatterND"(%[[TOKENS]], %[[SAME]], %[[ROWS]])
// CHECK: %[[Y:.*]] = onnx.node "ai.onnx::Reshape"(%[[SUM]], %{{.*}} -> tensor<?x?x4xf32>
// CHECK: return %[[Y]], %[[ROWS]]

// PLAIN: onnx.node "ai.onnx::GatherND"({{.*}} : (tensor<?x?x4xf32>, tensor<?x2xi64>) -> tensor<?x4xf32>
module {
  func.func @main(%b: index {rt.dim = "b"}, %s: index {rt.dim = "s"}, %x: tensor<?x?x4xf32> {rt.name = "x", rt.shape = ["b", "s", 4]},
                  %mask: tensor<?x?xi1> {rt.name = "mask", rt.shape = ["b", "s"]}, %others: tensor<?x2xi64> {rt.name = "others", rt.shape = ["n", 2]},
                  %whole: tensor<?x?x4xf32> {rt.name = "whole", rt.shape = ["n", "s", 4]}, %n: index {rt.dim = "n"}) -> (tensor<?x?x4xf32>, tensor<?x4xf32>) {
    %ones = arith.constant dense<1> : tensor<2xi64>
    %found = onnx.node "ai.onnx::NonZero"(%mask) {name = "found", version = 20 : i64} : (tensor<?x?xi1>) -> tensor<2x?xi64>
    %tuples = onnx.node "ai.onnx::Transpose"(%found) {name = "tuples", node_attributes = {perm = array<i64: 1, 0>}, version = 20 : i64} : (tensor<2x?xi64>) -> tensor<?x2xi64>
    %parts:2 = onnx.node "ai.onnx::Split"(%tuples, %ones) {name = "parts", node_attributes = {axis = 1 : i64}, version = 20 : i64} : (tensor<?x2xi64>, tensor<2xi64>) -> (tensor<?x1xi64>, tensor<?x1xi64>)
    %columns = onnx.node "ai.onnx::Concat"(%parts#0, %parts#1) {name = "columns", node_attributes = {axis = 1 : i64}, version = 20 : i64} : (tensor<?x1xi64>, tensor<?x1xi64>) -> tensor<?x2xi64>
    %exchanged = onnx.node "ai.onnx::Concat"(%parts#1, %parts#0) {name = "exchanged", node_attributes = {axis = 1 : i64}, version = 20 : i64} : (tensor<?x1xi64>, tensor<?x1xi64>) -> tensor<?x2xi64>
    %given = onnx.node "ai.onnx::GatherND"(%x, %tuples) {name = "given", version = 20 : i64} : (tensor<?x?x4xf32>, tensor<?x2xi64>) -> tensor<?x4xf32>
    %rows = onnx.node "ai.onnx::Relu"(%given) {name = "rows", version = 20 : i64} : (tensor<?x4xf32>) -> tensor<?x4xf32>
    %y = onnx.node "ai.onnx::ScatterND"(%x, %tuples, %rows) {name = "y", version = 20 : i64} : (tensor<?x?x4xf32>, tensor<?x2xi64>, tensor<?x4xf32>) -> tensor<?x?x4xf32>
    return %y, %rows : tensor<?x?x4xf32>, tensor<?x4xf32>
  }
}
