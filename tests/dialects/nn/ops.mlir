// RUN: moe-opt %s --verify-roundtrip | FileCheck %s

// CHECK-LABEL: @matmul
func.func @matmul(%a: tensor<?x64xf32>, %w: tensor<96x64xf32>, %b: tensor<96xf32>) -> (tensor<?x96xf32>, tensor<?x96xf32>) {
  // CHECK: nn.matmul %{{.*}}, %{{.*}} bias %
  %c = nn.matmul %a, %w bias %b : tensor<?x64xf32>, tensor<96x64xf32>, tensor<96xf32> -> tensor<?x96xf32>
  %d = nn.matmul %a, %w : tensor<?x64xf32>, tensor<96x64xf32> -> tensor<?x96xf32>
  return %c, %d : tensor<?x96xf32>, tensor<?x96xf32>
}

// CHECK-LABEL: @batch_matmul
func.func @batch_matmul(%a: tensor<?x4x?x8xf32>, %b: tensor<4x8x?xf32>) -> tensor<?x4x?x?xf32> {
  // CHECK: nn.batch_matmul
  %c = nn.batch_matmul %a, %b : tensor<?x4x?x8xf32>, tensor<4x8x?xf32> -> tensor<?x4x?x?xf32>
  return %c : tensor<?x4x?x?xf32>
}

// CHECK-LABEL: @embedding
func.func @embedding(%ids: tensor<?x?xi64>, %table: tensor<96x64xf32>) -> tensor<?x?x64xf32> {
  // CHECK: nn.embedding
  %x = nn.embedding %ids, %table : tensor<?x?xi64>, tensor<96x64xf32> -> tensor<?x?x64xf32>
  return %x : tensor<?x?x64xf32>
}

// CHECK-LABEL: @norms
func.func @norms(%x: tensor<?x64xf32>, %scale: tensor<64xf32>, %bias: tensor<64xf32>) -> tensor<?x64xf32> {
  // CHECK: nn.rms_norm {{.*}} {epsilon = 1.000000e-05 : f64}
  %r = nn.rms_norm %x, %scale {epsilon = 1.0e-5 : f64} : tensor<?x64xf32>, tensor<64xf32>
  // CHECK: nn.layer_norm %{{.*}}, %{{.*}} bias %
  %l = nn.layer_norm %r, %scale bias %bias {epsilon = 1.0e-5 : f64} : tensor<?x64xf32>, tensor<64xf32>, tensor<64xf32>
  %m = nn.layer_norm %l, %scale {epsilon = 1.0e-5 : f64} : tensor<?x64xf32>, tensor<64xf32>
  // CHECK: nn.softmax
  %s = nn.softmax %m : tensor<?x64xf32>
  return %s : tensor<?x64xf32>
}

// CHECK-LABEL: @attention
func.func @attention(%q: tensor<?x?x64xf32>, %k: tensor<?x?x32xf32>, %v: tensor<?x?x32xf32>, %past: tensor<?x2x?x16xf32>,
                     %lengths: tensor<?xi32>, %total: index, %positions: tensor<?x?xi64>, %table: tensor<32x8xf32>, %sink: tensor<4xf32>)
    -> (tensor<?x?x64xf32>, tensor<?x2x?x16xf32>, tensor<?x?x64xf32>) {
  // CHECK: nn.rotary {{.*}} {heads = 4 : i64, interleaved}
  %r = nn.rotary %q, %positions, %table, %table {heads = 4 : i64, interleaved} : tensor<?x?x64xf32>, tensor<?x?xi64>, tensor<32x8xf32>
  // CHECK: nn.attention {{.*}} past {{.*}} lengths {{.*}} total {{.*}} sink
  %o:3 = nn.attention %r, %k, %v past %past, %past lengths %lengths total %total sink %sink {heads = 4 : i64, kv_heads = 2 : i64, window = 8 : i64}
    : (tensor<?x?x64xf32>, tensor<?x?x32xf32>, tensor<?x?x32xf32>, tensor<?x2x?x16xf32>, tensor<?x2x?x16xf32>, tensor<?xi32>, tensor<4xf32>, index)
    -> (tensor<?x?x64xf32>, tensor<?x2x?x16xf32>, tensor<?x2x?x16xf32>)
  // CHECK: nn.attention %{{.*}}, %{{.*}}, %{{.*}} lengths
  %p:3 = nn.attention %r, %k, %v lengths %lengths total %total {heads = 4 : i64, kv_heads = 2 : i64}
    : (tensor<?x?x64xf32>, tensor<?x?x32xf32>, tensor<?x?x32xf32>, tensor<?xi32>, index)
    -> (tensor<?x?x64xf32>, tensor<?x2x?x16xf32>, tensor<?x2x?x16xf32>)
  return %o#0, %o#1, %p#0 : tensor<?x?x64xf32>, tensor<?x2x?x16xf32>, tensor<?x?x64xf32>
}

