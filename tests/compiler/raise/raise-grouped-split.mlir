// Rows split by the counts of the choices, one product a piece, and the weighed rows added to their tokens (the parallel experts of JetMoE).
// RUN: moe-opt %s --moe-raise-grouped | FileCheck %s
// Each group has a bias.
// RUN: sed -e '/"up_product/s/%%up\([0-2]\))/%%up\1, %%bias)/; /"up_product/s/, tensor<8x6xf32>)/, tensor<8x6xf32>, tensor<8xf32>)/' %s | moe-opt --moe-raise-grouped | FileCheck %s --check-prefix=BIAS
// BIAS: moe.expert %{{.*}} gate %{{.*}} gate_bias %{{.*}} up %{{.*}} up_bias %{{.*}} down %{{.*}} {activation = #moe.activation<silu>}
// A matrix stands the other way round.
// RUN: sed -e '/"up_product1"/s/, %%up1)/, %%turned)/; /"up_product1"/s/transB = 1/transB = 0/; /"up_product1"/s/tensor<8x6xf32>/tensor<6x8xf32>/; s/^    %%up_product1 =/    %%turned = onnx.node "ai.onnx::Transpose"(%%up1) {name = "turned", node_attributes = {perm = array<i64: 1, 0>}, version = 20 : i64} : (tensor<8x6xf32>) -> tensor<6x8xf32>\n    %%up_product1 =/' %s | moe-opt --moe-raise-grouped | FileCheck %s
// Another bias is added to the joined products.
// RUN: sed -e '/"up_product/s/%%up\([0-2]\))/%%up\1, %%bias)/; /"up_product/s/, tensor<8x6xf32>)/, tensor<8x6xf32>, tensor<8xf32>)/' -e 's/(%%up_all)/(%%more)/; s/^    %%halves/    %%more = onnx.node "ai.onnx::Add"(%%up_all, %%bias) {name = "more", version = 20 : i64} : (tensor<?x8xf32>, tensor<8xf32>) -> tensor<?x8xf32>\n    %%halves/' %s | moe-opt --moe-raise-grouped 2>&1 | FileCheck %s --check-prefixes=PLAIN,AGAIN
// AGAIN: remark: the grouped experts stay plain: node 'more' (ai.onnx::Add): a bias is added to products that have one
// A group multiplies the rows of another.
// RUN: sed -e '/"down_product1"/s/down_rows#1/down_rows#0/' %s | moe-opt --moe-raise-grouped 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS0
// MISS0: remark: the grouped experts stay plain: node 'down_rows' (ai.onnx::Split): it is not split into the rows of 3 groups, in their order
// A group takes its rows otherwise.
// RUN: sed -e '/"down_product1"/s/%%down_rows#1/%%slice/; s/^    %%down_product1/    %%slice = onnx.node "ai.onnx::Slice"(%%active, %%one0, %%one1, %%v0) {name = "slice", version = 20 : i64} : (tensor<?x4xf32>, tensor<i64>, tensor<i64>, tensor<1xi64>) -> tensor<?x4xf32>\n    %%down_product1/' %s | moe-opt --moe-raise-grouped 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS1
// MISS1: remark: the grouped experts stay plain: node 'slice' (ai.onnx::Slice): it does not take the rows of its group as group 0 does
// A size is that of another group.
// RUN: sed -e '/"part1"/s/%%v1, %%v2/%%v0, %%v1/' %s | moe-opt --moe-raise-grouped 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS2
// MISS2: remark: the grouped experts stay plain: node 'sizes' (ai.onnx::Concat): operand 1 is not the size of group 1 of 3
// A size is left out.
// RUN: sed -e '/"sizes"/s/, %%piece2) /) /; /"sizes"/s/tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<3xi64>/tensor<1xi64>, tensor<1xi64>) -> tensor<?xi64>/; /_rows"/s/tensor<3xi64>/tensor<?xi64>/' %s | moe-opt --moe-raise-grouped 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS3
// MISS3: remark: the grouped experts stay plain: node 'down_rows' (ai.onnx::Split): its sizes are not one for each of 3 groups
// Other rows are split.
// RUN: sed -e '/"down_rows"/s/%%active/%%fewer/; s/^    %%down_rows/    %%fewer = onnx.node "ai.onnx::Slice"(%%active, %%v1, %%v3, %%v0) {name = "fewer", version = 20 : i64} : (tensor<?x4xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<?x4xf32>\n    %%down_rows/' %s | moe-opt --moe-raise-grouped 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS4
// MISS4: remark: the grouped experts stay plain: node 'down_rows' (ai.onnx::Split): it does not split as many rows as its sizes count
// The counts are rounded.
// RUN: sed -e '/"chosen"/s/to = 7/to = 10/; /"chosen"/s/3xi64/3xf16/; /"counts"/s/3xi64/3xf16/g; /"part[0-2]"/s/%%counts/%%whole/; s/^    %%part0 =/    %%whole = onnx.node "ai.onnx::Cast"(%%counts) {name = "whole", node_attributes = {to = 7 : i64}, version = 20 : i64} : (tensor<3xf16>) -> tensor<3xi64>\n    %%part0 =/' %s | moe-opt --moe-raise-grouped 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS5
// MISS5: remark: the grouped experts stay plain: node 'counts' (ai.onnx::ReduceSum): it does not count the choices of each group
// Nothing is chosen.
// RUN: sed -e '/"chosen"/s/%%choices/%%bins/' %s | moe-opt --moe-raise-grouped 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS6
// MISS6: remark: the grouped experts stay plain: node 'counts' (ai.onnx::ReduceSum): expected ScatterElements as the choices of the groups
// A choice counts twice.
// RUN: sed -e '/"ones"/s/dense<1.0>/dense<2.0>/' %s | moe-opt --moe-raise-grouped 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS7
// MISS7: remark: the grouped experts stay plain: node 'choices' (ai.onnx::ScatterElements): it does not write 1 where a row chooses one of 3 groups
// All groups are chosen once more.
// RUN: sed -e '/"bins"/s/%%zero,/%%one,/; s/^    %%zero =/    %%one = arith.constant dense<1.0> : tensor<f32>\n    %%zero =/' %s | moe-opt --moe-raise-grouped 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS8
// MISS8: remark: the grouped experts stay plain: node 'choices' (ai.onnx::ScatterElements): it does not write 1 where a row chooses one of 3 groups
// The groups of the tokens are chosen along the other axis.
// RUN: sed -e '/"choices"/s/axis = 1/axis = 0/' %s | moe-opt --moe-raise-grouped 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS9
// MISS9: remark: the grouped experts stay plain: node 'choices' (ai.onnx::ScatterElements): it does not write 1 where a row chooses one of 3 groups
// Nothing is counted.
// RUN: sed -e '/"counts"/s/ReduceSum/ReduceMax/' %s | moe-opt --moe-raise-grouped 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS10
// MISS10: remark: the grouped experts stay plain: node 'sizes' (ai.onnx::Concat): expected ScatterElements as the counts of the groups
// The rows are added to something.
// RUN: sed -e '/"y"/s/%%zeros/%%x/' %s | moe-opt --moe-raise-grouped 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS11
// MISS11: remark: the grouped experts stay plain: it does not add the rows of all experts to zeros
// The rows are not weighed.
// RUN: sed -e '/"y"/s/%%weighed/%%down_all/' %s | moe-opt --moe-raise-grouped 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS12
// MISS12: remark: the grouped experts stay plain: its rows are not weighed
// The rows are added to other tokens.
// RUN: sed -e '/"y"/s/%%index/%%other/; s/^    %%y =/    %%three = arith.constant dense<3> : tensor<i64>\n    %%other = onnx.node "ai.onnx::Div"(%%order, %%three) {name = "other", version = 20 : i64} : (tensor<?x1xi64>, tensor<i64>) -> tensor<?x1xi64>\n    %%y =/' %s | moe-opt --moe-raise-grouped 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS13
// MISS13: remark: the grouped experts stay plain: it does not add each row to its token
// One row of a token counts.
// RUN: sed -e '/"y"/s/reduction = "add"/reduction = "none"/' %s | moe-opt --moe-raise-grouped 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS14
// MISS14: remark: the grouped experts stay plain: of the 2 rows of a token one counts alone
// There are other rows to add to.
// RUN: sed -e '/"zeros"/s/%%shape/%%ten/; s/^    %%y =/    %%y =/; s/^    %%zeros =/    %%ten = arith.constant dense<[10, 6]> : tensor<2xi64>\n    %%zeros =/' %s | moe-opt --moe-raise-grouped 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS15
// MISS15: remark: the grouped experts stay plain: it adds to another number of rows than there are tokens
// A number is not signed.
// RUN: sed -e '/"signed"/s/%%rounded, %%sign/%%rounded, %%rounded/' %s | moe-opt --moe-raise-grouped 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS16
// MISS16: remark: the grouped experts stay plain: node 'signed' (ai.onnx::Mul): it does not give a rounded number its sign
// The sign is that of another number.
// RUN: sed -e '/"sign"/s/%%quotient/%%reals/' %s | moe-opt --moe-raise-grouped 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS17
// MISS17: remark: the grouped experts stay plain: node 'sign' (ai.onnx::Sign): it is not the sign of a number whose magnitude is rounded down
// What is rounded has a sign already.
// RUN: sed -e '/"rounded"/s/%%magnitude/%%quotient/' %s | moe-opt --moe-raise-grouped 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS18
// MISS18: remark: the grouped experts stay plain: node 'sign' (ai.onnx::Sign): it is not the sign of a number whose magnitude is rounded down
// Positions are divided by no number of slots.
// RUN: sed -e 's/%%slots = arith.constant dense<2.0>/%%slots = arith.constant dense<2.5>/' %s | moe-opt --moe-raise-grouped 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS19
// MISS19: remark: the grouped experts stay plain: node 'quotient' (ai.onnx::Div): it does not divide positions by the number of slots
// A token has other slots.
// RUN: sed -e 's/%%slots = arith.constant dense<2.0>/%%slots = arith.constant dense<3.0>/' %s | moe-opt --moe-raise-grouped 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS20
// MISS20: remark: the grouped experts stay plain: rows are counted as of 3 slots a token, but the router selects 2
// A group alone has a bias.
// RUN: sed -e '/"down_product1/s/%%down1)/%%down1, %%bias)/; /"down_product1/s/, tensor<6x4xf32>)/, tensor<6x4xf32>, tensor<8xf32>)/' %s | moe-opt --moe-raise-grouped 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS21
// MISS21: remark: the grouped experts stay plain: node 'down_product1' (ai.onnx::Gemm): its bias is not a weight of one number a column, as that of expert 0 is

