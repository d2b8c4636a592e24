// Boxes that are written element by element, as TorchScript writes x[..., :n] = y.
// RUN: moe-opt %s --moe-raise-scattered-slices | FileCheck %s
// RUN: moe-opt %s --moe-raise-scattered-slices --moe-lower-onnx | FileCheck %s --check-prefix=LOWERED
// Sums, another step, another order, columns beyond the end or before the start, columns that change with the row, fewer updates: all stay.
// RUN: sed -e '/"low"/s/name = "low"/name = "low", node_attributes = {reduction = "add"}/' %s | moe-opt --moe-raise-scattered-slices | FileCheck %s --check-prefix=STAYS
// RUN: sed -e '/%%columns =/s/%%one)/%%two)/; /%%columns =/s/-> tensor<5x/-> tensor<3x/; /%%part =/s/5x/3x/; /%%start =/s/3/1/' %s | moe-opt --moe-raise-scattered-slices | FileCheck %s --check-prefix=STAYS
// RUN: sed -e '/"pairs"/s/%%rows, %%wide/%%wide, %%rows/' %s | moe-opt --moe-raise-scattered-slices | FileCheck %s --check-prefix=STAYS
// RUN: sed -e '/%%limit =/s/5/6/; /%%start =/s/3/4/; s/tensor<5xi64>/tensor<6xi64>/g' %s | moe-opt --moe-raise-scattered-slices | FileCheck %s --check-prefix=STAYS
// RUN: sed -e '/%%zero =/s/<0>/<-4>/; /%%limit =/s/5/1/' %s | moe-opt --moe-raise-scattered-slices | FileCheck %s --check-prefix=STAYS
// RUN: sed -e '/"tall"/s/%%first/%%both/; /"tall"/s/tensor<?x1xi64>/tensor<?x2xi64>/; s/^    %%tall/    %%both = onnx.node "ai.onnx::Concat"(%%first, %%first) {name = "both", node_attributes = {axis = 1 : i64}, version = 13 : i64} : (tensor<?x1xi64>, tensor<?x1xi64>) -> tensor<?x2xi64>\n    %%tall/' %s | moe-opt --moe-raise-scattered-slices | FileCheck %s --check-prefix=STAYS

// CHECK: %[[ZEROS:.*]] = onnx.node "ai.onnx::ConstantOfShape"
// CHECK-NOT: ScatterND
// CHECK: tensor.insert_slice %{{.*}} into %[[ZEROS]][0, 3] [%{{.*}}, 2] [1, 1] : tensor<?x2xf32> into tensor<?x5xf32>
// CHECK: tensor.insert_slice %{{.*}} into %{{.*}}[1, 0] [1, 5] [1, 1] : tensor<1x5xf32> into tensor<4x5xf32>
// CHECK-NOT: ScatterND

// LOWERED-NOT: onnx.node

