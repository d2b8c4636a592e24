// A loop over two experts, of which each token has one, that writes over a copy of the tokens: every token is written once, so that nothing of it is left.
// RUN: moe-opt %s --moe-raise-looped | FileCheck %s
// Whatever lies below.
// RUN: sed -e '/name = "sum0"/s/%%x/%%z/' %s | moe-opt --moe-raise-looped | FileCheck %s
// Where it begins at zero, the rows of one expert are written and those of the other, too.
// RUN: sed -e '/name = "sum0"/s/%%x/%%zeros/' %s | moe-opt --moe-raise-looped | FileCheck %s
// Expert 1 adds to the copy.
// RUN: sed -e '/name = "sum1"/s/"none"/"add"/' %s | moe-opt --moe-raise-looped 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS0
// MISS0: remark: the loop over experts stays plain: node 'sum0' (ai.onnx::ScatterND): it overwrites a sum instead of adding to it
// The copy is added once more.
// RUN: sed -e '/name = "sum1"/s/%%sum0/%%more/; /^    %%sum1 = /i\    %%more = onnx.node "ai.onnx::Add"(%%sum0, %%zeros) {name = "more", version = 14 : i64} : (tensor<?x6xf32>, tensor<?x6xf32>) -> tensor<?x6xf32>' %s | moe-opt --moe-raise-looped 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS1
// MISS1: remark: the loop over experts stays plain: node 'sum0' (ai.onnx::ScatterND): it overwrites a sum instead of adding to it
// What the first expert has written is read, too.
// RUN: sed -e 's/return %%sum1, %%z/return %%sum1, %%sum0/' %s | moe-opt --moe-raise-looped 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS2
// MISS2: remark: the loop over experts stays plain: the router scores 2 experts, but there are weights of 1
// Its shape may be read.
// RUN: sed -e '/name = "sizes"/d; /^    %%sum1 = /i\    %%sizes = onnx.node "ai.onnx::Shape"(%%sum0) {name = "sizes", version = 15 : i64} : (tensor<?x6xf32>) -> tensor<2xi64>' -e '/name = "zeros"/d' %s | moe-opt --moe-raise-looped | FileCheck %s
// Expert 0 is left out.
// RUN: sed -e '/name = "sum1"/s/%%sum0/%%x/' %s | moe-opt --moe-raise-looped 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS3
// MISS3: remark: the loop over experts stays plain: expert 0 is missing
// A token has two experts.
// RUN: sed -e 's/dense<1> : tensor<1xi64>  \/\/ k/dense<2> : tensor<1xi64>/; s/x1xf32>, tensor<?x1xi64>)  \/\/ top/x2xf32>, tensor<?x2xi64>)/; /name = "[a-z]*[01]"/s/x1xi/x2xi/g; /name = "column[01]"/s/x2xi/x1xi/g; /name = "sum[01]"/s/x2xi/x1xi/g' %s | moe-opt --moe-raise-looped 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS4
// MISS4: remark: the loop over experts stays plain: node 'sum0' (ai.onnx::ScatterND): it overwrites a sum instead of adding to it

// CHECK-NOT: remark
// CHECK: moe.gate %{{.*}} -> tensor<?x1xi32>, tensor<?x1xf32>
// CHECK: %[[SUM:.*]] = moe.combine
// CHECK-NOT: "ai.onnx::Add"
// CHECK: return %[[SUM]]
// PLAIN-NOT: moe.gate