// CHECK-DAG: rt.weight @y.gate : tensor<3x4x6xf32> = #rt.step<slice[0, 0, 0, 1, 1, 1],
// CHECK-DAG: rt.weight @y.up : tensor<3x4x6xf32> = #rt.step<slice[0, 4, 0, 1, 1, 1],
// CHECK: func.func @main(%{{.*}}: index {rt.dim = "t"}, %[[X:.*]]: tensor<?x6xf32> {{.*}}, %[[LOGITS:.*]]: tensor<?x3xf32>
// CHECK-NOT: onnx.node
// CHECK: %[[IDS:.*]], %[[W:.*]] = moe.gate %[[LOGITS]] {gating = #moe.gating<order = select_then_score>} : tensor<?x3xf32> -> tensor<?x2xi32>, tensor<?x2xf32>
// CHECK: %[[ROWS:.*]], %[[ROUTE:.*]] = moe.dispatch %[[X]], %[[IDS]]
// CHECK: moe.expert %[[ROWS]], %[[ROUTE]] gate %{{.*}} up %{{.*}} down %{{.*}} {activation = #moe.activation<silu>}
// CHECK: %[[OUT:.*]] = moe.combine %{{.*}}, %[[ROUTE]], %[[W]]
// CHECK-NEXT: return %[[OUT]]