// STAYS: ScatterND
module {
  func.func @main(%t: index {rt.dim = "t"}, %x: tensor<?x2xf32> {rt.name = "x", rt.shape = ["t", 2]}, %v: tensor<4x5xf32> {rt.name = "v", rt.shape = [4, 5]},
                  %row: tensor<1x5xf32> {rt.name = "row", rt.shape = [1, 5]}) -> (tensor<?x5xf32>, tensor<4x5xf32>) {
    %zero = arith.constant dense<0> : tensor<i64>
    %one = arith.constant dense<1> : tensor<i64>
    %two = arith.constant dense<2> : tensor<i64>
    %limit = arith.constant dense<5> : tensor<i64>
    %start = arith.constant dense<3> : tensor<1xi64>
    %far = arith.constant dense<9223372036854775807> : tensor<1xi64>
    %axis0 = arith.constant dense<0> : tensor<1xi64>
    %last = arith.constant dense<-1> : tensor<1xi64>
    %five = arith.constant dense<5> : tensor<1xi64>
    %upright = arith.constant dense<[-1, 1]> : tensor<2xi64>
    %second = arith.constant dense<[[[1]]]> : tensor<1x1x1xi64>
    %shape = onnx.node "ai.onnx::Shape"(%x) {name = "shape", version = 15 : i64} : (tensor<?x2xf32>) -> tensor<2xi64>
    %count = onnx.node "ai.onnx::Gather"(%shape, %zero) {name = "count", version = 13 : i64} : (tensor<2xi64>, tensor<i64>) -> tensor<i64>
    %lines = onnx.node "ai.onnx::Gather"(%shape, %axis0) {name = "lines", version = 13 : i64} : (tensor<2xi64>, tensor<1xi64>) -> tensor<1xi64>
    %sizes = onnx.node "ai.onnx::Concat"(%lines, %five) {name = "sizes", node_attributes = {axis = 0 : i64}, version = 13 : i64} : (tensor<1xi64>, tensor<1xi64>) -> tensor<2xi64>
    %zeros = onnx.node "ai.onnx::ConstantOfShape"(%sizes) {name = "zeros", node_attributes = {value = dense<0.0> : tensor<1xf32>}, version = 9 : i64} : (tensor<2xi64>) -> tensor<?x5xf32>
    %all = onnx.node "ai.onnx::Range"(%zero, %count, %one) {name = "all", version = 11 : i64} : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<?xi64>
    %first = onnx.node "ai.onnx::Reshape"(%all, %upright) {name = "first", version = 14 : i64} : (tensor<?xi64>, tensor<2xi64>) -> tensor<?x1xi64>
    %columns = onnx.node "ai.onnx::Range"(%zero, %limit, %one) {name = "columns", version = 11 : i64} : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<5xi64>
    %part = onnx.node "ai.onnx::Slice"(%columns, %start, %far, %axis0) {name = "part", version = 13 : i64} : (tensor<5xi64>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<2xi64>
    %tall = onnx.node "ai.onnx::Expand"(%first, %shape) {name = "tall", version = 13 : i64} : (tensor<?x1xi64>, tensor<2xi64>) -> tensor<?x2xi64>
    %flat = onnx.node "ai.onnx::Expand"(%part, %shape) {name = "flat", version = 13 : i64} : (tensor<2xi64>, tensor<2xi64>) -> tensor<?x2xi64>
    %rows = onnx.node "ai.onnx::Unsqueeze"(%tall, %last) {name = "rows", version = 13 : i64} : (tensor<?x2xi64>, tensor<1xi64>) -> tensor<?x2x1xi64>
    %wide = onnx.node "ai.onnx::Unsqueeze"(%flat, %last) {name = "wide", version = 13 : i64} : (tensor<?x2xi64>, tensor<1xi64>) -> tensor<?x2x1xi64>
    %pairs = onnx.node "ai.onnx::Concat"(%rows, %wide) {name = "pairs", node_attributes = {axis = -1 : i64}, version = 13 : i64} : (tensor<?x2x1xi64>, tensor<?x2x1xi64>) -> tensor<?x2x2xi64>
    %low = onnx.node "ai.onnx::ScatterND"(%zeros, %pairs, %x) {name = "low", version = 18 : i64} : (tensor<?x5xf32>, tensor<?x2x2xi64>, tensor<?x2xf32>) -> tensor<?x5xf32>
    %line = onnx.node "ai.onnx::Reshape"(%second, %upright) {name = "line", version = 14 : i64} : (tensor<1x1x1xi64>, tensor<2xi64>) -> tensor<1x1xi64>
    %lone = onnx.node "ai.onnx::Concat"(%line) {name = "lone", node_attributes = {axis = 1 : i64}, version = 13 : i64} : (tensor<1x1xi64>) -> tensor<1x1xi64>
    %y = onnx.node "ai.onnx::ScatterND"(%v, %lone, %row) {name = "y", version = 18 : i64} : (tensor<4x5xf32>, tensor<1x1xi64>, tensor<1x5xf32>) -> tensor<4x5xf32>
    return %low, %y : tensor<?x5xf32>, tensor<4x5xf32>
  }
}
