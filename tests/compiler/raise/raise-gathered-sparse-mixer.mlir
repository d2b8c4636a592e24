// Phi-3.5-MoE: two choices, each weighed by its softmax over the logits near it.
// RUN: moe-opt %s --moe-raise-gathered | FileCheck %s
// TorchScript converts to the types that values have.
// RUN: sed -e 's/^    %%far1 = \(.*\)$/    %%over = \1\n    %%far1 = onnx.node "ai.onnx::Cast"(%%over) {name = "over", node_attributes = {to = 9 : i64}, version = 13 : i64} : (tensor<3x4xi1>) -> tensor<3x4xi1>/' -e 's/^    %%scale1 = .*$/    %%same = onnx.node "ai.onnx::Cast"(%%LARGEST) {name = "same", node_attributes = {to = 1 : i64}, version = 13 : i64} : (tensor<3x1xf32>) -> tensor<3x1xf32>\n&/' -e '/"scale1"/s/%%largest1/%%same/; s/%%LARGEST/%%largest1/' %s | moe-opt --moe-raise-gathered | FileCheck %s
// RUN: sed -e '/"choice2"/s/keepdims = 1/keepdims = 1 : i64, select_last_index = 1/' %s | moe-opt --moe-raise-gathered 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS0
// MISS0: node 'choice2' (ai.onnx::ArgMax): it takes the last of equal experts
// RUN: sed -e '/"rest"/s/%%choice1/%%others/' %s | moe-opt --moe-raise-gathered 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS1
// MISS1: node 'rest' (ai.onnx::ScatterElements): it does not set the logit of the first choice to negative infinity
// RUN: sed -e '/"far2"/s/%%threshold/%%one/' %s | moe-opt --moe-raise-gathered 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS2
// MISS2: node 'far2' (ai.onnx::Greater): expected one positive threshold, common to both choices
// RUN: sed -e '/"distance2"/s/%%logits/%%magnitude/' %s | moe-opt --moe-raise-gathered 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS3
// MISS3: node 'distance2' (ai.onnx::Sub): it is not the distance of the logits from the largest key
// RUN: sed -e '/"scale2"/s/%%largest2/%%largest1/' %s | moe-opt --moe-raise-gathered 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS4
// MISS4: node 'scale2' (ai.onnx::Max): it is not the larger of the magnitudes of the logits and the largest key
// RUN: sed -e '/"weight2"/s/%%choice2/%%choice1/' %s | moe-opt --moe-raise-gathered 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS5
// MISS5: node 'weight2' (ai.onnx::GatherElements): it is not the score of the choice
// RUN: sed -e '/"near2"/s/%%rest/%%logits/' %s | moe-opt --moe-raise-gathered 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS6
// MISS6: node 'near2' (ai.onnx::Where): the choice is not made among these keys
// RUN: sed -e '/"ids"/s/axis = 1/axis = 0/' %s | moe-opt --moe-raise-gathered 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS7
// MISS7: it does not join two choices of a token

