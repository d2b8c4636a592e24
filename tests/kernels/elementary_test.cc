// Elementary functions against libm in f64: units in the last place over the whole range, and the special values.
#include "kernels/support/elementary.h"
#include "kernels/support/power.h"
#include "kernels/support/real.h"
#include "kernels/support/trigonometry.h"

#include <bit>
#include <cmath>
#include <functional>
#include <gtest/gtest.h>
#include <limits>
#include <random>

namespace elementary = switchyard::kernels::elementary;

/// Distance in units of the last place of the f32 nearest to `expected`.
static double ulps(float actual, double expected) {
  if (std::isnan(expected))
    return std::isnan(actual) ? 0.0 : INFINITY;
  float rounded = static_cast<float>(expected);
  if (std::isinf(rounded) || std::isinf(actual) || std::isnan(actual))
    return actual == rounded ? 0.0 : INFINITY;
  int exponent;
  std::frexp(expected, &exponent);
  double unit = expected == 0.0 ? 0x1p-149 : std::ldexp(1.0, std::max(exponent - 24, -149));
  return std::fabs(static_cast<double>(actual) - expected) / unit;
}

/// All floats in steps of a prime: every exponent, both signs, subnormals, infinities and NaN.
template <typename Function, typename Exact>
static void expectAccurate(const Function &function, const Exact &exact, double bound, uint32_t step = 4093) {
  double worst = 0.0;
  float where = 0.0f;
  for (uint64_t bits = 0; bits < (uint64_t{1} << 32); bits += step) {
    float x = std::bit_cast<float>(static_cast<uint32_t>(bits));
    double error = ulps(function(x), exact(static_cast<double>(x)));
    if (error > worst) {
      worst = error;
      where = x;
    }
  }
  EXPECT_LE(worst, bound) << "at " << std::hexfloat << where;
}

static void expectSameBits(float actual, float expected) { EXPECT_EQ(std::bit_cast<uint32_t>(actual), std::bit_cast<uint32_t>(expected)); }

TEST(Elementary, ExponentialIsWithinTwoUlps) {
  expectAccurate(elementary::exp, [](double x) { return std::exp(x); }, 1.5);
}
TEST(Elementary, ExponentialMinusOneIsWithinTwoUlps) {
  expectAccurate(elementary::expm1, [](double x) { return std::expm1(x); }, 2.0);
}
TEST(Elementary, LogarithmIsWithinTwoUlps) {
  expectAccurate(elementary::log, [](double x) { return std::log(x); }, 1.5);
}
TEST(Elementary, LogarithmOfOnePlusIsWithinThreeUlps) {
  expectAccurate(elementary::log1p, [](double x) { return std::log1p(x); }, 2.5);
}
TEST(Elementary, HyperbolicTangentIsWithinTwoUlps) {
  expectAccurate(elementary::tanh, [](double x) { return std::tanh(x); }, 1.5);
}
TEST(Elementary, ErrorFunctionIsWithinTwoUlps) {
  expectAccurate(elementary::erf, [](double x) { return std::erf(x); }, 1.5);
}
/// Units in the last place of the f64 nearest to `expected`.
static double unitsOfReal(double actual, long double expected) {
  auto rounded = static_cast<double>(expected);
  if (std::isinf(rounded) || std::isnan(rounded))
    return actual == rounded || (std::isnan(actual) && std::isnan(rounded)) ? 0.0 : INFINITY;
  long double unit = std::nextafter(std::fabs(rounded), INFINITY) - std::fabs(rounded);
  return static_cast<double>(std::fabs(static_cast<long double>(actual) - expected) / unit);
}

TEST(Elementary, FunctionsOfF64AreWithinTwoUlps) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 200000; ++i) {
    auto fraction = static_cast<double>(random() >> 11) * 0x1p-53;
    double x = 1500.0 * fraction - 750.0, positive = std::bit_cast<double>(random() & 0x7fefffffffffffffu);
    ASSERT_LE(unitsOfReal(elementary::expReal(x), std::exp(static_cast<long double>(x))), 2.0) << x;
    ASSERT_LE(unitsOfReal(elementary::logReal(positive), std::log(static_cast<long double>(positive))), 2.0) << positive;
    ASSERT_LE(unitsOfReal(elementary::logReal(0.5 + fraction), std::log(static_cast<long double>(0.5 + fraction))), 2.0) << fraction;
  }
  const double infinity = INFINITY;
  EXPECT_EQ(elementary::expReal(infinity), infinity);
  EXPECT_EQ(elementary::expReal(-infinity), 0.0);
  EXPECT_EQ(elementary::logReal(0.0), -infinity);
  EXPECT_EQ(elementary::logReal(infinity), infinity);
  EXPECT_TRUE(std::isnan(elementary::logReal(-1.0)) && std::isnan(elementary::logReal(NAN)) && std::isnan(elementary::expReal(NAN)));
}

TEST(Elementary, SineIsWithinOneUlp) {
  expectAccurate(elementary::sin, [](double x) { return std::sin(x); }, 0.6);
}
TEST(Elementary, CosineIsWithinOneUlp) {
  expectAccurate(elementary::cos, [](double x) { return std::cos(x); }, 0.6);
}

