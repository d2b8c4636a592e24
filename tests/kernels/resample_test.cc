// Samples between elements: Resize, GridSample, AffineGrid, RoiAlign, and boxes that overlap.
#include "kernels/layout/operators.h"
#include "tests/kernels/harness.h"

#include <gtest/gtest.h>

using namespace switchyard::kernels;
using namespace switchyard::kernels::test;

static std::vector<float> floatsOf(const Array &array) { return std::vector<float>(array.as<float>(), array.as<float>() + array.count()); }

struct Modes {
  ResizeMode mode = ResizeMode::linear;
  ResizeCoordinates coordinates = ResizeCoordinates::halfPixel;
  ResizeRounding rounding = ResizeRounding::preferFloor;
  int64_t antialias = 0, excludeOutside = 0;
  ResizePolicy policy = ResizePolicy::stretch;

  std::vector<int64_t> integers() const {
    return {static_cast<int64_t>(mode), static_cast<int64_t>(coordinates), static_cast<int64_t>(rounding), antialias, excludeOutside, static_cast<int64_t>(policy)};
  }
};

static Case scaled(std::vector<float> x, float scale, int64_t size, const Modes &modes) {
  Case resize("resize");
  int64_t count = static_cast<int64_t>(x.size());
  resize.input(Array::floats({count}, std::move(x))).absent().input(Array::floats({1}, {scale})).absent().absent();
  resize.output(Array::make(ElementType::f32, {size})).integers(modes.integers()).floats({-0.75, 0});
  return resize;
}

TEST(Resize, InterpolatesInEveryMode) {
  Case linear = scaled({1, 2, 3, 4}, 0.6f, 2, {});
  expectLevelsAgree(linear);
  expectNear(linear.result(0), {1 + 1.0 / 3, 3.0}, 1e-6);
  Case aligned = scaled({1, 2}, 2, 4, {.coordinates = ResizeCoordinates::alignCorners});
  expectLevelsAgree(aligned);
  expectNear(aligned.result(0), {1, 4.0 / 3, 5.0 / 3, 2}, 1e-6);
  Case nearest = scaled({1, 2}, 3, 6, {.mode = ResizeMode::nearest, .coordinates = ResizeCoordinates::asymmetric, .rounding = ResizeRounding::bySize});
  expectLevelsAgree(nearest);
  EXPECT_EQ(floatsOf(nearest.result(0)), (std::vector<float>{1, 1, 1, 2, 2, 2}));
  // Element 3 of a scale of 0.6 lies at 5, though the float nearest to 0.6 is larger.
  Case exact = scaled({0, 1, 2, 3, 4, 5, 6}, 0.6f, 4, {.mode = ResizeMode::nearest, .coordinates = ResizeCoordinates::asymmetric, .rounding = ResizeRounding::floor});
  expectLevelsAgree(exact);
  EXPECT_EQ(floatsOf(exact.result(0)), (std::vector<float>{0, 1, 3, 5}));
  Case smooth = scaled({1, 2, 3, 4}, 0.5f, 2, {.antialias = 1});
  expectLevelsAgree(smooth);
  expectNear(smooth.result(0), {1.625, 3.375}, 1e-6);
  // A constant stays what it is.
  Case cubic = scaled({5, 5, 5}, 2, 6, {.mode = ResizeMode::cubic, .excludeOutside = 1});
  expectLevelsAgree(cubic);
  expectNear(cubic.result(0), std::vector<double>(6, 5.0), 1e-6);
}

TEST(Resize, ChecksItsScalesAndSizes) {
  Case other = scaled({1, 2}, 2, 3, {});
  expectFailure(other, Status::badData, "the operands ask for a result of shape [4], the model states [3]");
  Case none = scaled({1, 2}, -1, 3, {});
  expectFailure(none, Status::badData, "scale -1 of axis 0 is out of range");
  Case ratio("resize");
  ratio.input(Array::floats({2, 4}, {1, 2, 3, 4, 5, 6, 7, 8})).absent().absent().input(Array::longs({2}, {7, 8})).absent();
  ratio.output(Array::make(ElementType::f32, {4, 8})).integers(Modes{.mode = ResizeMode::nearest, .policy = ResizePolicy::notLarger}.integers()).floats({0, 0});
  expectLevelsAgree(ratio);
  ratio.operand(3) = Array::longs({1}, {7});
  expectFailure(ratio, Status::badData, "there are 1 sizes for 2 axes");
}

TEST(GridSample, PadsAsAsked) {
  std::pair<GridPadding, float> expected[] = {{GridPadding::zeros, 0}, {GridPadding::border, 2}, {GridPadding::reflection, 1}};
  for (auto [padding, value] : expected) {
    Case sample("grid_sample");
    // The centre of the first element lies at -0.5, that of the second at 0.5; 2.5 is one element behind the border at 1.
    sample.input(Array::floats({1, 1, 2}, {1, 2})).input(Array::floats({1, 2, 1}, {0, 2.5f})).output(Array::make(ElementType::f32, {1, 1, 2}));
    sample.integers({static_cast<int64_t>(ResizeMode::linear), static_cast<int64_t>(padding), 0});
    expectLevelsAgree(sample);
    EXPECT_EQ(floatsOf(sample.result(0)), (std::vector<float>{1.5f, value})) << static_cast<int>(padding);
  }
}

TEST(AffineGrid, MapsTheCorners) {
  Case grid("affine_grid");
  grid.input(Array::floats({1, 1, 2}, {2, 1})).input(Array::longs({3}, {1, 1, 2})).output(Array::make(ElementType::f32, {1, 2, 1})).integers({1});
  expectLevelsAgree(grid);
  EXPECT_EQ(floatsOf(grid.result(0)), (std::vector<float>{-1, 3}));
}

TEST(RoiAlign, AveragesTheSamplesOfABin) {
  Case align("roi_align");
  align.input(Array::floats({1, 1, 2, 2}, {1, 2, 3, 4})).input(Array::floats({1, 4}, {0, 0, 1, 1})).input(Array::longs({1}, {0}));
  align.output(Array::make(ElementType::f32, {1, 1, 1, 1})).integers({1, 0, 0}).floats({1});
  expectLevelsAgree(align);
  EXPECT_EQ(align.result(0).as<float>()[0], 2.5f);
  align.operand(2) = Array::longs({1}, {1});
  expectFailure(align, Status::badData, "batch 1 of region 0 is none of 1");
}

TEST(NonMaxSuppression, KeepsTheBestOfThoseThatOverlap) {
  Case nms("non_max_suppression");
  nms.input(Array::floats({1, 3, 4}, {0, 0, 1, 1, 0, 0.1f, 1, 1.1f, 0, 10, 1, 11})).input(Array::floats({1, 1, 3}, {0.8f, 0.9f, 0.8f}));
  nms.input(Array::longs({1}, {3})).input(Array::floats({1}, {0.5f})).input(Array::floats({1}, {0})).output(Array::make(ElementType::i64, {2, 3})).integers({0});
  expectLevelsAgree(nms);
  const int64_t *rows = nms.result(0).as<int64_t>();
  EXPECT_EQ((std::vector<int64_t>(rows, rows + 6)), (std::vector<int64_t>{0, 0, 1, 0, 0, 2}));
  nms.operand(3) = Array::floats({1}, {1});
  expectFailure(nms, Status::badData, "more boxes are selected than the 2 that the model states");
  nms.operand(2) = Array::longs({1}, {1});
  expectFailure(nms, Status::badData, "the operands ask for a result of shape [1, 3], the model states [2, 3]");
}
