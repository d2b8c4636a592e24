// Rows that a mask looks up, and that no layer reads: computed for all rows, and put back where the mask is set.
// RUN: moe-opt %s --moe-mask-rows | FileCheck %s
// RUN: moe-opt %s --moe-mask-rows -o %t.mlir 2>&1 | FileCheck %s --check-prefix=REMARK
// What is written, and not added, goes to a place behind the last one where the mask is not set.
// RUN: sed -e 's/, node_attributes = {reduction = "add"}//' %s | moe-opt --moe-mask-rows | FileCheck %s --check-prefix=WRITTEN

// REMARK: remark: the rows that this and 0 other lookups find are computed for all tokens, since no layer was found that takes them: every expert computes every token, and what it gives for others than its own is left out

// CHECK-DAG: %[[SIZE:.*]] = onnx.node "ai.onnx::Size"(%[[MASK:.*]]) {{.*}} : (tensor<?xi1>) -> tensor<i64>
// CHECK: %[[ALL:.*]] = onnx.node "ai.onnx::Range"(%{{.*}}, %[[SIZE]], %{{.*}}) {{.*}} -> tensor<?xi64>
// CHECK: %[[BOOLS:.*]] = onnx.node "ai.onnx::Cast"(%[[MASK]]) {{.*}}to = 9
// CHECK: %[[CHOSEN:.*]] = onnx.node "ai.onnx::Reshape"(%[[BOOLS]], %{{.*}})
// CHECK-NOT: onnx.node "ai.onnx::NonZero"
// CHECK: %[[OWN:.*]] = onnx.node "ai.onnx::Where"(%{{.*}}, %{{.*}}, %{{.*}}) {{.*}} -> tensor<?xi64>
// CHECK: %[[ROWS:.*]] = onnx.node "ai.onnx::Gather"(%{{.*}}, %[[OWN]])
// CHECK: %[[NORMAL:.*]] = onnx.node "ai.onnx::LayerNormalization"(%[[ROWS]], %{{.*}})
// CHECK: %[[RESULT:.*]] = onnx.node "ai.onnx::MatMul"(%[[NORMAL]], %{{.*}})
// CHECK: %[[COLUMN:.*]] = onnx.node "ai.onnx::Reshape"(%[[CHOSEN]], %{{.*}}) {{.*}} -> tensor<?x1xi1>
// CHECK: %[[PLACES:.*]] = onnx.node "ai.onnx::Where"(%[[COLUMN]], %{{.*}}, %{{.*}}) {{.*}} -> tensor<?x1xi64>
// CHECK: %[[KEPT:.*]] = onnx.node "ai.onnx::Where"(%{{.*}}, %[[RESULT]], %{{.*}}) {{.*}} -> tensor<?x4xf32>
// CHECK: onnx.node "ai.onnx::ScatterND"(%{{.*}}, %[[PLACES]], %[[KEPT]]) {{.*}}reduction = "add"

// WRITTEN: %[[END:.*]] = onnx.node "ai.onnx::Gather"(%{{.*}}, %{{.*}}) {{.*}} : (tensor<2xi64>, tensor<1xi64>) -> tensor<1xi64>
// What counts from the end counts from the beginning, and what is outside stays there.
// WRITTEN: onnx.node "ai.onnx::And"
// WRITTEN: %[[FORWARD:.*]] = onnx.node "ai.onnx::Add"(%{{.*}}, %[[END]])
// WRITTEN: %[[INSIDE:.*]] = onnx.node "ai.onnx::Where"(%{{.*}}, %[[FORWARD]], %{{.*}})
// WRITTEN: %[[OUTSIDE:.*]] = onnx.node "ai.onnx::Add"(%[[END]], %{{.*}})
// WRITTEN: %[[OWN:.*]] = onnx.node "ai.onnx::Where"(%{{.*}}, %[[INSIDE]], %[[OUTSIDE]])
// WRITTEN: %[[PLACES:.*]] = onnx.node "ai.onnx::Where"(%{{.*}}, %[[OWN]], %[[END]])
// WRITTEN: %[[WIDE:.*]] = onnx.node "ai.onnx::Pad"
// WRITTEN: %[[LONG:.*]] = onnx.node "ai.onnx::ScatterND"(%[[WIDE]], %[[PLACES]], %{{.*}})
// WRITTEN: %[[Y:.*]] = onnx.node "ai.onnx::Slice"(%[[LONG]], {{.*}} -> tensor<?x4xf32>
// WRITTEN: return %[[Y]]

// Rows are read otherwise than each alone.
// RUN: sed -e '/"rows"/s/%%own)/%%twice)/' %s | not moe-opt --moe-mask-rows --moe-lower-onnx 2>&1 | FileCheck %s --check-prefix=MISS -DREADER="'twice' (ai.onnx::CumSum) does not work row by row"
// RUN: sed -e '/"rows"/s/%%own)/%%summed)/; /"rows"/s/tensor<?xi64>/tensor<1xi64>/' %s | not moe-opt --moe-mask-rows --moe-lower-onnx 2>&1 | FileCheck %s --check-prefix=MISS -DREADER="'summed' (ai.onnx::ReduceSum) does not work row by row"
// RUN: sed -e '/"y"/s/%%tuples/%%others/' %s | not moe-opt --moe-mask-rows --moe-lower-onnx 2>&1 | FileCheck %s --check-prefix=MISS -DREADER="'y' (ai.onnx::ScatterND) does not work row by row"
// RUN: sed -e '/"result"/s/%%normal/%%counted/' %s | not moe-opt --moe-mask-rows --moe-lower-onnx 2>&1 | FileCheck %s --check-prefix=MISS -DREADER="'number' (ai.onnx::Cast) does not work row by row"
// RUN: sed -e '/"normal"/s/axis = -1/axis = 0/' %s | not moe-opt --moe-mask-rows --moe-lower-onnx 2>&1 | FileCheck %s --check-prefix=MISS -DREADER="'normal' (ai.onnx::LayerNormalization) does not work row by row"
// RUN: sed -e 's/return %%y/return %%result/' %s | not moe-opt --moe-mask-rows --moe-lower-onnx 2>&1 | FileCheck %s --check-prefix=OUTPUT

