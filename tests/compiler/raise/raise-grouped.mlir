// Ids sorted, counted and cumulated; one product a range of rows; the inverse of the order (transformers' "grouped_mm").
// RUN: moe-opt %s --moe-raise-grouped | FileCheck %s
// The largest ids come first.
// RUN: sed -e '/"sorted"/s/largest = 0/largest = 1/' %s | moe-opt --moe-raise-grouped 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS0
// MISS0: remark: the grouped experts stay plain: node 'sorted' (ai.onnx::TopK): it does not sort all rows by their expert, the first one first
// Not all ids are sorted.
// RUN: sed -e '/"sorted"/s/%%length/%%k/' %s | moe-opt --moe-raise-grouped 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS1
// MISS1: remark: the grouped experts stay plain: node 'counts' (ai.onnx::ScatterElements): it does not add 1 to the count of each number
// The order is not sorted.
// RUN: sed -e '/"sorted"/s/sorted = 1/sorted = 0/' %s | moe-opt --moe-raise-grouped 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS2
// MISS2: remark: the grouped experts stay plain: node 'sorted' (ai.onnx::TopK): it does not sort all rows by their expert, the first one first
// A row belongs to another token.
// RUN: sed -e 's/%%slots = arith.constant dense<2>/%%slots = arith.constant dense<3>/' %s | moe-opt --moe-raise-grouped 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS3
// MISS3: remark: the grouped experts stay plain: node 'back' (ai.onnx::Gather): rows are counted as of 3 slots a token, but the router selects 2
// The correction is made everywhere else.
// RUN: sed -e 's/%%true = arith.constant dense<true>/%%true = arith.constant dense<false>/' %s | moe-opt --moe-raise-grouped 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS4
// MISS4: remark: the grouped experts stay plain: node 'both' (ai.onnx::And): it is not proved to be false for positions from 0 on
// Rows are counted of other experts.
// RUN: sed -e 's/dense<0.6666666>/dense<1.5>/' %s | moe-opt --moe-raise-grouped 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS5
// MISS5: remark: the grouped experts stay plain: node 'clipped' (ai.onnx::Clip): rows of expert 1 are counted as of another
// The steps from ids to groups are not known.
// RUN: sed -e '/"scaled"/s/Div/Pow/' %s | moe-opt --moe-raise-grouped 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS6
// MISS6: remark: the grouped experts stay plain: node 'scaled' (ai.onnx::Pow): it is no known step from ids to the numbers of groups
// Rows are counted by something else.
// RUN: sed -e '/"reals"/s/%%sorted#0/%%sorted#1/' %s | moe-opt --moe-raise-grouped 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS7
// MISS7: remark: the grouped experts stay plain: node 'sorted' (ai.onnx::TopK): it is no known step from ids to the numbers of groups
// A count starts from 1.
// RUN: sed -e 's/%%bins = arith.constant dense<0.0>/%%bins = arith.constant dense<1.0>/' %s | moe-opt --moe-raise-grouped 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS8
// MISS8: remark: the grouped experts stay plain: node 'counts' (ai.onnx::ScatterElements): it does not add 1 to the count of each number
// Counts are not cumulated.
// RUN: sed -e '/"running"/s/CumSum/Identity/' %s | moe-opt --moe-raise-grouped 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS9
// MISS9: remark: the grouped experts stay plain: node 'ends' (ai.onnx::Cast): expected CumSum as the ends of the groups
// Counts are cumulated without the own one.
// RUN: sed -e '/"running"/s/version/node_attributes = {exclusive = 1 : i64}, version/' %s | moe-opt --moe-raise-grouped 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS10
// MISS10: remark: the grouped experts stay plain: node 'running' (ai.onnx::CumSum): it does not cumulate the counts of the groups
// Counts are no counts.
// RUN: sed -e '/"counts"/s/ScatterElements/ScatterND/' %s | moe-opt --moe-raise-grouped 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS11
// MISS11: remark: the grouped experts stay plain: node 'running' (ai.onnx::CumSum): expected ScatterElements as the counts of the groups
// A group begins elsewhere.
// RUN: sed -e '/"range2"/s/%%end_1/%%end_0/' %s | moe-opt --moe-raise-grouped 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS12
// MISS12: remark: the grouped experts stay plain: node 'range2' (ai.onnx::Range): it does not begin where the group before ends
// A group leaves out rows.
// RUN: sed -e '/"range2"/s/%%one/%%two/' %s | moe-opt --moe-raise-grouped 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS13
// MISS13: remark: the grouped experts stay plain: node 'range2' (ai.onnx::Range): its rows do not follow each other
// A group ends elsewhere.
// RUN: sed -e '/"end_1"/s/%%end#1/%%end#2/' %s | moe-opt --moe-raise-grouped 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS14
// MISS14: remark: the grouped experts stay plain: node 'end' (ai.onnx::Split): it is not the end of group 1 of 3
// The ends are no numbers of the graph.
// RUN: sed -e '/"range2"/s/%%end_2/%%limited/; s/%%logits: /%%limited: tensor<i64>, %%logits: /' %s | moe-opt --moe-raise-grouped 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS15
// MISS15: remark: the grouped experts stay plain: node 'range2' (ai.onnx::Range): the end of group 2 is no element of cumulated counts
// A group takes rows of another tensor.
// RUN: sed -e '/"up_rows1"/s/%%tokens/%%x/' %s | moe-opt --moe-raise-grouped 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS16
// MISS16: remark: the grouped experts stay plain: node 'up_rows1' (ai.onnx::Gather): it does not take rows of the tensor that group 0 takes them from
// A group is something else.
// RUN: sed -e '/"up_product1"/s/MatMul/Sub/' %s | moe-opt --moe-raise-grouped 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS17
// MISS17: remark: the grouped experts stay plain: node 'up_product1' (ai.onnx::Sub): expected the product of rows that a range takes, as group 1
// The groups are joined by columns.
// RUN: sed -e '/"down_all"/s/axis = 0/axis = 1/' %s | moe-opt --moe-raise-grouped 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS18
// MISS18: remark: the grouped experts stay plain: node 'down_all' (ai.onnx::Concat): it does not join the rows of the groups
// A matrix is transposed.
// RUN: sed -e '/"up1"/s/Squeeze"(%%up_parts#1, %%first_axis)/Reshape"(%%up_parts#1, %%swapped)/; /"up1"/s/tensor<1xi64>/tensor<2xi64>/; /"up1"/s/-> tensor<6x5xf32>/-> tensor<5x6xf32>/; /"up_product1"/s/tensor<6x5xf32>/tensor<5x6xf32>/; s/^    %%k = /    %%swapped = arith.constant dense<[5, 6]> : tensor<2xi64>\n    %%k = /' %s | moe-opt --moe-raise-grouped 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS19
// MISS19: remark: the grouped experts stay plain: node 'up_product1' (ai.onnx::MatMul): its matrix is not a weight of rank 2, as that of expert 0 is
// The inverse is the order itself.
// RUN: sed -e '/"back"/s/%%inverse/%%sorted#1/' %s | moe-opt --moe-raise-grouped 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS20
// MISS20: remark: the grouped experts stay plain: node 'sorted' (ai.onnx::TopK): it does not sort the order
// The inverse gives other positions.
// RUN: sed -e '/"positions"/s/%%zero/%%one/' %s | moe-opt --moe-raise-grouped 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS21
// MISS21: remark: the grouped experts stay plain: node 'inverse' (ai.onnx::ScatterND): it does not give each row its position in the order
// The inverse adds.
// RUN: sed -e '/"inverse"/s/version/node_attributes = {reduction = "add"}, version/' %s | moe-opt --moe-raise-grouped 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS22
// MISS22: remark: the grouped experts stay plain: node 'inverse' (ai.onnx::ScatterND): it does not give each row its position in the order
// Weights stand in another order.
// RUN: sed -e '/"factors"/s/%%sorted#1/%%ids/' %s | moe-opt --moe-raise-grouped 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS23
// MISS23: remark: the grouped experts stay plain: node 'factors' (ai.onnx::Gather): it does not take rows in that order: the weights of the rows
// The sum runs over the tokens.
// RUN: sed -e '/"y"/s/%%slot_axis/%%first_axis/' %s | moe-opt --moe-raise-grouped 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS24
// MISS24: remark: the grouped experts stay plain: it does not sum 2 slots of 6 elements
// Somebody else reads the rows of the experts.
// RUN: sed -e '/-> tensor<?x6xf32> {/s/-> tensor<?x6xf32> {/-> (tensor<?x6xf32>, tensor<?x5xf32>) {/; s/^    return %%y.*/    return %%y, %%active : tensor<?x6xf32>, tensor<?x5xf32>/' %s | moe-opt --moe-raise-grouped 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS25
// MISS25: remark: the grouped experts stay plain: node 'active' (ai.onnx::Relu): its result is also read by 'func.return'
// The matrices are computed.
// RUN: sed -e '/"up_parts"/s/(%%up)/(%%other)/; s/^    %%up_parts/    %%other = onnx.node "ai.onnx::Neg"(%%up) {name = "other", version = 20 : i64} : (tensor<3x6x5xf32>) -> tensor<3x6x5xf32>\n    %%up_parts/' %s | moe-opt --moe-raise-grouped 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS26
// MISS26: remark: the grouped experts stay plain: node 'up_product0' (ai.onnx::MatMul): its matrix is not a weight of rank 2, as that of expert 0 is
// Biases stand in another order.
// RUN: sed -e '/"bias_rows"/s/%%sorted#0/%%ids/' %s | moe-opt --moe-raise-grouped 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS27
// MISS27: remark: the grouped experts stay plain: node 'bias_rows' (ai.onnx::Gather): it does not take rows in that order: the biases of the rows
// Biases are those of other rows.
// RUN: sed -e '/"biased"/s/%%bias_rows/%%up_all/' %s | moe-opt --moe-raise-grouped 2>&1 | FileCheck %s --check-prefixes=PLAIN,MISS28
// MISS28: remark: the grouped experts stay plain: node 'biased' (ai.onnx::Add): its bias is not gathered by row from a weight

