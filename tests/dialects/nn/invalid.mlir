// RUN: moe-opt %s --split-input-file --verify-diagnostics

func.func @matmul_c1(%a: tensor<?x64xf32>, %w: tensor<96x32xf32>) {
  // expected-error @below {{'nn.matmul' op expects a weight with 64 columns, but got 'tensor<96x32xf32>'}}
  %0 = nn.matmul %a, %w : tensor<?x64xf32>, tensor<96x32xf32> -> tensor<?x96xf32>
  return
}

// -----

func.func @matmul_c1_scalar(%a: tensor<f32>, %w: tensor<96x1xf32>) {
  // expected-error @below {{'nn.matmul' op expects rows of rank at least 1, but got 'tensor<f32>'}}
  %0 = nn.matmul %a, %w : tensor<f32>, tensor<96x1xf32> -> tensor<96xf32>
  return
}

// -----

func.func @matmul_c1_result(%a: tensor<?x64xf32>, %w: tensor<96x64xf32>) {
  // expected-error @below {{'nn.matmul' op expects a result of shape ?x96, but got 'tensor<?x64xf32>'}}
  %0 = nn.matmul %a, %w : tensor<?x64xf32>, tensor<96x64xf32> -> tensor<?x64xf32>
  return
}

// -----

func.func @matmul_c2(%a: tensor<?x64xf32>, %w: tensor<96x64xf32>, %b: tensor<64xf32>) {
  // expected-error @below {{'nn.matmul' op expects a bias of 96 elements, but got 'tensor<64xf32>'}}
  %0 = nn.matmul %a, %w bias %b : tensor<?x64xf32>, tensor<96x64xf32>, tensor<64xf32> -> tensor<?x96xf32>
  return
}

// -----

func.func @batch_matmul_c1_rank(%a: tensor<8xf32>, %b: tensor<8x4xf32>) {
  // expected-error @below {{'nn.batch_matmul' op expects operands of rank at least 2, but got 'tensor<8xf32>' and 'tensor<8x4xf32>'}}
  %0 = nn.batch_matmul %a, %b : tensor<8xf32>, tensor<8x4xf32> -> tensor<4xf32>
  return
}

// -----

func.func @batch_matmul_c1(%a: tensor<?x8xf32>, %b: tensor<7x4xf32>) {
  // expected-error @below {{'nn.batch_matmul' op expects m x k times k x n to give m x n, but got}}
  %0 = nn.batch_matmul %a, %b : tensor<?x8xf32>, tensor<7x4xf32> -> tensor<?x4xf32>
  return
}

// -----

func.func @embedding_c1(%i: tensor<?xi64>, %t: tensor<96x64xf32>) {
  // expected-error @below {{'nn.embedding' op expects a result of shape ?x64, but got 'tensor<?x96xf32>'}}
  %0 = nn.embedding %i, %t : tensor<?xi64>, tensor<96x64xf32> -> tensor<?x96xf32>
  return
}

// -----

func.func @rms_norm_c1(%x: tensor<?x64xf32>, %s: tensor<32xf32>) {
  // expected-error @below {{'nn.rms_norm' op expects a scale of 64 elements, but got 'tensor<32xf32>'}}
  %0 = nn.rms_norm %x, %s {epsilon = 1.0e-5 : f64} : tensor<?x64xf32>, tensor<32xf32>
  return
}

// -----

func.func @layer_norm_c1(%x: tensor<?x64xf32>, %s: tensor<64xf32>, %b: tensor<32xf32>) {
  // expected-error @below {{'nn.layer_norm' op expects a bias of 64 elements, but got 'tensor<32xf32>'}}
  %0 = nn.layer_norm %x, %s bias %b {epsilon = 1.0e-5 : f64} : tensor<?x64xf32>, tensor<64xf32>, tensor<32xf32>
  return
}

// -----

func.func @rotary_c1(%x: tensor<?x?x64xf32>, %p: tensor<?x?xi64>, %c: tensor<32x8xf32>) {
  // expected-error @below {{'nn.rotary' op expects x of B x S x 3*d, positions of B x S and cosine of P x r/2, but got}}
  %0 = nn.rotary %x, %p, %c, %c {heads = 3 : i64} : tensor<?x?x64xf32>, tensor<?x?xi64>, tensor<32x8xf32>
  return
}

// -----

func.func @attention_c1_heads(%q: tensor<?x?x64xf32>, %k: tensor<?x?x32xf32>, %n: tensor<?xi32>, %t: index) {
  // expected-error @below {{'nn.attention' op expects heads to be a multiple of kv_heads, but got 4 and 3}}
  %0:3 = nn.attention %q, %k, %k lengths %n total %t {heads = 4 : i64, kv_heads = 3 : i64}
    : (tensor<?x?x64xf32>, tensor<?x?x32xf32>, tensor<?x?x32xf32>, tensor<?xi32>, index) -> (tensor<?x?x64xf32>, tensor<?x2x?x16xf32>, tensor<?x2x?x16xf32>)
  return
}

