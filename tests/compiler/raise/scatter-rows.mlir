// Rows that are assigned through a mask, element by element: scattered row by row.
// RUN: moe-opt %s --moe-scatter-rows | FileCheck %s
// The vector is cut to what the mask has.
// RUN: sed -e 's/"ai.onnx::Expand"(%%rows, %%sizes)/"ai.onnx::Slice"(%%flat, %%first, %%end, %%first)/; /"fitted"/s/(tensor<?x4xf32>, tensor<2xi64>) -> tensor<?x4xf32>/(tensor<?xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<?xf32>/; /"vector"/s/(tensor<?x4xf32>,/(tensor<?xf32>,/' %s | moe-opt --moe-scatter-rows | FileCheck %s
// The mask is looked up twice.
// RUN: sed -e 's/"ai.onnx::GatherND"(%%x, %%tokens)/"ai.onnx::GatherND"(%%x, %%again)/' %s | moe-opt --moe-scatter-rows | FileCheck %s
// Rows of another mask.
// RUN: sed -e '/"found"/s/(%%mask)/(%%other)/; /"twice"/s/(%%mask)/(%%other)/' %s | moe-opt --moe-scatter-rows | FileCheck %s --check-prefix=PLAIN
// RUN: sed -e '/"column"/s/(%%mask,/(%%other,/' %s | moe-opt --moe-scatter-rows | FileCheck %s --check-prefix=PLAIN
// The vector is cut at its beginning.
// RUN: sed -e 's/"ai.onnx::Expand"(%%rows, %%sizes)/"ai.onnx::Slice"(%%flat, %%second, %%end, %%first)/; /"fitted"/s/(tensor<?x4xf32>, tensor<2xi64>) -> tensor<?x4xf32>/(tensor<?xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<?xf32>/; /"vector"/s/(tensor<?x4xf32>,/(tensor<?xf32>,/' %s | moe-opt --moe-scatter-rows | FileCheck %s --check-prefix=PLAIN
// It is expanded and cut, which may take other elements.
// RUN: sed -e 's/(%%x, %%tuples, %%vector)/(%%x, %%tuples, %%cut)/' %s | moe-opt --moe-scatter-rows | FileCheck %s --check-prefix=PLAIN
// Elements are written where others are told.
// RUN: sed -e '/"tuples"/s/1, 0/0, 1/; s/"tuples"\(.*\) -> tensor<?x2xi64>/"tuples"\1 -> tensor<2x?xi64>/; s/tensor<?x2xi64>, tensor<?xf32>) -> tensor<?x4xf32>/tensor<2x?xi64>, tensor<?xf32>) -> tensor<?x4xf32>/; /"end_of"/s/<?x2xi64>/<2x?xi64>/' %s | moe-opt --moe-scatter-rows | FileCheck %s --check-prefix=PLAIN
// The mask is one of elements.
// RUN: sed -e '/"elements"/s/(%%wide)/(%%of_elements)/' %s | moe-opt --moe-scatter-rows | FileCheck %s --check-prefix=PLAIN
// The rows have other elements than those that are written.
// RUN: sed -e '/"flat"/s/(%%rows,/(%%turned,/; /"flat"/s/(tensor<?x4xf32>,/(tensor<4x?xf32>,/; s/(%%x, %%tuples, %%vector)/(%%x, %%tuples, %%flat)/' %s | moe-opt --moe-scatter-rows | FileCheck %s --check-prefix=PLAIN

// CHECK: %[[FOUND:.*]] = onnx.node "ai.onnx::NonZero"(%{{.*}}) {name = "found"
// CHECK: %[[ROWS:.*]] = onnx.node "ai.onnx::Relu"
// CHECK: %[[TOKENS:.*]] = onnx.node "ai.onnx::Transpose"(%[[FOUND]]) {{.*}}perm = array<i64: 1, 0>{{.*}} : (tensor<1x?xi64>) -> tensor<?x1xi64>
// CHECK: %[[Y:.*]] = onnx.node "ai.onnx::ScatterND"(%{{.*}}, %[[TOKENS]], %[[ROWS]])
// CHECK: return %[[Y]]

