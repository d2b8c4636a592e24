// Scatters: updates in order, of every element type.
#include "kernels/layout/operators.h"
#include "tests/kernels/harness.h"

#include <gtest/gtest.h>

using namespace switchyard::kernels;
using namespace switchyard::kernels::test;

static std::vector<float> floatsOf(const Array &array) { return std::vector<float>(array.as<float>(), array.as<float>() + array.count()); }

static Case elementsOf(std::vector<int64_t> indices, std::vector<float> updates, ScatterKind kind) {
  Case scatter("scatter_elements");
  int64_t count = static_cast<int64_t>(indices.size());
  scatter.input(Array::floats({4}, {1, 2, 3, 4})).input(Array::longs({count}, std::move(indices))).input(Array::floats({count}, std::move(updates)));
  scatter.output(Array::make(ElementType::f32, {4})).integers({0, static_cast<int64_t>(kind)});
  return scatter;
}

TEST(ScatterElements, TakesDuplicatesInOrder) {
  std::pair<ScatterKind, std::vector<float>> expected[] = {{ScatterKind::replace, {1, 6, 3, 7}}, {ScatterKind::add, {1, 13, 3, 11}},
                                                           {ScatterKind::multiply, {1, 60, 3, 28}}, {ScatterKind::maximum, {1, 6, 3, 7}},
                                                           {ScatterKind::minimum, {1, 2, 3, 4}}};
  for (const auto &[kind, values] : expected) {
    Case scatter = elementsOf({1, 1, -1}, {5, 6, 7}, kind);
    expectLevelsAgree(scatter);
    EXPECT_EQ(floatsOf(scatter.result(0)), values) << static_cast<int>(kind);
  }
  Case outside = elementsOf({4}, {0}, ScatterKind::replace);
  expectFailure(outside, Status::badData, "index 4 at position 0 is outside axis 0 of size 4");
}

TEST(ScatterElements, WrapsIntegers) {
  Case scatter("scatter_elements");
  Array data = Array::make(ElementType::u8, {1, 2}), updates = Array::make(ElementType::u8, {1, 1});
  data.as<uint8_t>()[0] = 200, data.as<uint8_t>()[1] = 1, updates.as<uint8_t>()[0] = 100;
  scatter.input(data).input(Array::longs({1, 1}, {0})).input(updates).output(Array::make(ElementType::u8, {1, 2}));
  scatter.integers({1, static_cast<int64_t>(ScatterKind::add)});
  expectLevelsAgree(scatter);
  EXPECT_EQ(scatter.result(0).as<uint8_t>()[0], 44);
}

TEST(ScatterNd, WritesBlocks) {
  Case scatter("scatter_nd");
  scatter.input(Array::floats({2, 2}, {1, 2, 3, 4})).input(Array::longs({2, 1}, {-1, -1})).input(Array::floats({2, 2}, {10, 20, 30, 40}));
  scatter.output(Array::make(ElementType::f32, {2, 2})).integers({static_cast<int64_t>(ScatterKind::add)});
  expectLevelsAgree(scatter);
  EXPECT_EQ(floatsOf(scatter.result(0)), (std::vector<float>{1, 2, 43, 64}));
  scatter.operand(1) = Array::longs({2, 1}, {0, 2});
  expectFailure(scatter, Status::badData, "index 2 in tuple 1 is outside axis 0 of size 2");
  scatter.operand(1) = Array::longs({2, 3}, {0, 0, 0, 0, 0, 0});
  expectFailure(scatter, Status::badShape, "the index tuples do not fit data of rank 2");
}

TEST(TensorScatter, WritesTheCacheInACircle) {
  Case cache("tensor_scatter");
  cache.input(Array::floats({2, 3, 1}, {1, 2, 3, 4, 5, 6})).input(Array::floats({2, 2, 1}, {10, 20, 30, 40})).input(Array::longs({2}, {2, 0}));
  cache.output(Array::make(ElementType::f32, {2, 3, 1})).integers({1, 1});
  expectLevelsAgree(cache);
  EXPECT_EQ(floatsOf(cache.result(0)), (std::vector<float>{20, 2, 10, 30, 40, 6}));
  cache.integers({1, 0});
  expectFailure(cache, Status::badData, "batch 0 is written from 2 on, which does not fit a cache of 3");
}
