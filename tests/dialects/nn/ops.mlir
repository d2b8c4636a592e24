// RUN: moe-opt %s --verify-roundtrip

func.func @matmul(%a: tensor<?x64xf32>, %w: tensor<96x64xf32>, %b: tensor<96xf32>) -> tensor<?x96xf32> {
  %c = nn.matmul %a, %w bias %b : tensor<?x64xf32>, tensor<96x64xf32>, tensor<96xf32> -> tensor<?x96xf32>
  return %c : tensor<?x96xf32>
}
