// Narrow elements (kernels/common/narrow.h), and the kernels of quantised activations.
#include "kernels/common/narrow.h"
#include "kernels/layout/operators.h"
#include "tests/kernels/harness.h"

#include <cmath>
#include <gtest/gtest.h>
#include <limits>

using namespace switchyard::kernels;
using namespace switchyard::kernels::test;

template <typename T> static Array arrayOf(ElementType type, Sizes sizes, std::vector<T> values) {
  Array array = Array::make(type, std::move(sizes));
  std::copy(values.begin(), values.end(), array.as<T>());
  return array;
}

template <typename T> static std::vector<T> valuesOf(const Array &array) { return std::vector<T>(array.as<T>(), array.as<T>() + array.count()); }

static const ElementType narrowFloats[] = {ElementType::f8E4M3FN, ElementType::f8E4M3FNUZ, ElementType::f8E5M2, ElementType::f8E5M2FNUZ,
                                           ElementType::f6E2M3,   ElementType::f6E3M2,     ElementType::f4E2M1};

TEST(Narrow, EveryCodeIsItself) {
  for (ElementType type : narrowFloats)
    for (int code = 0; code < 1 << narrow::widthOf(type); ++code) {
      float value = narrow::decode(type, static_cast<uint8_t>(code));
      if (value == value)
        EXPECT_EQ(narrow::encode(type, value, false), code) << static_cast<int>(type);
    }
  for (ElementType type : {ElementType::i4, ElementType::u4, ElementType::i2, ElementType::u2})
    for (int value = narrow::lowestInteger(type); value <= narrow::highestInteger(type); ++value)
      EXPECT_EQ(narrow::decode(type, narrow::encodeInteger(type, value)), static_cast<float>(value));
  for (int code = 0; code < 255; ++code)
    EXPECT_EQ(narrow::encode(ElementType::f8E8M0, narrow::decode(ElementType::f8E8M0, static_cast<uint8_t>(code)), true), code);
}

TEST(Narrow, RoundsToTheNearestEven) {
  const float values[] = {0.3f, -0.3f, 1.0625f, 1.1875f, 5.0f, -7.5f, 0.0009765625f, 0.0029f, 240, 19};
  const struct {
    ElementType type;
    uint8_t codes[10];
  } expected[] = {
      {ElementType::f8E4M3FN, {0x2a, 0xaa, 0x38, 0x3a, 0x4a, 0xcf, 0x0, 0x1, 0x77, 0x5a}},
      {ElementType::f8E4M3FNUZ, {0x32, 0xb2, 0x40, 0x42, 0x52, 0xd7, 0x1, 0x3, 0x7f, 0x62}},
      {ElementType::f8E5M2, {0x35, 0xb5, 0x3c, 0x3d, 0x45, 0xc8, 0x14, 0x1a, 0x5c, 0x4d}},
      {ElementType::f8E5M2FNUZ, {0x39, 0xb9, 0x40, 0x41, 0x49, 0xcc, 0x18, 0x1e, 0x60, 0x51}},
      {ElementType::f6E2M3, {0x2, 0x22, 0x8, 0xa, 0x1a, 0x3f, 0x0, 0x0, 0x1f, 0x1f}},
      {ElementType::f6E3M2, {0x5, 0x25, 0xc, 0xd, 0x15, 0x38, 0x0, 0x0, 0x1f, 0x1d}},
      {ElementType::f4E2M1, {0x1, 0x9, 0x2, 0x2, 0x6, 0xf, 0x0, 0x0, 0x7, 0x7}},
  };
  for (const auto &row : expected)
    for (int i = 0; i < 8; ++i)
      EXPECT_EQ(narrow::encode(row.type, values[i], true), row.codes[i]) << static_cast<int>(row.type) << ": " << values[i];
}

