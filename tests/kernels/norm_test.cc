// rms_norm_f32, layer_norm_f32 and softmax_f32 against their formulas in f64 and against the lanes of the numerics rule.
#include "tests/kernels/harness.h"

#include <cmath>
#include <gtest/gtest.h>

using namespace switchyard::kernels;
using namespace switchyard::kernels::test;

/// The reduction of docs/contracts.md, section 7, written out: terms[i] in lane i mod 16, then the pairwise merge.
template <typename Step> static float reduceLanes(int64_t n, const Step &step) {
  std::vector<float> lanes(16, 0.0f);
  for (int64_t i = 0; i < n; ++i)
    lanes[static_cast<size_t>(i % 16)] = step(i, lanes[static_cast<size_t>(i % 16)]);
  while (lanes.size() > 1) {
    size_t half = lanes.size() / 2;
    for (size_t i = 0; i < half; ++i)
      lanes[i] += lanes[i + half];
    lanes.resize(half);
  }
  return lanes[0];
}

static const int64_t widths[] = {1, 3, 7, 15, 16, 17, 31, 33, 64, 100};

TEST(RmsNorm, SumsInSixteenLanes) {
  for (int64_t n : widths) {
    Random random(static_cast<uint32_t>(n));
    Array x = random.floats({5, n}, -2.0f, 2.0f, 3), scale = random.floats({n});
    Case norm("rms_norm_f32");
    norm.input(x).input(scale).output(Array::make(ElementType::f32, {5, n})).floats({1e-5});
    expectLevelsAgree(norm);
    for (int64_t row = 0; row < 5; ++row) {
      const float *v = x.as<float>() + row * x.strides[0];
      float squares = reduceLanes(n, [&](int64_t i, float lane) { return std::fma(v[i], v[i], lane); });
      float root = std::sqrt(squares / static_cast<float>(n) + 1e-5f);
      for (int64_t i = 0; i < n; ++i)
        ASSERT_TRUE(sameFloat(norm.result(0).as<float>()[row * n + i], v[i] / root * scale.as<float>()[i])) << "width " << n;
    }
  }
}

TEST(RmsNorm, IsCloseToItsFormula) {
  Random random(1);
  Array x = random.floats({3, 64}), scale = random.floats({64});
  Case norm("rms_norm_f32");
  norm.input(x).input(scale).output(Array::make(ElementType::f32, {3, 64})).floats({1e-6});
  expectLevelsAgree(norm);
  std::vector<double> expected;
  for (int row = 0; row < 3; ++row) {
    double squares = 0;
    for (int i = 0; i < 64; ++i)
      squares += double(x.as<float>()[row * 64 + i]) * x.as<float>()[row * 64 + i];
    for (int i = 0; i < 64; ++i)
      expected.push_back(x.as<float>()[row * 64 + i] / std::sqrt(squares / 64 + 1e-6) * scale.as<float>()[i]);
  }
  expectNear(norm.result(0), expected, 1e-6);
}

TEST(LayerNorm, SumsInSixteenLanes) {
  for (int64_t n : widths) {
    Random random(static_cast<uint32_t>(n + 50));
    Array x = random.floats({2, 3, n}, -1.0f, 3.0f), scale = random.floats({n}), bias = random.floats({n});
    Case norm("layer_norm_f32");
    norm.input(x).input(scale);
    n % 2 ? norm.input(bias) : norm.absent();
    norm.output(Array::make(ElementType::f32, {2, 3, n})).floats({1e-5});
    expectLevelsAgree(norm);
    for (int64_t row = 0; row < 6; ++row) {
      const float *v = x.as<float>() + row * n;
      float mean = reduceLanes(n, [&](int64_t i, float lane) { return lane + v[i]; }) / static_cast<float>(n);
      float squares = reduceLanes(n, [&](int64_t i, float lane) { return std::fma(v[i] - mean, v[i] - mean, lane); });
      float root = std::sqrt(squares / static_cast<float>(n) + 1e-5f);
      for (int64_t i = 0; i < n; ++i) {
        float expected = (v[i] - mean) / root * scale.as<float>()[i];
        expected = n % 2 ? expected + bias.as<float>()[i] : expected;
        ASSERT_TRUE(sameFloat(norm.result(0).as<float>()[row * n + i], expected)) << "width " << n;
      }
    }
  }
}

TEST(Norms, RefuseAScaleOfAnotherSize) {
  Random random(2);
  Case rms("rms_norm_f32");
  rms.input(random.floats({2, 8})).input(random.floats({7})).output(Array::make(ElementType::f32, {2, 8})).floats({1e-5});
  expectFailure(rms, Status::badShape, "'scale' has 7 elements, expected 8");
  Case layer("layer_norm_f32");
  layer.input(random.floats({2, 8})).input(random.floats({8})).input(random.floats({9}));
  layer.output(Array::make(ElementType::f32, {2, 8})).floats({1e-5});
  expectFailure(layer, Status::badShape, "'bias' has 9 elements, expected 8");
}

TEST(Norms, TakeNoRows) {
  Random random(3);
  Case rms("rms_norm_f32");
  rms.input(random.floats({0, 8})).input(random.floats({8})).output(Array::make(ElementType::f32, {0, 8})).floats({1e-5});
  expectLevelsAgree(rms);
}

TEST(Softmax, IsCloseToItsFormulaForEveryShape) {
  for (int64_t rows : {0, 1, 2, 3, 4, 5, 9})
    for (int64_t n : widths) {
      Random random(static_cast<uint32_t>(rows * 200 + n));
      Array x = random.floats({rows, n}, -8.0f, 8.0f);
      Case softmax("softmax_f32");
      softmax.input(x).output(Array::make(ElementType::f32, {rows, n}));
      expectLevelsAgree(softmax);
      std::vector<double> expected;
      for (int64_t row = 0; row < rows; ++row) {
        double sum = 0;
        for (int64_t i = 0; i < n; ++i)
          sum += std::exp(double(x.as<float>()[row * n + i]));
        for (int64_t i = 0; i < n; ++i)
          expected.push_back(std::exp(double(x.as<float>()[row * n + i])) / sum);
      }
      expectNear(softmax.result(0), expected, 1e-6);
    }
}

TEST(Softmax, TreatsInfinitiesAsOnnxDoes) {
  Array x = Array::floats({4, 3}, {-INFINITY, -INFINITY, -INFINITY, -INFINITY, 2.0f, -INFINITY, 1.0f, NAN, 2.0f, INFINITY, 0.0f, 1.0f});
  Case softmax("softmax_f32");
  softmax.input(x).output(Array::make(ElementType::f32, {4, 3}));
  expectLevelsAgree(softmax);
  const float *out = softmax.result(0).as<float>();
  for (int i : {0, 1, 2, 6, 7, 8, 9, 10, 11})
    EXPECT_TRUE(std::isnan(out[i])) << i;
  EXPECT_EQ(out[3], 0.0f);
  EXPECT_EQ(out[4], 1.0f);
  EXPECT_EQ(out[5], 0.0f);
}
