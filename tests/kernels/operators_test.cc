// Kernels of whole operators: axes, sizes and bounds that are values of the run, elements of every type.
#include "kernels/layout/operators.h"
#include "tests/kernels/harness.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <numeric>
#include <tuple>

using namespace switchyard::kernels;
using namespace switchyard::kernels::test;

template <typename T> static Array arrayOf(ElementType type, Sizes sizes, std::vector<T> values) {
  Array array = Array::make(type, std::move(sizes));
  std::copy(values.begin(), values.end(), array.as<T>());
  return array;
}

template <typename T> static std::vector<T> valuesOf(const Array &array) { return std::vector<T>(array.as<T>(), array.as<T>() + array.count()); }

static Array countUp(Sizes sizes) {
  Array array = Array::make(ElementType::f32, std::move(sizes));
  std::iota(array.as<float>(), array.as<float>() + array.count(), 0.0f);
  return array;
}

static Case reduceOf(ReduceKind kind, Array x, std::vector<int64_t> axes, Array out, int64_t noop = 0) {
  Case reduce("reduce");
  int64_t count = static_cast<int64_t>(axes.size());
  reduce.input(std::move(x)).input(Array::longs({count}, std::move(axes))).output(std::move(out)).integers({static_cast<int64_t>(kind), noop});
  return reduce;
}

TEST(Reduce, KeepsOrDropsTheAxesAsTheResultSays) {
  Case kept = reduceOf(ReduceKind::sum, countUp({2, 3}), {-1}, Array::make(ElementType::f32, {2, 1}));
  expectLevelsAgree(kept);
  EXPECT_EQ(valuesOf<float>(kept.result(0)), (std::vector<float>{3, 12}));
  Case dropped = reduceOf(ReduceKind::maximum, countUp({2, 3}), {0}, Array::make(ElementType::f32, {3}));
  expectLevelsAgree(dropped);
  EXPECT_EQ(valuesOf<float>(dropped.result(0)), (std::vector<float>{3, 4, 5}));
}

TEST(Reduce, WithoutAxesTakesAllOrNone) {
  Case all = reduceOf(ReduceKind::mean, countUp({2, 3}), {}, Array::make(ElementType::f32, {}));
  expectLevelsAgree(all);
  EXPECT_EQ(valuesOf<float>(all.result(0)), (std::vector<float>{2.5f}));
  Case none = reduceOf(ReduceKind::sum, countUp({2, 2}), {}, Array::make(ElementType::f32, {2, 2}), 1);
  expectLevelsAgree(none);
  EXPECT_EQ(valuesOf<float>(none.result(0)), (std::vector<float>{0, 1, 2, 3}));
}

TEST(Reduce, OfIntegersStaysInRange) {
  // 256 is no i8, but what 256 of them are divided by.
  Case mean = reduceOf(ReduceKind::mean, arrayOf<int8_t>(ElementType::i8, {256}, std::vector<int8_t>(256, 0)), {0}, Array::make(ElementType::i8, {}));
  expectLevelsAgree(mean);
  EXPECT_EQ(valuesOf<int8_t>(mean.result(0)), (std::vector<int8_t>{0}));
  const int32_t low = std::numeric_limits<int32_t>::min();
  std::pair<ReduceKind, int32_t> expected[] = {{ReduceKind::l1, low}, {ReduceKind::logOfSum, 0}, {ReduceKind::l2, std::numeric_limits<int32_t>::max()}};
  for (auto [kind, value] : expected) {
    Case reduce = reduceOf(kind, Array::ints({1}, {low}), {0}, Array::make(ElementType::i32, {}));
    expectLevelsAgree(reduce);
    EXPECT_EQ(reduce.result(0).as<int32_t>()[0], value) << static_cast<int>(kind);
  }
}

TEST(Reduce, OfNothingIsTheNeutralElement) {
  const float infinity = std::numeric_limits<float>::infinity();
  std::pair<ReduceKind, float> expected[] = {{ReduceKind::sum, 0},          {ReduceKind::product, 1},
                                             {ReduceKind::maximum, -infinity}, {ReduceKind::minimum, infinity},
                                             {ReduceKind::logOfSum, -infinity}, {ReduceKind::logOfSumOfExponentials, -infinity}};
  for (auto [kind, value] : expected) {
    Case reduce = reduceOf(kind, Array::make(ElementType::f32, {1, 0}), {1}, Array::make(ElementType::f32, {1}));
    expectLevelsAgree(reduce);
    EXPECT_EQ(reduce.result(0).as<float>()[0], value) << static_cast<int>(kind);
  }
}