// The exporter has written how many rows its sample input had.
// RUN: sed -e '/"y"/s/%%result/%%one_row/; /"y"/s/, tensor<?x4xf32>) ->/, tensor<1x4xf32>) ->/' %s | not moe-opt --moe-mask-rows --moe-lower-onnx 2>&1 | FileCheck %s --check-prefix=FROZEN-ERR
// FROZEN-ERR: ai.onnx::Reshape version 20 is not supported: it is not proved to keep the number of elements (4 * count(0), and 4 asked for, as the exporter's sample input had: its numbers of rows are frozen)

// MISS: ai.onnx::NonZero version 20 is not supported: what it finds cannot be computed for all rows: node [[READER]]
// OUTPUT: ai.onnx::NonZero version 20 is not supported: what it finds cannot be computed for all rows: it is an output of the model
module {
  func.func @main(%t: index {rt.dim = "t"}, %x: tensor<?x4xf32> {rt.name = "x", rt.shape = ["t", 4]}, %mask: tensor<?xi1> {rt.name = "mask", rt.shape = ["t"]},
                  %other: tensor<?xi1> {rt.name = "other", rt.shape = ["t"]}, %scale: tensor<4xf32> {rt.name = "scale", rt.shape = [4]},
                  %square: tensor<4x4xf32> {rt.name = "square", rt.shape = [4, 4]}) -> tensor<?x4xf32> {
    %all = arith.constant dense<-1> : tensor<1xi64>
    %zero = arith.constant dense<0> : tensor<i64>
    %first = arith.constant dense<0> : tensor<1xi64>
    %found = onnx.node "ai.onnx::NonZero"(%mask) {name = "found", version = 20 : i64} : (tensor<?xi1>) -> tensor<1x?xi64>
    %elsewhere = onnx.node "ai.onnx::NonZero"(%other) {name = "elsewhere", version = 20 : i64} : (tensor<?xi1>) -> tensor<1x?xi64>
    %own = onnx.node "ai.onnx::Gather"(%found, %zero) {name = "own", version = 20 : i64} : (tensor<1x?xi64>, tensor<i64>) -> tensor<?xi64>
    %tuples = onnx.node "ai.onnx::Transpose"(%found) {name = "tuples", node_attributes = {perm = array<i64: 1, 0>}, version = 20 : i64} : (tensor<1x?xi64>) -> tensor<?x1xi64>
    %others = onnx.node "ai.onnx::Transpose"(%elsewhere) {name = "others", node_attributes = {perm = array<i64: 1, 0>}, version = 20 : i64} : (tensor<1x?xi64>) -> tensor<?x1xi64>
    %twice = onnx.node "ai.onnx::CumSum"(%own, %zero) {name = "twice", version = 20 : i64} : (tensor<?xi64>, tensor<i64>) -> tensor<?xi64>
    %summed = onnx.node "ai.onnx::ReduceSum"(%own, %first) {name = "summed", version = 20 : i64} : (tensor<?xi64>, tensor<1xi64>) -> tensor<1xi64>
    %rows = onnx.node "ai.onnx::Gather"(%x, %own) {name = "rows", version = 20 : i64} : (tensor<?x4xf32>, tensor<?xi64>) -> tensor<?x4xf32>
    %normal = onnx.node "ai.onnx::LayerNormalization"(%rows, %scale) {name = "normal", node_attributes = {axis = -1 : i64}, version = 20 : i64} : (tensor<?x4xf32>, tensor<4xf32>) -> tensor<?x4xf32>
    %sizes = onnx.node "ai.onnx::Shape"(%normal) {name = "sizes", version = 20 : i64} : (tensor<?x4xf32>) -> tensor<2xi64>
    %count = onnx.node "ai.onnx::Gather"(%sizes, %zero) {name = "count", version = 20 : i64} : (tensor<2xi64>, tensor<i64>) -> tensor<i64>
    %number = onnx.node "ai.onnx::Cast"(%count) {name = "number", node_attributes = {to = 1 : i64}, version = 20 : i64} : (tensor<i64>) -> tensor<f32>
    %counted = onnx.node "ai.onnx::Mul"(%normal, %number) {name = "counted", version = 20 : i64} : (tensor<?x4xf32>, tensor<f32>) -> tensor<?x4xf32>
    %turned = onnx.node "ai.onnx::Transpose"(%normal) {name = "turned", version = 20 : i64} : (tensor<?x4xf32>) -> tensor<4x?xf32>
    %result = onnx.node "ai.onnx::MatMul"(%normal, %square) {name = "result", version = 20 : i64} : (tensor<?x4xf32>, tensor<4x4xf32>) -> tensor<?x4xf32>
    %row = arith.constant dense<[1, 4]> : tensor<2xi64>
    %one_row = onnx.node "ai.onnx::Reshape"(%result, %row) {name = "one_row", version = 20 : i64} : (tensor<?x4xf32>, tensor<2xi64>) -> tensor<1x4xf32>
    %y = onnx.node "ai.onnx::ScatterND"(%x, %tuples, %result) {name = "y", version = 20 : i64, node_attributes = {reduction = "add"}} : (tensor<?x4xf32>, tensor<?x1xi64>, tensor<?x4xf32>) -> tensor<?x4xf32>
    return %y : tensor<?x4xf32>
  }
}
