// All experts on all tokens, of which the rows of the chosen ones are selected.
// RUN: moe-opt %s --moe-raise-selected | FileCheck %s
// Rows by pairs of a token and an expert, and by their positions.
// RUN: sed -e 's/"ai.onnx::GatherElements"(%%all, %%index)/"ai.onnx::GatherND"(%%all, %%pairs)/; /"rows"/{s/, node_attributes = {axis = 1 : i64}//; s/tensor<?x2x6xi64>/tensor<?x2x2xi64>/}' %s > %t.pairs.mlir
// RUN: moe-opt %t.pairs.mlir --moe-raise-selected | FileCheck %s
// RUN: sed -e 's/"ai.onnx::GatherElements"(%%all, %%index)/"ai.onnx::Gather"(%%flat, %%positions)/; /"rows"/{s/axis = 1/axis = 0/; s/tensor<?x3x6xf32>, tensor<?x2x6xi64>/tensor<?x6xf32>, tensor<?x2xi64>/}' %s > %t.positions.mlir
// RUN: moe-opt %t.positions.mlir --moe-raise-selected | FileCheck %s
// Pairs of other tokens.
// RUN: sed -e '/"standing"/s/%%numbers/%%turned/' %t.pairs.mlir | moe-opt --moe-raise-selected 2>&1 | FileCheck %s --check-prefixes=PLAIN,PAIRS0
// PAIRS0: remark: the selected experts stay plain: node 'pairs' (ai.onnx::Concat): its rows are not counted from 0 to t
// RUN: sed -e '/"repeated"/s/(%%standing, /(%%lying, /; /"repeated"/s/tensor<?x1xi64>/tensor<1x?xi64>/' %t.pairs.mlir | moe-opt --moe-raise-selected 2>&1 | FileCheck %s --check-prefixes=PLAIN,PAIRS1
// PAIRS1: remark: the selected experts stay plain: node 'repeated' (ai.onnx::Expand): it does not repeat the number of each token
// Pairs of an expert and a token.
// RUN: sed -e '/name = "pairs"/{s/(%%left, %%column)/(%%column, %%left)/; s/(!onnx.unknown, tensor<?x2x1xi64>)/(tensor<?x2x1xi64>, !onnx.unknown)/}' %t.pairs.mlir | moe-opt --moe-raise-selected 2>&1 | FileCheck %s --check-prefixes=PLAIN,PAIRS2
// PAIRS2: remark: the selected experts stay plain: node 'pairs' (ai.onnx::Concat): its rows are not counted from 0 to t
// Positions of other tokens, and in steps of another number.
// RUN: sed -e '/"standing"/s/%%numbers/%%turned/' %t.positions.mlir | moe-opt --moe-raise-selected 2>&1 | FileCheck %s --check-prefixes=PLAIN,AT0
// AT0: remark: the selected experts stay plain: node 'starts' (ai.onnx::Mul): its rows are not counted from 0 to t
// RUN: sed -e '/"starts"/s/%%experts/%%k/' %t.positions.mlir | moe-opt --moe-raise-selected 2>&1 | FileCheck %s --check-prefixes=PLAIN,AT1
// AT1: remark: the selected experts stay plain: node 'rows' (ai.onnx::Gather): it does not select rows of experts by the ids of their tokens
// The rows are selected along the tokens.
// RUN: sed -e '/"rows"/s/axis = 1/axis = 0/' %s | moe-opt --moe-raise-selected 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS0
// MISS0: remark: the selected experts stay plain: node 'rows' (ai.onnx::GatherElements): it does not select rows of experts by the ids of their tokens
// The choice is of the worst.
// RUN: sed -e '/"top"/s/axis = -1 : i64/axis = -1 : i64, largest = 0 : i64/' %s | moe-opt --moe-raise-selected 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS1
// MISS1: remark: the selected experts stay plain: node 'top' (ai.onnx::TopK): it takes the smallest
// The sum runs over the tokens.
// RUN: sed -e '/name = "y"/{s/%%second/%%first/; s/-> tensor<?x6xf32>/-> tensor<2x6xf32>/}; s/return %%y : tensor<?x6xf32>/return %%y : tensor<2x6xf32>/; s/-> tensor<?x6xf32> {$/-> tensor<2x6xf32> {/' %s | moe-opt --moe-raise-selected 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS2
// MISS2: remark: the selected experts stay plain: it does not sum 2 slots of 6 elements
// The product is not summed.
// RUN: sed -e '/name = "y"/d; s/return %%y : tensor<?x6xf32>/return %%weighed : tensor<?x2x6xf32>/; s/-> tensor<?x6xf32> {$/-> tensor<?x2x6xf32> {/' %s | moe-opt --moe-raise-selected 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS3
// MISS3: remark: the selected experts stay plain: the rows of 2 slots are not summed
// Somebody else reads an expert.
// RUN: sed -e 's/return %%y : tensor<?x6xf32>/return %%y, %%all : tensor<?x6xf32>, tensor<?x3x6xf32>/; s/-> tensor<?x6xf32> {$/-> (tensor<?x6xf32>, tensor<?x3x6xf32>) {/' %s | moe-opt --moe-raise-selected 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS4
// MISS4: remark: the selected experts stay plain: node 'rows' (ai.onnx::GatherElements): what all experts give is also read by 'func.return'

