// Kernels that index: gather, gather_nd, gather_elements, cumsum, topk.
#include "tests/kernels/harness.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <numeric>

using namespace switchyard::kernels;
using namespace switchyard::kernels::test;

static std::vector<float> valuesOf(const Array &array) { return {array.as<float>(), array.as<float>() + array.count()}; }

/// 0, 1, 2, … in the given shape.
static Array countUp(Sizes sizes) {
  Array array = Array::make(ElementType::f32, std::move(sizes));
  std::iota(array.as<float>(), array.as<float>() + array.count(), 0.0f);
  return array;
}

TEST(Gather, TakesSlicesAlongEveryAxis) {
  Sizes sizes = {3, 4, 5};
  std::vector<int64_t> indices = {1, -1, 0, 2, 1, -3};
  for (int axis = 0; axis < 3; ++axis) {
    Sizes outSizes(sizes.begin(), sizes.begin() + axis);
    outSizes.insert(outSizes.end(), {2, 3});
    outSizes.insert(outSizes.end(), sizes.begin() + axis + 1, sizes.end());
    Case gather("gather");
    gather.input(countUp(sizes)).input(Array::longs({2, 3}, indices)).output(Array::make(ElementType::f32, outSizes)).integers({axis});
    expectLevelsAgree(gather);
    int64_t inner = 1, size = sizes[static_cast<size_t>(axis)];
    for (size_t i = static_cast<size_t>(axis) + 1; i < 3; ++i)
      inner *= sizes[i];
    for (int64_t i = 0; i < gather.result(0).count(); ++i) {
      int64_t index = indices[static_cast<size_t>(i / inner % 6)];
      ASSERT_EQ(gather.result(0).as<float>()[i], float((i / inner / 6 * size + (index + size) % size) * inner + i % inner))
          << "axis " << axis;
    }
  }
}

TEST(Gather, TakesAnyElementTypeAndStrides) {
  for (ElementType type : {ElementType::boolean, ElementType::f16, ElementType::i32, ElementType::f64}) {
    size_t bytes = elementSize(type);
    Array data = Array::make(type, {4, 3}, 2);
    std::iota(data.bytes.begin(), data.bytes.end(), static_cast<char>(0));
    Case gather("gather");
    gather.input(data).input(Array::ints({2}, {3, 1})).output(Array::make(type, {2, 3}, 1)).integers({0});
    expectLevelsAgree(gather);
    for (size_t row = 0; row < 2; ++row)
      EXPECT_TRUE(std::equal(data.bytes.data() + (row ? 1 : 3) * 5 * bytes, data.bytes.data() + ((row ? 1 : 3) * 5 + 3) * bytes,
                             gather.result(0).bytes.data() + row * 4 * bytes));
  }
}

TEST(Gather, TakesAScalarIndexAndNoIndices) {
  Case scalar("gather");
  scalar.input(countUp({3, 2})).input(Array::longs({}, {2})).output(Array::make(ElementType::f32, {2})).integers({0});
  expectLevelsAgree(scalar);
  EXPECT_EQ(valuesOf(scalar.result(0)), (std::vector<float>{4, 5}));
  Case none("gather");
  none.input(countUp({3, 2})).input(Array::longs({0}, {})).output(Array::make(ElementType::f32, {0, 2})).integers({0});
  expectLevelsAgree(none);
}

TEST(Gather, RefusesAnIndexOutsideTheAxis) {
  for (int64_t index : {3, -4}) {
    Case gather("gather");
    gather.input(countUp({3, 2})).input(Array::longs({2}, {0, index})).output(Array::make(ElementType::f32, {2, 2})).integers({0});
    expectFailure(gather, Status::badData, "index " + std::to_string(index) + " at position 1 is outside axis 0 of size 3");
  }
  Case shape("gather");
  shape.input(countUp({3, 2})).input(Array::longs({2}, {0, 1})).output(Array::make(ElementType::f32, {3, 2})).integers({0});
  expectFailure(shape, Status::badShape, "out has size 3 in dimension 0, expected 2");
}

