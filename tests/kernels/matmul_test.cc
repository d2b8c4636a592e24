// matmul_panel_f32, batch_matmul_f32 and grouped_matmul_f32 against an fma chain written out here.
#include "kernels/layout/panel.h"
#include "tests/kernels/harness.h"

#include <cmath>
#include <gtest/gtest.h>

using namespace switchyard::kernels;
using namespace switchyard::kernels::test;

/// The chain of the numerics rule.
static float chain(const float *a, int64_t aStride, const float *b, int64_t bStride, int64_t depth) {
  float acc = 0.0f;
  for (int64_t k = 0; k < depth; ++k)
    acc = std::fma(a[k * aStride], b[k * bStride], acc);
  return acc;
}

static void checkMatmul(int64_t m, int64_t n, int64_t k, bool bias, int64_t padding = 0) {
  SCOPED_TRACE(testing::Message() << m << " x " << n << " x " << k << (bias ? " with bias" : ""));
  Random random(static_cast<uint32_t>(m * 7919 + n * 31 + k));
  Array a = random.floats({m, k}, -1.0f, 1.0f, padding), weight = random.floats({n, k}), offset = random.floats({n});
  Case matmul("matmul_panel_f32");
  matmul.input(a).input(packPanels(weight));
  bias ? matmul.input(offset) : matmul.absent();
  matmul.output(Array::make(ElementType::f32, {m, n}, padding)).integers({n});
  expectLevelsAgree(matmul);
  const Array &c = matmul.result(0);
  for (int64_t i = 0; i < m; ++i)
    for (int64_t j = 0; j < n; ++j) {
      float expected = chain(a.as<float>() + i * a.strides[0], 1, weight.as<float>() + j * k, 1, k);
      expected = bias ? expected + offset.as<float>()[j] : expected;
      ASSERT_TRUE(sameFloat(c.as<float>()[i * c.strides[0] + j], expected)) << "element " << i << ", " << j;
    }
}

TEST(MatmulPanel, IsOneChainForEveryRowCount) {
  for (int64_t m : {0, 1, 2, 3, 4, 5, 6, 7, 8, 13, 16, 33, 49})
    checkMatmul(m, 37, 19, m % 2 == 0);
}

TEST(MatmulPanel, IsOneChainForEveryWidth) {
  for (int64_t n : {0, 1, 15, 16, 17, 31, 32, 33, 47, 48, 63, 64, 65, 80, 81, 129})
    for (int64_t m : {1, 2, 5})
      checkMatmul(m, n, 33, n % 2 == 0);
}

TEST(MatmulPanel, IsOneChainForEveryDepth) {
  for (int64_t k : {0, 1, 2, 7, 64, 129})
    for (int64_t m : {1, 3, 7})
      checkMatmul(m, 40, k, true);
}

TEST(MatmulPanel, IsOneChainAtModelShapes) {
  checkMatmul(5, 96, 64, false);  // vocabulary
  checkMatmul(1, 192, 64, true);  // packed QKV
  checkMatmul(10, 128, 256, true);
  checkMatmul(7, 64, 64, false, 3);
}

TEST(MatmulPanel, TakesLeadingDimensions) {
  Random random(3);
  Array a = random.floats({2, 3, 8}), weight = random.floats({5, 8});
  Case batched("matmul_panel_f32"), flat("matmul_panel_f32");
  batched.input(a).input(packPanels(weight)).absent().output(Array::make(ElementType::f32, {2, 3, 5})).integers({5});
  a.sizes = {6, 8};
  a.strides = {8, 1};
  flat.input(a).input(packPanels(weight)).absent().output(Array::make(ElementType::f32, {6, 5})).integers({5});
  expectLevelsAgree(batched);
  expectLevelsAgree(flat);
  EXPECT_EQ(firstDifference(batched.result(0), flat.result(0)), -1);
}

TEST(MatmulPanel, DoesNotDependOnTheOtherRows) {
  Random random(4);
  Array a = random.floats({33, 24}), weight = random.floats({50, 24});
  Case whole("matmul_panel_f32");
  whole.input(a).input(packPanels(weight)).absent().output(Array::make(ElementType::f32, {33, 50})).integers({50});
  ASSERT_EQ(whole.run(Case::Level::fast, 2), Status::ok);
  for (int64_t row = 0; row < 33; ++row) {
    Array one = Array::make(ElementType::f32, {1, 24});
    std::copy_n(a.as<float>() + row * 24, 24, one.as<float>());
    Case single("matmul_panel_f32");
    single.input(one).input(packPanels(weight)).absent().output(Array::make(ElementType::f32, {1, 50})).integers({50});
    ASSERT_EQ(single.run(Case::Level::fast), Status::ok);
    for (int64_t n = 0; n < 50; ++n)
      ASSERT_TRUE(sameFloat(single.result(0).as<float>()[n], whole.result(0).as<float>()[row * 50 + n]));
  }
}