// -----

func.func @attention_c1(%q: tensor<?x?x64xf32>, %k: tensor<?x?x32xf32>, %n: tensor<?xi32>, %t: index) {
  // expected-error @below {{'nn.attention' op expects query of B x S x 4*d and key and value of B x S x 4*d, but got}}
  %0:3 = nn.attention %q, %k, %k lengths %n total %t {heads = 4 : i64, kv_heads = 4 : i64}
    : (tensor<?x?x64xf32>, tensor<?x?x32xf32>, tensor<?x?x32xf32>, tensor<?xi32>, index) -> (tensor<?x?x64xf32>, tensor<?x2x?x16xf32>, tensor<?x2x?x16xf32>)
  return
}

// -----

func.func @attention_c3(%q: tensor<?x?x64xf32>, %k: tensor<?x?x32xf32>, %n: tensor<?xi32>, %t: index) {
  // expected-error @below {{'nn.attention' op expects a result of the type of the query 'tensor<?x?x64xf32>', but got 'tensor<?x?x32xf32>'}}
  %0:3 = nn.attention %q, %k, %k lengths %n total %t {heads = 4 : i64, kv_heads = 2 : i64}
    : (tensor<?x?x64xf32>, tensor<?x?x32xf32>, tensor<?x?x32xf32>, tensor<?xi32>, index) -> (tensor<?x?x32xf32>, tensor<?x2x?x16xf32>, tensor<?x2x?x16xf32>)
  return
}

// -----

func.func @reshape_c1(%x: tensor<?x4xf32>) {
  // expected-error @below {{'nn.reshape' op expects 1 sizes for 'tensor<?x2x2xf32>', but got 0}}
  %0 = nn.reshape %x [] : tensor<?x4xf32> -> tensor<?x2x2xf32>
  return
}

// -----

func.func @reshape_c2(%x: tensor<3x4xf32>) {
  // expected-error @below {{'nn.reshape' op expects the same elements, but got 'tensor<3x4xf32>' and 'tensor<13xf32>'}}
  %0 = nn.reshape %x [] : tensor<3x4xf32> -> tensor<13xf32>
  return
}

// -----

func.func @topk_c1(%x: tensor<?x8xf32>) {
  // expected-error @below {{'nn.topk' op expects values and indices of the shape of x but for a static last axis, but got}}
  %0, %1 = nn.topk %x : tensor<?x8xf32> -> tensor<?x?xf32>, tensor<?x?xi64>
  return
}

// -----

func.func @gather_c1(%x: tensor<4x8xf32>, %i: tensor<?xi64>) {
  // expected-error @below {{'nn.gather' op expects an axis from 0 to 1, but got 2}}
  %0 = nn.gather %x, %i {axis = 2 : i64} : tensor<4x8xf32>, tensor<?xi64> -> tensor<4x?xf32>
  return
}

// -----

func.func @gather_c1_rank(%x: tensor<4x8xf32>, %i: tensor<?xi64>) {
  // expected-error @below {{'nn.gather' op expects a result of shape 4x?, but got 'tensor<4xf32>'}}
  %0 = nn.gather %x, %i {axis = 1 : i64} : tensor<4x8xf32>, tensor<?xi64> -> tensor<4xf32>
  return
}

// -----

func.func @gather_elements_c1(%x: tensor<4x8xf32>, %i: tensor<?xi64>) {
  // expected-error @below {{'nn.gather_elements' op expects data, indices and result of one rank, but got}}
  %0 = nn.gather_elements %x, %i {axis = 1 : i64} : tensor<4x8xf32>, tensor<?xi64> -> tensor<?xf32>
  return
}

// -----

func.func @gather_nd_c1(%x: tensor<4x8xf32>, %i: tensor<?x3xi64>) {
  // expected-error @below {{'nn.gather_nd' op expects index tuples that fit data behind 0 batch dimensions, but got}}
  %0 = nn.gather_nd %x, %i : tensor<4x8xf32>, tensor<?x3xi64> -> tensor<?xf32>
  return
}

// -----

func.func @cumsum_c1(%x: tensor<4x8xf32>) {
  // expected-error @below {{'nn.cumsum' op expects an axis from 0 to 1, but got -1}}
  %0 = nn.cumsum %x {axis = -1 : i64} : tensor<4x8xf32>
  return
}

// -----

func.func @attention_c2(%q: tensor<?x?x64xf32>, %k: tensor<?x?x32xf32>, %past: tensor<?x2x?x16xf32>, %n: tensor<?xi32>, %t: index) {
  // expected-error @below {{'nn.attention' op expects past_key and past_value together}}
  %0:3 = "nn.attention"(%q, %k, %k, %past, %n, %t) <{heads = 4 : i64, kv_heads = 2 : i64, operandSegmentSizes = array<i32: 1, 1, 1, 1, 0, 1, 0, 0, 1>}>
    : (tensor<?x?x64xf32>, tensor<?x?x32xf32>, tensor<?x?x32xf32>, tensor<?x2x?x16xf32>, tensor<?xi32>, index)
    -> (tensor<?x?x64xf32>, tensor<?x2x?x16xf32>, tensor<?x2x?x16xf32>)
  return
}

