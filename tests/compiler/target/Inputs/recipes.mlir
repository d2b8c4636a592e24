// One weight for each step of a recipe, and some steps behind others; every weight is an output.
module attributes {rt.limits = {}} {
  rt.weight @raw : tensor<6x4xf32> = #rt.source<"w.bin", 0, 96, raw> : tensor<6x4xf32>
  rt.weight @varint : tensor<3xi64> = #rt.source<"w.bin", 96, 5, varint> : tensor<3xi64>
  rt.weight @transposed : tensor<4x6xf32> = #rt.step<transpose [1, 0], (#rt.source<"w.bin", 0, 96, raw> : tensor<6x4xf32>)> : tensor<4x6xf32>
  rt.weight @reshaped : tensor<3x8xf32> = #rt.step<reshape, (#rt.step<transpose [1, 0], (#rt.source<"w.bin", 0, 96, raw> : tensor<6x4xf32>)> : tensor<4x6xf32>)> : tensor<3x8xf32>
  rt.weight @sliced : tensor<2x2xf32> = #rt.step<slice [1, 1, 3, 2], (#rt.source<"w.bin", 0, 96, raw> : tensor<6x4xf32>)> : tensor<2x2xf32>
  rt.weight @joined : tensor<6x6xf32> = #rt.step<concat [1], (#rt.source<"w.bin", 0, 96, raw> : tensor<6x4xf32>, #rt.source<"w.bin", 0, 48, raw> : tensor<6x2xf32>)> : tensor<6x6xf32>
  rt.weight @stacked : tensor<2x3x4xf32> = #rt.step<stack, (#rt.source<"w.bin", 0, 48, raw> : tensor<3x4xf32>, #rt.source<"w.bin", 48, 48, raw> : tensor<3x4xf32>)> : tensor<2x3x4xf32>
  rt.weight @gathered : tensor<3x4xf32> = #rt.step<gather [0, 5, 0, 5], (#rt.source<"w.bin", 0, 96, raw> : tensor<6x4xf32>)> : tensor<3x4xf32>
  rt.weight @broadcast : tensor<2x3x4xf32> = #rt.step<broadcast, (#rt.source<"w.bin", 0, 12, raw> : tensor<3x1xf32>)> : tensor<2x3x4xf32>
  rt.weight @cast : tensor<6x4xi32> = #rt.step<cast, (#rt.source<"w.bin", 0, 96, raw> : tensor<6x4xf32>)> : tensor<6x4xi32>
  rt.weight @packed : tensor<2x3x16xf32> = #rt.step<pack_panels, (#rt.step<broadcast, (#rt.source<"w.bin", 0, 12, raw> : tensor<3xf32>)> : tensor<20x3xf32>)> : tensor<2x3x16xf32>
  rt.weight @packed_transposed : tensor<1x6x16xf32> = #rt.step<pack_panels, (#rt.step<transpose [1, 0], (#rt.source<"w.bin", 0, 96, raw> : tensor<6x4xf32>)> : tensor<4x6xf32>)> : tensor<1x6x16xf32>
  rt.weight @inline : tensor<2x2xf16> = #rt.inline<dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf16>>
  rt.weight @flags : tensor<3xi1> = #rt.inline<dense<[true, false, true]> : tensor<3xi1>>
  rt.weight @fourths : tensor<1x8xf32> = #rt.step<dequantise [1, 8], (#rt.step<unpack, (#rt.source<"w.bin", 101, 2, raw> : tensor<1x2xui8>)> : tensor<1x8xui2>, #rt.inline<dense<1.0> : tensor<1x1xf32>>)> : tensor<1x8xf32>
  rt.weight @blocks : tensor<2x5xf32> = #rt.step<dequantise [1, 2], (#rt.source<"w.bin", 101, 10, raw> : tensor<2x5xui8>, #rt.source<"w.bin", 0, 24, raw> : tensor<2x3xf32>, #rt.inline<dense<[[1, 2, 3], [4, 5, 6]]> : tensor<2x3xui8>>)> : tensor<2x5xf32>
  rt.weight @columns : tensor<5x2xf32> = #rt.step<transpose [1, 0], (#rt.step<slice [0, 0, 1, 1], (#rt.step<dequantise [2, 5], (#rt.source<"w.bin", 101, 10, raw> : tensor<2x5xi8>, #rt.inline<dense<0.5> : tensor<1x1xf16>>)> : tensor<2x5xf32>)> : tensor<2x5xf32>)> : tensor<5x2xf32>
  rt.weight @half : tensor<2x2xf32> = #rt.step<slice [0, 1, 1, 3], (#rt.step<dequantise [1, 2], (#rt.source<"w.bin", 101, 10, raw> : tensor<2x5xui8>, #rt.source<"w.bin", 0, 24, raw> : tensor<2x3xf32>, #rt.inline<dense<1.0> : tensor<2x3xf32>>)> : tensor<2x5xf32>)> : tensor<2x2xf32>
  rt.weight @signed : tensor<3xf32> = #rt.step<dequantise [1], (#rt.source<"w.bin", 101, 2, raw> : tensor<3xi4>, #rt.inline<dense<[1.0, 2.0, 3.0]> : tensor<3xf32>>)> : tensor<3xf32>
  rt.weight @micro : tensor<1x4xf32> = #rt.step<dequantise [1, 2], (#rt.source<"w.bin", 101, 2, raw> : tensor<1x4xf4E2M1FN>, #rt.source<"w.bin", 103, 2, raw> : tensor<1x2xf8E8M0FNU>)> : tensor<1x4xf32>
  func.func @main() -> (
      tensor<6x4xf32> {rt.name = "raw", rt.shape = [6, 4]}, tensor<3xi64> {rt.name = "varint", rt.shape = [3]},
      tensor<4x6xf32> {rt.name = "transposed", rt.shape = [4, 6]}, tensor<3x8xf32> {rt.name = "reshaped", rt.shape = [3, 8]},
      tensor<2x2xf32> {rt.name = "sliced", rt.shape = [2, 2]}, tensor<6x6xf32> {rt.name = "joined", rt.shape = [6, 6]},
      tensor<2x3x4xf32> {rt.name = "stacked", rt.shape = [2, 3, 4]}, tensor<3x4xf32> {rt.name = "gathered", rt.shape = [3, 4]},
      tensor<2x3x4xf32> {rt.name = "broadcast", rt.shape = [2, 3, 4]}, tensor<6x4xi32> {rt.name = "cast", rt.shape = [6, 4]},
      tensor<2x3x16xf32> {rt.name = "packed", rt.shape = [2, 3, 16]}, tensor<1x6x16xf32> {rt.name = "packed_transposed", rt.shape = [1, 6, 16]},
      tensor<2x2xf16> {rt.name = "inline", rt.shape = [2, 2]}, tensor<3xi1> {rt.name = "flags", rt.shape = [3]},
      tensor<1x8xf32> {rt.name = "fourths", rt.shape = [1, 8]},
      tensor<2x5xf32> {rt.name = "blocks", rt.shape = [2, 5]},
      tensor<5x2xf32> {rt.name = "columns", rt.shape = [5, 2]},
      tensor<2x2xf32> {rt.name = "half", rt.shape = [2, 2]},
      tensor<3xf32> {rt.name = "signed", rt.shape = [3]},
      tensor<1x4xf32> {rt.name = "micro", rt.shape = [1, 4]}) {
    %0 = rt.weight_ref @raw : tensor<6x4xf32>
    %1 = rt.weight_ref @varint : tensor<3xi64>
    %2 = rt.weight_ref @transposed : tensor<4x6xf32>
    %3 = rt.weight_ref @reshaped : tensor<3x8xf32>
    %4 = rt.weight_ref @sliced : tensor<2x2xf32>
    %5 = rt.weight_ref @joined : tensor<6x6xf32>
    %6 = rt.weight_ref @stacked : tensor<2x3x4xf32>
    %7 = rt.weight_ref @gathered : tensor<3x4xf32>
    %8 = rt.weight_ref @broadcast : tensor<2x3x4xf32>
    %9 = rt.weight_ref @cast : tensor<6x4xi32>
    %10 = rt.weight_ref @packed : tensor<2x3x16xf32>
    %11 = rt.weight_ref @packed_transposed : tensor<1x6x16xf32>
    %12 = rt.weight_ref @inline : tensor<2x2xf16>
    %13 = rt.weight_ref @flags : tensor<3xi1>
    %14 = rt.weight_ref @fourths : tensor<1x8xf32>
    %15 = rt.weight_ref @blocks : tensor<2x5xf32>
    %16 = rt.weight_ref @columns : tensor<5x2xf32>
    %17 = rt.weight_ref @half : tensor<2x2xf32>
    %18 = rt.weight_ref @signed : tensor<3xf32>
    %19 = rt.weight_ref @micro : tensor<1x4xf32>
    return %0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, %16, %17, %18, %19 : tensor<6x4xf32>, tensor<3xi64>, tensor<4x6xf32>, tensor<3x8xf32>,
      tensor<2x2xf32>, tensor<6x6xf32>, tensor<2x3x4xf32>, tensor<3x4xf32>, tensor<2x3x4xf32>, tensor<6x4xi32>, tensor<2x3x16xf32>,
      tensor<1x6x16xf32>, tensor<2x2xf16>, tensor<3xi1>, tensor<1x8xf32>, tensor<2x5xf32>, tensor<5x2xf32>, tensor<2x2xf32>, tensor<3xf32>, tensor<1x4xf32>
  }
}
