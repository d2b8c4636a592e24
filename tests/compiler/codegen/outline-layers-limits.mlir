// Runs that are too short to be worth a call stay, and programs that are too long to be searched, with a remark.
// RUN: moe-opt %s --moe-outline-layers | FileCheck %s
// RUN: moe-opt %s --moe-outline-layers='min-length=2 max-length=3' 2>&1 | FileCheck %s --check-prefix=LONG

// LONG: remark: layers are not outlined: the program has 4 steps, more than max-length = 3
// CHECK-LABEL: func.func @main
// CHECK-NOT: call
func.func @main(%a: memref<8xf32>, %b: memref<8xf32>) {
  memref.copy %a, %b : memref<8xf32> to memref<8xf32>
  memref.copy %b, %a : memref<8xf32> to memref<8xf32>
  memref.copy %a, %b : memref<8xf32> to memref<8xf32>
  memref.copy %b, %a : memref<8xf32> to memref<8xf32>
  return
}