TEST(Elementary, FunctionsAreDenselyAccurateWhereModelsUseThem) {
  std::mt19937 engine(1);
  std::uniform_real_distribution<float> values(-12.0f, 12.0f);
  double worst[6] = {};
  for (int i = 0; i < 200000; ++i) {
    float x = values(engine);
    double d = x;
    const double errors[] = {ulps(elementary::exp(x), std::exp(d)),
                             ulps(elementary::tanh(x), std::tanh(d)),
                             ulps(elementary::erf(x), std::erf(d)),
                             ulps(elementary::sin(x), std::sin(d)),
                             ulps(elementary::sigmoid(x), 1.0 / (1.0 + std::exp(-d))),
                             ulps(elementary::softplus(x), d > 0 ? d + std::log1p(std::exp(-d)) : std::log1p(std::exp(d)))};
    for (int f = 0; f < 6; ++f)
      worst[f] = std::max(worst[f], errors[f]);
  }
  for (int f = 0; f < 6; ++f)
    EXPECT_LE(worst[f], f < 4 ? 1.5 : 3.0) << "function " << f;
}

TEST(Elementary, SpecialValuesAreExact) {
  const float infinity = INFINITY;
  expectSameBits(elementary::exp(0.0f), 1.0f);
  expectSameBits(elementary::exp(-0.0f), 1.0f);
  expectSameBits(elementary::exp(infinity), infinity);
  expectSameBits(elementary::exp(-infinity), 0.0f);
  expectSameBits(elementary::expm1(-0.0f), -0.0f);
  expectSameBits(elementary::expm1(-infinity), -1.0f);
  expectSameBits(elementary::log(1.0f), 0.0f);
  expectSameBits(elementary::log(0.0f), -infinity);
  expectSameBits(elementary::log(-0.0f), -infinity);
  expectSameBits(elementary::log(infinity), infinity);
  EXPECT_TRUE(std::isnan(elementary::log(-1.0f)));
  EXPECT_TRUE(std::isnan(elementary::log(-infinity)));
  expectSameBits(elementary::log1p(-0.0f), -0.0f);
  expectSameBits(elementary::log1p(-1.0f), -infinity);
  expectSameBits(elementary::log1p(infinity), infinity);
  for (auto odd : {elementary::tanh, elementary::erf}) {
    expectSameBits(odd(-0.0f), -0.0f);
    expectSameBits(odd(infinity), 1.0f);
    expectSameBits(odd(-infinity), -1.0f);
  }
  expectSameBits(elementary::sin(-0.0f), -0.0f);
  expectSameBits(elementary::cos(0.0f), 1.0f);
  EXPECT_TRUE(std::isnan(elementary::sin(infinity)));
  for (auto function : {elementary::exp, elementary::expm1, elementary::log, elementary::log1p, elementary::tanh, elementary::erf,
                        elementary::sin, elementary::cos, elementary::sigmoid, elementary::softplus})
    EXPECT_TRUE(std::isnan(function(NAN)));
}

TEST(Elementary, PowerIsWithinOneUlp) {
  std::mt19937 engine(2);
  auto any = [&] { return std::bit_cast<float>(static_cast<uint32_t>(engine())); };
  std::uniform_real_distribution<float> exponents(-20.0f, 20.0f), bases(0.0f, 40.0f);
  for (int i = 0; i < 200000; ++i) {
    float x = i % 2 ? any() : bases(engine), y = i % 3 ? exponents(engine) : i % 2 ? any() : std::round(exponents(engine));
    ASSERT_LE(ulps(elementary::pow(x, y), std::pow(static_cast<double>(x), static_cast<double>(y))), 0.6)
        << std::hexfloat << x << " ^ " << y;
  }
}

TEST(Elementary, PowerHasTheSpecialCasesOfIeee) {
  const float values[] = {0.0f, -0.0f, 1.0f, -1.0f,     2.0f,     -2.0f,     0.5f, -0.5f,
                          3.0f, -3.0f, 2.5f, 0x1p-149f, INFINITY, -INFINITY, NAN,  0x1p24f};
  for (float x : values)
    for (float y : values) {
      float expected = static_cast<float>(std::pow(static_cast<double>(x), static_cast<double>(y))), actual = elementary::pow(x, y);
      if (std::isnan(expected))
        EXPECT_TRUE(std::isnan(actual)) << x << " ^ " << y;
      else
        EXPECT_EQ(std::bit_cast<uint32_t>(actual), std::bit_cast<uint32_t>(expected)) << x << " ^ " << y << " = " << actual;
    }
}

template <typename Float, typename Bits>
static void expectExactRemainders(const std::function<Bits()> &random) {
  for (int i = 0; i < 200000; ++i) {
    Float x = std::bit_cast<Float>(random()), y = std::bit_cast<Float>(random());
    // Every other pair is close in size, where remainders are not zero.
    if (i % 2)
      y = x * static_cast<Float>((random() % 1000) / 997.0);
    Float expected = std::fmod(x, y), actual = elementary::fmod(x, y);
    if (std::isnan(expected))
      ASSERT_TRUE(std::isnan(actual)) << x << " mod " << y;
    else
      ASSERT_EQ(std::bit_cast<Bits>(actual), std::bit_cast<Bits>(expected)) << std::hexfloat << x << " mod " << y;
  }
}

TEST(Elementary, RemainderIsExact) {
  std::mt19937_64 engine(3);
  expectExactRemainders<float, uint32_t>([&] { return static_cast<uint32_t>(engine()); });
  expectExactRemainders<double, uint64_t>([&] { return engine(); });
}