TEST(Narrow, EndsOfTheRange) {
  const float infinity = std::numeric_limits<float>::infinity();
  auto codes = [&](ElementType type, bool saturate) {
    std::vector<int> result;
    for (float value : {infinity, -1e6f, 1e30f, std::numeric_limits<float>::quiet_NaN(), -1e-30f})
      result.push_back(narrow::encode(type, value, saturate));
    return result;
  };
  EXPECT_EQ(codes(ElementType::f8E4M3FN, true), (std::vector<int>{0x7e, 0xfe, 0x7e, 0x7f, 0x80}));
  EXPECT_EQ(codes(ElementType::f8E4M3FN, false), (std::vector<int>{0x7f, 0xff, 0x7f, 0x7f, 0x80}));
  EXPECT_EQ(codes(ElementType::f8E4M3FNUZ, true), (std::vector<int>{0x7f, 0xff, 0x7f, 0x80, 0}));
  EXPECT_EQ(codes(ElementType::f8E4M3FNUZ, false), (std::vector<int>{0x80, 0x80, 0x80, 0x80, 0}));
  EXPECT_EQ(codes(ElementType::f8E5M2, true), (std::vector<int>{0x7b, 0xfb, 0x7b, 0x7e, 0x80}));
  EXPECT_EQ(codes(ElementType::f8E5M2, false), (std::vector<int>{0x7c, 0xfc, 0x7c, 0x7e, 0x80}));
  EXPECT_EQ(codes(ElementType::f8E5M2FNUZ, false), (std::vector<int>{0x80, 0x80, 0x80, 0x80, 0}));
  EXPECT_EQ(codes(ElementType::f4E2M1, false), (std::vector<int>{7, 15, 7, 0, 8}));
  EXPECT_EQ(codes(ElementType::f6E2M3, true), (std::vector<int>{0x1f, 0x3f, 0x1f, 0, 0x20}));
}

TEST(Narrow, PowersOfTwo) {
  auto code = [](float value, bool saturate, RoundMode mode) { return int(narrow::encode(ElementType::f8E8M0, value, saturate, mode)); };
  const float infinity = std::numeric_limits<float>::infinity(), largest = std::numeric_limits<float>::max();
  EXPECT_EQ(code(1.1f, true, RoundMode::up), 128);
  EXPECT_EQ(code(1.1f, true, RoundMode::down), 127);
  EXPECT_EQ(code(1.1f, true, RoundMode::nearest), 127);
  EXPECT_EQ(code(1.5f, true, RoundMode::nearest), 128);
  EXPECT_EQ(code(0.0f, true, RoundMode::up), 0);
  EXPECT_EQ(code(0.0f, false, RoundMode::nearest), 255);
  EXPECT_EQ(code(0x1.8p-127f, false, RoundMode::up), 1);
  EXPECT_EQ(code(0x1p-140f, false, RoundMode::up), 0);
  EXPECT_EQ(code(0x1p-140f, false, RoundMode::down), 255);
  EXPECT_EQ(code(largest, true, RoundMode::up), 254);
  EXPECT_EQ(code(largest, false, RoundMode::up), 255);
  EXPECT_EQ(code(infinity, true, RoundMode::up), 254);
  EXPECT_EQ(code(infinity, false, RoundMode::up), 255);
}

static Case convertOf(Array x, Array out, int64_t saturate = 1) {
  Case convert("convert");
  convert.input(std::move(x)).output(std::move(out)).integers({saturate, 0});
  return convert;
}

TEST(Convert, NarrowElements) {
  Case toInts = convertOf(Array::floats({6}, {-9, 8, 2.9f, -1.5f, 300, NAN}), Array::make(ElementType::i4, {6}));
  expectLevelsAgree(toInts);
  EXPECT_EQ(valuesOf<uint8_t>(toInts.result(0)), (std::vector<uint8_t>{7, 8, 2, 15, 12, 0}));
  Case fromInts = convertOf(arrayOf<uint8_t>(ElementType::i4, {3}, {0x0f, 0x08, 0xf7}), Array::make(ElementType::i32, {3}));
  expectLevelsAgree(fromInts);
  EXPECT_EQ(valuesOf<int32_t>(fromInts.result(0)), (std::vector<int32_t>{-1, -8, 7}));
  Case between = convertOf(arrayOf<uint8_t>(ElementType::f8E4M3FN, {2}, {0x38, 0x7e}), Array::make(ElementType::f8E5M2, {2}));
  expectLevelsAgree(between);
  EXPECT_EQ(valuesOf<uint8_t>(between.result(0)), (std::vector<uint8_t>{0x3c, 0x5f}));
  // Rounded once: 1.0625 + 2^-40 is above the tie between 1 and 1.125.
  Case once = convertOf(arrayOf<double>(ElementType::f64, {2}, {1.0625, 1.0625 + 0x1p-40}), Array::make(ElementType::f8E4M3FN, {2}));
  expectLevelsAgree(once);
  EXPECT_EQ(valuesOf<uint8_t>(once.result(0)), (std::vector<uint8_t>{0x38, 0x39}));
}

