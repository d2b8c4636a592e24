// Products of groups of rows that are part of no layer become one call of a kernel.
// RUN: moe-opt %s --moe-group-products 2>&1 | FileCheck %s
// Somewhere a condition fails.
// RUN: sed -e 's/"ReduceSum"/"ReduceMax"/; s/ai.onnx::ReduceSum/ai.onnx::ReduceMax/' %s | moe-opt --moe-group-products 2>&1 | FileCheck %s --check-prefixes=APART,MISS0
// MISS0: remark: the products of groups of rows stay apart: node 'pieces' (ai.onnx::Split): expected ScatterElements as the counts of the groups
// A matrix is computed.
// RUN: sed -e '/"a0"/s/%%w0,/%%other,/' %s | moe-opt --moe-group-products 2>&1 | FileCheck %s --check-prefixes=APART,MISS1
// MISS1: remark: the products of groups of rows stay apart: node 'a0' (ai.onnx::Gemm): its matrix is not a weight of rank 2, as that of expert 0 is
// A matrix has other columns.
// RUN: sed -e '/"a1"/s/transB = 1/transB = 0/' %s | moe-opt --moe-group-products 2>&1 | FileCheck %s --check-prefixes=APART,MISS2
// MISS2: remark: the products of groups of rows stay apart: its rows and matrices have no sizes that are known before data is
// Some rows are in no group.
// RUN: sed -e '/"b0_rows"/s/%%x,/%%z,/; /"b1_rows"/s/%%x,/%%z,/' %s | moe-opt --moe-group-products 2>&1 | FileCheck %s --check-prefix=MISS3
// MISS3: remark: the products of groups of rows stay apart: it does not read all rows
// The elements are wider.
// RUN: sed -e 's/xf32>/xf64>/g; s/, 48, raw/, 96, raw/; s/, 12, raw/, 24, raw/' %s | moe-opt --moe-group-products 2>&1 | FileCheck %s --check-prefixes=APART,MISS4
// MISS4: remark: the products of groups of rows stay apart: it computes in f32, not in f64: convert the model to float32

// CHECK: remark: the products of 2 groups of rows become one, which every rank computes: no layer of expert MLPs has them
// CHECK: rt.weight @b.matrices : tensor<2x4x3xf32> = #rt.step<stack, (#rt.source<"m.onnx", 96, 48, raw>
// CHECK: rt.weight @a.bias : tensor<2x3xf32> = #rt.step<stack,
// CHECK: rt.weight @a.matrices : tensor<2x4x3xf32> = #rt.step<transpose[0, 2, 1], (#rt.step<stack, (#rt.source<"m.onnx", 0, 48, raw>
// CHECK: func.func @main(%[[T:.*]]: index {rt.dim = "t"}
// CHECK-NOT: ai.onnx::Split
// CHECK: %[[SIZES:.*]] = onnx.node "ai.onnx::ReduceSum"
// CHECK: %[[ENDS:.*]] = nn.cumsum %[[SIZES]] {axis = 0 : i64} : tensor<2xi64>
// CHECK: %[[MATRICES:.*]] = rt.weight_ref @a.matrices
// CHECK: %[[BIAS:.*]] = rt.weight_ref @a.bias
// CHECK: %[[A:.*]] = nn.operator "grouped_matmul_f32"(%[[X:.*]], %[[ENDS]], %[[MATRICES]], %[[BIAS]]) [%[[T]]] {{.*}}present = array<i1: true, true, true, true>{{.*}} -> tensor<?x3xf32>
// CHECK: %[[RUNNING:.*]] = onnx.node "ai.onnx::CumSum"
// CHECK: %[[WIDE:.*]] = linalg.generic {{.*}} ins(%[[RUNNING]] : tensor<2xi32>)
// CHECK: %[[B:.*]] = nn.operator "grouped_matmul_f32"(%[[X]], %[[WIDE]], %{{.*}}) [%[[T]]] {{.*}}present = array<i1: true, true, true, false>{{.*}} -> tensor<?x3xf32>
// CHECK: return %[[A]], %[[B]]

