// RUN: moe-opt %s --split-input-file --verify-diagnostics --moe-convert-to-llvm | FileCheck %s

module attributes {rt.dims = ["n"], rt.inputs = [{}], rt.outputs = [{}], rt.slots = [{}, {}]} {
  rt.weight @w : tensor<4xf32> = #rt.source<"m", 0, 16, raw> : tensor<4xf32>
  // CHECK: llvm.func internal @run(%[[ENV:.*]]: !llvm.ptr) -> i32
  func.func @main() -> i32 {
    // Room for the tensors of a call stands at the entry, once.
    // CHECK: %[[ROOM:.*]] = llvm.alloca %{{.*}} x i8 {alignment = 16 : i64}
    // CHECK: llvm.alloca
    // CHECK-NOT: llvm.alloca
    // CHECK: %[[DIMS:.*]] = llvm.getelementptr %[[ENV]][16]
    // CHECK: llvm.load %[[DIMS]] : !llvm.ptr -> !llvm.ptr
    %n = rt.dim 0 "n"
    // CHECK: llvm.getelementptr %[[ENV]][24]
    %x = rt.input 0 [%n] : memref<?xf32>
    // CHECK: llvm.getelementptr %[[ENV]][64]
    // CHECK: llvm.getelementptr %[[ENV]][56]
    %s = rt.slot 1 [%n] : memref<?xf32>
    // CHECK: llvm.getelementptr %[[ENV]][40]
    %w = rt.weight_ref @w : memref<4xf32>
    // CHECK: llvm.getelementptr %[[ENV]][72]
    // CHECK: llvm.getelementptr %[[ENV]][80]
    // CHECK: %[[TENSORS:.*]] = llvm.mlir.constant(4 : i32)
    // CHECK: llvm.call %{{.*}}(%{{.*}}, %{{.*}}, %[[ROOM]], %[[TENSORS]], %{{.*}}, %{{.*}}) : !llvm.ptr, (!llvm.ptr, i32, !llvm.ptr, i32, !llvm.ptr, i32) -> i32
    %status = rt.invoke 0 (%x, %w, %s : memref<?xf32>, memref<4xf32>, memref<?xf32>) scalars(%n) {present = array<i1: true, true, false, true>}
    return %status : i32
  }
  // CHECK: llvm.mlir.global internal constant @moe_library()
  // CHECK: llvm.func @moe_library_query(%{{.*}}: i32) -> !llvm.ptr
}

// -----

// Every function takes the environment and has room for its own calls.
// CHECK: llvm.func internal @run(%[[ENV:.*]]: !llvm.ptr) -> i32
// CHECK: llvm.call @layer_0(%[[ENV]], %{{.*}}) : (!llvm.ptr, i64) -> i32
func.func @main() -> i32 {
  %c7 = arith.constant 7 : index
  %status = call @layer_0(%c7) : (index) -> i32
  return %status : i32
}
// CHECK: llvm.func internal @layer_0(%[[ENV:.*]]: !llvm.ptr, %[[FIRST:.*]]: i64) -> i32
// CHECK-SAME: passthrough = ["noinline"]
// CHECK: %[[ROOM:.*]] = llvm.alloca
// CHECK: %[[SITE:.*]] = llvm.mlir.constant(2 : i32)
// CHECK: %[[LOW:.*]] = llvm.trunc %[[FIRST]] : i64 to i32
// CHECK: %[[SUM:.*]] = llvm.add %[[SITE]], %[[LOW]]
// CHECK: llvm.call %{{.*}}(%{{.*}}, %[[SUM]], %[[ROOM]]
func.func private @layer_0(%first: index) -> i32 attributes {passthrough = ["noinline"]} {
  %s = rt.slot 0 [] : memref<4xf32>
  %status = rt.invoke 2 from %first (%s : memref<4xf32>) {present = array<i1: true>}
  return %status : i32
}

// -----

// expected-error @below {{expects a function @main without arguments that returns a status; run moe-lower-invocations before}}
module {}

// -----

func.func @main() -> i32 {
  %s = rt.slot 0 [] : memref<1x1x1x1x1x1x1x1x1xf32>
  // expected-error @+2 {{cannot pass 'memref<1x1x1x1x1x1x1x1x1xf32>' to the runtime: it takes numbers of up to 64 bits and bool, of rank up to 8}}
  // expected-error @below {{failed to legalize operation 'rt.invoke'}}
  %status = rt.invoke 0 (%s : memref<1x1x1x1x1x1x1x1x1xf32>) {present = array<i1: true>}
  return %status : i32
}

// -----

// An offset that an instruction cannot hold is a value.
// CHECK: llvm.func internal @run
// CHECK: %[[FAR:.*]] = llvm.mlir.constant(34359738368 : i64)
// CHECK: llvm.getelementptr %{{.*}}[%[[FAR]]]
func.func @main() -> i32 {
  %n = rt.dim 4294967296 "n"
  %s = rt.slot 0 [%n] : memref<?xf32>
  %status = rt.invoke 0 (%s : memref<?xf32>) {present = array<i1: true>}
  return %status : i32
}

// -----

func.func @main() -> i32 {
  %status = call @run() : () -> i32
  return %status : i32
}
// expected-error @below {{has the name 'run', which the library uses itself; rename it}}
func.func private @run() -> i32 {
  %c0 = arith.constant 0 : i32
  return %c0 : i32
}

// -----

// A weight may have the name: it is gone when the library is made.
// CHECK: llvm.func internal @run
rt.weight @run : tensor<4xf32> = #rt.source<"m", 0, 16, raw> : tensor<4xf32>
func.func @main() -> i32 {
  %w = rt.weight_ref @run : memref<4xf32>
  %status = rt.invoke 0 (%w : memref<4xf32>) {present = array<i1: true>}
  return %status : i32
}
