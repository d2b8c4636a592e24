// The best expert by ArgMax, weighed by the largest score; rows times transposed matrices.
// RUN: moe-opt %s --moe-raise-gathered | FileCheck %s
// Weighed by the logit.
// RUN: sed -e '/"share"/s/%%scores/%%logits/' %s | moe-opt --moe-raise-gathered 2>&1 | FileCheck %s --check-prefixes=KEPT,MISS0
// MISS0: remark: keys and weights of the router stay plain: node 'share' (ai.onnx::ReduceMax): it is not the largest of the scores that were selected by
// The tie rule is another.
// RUN: sed -e 's/select_last_index = 0/select_last_index = 1/' %s | moe-opt --moe-raise-gathered 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS1
// MISS1: remark: the gathered experts stay plain: node 'id' (ai.onnx::ArgMax): it takes the last of equal experts
// Gathered along the inputs.
// RUN: sed -e '/"gathered1"/s/axis = 0/axis = 1/; /"gathered1"/s/-> tensor<?x1x6x5xf32>/-> tensor<4x?x1x5xf32>/; /"product1"/s/tensor<?x1x6x5xf32>/tensor<4x?x1x5xf32>/' %s | moe-opt --moe-raise-gathered 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS2
// MISS2: remark: the gathered experts stay plain: node 'product2' (ai.onnx::MatMul): the shape of an operand is not known
// Renormalised over the tokens.
// RUN: sed -e 's/\["t", /[7, /; s/tensor<?x/tensor<7x/g; /"factors"/s/%%share/%%back/; s/^    %%factors =/    %%list = arith.constant dense<[1, 7]> : tensor<2xi64>\n    %%column = arith.constant dense<[7, 1]> : tensor<2xi64>\n    %%row = onnx.node "ai.onnx::Reshape"(%%share, %%list) {name = "row", version = 20 : i64} : (tensor<7x1xf32>, tensor<2xi64>) -> tensor<1x7xf32>\n    %%total = onnx.node "ai.onnx::ReduceSum"(%%row, %%last_axis) {name = "total", node_attributes = {keepdims = 1 : i64}, version = 20 : i64} : (tensor<1x7xf32>, tensor<1xi64>) -> tensor<1x1xf32>\n    %%normal = onnx.node "ai.onnx::Div"(%%row, %%total) {name = "normal", version = 20 : i64} : (tensor<1x7xf32>, tensor<1x1xf32>) -> tensor<1x7xf32>\n    %%back = onnx.node "ai.onnx::Reshape"(%%normal, %%column) {name = "back", version = 20 : i64} : (tensor<1x7xf32>, tensor<2xi64>) -> tensor<7x1xf32>\n    %%factors =/' %s | moe-opt --moe-raise-gathered 2>&1 | FileCheck %s --check-prefixes=KEPT,MISS3
// MISS3: remark: keys and weights of the router stay plain: node 'normal' (ai.onnx::Div): its rows do not hold the weights of one token each (k = 1)

// CHECK-DAG: rt.weight @y.gate : tensor<4x5x6xf32> = #rt.step<transpose[0, 2, 1],
// CHECK-DAG: rt.weight @y.down : tensor<4x6x5xf32> = #rt.step<transpose[0, 2, 1],
// CHECK-NOT: onnx.node
// CHECK: moe.gate %{{.*}} {gating = #moe.gating<>} : tensor<?x4xf32> -> tensor<?x1xi32>, tensor<?x1xf32>
// CHECK: moe.expert {{.*}} {activation = #moe.activation<relu>}
// CHECK: moe.combine

// A router that is not read chooses all the same; its weights stay what the file computes.
// KEPT: moe.gate {{.*}}#moe.gating<score = identity>
// KEPT-NOT: name = "y"
// KEPT: moe.combine