// APART: onnx.node "ai.onnx::Concat"({{.*}}name = "a"
module {
  rt.weight @w0 : tensor<3x4xf32> = #rt.source<"m.onnx", 0, 48, raw> : tensor<3x4xf32>
  rt.weight @w1 : tensor<3x4xf32> = #rt.source<"m.onnx", 48, 48, raw> : tensor<3x4xf32>
  rt.weight @v0 : tensor<4x3xf32> = #rt.source<"m.onnx", 96, 48, raw> : tensor<4x3xf32>
  rt.weight @v1 : tensor<4x3xf32> = #rt.source<"m.onnx", 144, 48, raw> : tensor<4x3xf32>
  rt.weight @c : tensor<3xf32> = #rt.source<"m.onnx", 192, 12, raw> : tensor<3xf32>
  func.func @main(%t: index {rt.dim = "t"}, %u: index {rt.dim = "u"}, %x: tensor<?x4xf32> {rt.name = "x", rt.shape = ["t", 4]},
                  %logits: tensor<?x2xf32> {rt.name = "logits", rt.shape = ["t", 2]}, %numbers: tensor<?xi64> {rt.name = "numbers", rt.shape = ["t"]},
                  %z: tensor<?x4xf32> {rt.name = "z", rt.shape = ["u", 4]}, %other: tensor<3x4xf32> {rt.name = "other", rt.shape = [3, 4]}) -> (tensor<?x3xf32>, tensor<?x3xf32>) {
    %w0 = rt.weight_ref @w0 : tensor<3x4xf32>
    %w1 = rt.weight_ref @w1 : tensor<3x4xf32>
    %v0 = rt.weight_ref @v0 : tensor<4x3xf32>
    %v1 = rt.weight_ref @v1 : tensor<4x3xf32>
    %c = rt.weight_ref @c : tensor<3xf32>
    %first = arith.constant dense<0> : tensor<1xi64>
    %k = arith.constant dense<1> : tensor<1xi64>
    %zero = arith.constant dense<0> : tensor<i64>
    %one = arith.constant dense<1> : tensor<i64>
    %none = arith.constant dense<0.0> : tensor<f32>
    %empty = arith.constant dense<0.0> : tensor<2xf32>
    %unit = arith.constant dense<1.0> : tensor<f32>
    %top:2 = onnx.node "ai.onnx::TopK"(%logits, %k) {name = "top", node_attributes = {axis = 1 : i64}, version = 20 : i64} : (tensor<?x2xf32>, tensor<1xi64>) -> (tensor<?x1xf32>, tensor<?x1xi64>)
    %shape = onnx.node "ai.onnx::Shape"(%logits) {name = "shape", version = 20 : i64} : (tensor<?x2xf32>) -> tensor<2xi64>
    %bins = onnx.node "ai.onnx::Expand"(%none, %shape) {name = "bins", version = 20 : i64} : (tensor<f32>, tensor<2xi64>) -> tensor<?x2xf32>
    %size = onnx.node "ai.onnx::Shape"(%top#1) {name = "size", version = 20 : i64} : (tensor<?x1xi64>) -> tensor<2xi64>
    %ones = onnx.node "ai.onnx::Expand"(%unit, %size) {name = "ones", version = 20 : i64} : (tensor<f32>, tensor<2xi64>) -> tensor<?x1xf32>
    %choices = onnx.node "ai.onnx::ScatterElements"(%bins, %top#1, %ones) {name = "choices", node_attributes = {axis = -1 : i64}, version = 20 : i64} : (tensor<?x2xf32>, tensor<?x1xi64>, tensor<?x1xf32>) -> tensor<?x2xf32>
    %chosen = onnx.node "ai.onnx::Cast"(%choices) {name = "chosen", node_attributes = {to = 7 : i64}, version = 20 : i64} : (tensor<?x2xf32>) -> tensor<?x2xi64>
    %sizes = onnx.node "ai.onnx::ReduceSum"(%chosen, %first) {name = "sizes", node_attributes = {keepdims = 0 : i64}, version = 20 : i64} : (tensor<?x2xi64>, tensor<1xi64>) -> tensor<2xi64>
    %pieces:2 = onnx.node "ai.onnx::Split"(%x, %sizes) {name = "pieces", node_attributes = {axis = 0 : i64}, version = 20 : i64} : (tensor<?x4xf32>, tensor<2xi64>) -> (tensor<?x4xf32>, tensor<?x4xf32>)
    %a0 = onnx.node "ai.onnx::Gemm"(%pieces#0, %w0, %c) {name = "a0", node_attributes = {transB = 1 : i64}, version = 20 : i64} : (tensor<?x4xf32>, tensor<3x4xf32>, tensor<3xf32>) -> tensor<?x3xf32>
    %a1 = onnx.node "ai.onnx::Gemm"(%pieces#1, %w1, %c) {name = "a1", node_attributes = {transB = 1 : i64}, version = 20 : i64} : (tensor<?x4xf32>, tensor<3x4xf32>, tensor<3xf32>) -> tensor<?x3xf32>
    %a = onnx.node "ai.onnx::Concat"(%a0, %a1) {name = "a", node_attributes = {axis = 0 : i64}, version = 20 : i64} : (tensor<?x3xf32>, tensor<?x3xf32>) -> tensor<?x3xf32>
    %length = onnx.node "ai.onnx::Shape"(%numbers) {name = "length", version = 20 : i64} : (tensor<?xi64>) -> tensor<1xi64>
    %units = onnx.node "ai.onnx::Expand"(%unit, %length) {name = "units", version = 20 : i64} : (tensor<f32>, tensor<1xi64>) -> tensor<?xf32>
    %counts = onnx.node "ai.onnx::ScatterElements"(%empty, %numbers, %units) {name = "counts", node_attributes = {reduction = "add"}, version = 20 : i64} : (tensor<2xf32>, tensor<?xi64>, tensor<?xf32>) -> tensor<2xf32>
    %integers = onnx.node "ai.onnx::Cast"(%counts) {name = "integers", node_attributes = {to = 6 : i64}, version = 20 : i64} : (tensor<2xf32>) -> tensor<2xi32>
    %running = onnx.node "ai.onnx::CumSum"(%integers, %zero) {name = "running", version = 20 : i64} : (tensor<2xi32>, tensor<i64>) -> tensor<2xi32>
    %narrow0 = onnx.node "ai.onnx::Gather"(%running, %zero) {name = "narrow0", version = 20 : i64} : (tensor<2xi32>, tensor<i64>) -> tensor<i32>
    %narrow1 = onnx.node "ai.onnx::Gather"(%running, %one) {name = "narrow1", version = 20 : i64} : (tensor<2xi32>, tensor<i64>) -> tensor<i32>
    %end0 = onnx.node "ai.onnx::Cast"(%narrow0) {name = "end0", node_attributes = {to = 7 : i64}, version = 20 : i64} : (tensor<i32>) -> tensor<i64>
    %end1 = onnx.node "ai.onnx::Cast"(%narrow1) {name = "end1", node_attributes = {to = 7 : i64}, version = 20 : i64} : (tensor<i32>) -> tensor<i64>
    %range0 = onnx.node "ai.onnx::Range"(%zero, %end0, %one) {name = "range0", version = 20 : i64} : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<?xi64>
    %range1 = onnx.node "ai.onnx::Range"(%end0, %end1, %one) {name = "range1", version = 20 : i64} : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<?xi64>
    %b0_rows = onnx.node "ai.onnx::Gather"(%x, %range0) {name = "b0_rows", version = 20 : i64} : (tensor<?x4xf32>, tensor<?xi64>) -> tensor<?x4xf32>
    %b1_rows = onnx.node "ai.onnx::Gather"(%x, %range1) {name = "b1_rows", version = 20 : i64} : (tensor<?x4xf32>, tensor<?xi64>) -> tensor<?x4xf32>
    %b0 = onnx.node "ai.onnx::MatMul"(%b0_rows, %v0) {name = "b0", version = 20 : i64} : (tensor<?x4xf32>, tensor<4x3xf32>) -> tensor<?x3xf32>
    %b1 = onnx.node "ai.onnx::MatMul"(%b1_rows, %v1) {name = "b1", version = 20 : i64} : (tensor<?x4xf32>, tensor<4x3xf32>) -> tensor<?x3xf32>
    %b = onnx.node "ai.onnx::Concat"(%b0, %b1) {name = "b", node_attributes = {axis = 0 : i64}, version = 20 : i64} : (tensor<?x3xf32>, tensor<?x3xf32>) -> tensor<?x3xf32>
    return %a, %b : tensor<?x3xf32>, tensor<?x3xf32>
  }
}