TEST(Reduce, RefusesAxesThatDoNotFitTheResult) {
  Case other = reduceOf(ReduceKind::sum, countUp({2, 3}), {0}, Array::make(ElementType::f32, {2}));
  expectFailure(other, Status::badData, "the operands ask for a result of shape [3], the model states [2]");
  Case outside = reduceOf(ReduceKind::sum, countUp({2, 3}), {2}, Array::make(ElementType::f32, {2}));
  expectFailure(outside, Status::badData, "axes hold 2, which is outside the rank 2");
  Case twice = reduceOf(ReduceKind::sum, countUp({2, 3}), {1, -1}, Array::make(ElementType::f32, {2}));
  expectFailure(twice, Status::badData, "axes hold axis 1 twice");
}

TEST(Reduce, TakesLogarithmsOfF64) {
  Case reduce("reduce");
  reduce.input(arrayOf<double>(ElementType::f64, {3}, {1.0, 700.0, 699.5})).absent().output(Array::make(ElementType::f64, {}));
  reduce.integers({static_cast<int64_t>(ReduceKind::logOfSumOfExponentials), 0});
  expectLevelsAgree(reduce);
  EXPECT_NEAR(reduce.result(0).as<double>()[0], 700.0 + std::log1p(std::exp(-0.5)), 1e-12);
}

static Case reshapeOf(ReshapeKind kind, Sizes from, std::vector<int64_t> numbers, Sizes to, int64_t allowZero = 0) {
  Case reshape("reshape");
  int64_t count = static_cast<int64_t>(numbers.size());
  reshape.input(countUp(std::move(from))).input(Array::longs({count}, std::move(numbers))).output(Array::make(ElementType::f32, std::move(to)));
  reshape.integers({static_cast<int64_t>(kind), allowZero});
  return reshape;
}

TEST(Reshape, ChecksTheSizesThatItReads) {
  Case inferred = reshapeOf(ReshapeKind::reshape, {2, 6}, {0, -1, 3}, {2, 2, 3});
  expectLevelsAgree(inferred);
  EXPECT_EQ(inferred.result(0).as<float>()[11], 11);
  Case other = reshapeOf(ReshapeKind::reshape, {2, 6}, {3, 4}, {2, 6});
  expectFailure(other, Status::badData, "the operands ask for a result of shape [3, 4], the model states [2, 6]");
  Case twice = reshapeOf(ReshapeKind::reshape, {2, 6}, {-1, -1}, {2, 6});
  expectFailure(twice, Status::badData, "size 1 is -1, expected at least 0, or -1 once");
  Case missing = reshapeOf(ReshapeKind::reshape, {2}, {2, 0}, {2, 1});
  expectFailure(missing, Status::badData, "size 1 is 0, so that it is copied, but x has rank 1");
  Case huge = reshapeOf(ReshapeKind::reshape, {2}, {int64_t(1) << 40, int64_t(1) << 40}, {2, 1});
  expectFailure(huge, Status::badData, "the product of the sizes overflows 64 bits");
}

TEST(Reshape, SqueezesAndUnsqueezes) {
  Case squeezed = reshapeOf(ReshapeKind::squeeze, {1, 3, 1}, {-1}, {1, 3});
  expectLevelsAgree(squeezed);
  Case wide = reshapeOf(ReshapeKind::squeeze, {1, 3}, {1}, {1});
  expectFailure(wide, Status::badData, "axis 1 has size 3, expected 1");
  Case unsqueezed = reshapeOf(ReshapeKind::unsqueeze, {3}, {0, -1}, {1, 3, 1});
  expectLevelsAgree(unsqueezed);
  Case deep = reshapeOf(ReshapeKind::unsqueeze, {3}, {0, 1, 2, 3, 4, 5, 6, 7}, {3});
  expectFailure(deep, Status::badData, "8 axes make a rank of 9, the most is 8");
}

static Case callWithNumbers(std::string_view kernel, Sizes from, std::vector<int64_t> numbers, Sizes to) {
  Case call(kernel);
  int64_t count = static_cast<int64_t>(numbers.size());
  call.input(countUp(std::move(from))).input(Array::longs({count}, std::move(numbers))).output(Array::make(ElementType::f32, std::move(to)));
  return call;
}