// CHECK: func.func @main(%{{.*}}: index {rt.dim = "t"}, %[[X:.*]]: tensor<?x6xf32> {{.*}}, %[[LOGITS:.*]]: tensor<?x3xf32>
// CHECK-NOT: onnx.node
// CHECK: %[[IDS:.*]], %[[W:.*]] = moe.gate %[[LOGITS]] {gating = #moe.gating<order = select_then_score>} : tensor<?x3xf32> -> tensor<?x2xi32>, tensor<?x2xf32>
// CHECK: %[[ROWS:.*]], %[[ROUTE:.*]] = moe.dispatch %[[X]], %[[IDS]]
// CHECK: moe.expert %[[ROWS]], %[[ROUTE]] gate %{{.*}} down %{{.*}} {activation = #moe.activation<relu>}
// CHECK: %[[OUT:.*]] = moe.combine %{{.*}}, %[[ROUTE]], %[[W]]
// CHECK-NEXT: return %[[OUT]]

// PLAIN-NOT: moe.gate
// PLAIN: name = "weighed"
module {
  rt.weight @up : tensor<3x6x5xf32> = #rt.source<"m.onnx", 0, 360, raw> : tensor<3x6x5xf32>
  rt.weight @down : tensor<3x5x6xf32> = #rt.source<"m.onnx", 360, 360, raw> : tensor<3x5x6xf32>
  func.func @main(%t: index {rt.dim = "t"}, %x: tensor<?x6xf32> {rt.name = "x", rt.shape = ["t", 6]},
                  %logits: tensor<?x3xf32> {rt.name = "logits", rt.shape = ["t", 3]}) -> tensor<?x6xf32> {
    %up = rt.weight_ref @up : tensor<3x6x5xf32>
    %down = rt.weight_ref @down : tensor<3x5x6xf32>
    %k = arith.constant dense<2> : tensor<1xi64>
    %first = arith.constant dense<0> : tensor<1xi64>
    %second = arith.constant dense<1> : tensor<1xi64>
    %last = arith.constant dense<-1> : tensor<1xi64>
    %zero = arith.constant dense<0> : tensor<i64>
    %one = arith.constant dense<1> : tensor<i64>
    %wide = arith.constant dense<[1, 1, 6]> : tensor<3xi64>
    %top:2 = onnx.node "ai.onnx::TopK"(%logits, %k) {name = "top", node_attributes = {axis = -1 : i64}, version = 20 : i64} : (tensor<?x3xf32>, tensor<1xi64>) -> (tensor<?x2xf32>, tensor<?x2xi64>)
    %weights = onnx.node "ai.onnx::Softmax"(%top#0) {name = "weights", node_attributes = {axis = -1 : i64}, version = 20 : i64} : (tensor<?x2xf32>) -> tensor<?x2xf32>
    %inner = onnx.node "ai.onnx::Einsum"(%x, %up) {name = "inner", node_attributes = {equation = "th,ehi->tei"}, version = 20 : i64} : (tensor<?x6xf32>, tensor<3x6x5xf32>) -> tensor<?x3x5xf32>
    %active = onnx.node "ai.onnx::Relu"(%inner) {name = "active", version = 20 : i64} : (tensor<?x3x5xf32>) -> tensor<?x3x5xf32>
    %all = onnx.node "ai.onnx::Einsum"(%active, %down) {name = "all", node_attributes = {equation = "tei,eih->teh"}, version = 20 : i64} : (tensor<?x3x5xf32>, tensor<3x5x6xf32>) -> tensor<?x3x6xf32>
    %column = onnx.node "ai.onnx::Unsqueeze"(%top#1, %last) {name = "column", version = 20 : i64} : (tensor<?x2xi64>, tensor<1xi64>) -> tensor<?x2x1xi64>
    %index = onnx.node "ai.onnx::Expand"(%column, %wide) {name = "index", version = 20 : i64} : (tensor<?x2x1xi64>, tensor<3xi64>) -> tensor<?x2x6xi64>
    %sizes = onnx.node "ai.onnx::Shape"(%x) {name = "sizes", version = 20 : i64} : (tensor<?x6xf32>) -> tensor<2xi64>
    %tokens = onnx.node "ai.onnx::Gather"(%sizes, %zero) {name = "tokens", version = 20 : i64} : (tensor<2xi64>, tensor<i64>) -> tensor<i64>
    %numbers = onnx.node "ai.onnx::Range"(%zero, %tokens, %one) {name = "numbers", version = 20 : i64} : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<?xi64>
    %turned = onnx.node "ai.onnx::Neg"(%numbers) {name = "turned", version = 20 : i64} : (tensor<?xi64>) -> tensor<?xi64>
    %standing = onnx.node "ai.onnx::Unsqueeze"(%numbers, %second) {name = "standing", version = 20 : i64} : (tensor<?xi64>, tensor<1xi64>) -> tensor<?x1xi64>
    %lying = onnx.node "ai.onnx::Unsqueeze"(%numbers, %first) {name = "lying", version = 20 : i64} : (tensor<?xi64>, tensor<1xi64>) -> tensor<1x?xi64>
    %slots = onnx.node "ai.onnx::Shape"(%top#1) {name = "slots", version = 20 : i64} : (tensor<?x2xi64>) -> tensor<2xi64>
    %repeated = onnx.node "ai.onnx::Expand"(%standing, %slots) {name = "repeated", version = 20 : i64} : (tensor<?x1xi64>, tensor<2xi64>) -> !onnx.unknown
    %left = onnx.node "ai.onnx::Unsqueeze"(%repeated, %last) {name = "left", version = 20 : i64} : (!onnx.unknown, tensor<1xi64>) -> !onnx.unknown
    %pairs = onnx.node "ai.onnx::Concat"(%left, %column) {name = "pairs", node_attributes = {axis = -1 : i64}, version = 20 : i64} : (!onnx.unknown, tensor<?x2x1xi64>) -> tensor<?x2x2xi64>
    %experts = arith.constant dense<3> : tensor<1xi64>
    %row = arith.constant dense<[-1, 6]> : tensor<2xi64>
    %starts = onnx.node "ai.onnx::Mul"(%standing, %experts) {name = "starts", version = 20 : i64} : (tensor<?x1xi64>, tensor<1xi64>) -> tensor<?x1xi64>
    %positions = onnx.node "ai.onnx::Add"(%starts, %top#1) {name = "positions", version = 20 : i64} : (tensor<?x1xi64>, tensor<?x2xi64>) -> tensor<?x2xi64>
    %flat = onnx.node "ai.onnx::Reshape"(%all, %row) {name = "flat", version = 20 : i64} : (tensor<?x3x6xf32>, tensor<2xi64>) -> tensor<?x6xf32>
    %rows = onnx.node "ai.onnx::GatherElements"(%all, %index) {name = "rows", node_attributes = {axis = 1 : i64}, version = 20 : i64} : (tensor<?x3x6xf32>, tensor<?x2x6xi64>) -> tensor<?x2x6xf32>
    %shares = onnx.node "ai.onnx::Unsqueeze"(%weights, %last) {name = "shares", version = 20 : i64} : (tensor<?x2xf32>, tensor<1xi64>) -> tensor<?x2x1xf32>
    %weighed = onnx.node "ai.onnx::Mul"(%rows, %shares) {name = "weighed", version = 20 : i64} : (tensor<?x2x6xf32>, tensor<?x2x1xf32>) -> tensor<?x2x6xf32>
    %y = onnx.node "ai.onnx::ReduceSum"(%weighed, %second) {name = "y", node_attributes = {keepdims = 0 : i64}, version = 20 : i64} : (tensor<?x2x6xf32>, tensor<1xi64>) -> tensor<?x6xf32>
    return %y : tensor<?x6xf32>
  }
}