TEST(GatherNd, TakesTuplesAndBatches) {
  Case tuples("gather_nd");
  tuples.input(countUp({2, 3, 4}))
      .input(Array::longs({3, 2}, {0, 2, 1, -1, -2, 0}))
      .output(Array::make(ElementType::f32, {3, 4}))
      .integers({0});
  expectLevelsAgree(tuples);
  EXPECT_EQ(valuesOf(tuples.result(0)), (std::vector<float>{8, 9, 10, 11, 20, 21, 22, 23, 0, 1, 2, 3}));
  Case batches("gather_nd");
  batches.input(countUp({2, 3, 2}))
      .input(Array::longs({2, 2, 1}, {2, 0, 1, 1}))
      .output(Array::make(ElementType::f32, {2, 2, 2}))
      .integers({1});
  expectLevelsAgree(batches);
  EXPECT_EQ(valuesOf(batches.result(0)), (std::vector<float>{4, 5, 0, 1, 8, 9, 8, 9}));
  Case elements("gather_nd");
  elements.input(countUp({2, 2})).input(Array::longs({2, 2}, {1, 0, 0, 1})).output(Array::make(ElementType::f32, {2})).integers({0});
  expectLevelsAgree(elements);
  EXPECT_EQ(valuesOf(elements.result(0)), (std::vector<float>{2, 1}));
}

TEST(GatherNd, RefusesAnIndexOutsideItsAxis) {
  Case gather("gather_nd");
  gather.input(countUp({2, 3, 4})).input(Array::longs({2, 2}, {0, 2, 1, 3})).output(Array::make(ElementType::f32, {2, 4})).integers({0});
  expectFailure(gather, Status::badData, "index 3 in tuple 1 is outside axis 1 of size 3");
  Case width("gather_nd");
  width.input(countUp({2, 3})).input(Array::longs({1, 3}, {0, 0, 0})).output(Array::make(ElementType::f32, {1})).integers({0});
  expectFailure(width, Status::badShape, "tuples of 3 after 0 batch dimensions do not fit data of rank 2");
}

TEST(GatherElements, TakesElementsAlongEveryAxis) {
  Random random(1);
  Sizes sizes = {3, 4, 5}, outSizes = {2, 3, 5};
  for (size_t axis = 0; axis < 3; ++axis) {
    Array indices = Array::make(ElementType::i64, outSizes);
    for (int64_t i = 0; i < indices.count(); ++i)
      indices.as<int64_t>()[i] = random.below(2 * sizes[axis]) - sizes[axis];
    Case gather("gather_elements");
    gather.input(countUp(sizes)).input(indices).output(Array::make(ElementType::f32, outSizes)).integers({static_cast<int64_t>(axis)});
    expectLevelsAgree(gather);
    for (int64_t i = 0; i < indices.count(); ++i) {
      int64_t at[] = {i / 15, i / 5 % 3, i % 5};
      at[axis] = (indices.as<int64_t>()[i] + sizes[axis]) % sizes[axis];
      ASSERT_EQ(gather.result(0).as<float>()[i], float((at[0] * 4 + at[1]) * 5 + at[2]));
    }
  }
}

TEST(GatherElements, RefusesAnIndexOutsideTheAxis) {
  Case gather("gather_elements");
  gather.input(countUp({2, 3})).input(Array::ints({2, 1}, {0, 3})).output(Array::make(ElementType::f32, {2, 1})).integers({1});
  expectFailure(gather, Status::badData, "index 3 at position 1 is outside axis 1 of size 3");
  Case shape("gather_elements");
  shape.input(countUp({2, 3})).input(Array::ints({3, 1}, {0, 0, 0})).output(Array::make(ElementType::f32, {3, 1})).integers({1});
  expectFailure(shape, Status::badShape, "indices have size 3 in dimension 0, data 2");
}

template <typename T> static void checkCumSum(ElementType type) {
  Random random(2);
  Sizes sizes = {3, 4, 5};
  for (size_t axis = 0; axis < 3; ++axis)
    for (int64_t exclusive : {0, 1})
      for (int64_t reverse : {0, 1}) {
        Array x = Array::make(type, sizes);
        for (int64_t i = 0; i < x.count(); ++i)
          x.as<T>()[i] = static_cast<T>(random.uniform(-9.0f, 9.0f));
        Case cumsum("cumsum");
        cumsum.input(x).output(Array::make(type, sizes)).integers({static_cast<int64_t>(axis), exclusive, reverse});
        expectLevelsAgree(cumsum);
        int64_t stride = x.strides[axis], n = sizes[axis];
        for (int64_t i = 0; i < x.count(); ++i) {
          int64_t at = i / stride % n, base = i - at * stride;
          T sum = 0;
          // From the start of the line, or from its end, up to this element.
          for (int64_t step = 0; step < n; ++step) {
            int64_t j = reverse ? n - 1 - step : step;
            bool counts = reverse ? j > at : j < at;
            if (counts || (j == at && !exclusive))
              sum = static_cast<T>(sum + x.as<T>()[base + j * stride]);
          }
          ASSERT_EQ(cumsum.result(0).as<T>()[i], sum) << "axis " << axis;
        }
      }
}