// A miss leaves the sum of the rows as it is.
// PLAIN-NOT: moe.gate
// PLAIN: name = "y"
module {
  rt.weight @input : tensor<3x8x6xf32> = #rt.source<"m.onnx", 0, 576, raw> : tensor<3x8x6xf32>
  rt.weight @output : tensor<3x6x4xf32> = #rt.source<"m.onnx", 576, 288, raw> : tensor<3x6x4xf32>
  rt.weight @bias : tensor<8xf32> = #rt.source<"m.onnx", 864, 32, raw> : tensor<8xf32>
  func.func @main(%t: index {rt.dim = "t"}, %x: tensor<?x6xf32> {rt.name = "x", rt.shape = ["t", 6]},
                  %logits: tensor<?x3xf32> {rt.name = "logits", rt.shape = ["t", 3]}) -> tensor<?x6xf32> {
    %input = rt.weight_ref @input : tensor<3x8x6xf32>
    %output = rt.weight_ref @output : tensor<3x6x4xf32>
    %bias = rt.weight_ref @bias : tensor<8xf32>
    %n0 = arith.constant dense<0> : tensor<i64>
    %n1 = arith.constant dense<1> : tensor<i64>
    %n2 = arith.constant dense<2> : tensor<i64>
    %v0 = arith.constant dense<[0]> : tensor<1xi64>
    %v1 = arith.constant dense<[1]> : tensor<1xi64>
    %v2 = arith.constant dense<[2]> : tensor<1xi64>
    %v3 = arith.constant dense<[3]> : tensor<1xi64>
    %last = arith.constant dense<[-1]> : tensor<1xi64>
    %k = arith.constant dense<[2]> : tensor<1xi64>
    %slots = arith.constant dense<2.0> : tensor<f32>
    %zero = arith.constant dense<0.0> : tensor<f32>
    %wide = arith.constant dense<[-1, 3]> : tensor<2xi64>
    %top:2 = onnx.node "ai.onnx::TopK"(%logits, %k) {name = "top", node_attributes = {axis = 1 : i64, largest = 1 : i64, sorted = 1 : i64}, version = 20 : i64} : (tensor<?x3xf32>, tensor<1xi64>) -> (tensor<?x2xf32>, tensor<?x2xi64>)
    %gates = onnx.node "ai.onnx::Softmax"(%top#0) {name = "gates", node_attributes = {axis = 1 : i64}, version = 20 : i64} : (tensor<?x2xf32>) -> tensor<?x2xf32>
    %count = onnx.node "ai.onnx::Shape"(%logits) {name = "count", version = 20 : i64} : (tensor<?x3xf32>) -> tensor<2xi64>
    %bins = onnx.node "ai.onnx::Expand"(%zero, %count) {name = "bins", version = 20 : i64} : (tensor<f32>, tensor<2xi64>) -> tensor<?x3xf32>
    %size = onnx.node "ai.onnx::Shape"(%top#1) {name = "size", version = 20 : i64} : (tensor<?x2xi64>) -> tensor<2xi64>
    %ones = onnx.node "ai.onnx::ConstantOfShape"(%size) {name = "ones", node_attributes = {value = dense<1.0> : tensor<1xf32>}, version = 20 : i64} : (tensor<2xi64>) -> tensor<?x2xf32>
    %choices = onnx.node "ai.onnx::ScatterElements"(%bins, %top#1, %ones) {name = "choices", node_attributes = {axis = 1 : i64}, version = 20 : i64} : (tensor<?x3xf32>, tensor<?x2xi64>, tensor<?x2xf32>) -> tensor<?x3xf32>
    %chosen = onnx.node "ai.onnx::Cast"(%choices) {name = "chosen", node_attributes = {to = 7 : i64}, version = 20 : i64} : (tensor<?x3xf32>) -> tensor<?x3xi64>
    %counts = onnx.node "ai.onnx::ReduceSum"(%chosen, %v0) {name = "counts", node_attributes = {keepdims = 0 : i64}, version = 20 : i64} : (tensor<?x3xi64>, tensor<1xi64>) -> tensor<3xi64>
    %part0 = onnx.node "ai.onnx::Slice"(%counts, %v0, %v1, %v0) {name = "part0", version = 20 : i64} : (tensor<3xi64>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<1xi64>
    %one0 = onnx.node "ai.onnx::Gather"(%part0, %n0) {name = "one0", node_attributes = {axis = 0 : i64}, version = 20 : i64} : (tensor<1xi64>, tensor<i64>) -> tensor<i64>
    %piece0 = onnx.node "ai.onnx::Reshape"(%one0, %last) {name = "piece0", version = 20 : i64} : (tensor<i64>, tensor<1xi64>) -> tensor<1xi64>
    %part1 = onnx.node "ai.onnx::Slice"(%counts, %v1, %v2, %v0) {name = "part1", version = 20 : i64} : (tensor<3xi64>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<1xi64>
    %one1 = onnx.node "ai.onnx::Gather"(%part1, %n0) {name = "one1", node_attributes = {axis = 0 : i64}, version = 20 : i64} : (tensor<1xi64>, tensor<i64>) -> tensor<i64>
    %piece1 = onnx.node "ai.onnx::Reshape"(%one1, %last) {name = "piece1", version = 20 : i64} : (tensor<i64>, tensor<1xi64>) -> tensor<1xi64>
    %part2 = onnx.node "ai.onnx::Slice"(%counts, %v2, %v3, %v0) {name = "part2", version = 20 : i64} : (tensor<3xi64>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<1xi64>
    %one2 = onnx.node "ai.onnx::Gather"(%part2, %n0) {name = "one2", node_attributes = {axis = 0 : i64}, version = 20 : i64} : (tensor<1xi64>, tensor<i64>) -> tensor<i64>
    %piece2 = onnx.node "ai.onnx::Reshape"(%one2, %last) {name = "piece2", version = 20 : i64} : (tensor<i64>, tensor<1xi64>) -> tensor<1xi64>
    %sizes = onnx.node "ai.onnx::Concat"(%piece0, %piece1, %piece2) {name = "sizes", node_attributes = {axis = 0 : i64}, version = 20 : i64} : (tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<3xi64>
    %ids = onnx.node "ai.onnx::Reshape"(%top#1, %last) {name = "ids", version = 20 : i64} : (tensor<?x2xi64>, tensor<1xi64>) -> tensor<?xi64>
    %length = onnx.node "ai.onnx::Shape"(%ids) {name = "length", version = 20 : i64} : (tensor<?xi64>) -> tensor<1xi64>
    %sorted:2 = onnx.node "ai.onnx::TopK"(%ids, %length) {name = "sorted", node_attributes = {axis = 0 : i64, largest = 0 : i64, sorted = 1 : i64}, version = 20 : i64} : (tensor<?xi64>, tensor<1xi64>) -> (tensor<?xi64>, tensor<?xi64>)
    %reals = onnx.node "ai.onnx::Cast"(%sorted#1) {name = "reals", node_attributes = {to = 1 : i64}, version = 20 : i64} : (tensor<?xi64>) -> tensor<?xf32>
    %quotient = onnx.node "ai.onnx::Div"(%reals, %slots) {name = "quotient", version = 20 : i64} : (tensor<?xf32>, tensor<f32>) -> tensor<?xf32>
    %magnitude = onnx.node "ai.onnx::Abs"(%quotient) {name = "magnitude", version = 20 : i64} : (tensor<?xf32>) -> tensor<?xf32>
    %rounded = onnx.node "ai.onnx::Floor"(%magnitude) {name = "rounded", version = 20 : i64} : (tensor<?xf32>) -> tensor<?xf32>
    %sign = onnx.node "ai.onnx::Sign"(%quotient) {name = "sign", version = 20 : i64} : (tensor<?xf32>) -> tensor<?xf32>
    %signed = onnx.node "ai.onnx::Mul"(%rounded, %sign) {name = "signed", version = 20 : i64} : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
    %token = onnx.node "ai.onnx::Cast"(%signed) {name = "token", node_attributes = {to = 7 : i64}, version = 20 : i64} : (tensor<?xf32>) -> tensor<?xi64>
    %listed = onnx.node "ai.onnx::Reshape"(%gates, %last) {name = "listed", version = 20 : i64} : (tensor<?x2xf32>, tensor<1xi64>) -> tensor<?xf32>
    %order = onnx.node "ai.onnx::Unsqueeze"(%sorted#1, %last) {name = "order", version = 20 : i64} : (tensor<?xi64>, tensor<1xi64>) -> tensor<?x1xi64>
    %factors = onnx.node "ai.onnx::GatherND"(%listed, %order) {name = "factors", version = 20 : i64} : (tensor<?xf32>, tensor<?x1xi64>) -> tensor<?xf32>
    %index = onnx.node "ai.onnx::Unsqueeze"(%token, %last) {name = "index", version = 20 : i64} : (tensor<?xi64>, tensor<1xi64>) -> tensor<?x1xi64>
    %tokens = onnx.node "ai.onnx::GatherND"(%x, %index) {name = "tokens", version = 20 : i64} : (tensor<?x6xf32>, tensor<?x1xi64>) -> tensor<?x6xf32>
    %up_rows:3 = onnx.node "ai.onnx::Split"(%tokens, %sizes) {name = "up_rows", node_attributes = {axis = 0 : i64}, version = 20 : i64} : (tensor<?x6xf32>, tensor<3xi64>) -> (tensor<?x6xf32>, tensor<?x6xf32>, tensor<?x6xf32>)
    %up0 = onnx.node "ai.onnx::Gather"(%input, %n0) {name = "up0", node_attributes = {axis = 0 : i64}, version = 20 : i64} : (tensor<3x8x6xf32>, tensor<i64>) -> tensor<8x6xf32>
    %up_product0 = onnx.node "ai.onnx::Gemm"(%up_rows#0, %up0) {name = "up_product0", node_attributes = {alpha = 1.0 : f64, beta = 1.0 : f64, transA = 0 : i64, transB = 1 : i64}, version = 20 : i64} : (tensor<?x6xf32>, tensor<8x6xf32>) -> tensor<?x8xf32>
    %up1 = onnx.node "ai.onnx::Gather"(%input, %n1) {name = "up1", node_attributes = {axis = 0 : i64}, version = 20 : i64} : (tensor<3x8x6xf32>, tensor<i64>) -> tensor<8x6xf32>
    %up_product1 = onnx.node "ai.onnx::Gemm"(%up_rows#1, %up1) {name = "up_product1", node_attributes = {alpha = 1.0 : f64, beta = 1.0 : f64, transA = 0 : i64, transB = 1 : i64}, version = 20 : i64} : (tensor<?x6xf32>, tensor<8x6xf32>) -> tensor<?x8xf32>
    %up2 = onnx.node "ai.onnx::Gather"(%input, %n2) {name = "up2", node_attributes = {axis = 0 : i64}, version = 20 : i64} : (tensor<3x8x6xf32>, tensor<i64>) -> tensor<8x6xf32>
    %up_product2 = onnx.node "ai.onnx::Gemm"(%up_rows#2, %up2) {name = "up_product2", node_attributes = {alpha = 1.0 : f64, beta = 1.0 : f64, transA = 0 : i64, transB = 1 : i64}, version = 20 : i64} : (tensor<?x6xf32>, tensor<8x6xf32>) -> tensor<?x8xf32>
    %up_all = onnx.node "ai.onnx::Concat"(%up_product0, %up_product1, %up_product2) {name = "up_all", node_attributes = {axis = 0 : i64}, version = 20 : i64} : (tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>) -> tensor<?x8xf32>
    %halves:2 = onnx.node "ai.onnx::Split"(%up_all) {name = "halves", node_attributes = {axis = 1 : i64, num_outputs = 2 : i64}, version = 20 : i64} : (tensor<?x8xf32>) -> (tensor<?x4xf32>, tensor<?x4xf32>)
    %sigmoid = onnx.node "ai.onnx::Sigmoid"(%halves#0) {name = "sigmoid", version = 20 : i64} : (tensor<?x4xf32>) -> tensor<?x4xf32>
    %silu = onnx.node "ai.onnx::Mul"(%halves#0, %sigmoid) {name = "silu", version = 20 : i64} : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
    %active = onnx.node "ai.onnx::Mul"(%silu, %halves#1) {name = "active", version = 20 : i64} : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
    %down_rows:3 = onnx.node "ai.onnx::Split"(%active, %sizes) {name = "down_rows", node_attributes = {axis = 0 : i64}, version = 20 : i64} : (tensor<?x4xf32>, tensor<3xi64>) -> (tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>)
    %down0 = onnx.node "ai.onnx::Gather"(%output, %n0) {name = "down0", node_attributes = {axis = 0 : i64}, version = 20 : i64} : (tensor<3x6x4xf32>, tensor<i64>) -> tensor<6x4xf32>
    %down_product0 = onnx.node "ai.onnx::Gemm"(%down_rows#0, %down0) {name = "down_product0", node_attributes = {alpha = 1.0 : f64, beta = 1.0 : f64, transA = 0 : i64, transB = 1 : i64}, version = 20 : i64} : (tensor<?x4xf32>, tensor<6x4xf32>) -> tensor<?x6xf32>
    %down1 = onnx.node "ai.onnx::Gather"(%output, %n1) {name = "down1", node_attributes = {axis = 0 : i64}, version = 20 : i64} : (tensor<3x6x4xf32>, tensor<i64>) -> tensor<6x4xf32>
    %down_product1 = onnx.node "ai.onnx::Gemm"(%down_rows#1, %down1) {name = "down_product1", node_attributes = {alpha = 1.0 : f64, beta = 1.0 : f64, transA = 0 : i64, transB = 1 : i64}, version = 20 : i64} : (tensor<?x4xf32>, tensor<6x4xf32>) -> tensor<?x6xf32>
    %down2 = onnx.node "ai.onnx::Gather"(%output, %n2) {name = "down2", node_attributes = {axis = 0 : i64}, version = 20 : i64} : (tensor<3x6x4xf32>, tensor<i64>) -> tensor<6x4xf32>
    %down_product2 = onnx.node "ai.onnx::Gemm"(%down_rows#2, %down2) {name = "down_product2", node_attributes = {alpha = 1.0 : f64, beta = 1.0 : f64, transA = 0 : i64, transB = 1 : i64}, version = 20 : i64} : (tensor<?x4xf32>, tensor<6x4xf32>) -> tensor<?x6xf32>
    %down_all = onnx.node "ai.onnx::Concat"(%down_product0, %down_product1, %down_product2) {name = "down_all", node_attributes = {axis = 0 : i64}, version = 20 : i64} : (tensor<?x6xf32>, tensor<?x6xf32>, tensor<?x6xf32>) -> tensor<?x6xf32>
    %column = onnx.node "ai.onnx::Unsqueeze"(%factors, %v1) {name = "column", version = 20 : i64} : (tensor<?xf32>, tensor<1xi64>) -> tensor<?x1xf32>
    %weighed = onnx.node "ai.onnx::Mul"(%down_all, %column) {name = "weighed", version = 20 : i64} : (tensor<?x6xf32>, tensor<?x1xf32>) -> tensor<?x6xf32>
    %shape = onnx.node "ai.onnx::Shape"(%x) {name = "shape", version = 20 : i64} : (tensor<?x6xf32>) -> tensor<2xi64>
    %zeros = onnx.node "ai.onnx::Expand"(%zero, %shape) {name = "zeros", version = 20 : i64} : (tensor<f32>, tensor<2xi64>) -> tensor<?x6xf32>
    %y = onnx.node "ai.onnx::ScatterND"(%zeros, %index, %weighed) {name = "y", node_attributes = {reduction = "add"}, version = 20 : i64} : (tensor<?x6xf32>, tensor<?x1xi64>, tensor<?x6xf32>) -> tensor<?x6xf32>
    return %y : tensor<?x6xf32>
  }
}