module {
  rt.weight @w : tensor<6x5xf32> = #rt.source<"m.onnx", 0, 120, raw> : tensor<6x5xf32>
  rt.weight @v : tensor<5x6xf32> = #rt.source<"m.onnx", 120, 120, raw> : tensor<5x6xf32>
  func.func @main(%t: index {rt.dim = "t"}, %x: tensor<?x6xf32> {rt.name = "x", rt.shape = ["t", 6]}, %z: tensor<?x6xf32> {rt.name = "z", rt.shape = ["t", 6]},
                  %logits: tensor<?x2xf32> {rt.name = "logits", rt.shape = ["t", 2]}) -> (tensor<?x6xf32>, tensor<?x6xf32>) {
    %n0 = arith.constant dense<0> : tensor<i64>
    %n1 = arith.constant dense<1> : tensor<i64>
    %k = arith.constant dense<1> : tensor<1xi64>  // k
    %axis1 = arith.constant dense<1> : tensor<1xi64>
    %up = rt.weight_ref @w : tensor<6x5xf32>
    %down = rt.weight_ref @v : tensor<5x6xf32>
    %scores = onnx.node "ai.onnx::Softmax"(%logits) {name = "scores", node_attributes = {axis = -1 : i64}, version = 13 : i64} : (tensor<?x2xf32>) -> tensor<?x2xf32>
    %top:2 = onnx.node "ai.onnx::TopK"(%scores, %k) {name = "top", version = 11 : i64} : (tensor<?x2xf32>, tensor<1xi64>) -> (tensor<?x1xf32>, tensor<?x1xi64>)  // top
    %sizes = onnx.node "ai.onnx::Shape"(%x) {name = "sizes", version = 15 : i64} : (tensor<?x6xf32>) -> tensor<2xi64>
    %zeros = onnx.node "ai.onnx::ConstantOfShape"(%sizes) {name = "zeros", node_attributes = {value = dense<0.0> : tensor<1xf32>}, version = 9 : i64} : (tensor<2xi64>) -> tensor<?x6xf32>
    %is0 = onnx.node "ai.onnx::Equal"(%top#1, %n0) {name = "is0", version = 13 : i64} : (tensor<?x1xi64>, tensor<i64>) -> tensor<?x1xi1>
    %found0 = onnx.node "ai.onnx::NonZero"(%is0) {name = "found0", version = 13 : i64} : (tensor<?x1xi1>) -> tensor<2x?xi64>
    %token0 = onnx.node "ai.onnx::Gather"(%found0, %n0) {name = "token0", version = 13 : i64} : (tensor<2x?xi64>, tensor<i64>) -> tensor<?xi64>
    %rows0 = onnx.node "ai.onnx::Gather"(%x, %token0) {name = "rows0", version = 13 : i64} : (tensor<?x6xf32>, tensor<?xi64>) -> tensor<?x6xf32>
    %inner0 = onnx.node "ai.onnx::MatMul"(%rows0, %up) {name = "inner0", version = 13 : i64} : (tensor<?x6xf32>, tensor<6x5xf32>) -> tensor<?x5xf32>
    %active0 = onnx.node "ai.onnx::Relu"(%inner0) {name = "active0", version = 14 : i64} : (tensor<?x5xf32>) -> tensor<?x5xf32>
    %given0 = onnx.node "ai.onnx::MatMul"(%active0, %down) {name = "given0", version = 13 : i64} : (tensor<?x5xf32>, tensor<5x6xf32>) -> tensor<?x6xf32>
    %column0 = onnx.node "ai.onnx::Unsqueeze"(%token0, %axis1) {name = "column0", version = 13 : i64} : (tensor<?xi64>, tensor<1xi64>) -> tensor<?x1xi64>
    %sum0 = onnx.node "ai.onnx::ScatterND"(%x, %column0, %given0) {name = "sum0", node_attributes = {reduction = "none"}, version = 18 : i64} : (tensor<?x6xf32>, tensor<?x1xi64>, tensor<?x6xf32>) -> tensor<?x6xf32>
    %is1 = onnx.node "ai.onnx::Equal"(%top#1, %n1) {name = "is1", version = 13 : i64} : (tensor<?x1xi64>, tensor<i64>) -> tensor<?x1xi1>
    %found1 = onnx.node "ai.onnx::NonZero"(%is1) {name = "found1", version = 13 : i64} : (tensor<?x1xi1>) -> tensor<2x?xi64>
    %token1 = onnx.node "ai.onnx::Gather"(%found1, %n0) {name = "token1", version = 13 : i64} : (tensor<2x?xi64>, tensor<i64>) -> tensor<?xi64>
    %rows1 = onnx.node "ai.onnx::Gather"(%x, %token1) {name = "rows1", version = 13 : i64} : (tensor<?x6xf32>, tensor<?xi64>) -> tensor<?x6xf32>
    %inner1 = onnx.node "ai.onnx::MatMul"(%rows1, %up) {name = "inner1", version = 13 : i64} : (tensor<?x6xf32>, tensor<6x5xf32>) -> tensor<?x5xf32>
    %active1 = onnx.node "ai.onnx::Relu"(%inner1) {name = "active1", version = 14 : i64} : (tensor<?x5xf32>) -> tensor<?x5xf32>
    %given1 = onnx.node "ai.onnx::MatMul"(%active1, %down) {name = "given1", version = 13 : i64} : (tensor<?x5xf32>, tensor<5x6xf32>) -> tensor<?x6xf32>
    %column1 = onnx.node "ai.onnx::Unsqueeze"(%token1, %axis1) {name = "column1", version = 13 : i64} : (tensor<?xi64>, tensor<1xi64>) -> tensor<?x1xi64>
    %sum1 = onnx.node "ai.onnx::ScatterND"(%sum0, %column1, %given1) {name = "sum1", node_attributes = {reduction = "none"}, version = 18 : i64} : (tensor<?x6xf32>, tensor<?x1xi64>, tensor<?x6xf32>) -> tensor<?x6xf32>
    return %sum1, %z : tensor<?x6xf32>, tensor<?x6xf32>
  }
}