TEST(MatmulPanel, KeepsInfinitiesAndNaNToTheirElements) {
  Random random(5);
  Array a = random.floats({3, 4}), weight = random.floats({18, 4});
  a.as<float>()[4 + 2] = INFINITY;
  weight.as<float>()[17 * 4 + 1] = NAN;
  Case matmul("matmul_panel_f32");
  matmul.input(a).input(packPanels(weight)).absent().output(Array::make(ElementType::f32, {3, 18})).integers({18});
  expectLevelsAgree(matmul);
  for (int64_t m = 0; m < 3; ++m)
    for (int64_t n = 0; n < 18; ++n)
      EXPECT_EQ(std::isfinite(matmul.result(0).as<float>()[m * 18 + n]), m != 1 && n != 17) << m << ", " << n;
}

TEST(MatmulPanel, RefusesShapesThatDoNotFit) {
  Random random(6);
  auto make = [&](Sizes a, Sizes weight, Sizes c, int64_t n) {
    Case matmul("matmul_panel_f32");
    matmul.input(random.floats(std::move(a))).input(packPanels(random.floats(std::move(weight)))).absent();
    matmul.output(Array::make(ElementType::f32, std::move(c))).integers({n});
    return matmul;
  };
  Case depth = make({2, 5}, {16, 4}, {2, 16}, 16);
  expectFailure(depth, Status::badShape, "a has 5 columns");
  Case columns = make({2, 4}, {16, 4}, {2, 16}, 17);
  expectFailure(columns, Status::badShape, "expected 2 panels");
  Case rows = make({2, 4}, {16, 4}, {3, 16}, 16);
  expectFailure(rows, Status::badShape, "'a' and 'c' have sizes 2 and 3");
}

struct Strided {
  Sizes sizes;
  std::vector<int> order;  // the dimension that stands at each place in memory, outermost first
};

static Array makeStrided(Random &random, const Strided &shape) {
  Array array = random.floats(shape.sizes);
  int64_t stride = 1;
  for (size_t i = shape.order.size(); i-- > 0;) {
    array.strides[static_cast<size_t>(shape.order[i])] = stride;
    stride *= shape.sizes[static_cast<size_t>(shape.order[i])];
  }
  return array;
}

static int64_t at(const Array &array, const Sizes &index) {
  int64_t offset = 0;
  for (size_t i = 0; i < array.sizes.size(); ++i) {
    int64_t position = index[index.size() - array.sizes.size() + i];
    offset += (array.sizes[i] == 1 ? 0 : position) * array.strides[i];
  }
  return offset;
}

static void checkBatchMatmul(const Strided &aShape, const Strided &bShape, Sizes cSizes) {
  Random random(static_cast<uint32_t>(cSizes[0] * 100 + cSizes.back()));
  Array a = makeStrided(random, aShape), b = makeStrided(random, bShape);
  Case matmul("batch_matmul_f32");
  matmul.input(a).input(b).output(Array::make(ElementType::f32, cSizes));
  expectLevelsAgree(matmul);
  int64_t depth = a.sizes.back(), n = cSizes.back(), m = cSizes[cSizes.size() - 2];
  int64_t aDepth = a.strides.back(), bDepth = b.strides[b.strides.size() - 2];
  const Array &c = matmul.result(0);
  Sizes index(cSizes.size());
  for (int64_t i = 0; i < c.count(); ++i) {
    int64_t rest = i;
    for (size_t d = cSizes.size(); d-- > 0; rest /= cSizes[d])
      index[d] = rest % cSizes[d];
    Sizes aIndex = index, bIndex = index;
    aIndex.back() = 0;
    bIndex[bIndex.size() - 2] = 0;
    float expected = depth == 0 ? 0.0f : chain(a.as<float>() + at(a, aIndex), aDepth, b.as<float>() + at(b, bIndex), bDepth, depth);
    ASSERT_TRUE(sameFloat(c.as<float>()[i], expected)) << "element " << i << " of " << m << " x " << n;
  }
}

TEST(BatchMatmul, IsOneChainForEveryShape) {
  for (int64_t m : {0, 1, 2, 3, 5, 7, 33, 50})
    for (int64_t n : {0, 1, 15, 16, 17, 40, 65})
      checkBatchMatmul({{2, m, 9}, {0, 1, 2}}, {{2, 9, n}, {0, 1, 2}}, {2, m, n});
}

TEST(BatchMatmul, ChainsThroughDeepPacks) {
  for (int64_t k : {0, 1, 127, 128, 129, 300}) {
    checkBatchMatmul({{1, 3, k}, {0, 1, 2}}, {{1, k, 17}, {0, 2, 1}}, {1, 3, 17});
    checkBatchMatmul({{1, 8, k}, {0, 1, 2}}, {{1, k, 32}, {0, 1, 2}}, {1, 8, 32});
  }
}