static Case quantizeOf(Array x, Array scale, Array zero, Array out, std::vector<int64_t> axisAndBlock) {
  Case quantize("quantize");
  quantize.input(std::move(x)).input(std::move(scale)).input(std::move(zero)).output(std::move(out));
  quantize.integers({axisAndBlock[0], axisAndBlock[1], 1, static_cast<int64_t>(ElementType::f32)});
  return quantize;
}

TEST(Quantize, OneScaleAnAxisAndBlocks) {
  Case one = quantizeOf(Array::floats({5}, {0, 2.5f, 3.5f, 1000, -1000}), Array::floats({}, {1}), arrayOf<uint8_t>(ElementType::u8, {}, {128}),
                        Array::make(ElementType::u8, {5}), {1, 0});
  expectLevelsAgree(one);
  EXPECT_EQ(valuesOf<uint8_t>(one.result(0)), (std::vector<uint8_t>{128, 130, 132, 255, 0}));
  Case axis = quantizeOf(Array::floats({2, 2}, {1, 2, 3, 4}), Array::floats({2}, {1, 2}), arrayOf<int8_t>(ElementType::i8, {2}, {0, 1}),
                         Array::make(ElementType::i8, {2, 2}), {1, 0});
  expectLevelsAgree(axis);
  EXPECT_EQ(valuesOf<int8_t>(axis.result(0)), (std::vector<int8_t>{1, 2, 3, 3}));
  Case blocks = quantizeOf(Array::floats({1, 3}, {8, 4, 9}), Array::floats({1, 2}, {4, 3}), arrayOf<uint8_t>(ElementType::i4, {1, 2}, {15, 0}),
                           Array::make(ElementType::i4, {1, 3}), {1, 2});
  expectLevelsAgree(blocks);
  EXPECT_EQ(valuesOf<uint8_t>(blocks.result(0)), (std::vector<uint8_t>{1, 0, 3}));
}

TEST(Quantize, NanIsTheZeroPointAndFloatsTakeTheQuotient) {
  Case nan = quantizeOf(Array::floats({2}, {NAN, INFINITY}), Array::floats({}, {2}), arrayOf<int16_t>(ElementType::i16, {}, {7}),
                        Array::make(ElementType::i16, {2}), {0, 0});
  expectLevelsAgree(nan);
  EXPECT_EQ(valuesOf<int16_t>(nan.result(0)), (std::vector<int16_t>{7, 32767}));
  Case narrowFloat("quantize");
  narrowFloat.input(Array::floats({2}, {2, 1e6f})).input(Array::floats({1}, {2})).absent().output(Array::make(ElementType::f8E4M3FN, {2}));
  narrowFloat.integers({0, 0, 1, 0});
  expectLevelsAgree(narrowFloat);
  EXPECT_EQ(valuesOf<uint8_t>(narrowFloat.result(0)), (std::vector<uint8_t>{0x38, 0x7e}));
}

TEST(Quantize, RefusesShapesThatDoNotFit) {
  auto with = [](Array scale, std::vector<int64_t> axisAndBlock) {
    Array zero = Array::make(ElementType::u8, scale.sizes);
    return quantizeOf(Array::floats({2, 2}, {1, 2, 3, 4}), std::move(scale), std::move(zero), Array::make(ElementType::u8, {2, 2}), axisAndBlock);
  };
  Case outside = with(Array::floats({2}, {1, 1}), {2, 0});
  expectFailure(outside, Status::badShape, "axis 2 is outside the rank 2");
  Case misfit = with(Array::floats({3}, {1, 1, 1}), {0, 0});
  expectFailure(misfit, Status::badShape, "scale has a shape that does not fit x along axis 0");
  Case wide = with(arrayOf<double>(ElementType::f64, {}, {1}), {0, 0});
  expectFailure(wide, Status::badShape, "scale has elements of type 3, expected floats of at most 32 bits");
  Case zero = quantizeOf(Array::floats({1}, {1}), Array::floats({}, {1}), Array::floats({}, {1}), Array::make(ElementType::f32, {1}), {0, 0});
  expectFailure(zero, Status::badShape, "zero_point has elements of type 0, expected those of a quantised tensor");
}

