// Choices of elements, losses, determinants, and sums of labelled products.
#include "kernels/layout/operators.h"
#include "tests/kernels/harness.h"

#include <cmath>
#include <gtest/gtest.h>

using namespace switchyard::kernels;
using namespace switchyard::kernels::test;

static std::vector<float> floatsOf(const Array &array) { return std::vector<float>(array.as<float>(), array.as<float>() + array.count()); }
static std::vector<int64_t> longsOf(const Array &array) { return std::vector<int64_t>(array.as<int64_t>(), array.as<int64_t>() + array.count()); }

static Array boolsOf(std::vector<bool> values) {
  Array array = Array::make(ElementType::boolean, {static_cast<int64_t>(values.size())});
  std::copy(values.begin(), values.end(), array.as<bool>());
  return array;
}

TEST(Compress, TakesSlicesOrElements) {
  Case slices("compress");
  slices.input(Array::floats({2, 3}, {1, 2, 3, 4, 5, 6})).input(boolsOf({false, true, true})).output(Array::make(ElementType::f32, {2, 2})).integers({1});
  expectLevelsAgree(slices);
  EXPECT_EQ(floatsOf(slices.result(0)), (std::vector<float>{2, 3, 5, 6}));
  Case flat("compress");
  flat.input(Array::floats({2, 3}, {1, 2, 3, 4, 5, 6})).input(boolsOf({true, false, false, true})).output(Array::make(ElementType::f32, {2})).integers({-1});
  expectLevelsAgree(flat);
  EXPECT_EQ(floatsOf(flat.result(0)), (std::vector<float>{1, 4}));
  flat.operand(1) = boolsOf({true});
  expectFailure(flat, Status::badData, "the operands ask for a result of shape [1], the model states [2]");
}

TEST(NonZero, ListsPositions) {
  Case nonzero("nonzero");
  nonzero.input(Array::floats({2, 2}, {0, 1, NAN, -0.0f})).output(Array::make(ElementType::i64, {2, 2}));
  expectLevelsAgree(nonzero);
  EXPECT_EQ(longsOf(nonzero.result(0)), (std::vector<int64_t>{0, 1, 1, 0}));
}

TEST(Unique, SortsAndCounts) {
  for (int64_t sorted : {0, 1}) {
    Case unique("unique");
    unique.input(Array::floats({6}, {2, NAN, 1, 2, NAN, 2})).output(Array::make(ElementType::f32, {3})).output(Array::make(ElementType::i64, {3}));
    unique.output(Array::make(ElementType::i64, {6})).output(Array::make(ElementType::i64, {3})).integers({-1, sorted});
    expectLevelsAgree(unique);
    EXPECT_EQ(longsOf(unique.result(1)), sorted ? (std::vector<int64_t>{2, 0, 1}) : (std::vector<int64_t>{0, 1, 2}));
    EXPECT_EQ(longsOf(unique.result(2)), sorted ? (std::vector<int64_t>{1, 2, 0, 1, 2, 1}) : (std::vector<int64_t>{0, 1, 2, 0, 1, 0}));
    EXPECT_EQ(longsOf(unique.result(3)), sorted ? (std::vector<int64_t>{1, 3, 2}) : (std::vector<int64_t>{3, 2, 1}));
  }
}

TEST(ReverseSequence, TurnsTheBeginning) {
  Case reverse("reverse_sequence");
  reverse.input(Array::floats({2, 3}, {1, 2, 3, 4, 5, 6})).input(Array::longs({2}, {3, 2})).output(Array::make(ElementType::f32, {2, 3})).integers({0, 1});
  expectLevelsAgree(reverse);
  EXPECT_EQ(floatsOf(reverse.result(0)), (std::vector<float>{3, 2, 1, 5, 4, 6}));
  reverse.operand(1) = Array::longs({2}, {4, 0});
  expectFailure(reverse, Status::badData, "length 4 of batch 0 is outside the 3 steps");
}

TEST(CenterCropPad, CentresBothWays) {
  Case center("center_crop_pad");
  center.input(Array::floats({2, 4}, {1, 2, 3, 4, 5, 6, 7, 8})).input(Array::longs({2}, {5, 1})).absent().output(Array::make(ElementType::f32, {5, 1}));
  expectLevelsAgree(center);
  EXPECT_EQ(floatsOf(center.result(0)), (std::vector<float>{0, 2, 6, 0, 0}));
}

TEST(Loss, WeighsAndIgnores) {
  Array x = Array::floats({3, 2}, {-1, -2, -3, -4, -5, -6});
  std::pair<LossReduction, std::vector<float>> expected[] = {{LossReduction::none, {10, 0, 60}}, {LossReduction::sum, {70}}, {LossReduction::mean, {3.5f}}};
  for (const auto &[reduction, values] : expected) {
    Case loss("negative_log_likelihood");
    loss.input(x).input(Array::longs({3}, {0, 7, 1})).input(Array::floats({2}, {10, 10}));
    loss.output(Array::make(ElementType::f32, reduction == LossReduction::none ? Sizes{3} : Sizes{})).integers({static_cast<int64_t>(reduction), 1, 7});
    expectLevelsAgree(loss);
    EXPECT_EQ(floatsOf(loss.result(0)), values) << static_cast<int>(reduction);
    loss.integers({static_cast<int64_t>(reduction), 0, 7});
    expectFailure(loss, Status::badData, "target 7 at position 1 is none of 2 classes");
  }
}

TEST(Det, PicksPivots) {
  Case det("det");
  det.input(Array::floats({2, 2, 2}, {0, 2, 3, 4, 1, 2, 2, 4})).output(Array::make(ElementType::f32, {2})).scratch(Array::make(ElementType::f64, {2, 2, 2}));
  expectLevelsAgree(det);
  EXPECT_EQ(floatsOf(det.result(0)), (std::vector<float>{-6, 0}));
}

TEST(Lrn, DividesByItsNeighbours) {
  Case lrn("lrn");
  lrn.input(Array::floats({1, 3, 1}, {1, 2, 3})).output(Array::make(ElementType::f32, {1, 3, 1})).integers({2}).floats({2, 0.5, 1});
  expectLevelsAgree(lrn);
  expectNear(lrn.result(0), {1 / std::sqrt(6.0), 2 / std::sqrt(14.0), 3 / std::sqrt(10.0)}, 1e-6);
}

TEST(Contraction, SumsLabelsAndTakesDiagonals) {
  Case product("contraction");
  product.input(Array::floats({2, 2}, {1, 2, 3, 4})).input(Array::floats({2, 1}, {5, 6})).input(Array::longs({6}, {0, 2, 0, 1, 1, 2}));
  product.output(Array::make(ElementType::f32, {2, 1}));
  expectLevelsAgree(product);
  EXPECT_EQ(floatsOf(product.result(0)), (std::vector<float>{17, 39}));
  Case diagonal("contraction");
  diagonal.input(Array::ints({2, 2}, {1, 2, 3, 4})).absent().input(Array::longs({3}, {0, 0, 0})).output(Array::make(ElementType::i32, {2}));
  expectLevelsAgree(diagonal);
  EXPECT_EQ(diagonal.result(0).as<int32_t>()[1], 4);
  product.operand(2) = Array::longs({6}, {0, 2, 0, 1, 1, 24});
  expectFailure(product, Status::badShape, "label 24 is out of range");
}