// CHECK-LABEL: @reshape
func.func @reshape(%x: tensor<?x?x64xf32>, %tokens: index) -> tensor<?x64xf32> {
  // CHECK: nn.reshape %{{.*}}[%{{.*}}]
  %y = nn.reshape %x [%tokens] : tensor<?x?x64xf32> -> tensor<?x64xf32>
  return %y : tensor<?x64xf32>
}

// CHECK-LABEL: @lookups
func.func @lookups(%x: tensor<?x8xf32>, %table: tensor<8x96x64xf32>, %i: tensor<?xi64>, %tuples: tensor<?x1xi64>)
    -> (tensor<?x2xf32>, tensor<?x2xf32>, tensor<?x8xf32>, tensor<?x96x64xf32>, tensor<?x8xf32>) {
  // CHECK: nn.topk
  %values, %indices = nn.topk %x {largest = true} : tensor<?x8xf32> -> tensor<?x2xf32>, tensor<?x2xi64>
  // CHECK: nn.gather_elements
  %e = nn.gather_elements %x, %indices {axis = 1 : i64} : tensor<?x8xf32>, tensor<?x2xi64> -> tensor<?x2xf32>
  // CHECK: nn.gather %
  %g = nn.gather %x, %i {axis = 0 : i64} : tensor<?x8xf32>, tensor<?xi64> -> tensor<?x8xf32>
  // CHECK: nn.gather_nd
  %n = nn.gather_nd %table, %tuples : tensor<8x96x64xf32>, tensor<?x1xi64> -> tensor<?x96x64xf32>
  // CHECK: nn.cumsum {{.*}}exclusive
  %s = nn.cumsum %x {axis = 0 : i64, exclusive} : tensor<?x8xf32>
  return %values, %e, %g, %n, %s : tensor<?x2xf32>, tensor<?x2xf32>, tensor<?x8xf32>, tensor<?x96x64xf32>, tensor<?x8xf32>
}

// CHECK-LABEL: @operators
func.func @operators(%x: tensor<?x8xf32>, %axes: tensor<1xi64>, %n: index) -> (tensor<?x1xf32>, tensor<f32>) {
  // CHECK: nn.operator "reduce"(%{{.*}}, %{{.*}}) [%{{.*}}] {
  %r = nn.operator "reduce"(%x, %axes) [%n] {present = array<i1: true, true>, integers = {kind = 0, noop = 0}, floats = {}}
      : (tensor<?x8xf32>, tensor<1xi64>) -> tensor<?x1xf32>
  // CHECK: nn.operator "reduce"(%{{.*}}) [] {
  %a = nn.operator "reduce"(%x) [] {present = array<i1: true, false>, integers = {kind = 0, noop = 0}, floats = {}}
      : (tensor<?x8xf32>) -> tensor<f32>
  return %r, %a : tensor<?x1xf32>, tensor<f32>
}
