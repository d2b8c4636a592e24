// RUN: moe-opt %s --moe-plan-memory --verify-diagnostics

// A buffer whose bytes no 64-bit number counts is refused, not wrapped.
func.func @main() {
  // expected-error @+1 {{of type 'memref<4611686018427387904x4xf32>' has more bytes than 64 bits count}}
  %0 = memref.alloc() : memref<4611686018427387904x4xf32>
  return
}