TEST(BatchMatmul, TakesAnyStrides) {
  checkBatchMatmul({{2, 4, 6, 8}, {0, 2, 1, 3}}, {{2, 4, 8, 20}, {0, 3, 1, 2}},
                   {2, 4, 6, 20});  // heads of [B, S, heads, d], transposed keys
  checkBatchMatmul({{3, 5, 7}, {2, 0, 1}}, {{3, 7, 18}, {1, 2, 0}}, {3, 5, 18});
}

TEST(BatchMatmul, BroadcastsLeadingDimensions) {
  checkBatchMatmul({{2, 1, 3, 4}, {0, 1, 2, 3}}, {{5, 4, 6}, {0, 1, 2}}, {2, 5, 3, 6});
  checkBatchMatmul({{3, 4}, {0, 1}}, {{2, 4, 6}, {0, 1, 2}}, {2, 3, 6});
}

TEST(BatchMatmul, RefusesShapesThatDoNotFit) {
  Random random(7);
  Case depth("batch_matmul_f32");
  depth.input(random.floats({2, 3, 4})).input(random.floats({2, 5, 6})).output(Array::make(ElementType::f32, {2, 3, 6}));
  expectFailure(depth, Status::badShape, "the product of 3 x 4 and 5 x 6");
  Case broadcast("batch_matmul_f32");
  broadcast.input(random.floats({2, 3, 4})).input(random.floats({3, 4, 6})).output(Array::make(ElementType::f32, {2, 3, 6}));
  expectFailure(broadcast, Status::badShape, "does not broadcast");
}

static Case groupedOf(Array rows, Array ends, Array matrices, Sizes out) {
  Case grouped("grouped_matmul_f32");
  grouped.input(std::move(rows)).input(std::move(ends)).input(std::move(matrices)).absent().output(Array::make(ElementType::f32, std::move(out)));
  return grouped;
}

TEST(GroupedMatmul, MultipliesTheRowsOfEachGroupByItsMatrix) {
  constexpr int64_t count = 60, depth = 21, columns = 37, groups = 4;
  Random random(11);
  Array rows = random.floats({count, depth}, -1.0f, 1.0f, 3), matrices = random.floats({groups, depth, columns}), bias = random.floats({groups, columns});
  const std::vector<int64_t> ends = {5, 5, 58, 60};
  for (bool isBiased : {false, true}) {
    Case grouped("grouped_matmul_f32");
    grouped.input(rows).input(Array::longs({groups}, ends)).input(matrices);
    isBiased ? grouped.input(bias) : grouped.absent();
    grouped.output(Array::make(ElementType::f32, {count, columns}, 5));
    expectLevelsAgree(grouped);
    const Array &out = grouped.result(0);
    for (int64_t row = 0, group = 0; row < count; ++row) {
      while (row >= ends[group])
        ++group;
      for (int64_t n = 0; n < columns; ++n) {
        float expected = chain(rows.as<float>() + row * rows.strides[0], 1, matrices.as<float>() + group * depth * columns + n, columns, depth);
        expected = isBiased ? expected + bias.as<float>()[group * columns + n] : expected;
        ASSERT_TRUE(sameFloat(out.as<float>()[row * out.strides[0] + n], expected)) << "element " << row << ", " << n;
      }
    }
  }
}

TEST(GroupedMatmul, TakesNoRowsAndNarrowEnds) {
  Case empty = groupedOf(Array::make(ElementType::f32, {0, 2}), Array::longs({2}, {0, 0}), Array::make(ElementType::f32, {2, 2, 3}), {0, 3});
  expectLevelsAgree(empty);
  Case narrow = groupedOf(Array::floats({2, 1}, {2, 3}), Array::ints({2}, {1, 2}), Array::floats({2, 1, 1}, {5, 7}), {2, 1});
  expectLevelsAgree(narrow);
  EXPECT_EQ(narrow.result(0).as<float>()[0], 10.0f);
  EXPECT_EQ(narrow.result(0).as<float>()[1], 21.0f);
}

TEST(GroupedMatmul, RefusesGroupsThatAreNotThoseOfTheRows) {
  auto of = [](std::vector<int64_t> ends, Sizes matrices = {2, 2, 3}) {
    return groupedOf(Array::make(ElementType::f32, {4, 2}), Array::longs({2}, std::move(ends)), Array::make(ElementType::f32, std::move(matrices)), {4, 3});
  };
  Case back = of({3, 2}), beyond = of({1, 5}), few = of({1, 3}), misfit = of({1, 4}, {2, 3, 3});
  expectFailure(back, Status::badData, "group 1 ends at row 2 of 4, and the one before at 3");
  expectFailure(beyond, Status::badData, "group 1 ends at row 5 of 4, and the one before at 1");
  expectFailure(few, Status::badData, "the groups have 3 of 4 rows");
  expectFailure(misfit, Status::badShape, "rows, matrices, bias and out are not a product for each of 2 groups");
}