// CHECK-DAG: rt.weight @y.gate : tensor<3x5x6xf32> = #rt.step<transpose[0, 2, 1],
// CHECK-DAG: rt.weight @y.down : tensor<3x6x5xf32> = #rt.step<transpose[0, 2, 1],
// CHECK: func.func @main(%{{.*}}: index {rt.dim = "t"}, %[[X:.*]]: tensor<?x6xf32> {{.*}}, %[[LOGITS:.*]]: tensor<?x3xf32>
// CHECK-NOT: onnx.node
// CHECK: %[[IDS:.*]], %[[W:.*]] = moe.gate %[[LOGITS]] {gating = #moe.gating<>} : tensor<?x3xf32> -> tensor<?x2xi32>, tensor<?x2xf32>
// CHECK: %[[ROWS:.*]], %[[ROUTE:.*]] = moe.dispatch %[[X]], %[[IDS]]
// CHECK: moe.expert %[[ROWS]], %[[ROUTE]] gate %{{.*}} gate_bias %{{.*}} down %{{.*}} {activation = #moe.activation<relu>}
// CHECK: %[[OUT:.*]] = moe.combine %{{.*}}, %[[ROUTE]], %[[W]]
// CHECK-NEXT: return %[[OUT]]

// A miss leaves the sum over the slots as it is.
// PLAIN-NOT: moe.gate
// PLAIN: name = "y"
module {
  rt.weight @up : tensor<3x6x5xf32> = #rt.source<"m.onnx", 0, 360, raw> : tensor<3x6x5xf32>
  rt.weight @down : tensor<3x5x6xf32> = #rt.source<"m.onnx", 360, 360, raw> : tensor<3x5x6xf32>
  rt.weight @up_bias : tensor<3x5xf32> = #rt.source<"m.onnx", 720, 60, raw> : tensor<3x5xf32>
  func.func @main(%t: index {rt.dim = "t"}, %x: tensor<?x6xf32> {rt.name = "x", rt.shape = ["t", 6]},
                  %logits: tensor<?x3xf32> {rt.name = "logits", rt.shape = ["t", 3]}) -> tensor<?x6xf32> {
    %up = rt.weight_ref @up : tensor<3x6x5xf32>
    %up_bias = rt.weight_ref @up_bias : tensor<3x5xf32>
    %down = rt.weight_ref @down : tensor<3x5x6xf32>
    %k = arith.constant dense<2> : tensor<1xi64>
    %last = arith.constant dense<-1> : tensor<1xi64>
    %slots = arith.constant dense<2> : tensor<i64>
    %zero = arith.constant dense<0> : tensor<i64>
    %one = arith.constant dense<1> : tensor<i64>
    %two = arith.constant dense<2> : tensor<i64>
    %true = arith.constant dense<true> : tensor<i1>
    %first_axis = arith.constant dense<0> : tensor<1xi64>
    %slot_axis = arith.constant dense<1> : tensor<1xi64>
    %unit = arith.constant dense<1.0> : tensor<f32>
    %width = arith.constant dense<0.6666666> : tensor<f32>
    %bins = arith.constant dense<0.0> : tensor<3xf32>
    %scores = onnx.node "ai.onnx::Softmax"(%logits) {name = "scores", node_attributes = {axis = -1 : i64}, version = 20 : i64} : (tensor<?x3xf32>) -> tensor<?x3xf32>
    %top:2 = onnx.node "ai.onnx::TopK"(%scores, %k) {name = "top", node_attributes = {axis = -1 : i64}, version = 20 : i64} : (tensor<?x3xf32>, tensor<1xi64>) -> (tensor<?x2xf32>, tensor<?x2xi64>)
    %ids = onnx.node "ai.onnx::Reshape"(%top#1, %last) {name = "ids", version = 20 : i64} : (tensor<?x2xi64>, tensor<1xi64>) -> tensor<?xi64>
    %listed = onnx.node "ai.onnx::Reshape"(%top#0, %last) {name = "listed", version = 20 : i64} : (tensor<?x2xf32>, tensor<1xi64>) -> tensor<?xf32>
    %length = onnx.node "ai.onnx::Shape"(%ids) {name = "length", version = 20 : i64} : (tensor<?xi64>) -> tensor<1xi64>
    %sorted:2 = onnx.node "ai.onnx::TopK"(%ids, %length) {name = "sorted", node_attributes = {axis = 0 : i64, largest = 0 : i64, sorted = 1 : i64}, version = 20 : i64} : (tensor<?xi64>, tensor<1xi64>) -> (tensor<?xi64>, tensor<?xi64>)
    %less = onnx.node "ai.onnx::Less"(%sorted#1, %zero) {name = "less", version = 20 : i64} : (tensor<?xi64>, tensor<i64>) -> tensor<?xi1>
    %negative = onnx.node "ai.onnx::Equal"(%less, %true) {name = "negative", version = 20 : i64} : (tensor<?xi1>, tensor<i1>) -> tensor<?xi1>
    %rest = onnx.node "ai.onnx::Mod"(%sorted#1, %slots) {name = "rest", version = 20 : i64} : (tensor<?xi64>, tensor<i64>) -> tensor<?xi64>
    %uneven = onnx.node "ai.onnx::Cast"(%rest) {name = "uneven", node_attributes = {to = 9 : i64}, version = 20 : i64} : (tensor<?xi64>) -> tensor<?xi1>
    %both = onnx.node "ai.onnx::And"(%negative, %uneven) {name = "both", version = 20 : i64} : (tensor<?xi1>, tensor<?xi1>) -> tensor<?xi1>
    %correction = onnx.node "ai.onnx::Cast"(%both) {name = "correction", node_attributes = {to = 7 : i64}, version = 20 : i64} : (tensor<?xi1>) -> tensor<?xi64>
    %quotient = onnx.node "ai.onnx::Div"(%sorted#1, %slots) {name = "quotient", version = 20 : i64} : (tensor<?xi64>, tensor<i64>) -> tensor<?xi64>
    %token = onnx.node "ai.onnx::Sub"(%quotient, %correction) {name = "token", version = 20 : i64} : (tensor<?xi64>, tensor<?xi64>) -> tensor<?xi64>
    %tokens = onnx.node "ai.onnx::Gather"(%x, %token) {name = "tokens", node_attributes = {axis = 0 : i64}, version = 20 : i64} : (tensor<?x6xf32>, tensor<?xi64>) -> tensor<?x6xf32>
    %factors = onnx.node "ai.onnx::Gather"(%listed, %sorted#1) {name = "factors", node_attributes = {axis = 0 : i64}, version = 20 : i64} : (tensor<?xf32>, tensor<?xi64>) -> tensor<?xf32>
    %reals = onnx.node "ai.onnx::Cast"(%sorted#0) {name = "reals", node_attributes = {to = 1 : i64}, version = 20 : i64} : (tensor<?xi64>) -> tensor<?xf32>
    %scaled = onnx.node "ai.onnx::Div"(%reals, %width) {name = "scaled", version = 20 : i64} : (tensor<?xf32>, tensor<f32>) -> tensor<?xf32>
    %numbers = onnx.node "ai.onnx::Cast"(%scaled) {name = "numbers", node_attributes = {to = 7 : i64}, version = 20 : i64} : (tensor<?xf32>) -> tensor<?xi64>
    %clipped = onnx.node "ai.onnx::Clip"(%numbers, %zero, %two) {name = "clipped", version = 20 : i64} : (tensor<?xi64>, tensor<i64>, tensor<i64>) -> tensor<?xi64>
    %ones = onnx.node "ai.onnx::Expand"(%unit, %length) {name = "ones", version = 20 : i64} : (tensor<f32>, tensor<1xi64>) -> tensor<?xf32>
    %counts = onnx.node "ai.onnx::ScatterElements"(%bins, %clipped, %ones) {name = "counts", node_attributes = {axis = 0 : i64, reduction = "add"}, version = 20 : i64} : (tensor<3xf32>, tensor<?xi64>, tensor<?xf32>) -> tensor<3xf32>
    %integers = onnx.node "ai.onnx::Cast"(%counts) {name = "integers", node_attributes = {to = 6 : i64}, version = 20 : i64} : (tensor<3xf32>) -> tensor<3xi32>
    %running = onnx.node "ai.onnx::CumSum"(%integers, %zero) {name = "running", version = 20 : i64} : (tensor<3xi32>, tensor<i64>) -> tensor<3xi32>
    %ends = onnx.node "ai.onnx::Cast"(%running) {name = "ends", node_attributes = {to = 7 : i64}, version = 20 : i64} : (tensor<3xi32>) -> tensor<3xi64>
    %end:3 = onnx.node "ai.onnx::Split"(%ends) {name = "end", node_attributes = {axis = 0 : i64, num_outputs = 3 : i64}, version = 20 : i64} : (tensor<3xi64>) -> (tensor<1xi64>, tensor<1xi64>, tensor<1xi64>)
    %up_parts:3 = onnx.node "ai.onnx::Split"(%up) {name = "up_parts", node_attributes = {axis = 0 : i64, num_outputs = 3 : i64}, version = 20 : i64} : (tensor<3x6x5xf32>) -> (tensor<1x6x5xf32>, tensor<1x6x5xf32>, tensor<1x6x5xf32>)
    %down_parts:3 = onnx.node "ai.onnx::Split"(%down) {name = "down_parts", node_attributes = {axis = 0 : i64, num_outputs = 3 : i64}, version = 20 : i64} : (tensor<3x5x6xf32>) -> (tensor<1x5x6xf32>, tensor<1x5x6xf32>, tensor<1x5x6xf32>)
    %end_0 = onnx.node "ai.onnx::Squeeze"(%end#0, %first_axis) {name = "end_0", version = 20 : i64} : (tensor<1xi64>, tensor<1xi64>) -> tensor<i64>
    %range0 = onnx.node "ai.onnx::Range"(%zero, %end_0, %one) {name = "range0", version = 20 : i64} : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<?xi64>
    %end_1 = onnx.node "ai.onnx::Squeeze"(%end#1, %first_axis) {name = "end_1", version = 20 : i64} : (tensor<1xi64>, tensor<1xi64>) -> tensor<i64>
    %range1 = onnx.node "ai.onnx::Range"(%end_0, %end_1, %one) {name = "range1", version = 20 : i64} : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<?xi64>
    %end_2 = onnx.node "ai.onnx::Squeeze"(%end#2, %first_axis) {name = "end_2", version = 20 : i64} : (tensor<1xi64>, tensor<1xi64>) -> tensor<i64>
    %range2 = onnx.node "ai.onnx::Range"(%end_1, %end_2, %one) {name = "range2", version = 20 : i64} : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<?xi64>
    %up_rows0 = onnx.node "ai.onnx::Gather"(%tokens, %range0) {name = "up_rows0", node_attributes = {axis = 0 : i64}, version = 20 : i64} : (tensor<?x6xf32>, tensor<?xi64>) -> tensor<?x6xf32>
    %up0 = onnx.node "ai.onnx::Squeeze"(%up_parts#0, %first_axis) {name = "up0", version = 20 : i64} : (tensor<1x6x5xf32>, tensor<1xi64>) -> tensor<6x5xf32>
    %up_product0 = onnx.node "ai.onnx::MatMul"(%up_rows0, %up0) {name = "up_product0", version = 20 : i64} : (tensor<?x6xf32>, tensor<6x5xf32>) -> tensor<?x5xf32>
    %up_rows1 = onnx.node "ai.onnx::Gather"(%tokens, %range1) {name = "up_rows1", node_attributes = {axis = 0 : i64}, version = 20 : i64} : (tensor<?x6xf32>, tensor<?xi64>) -> tensor<?x6xf32>
    %up1 = onnx.node "ai.onnx::Squeeze"(%up_parts#1, %first_axis) {name = "up1", version = 20 : i64} : (tensor<1x6x5xf32>, tensor<1xi64>) -> tensor<6x5xf32>
    %up_product1 = onnx.node "ai.onnx::MatMul"(%up_rows1, %up1) {name = "up_product1", version = 20 : i64} : (tensor<?x6xf32>, tensor<6x5xf32>) -> tensor<?x5xf32>
    %up_rows2 = onnx.node "ai.onnx::Gather"(%tokens, %range2) {name = "up_rows2", node_attributes = {axis = 0 : i64}, version = 20 : i64} : (tensor<?x6xf32>, tensor<?xi64>) -> tensor<?x6xf32>
    %up2 = onnx.node "ai.onnx::Squeeze"(%up_parts#2, %first_axis) {name = "up2", version = 20 : i64} : (tensor<1x6x5xf32>, tensor<1xi64>) -> tensor<6x5xf32>
    %up_product2 = onnx.node "ai.onnx::MatMul"(%up_rows2, %up2) {name = "up_product2", version = 20 : i64} : (tensor<?x6xf32>, tensor<6x5xf32>) -> tensor<?x5xf32>
    %up_all = onnx.node "ai.onnx::Concat"(%up_product0, %up_product1, %up_product2) {name = "up_all", node_attributes = {axis = 0 : i64}, version = 20 : i64} : (tensor<?x5xf32>, tensor<?x5xf32>, tensor<?x5xf32>) -> tensor<?x5xf32>
    %bias_rows = onnx.node "ai.onnx::Gather"(%up_bias, %sorted#0) {name = "bias_rows", node_attributes = {axis = 0 : i64}, version = 20 : i64} : (tensor<3x5xf32>, tensor<?xi64>) -> tensor<?x5xf32>
    %biased = onnx.node "ai.onnx::Add"(%up_all, %bias_rows) {name = "biased", version = 20 : i64} : (tensor<?x5xf32>, tensor<?x5xf32>) -> tensor<?x5xf32>
    %active = onnx.node "ai.onnx::Relu"(%biased) {name = "active", version = 20 : i64} : (tensor<?x5xf32>) -> tensor<?x5xf32>
    %down_rows0 = onnx.node "ai.onnx::Gather"(%active, %range0) {name = "down_rows0", node_attributes = {axis = 0 : i64}, version = 20 : i64} : (tensor<?x5xf32>, tensor<?xi64>) -> tensor<?x5xf32>
    %down0 = onnx.node "ai.onnx::Squeeze"(%down_parts#0, %first_axis) {name = "down0", version = 20 : i64} : (tensor<1x5x6xf32>, tensor<1xi64>) -> tensor<5x6xf32>
    %down_product0 = onnx.node "ai.onnx::MatMul"(%down_rows0, %down0) {name = "down_product0", version = 20 : i64} : (tensor<?x5xf32>, tensor<5x6xf32>) -> tensor<?x6xf32>
    %down_rows1 = onnx.node "ai.onnx::Gather"(%active, %range1) {name = "down_rows1", node_attributes = {axis = 0 : i64}, version = 20 : i64} : (tensor<?x5xf32>, tensor<?xi64>) -> tensor<?x5xf32>
    %down1 = onnx.node "ai.onnx::Squeeze"(%down_parts#1, %first_axis) {name = "down1", version = 20 : i64} : (tensor<1x5x6xf32>, tensor<1xi64>) -> tensor<5x6xf32>
    %down_product1 = onnx.node "ai.onnx::MatMul"(%down_rows1, %down1) {name = "down_product1", version = 20 : i64} : (tensor<?x5xf32>, tensor<5x6xf32>) -> tensor<?x6xf32>
    %down_rows2 = onnx.node "ai.onnx::Gather"(%active, %range2) {name = "down_rows2", node_attributes = {axis = 0 : i64}, version = 20 : i64} : (tensor<?x5xf32>, tensor<?xi64>) -> tensor<?x5xf32>
    %down2 = onnx.node "ai.onnx::Squeeze"(%down_parts#2, %first_axis) {name = "down2", version = 20 : i64} : (tensor<1x5x6xf32>, tensor<1xi64>) -> tensor<5x6xf32>
    %down_product2 = onnx.node "ai.onnx::MatMul"(%down_rows2, %down2) {name = "down_product2", version = 20 : i64} : (tensor<?x5xf32>, tensor<5x6xf32>) -> tensor<?x6xf32>
    %down_all = onnx.node "ai.onnx::Concat"(%down_product0, %down_product1, %down_product2) {name = "down_all", node_attributes = {axis = 0 : i64}, version = 20 : i64} : (tensor<?x6xf32>, tensor<?x6xf32>, tensor<?x6xf32>) -> tensor<?x6xf32>
    %column = onnx.node "ai.onnx::Unsqueeze"(%factors, %last) {name = "column", version = 20 : i64} : (tensor<?xf32>, tensor<1xi64>) -> tensor<?x1xf32>
    %weighed = onnx.node "ai.onnx::Mul"(%down_all, %column) {name = "weighed", version = 20 : i64} : (tensor<?x6xf32>, tensor<?x1xf32>) -> tensor<?x6xf32>
    %base = onnx.node "ai.onnx::Expand"(%zero, %length) {name = "base", version = 20 : i64} : (tensor<i64>, tensor<1xi64>) -> tensor<?xi64>
    %limit = onnx.node "ai.onnx::Squeeze"(%length, %first_axis) {name = "limit", version = 20 : i64} : (tensor<1xi64>, tensor<1xi64>) -> tensor<i64>
    %positions = onnx.node "ai.onnx::Range"(%zero, %limit, %one) {name = "positions", version = 20 : i64} : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<?xi64>
    %index = onnx.node "ai.onnx::Unsqueeze"(%sorted#1, %last) {name = "index", version = 20 : i64} : (tensor<?xi64>, tensor<1xi64>) -> tensor<?x1xi64>
    %inverse = onnx.node "ai.onnx::ScatterND"(%base, %index, %positions) {name = "inverse", version = 20 : i64} : (tensor<?xi64>, tensor<?x1xi64>, tensor<?xi64>) -> tensor<?xi64>
    %back = onnx.node "ai.onnx::Gather"(%weighed, %inverse) {name = "back", node_attributes = {axis = 0 : i64}, version = 20 : i64} : (tensor<?x6xf32>, tensor<?xi64>) -> tensor<?x6xf32>
    %cube = arith.constant dense<[-1, 2, 6]> : tensor<3xi64>
    %slotted = onnx.node "ai.onnx::Reshape"(%back, %cube) {name = "slotted", version = 20 : i64} : (tensor<?x6xf32>, tensor<3xi64>) -> tensor<?x2x6xf32>
    %y = onnx.node "ai.onnx::ReduceSum"(%slotted, %slot_axis) {name = "y", node_attributes = {keepdims = 0 : i64}, version = 20 : i64} : (tensor<?x2x6xf32>, tensor<1xi64>) -> tensor<?x6xf32>
    return %y : tensor<?x6xf32>
  }
}
