// Convolutions and pools: windows over any number of spatial dimensions.
#include "kernels/layout/operators.h"
#include "tests/kernels/harness.h"

#include <cmath>
#include <gtest/gtest.h>
#include <numeric>

using namespace switchyard::kernels;
using namespace switchyard::kernels::test;

/// One number each for every spatial dimension.
struct Geometry {
  std::vector<int64_t> kernel, strides, dilations, before, after;

  Array array() const {
    std::vector<int64_t> all;
    for (const auto *list : {&kernel, &strides, &dilations, &before, &after})
      all.insert(all.end(), list->begin(), list->end());
    int64_t count = static_cast<int64_t>(all.size());
    return Array::longs({count}, std::move(all));
  }
};

static Array countUp(Sizes sizes, float first = 0) {
  Array array = Array::make(ElementType::f32, std::move(sizes));
  std::iota(array.as<float>(), array.as<float>() + array.count(), first);
  return array;
}

static std::vector<float> floatsOf(const Array &array) { return std::vector<float>(array.as<float>(), array.as<float>() + array.count()); }

static Case convOf(Array x, Array weight, const Geometry &geometry, Sizes out, int64_t group = 1, AutoPad autoPad = AutoPad::stated) {
  Case conv("conv");
  conv.input(std::move(x)).input(std::move(weight)).absent().input(geometry.array()).output(Array::make(ElementType::f32, std::move(out)));
  conv.integers({group, static_cast<int64_t>(autoPad)});
  return conv;
}

/// By the definition, in the order of the kernel's numerics: two spatial dimensions.
static float convolved(const Array &x, const Array &weight, const Geometry &g, int64_t group, int64_t filter, int64_t row, int64_t column) {
  int64_t filters = weight.sizes[0] / group;
  float sum = 0;
  for (int64_t c = 0; c < weight.sizes[1]; ++c)
    for (int64_t i = 0; i < g.kernel[0]; ++i)
      for (int64_t j = 0; j < g.kernel[1]; ++j) {
        int64_t y = row * g.strides[0] - g.before[0] + i * g.dilations[0], z = column * g.strides[1] - g.before[1] + j * g.dilations[1];
        if (y < 0 || z < 0 || y >= x.sizes[2] || z >= x.sizes[3])
          continue;
        int64_t channel = filter / filters * weight.sizes[1] + c;
        sum = std::fma(weight.as<float>()[((filter * weight.sizes[1] + c) * g.kernel[0] + i) * g.kernel[1] + j],
                       x.as<float>()[(channel * x.sizes[2] + y) * x.sizes[3] + z], sum);
      }
  return sum;
}

TEST(Conv, IsOneChainAnElementOverChannelsAndPositions) {
  Random random(7);
  for (int64_t group : {1, 2, 4}) {
    Geometry geometry{{3, 2}, {2, 1}, {1, 3}, {1, 2}, {0, 1}};
    Array x = random.floats({1, 4, 9, 150}), weight = random.floats({8, 4 / group, 3, 2});
    int64_t height = (9 + 1 - 3) / 2 + 1, width = 150 + 3 - 4 + 1;
    Case conv = convOf(x, weight, geometry, {1, 8, height, width}, group);
    expectLevelsAgree(conv);
    for (int64_t filter = 0; filter < 8; ++filter)
      for (int64_t row = 0; row < height; ++row)
        for (int64_t column = 0; column < width; ++column)
          ASSERT_EQ(conv.result(0).as<float>()[(filter * height + row) * width + column], convolved(x, weight, geometry, group, filter, row, column))
              << group << " " << filter << " " << row << " " << column;
  }
}

TEST(Conv, PadsByTheSizesOfTheResult) {
  Geometry geometry{{2}, {1}, {1}, {0}, {0}};
  Case upper = convOf(countUp({1, 1, 3}, 1), Array::floats({1, 1, 2}, {1, 10}), geometry, {1, 1, 3}, 1, AutoPad::upper);
  expectLevelsAgree(upper);
  EXPECT_EQ(floatsOf(upper.result(0)), (std::vector<float>{21, 32, 3}));
  Case lower = convOf(countUp({1, 1, 3}, 1), Array::floats({1, 1, 2}, {1, 10}), geometry, {1, 1, 3}, 1, AutoPad::lower);
  expectLevelsAgree(lower);
  EXPECT_EQ(floatsOf(lower.result(0)), (std::vector<float>{10, 21, 32}));
}

TEST(Conv, RefusesWhatDoesNotFit) {
  Geometry geometry{{2}, {1}, {1}, {0}, {0}};
  Case groups = convOf(countUp({1, 3, 3}), countUp({2, 1, 2}), geometry, {1, 2, 2}, 2);
  expectFailure(groups, Status::badShape, "2 groups do not divide 3 channels for 2 filters of 1");
  Case kernel = convOf(countUp({1, 1, 3}), countUp({1, 1, 3}), geometry, {1, 1, 2});
  expectFailure(kernel, Status::badShape, "the kernel has size 2 in spatial dimension 0, the weight 3");
  Geometry still{{2}, {0}, {1}, {0}, {0}};
  Case stride = convOf(countUp({1, 1, 3}), countUp({1, 1, 2}), still, {1, 1, 2});
  expectFailure(stride, Status::badShape, "number 0 of spatial dimension 0 is out of range");
  Case bias = convOf(countUp({1, 1, 3}), countUp({1, 1, 2}), geometry, {1, 1, 2});
  Case withBias("conv");
  withBias.input(bias.operand(0)).input(bias.operand(1)).input(Array::floats({2}, {0, 0})).input(geometry.array()).output(Array::make(ElementType::f32, {1, 1, 2}));
  withBias.integers({1, 0});
  expectFailure(withBias, Status::badShape, "the bias has 2 elements for 1 filters");
}