// -----

func.func @batch_matmul_c2(%a: tensor<3x?x8xf32>, %b: tensor<2x8x4xf32>) {
  // expected-error @below {{'nn.batch_matmul' op expects m x k times k x n to give m x n, but got}}
  %0 = nn.batch_matmul %a, %b : tensor<3x?x8xf32>, tensor<2x8x4xf32> -> tensor<3x?x4xf32>
  return
}

// -----

func.func @gather_c2(%x: tensor<4x8xf32>, %i: tensor<?xi64>) {
  // expected-error @below {{'nn.gather' op expects a result of shape ?x8, but got 'tensor<?x4xf32>'}}
  %0 = nn.gather %x, %i {axis = 0 : i64} : tensor<4x8xf32>, tensor<?xi64> -> tensor<?x4xf32>
  return
}

// -----

func.func @gather_nd_c2(%x: tensor<4x8xf32>, %i: tensor<?x1xi64>) {
  // expected-error @below {{'nn.gather_nd' op expects a result of shape ?x8, but got 'tensor<?x4xf32>'}}
  %0 = nn.gather_nd %x, %i : tensor<4x8xf32>, tensor<?x1xi64> -> tensor<?x4xf32>
  return
}

// -----

func.func @attention_c4(%q: tensor<?x?x64xf32>, %k: tensor<?x?x32xf32>, %n: tensor<?xi32>, %t: index) {
  // expected-error @below {{'nn.attention' op expects caches of B x 2 x keys x 16, but got 'tensor<?x2x?x8xf32>'}}
  %o, %pk, %pv = nn.attention %q, %k, %k lengths %n total %t {heads = 4 : i64, kv_heads = 2 : i64}
    : (tensor<?x?x64xf32>, tensor<?x?x32xf32>, tensor<?x?x32xf32>, tensor<?xi32>, index) -> (tensor<?x?x64xf32>, tensor<?x2x?x8xf32>, tensor<?x2x?x8xf32>)
  return
}

// -----

func.func @attention_c5(%q: tensor<?x?x64xf32>, %k: tensor<?x?x32xf32>, %n: tensor<?xi32>, %t: index, %s: tensor<2xf32>) {
  // expected-error @below {{'nn.attention' op expects a sink of 4 elements, but got 'tensor<2xf32>'}}
  %o, %pk, %pv = nn.attention %q, %k, %k lengths %n total %t sink %s {heads = 4 : i64, kv_heads = 2 : i64}
    : (tensor<?x?x64xf32>, tensor<?x?x32xf32>, tensor<?x?x32xf32>, tensor<?xi32>, tensor<2xf32>, index) -> (tensor<?x?x64xf32>, tensor<?x2x?x16xf32>, tensor<?x2x?x16xf32>)
  return
}

// -----

func.func @operator_c1(%x: tensor<?x8xf32>, %axes: tensor<1xi64>) {
  // expected-error @below {{'nn.operator' op has 0 sizes for 1 dynamic dimensions}}
  %0 = nn.operator "reduce"(%x, %axes) [] {present = array<i1: true, true>, integers = {kind = 0, noop = 0}, floats = {}}
      : (tensor<?x8xf32>, tensor<1xi64>) -> tensor<?x1xf32>
  return
}

// -----

func.func @operator_c2(%x: tensor<4x8xf32>) {
  // expected-error @below {{'nn.operator' op has 1 inputs, but `present` says 2}}
  %0 = nn.operator "reduce"(%x) [] {present = array<i1: true, true>, integers = {kind = 0, noop = 0}, floats = {}}
      : (tensor<4x8xf32>) -> tensor<4x1xf32>
  return
}

// -----

func.func @operator_c3(%x: tensor<4x8xf32>) {
  // expected-error @below {{'nn.operator' op expects 'upper' of type 'i64', but got "yes"}}
  %0 = nn.operator "trilu"(%x) [] {present = array<i1: true, false>, integers = {upper = "yes"}, floats = {}} : (tensor<4x8xf32>) -> tensor<4x8xf32>
  return
}

// -----

func.func @operator_c3(%x: tensor<4x8xf32>) {
  // expected-error @below {{'nn.operator' op expects 'slope' of type 'f64', but got 1 : i64}}
  %0 = nn.operator "trilu"(%x) [] {present = array<i1: true, false>, integers = {upper = 1}, floats = {slope = 1 : i64}} : (tensor<4x8xf32>) -> tensor<4x8xf32>
  return
}
