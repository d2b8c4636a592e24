// One fused MoE layer with a dense residual, in the form that the raise phase leaves (docs/contracts.md, section 2).
module attributes {rt.limits = {batch = 2 : i64, seq = 16 : i64}} {
  rt.weight @embedding : tensor<32x16xf32> = #rt.source<"weights.bin", 0, 2048, raw> : tensor<32x16xf32>
  rt.weight @router : tensor<8x16xf32> = #rt.source<"weights.bin", 2048, 512, raw> : tensor<8x16xf32>
  rt.weight @fc1 : tensor<8x24x16xf32> = #rt.source<"weights.bin", 2560, 12288, raw> : tensor<8x24x16xf32>
  rt.weight @fc2 : tensor<8x16x24xf32> = #rt.source<"weights.bin", 14848, 12288, raw> : tensor<8x16x24xf32>
  func.func @main(%batch: index {rt.dim = "batch"}, %seq: index {rt.dim = "seq"},
                  %ids: tensor<?x?xi64> {rt.name = "ids", rt.shape = ["batch", "seq"]})
      -> (tensor<?x?x16xf32> {rt.name = "out", rt.shape = ["batch", "seq", 16]}) {
    %table = rt.weight_ref @embedding : tensor<32x16xf32>
    %router = rt.weight_ref @router : tensor<8x16xf32>
    %w1 = rt.weight_ref @fc1 : tensor<8x24x16xf32>
    %w2 = rt.weight_ref @fc2 : tensor<8x16x24xf32>
    %x = nn.embedding %ids, %table : tensor<?x?xi64>, tensor<32x16xf32> -> tensor<?x?x16xf32>
    %tokens = arith.muli %batch, %seq : index
    %t = nn.reshape %x [%tokens] : tensor<?x?x16xf32> -> tensor<?x16xf32>
    %logits = nn.matmul %t, %router : tensor<?x16xf32>, tensor<8x16xf32> -> tensor<?x8xf32>
    %chosen, %weights = moe.gate %logits {gating = #moe.gating<renormalize = true>} : tensor<?x8xf32> -> tensor<?x2xi32>, tensor<?x2xf32>
    %rows, %route = moe.dispatch %t, %chosen : tensor<?x16xf32>, tensor<?x2xi32> -> tensor<?x16xf32>, !moe.route<experts = 8, slots = 2, side = source>
    %y = moe.expert %rows, %route gate %w1 : tensor<8x24x16xf32> down %w2 : tensor<8x16x24xf32> {activation = #moe.activation<silu>}
        : tensor<?x16xf32>, !moe.route<experts = 8, slots = 2, side = source> -> tensor<?x16xf32>
    %z = moe.combine %y, %route, %weights
        : tensor<?x16xf32>, !moe.route<experts = 8, slots = 2, side = source>, tensor<?x2xf32> -> tensor<?x16xf32>
    %back = nn.reshape %z [%batch, %seq] : tensor<?x16xf32> -> tensor<?x?x16xf32>
    %empty = tensor.empty(%batch, %seq) : tensor<?x?x16xf32>
    %out = linalg.generic {indexing_maps = [affine_map<(a, b, c) -> (a, b, c)>, affine_map<(a, b, c) -> (a, b, c)>, affine_map<(a, b, c) -> (a, b, c)>],
                           iterator_types = ["parallel", "parallel", "parallel"]}
        ins(%back, %x : tensor<?x?x16xf32>, tensor<?x?x16xf32>) outs(%empty : tensor<?x?x16xf32>) {
    ^bb0(%a: f32, %b: f32, %o: f32):
      %e = math.tanh %b : f32
      %s = arith.addf %a, %e : f32
      linalg.yield %s : f32
    } -> tensor<?x?x16xf32>
    return %out : tensor<?x?x16xf32>
  }
}