TEST(CumSum, SumsEveryTypeAlongEveryAxis) {
  checkCumSum<float>(ElementType::f32);
  checkCumSum<double>(ElementType::f64);
  checkCumSum<int32_t>(ElementType::i32);
  checkCumSum<int64_t>(ElementType::i64);
}

TEST(CumSum, WrapsAndTakesEmptyAxes) {
  Case wrap("cumsum");
  wrap.input(Array::ints({2}, {INT32_MAX, 1})).output(Array::make(ElementType::i32, {2})).integers({0, 0, 0});
  expectLevelsAgree(wrap);
  EXPECT_EQ(wrap.result(0).as<int32_t>()[1], INT32_MIN);
  Case empty("cumsum");
  empty.input(Array::ints({0, 3}, {})).output(Array::make(ElementType::i32, {0, 3})).integers({0, 0, 0});
  expectLevelsAgree(empty);
  Case type("cumsum");
  type.input(Array::make(ElementType::boolean, {2})).output(Array::make(ElementType::boolean, {2})).integers({0, 0, 0});
  expectFailure(type, Status::badShape, "f32, f64, i32 or i64");
}

TEST(TopK, ChoosesInOrder) {
  for (int64_t n : {1, 2, 7, 16, 100})
    for (int64_t k : {int64_t{0}, int64_t{1}, n / 2, n})
      for (int64_t largest : {0, 1}) {
        Random random(static_cast<uint32_t>(n * 10 + k));
        Array x = random.floats({2, 3, n});
        // Few distinct values, so that many tie.
        for (int64_t i = 0; i < x.count(); ++i)
          x.as<float>()[i] = std::round(x.as<float>()[i] * 4.0f);
        Case topk("topk_f32");
        topk.input(x).output(Array::make(ElementType::f32, {2, 3, k})).output(Array::make(ElementType::i64, {2, 3, k})).integers({largest});
        expectLevelsAgree(topk);
        for (int64_t row = 0; row < 6; ++row) {
          const float *v = x.as<float>() + row * n;
          std::vector<int64_t> order(static_cast<size_t>(n));
          std::iota(order.begin(), order.end(), 0);
          std::sort(order.begin(), order.end(),
                    [&](int64_t a, int64_t b) { return v[a] != v[b] ? (largest ? v[a] > v[b] : v[a] < v[b]) : a < b; });
          for (int64_t i = 0; i < k; ++i) {
            ASSERT_EQ(topk.result(1).as<int64_t>()[row * k + i], order[static_cast<size_t>(i)]);
            ASSERT_EQ(topk.result(0).as<float>()[row * k + i], v[order[static_cast<size_t>(i)]]);
          }
        }
      }
}

TEST(TopK, PutsNaNLast) {
  for (int64_t largest : {0, 1}) {
    Case topk("topk_f32");
    topk.input(Array::floats({1, 5}, {NAN, 1.0f, -INFINITY, NAN, INFINITY})).output(Array::make(ElementType::f32, {1, 4}));
    topk.output(Array::make(ElementType::i64, {1, 4})).integers({largest});
    expectLevelsAgree(topk);
    const int64_t *indices = topk.result(1).as<int64_t>();
    EXPECT_EQ(indices[0], largest ? 4 : 2);
    EXPECT_EQ(indices[1], 1);
    EXPECT_EQ(indices[2], largest ? 2 : 4);
    EXPECT_EQ(indices[3], 0);
  }
}

TEST(TopK, RefusesMoreThanThereAre) {
  Case topk("topk_f32");
  topk.input(countUp({1, 3})).output(Array::make(ElementType::f32, {1, 4})).output(Array::make(ElementType::i64, {1, 4})).integers({1});
  expectFailure(topk, Status::badData, "cannot choose 4 of 3");
}
