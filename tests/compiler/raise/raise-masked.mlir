// All experts on all tokens, each times the sum of the weights whose id is its own (mobius).
// RUN: moe-opt %s --moe-raise-masked | FileCheck %s
// In f16, terms that are added up in f32 are the same terms.
// RUN: sed -e 's/f32/f16/g; s/360, raw/180, raw/; s/120, raw/60, raw/; /-> tensor<?x6xf16> {$/s/f16> {$/f32> {/; s/return %%y : tensor<?x6xf16>/return %%y : tensor<?x6xf32>/; s/^    %%y = onnx.node "ai.onnx::Add"(%%partial, %%part2).*/    %%wide0 = onnx.node "ai.onnx::Cast"(%%partial) {name = "wide0", node_attributes = {to = 1 : i64}, version = 20 : i64} : (tensor<?x6xf16>) -> tensor<?x6xf32>\n    %%wide1 = onnx.node "ai.onnx::Cast"(%%part2) {name = "wide1", node_attributes = {to = 1 : i64}, version = 20 : i64} : (tensor<?x6xf16>) -> tensor<?x6xf32>\n    %%y = onnx.node "ai.onnx::Add"(%%wide0, %%wide1) {name = "y", version = 20 : i64} : (tensor<?x6xf32>, tensor<?x6xf32>) -> tensor<?x6xf32>/' %s | moe-opt --moe-raise-masked | FileCheck %s --check-prefix=WIDENED
// WIDENED-NOT: ai.onnx::Add
// WIDENED: %[[ROWS:.*]] = moe.combine
// WIDENED-NOT: onnx.node
// WIDENED: return %[[ROWS]] : tensor<?x6xf32>
// Terms that are rounded to bf16 are others.
// RUN: sed -e 's/f32/f16/g; s/360, raw/180, raw/; s/120, raw/60, raw/; /-> tensor<?x6xf16> {$/s/f16> {$/bf16> {/; s/return %%y : tensor<?x6xf16>/return %%y : tensor<?x6xbf16>/; s/^    %%y = onnx.node "ai.onnx::Add"(%%partial, %%part2).*/    %%wide0 = onnx.node "ai.onnx::Cast"(%%partial) {name = "wide0", node_attributes = {to = 16 : i64}, version = 20 : i64} : (tensor<?x6xf16>) -> tensor<?x6xbf16>\n    %%wide1 = onnx.node "ai.onnx::Cast"(%%part2) {name = "wide1", node_attributes = {to = 16 : i64}, version = 20 : i64} : (tensor<?x6xf16>) -> tensor<?x6xbf16>\n    %%y = onnx.node "ai.onnx::Add"(%%wide0, %%wide1) {name = "y", version = 20 : i64} : (tensor<?x6xbf16>, tensor<?x6xbf16>) -> tensor<?x6xbf16>/' %s | moe-opt --moe-raise-masked 2>&1 | FileCheck %s --check-prefix=ROUNDED
// ROUNDED: onnx.node "ai.onnx::Add"({{.*}}-> tensor<?x6xbf16>
// An expert is added twice.
// RUN: sed -e 's/%%number2 = arith.constant dense<2>/%%number2 = arith.constant dense<1>/' %s | moe-opt --moe-raise-masked 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS0
// MISS0: remark: the masked experts stay plain: node 'part2' (ai.onnx::Mul): expert 1 is added twice
// An expert that the router does not know.
// RUN: sed -e 's/%%number2 = arith.constant dense<2>/%%number2 = arith.constant dense<3>/' %s | moe-opt --moe-raise-masked 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS1
// MISS1: remark: the masked experts stay plain: node 'part2' (ai.onnx::Mul): there is no expert 3 of 3
// An expert is not added.
// RUN: sed -e '/"y"/s/%%part2/%%rows2/' %s | moe-opt --moe-raise-masked 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS2
// MISS2: remark: the masked experts stay plain: expert 2 of 3 is not added
// An expert is not masked.
// RUN: sed -e '/"y"/s/Add/Sub/' %s | moe-opt --moe-raise-masked 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS3
// MISS3: remark: the masked experts stay plain: expert 2 of 3 is not added
// Masks of other ids.
// RUN: sed -e '/"chosen1"/s/%%top#1/%%others/; s/^    %%number1 /    %%others = onnx.node "ai.onnx::Neg"(%%top#1) {name = "others", version = 20 : i64} : (tensor<?x2xi64>) -> tensor<?x2xi64>\n    %%number1 /' %s | moe-opt --moe-raise-masked 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS4
// MISS4: remark: the masked experts stay plain: expert 1 of 3 is not added
// Weights of other scores.
// RUN: sed -e '/"masked1"/s/%%top#0/%%others/; s/^    %%number1 /    %%others = onnx.node "ai.onnx::Neg"(%%top#0) {name = "others", version = 20 : i64} : (tensor<?x2xf32>) -> tensor<?x2xf32>\n    %%number1 /' %s | moe-opt --moe-raise-masked 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS5
// MISS5: remark: the masked experts stay plain: node 'part1' (ai.onnx::Mul): expert 1 has other ids or weights than expert 0
// The share is summed over the tokens.
// RUN: sed -e 's/%%last = arith.constant dense<-1>/%%last = arith.constant dense<0>/; s/"share\(.*\)-> tensor<?x1xf32>/"share\1-> tensor<1x2xf32>/; s/"part\(.*\)tensor<?x1xf32>/"part\1tensor<1x2xf32>/' %s | moe-opt --moe-raise-masked 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS6
// MISS6: remark: the masked experts stay plain: node 'share0' (ai.onnx::ReduceSum): it does not sum over the slots
// One expert reads other tokens.
// RUN: sed -e '/"inner1"/s/%%x/%%others/; s/^    %%number1 /    %%others = onnx.node "ai.onnx::Neg"(%%x) {name = "others", version = 20 : i64} : (tensor<?x6xf32>) -> tensor<?x6xf32>\n    %%number1 /' %s | moe-opt --moe-raise-masked 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS7
// MISS7: remark: the masked experts stay plain: expert 1 reads other tokens than expert 0
// One expert has another activation.
// RUN: sed -e '/"active1"/s/Relu/Gelu/' %s | moe-opt --moe-raise-masked 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS8
// MISS8: remark: the masked experts stay plain: expert 1 has another activation than expert 0
// One expert is scaled by its rows.
// RUN: sed -e '/"part1"/s/%%share1/%%rows1/; /"part1"/s/tensor<?x1xf32>/tensor<?x6xf32>/' %s | moe-opt --moe-raise-masked 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS9
// MISS9: remark: the masked experts stay plain: expert 1 of 3 is not added
// Somebody else reads a part.
// RUN: sed -e '/-> tensor<?x6xf32> {/s/-> tensor<?x6xf32> {/-> (tensor<?x6xf32>, tensor<?x6xf32>) {/; s/^    return %%y.*/    return %%y, %%part1 : tensor<?x6xf32>, tensor<?x6xf32>/' %s | moe-opt --moe-raise-masked 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS10
// MISS10: remark: the masked experts stay plain: node 'part1' (ai.onnx::Mul): its result is also read by 'func.return'
// Somebody else reads an inner result.
// RUN: sed -e '/-> tensor<?x6xf32> {/s/-> tensor<?x6xf32> {/-> (tensor<?x6xf32>, tensor<?x5xf32>) {/; s/^    return %%y.*/    return %%y, %%active1 : tensor<?x6xf32>, tensor<?x5xf32>/' %s | moe-opt --moe-raise-masked 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS11
// MISS11: remark: the masked experts stay plain: node 'active1' (ai.onnx::Relu): its result is also read by 'func.return'
// The worst experts are chosen.
// RUN: sed -e '/"top"/s/largest = 1/largest = 0/' %s | moe-opt --moe-raise-masked 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS12
// MISS12: remark: the masked experts stay plain: node 'top' (ai.onnx::TopK): it takes the smallest
// A share is compared with something that is no number.
// RUN: sed -e '/"chosen1"/s/%%number1/%%top#1/; /"chosen1"/s/tensor<i64>/tensor<?x2xi64>/' %s | moe-opt --moe-raise-masked 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS13
// MISS13: remark: the masked experts stay plain: expert 1 of 3 is not added
// Other experts get a weight, too.
// RUN: sed -e '/"masked1"/s/Mul"(%%top#0, %%mask1)/Where"(%%chosen1, %%top#0, %%top#0)/; /"masked1"/s/(tensor<?x2xf32>/(tensor<?x2xi1>, tensor<?x2xf32>/' %s | moe-opt --moe-raise-masked 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS14
// MISS14: remark: the masked experts stay plain: node 'masked1' (ai.onnx::Where): the weight of other experts is not 0
// A row has two shares.
// RUN: sed -e '/"part1"/s/%%share1/%%two/; /"part1"/s/tensor<?x1xf32>/tensor<1x?xf32>/; s/^    %%part1 /    %%two = onnx.node "ai.onnx::Reshape"(%%share1, %%pair) {name = "two", version = 20 : i64} : (tensor<?x1xf32>, tensor<2xi64>) -> tensor<1x?xf32>\n    %%part1 /; s/^    %%k /    %%pair = arith.constant dense<[1, -1]> : tensor<2xi64>\n    %%k /' %s | moe-opt --moe-raise-masked 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS15
// MISS15: remark: the masked experts stay plain: node 'part1' (ai.onnx::Mul): it does not multiply each row by one share
// A part of another sum, of the same choices but weights that the gate does not express, is added to the layer.
// RUN: sed -e '/"masked/s/%%top#0/%%odd/; s/^    %%number0 /    %%odd = onnx.node "ai.onnx::Tanh"(%%top#0) {name = "odd", version = 20 : i64} : (tensor<?x2xf32>) -> tensor<?x2xf32>\n&/; s/^    %%partial /    %%hit0 = onnx.node "ai.onnx::Equal"(%%top#1, %%number0) {name = "hit0", version = 20 : i64} : (tensor<?x2xi64>, tensor<i64>) -> tensor<?x2xi1>\n    %%bit0 = onnx.node "ai.onnx::CastLike"(%%hit0, %%odd) {name = "bit0", version = 20 : i64} : (tensor<?x2xi1>, tensor<?x2xf32>) -> tensor<?x2xf32>\n    %%left0 = onnx.node "ai.onnx::Mul"(%%odd, %%bit0) {name = "left0", version = 20 : i64} : (tensor<?x2xf32>, tensor<?x2xf32>) -> tensor<?x2xf32>\n    %%piece0 = onnx.node "ai.onnx::ReduceSum"(%%left0, %%last) {name = "piece0", node_attributes = {keepdims = 1 : i64}, version = 20 : i64} : (tensor<?x2xf32>, tensor<1xi64>) -> tensor<?x1xf32>\n    %%own = onnx.node "ai.onnx::Mul"(%%x, %%piece0) {name = "own", version = 20 : i64} : (tensor<?x6xf32>, tensor<?x1xf32>) -> tensor<?x6xf32>\n    %%hit1 = onnx.node "ai.onnx::Equal"(%%top#1, %%number1) {name = "hit1", version = 20 : i64} : (tensor<?x2xi64>, tensor<i64>) -> tensor<?x2xi1>\n    %%bit1 = onnx.node "ai.onnx::CastLike"(%%hit1, %%odd) {name = "bit1", version = 20 : i64} : (tensor<?x2xi1>, tensor<?x2xf32>) -> tensor<?x2xf32>\n    %%left1 = onnx.node "ai.onnx::Mul"(%%odd, %%bit1) {name = "left1", version = 20 : i64} : (tensor<?x2xf32>, tensor<?x2xf32>) -> tensor<?x2xf32>\n    %%piece1 = onnx.node "ai.onnx::ReduceSum"(%%left1, %%last) {name = "piece1", node_attributes = {keepdims = 1 : i64}, version = 20 : i64} : (tensor<?x2xf32>, tensor<1xi64>) -> tensor<?x1xf32>\n    %%gift = onnx.node "ai.onnx::Mul"(%%x, %%piece1) {name = "gift", version = 20 : i64} : (tensor<?x6xf32>, tensor<?x1xf32>) -> tensor<?x6xf32>\n    %%first = onnx.node "ai.onnx::Add"(%%own, %%gift) {name = "first", version = 20 : i64} : (tensor<?x6xf32>, tensor<?x6xf32>) -> tensor<?x6xf32>\n&/; /-> tensor<?x6xf32> {/s/-> tensor<?x6xf32> {/-> (tensor<?x6xf32>, tensor<?x6xf32>) {/; s/^    return %%y.*/    %%z = onnx.node "ai.onnx::Add"(%%gift, %%y) {name = "z", version = 20 : i64} : (tensor<?x6xf32>, tensor<?x6xf32>) -> tensor<?x6xf32>\n    return %%z, %%first : tensor<?x6xf32>, tensor<?x6xf32>/' %s | moe-opt --moe-raise-masked 2>&1 | FileCheck %s --check-prefix=SHARED
// SHARED: %[[GIFT:.*]] = onnx.node "ai.onnx::Mul"(%{{.*}}, %{{.*}}) {name = "gift"
// SHARED: %[[LAYER:.*]] = moe.combine
// SHARED: onnx.node "ai.onnx::Add"(%[[GIFT]], %[[LAYER]]) {name = "z"