TEST(Expand, BroadcastsBothWays) {
  Case expand = callWithNumbers("expand", {3, 1}, {2, 1, 2}, {2, 3, 2});
  expectLevelsAgree(expand);
  EXPECT_EQ(valuesOf<float>(expand.result(0)), (std::vector<float>{0, 0, 1, 1, 2, 2, 0, 0, 1, 1, 2, 2}));
  Case misfit = callWithNumbers("expand", {3}, {2}, {3});
  expectFailure(misfit, Status::badData, "size 2 in dimension 0 does not broadcast with 3");
}

TEST(Tile, Repeats) {
  Case tile = callWithNumbers("tile", {2}, {3}, {6});
  expectLevelsAgree(tile);
  EXPECT_EQ(valuesOf<float>(tile.result(0)), (std::vector<float>{0, 1, 0, 1, 0, 1}));
  Case few = callWithNumbers("tile", {2, 1}, {3}, {6});
  expectFailure(few, Status::badData, "there are 1 repeats for rank 2");
  Case negative = callWithNumbers("tile", {2}, {-1}, {6});
  expectFailure(negative, Status::badData, "repeat -1 of size 2 is out of range");
}

static Case sliceOf(int64_t start, int64_t end, int64_t step, int64_t size) {
  Case slice("slice");
  slice.input(countUp({5})).input(Array::longs({1}, {start})).input(Array::longs({1}, {end})).absent().input(Array::longs({1}, {step}));
  slice.output(Array::make(ElementType::f32, {size}));
  return slice;
}

TEST(Slice, ClampsItsBoundsAndRunsBackwards) {
  const int64_t far = std::numeric_limits<int64_t>::max(), near = std::numeric_limits<int64_t>::min();
  struct { int64_t start, end, step; std::vector<float> values; } cases[] = {
      {1, 4, 2, {1, 3}}, {-3, far, 1, {2, 3, 4}}, {far, near, -2, {4, 2, 0}}, {3, -6, -1, {3, 2, 1, 0}}, {4, 1, 1, {}}, {near, 1, 1, {0}}};
  for (const auto &wanted : cases) {
    Case slice = sliceOf(wanted.start, wanted.end, wanted.step, static_cast<int64_t>(wanted.values.size()));
    expectLevelsAgree(slice);
    EXPECT_EQ(valuesOf<float>(slice.result(0)), wanted.values) << wanted.start;
  }
  Case still = sliceOf(0, 1, 0, 1);
  expectFailure(still, Status::badData, "the step of axis 0 is 0");
  Case uneven("slice");
  uneven.input(countUp({5})).input(Array::longs({1}, {0})).input(Array::longs({2}, {1, 1})).absent().absent().output(Array::make(ElementType::f32, {1}));
  expectFailure(uneven, Status::badData, "there are 1 starts, 2 ends, 1 axes and 1 steps");
}

static Case padOf(PadMode mode, std::vector<int64_t> pads, int64_t size) {
  Case pad("pad");
  pad.input(countUp({3})).input(Array::longs({2}, std::move(pads))).input(Array::floats({}, {9})).absent().output(Array::make(ElementType::f32, {size}));
  pad.integers({static_cast<int64_t>(mode)});
  return pad;
}

TEST(Pad, FillsInEveryMode) {
  std::pair<PadMode, std::vector<float>> expected[] = {{PadMode::constant, {9, 9, 0, 1, 2, 9}}, {PadMode::edge, {0, 0, 0, 1, 2, 2}},
                                                       {PadMode::reflect, {2, 1, 0, 1, 2, 1}}, {PadMode::wrap, {1, 2, 0, 1, 2, 0}}};
  for (const auto &[mode, values] : expected) {
    Case pad = padOf(mode, {2, 1}, 6);
    expectLevelsAgree(pad);
    EXPECT_EQ(valuesOf<float>(pad.result(0)), values) << static_cast<int>(mode);
  }
  Case cut = padOf(PadMode::constant, {-1, 0}, 2);
  expectLevelsAgree(cut);
  EXPECT_EQ(valuesOf<float>(cut.result(0)), (std::vector<float>{1, 2}));
  Case short_ = padOf(PadMode::constant, {-2, -2}, 0);
  expectFailure(short_, Status::badData, "pads -2 and -2 do not fit axis 0 of size 3");
  Case far = padOf(PadMode::edge, {std::numeric_limits<int64_t>::min(), std::numeric_limits<int64_t>::max()}, 2);
  expectFailure(far, Status::badData, "pads -9223372036854775808 and 9223372036854775807 do not fit axis 0 of size 3");
  Case few = padOf(PadMode::constant, {1, 1}, 5);
  few.operand(1) = Array::longs({1}, {1});
  expectFailure(few, Status::badData, "there are 1 pads for 1 axes");
  Case wide = padOf(PadMode::constant, {1, 1}, 5);
  wide.operand(2) = Array::floats({2}, {1, 2});
  expectFailure(wide, Status::badData, "the value must be one element of the type of x");
}

