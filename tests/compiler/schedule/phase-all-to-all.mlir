// RUN: moe-opt %s --split-input-file --verify-diagnostics --moe-phase-all-to-all | FileCheck %s

!source = !moe.route<experts = 4, slots = 2, side = source>
!owner = !moe.route<experts = 4, slots = 2, side = owner>

// CHECK-LABEL: @both_ways
// CHECK-SAME: (%[[ROWS:.*]]: tensor<?x16xf32>, %[[ROUTE:.*]]: !moe.route
func.func @both_ways(%rows: tensor<?x16xf32>, %route: !source) -> tensor<?x16xf32> {
  // CHECK: %[[OWNER:.*]] = moe.exchange_counts %[[ROUTE]] {layer = 2 : i64}
  // CHECK: %[[THERE:.*]] = moe.exchange_rows %[[ROWS]], %[[ROUTE]], %[[OWNER]] {layer = 2 : i64}
  %there, %owner = moe.all_to_all dispatch flat %rows, %route {layer = 2 : i64} : tensor<?x16xf32>, !source -> tensor<?x16xf32>, !owner
  // CHECK: %[[BACK:.*]] = moe.return_rows %[[THERE]], %[[OWNER]], %[[ROUTE]] {layer = 2 : i64}
  %back = moe.all_to_all combine flat %there, %owner to %route {layer = 2 : i64} : tensor<?x16xf32>, !owner, !source -> tensor<?x16xf32>
  // CHECK: return %[[BACK]]
  return %back : tensor<?x16xf32>
}

// -----

func.func @hierarchical(%rows: tensor<?x16xf32>, %route: !moe.route<experts = 4, slots = 2, side = source>) -> tensor<?x16xf32> {
  // expected-error @below {{cannot be scheduled: algorithm 'hierarchical' has no phases yet; use flat}}
  %there, %owner = moe.all_to_all dispatch hierarchical %rows, %route {layer = 0 : i64}
    : tensor<?x16xf32>, !moe.route<experts = 4, slots = 2, side = source> -> tensor<?x16xf32>, !moe.route<experts = 4, slots = 2, side = owner>
  return %there : tensor<?x16xf32>
}