// CHECK-DAG: rt.weight @y.gate : tensor<3x5x6xf32> = #rt.step<stack,
// CHECK-DAG: rt.weight @y.down : tensor<3x6x5xf32> = #rt.step<stack,
// CHECK: func.func @main(%{{.*}}: index {rt.dim = "t"}, %[[X:.*]]: tensor<?x6xf32> {{.*}}, %[[LOGITS:.*]]: tensor<?x3xf32>
// CHECK-NOT: onnx.node
// CHECK: %[[IDS:.*]], %[[W:.*]] = moe.gate %[[LOGITS]] {gating = #moe.gating<>} : tensor<?x3xf32> -> tensor<?x2xi32>, tensor<?x2xf32>
// CHECK: %[[ROWS:.*]], %[[ROUTE:.*]] = moe.dispatch %[[X]], %[[IDS]]
// CHECK: moe.expert %[[ROWS]], %[[ROUTE]] gate %{{.*}} down %{{.*}} {activation = #moe.activation<relu>}
// CHECK: %[[OUT:.*]] = moe.combine %{{.*}}, %[[ROUTE]], %[[W]]
// CHECK-NEXT: return %[[OUT]]

// A miss leaves the sum of the experts as it is.
// PLAIN-NOT: moe.gate
// PLAIN: name = "y"
module {
  rt.weight @up0 : tensor<6x5xf32> = #rt.source<"m.onnx", 0, 120, raw> : tensor<6x5xf32>
  rt.weight @down0 : tensor<5x6xf32> = #rt.source<"m.onnx", 120, 120, raw> : tensor<5x6xf32>
  rt.weight @up1 : tensor<6x5xf32> = #rt.source<"m.onnx", 240, 120, raw> : tensor<6x5xf32>
  rt.weight @down1 : tensor<5x6xf32> = #rt.source<"m.onnx", 360, 120, raw> : tensor<5x6xf32>
  rt.weight @up2 : tensor<6x5xf32> = #rt.source<"m.onnx", 480, 120, raw> : tensor<6x5xf32>
  rt.weight @down2 : tensor<5x6xf32> = #rt.source<"m.onnx", 600, 120, raw> : tensor<5x6xf32>
  func.func @main(%t: index {rt.dim = "t"}, %x: tensor<?x6xf32> {rt.name = "x", rt.shape = ["t", 6]},
                  %logits: tensor<?x3xf32> {rt.name = "logits", rt.shape = ["t", 3]}) -> tensor<?x6xf32> {
    %up0 = rt.weight_ref @up0 : tensor<6x5xf32>
    %down0 = rt.weight_ref @down0 : tensor<5x6xf32>
    %up1 = rt.weight_ref @up1 : tensor<6x5xf32>
    %down1 = rt.weight_ref @down1 : tensor<5x6xf32>
    %up2 = rt.weight_ref @up2 : tensor<6x5xf32>
    %down2 = rt.weight_ref @down2 : tensor<5x6xf32>
    %k = arith.constant dense<2> : tensor<1xi64>
    %last = arith.constant dense<-1> : tensor<1xi64>
    %scores = onnx.node "ai.onnx::Softmax"(%logits) {name = "scores", node_attributes = {axis = -1 : i64}, version = 20 : i64} : (tensor<?x3xf32>) -> tensor<?x3xf32>
    %top:2 = onnx.node "ai.onnx::TopK"(%scores, %k) {name = "top", node_attributes = {axis = -1 : i64, largest = 1 : i64, sorted = 1 : i64}, version = 20 : i64} : (tensor<?x3xf32>, tensor<1xi64>) -> (tensor<?x2xf32>, tensor<?x2xi64>)
    %number0 = arith.constant dense<0> : tensor<i64>
    %chosen0 = onnx.node "ai.onnx::Equal"(%top#1, %number0) {name = "chosen0", version = 20 : i64} : (tensor<?x2xi64>, tensor<i64>) -> tensor<?x2xi1>
    %mask0 = onnx.node "ai.onnx::CastLike"(%chosen0, %top#0) {name = "mask0", version = 20 : i64} : (tensor<?x2xi1>, tensor<?x2xf32>) -> tensor<?x2xf32>
    %masked0 = onnx.node "ai.onnx::Mul"(%top#0, %mask0) {name = "masked0", version = 20 : i64} : (tensor<?x2xf32>, tensor<?x2xf32>) -> tensor<?x2xf32>
    %share0 = onnx.node "ai.onnx::ReduceSum"(%masked0, %last) {name = "share0", node_attributes = {keepdims = 1 : i64}, version = 20 : i64} : (tensor<?x2xf32>, tensor<1xi64>) -> tensor<?x1xf32>
    %number1 = arith.constant dense<1> : tensor<i64>
    %chosen1 = onnx.node "ai.onnx::Equal"(%top#1, %number1) {name = "chosen1", version = 20 : i64} : (tensor<?x2xi64>, tensor<i64>) -> tensor<?x2xi1>
    %mask1 = onnx.node "ai.onnx::CastLike"(%chosen1, %top#0) {name = "mask1", version = 20 : i64} : (tensor<?x2xi1>, tensor<?x2xf32>) -> tensor<?x2xf32>
    %masked1 = onnx.node "ai.onnx::Mul"(%top#0, %mask1) {name = "masked1", version = 20 : i64} : (tensor<?x2xf32>, tensor<?x2xf32>) -> tensor<?x2xf32>
    %share1 = onnx.node "ai.onnx::ReduceSum"(%masked1, %last) {name = "share1", node_attributes = {keepdims = 1 : i64}, version = 20 : i64} : (tensor<?x2xf32>, tensor<1xi64>) -> tensor<?x1xf32>
    %number2 = arith.constant dense<2> : tensor<i64>
    %chosen2 = onnx.node "ai.onnx::Equal"(%top#1, %number2) {name = "chosen2", version = 20 : i64} : (tensor<?x2xi64>, tensor<i64>) -> tensor<?x2xi1>
    %mask2 = onnx.node "ai.onnx::CastLike"(%chosen2, %top#0) {name = "mask2", version = 20 : i64} : (tensor<?x2xi1>, tensor<?x2xf32>) -> tensor<?x2xf32>
    %masked2 = onnx.node "ai.onnx::Mul"(%top#0, %mask2) {name = "masked2", version = 20 : i64} : (tensor<?x2xf32>, tensor<?x2xf32>) -> tensor<?x2xf32>
    %share2 = onnx.node "ai.onnx::ReduceSum"(%masked2, %last) {name = "share2", node_attributes = {keepdims = 1 : i64}, version = 20 : i64} : (tensor<?x2xf32>, tensor<1xi64>) -> tensor<?x1xf32>
    %inner0 = onnx.node "ai.onnx::MatMul"(%x, %up0) {name = "inner0", version = 20 : i64} : (tensor<?x6xf32>, tensor<6x5xf32>) -> tensor<?x5xf32>
    %active0 = onnx.node "ai.onnx::Relu"(%inner0) {name = "active0", version = 20 : i64} : (tensor<?x5xf32>) -> tensor<?x5xf32>
    %rows0 = onnx.node "ai.onnx::MatMul"(%active0, %down0) {name = "rows0", version = 20 : i64} : (tensor<?x5xf32>, tensor<5x6xf32>) -> tensor<?x6xf32>
    %inner1 = onnx.node "ai.onnx::MatMul"(%x, %up1) {name = "inner1", version = 20 : i64} : (tensor<?x6xf32>, tensor<6x5xf32>) -> tensor<?x5xf32>
    %active1 = onnx.node "ai.onnx::Relu"(%inner1) {name = "active1", version = 20 : i64} : (tensor<?x5xf32>) -> tensor<?x5xf32>
    %rows1 = onnx.node "ai.onnx::MatMul"(%active1, %down1) {name = "rows1", version = 20 : i64} : (tensor<?x5xf32>, tensor<5x6xf32>) -> tensor<?x6xf32>
    %inner2 = onnx.node "ai.onnx::MatMul"(%x, %up2) {name = "inner2", version = 20 : i64} : (tensor<?x6xf32>, tensor<6x5xf32>) -> tensor<?x5xf32>
    %active2 = onnx.node "ai.onnx::Relu"(%inner2) {name = "active2", version = 20 : i64} : (tensor<?x5xf32>) -> tensor<?x5xf32>
    %rows2 = onnx.node "ai.onnx::MatMul"(%active2, %down2) {name = "rows2", version = 20 : i64} : (tensor<?x5xf32>, tensor<5x6xf32>) -> tensor<?x6xf32>
    %part0 = onnx.node "ai.onnx::Mul"(%rows0, %share0) {name = "part0", version = 20 : i64} : (tensor<?x6xf32>, tensor<?x1xf32>) -> tensor<?x6xf32>
    %part1 = onnx.node "ai.onnx::Mul"(%rows1, %share1) {name = "part1", version = 20 : i64} : (tensor<?x6xf32>, tensor<?x1xf32>) -> tensor<?x6xf32>
    %part2 = onnx.node "ai.onnx::Mul"(%rows2, %share2) {name = "part2", version = 20 : i64} : (tensor<?x6xf32>, tensor<?x1xf32>) -> tensor<?x6xf32>
    %partial = onnx.node "ai.onnx::Add"(%part0, %part1) {name = "partial", version = 20 : i64} : (tensor<?x6xf32>, tensor<?x6xf32>) -> tensor<?x6xf32>
    %y = onnx.node "ai.onnx::Add"(%partial, %part2) {name = "y", version = 20 : i64} : (tensor<?x6xf32>, tensor<?x6xf32>) -> tensor<?x6xf32>
    return %y : tensor<?x6xf32>
  }
}
