// Spectra, windows and inverse functions, against the host's libm; recurrent layers.
#include "kernels/layout/operators.h"
#include "kernels/support/inverse.h"
#include "kernels/support/turns.h"
#include "tests/kernels/harness.h"

#include <cmath>
#include <gtest/gtest.h>

using namespace switchyard::kernels;
using namespace switchyard::kernels::test;

TEST(Turns, AreWithinAnUlp) {
  for (int64_t n : {1, 2, 3, 8, 360, 1001})
    for (int64_t m = 0; m <= n; ++m) {
      elementary::Turn turn = elementary::turn(m, n);
      long double angle = 2 * 3.141592653589793238462643383279502884L * static_cast<long double>(m) / static_cast<long double>(n);
      ASSERT_NEAR(turn.cosine, static_cast<double>(std::cos(angle)), 3e-16) << m << "/" << n;
      ASSERT_NEAR(turn.sine, static_cast<double>(std::sin(angle)), 3e-16) << m << "/" << n;
    }
  EXPECT_EQ(elementary::turn(1, 4).cosine, 0);
}

TEST(Inverse, IsWithinAFewUlp) {
  struct {
    double (*ours)(double), (*theirs)(double);
    double low, high;
  } functions[] = {{elementary::acosReal, std::acos, -1, 1},     {elementary::asinReal, std::asin, -1, 1},       {elementary::atanReal, std::atan, -40, 40},
                   {elementary::acoshReal, std::acosh, 1, 50},   {elementary::asinhReal, std::asinh, -50, 50},   {elementary::atanhReal, std::atanh, -1, 1},
                   {elementary::tanhReal, std::tanh, -20, 20},   {elementary::log1pReal, std::log1p, -0.9, 9},   {elementary::expm1Real, std::expm1, -9, 9}};
  for (size_t f = 0; f < std::size(functions); ++f)
    for (int i = 0; i <= 4000; ++i) {
      double x = functions[f].low + (functions[f].high - functions[f].low) * i / 4000, small = x * 1e-6;
      for (double at : {x, small}) {
        double ours = functions[f].ours(at), theirs = functions[f].theirs(at);
        if (std::isnan(theirs)) {
          ASSERT_TRUE(std::isnan(ours)) << f << " at " << at;
          continue;
        }
        ASSERT_TRUE(ours == theirs || std::fabs(ours - theirs) <= 8 * 0x1p-52 * std::fabs(theirs)) << f << " at " << at << ": " << ours << ", " << theirs;
      }
    }
  EXPECT_TRUE(std::isnan(elementary::acosReal(1.1)) && std::isnan(elementary::acoshReal(0.9)) && std::isnan(elementary::atanhReal(-1.1)));
  EXPECT_EQ(elementary::atanReal(HUGE_VAL), std::atan(HUGE_VAL));
}

TEST(Dft, TransformsAndBack) {
  Random random(3);
  Array signal = random.floats({2, 9, 1});
  Case forward("dft");
  forward.input(signal).absent().absent().output(Array::make(ElementType::f32, {2, 5, 2})).integers({-2, 0, 1});
  expectLevelsAgree(forward);
  EXPECT_NEAR(forward.result(0).as<float>()[0], signal.as<float>()[0] + signal.as<float>()[1] + signal.as<float>()[2] + signal.as<float>()[3] +
                                                    signal.as<float>()[4] + signal.as<float>()[5] + signal.as<float>()[6] + signal.as<float>()[7] + signal.as<float>()[8],
              1e-5);
  Case back("dft");
  back.input(forward.result(0)).input(Array::longs({}, {9})).absent().output(Array::make(ElementType::f32, {2, 9, 1})).integers({-2, 1, 1});
  expectLevelsAgree(back);
  for (int i = 0; i < 18; ++i)
    EXPECT_NEAR(back.result(0).as<float>()[i], signal.as<float>()[i], 1e-6);
  back.operand(1) = Array::longs({}, {0});
  expectFailure(back, Status::badData, "a transform of 0 points is asked for");
}