// CHECK: moe.gate %{{.*}} {gating = #moe.gating<mixer_epsilon = {{0.00999999.*|1.000.*}} : f64>} : tensor<3x4xf32> -> tensor<3x2xi32>, tensor<3x2xf32>
// CHECK-NOT: onnx.node
// PLAIN-NOT: moe.gate
// PLAIN: ai.onnx::ReduceSum
module {
  rt.weight @up : tensor<4x5x6xf32> = #rt.source<"m.onnx", 0, 480, raw> : tensor<4x5x6xf32>
  rt.weight @down : tensor<4x6x5xf32> = #rt.source<"m.onnx", 0, 480, raw> : tensor<4x6x5xf32>
  func.func @main(%x: tensor<3x6xf32> {rt.name = "x", rt.shape = [3, 6]}, %logits: tensor<3x4xf32> {rt.name = "logits", rt.shape = [3, 4]},
                  %others: tensor<3x1xi64> {rt.name = "others", rt.shape = [3, 1]}) -> tensor<3x6xf32> {
    %up = rt.weight_ref @up : tensor<4x5x6xf32>
    %down = rt.weight_ref @down : tensor<4x6x5xf32>
    %threshold = arith.constant dense<0.02> : tensor<f32>
    %one = arith.constant dense<1.0> : tensor<f32>
    %infinity = arith.constant dense<0xFF800000> : tensor<f32>
    %infinities = arith.constant dense<0xFF800000> : tensor<3x1xf32>
    %last = arith.constant dense<-1> : tensor<1xi64>
    %middle = arith.constant dense<1> : tensor<1xi64>
    %repeats = arith.constant dense<[1, 2, 1]> : tensor<3xi64>
    %matrix = arith.constant dense<[-1, 6]> : tensor<2xi64>
    %slots = arith.constant dense<[3, 2, 6]> : tensor<3xi64>
    %magnitude = onnx.node "ai.onnx::Abs"(%logits) {version = 13 : i64} : (tensor<3x4xf32>) -> tensor<3x4xf32>
    %largest1 = onnx.node "ai.onnx::ReduceMax"(%logits, %last) {name = "largest1", node_attributes = {keepdims = 1 : i64}, version = 18 : i64} : (tensor<3x4xf32>, tensor<1xi64>) -> tensor<3x1xf32>
    %choice1 = onnx.node "ai.onnx::ArgMax"(%logits) {name = "choice1", node_attributes = {axis = -1 : i64, keepdims = 1 : i64}, version = 13 : i64} : (tensor<3x4xf32>) -> tensor<3x1xi64>
    %distance1 = onnx.node "ai.onnx::Sub"(%largest1, %logits) {name = "distance1", version = 14 : i64} : (tensor<3x1xf32>, tensor<3x4xf32>) -> tensor<3x4xf32>
    %scale1 = onnx.node "ai.onnx::Max"(%magnitude, %largest1) {name = "scale1", version = 13 : i64} : (tensor<3x4xf32>, tensor<3x1xf32>) -> tensor<3x4xf32>
    %relative1 = onnx.node "ai.onnx::Div"(%distance1, %scale1) {version = 14 : i64} : (tensor<3x4xf32>, tensor<3x4xf32>) -> tensor<3x4xf32>
    %far1 = onnx.node "ai.onnx::Greater"(%relative1, %threshold) {name = "far1", version = 13 : i64} : (tensor<3x4xf32>, tensor<f32>) -> tensor<3x4xi1>
    %near1 = onnx.node "ai.onnx::Where"(%far1, %infinity, %logits) {name = "near1", version = 16 : i64} : (tensor<3x4xi1>, tensor<f32>, tensor<3x4xf32>) -> tensor<3x4xf32>
    %scores1 = onnx.node "ai.onnx::Softmax"(%near1) {node_attributes = {axis = -1 : i64}, version = 13 : i64} : (tensor<3x4xf32>) -> tensor<3x4xf32>
    %weight1 = onnx.node "ai.onnx::GatherElements"(%scores1, %choice1) {name = "weight1", node_attributes = {axis = 1 : i64}, version = 13 : i64} : (tensor<3x4xf32>, tensor<3x1xi64>) -> tensor<3x1xf32>
    %rest = onnx.node "ai.onnx::ScatterElements"(%logits, %choice1, %infinities) {name = "rest", node_attributes = {axis = -1 : i64}, version = 18 : i64} : (tensor<3x4xf32>, tensor<3x1xi64>, tensor<3x1xf32>) -> tensor<3x4xf32>
    %largest2 = onnx.node "ai.onnx::ReduceMax"(%rest, %last) {name = "largest2", node_attributes = {keepdims = 1 : i64}, version = 18 : i64} : (tensor<3x4xf32>, tensor<1xi64>) -> tensor<3x1xf32>
    %choice2 = onnx.node "ai.onnx::ArgMax"(%rest) {name = "choice2", node_attributes = {axis = -1 : i64, keepdims = 1 : i64}, version = 13 : i64} : (tensor<3x4xf32>) -> tensor<3x1xi64>
    %distance2 = onnx.node "ai.onnx::Sub"(%largest2, %logits) {name = "distance2", version = 14 : i64} : (tensor<3x1xf32>, tensor<3x4xf32>) -> tensor<3x4xf32>
    %scale2 = onnx.node "ai.onnx::Max"(%magnitude, %largest2) {name = "scale2", version = 13 : i64} : (tensor<3x4xf32>, tensor<3x1xf32>) -> tensor<3x4xf32>
    %relative2 = onnx.node "ai.onnx::Div"(%distance2, %scale2) {version = 14 : i64} : (tensor<3x4xf32>, tensor<3x4xf32>) -> tensor<3x4xf32>
    %far2 = onnx.node "ai.onnx::Greater"(%relative2, %threshold) {name = "far2", version = 13 : i64} : (tensor<3x4xf32>, tensor<f32>) -> tensor<3x4xi1>
    %near2 = onnx.node "ai.onnx::Where"(%far2, %infinity, %rest) {name = "near2", version = 16 : i64} : (tensor<3x4xi1>, tensor<f32>, tensor<3x4xf32>) -> tensor<3x4xf32>
    %scores2 = onnx.node "ai.onnx::Softmax"(%near2) {node_attributes = {axis = -1 : i64}, version = 13 : i64} : (tensor<3x4xf32>) -> tensor<3x4xf32>
    %weight2 = onnx.node "ai.onnx::GatherElements"(%scores2, %choice2) {name = "weight2", node_attributes = {axis = 1 : i64}, version = 13 : i64} : (tensor<3x4xf32>, tensor<3x1xi64>) -> tensor<3x1xf32>
    %ids = onnx.node "ai.onnx::Concat"(%choice1, %choice2) {name = "ids", node_attributes = {axis = 1 : i64}, version = 13 : i64} : (tensor<3x1xi64>, tensor<3x1xi64>) -> tensor<3x2xi64>
    %weights = onnx.node "ai.onnx::Concat"(%weight1, %weight2) {name = "weights", node_attributes = {axis = 1 : i64}, version = 13 : i64} : (tensor<3x1xf32>, tensor<3x1xf32>) -> tensor<3x2xf32>
    %single = onnx.node "ai.onnx::Unsqueeze"(%x, %middle) {version = 13 : i64} : (tensor<3x6xf32>, tensor<1xi64>) -> tensor<3x1x6xf32>
    %expanded = onnx.node "ai.onnx::Expand"(%single, %repeats) {version = 13 : i64} : (tensor<3x1x6xf32>, tensor<3xi64>) -> tensor<3x2x6xf32>
    %rows = onnx.node "ai.onnx::Reshape"(%expanded, %matrix) {version = 14 : i64} : (tensor<3x2x6xf32>, tensor<2xi64>) -> tensor<6x6xf32>
    %flat = onnx.node "ai.onnx::Reshape"(%ids, %last) {version = 14 : i64} : (tensor<3x2xi64>, tensor<1xi64>) -> tensor<6xi64>
    %w1 = onnx.node "ai.onnx::Gather"(%up, %flat) {version = 13 : i64} : (tensor<4x5x6xf32>, tensor<6xi64>) -> tensor<6x5x6xf32>
    %column = onnx.node "ai.onnx::Unsqueeze"(%rows, %last) {version = 13 : i64} : (tensor<6x6xf32>, tensor<1xi64>) -> tensor<6x6x1xf32>
    %first = onnx.node "ai.onnx::MatMul"(%w1, %column) {version = 13 : i64} : (tensor<6x5x6xf32>, tensor<6x6x1xf32>) -> tensor<6x5x1xf32>
    %active = onnx.node "ai.onnx::Relu"(%first) {version = 14 : i64} : (tensor<6x5x1xf32>) -> tensor<6x5x1xf32>
    %w2 = onnx.node "ai.onnx::Gather"(%down, %flat) {version = 13 : i64} : (tensor<4x6x5xf32>, tensor<6xi64>) -> tensor<6x6x5xf32>
    %second = onnx.node "ai.onnx::MatMul"(%w2, %active) {version = 13 : i64} : (tensor<6x6x5xf32>, tensor<6x5x1xf32>) -> tensor<6x6x1xf32>
    %result = onnx.node "ai.onnx::Squeeze"(%second, %last) {version = 13 : i64} : (tensor<6x6x1xf32>, tensor<1xi64>) -> tensor<6x6xf32>
    %factors = onnx.node "ai.onnx::Reshape"(%weights, %last) {version = 14 : i64} : (tensor<3x2xf32>, tensor<1xi64>) -> tensor<6xf32>
    %factor = onnx.node "ai.onnx::Unsqueeze"(%factors, %last) {version = 13 : i64} : (tensor<6xf32>, tensor<1xi64>) -> tensor<6x1xf32>
    %weighed = onnx.node "ai.onnx::Mul"(%result, %factor) {version = 14 : i64} : (tensor<6x6xf32>, tensor<6x1xf32>) -> tensor<6x6xf32>
    %parts = onnx.node "ai.onnx::Reshape"(%weighed, %slots) {version = 14 : i64} : (tensor<6x6xf32>, tensor<3xi64>) -> tensor<3x2x6xf32>
    %y = onnx.node "ai.onnx::ReduceSum"(%parts, %middle) {name = "y", node_attributes = {keepdims = 0 : i64}, version = 13 : i64} : (tensor<3x2x6xf32>, tensor<1xi64>) -> tensor<3x6xf32>
    return %y : tensor<3x6xf32>
  }
}