TEST(Dequantize, IsTheInverse) {
  Case axis("dequantize");
  axis.input(arrayOf<uint8_t>(ElementType::u8, {2, 2}, {1, 2, 3, 255})).input(Array::floats({2}, {2, 0.5f}));
  axis.input(arrayOf<uint8_t>(ElementType::u8, {2}, {1, 3})).output(Array::make(ElementType::f32, {2, 2})).integers({0, 0});
  expectLevelsAgree(axis);
  EXPECT_EQ(valuesOf<float>(axis.result(0)), (std::vector<float>{0, 2, 0, 126}));
  Case half("dequantize");
  half.input(arrayOf<uint8_t>(ElementType::f4E2M1, {2}, {7, 9})).input(arrayOf<uint16_t>(ElementType::f16, {}, {0x4000})).absent();
  half.output(Array::make(ElementType::f16, {2})).integers({1, 0});
  expectLevelsAgree(half);
  EXPECT_EQ(valuesOf<uint16_t>(half.result(0)), (std::vector<uint16_t>{0x4a00, 0xbc00}));
}

TEST(DynamicQuantize, TakesTheRangeOfXAndZero) {
  Case quantize("dynamic_quantize");
  quantize.input(Array::floats({3}, {0, 2, -3})).output(Array::make(ElementType::u8, {3}));
  quantize.output(Array::make(ElementType::f32, {})).output(Array::make(ElementType::u8, {}));
  expectLevelsAgree(quantize);
  EXPECT_EQ(valuesOf<uint8_t>(quantize.result(0)), (std::vector<uint8_t>{153, 255, 0}));
  EXPECT_FLOAT_EQ(quantize.result(1).as<float>()[0], 5.0f / 255.0f);
  EXPECT_EQ(quantize.result(2).as<uint8_t>()[0], 153);
}

TEST(MatmulInteger, SubtractsZeroPointsAndBroadcasts) {
  Case product("matmul_integer");
  product.input(arrayOf<uint8_t>(ElementType::u8, {2, 2}, {11, 7, 3, 255})).input(arrayOf<int8_t>(ElementType::i8, {2, 2, 1}, {1, -4, 2, 5}));
  product.input(arrayOf<uint8_t>(ElementType::u8, {2}, {10, 5})).absent().output(Array::make(ElementType::i32, {2, 2, 1}));
  expectLevelsAgree(product);
  EXPECT_EQ(valuesOf<int32_t>(product.result(0)), (std::vector<int32_t>{13, -1002, -13, 1246}));
  Case vectors("matmul_integer");
  vectors.input(arrayOf<uint8_t>(ElementType::u8, {2}, {1, 2})).input(arrayOf<uint8_t>(ElementType::u8, {2}, {3, 4})).absent().absent();
  vectors.output(Array::make(ElementType::i32, {}));
  expectLevelsAgree(vectors);
  EXPECT_EQ(vectors.result(0).as<int32_t>()[0], 11);
}

TEST(MatmulInteger, RefusesWhatIsNoProduct) {
  auto of = [](Array a, Array b, Array zero) {
    Case product("matmul_integer");
    product.input(std::move(a)).input(std::move(b)).input(std::move(zero)).absent().output(Array::make(ElementType::i32, {2, 2}));
    return product;
  };
  auto bytes = [](Sizes sizes) { return Array::make(ElementType::u8, std::move(sizes)); };
  Case misfit = of(bytes({2, 3}), bytes({2, 2}), bytes({}));
  expectFailure(misfit, Status::badShape, "a, b and out are not a matrix product");
  Case floats = of(Array::make(ElementType::f32, {2, 2}), bytes({2, 2}), bytes({}));
  expectFailure(floats, Status::badShape, "a and b must be i8 or u8 of rank 1 or more");
  Case zero = of(bytes({2, 2}), bytes({2, 2}), bytes({3}));
  expectFailure(zero, Status::badShape, "a_zero_point has 3 elements of rank 1, expected 1 or 2");
}

static Case convolutionOf(Array weight, Array weightZero, int64_t group) {
  Case conv("integer_conv");
  conv.input(arrayOf<uint8_t>(ElementType::u8, {1, 1, 2, 3}, {1, 2, 3, 4, 5, 6})).input(std::move(weight)).input(arrayOf<uint8_t>(ElementType::u8, {}, {2}));
  conv.input(std::move(weightZero)).integers({group, 0});
  return conv;
}

static Array windowNumbers() { return Array::longs({10}, {1, 2, 1, 1, 1, 1, 0, 1, 0, 0}); }

