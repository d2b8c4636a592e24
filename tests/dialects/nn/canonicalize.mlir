// RUN: moe-opt %s --canonicalize | FileCheck %s

// CHECK-LABEL: @reshape_of_reshape
// CHECK-SAME: (%[[X:.*]]: tensor<?x4x8xf32>, %[[N:.*]]: index)
func.func @reshape_of_reshape(%x: tensor<?x4x8xf32>, %n: index) -> tensor<?x8xf32> {
  // CHECK: %[[Y:.*]] = nn.reshape %[[X]][%[[N]]] : tensor<?x4x8xf32> -> tensor<?x8xf32>
  // CHECK-NEXT: return %[[Y]]
  %a = nn.reshape %x[%n] : tensor<?x4x8xf32> -> tensor<?x32xf32>
  %b = nn.reshape %a[%n] : tensor<?x32xf32> -> tensor<?x8xf32>
  return %b : tensor<?x8xf32>
}

// CHECK-LABEL: @reshape_to_itself
// CHECK-SAME: (%[[X:.*]]: tensor<4x8xf32>)
func.func @reshape_to_itself(%x: tensor<4x8xf32>) -> tensor<4x8xf32> {
  // CHECK-NEXT: return %[[X]]
  %a = nn.reshape %x[] : tensor<4x8xf32> -> tensor<32xf32>
  %b = nn.reshape %a[] : tensor<32xf32> -> tensor<4x8xf32>
  return %b : tensor<4x8xf32>
}

// The number of rows may differ from that of x: equal types prove nothing.
// CHECK-LABEL: @reshape_dynamic
func.func @reshape_dynamic(%x: tensor<?x?xf32>, %n: index, %m: index) -> tensor<?x?xf32> {
  // CHECK: nn.reshape
  %a = nn.reshape %x[%n, %m] : tensor<?x?xf32> -> tensor<?x?xf32>
  return %a : tensor<?x?xf32>
}