// PLAIN: onnx.node "ai.onnx::ScatterND"({{.*}} : (tensor<?x4xf32>, tensor<{{.*}}xi64>, tensor<?xf32>) -> tensor<?x4xf32>
module {
  func.func @main(%t: index {rt.dim = "t"}, %x: tensor<?x4xf32> {rt.name = "x", rt.shape = ["t", 4]}, %mask: tensor<?xi1> {rt.name = "mask", rt.shape = ["t"]},
                  %other: tensor<?xi1> {rt.name = "other", rt.shape = ["t"]}, %of_elements: tensor<?x4xi1> {rt.name = "of_elements", rt.shape = ["t", 4]}) -> tensor<?x4xf32> {
    %all = arith.constant dense<-1> : tensor<1xi64>
    %first = arith.constant dense<0> : tensor<1xi64>
    %second = arith.constant dense<1> : tensor<1xi64>
    %zero = arith.constant dense<0> : tensor<i64>
    %found = onnx.node "ai.onnx::NonZero"(%mask) {name = "found", version = 20 : i64} : (tensor<?xi1>) -> tensor<1x?xi64>
    %tokens = onnx.node "ai.onnx::Transpose"(%found) {name = "tokens", node_attributes = {perm = array<i64: 1, 0>}, version = 20 : i64} : (tensor<1x?xi64>) -> tensor<?x1xi64>
    %twice = onnx.node "ai.onnx::NonZero"(%mask) {name = "twice", version = 20 : i64} : (tensor<?xi1>) -> tensor<1x?xi64>
    %again = onnx.node "ai.onnx::Transpose"(%twice) {name = "again", node_attributes = {perm = array<i64: 1, 0>}, version = 20 : i64} : (tensor<1x?xi64>) -> tensor<?x1xi64>
    %given = onnx.node "ai.onnx::GatherND"(%x, %tokens) {name = "given", version = 20 : i64} : (tensor<?x4xf32>, tensor<?x1xi64>) -> tensor<?x4xf32>
    %turned = onnx.node "ai.onnx::Transpose"(%given) {name = "turned", version = 20 : i64} : (tensor<?x4xf32>) -> tensor<4x?xf32>
    %rows = onnx.node "ai.onnx::Relu"(%given) {name = "rows", version = 20 : i64} : (tensor<?x4xf32>) -> tensor<?x4xf32>
    %shape = onnx.node "ai.onnx::Shape"(%x) {name = "shape", version = 20 : i64} : (tensor<?x4xf32>) -> tensor<2xi64>
    %column = onnx.node "ai.onnx::Unsqueeze"(%mask, %all) {name = "column", version = 20 : i64} : (tensor<?xi1>, tensor<1xi64>) -> tensor<?x1xi1>
    %wide = onnx.node "ai.onnx::Expand"(%column, %shape) {name = "wide", version = 20 : i64} : (tensor<?x1xi1>, tensor<2xi64>) -> tensor<?x4xi1>
    %elements = onnx.node "ai.onnx::NonZero"(%wide) {name = "elements", version = 20 : i64} : (tensor<?x4xi1>) -> tensor<2x?xi64>
    %tuples = onnx.node "ai.onnx::Transpose"(%elements) {name = "tuples", node_attributes = {perm = array<i64: 1, 0>}, version = 20 : i64} : (tensor<2x?xi64>) -> tensor<?x2xi64>
    %flat = onnx.node "ai.onnx::Reshape"(%rows, %all) {name = "flat", version = 20 : i64} : (tensor<?x4xf32>, tensor<1xi64>) -> tensor<?xf32>
    %sizes_of = onnx.node "ai.onnx::Shape"(%tuples) {name = "end_of", version = 20 : i64} : (tensor<?x2xi64>) -> tensor<2xi64>
    %end = onnx.node "ai.onnx::Gather"(%sizes_of, %first) {name = "end", version = 20 : i64} : (tensor<2xi64>, tensor<1xi64>) -> tensor<1xi64>
    %integers = onnx.node "ai.onnx::Cast"(%mask) {name = "integers", node_attributes = {to = 7 : i64}, version = 20 : i64} : (tensor<?xi1>) -> tensor<?xi64>
    %count = onnx.node "ai.onnx::ReduceSum"(%integers) {name = "count", node_attributes = {keepdims = 1 : i64}, version = 20 : i64} : (tensor<?xi64>) -> tensor<1xi64>
    %width = onnx.node "ai.onnx::Gather"(%shape, %second) {name = "width", version = 20 : i64} : (tensor<2xi64>, tensor<1xi64>) -> tensor<1xi64>
    %sizes = onnx.node "ai.onnx::Concat"(%count, %width) {name = "sizes", node_attributes = {axis = 0 : i64}, version = 20 : i64} : (tensor<1xi64>, tensor<1xi64>) -> tensor<2xi64>
    %fitted = onnx.node "ai.onnx::Expand"(%rows, %sizes) {name = "fitted", version = 20 : i64} : (tensor<?x4xf32>, tensor<2xi64>) -> tensor<?x4xf32>
    %vector = onnx.node "ai.onnx::Reshape"(%fitted, %all) {name = "vector", version = 20 : i64} : (tensor<?x4xf32>, tensor<1xi64>) -> tensor<?xf32>
    %cut = onnx.node "ai.onnx::Slice"(%vector, %first, %end, %first) {name = "cut", version = 20 : i64} : (tensor<?xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<?xf32>
    %y = onnx.node "ai.onnx::ScatterND"(%x, %tuples, %vector) {name = "y", version = 20 : i64} : (tensor<?x4xf32>, tensor<?x2xi64>, tensor<?xf32>) -> tensor<?x4xf32>
    return %y : tensor<?x4xf32>
  }
}