TEST(Stft, IsTheTransformOfEachFrame) {
  Random random(5);
  Array signal = random.floats({1, 10, 1});
  Case frames("stft");
  frames.input(signal).input(Array::longs({}, {3})).absent().input(Array::longs({}, {4})).output(Array::make(ElementType::f32, {1, 3, 3, 2})).integers({1});
  expectLevelsAgree(frames);
  for (int frame = 0; frame < 3; ++frame) {
    Case one("dft");
    one.input(Array::floats({4, 1}, std::vector<float>(signal.as<float>() + 3 * frame, signal.as<float>() + 3 * frame + 4))).absent().absent();
    one.output(Array::make(ElementType::f32, {3, 2})).integers({0, 0, 1});
    expectLevelsAgree(one);
    for (int i = 0; i < 6; ++i)
      EXPECT_NEAR(frames.result(0).as<float>()[frame * 6 + i], one.result(0).as<float>()[i], 1e-6);
  }
  frames.operand(1) = Array::longs({}, {0});
  expectFailure(frames, Status::badData, "frames of 4 samples, 0 apart, do not fit the window or 10 samples");
}

TEST(Window, IsPeriodicOrSymmetric) {
  for (int64_t periodic : {0, 1}) {
    Case hann("window");
    hann.input(Array::longs({}, {4})).output(Array::make(ElementType::f32, {4})).integers({static_cast<int64_t>(WindowKind::hann), periodic});
    expectLevelsAgree(hann);
    expectNear(hann.result(0), periodic ? std::vector<double>{0, 0.5, 1, 0.5} : std::vector<double>{0, 0.75, 0.75, 0}, 1e-7);
  }
}

/// A layer of one unit whose weights are all 1.
static Case layerOf(RecurrentKind kind, int64_t gates, std::vector<int64_t> lengths, RecurrentDirection direction) {
  Case layer("recurrent");
  int64_t directions = direction == RecurrentDirection::both ? 2 : 1, all = gates * directions;
  std::vector<float> ones(static_cast<size_t>(all), 1.0f);
  int64_t batches = static_cast<int64_t>(lengths.size());
  layer.input(Array::floats({2, batches, 1}, std::vector<float>(static_cast<size_t>(2 * batches), 0.5f)));
  layer.input(Array::floats({directions, gates, 1}, ones)).input(Array::floats({directions, gates, 1}, ones)).absent();
  layer.input(Array::longs({batches}, std::move(lengths))).absent().absent().absent();
  auto f = static_cast<int64_t>(kind == RecurrentKind::plain ? RecurrentActivation::tanh : RecurrentActivation::sigmoid), g = static_cast<int64_t>(RecurrentActivation::tanh);
  layer.input(Array::longs({3 * directions}, directions == 2 ? std::vector<int64_t>{f, g, g, f, g, g} : std::vector<int64_t>{f, g, g}));
  layer.output(Array::make(ElementType::f32, {2, directions, batches, 1})).output(Array::make(ElementType::f32, {directions, batches, 1}));
  layer.output(Array::make(ElementType::f32, {directions, batches, 1})).scratch(Array::make(ElementType::f32, {directions, batches, gates}));
  layer.integers({static_cast<int64_t>(kind), static_cast<int64_t>(direction), 0, 0, 0}).floats({0});
  return layer;
}

TEST(Recurrent, StepsAsDefined) {
  auto sigmoid = [](double x) { return 1 / (1 + std::exp(-x)); };
  Case plain = layerOf(RecurrentKind::plain, 1, {2, 1}, RecurrentDirection::both);
  expectLevelsAgree(plain);
  double h1 = std::tanh(0.5), h2 = std::tanh(0.5 + h1);
  expectNear(plain.result(0), {h1, h1, h2, h1, h2, 0, h1, 0}, 1e-6);
  expectNear(plain.result(1), {h2, h1, h2, h1}, 1e-6);
  Case gru = layerOf(RecurrentKind::gru, 3, {2}, RecurrentDirection::forward);
  expectLevelsAgree(gru);
  double z1 = sigmoid(0.5), g1 = (1 - z1) * std::tanh(0.5), z2 = sigmoid(0.5 + g1), g2 = (1 - z2) * std::tanh(0.5 + z2 * g1) + z2 * g1;
  expectNear(gru.result(1), {g2}, 1e-6);
  Case lstm = layerOf(RecurrentKind::lstm, 4, {1}, RecurrentDirection::forward);
  expectLevelsAgree(lstm);
  double cell = sigmoid(0.5) * std::tanh(0.5);
  expectNear(lstm.result(1), {sigmoid(0.5) * std::tanh(cell)}, 1e-6);
  expectNear(lstm.result(2), {cell}, 1e-6);
  Case longer = layerOf(RecurrentKind::plain, 1, {3}, RecurrentDirection::forward);
  expectFailure(longer, Status::badData, "length 3 of batch 0 is outside the 2 steps");
}