TEST(ConvTranspose, CarriesEachElementToItsWindow) {
  Geometry geometry{{3}, {2}, {1}, {1}, {0}};
  Case transpose("conv_transpose");
  transpose.input(countUp({1, 1, 3}, 1)).input(Array::floats({1, 1, 3}, {1, 10, 100})).input(Array::floats({1}, {1000})).input(geometry.array());
  transpose.output(Array::make(ElementType::f32, {1, 1, 5})).integers({1, 0});
  expectLevelsAgree(transpose);
  EXPECT_EQ(floatsOf(transpose.result(0)), (std::vector<float>{1010, 1102, 1020, 1203, 1030}));
}

static Case maxPoolOf(Array x, const Geometry &geometry, Sizes out, int64_t columnMajor = 0) {
  Case pool("max_pool");
  pool.input(std::move(x)).input(geometry.array()).output(Array::make(ElementType::f32, out)).output(Array::make(ElementType::i64, out));
  pool.integers({0, columnMajor});
  return pool;
}

TEST(MaxPool, NamesTheFirstOfTheLargest) {
  Geometry geometry{{2, 2}, {1, 1}, {1, 1}, {0, 0}, {0, 0}};
  Array x = Array::floats({1, 1, 2, 3}, {5, 5, 1, 5, NAN, 2});
  Case rows = maxPoolOf(x, geometry, {1, 1, 1, 2});
  expectLevelsAgree(rows);
  EXPECT_TRUE(std::isnan(rows.result(0).as<float>()[0]) && std::isnan(rows.result(0).as<float>()[1]));
  EXPECT_EQ(rows.result(1).as<int64_t>()[0], 4);
  Case columns = maxPoolOf(Array::floats({1, 2, 1, 3}, {5, 5, 1, 1, 5, 2}), {{1, 2}, {1, 1}, {1, 1}, {0, 0}, {0, 0}}, {1, 2, 1, 2}, 1);
  expectLevelsAgree(columns);
  const int64_t *places = columns.result(1).as<int64_t>();
  EXPECT_EQ((std::vector<int64_t>(places, places + 4)), (std::vector<int64_t>{0, 1, 4, 4}));
}

static Case poolOf(PoolKind kind, int64_t countsPadding, int64_t p, Array x, const Geometry &geometry, Sizes out) {
  Case pool("pool");
  pool.input(std::move(x)).input(geometry.array()).output(Array::make(ElementType::f32, std::move(out)));
  pool.integers({static_cast<int64_t>(kind), 0, countsPadding, p});
  return pool;
}

TEST(Pool, CountsThePaddingWhereAsked) {
  Geometry geometry{{3}, {2}, {1}, {1}, {0}};
  // The last window reaches beyond the padding: what is behind it never counts.
  Case inside = poolOf(PoolKind::average, 0, 1, countUp({1, 1, 4}, 1), geometry, {1, 1, 3});
  expectLevelsAgree(inside);
  EXPECT_EQ(floatsOf(inside.result(0)), (std::vector<float>{1.5f, 3, 4}));
  Case padded = poolOf(PoolKind::average, 1, 1, countUp({1, 1, 4}, 1), geometry, {1, 1, 3});
  expectLevelsAgree(padded);
  EXPECT_EQ(floatsOf(padded.result(0)), (std::vector<float>{1, 3, 4}));
}

TEST(Pool, TakesNorms) {
  Geometry geometry{{2}, {1}, {1}, {0}, {0}};
  std::pair<int64_t, float> expected[] = {{1, 7}, {2, 5}, {3, std::cbrt(91.0f)}};
  for (auto [p, value] : expected) {
    Case norm = poolOf(PoolKind::norm, 0, p, Array::floats({1, 1, 2}, {3, -4}), geometry, {1, 1, 1});
    expectLevelsAgree(norm);
    EXPECT_NEAR(norm.result(0).as<float>()[0], value, 1e-5) << p;
  }
}

TEST(MaxUnpool, PutsElementsBack) {
  Case unpool("max_unpool");
  unpool.input(Array::floats({1, 1, 2}, {7, 8})).input(Array::longs({1, 1, 2}, {1, 2})).input(Array::longs({1}, {4})).input(Array::longs({3}, {1, 1, 5}));
  unpool.output(Array::make(ElementType::f32, {1, 1, 5}));
  expectLevelsAgree(unpool);
  EXPECT_EQ(floatsOf(unpool.result(0)), (std::vector<float>{0, 7, 8, 0, 0}));
  unpool.operand(1) = Array::longs({1, 1, 2}, {1, 4});
  expectFailure(unpool, Status::badData, "index 4 at position 1 is outside 4 elements");
}

TEST(Col2Im, SumsTheBlocks) {
  Case image("col2im");
  image.input(Array::floats({1, 2, 2}, {1, 2, 3, 4})).input(Array::longs({1}, {3})).input(Array::longs({1}, {2})).input(Array::longs({4}, {1, 1, 0, 0}));
  image.output(Array::make(ElementType::f32, {1, 1, 3}));
  expectLevelsAgree(image);
  EXPECT_EQ(floatsOf(image.result(0)), (std::vector<float>{1, 5, 4}));
  image.operand(2) = Array::longs({1}, {4});
  expectFailure(image, Status::badData, "a block of size 4 does not fit image dimension 0 of size 3");
}