TEST(IntegerConv, SumsWhatTheWindowsHoldLessTheZeroPoints) {
  Case sums = convolutionOf(arrayOf<int8_t>(ElementType::i8, {2, 1, 1, 2}, {1, -1, 3, 2}), arrayOf<int8_t>(ElementType::i8, {2}, {0, 1}), 1);
  sums.absent().absent().absent().absent().absent().input(windowNumbers()).output(Array::make(ElementType::i32, {1, 2, 2, 3}));
  expectLevelsAgree(sums);
  // One column of padding in front, which is the zero point.
  EXPECT_EQ(valuesOf<int32_t>(sums.result(0)), (std::vector<int32_t>{1, -1, -1, -2, -1, -1, -1, -2, 1, 2, 7, 10}));
  Case bytes = convolutionOf(arrayOf<int8_t>(ElementType::i8, {2, 1, 1, 2}, {1, -1, 3, 2}), arrayOf<int8_t>(ElementType::i8, {2}, {0, 1}), 1);
  bytes.input(Array::ints({2}, {10, -20})).input(Array::floats({}, {0.5f})).input(Array::floats({2}, {1, 2})).input(Array::floats({1}, {0.25f}));
  bytes.input(arrayOf<uint8_t>(ElementType::u8, {}, {3})).input(windowNumbers()).output(Array::make(ElementType::u8, {1, 2, 2, 3}));
  expectLevelsAgree(bytes);
  EXPECT_EQ(valuesOf<uint8_t>(bytes.result(0)), (std::vector<uint8_t>{25, 21, 21, 19, 21, 21, 0, 0, 0, 0, 0, 0}));
}

TEST(IntegerConv, RefusesWhatDoesNotFit) {
  auto weight = [] { return arrayOf<int8_t>(ElementType::i8, {2, 1, 1, 2}, {1, -1, 3, 2}); };
  auto of = [&](Array zero, int64_t group) {
    Case conv = convolutionOf(weight(), std::move(zero), group);
    conv.absent().absent().absent().absent().absent().input(windowNumbers()).output(Array::make(ElementType::i32, {1, 2, 2, 3}));
    return conv;
  };
  Case groups = of(Array::make(ElementType::i8, {}), 2);
  expectFailure(groups, Status::badShape, "2 groups do not fit the channels of x, weight and out");
  Case zeros = of(Array::make(ElementType::i8, {3}), 1);
  expectFailure(zeros, Status::badShape, "weight_zero_point has 3 elements of rank 1, expected 1 or 2");
  Case kernel = of(Array::make(ElementType::i8, {}), 1);
  kernel.operand(9) = Array::longs({10}, {1, 3, 1, 1, 1, 1, 0, 1, 0, 0});
  expectFailure(kernel, Status::badShape, "the kernel has size 3 in spatial dimension 1, the weight 2");
}

TEST(QuantizedMatmul, RescalesTheExactProduct) {
  auto scalar = [](float value) { return Array::floats({}, {value}); };
  auto of = [&](Array out) {
    Case product("quantized_matmul");
    product.input(arrayOf<uint8_t>(ElementType::u8, {1, 2}, {3, 4})).input(scalar(0.5f)).input(arrayOf<uint8_t>(ElementType::u8, {}, {1}));
    product.input(arrayOf<int8_t>(ElementType::i8, {2, 2}, {1, 2, 3, -100})).input(Array::floats({2}, {1, 2})).input(Array::make(ElementType::i8, {1}));
    ElementType type = out.type;
    product.input(scalar(2)).input(Array::make(type, {})).output(std::move(out));
    return product;
  };
  Case product = of(Array::make(ElementType::i8, {1, 2}));
  expectLevelsAgree(product);
  // (2 + 9) * 0.25 rounds to 3; (4 - 300) * 0.5 is cut.
  EXPECT_EQ(valuesOf<int8_t>(product.result(0)), (std::vector<int8_t>{3, -128}));
  Case other = of(Array::make(ElementType::i32, {1, 2}));
  expectFailure(other, Status::badShape, "out must be i8 or u8");
}

TEST(BitCast, KeepsTheBits) {
  Case cast("bit_cast");
  cast.input(Array::floats({2}, {1, -0.0f})).output(Array::make(ElementType::u32, {2}));
  expectLevelsAgree(cast);
  EXPECT_EQ(valuesOf<uint32_t>(cast.result(0)), (std::vector<uint32_t>{0x3f800000, 0x80000000}));
  Case width("bit_cast");
  width.input(Array::floats({2}, {1, 1})).output(Array::make(ElementType::u8, {2}));
  expectFailure(width, Status::badShape, "elements of type 0 have no bits of type 8");
}