TEST(Piece, TakesItsRangeAndChecksTheSum) {
  Case piece = callWithNumbers("piece", {5}, {2, 3}, {3});
  piece.integers({0, 1});
  expectLevelsAgree(piece);
  EXPECT_EQ(valuesOf<float>(piece.result(0)), (std::vector<float>{2, 3, 4}));
  Case many = callWithNumbers("piece", {40}, std::vector<int64_t>(40, 1), {1});
  many.integers({0, 39});
  expectLevelsAgree(many);
  EXPECT_EQ(valuesOf<float>(many.result(0)), (std::vector<float>{39}));
  Case sum = callWithNumbers("piece", {5}, {2, 2}, {2});
  sum.integers({0, 1});
  expectFailure(sum, Status::badData, "the pieces make 4 elements of 5 along axis 0");
  Case negative = callWithNumbers("piece", {5}, {6, -1}, {6});
  negative.integers({0, 0});
  expectFailure(negative, Status::badData, "the size of piece 1 is -1");
  Case behind = callWithNumbers("piece", {5}, {5}, {5});
  behind.integers({0, 1});
  expectFailure(behind, Status::badData, "there are 1 sizes for piece 1 along axis 0 of rank 1");
}

TEST(Trilu, KeepsOneTriangle) {
  Case trilu = callWithNumbers("trilu", {2, 3}, {1}, {2, 3});
  trilu.integers({1});
  expectLevelsAgree(trilu);
  EXPECT_EQ(valuesOf<float>(trilu.result(0)), (std::vector<float>{0, 1, 2, 0, 0, 5}));
  Case flat = callWithNumbers("trilu", {3}, {1}, {3});
  flat.integers({1});
  expectFailure(flat, Status::badShape, "x has rank 1, expected at least 2");
  Case none = callWithNumbers("trilu", {2, 3}, {}, {2, 3});
  none.integers({1});
  expectFailure(none, Status::badData, "the diagonal is missing or empty, expected one number");
}

TEST(OneHot, TakesFloatsAndNegativeIndices) {
  Case oneHot("one_hot");
  oneHot.input(Array::floats({2}, {-1, 1})).input(Array::floats({}, {3})).input(Array::ints({2}, {5, 7})).output(Array::make(ElementType::i32, {2, 3}));
  oneHot.integers({1});
  expectLevelsAgree(oneHot);
  EXPECT_EQ(valuesOf<int32_t>(oneHot.result(0)), (std::vector<int32_t>{5, 5, 7, 5, 7, 5}));
  oneHot.operand(0) = Array::longs({2}, {std::numeric_limits<int64_t>::min(), std::numeric_limits<int64_t>::max()});
  expectLevelsAgree(oneHot);
  EXPECT_EQ(valuesOf<int32_t>(oneHot.result(0)), (std::vector<int32_t>{5, 5, 5, 5, 5, 5}));
  oneHot.integers({3});
  expectFailure(oneHot, Status::badData, "expects one depth and two values, and an axis within the rank of the indices");
}

TEST(Range, CountsAndRefusesNoStep) {
  Case range("range");
  range.input(Array::floats({}, {1})).input(Array::floats({}, {2})).input(Array::floats({}, {0.5f})).output(Array::make(ElementType::f32, {2}));
  expectLevelsAgree(range);
  EXPECT_EQ(valuesOf<float>(range.result(0)), (std::vector<float>{1, 1.5f}));
  range.operand(2) = Array::floats({}, {0});
  expectFailure(range, Status::badData, "from 1 to 2 by 0 is no range");
  range.operand(1) = Array::floats({2}, {0, 1});
  expectFailure(range, Status::badData, "limit must be one number");
}

