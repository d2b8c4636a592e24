// Scores of which a mask leaves those of the chosen experts, divided by their sum: the chosen scores, scattered.
// RUN: moe-opt %s --moe-scatter-scores | FileCheck %s
// So do those of half types.
// RUN: sed -e 's/f32/f16/g' %s | moe-opt --moe-scatter-scores | FileCheck %s
// RUN: sed -e 's/f32/bf16/g' %s | moe-opt --moe-scatter-scores | FileCheck %s
// RUN: sed -e 's/f32/f64/g' %s | moe-opt --moe-scatter-scores | FileCheck %s --check-prefix=PLAIN
// Where leaves them as a product does.
// RUN: sed -e 's/"ai.onnx::Mul"(%%scores, %%mask)/"ai.onnx::Where"(%%chosen, %%scores, %%zero)/; s/: (tensor<?x3xf32>, tensor<?x3xf32>) -> tensor<?x3xf32> \/\/ kept/: (tensor<?x3xi1>, tensor<?x3xf32>, tensor<f32>) -> tensor<?x3xf32>/' %s | moe-opt --moe-scatter-scores | FileCheck %s
// An infinite score times 0 is no 0.
// RUN: sed -e 's/"ai.onnx::Mul"(%%scores, %%mask)/"ai.onnx::Mul"(%%logits, %%mask)/' %s | moe-opt --moe-scatter-scores | FileCheck %s --check-prefix=PLAIN
// A mask of 2 at the chosen experts.
// RUN: sed -e 's/dense<1.0>/dense<2.0>/' %s | moe-opt --moe-scatter-scores | FileCheck %s --check-prefix=PLAIN
// A mask of 0 at the chosen experts.
// RUN: sed -e '/"mask"/s/%%zeros, %%top#1, %%ones/%%zeros, %%top#1, %%none/' %s | moe-opt --moe-scatter-scores | FileCheck %s --check-prefix=PLAIN
// The mask is added to, so that an expert may count twice.
// RUN: sed -e '/"mask"/s/{axis = 1 : i64}/{axis = 1 : i64, reduction = "add"}/' %s | moe-opt --moe-scatter-scores | FileCheck %s --check-prefix=PLAIN
// Ids that are no choice may be equal.
// RUN: sed -e '/"mask"/s/%%top#1/%%ids/' %s | moe-opt --moe-scatter-scores | FileCheck %s --check-prefix=PLAIN
// The choice is among the tokens.
// RUN: sed -e '/"top"/s/axis = -1/axis = 0/' %s | moe-opt --moe-scatter-scores | FileCheck %s --check-prefix=PLAIN
// A mask of all tokens for each is no choice of each.
// RUN: sed -e '/"kept"/{s/%%mask)/%%union)/; s/(tensor<?x3xf32>, tensor<?x3xf32>)/(tensor<?x3xf32>, tensor<1x3xf32>)/}' %s | moe-opt --moe-scatter-scores | FileCheck %s --check-prefix=PLAIN
// A sum that may be 0 makes NaN of all experts: the chosen scores are scattered, and the quotient stays behind them.
// RUN: sed -e 's/"ai.onnx::Softmax"(%%logits) {name = "scores", node_attributes = {axis = -1 : i64}/"ai.onnx::Sigmoid"(%%logits) {name = "scores"/; s/dense<1.0e-6>/dense<0.0>/' %s | moe-opt --moe-scatter-scores | FileCheck %s --check-prefix=OTHER
// What divides is another sum.
// RUN: sed -e '/"sum"/s/%%kept/%%scores/' %s | moe-opt --moe-scatter-scores | FileCheck %s --check-prefix=OTHER
// RUN: sed -e '/"sum"/s/%%last/%%first_axis/; /"sum"/s/keepdims = 1/keepdims = 0/' %s | moe-opt --moe-scatter-scores | FileCheck %s --check-prefix=OTHER
// OTHER: %[[KEPT:.*]] = onnx.node "ai.onnx::ScatterElements"
// OTHER: onnx.node "ai.onnx::Div"(%[[KEPT]], {{.*}}name = "y"

// CHECK: %[[TOP:.*]]:2 = onnx.node "ai.onnx::TopK"
// CHECK: %[[SCORES:.*]] = onnx.node "ai.onnx::Softmax"
// CHECK: %[[CHOSEN:.*]] = onnx.node "ai.onnx::GatherElements"(%[[SCORES]], %[[TOP]]#1) {{.*}}axis = -1
// CHECK: %[[SUM:.*]] = onnx.node "ai.onnx::ReduceSum"(%[[CHOSEN]],
// CHECK: %[[FLOOR:.*]] = onnx.node "ai.onnx::Add"(%[[SUM]],
// CHECK: %[[SHARES:.*]] = onnx.node "ai.onnx::Div"(%[[CHOSEN]], %[[FLOOR]])
// CHECK: %[[ZEROS:.*]] = onnx.node "ai.onnx::ConstantOfShape"
// CHECK: %[[Y:.*]] = onnx.node "ai.onnx::ScatterElements"(%[[ZEROS]], %[[TOP]]#1, %[[SHARES]]) {{.*}}axis = -1
// CHECK: return %[[Y]]

