// RUN: moe-opt %s --moe-inline-control-flow --split-input-file --verify-diagnostics | FileCheck %s

// A condition that follows from shapes: the branch that is taken stands in the place of the If.
// CHECK-LABEL: func.func @main
// CHECK-SAME: (%[[X:.*]]: tensor<?x4xf32>
// CHECK-SAME: -> (tensor<?x4xf32>
func.func @main(%x: tensor<?x4xf32> {onnx.name = "x", onnx.dims = ["n", 4]}) -> (tensor<?x4xf32> {onnx.name = "y"}) {
  %two = arith.constant dense<2> : tensor<i64>
  %shape = onnx.node "ai.onnx::Shape"(%x) {version = 21 : i64} : (tensor<?x4xf32>) -> tensor<2xi64>
  %rank = onnx.node "ai.onnx::Size"(%shape) {version = 21 : i64} : (tensor<2xi64>) -> tensor<i64>
  %isTwo = onnx.node "ai.onnx::Equal"(%rank, %two) {version = 21 : i64} : (tensor<i64>, tensor<i64>) -> tensor<i1>
  // CHECK-NOT: ai.onnx::If
  // CHECK: %[[Y:.*]] = onnx.node "ai.onnx::Relu"(%[[X]])
  // CHECK-NOT: ai.onnx::Neg
  %y = onnx.node "ai.onnx::If"(%isTwo) {graph_names = ["then_branch", "else_branch"], version = 21 : i64} graphs {
    %a = onnx.node "ai.onnx::Relu"(%x) {version = 21 : i64} : (tensor<?x4xf32>) -> !onnx.unknown
    onnx.yield %a : !onnx.unknown
  }, {
    %a = onnx.node "ai.onnx::Neg"(%x) {version = 21 : i64} : (tensor<?x4xf32>) -> !onnx.unknown
    onnx.yield %a : !onnx.unknown
  } : (tensor<i1>) -> tensor<?x4xf32>
  // CHECK: return %[[Y]] : tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}

// -----

// A condition that is data: both branches, and one is taken. A result that both branches read from outside needs no choice.
// CHECK-LABEL: func.func @main
// CHECK-SAME: (%[[X:.*]]: tensor<4xf32> {{.*}}, %[[C:.*]]: tensor<1xi1>
func.func @main(%x: tensor<4xf32> {onnx.name = "x", onnx.dims = [4]}, %c: tensor<1xi1> {onnx.name = "c", onnx.dims = [1]})
    -> (!onnx.unknown {onnx.name = "y"}, tensor<4xf32> {onnx.name = "z"}) {
  // CHECK: %[[A:.*]] = onnx.node "ai.onnx::Relu"(%[[X]])
  // CHECK: %[[B:.*]] = onnx.node "ai.onnx::Neg"(%[[X]])
  // CHECK: %[[S:.*]] = onnx.node "ai.onnx::Squeeze"(%[[C]])
  // CHECK: %[[Y:.*]] = onnx.node "ai.onnx::Where"(%[[S]], %[[A]], %[[B]])
  // CHECK: return %[[Y]], %[[X]]
  // expected-remark @below {{its condition is computed from data: both branches are computed, and one is taken}}
  %y:2 = onnx.node "ai.onnx::If"(%c) {graph_names = ["then_branch", "else_branch"], version = 21 : i64} graphs {
    %a = onnx.node "ai.onnx::Relu"(%x) {version = 21 : i64} : (tensor<4xf32>) -> !onnx.unknown
    onnx.yield %a, %x : !onnx.unknown, tensor<4xf32>
  }, {
    %a = onnx.node "ai.onnx::Neg"(%x) {version = 21 : i64} : (tensor<4xf32>) -> !onnx.unknown
    onnx.yield %a, %x : !onnx.unknown, tensor<4xf32>
  } : (tensor<1xi1>) -> (!onnx.unknown, tensor<4xf32>)
  return %y#0, %y#1 : !onnx.unknown, tensor<4xf32>
}

// -----

// The capacity of a scripted gate, the larger of two sizes: later shapes may follow from it.
// CHECK-LABEL: func.func @main
func.func @main(%x: tensor<?x4xf32> {onnx.name = "x", onnx.dims = ["n", 4]}) -> (!onnx.unknown {onnx.name = "y"}, !onnx.unknown {onnx.name = "z"}) {
  %zero = arith.constant dense<0> : tensor<i64>
  %least = arith.constant dense<8> : tensor<i64>
  %shape = onnx.node "ai.onnx::Shape"(%x) {version = 13 : i64} : (tensor<?x4xf32>) -> tensor<2xi64>
  // CHECK: %[[N:.*]] = onnx.node "ai.onnx::Gather"
  %n = onnx.node "ai.onnx::Gather"(%shape, %zero) {version = 13 : i64} : (tensor<2xi64>, tensor<i64>) -> tensor<i64>
  %isLess = onnx.node "ai.onnx::Less"(%n, %least) {version = 13 : i64} : (tensor<i64>, tensor<i64>) -> tensor<i1>
  %cond = onnx.node "ai.onnx::Cast"(%isLess) {node_attributes = {to = 9 : i64}, version = 13 : i64} : (tensor<i1>) -> tensor<i1>
  // CHECK: %[[Y:.*]] = onnx.node "ai.onnx::Max"(%{{.*}}, %[[N]])
  %y = onnx.node "ai.onnx::If"(%cond) {graph_names = ["then_branch", "else_branch"], version = 13 : i64} graphs {
    onnx.yield %least : tensor<i64>
  }, {
    onnx.yield %n : tensor<i64>
  } : (tensor<i1>) -> !onnx.unknown
  // CHECK: %[[Z:.*]] = onnx.node "ai.onnx::Min"(%[[N]], %{{.*}})
  %z = onnx.node "ai.onnx::If"(%cond) {graph_names = ["then_branch", "else_branch"], version = 13 : i64} graphs {
    onnx.yield %n : tensor<i64>
  }, {
    onnx.yield %least : tensor<i64>
  } : (tensor<i1>) -> !onnx.unknown
  // CHECK: return %[[Y]], %[[Z]]
  return %y, %z : !onnx.unknown, !onnx.unknown
}

// -----

// A loop of two iterations, in which the state is doubled and a row is kept of each; an If inside follows from the number of the iteration.
// CHECK-LABEL: func.func @main
// CHECK-SAME: (%[[X:.*]]: tensor<4xf32>
func.func @main(%x: tensor<4xf32> {onnx.name = "x", onnx.dims = [4]}) -> (!onnx.unknown {onnx.name = "y"}, !onnx.unknown {onnx.name = "z"}) {
  %count = arith.constant dense<2> : tensor<i64>
  %none = onnx.none
  // CHECK-NOT: ai.onnx::Loop
  // CHECK: %[[A:.*]] = onnx.node "ai.onnx::Add"(%[[X]], %[[X]])
  // CHECK: %[[NEG:.*]] = onnx.node "ai.onnx::Neg"(%[[A]])
  // CHECK: %[[B:.*]] = onnx.node "ai.onnx::Add"(%[[A]], %[[A]])
  // CHECK: %[[U:.*]] = onnx.node "ai.onnx::Unsqueeze"(%[[NEG]]
  // CHECK: %[[V:.*]] = onnx.node "ai.onnx::Unsqueeze"(%[[B]]
  // CHECK: %[[Z:.*]] = onnx.node "ai.onnx::Concat"(%[[U]], %[[V]]) {{.*}}axis = 0
  // CHECK: return %[[B]], %[[Z]]
  %y:2 = onnx.node "ai.onnx::Loop"(%count, %none, %x) {graph_names = ["body"], version = 21 : i64} graphs {
  ^bb0(%i: tensor<i64>, %go: tensor<i1>, %state: tensor<4xf32>):
    %zero = arith.constant dense<0> : tensor<i64>
    %next = onnx.node "ai.onnx::Add"(%state, %state) {version = 21 : i64} : (tensor<4xf32>, tensor<4xf32>) -> !onnx.unknown
    %isFirst = onnx.node "ai.onnx::Equal"(%i, %zero) {version = 21 : i64} : (tensor<i64>, tensor<i64>) -> tensor<i1>
    %row = onnx.node "ai.onnx::If"(%isFirst) {graph_names = ["then_branch", "else_branch"], version = 21 : i64} graphs {
      %a = onnx.node "ai.onnx::Neg"(%next) {version = 21 : i64} : (!onnx.unknown) -> !onnx.unknown
      onnx.yield %a : !onnx.unknown
    }, {
      onnx.yield %next : !onnx.unknown
    } : (tensor<i1>) -> !onnx.unknown
    onnx.yield %go, %next, %row : tensor<i1>, !onnx.unknown, !onnx.unknown
  } : (tensor<i64>, !onnx.none, tensor<4xf32>) -> (!onnx.unknown, !onnx.unknown)
  return %y#0, %y#1 : !onnx.unknown, !onnx.unknown
}

// -----

// A Scan backwards over the rows of x; the rows that it gives stand in reverse.
// CHECK-LABEL: func.func @main
// CHECK-SAME: (%[[S:.*]]: tensor<3xf32> {{.*}}, %[[X:.*]]: tensor<3x2xf32>
func.func @main(%s: tensor<3xf32> {onnx.name = "s", onnx.dims = [3]}, %x: tensor<3x2xf32> {onnx.name = "x", onnx.dims = [3, 2]})
    -> (!onnx.unknown {onnx.name = "y"}, !onnx.unknown {onnx.name = "z"}) {
  // CHECK: %[[ONE:.*]] = arith.constant dense<1> : tensor<i64>
  // CHECK: %[[A:.*]] = onnx.node "ai.onnx::Gather"(%[[X]], %[[ONE]]) {{.*}}axis = 1
  // CHECK: %[[B:.*]] = onnx.node "ai.onnx::Add"(%[[S]], %[[A]])
  // CHECK: %[[C:.*]] = onnx.node "ai.onnx::Gather"(%[[X]], %{{.*}}) {{.*}}axis = 1
  // CHECK: %[[D:.*]] = onnx.node "ai.onnx::Add"(%[[B]], %[[C]])
  // CHECK: %[[U:.*]] = onnx.node "ai.onnx::Unsqueeze"(%[[D]]
  // CHECK: %[[V:.*]] = onnx.node "ai.onnx::Unsqueeze"(%[[B]]
  // CHECK: onnx.node "ai.onnx::Concat"(%[[U]], %[[V]])
  %y:2 = onnx.node "ai.onnx::Scan"(%s, %x) {graph_names = ["body"], version = 21 : i64, node_attributes = {num_scan_inputs = 1 : i64,
      scan_input_axes = array<i64: 1>, scan_input_directions = array<i64: 1>, scan_output_directions = array<i64: 1>}} graphs {
  ^bb0(%state: tensor<3xf32>, %row: tensor<3xf32>):
    %sum = onnx.node "ai.onnx::Add"(%state, %row) {version = 21 : i64} : (tensor<3xf32>, tensor<3xf32>) -> !onnx.unknown
    onnx.yield %sum, %sum : !onnx.unknown, !onnx.unknown
  } : (tensor<3xf32>, tensor<3x2xf32>) -> (!onnx.unknown, !onnx.unknown)
  return %y#0, %y#1 : !onnx.unknown, !onnx.unknown
}

// -----

// Sequences of known elements, and optionals, leave nothing but their elements.
// CHECK-LABEL: func.func @main
// CHECK-SAME: (%[[X:.*]]: tensor<4x2xf32> {{.*}}, %[[Y:.*]]: tensor<2x2xf32>
func.func @main(%x: tensor<4x2xf32> {onnx.name = "x", onnx.dims = [4, 2]}, %y: tensor<2x2xf32> {onnx.name = "y", onnx.dims = [2, 2]})
    -> (!onnx.unknown {onnx.name = "a"}, !onnx.unknown {onnx.name = "b"}, !onnx.unknown {onnx.name = "c"}, !onnx.unknown {onnx.name = "d"}) {
  %size = arith.constant dense<2> : tensor<i64>
  %last = arith.constant dense<-1> : tensor<i64>
  // CHECK: %[[P:.*]]:2 = onnx.node "ai.onnx::Split"(%[[X]], %{{.*}}) {{.*}}axis = 0
  %s = onnx.node "ai.onnx::SplitToSequence"(%x, %size) {version = 21 : i64} : (tensor<4x2xf32>, tensor<i64>) -> !onnx.opaque<"seq(tensor(float))">
  %t = onnx.node "ai.onnx::SequenceInsert"(%s, %y) {version = 21 : i64} : (!onnx.opaque<"seq(tensor(float))">, tensor<2x2xf32>) -> !onnx.unknown
  %u = onnx.node "ai.onnx::SequenceErase"(%t, %last) {version = 21 : i64} : (!onnx.unknown, tensor<i64>) -> !onnx.unknown
  %a = onnx.node "ai.onnx::SequenceAt"(%t, %last) {version = 21 : i64} : (!onnx.unknown, tensor<i64>) -> !onnx.unknown
  // CHECK: %[[THREE:.*]] = arith.constant dense<3> : tensor<i64>
  %b = onnx.node "ai.onnx::SequenceLength"(%t) {version = 21 : i64} : (!onnx.unknown) -> !onnx.unknown
  // CHECK: %[[R:.*]] = onnx.node "ai.onnx::Relu"(%[[P]]#0)
  // CHECK: %[[S:.*]] = onnx.node "ai.onnx::Relu"(%[[P]]#1)
  %m = onnx.node "ai.onnx::SequenceMap"(%u) {graph_names = ["body"], version = 21 : i64} graphs {
  ^bb0(%e: tensor<2x2xf32>):
    %r = onnx.node "ai.onnx::Relu"(%e) {version = 21 : i64} : (tensor<2x2xf32>) -> !onnx.unknown
    onnx.yield %r : !onnx.unknown
  } : (!onnx.unknown) -> !onnx.unknown
  // CHECK: %[[C:.*]] = onnx.node "ai.onnx::Concat"(%[[R]], %[[S]]) {{.*}}axis = 1
  %c = onnx.node "ai.onnx::ConcatFromSequence"(%m) {node_attributes = {axis = 1 : i64}, version = 21 : i64} : (!onnx.unknown) -> !onnx.unknown
  %o = onnx.node "ai.onnx::Optional"(%c) {version = 21 : i64} : (!onnx.unknown) -> !onnx.opaque<"optional(tensor(float))">
  // CHECK: %[[HAS:.*]] = arith.constant dense<true> : tensor<i1>
  %d = onnx.node "ai.onnx::OptionalHasElement"(%o) {version = 21 : i64} : (!onnx.opaque<"optional(tensor(float))">) -> !onnx.unknown
  %e = onnx.node "ai.onnx::OptionalGetElement"(%o) {version = 21 : i64} : (!onnx.opaque<"optional(tensor(float))">) -> !onnx.unknown
  // CHECK: return %[[Y]], %[[THREE]], %[[C]], %[[HAS]]
  return %a, %b, %e, %d : !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown
}

// -----

// What stays, and why.
rt.weight @weight : tensor<100x4xf32> = #rt.source<"m.onnx", 0, 1600, raw> : tensor<100x4xf32>
// CHECK-LABEL: func.func @main
func.func @main(%x: tensor<?x4xf32> {onnx.name = "x", onnx.dims = ["n", 4]}, %c: tensor<i1> {onnx.name = "c", onnx.dims = []},
                %m: tensor<i64> {onnx.name = "m", onnx.dims = []}, %z: !onnx.opaque<"seq(tensor(float))"> {onnx.name = "z"}, %p: tensor<2xi1> {onnx.name = "p", onnx.dims = [2]})
    -> (!onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown) {
  %none = onnx.none
  %weight = rt.weight_ref @weight : tensor<100x4xf32>
  %many = arith.constant dense<1000000> : tensor<i64>
  %zero = arith.constant dense<0> : tensor<i64>
  %two = arith.constant dense<2> : tensor<i64>
  %t = onnx.node "ai.onnx::Transpose"(%x) {version = 21 : i64} : (tensor<?x4xf32>) -> !onnx.unknown
  // CHECK: "ai.onnx::If"{{.*}}onnx.refused = "its condition is computed from data, and a result is [n, 4] in one branch and [4, n] in the other"
  %0 = onnx.node "ai.onnx::If"(%c) {graph_names = ["then_branch", "else_branch"], version = 21 : i64} graphs {
    onnx.yield %x : tensor<?x4xf32>
  }, {
    onnx.yield %t : !onnx.unknown
  } : (tensor<i1>) -> !onnx.unknown
  // CHECK: "ai.onnx::If"{{.*}}onnx.refused = "its condition is computed from data, and the shape of a result is not known in both branches"
  %1 = onnx.node "ai.onnx::If"(%c) {graph_names = ["then_branch", "else_branch"], version = 21 : i64} graphs {
    onnx.yield %z : !onnx.opaque<"seq(tensor(float))">
  }, {
    onnx.yield %z : !onnx.opaque<"seq(tensor(float))">
  } : (tensor<i1>) -> !onnx.unknown
  // CHECK: "ai.onnx::If"{{.*}}onnx.refused = "its condition is not one bool"
  %2 = onnx.node "ai.onnx::If"(%p) {graph_names = ["then_branch", "else_branch"], version = 21 : i64} graphs {
    onnx.yield %x : tensor<?x4xf32>
  }, {
    onnx.yield %x : tensor<?x4xf32>
  } : (tensor<2xi1>) -> !onnx.unknown
  // CHECK: "ai.onnx::If"{{.*}}onnx.refused = "its branches have not the 1 results of the node, or have inputs"
  %3 = onnx.node "ai.onnx::If"(%c) {graph_names = ["then_branch", "else_branch"], version = 21 : i64} graphs {
    onnx.yield
  }, {
    onnx.yield %x : tensor<?x4xf32>
  } : (tensor<i1>) -> !onnx.unknown
  // CHECK: "ai.onnx::Loop"{{.*}}onnx.refused = "the number of its iterations is not known before data is"
  %4 = onnx.node "ai.onnx::Loop"(%m, %none, %x) {graph_names = ["body"], version = 21 : i64} graphs {
  ^bb0(%i: tensor<i64>, %go: tensor<i1>, %s: tensor<?x4xf32>):
    onnx.yield %go, %s : tensor<i1>, tensor<?x4xf32>
  } : (tensor<i64>, !onnx.none, tensor<?x4xf32>) -> !onnx.unknown
  // CHECK: "ai.onnx::Loop"{{.*}}onnx.refused = "whether it begins is not known before data is"
  %5 = onnx.node "ai.onnx::Loop"(%two, %c, %x) {graph_names = ["body"], version = 21 : i64} graphs {
  ^bb0(%i: tensor<i64>, %go: tensor<i1>, %s: tensor<?x4xf32>):
    onnx.yield %go, %s : tensor<i1>, tensor<?x4xf32>
  } : (tensor<i64>, tensor<i1>, tensor<?x4xf32>) -> !onnx.unknown
  // CHECK: "ai.onnx::Loop"{{.*}}onnx.refused = "whether it goes on is not known before data is"
  %6 = onnx.node "ai.onnx::Loop"(%two, %none, %x) {graph_names = ["body"], version = 21 : i64} graphs {
  ^bb0(%i: tensor<i64>, %go: tensor<i1>, %s: tensor<?x4xf32>):
    onnx.yield %c, %s : tensor<i1>, tensor<?x4xf32>
  } : (tensor<i64>, !onnx.none, tensor<?x4xf32>) -> !onnx.unknown
  // CHECK: "ai.onnx::Loop"{{.*}}onnx.refused = "1000000 iterations of a body of {{[0-9]+}} nodes are more than the 65536 nodes that loops are unrolled to"
  %7 = onnx.node "ai.onnx::Loop"(%many, %none, %x) {graph_names = ["body"], version = 21 : i64} graphs {
  ^bb0(%i: tensor<i64>, %go: tensor<i1>, %s: tensor<?x4xf32>):
    onnx.yield %go, %s : tensor<i1>, tensor<?x4xf32>
  } : (tensor<i64>, !onnx.none, tensor<?x4xf32>) -> !onnx.unknown
  // Iterations that read their own part of a weight may be more.
  // CHECK: "ai.onnx::Loop"{{.*}}onnx.refused = "1000000 iterations of a body of {{[0-9]+}} nodes are more than the 1048576 nodes that loops are unrolled to"
  %own = onnx.node "ai.onnx::Loop"(%many, %none, %x) {graph_names = ["body"], version = 21 : i64} graphs {
  ^bb0(%i: tensor<i64>, %go: tensor<i1>, %s: tensor<?x4xf32>):
    %part = onnx.node "ai.onnx::Gather"(%weight, %i) {version = 21 : i64} : (tensor<100x4xf32>, tensor<i64>) -> tensor<4xf32>
    %sum = onnx.node "ai.onnx::Add"(%s, %part) {version = 21 : i64} : (tensor<?x4xf32>, tensor<4xf32>) -> tensor<?x4xf32>
    onnx.yield %go, %sum : tensor<i1>, tensor<?x4xf32>
  } : (tensor<i64>, !onnx.none, tensor<?x4xf32>) -> !onnx.unknown
  // CHECK: "ai.onnx::Loop"{{.*}}onnx.refused = "it has no iterations, so that the shape of a result is not known"
  %8 = onnx.node "ai.onnx::Loop"(%zero, %none) {graph_names = ["body"], version = 21 : i64} graphs {
  ^bb0(%i: tensor<i64>, %go: tensor<i1>):
    onnx.yield %go, %i : tensor<i1>, tensor<i64>
  } : (tensor<i64>, !onnx.none) -> !onnx.unknown
  // CHECK: "ai.onnx::Scan"{{.*}}onnx.refused = "the number of its iterations is not known before data is"
  %9 = onnx.node "ai.onnx::Scan"(%x) {graph_names = ["body"], node_attributes = {num_scan_inputs = 1 : i64}, version = 21 : i64} graphs {
  ^bb0(%s: tensor<4xf32>):
    onnx.yield %s : tensor<4xf32>
  } : (tensor<?x4xf32>) -> !onnx.unknown
  // CHECK: "ai.onnx::Scan"{{.*}}onnx.refused = "a Scan over batches (version 8) is not supported; convert the model to version 9 or later of the operator set"
  %10 = onnx.node "ai.onnx::Scan"(%x) {graph_names = ["body"], node_attributes = {num_scan_inputs = 1 : i64}, version = 8 : i64} graphs {
  ^bb0(%s: tensor<4xf32>):
    onnx.yield %s : tensor<4xf32>
  } : (tensor<?x4xf32>) -> !onnx.unknown
  // CHECK: "ai.onnx::SequenceMap"{{.*}}onnx.refused = "the elements of its sequence are not known"
  %11 = onnx.node "ai.onnx::SequenceMap"(%z) {graph_names = ["body"], version = 21 : i64} graphs {
  ^bb0(%s: tensor<4xf32>):
    onnx.yield %s : tensor<4xf32>
  } : (!onnx.opaque<"seq(tensor(float))">) -> !onnx.unknown
  return %0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %own : !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown
}

// -----

// Bodies that do not fit their node.
// CHECK-LABEL: func.func @main
func.func @main(%x: tensor<4xf32> {onnx.name = "x", onnx.dims = [4]}) -> (!onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown) {
  %two = arith.constant dense<2> : tensor<i64>
  %none = onnx.none
  %one = onnx.node "ai.onnx::SequenceConstruct"(%x) {version = 21 : i64} : (tensor<4xf32>) -> !onnx.unknown
  %both = onnx.node "ai.onnx::SequenceConstruct"(%x, %x) {version = 21 : i64} : (tensor<4xf32>, tensor<4xf32>) -> !onnx.unknown
  // CHECK: "ai.onnx::Loop"{{.*}}onnx.refused = "its body has not the inputs and results that the node asks for"
  %0 = onnx.node "ai.onnx::Loop"(%two, %none, %x) {graph_names = ["body"], version = 21 : i64} graphs {
  ^bb0(%i: tensor<i64>, %go: tensor<i1>):
    onnx.yield %go, %i : tensor<i1>, tensor<i64>
  } : (tensor<i64>, !onnx.none, tensor<4xf32>) -> !onnx.unknown
  // CHECK: "ai.onnx::Scan"{{.*}}onnx.refused = "its body has not the inputs and results that the node asks for"
  %1 = onnx.node "ai.onnx::Scan"(%x) {graph_names = ["body"], version = 21 : i64} graphs {
  ^bb0(%s: tensor<f32>):
    onnx.yield %s : tensor<f32>
  } : (tensor<4xf32>) -> !onnx.unknown
  // CHECK: "ai.onnx::SequenceMap"{{.*}}onnx.refused = "its body has not the inputs and results that the node asks for"
  %2 = onnx.node "ai.onnx::SequenceMap"(%one) {graph_names = ["body"], version = 21 : i64} graphs {
    onnx.yield %x : tensor<4xf32>
  } : (!onnx.unknown) -> !onnx.unknown
  // CHECK: "ai.onnx::SequenceMap"{{.*}}onnx.refused = "its sequences are of different lengths"
  %3 = onnx.node "ai.onnx::SequenceMap"(%one, %both) {graph_names = ["body"], version = 21 : i64} graphs {
  ^bb0(%s: tensor<4xf32>, %t: tensor<4xf32>):
    onnx.yield %s : tensor<4xf32>
  } : (!onnx.unknown, !onnx.unknown) -> !onnx.unknown
  return %0, %1, %2, %3 : !onnx.unknown, !onnx.unknown, !onnx.unknown, !onnx.unknown
}
