// RUN: moe-opt %s --split-input-file --verify-diagnostics --moe-plan-memory | FileCheck %s

// CHECK: rt.slots = [{first = 4 : i64, last = 6 : i64, size = "n * 64"}, {first = 6 : i64, last = 7 : i64, size = "ceildiv(n, ranks) * 16"}]
module {
  // CHECK-LABEL: @main
  func.func @main() {
    %n = rt.dim 0 "n"
    %first, %count = rt.token_share %n
    // CHECK: %[[A:.*]] = rt.slot 0[%{{.*}}] : memref<?x16xf32>
    %a = memref.alloc(%n) : memref<?x16xf32>
    // CHECK: %[[B:.*]] = rt.slot 1[%{{.*}}] : memref<?x4xf32>
    %b = memref.alloc(%count) : memref<?x4xf32>
    rt.kernel "softmax_f32" ins(%a : memref<?x16xf32>) outs(%a : memref<?x16xf32>)
      {present = array<i1: true>, integers = {}, floats = {}, op = "nn.softmax", layer = -1 : i64}
    %view = memref.subview %a[0, 0] [%count, 4] [1, 1] : memref<?x16xf32> to memref<?x4xf32, strided<[16, 1]>>
    memref.copy %view, %b : memref<?x4xf32, strided<[16, 1]>> to memref<?x4xf32>
    rt.kernel "softmax_f32" ins(%b : memref<?x4xf32>) outs(%b : memref<?x4xf32>)
      {present = array<i1: true>, integers = {}, floats = {}, op = "nn.softmax", layer = -1 : i64}
    return
  }
}

// -----

// Shape arithmetic becomes a formula.
// CHECK: size = "floordiv(max(`2n`, ranks) * threads + 3, 4) * 8"
module {
  func.func @main() {
    %n = rt.dim 0 "2n"
    %ranks = rt.ranks
    %threads = rt.threads
    %c3 = arith.constant 3 : index
    %c4 = arith.constant 4 : index
    %0 = arith.maxsi %n, %ranks : index
    %1 = arith.muli %0, %threads : index
    %2 = arith.addi %1, %c3 : index
    %3 = arith.divsi %2, %c4 : index
    %a = memref.alloc(%3) : memref<?xi64>
    return
  }
}

// -----

func.func @main() {
  %n = rt.dim 0 "n"
  %b = rt.input 0 [%n] : memref<?xindex>
  %c0 = arith.constant 0 : index
  %size = memref.load %b[%c0] : memref<?xindex>
  // expected-error @below {{has a size that depends on data, which no formula bounds; operand}}
  %a = memref.alloc(%size) : memref<?xf32>
  return
}

// -----

func.func @main() {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  scf.for %i = %c0 to %c4 step %c1 {
    // expected-error @below {{stands in a loop; only buffers of the step itself can be laid out}}
    %a = memref.alloc() : memref<4xf32>
  }
  return
}

// -----

// A difference may be negative, and division rounds it to zero: a formula that rounds down alone would be too small behind the sum.
// CHECK: size = "(max(floordiv(n - 5, 2), 0) + min(ceildiv(n - 5, 2), 0) + 4) * 4"
// CHECK-SAME: size = "max(floordiv(n - 5, 2) * 4, 0)"
module {
  func.func @main() {
    %n = rt.dim 0 "n"
    %c2 = arith.constant 2 : index
    %c4 = arith.constant 4 : index
    %c5 = arith.constant 5 : index
    %0 = arith.subi %n, %c5 : index
    %1 = arith.divsi %0, %c2 : index
    %2 = arith.addi %1, %c4 : index
    %a = memref.alloc(%2) : memref<?xf32>
    %3 = arith.floordivsi %0, %c2 : index
    %4 = arith.muli %3, %c4 : index
    %c0 = arith.constant 0 : index
    %5 = arith.maxsi %4, %c0 : index
    %b = memref.alloc(%5) : memref<?xi8>
    return
  }
}

// -----

// Without its sign a negative number is another one.
func.func @main() {
  %n = rt.dim 0 "n"
  %c2 = arith.constant 2 : index
  %c5 = arith.constant 5 : index
  %0 = arith.subi %n, %c5 : index
  %1 = arith.divui %0, %c2 : index
  // expected-error @below {{has a size that depends on data, which no formula bounds}}
  %a = memref.alloc(%1) : memref<?xf32>
  return
}