// A miss leaves the sum over the slots as it is.
// PLAIN-NOT: moe.gate
// PLAIN: name = "y"
module {
  rt.weight @fc1 : tensor<4x6x5xf32> = #rt.source<"m.onnx", 0, 480, raw> : tensor<4x6x5xf32>
  rt.weight @fc2 : tensor<4x5x6xf32> = #rt.source<"m.onnx", 0, 480, raw> : tensor<4x5x6xf32>
  func.func @main(%t: index {rt.dim = "t"}, %x: tensor<?x6xf32> {rt.name = "x", rt.shape = ["t", 6]},
                  %logits: tensor<?x4xf32> {rt.name = "logits", rt.shape = ["t", 4]}) -> tensor<?x6xf32> {
    %fc1 = rt.weight_ref @fc1 : tensor<4x6x5xf32>
    %fc2 = rt.weight_ref @fc2 : tensor<4x5x6xf32>
    %zero_axis = arith.constant dense<0> : tensor<1xi64>
    %one_axis = arith.constant dense<1> : tensor<1xi64>
    %last_axis = arith.constant dense<-1> : tensor<1xi64>
    %k = arith.constant dense<2> : tensor<1xi64>
    %scores = onnx.node "ai.onnx::Softmax"(%logits) {name = "scores", node_attributes = {axis = -1 : i64}, version = 20 : i64} : (tensor<?x4xf32>) -> tensor<?x4xf32>
    %id = onnx.node "ai.onnx::ArgMax"(%scores) {name = "id", node_attributes = {axis = -1 : i64, keepdims = 1 : i64, select_last_index = 0 : i64}, version = 20 : i64} : (tensor<?x4xf32>) -> tensor<?x1xi64>
    %share = onnx.node "ai.onnx::ReduceMax"(%scores, %last_axis) {name = "share", node_attributes = {keepdims = 1 : i64}, version = 20 : i64} : (tensor<?x4xf32>, tensor<1xi64>) -> tensor<?x1xf32>
    %gathered1 = onnx.node "ai.onnx::Gather"(%fc1, %id) {name = "gathered1", node_attributes = {axis = 0 : i64}, version = 20 : i64} : (tensor<4x6x5xf32>, tensor<?x1xi64>) -> tensor<?x1x6x5xf32>
    %middle = arith.constant dense<[1, 2]> : tensor<2xi64>
    %vector = onnx.node "ai.onnx::Unsqueeze"(%x, %middle) {name = "vector", version = 20 : i64} : (tensor<?x6xf32>, tensor<2xi64>) -> tensor<?x1x1x6xf32>
    %product1 = onnx.node "ai.onnx::MatMul"(%vector, %gathered1) {name = "product1", version = 20 : i64} : (tensor<?x1x1x6xf32>, tensor<?x1x6x5xf32>) -> tensor<?x1x1x5xf32>
    %active = onnx.node "ai.onnx::Relu"(%product1) {name = "active", version = 20 : i64} : (tensor<?x1x1x5xf32>) -> tensor<?x1x1x5xf32>
    %gathered2 = onnx.node "ai.onnx::Gather"(%fc2, %id) {name = "gathered2", node_attributes = {axis = 0 : i64}, version = 20 : i64} : (tensor<4x5x6xf32>, tensor<?x1xi64>) -> tensor<?x1x5x6xf32>
    %product2 = onnx.node "ai.onnx::MatMul"(%active, %gathered2) {name = "product2", version = 20 : i64} : (tensor<?x1x1x5xf32>, tensor<?x1x5x6xf32>) -> tensor<?x1x1x6xf32>
    %outputs = onnx.node "ai.onnx::Squeeze"(%product2, %one_axis) {name = "outputs", version = 20 : i64} : (tensor<?x1x1x6xf32>, tensor<1xi64>) -> tensor<?x1x6xf32>
    %factors = onnx.node "ai.onnx::Unsqueeze"(%share, %last_axis) {name = "factors", version = 20 : i64} : (tensor<?x1xf32>, tensor<1xi64>) -> tensor<?x1x1xf32>
    %weighed = onnx.node "ai.onnx::Mul"(%factors, %outputs) {name = "weighed", version = 20 : i64} : (tensor<?x1x1xf32>, tensor<?x1x6xf32>) -> tensor<?x1x6xf32>
    %y = onnx.node "ai.onnx::ReduceSum"(%weighed, %one_axis) {name = "y", node_attributes = {keepdims = 0 : i64}, version = 20 : i64} : (tensor<?x1x6xf32>, tensor<1xi64>) -> tensor<?x6xf32>
    return %y : tensor<?x6xf32>
  }
}