// PLAIN-NOT: GatherElements
// PLAIN: %[[KEPT:.*]] = onnx.node "ai.onnx::Mul"
// PLAIN: onnx.node "ai.onnx::Div"(%[[KEPT]],
module {
  func.func @main(%t: index {rt.dim = "t"}, %logits: tensor<?x3xf32> {rt.name = "logits", rt.shape = ["t", 3]},
                  %ids: tensor<?x2xi64> {rt.name = "ids", rt.shape = ["t", 2]}) -> tensor<?x3xf32> {
    %k = arith.constant dense<2> : tensor<1xi64>
    %last = arith.constant dense<-1> : tensor<1xi64>
    %first_axis = arith.constant dense<0> : tensor<1xi64>
    %zero = arith.constant dense<0.0> : tensor<f32>
    %one = arith.constant dense<1.0> : tensor<f32>
    %small = arith.constant dense<1.0e-6> : tensor<f32>
    %top:2 = onnx.node "ai.onnx::TopK"(%logits, %k) {name = "top", node_attributes = {axis = -1 : i64}, version = 20 : i64} : (tensor<?x3xf32>, tensor<1xi64>) -> (tensor<?x2xf32>, tensor<?x2xi64>)
    %scores = onnx.node "ai.onnx::Softmax"(%logits) {name = "scores", node_attributes = {axis = -1 : i64}, version = 20 : i64} : (tensor<?x3xf32>) -> tensor<?x3xf32>
    %square = onnx.node "ai.onnx::Shape"(%logits) {name = "square", version = 20 : i64} : (tensor<?x3xf32>) -> tensor<2xi64>
    %slots = onnx.node "ai.onnx::Shape"(%ids) {name = "slots", version = 20 : i64} : (tensor<?x2xi64>) -> tensor<2xi64>
    %zeros = onnx.node "ai.onnx::Expand"(%zero, %square) {name = "zeros", version = 20 : i64} : (tensor<f32>, tensor<2xi64>) -> tensor<?x3xf32>
    %ones = onnx.node "ai.onnx::Expand"(%one, %slots) {name = "ones", version = 20 : i64} : (tensor<f32>, tensor<2xi64>) -> tensor<?x2xf32>
    %none = onnx.node "ai.onnx::Expand"(%zero, %slots) {name = "none", version = 20 : i64} : (tensor<f32>, tensor<2xi64>) -> tensor<?x2xf32>
    %mask = onnx.node "ai.onnx::ScatterElements"(%zeros, %top#1, %ones) {name = "mask", node_attributes = {axis = 1 : i64}, version = 20 : i64} : (tensor<?x3xf32>, tensor<?x2xi64>, tensor<?x2xf32>) -> tensor<?x3xf32>
    %chosen = onnx.node "ai.onnx::Cast"(%mask) {name = "chosen", node_attributes = {to = 9 : i64}, version = 20 : i64} : (tensor<?x3xf32>) -> tensor<?x3xi1>
    %together = arith.constant dense<[1, -1]> : tensor<2xi64>
    %three = arith.constant dense<3> : tensor<i64>
    %both = arith.constant dense<[0.0, 1.0]> : tensor<2xf32>
    %row = onnx.node "ai.onnx::Reshape"(%top#1, %together) {name = "row", version = 20 : i64} : (tensor<?x2xi64>, tensor<2xi64>) -> tensor<1x?xi64>
    %hots = onnx.node "ai.onnx::OneHot"(%row, %three, %both) {name = "hots", node_attributes = {axis = -1 : i64}, version = 20 : i64} : (tensor<1x?xi64>, tensor<i64>, tensor<2xf32>) -> tensor<1x?x3xf32>
    %middle = arith.constant dense<1> : tensor<1xi64>
    %union = onnx.node "ai.onnx::ReduceSum"(%hots, %middle) {name = "union", node_attributes = {keepdims = 0 : i64}, version = 20 : i64} : (tensor<1x?x3xf32>, tensor<1xi64>) -> tensor<1x3xf32>
    %kept = onnx.node "ai.onnx::Mul"(%scores, %mask) {name = "kept", version = 20 : i64} : (tensor<?x3xf32>, tensor<?x3xf32>) -> tensor<?x3xf32> // kept
    %sum = onnx.node "ai.onnx::ReduceSum"(%kept, %last) {name = "sum", node_attributes = {keepdims = 1 : i64}, version = 20 : i64} : (tensor<?x3xf32>, tensor<1xi64>) -> !onnx.unknown
    %floor = onnx.node "ai.onnx::Add"(%sum, %small) {name = "floor", version = 20 : i64} : (!onnx.unknown, tensor<f32>) -> !onnx.unknown
    %y = onnx.node "ai.onnx::Div"(%kept, %floor) {name = "y", version = 20 : i64} : (tensor<?x3xf32>, !onnx.unknown) -> tensor<?x3xf32>
    return %y : tensor<?x3xf32>
  }
}