TEST(Running, SumsAndMultipliesBothWays) {
  auto call = [](std::vector<int64_t> attributes) {
    Case running("running");
    running.input(arrayOf<uint8_t>(ElementType::u8, {3}, {200, 100, 2})).input(Array::ints({}, {-1})).output(Array::make(ElementType::u8, {3}));
    running.integers(std::move(attributes));
    expectLevelsAgree(running);
    return valuesOf<uint8_t>(running.result(0));
  };
  EXPECT_EQ(call({0, 0, 0}), (std::vector<uint8_t>{200, 44, 46}));
  EXPECT_EQ(call({0, 1, 1}), (std::vector<uint8_t>{102, 2, 0}));
  EXPECT_EQ(call({1, 0, 1}), (std::vector<uint8_t>{64, 200, 2}));
  Case none("running");
  none.input(countUp({3})).input(Array::longs({0}, {})).output(Array::make(ElementType::f32, {3})).integers({0, 0, 0});
  expectFailure(none, Status::badData, "there is no axis");
}

TEST(TopKElements, OrdersIntegersAndBreaksTies) {
  Case topk("topk_elements");
  topk.input(arrayOf<uint64_t>(ElementType::u64, {4}, {5, ~uint64_t(0), 5, 1})).input(Array::longs({1}, {3}));
  topk.output(Array::make(ElementType::u64, {3})).output(Array::make(ElementType::i64, {3})).integers({0, 1, 0});
  expectLevelsAgree(topk);
  EXPECT_EQ(valuesOf<int64_t>(topk.result(1)), (std::vector<int64_t>{1, 0, 2}));
  topk.integers({0, 1, 1});
  expectLevelsAgree(topk);
  EXPECT_EQ(valuesOf<int64_t>(topk.result(1)), (std::vector<int64_t>{1, 2, 0}));
  topk.operand(1) = Array::longs({1}, {5});
  expectFailure(topk, Status::badData, "k is 5, but axis 0 has 4 elements");
}

TEST(TopKElements, AgreesWithASort) {
  constexpr int64_t n = 37, lines = 3;
  std::vector<float> x;
  for (int64_t i = 0; i < n * lines; ++i)
    x.push_back(i % 11 == 4 ? std::numeric_limits<float>::quiet_NaN() : static_cast<float>(i * 7919 % 13));
  for (int64_t k : {0, 1, 2, 20, 37}) {
    Case topk("topk_elements");
    topk.input(arrayOf<float>(ElementType::f32, {lines, n}, x)).input(Array::longs({1}, {k}));
    topk.output(Array::make(ElementType::f32, {lines, k})).output(Array::make(ElementType::i64, {lines, k})).integers({1, 0, 0});
    expectLevelsAgree(topk);
    std::vector<int64_t> chosen;
    for (int64_t line = 0; line < lines; ++line) {
      std::vector<int64_t> order(n);
      std::iota(order.begin(), order.end(), 0);
      auto key = [&](int64_t i) {
        float value = x[line * n + i];
        return std::tuple(std::isnan(value), std::isnan(value) ? 0.0f : value, i);
      };
      std::sort(order.begin(), order.end(), [&](int64_t i, int64_t j) { return key(i) < key(j); });
      chosen.insert(chosen.end(), order.begin(), order.begin() + k);
    }
    EXPECT_EQ(valuesOf<int64_t>(topk.result(1)), chosen) << "k = " << k;
  }
}

template <typename T> static std::vector<T> binaryOf(BinaryKind kind, ElementType type, std::vector<T> a, std::vector<T> b) {
  Case binary("binary");
  int64_t n = static_cast<int64_t>(a.size()), m = static_cast<int64_t>(b.size());
  binary.input(arrayOf<T>(type, {n}, a)).input(arrayOf<T>(type, {m}, b)).output(Array::make(type, {n})).integers({static_cast<int64_t>(kind)});
  expectLevelsAgree(binary);
  return valuesOf<T>(binary.result(0));
}

TEST(Binary, WrapsDividesAndShiftsIntegers) {
  EXPECT_EQ(binaryOf<uint8_t>(BinaryKind::add, ElementType::u8, {250, 1}, {10}), (std::vector<uint8_t>{4, 11}));
  EXPECT_EQ(binaryOf<int8_t>(BinaryKind::divide, ElementType::i8, {-128, 7, -7}, {-1, 0, 2}), (std::vector<int8_t>{-128, 0, -3}));
  EXPECT_EQ(binaryOf<int8_t>(BinaryKind::modulo, ElementType::i8, {-7, 7, 5}, {3, -3, 0}), (std::vector<int8_t>{2, -2, 0}));
  EXPECT_EQ(binaryOf<int8_t>(BinaryKind::remainder, ElementType::i8, {-7, 7}, {3, -3}), (std::vector<int8_t>{-1, 1}));
  EXPECT_EQ(binaryOf<int8_t>(BinaryKind::shiftRight, ElementType::i8, {-8, 8, -8, 8}, {1, 1, 9, -1}), (std::vector<int8_t>{-4, 4, -1, 0}));
  EXPECT_EQ(binaryOf<uint16_t>(BinaryKind::shiftLeft, ElementType::u16, {0x8001, 1}, {1, 16}), (std::vector<uint16_t>{2, 0}));
  EXPECT_EQ(binaryOf<int32_t>(BinaryKind::power, ElementType::i32, {3, -2, 2}, {4, 3, -1}), (std::vector<int32_t>{81, -8, 0}));
  EXPECT_EQ(binaryOf<uint32_t>(BinaryKind::maximum, ElementType::u32, {1, 0xffffffffu}, {2}), (std::vector<uint32_t>{2, 0xffffffffu}));
}

TEST(Binary, ComparesUnsignedAsUnsigned) {
  Case less("binary");
  less.input(arrayOf<uint64_t>(ElementType::u64, {2}, {~uint64_t(0), 1})).input(arrayOf<uint64_t>(ElementType::u64, {1}, {2}));
  less.output(Array::make(ElementType::boolean, {2})).integers({static_cast<int64_t>(BinaryKind::less)});
  expectLevelsAgree(less);
  EXPECT_EQ(valuesOf<bool>(less.result(0)), (std::vector<bool>{false, true}));
  less.operand(1) = Array::longs({1}, {2});
  expectFailure(less, Status::badShape, "the element types of the operands and the result differ");
}

TEST(Binary, HasNoPowerOfF64) {
  Case power("binary");
  power.input(Array::make(ElementType::f64, {1})).input(Array::make(ElementType::f64, {1})).output(Array::make(ElementType::f64, {1}));
  power.integers({static_cast<int64_t>(BinaryKind::power)});
  expectFailure(power, Status::badShape, "there is no power of f64");
}

TEST(Binary, RefusesWhatDoesNotBroadcast) {
  Case add("binary");
  add.input(countUp({3})).input(countUp({2})).output(Array::make(ElementType::f32, {3})).integers({0});
  expectFailure(add, Status::badShape, "operand 'b' does not broadcast to the result");
  Case logical("binary");
  logical.input(Array::make(ElementType::boolean, {1})).input(Array::make(ElementType::boolean, {1})).output(Array::make(ElementType::boolean, {1}));
  logical.integers({0});
  expectFailure(logical, Status::badShape, "bool has no arithmetic");
}

TEST(Convert, SaturatesFloatsAndWrapsIntegers) {
  Case bytes("convert");
  const float infinity = std::numeric_limits<float>::infinity();
  bytes.input(Array::floats({5}, {-3.5f, 3.9f, 300, infinity, NAN})).output(Array::make(ElementType::u8, {5})).integers({1, 0});
  expectLevelsAgree(bytes);
  EXPECT_EQ(valuesOf<uint8_t>(bytes.result(0)), (std::vector<uint8_t>{0, 3, 255, 255, 0}));
  Case wraps("convert");
  wraps.input(Array::longs({2}, {-1, 256})).output(Array::make(ElementType::u8, {2})).integers({1, 0});
  expectLevelsAgree(wraps);
  EXPECT_EQ(valuesOf<uint8_t>(wraps.result(0)), (std::vector<uint8_t>{255, 0}));
  Case half("convert");
  half.input(arrayOf<uint64_t>(ElementType::u64, {2}, {2049, 2051})).output(Array::make(ElementType::f16, {2})).integers({1, 0});
  expectLevelsAgree(half);
  EXPECT_EQ(valuesOf<uint16_t>(half.result(0)), (std::vector<uint16_t>{0x6800, 0x6802}));
}
