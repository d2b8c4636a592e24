// expert_mlp_f32 against fma chains written out here, over routes of both forms.
#include "kernels/layout/enums.h"
#include "kernels/layout/expert.h"
#include "kernels/support/elementary.h"
#include "tests/kernels/routes.h"

#include <cmath>
#include <gtest/gtest.h>

using namespace switchyard::kernels;
using namespace switchyard::kernels::test;

namespace {

struct Layer {
  int64_t experts, hidden, inner;
  Activation activation = Activation::silu;
  bool gated = true, biases = true;
  double alpha = 1.0, beta = 0.0, limit = INFINITY;
  // By operand (gate, gate_bias, up, up_bias, down, down_bias), then expert: values and, for matrices, panels.
  std::vector<Array> values[6], packed[6];

  Layer(int64_t experts, int64_t hidden, int64_t inner, uint32_t seed = 1) : experts(experts), hidden(hidden), inner(inner) {
    Random random(seed);
    const Sizes sizes[6] = {{inner, hidden}, {inner}, {inner, hidden}, {inner}, {hidden, inner}, {hidden}};
    for (int operand = 0; operand < 6; ++operand)
      for (int64_t e = 0; e < experts; ++e) {
        values[operand].push_back(random.floats(sizes[operand]));
        packed[operand].push_back(sizes[operand].size() == 2 ? packPanels(values[operand].back()) : values[operand].back());
      }
  }

  bool has(int operand) const { return (operand != 2 && operand != 3 ? true : gated) && (operand % 2 == 0 || biases); }
};

Case makeCase(const Layer &layer, const Array &rows, const Array &route, int64_t workers = 3) {
  Case mlp("expert_mlp_f32");
  mlp.input(rows).input(route);
  for (int operand = 0; operand < 6; ++operand) {
    if (!layer.has(operand)) {
      mlp.absent();
      continue;
    }
    std::vector<int64_t> addresses;
    for (const Array &array : layer.packed[operand])
      addresses.push_back(static_cast<int64_t>(reinterpret_cast<uintptr_t>(array.bytes.data())));
    mlp.input(Array::longs({layer.experts}, addresses));
  }
  mlp.output(Array::make(ElementType::f32, {rows.sizes[0], layer.hidden}));
  mlp.scratch(Array::make(ElementType::f32, {expert::workspaceElements(workers, rows.sizes[0], layer.inner)}));
  mlp.integers({layer.inner, static_cast<int64_t>(layer.activation)}).floats({layer.alpha, layer.beta, layer.limit});
  return mlp;
}

float contract(const float *x, const Array &weight, int64_t n, const Array *bias) {
  float acc = 0.0f;
  int64_t depth = weight.sizes[1];
  for (int64_t k = 0; k < depth; ++k)
    acc = std::fma(x[k], weight.as<float>()[n * depth + k], acc);
  return bias ? acc + bias->as<float>()[n] : acc;
}

float activate(const Layer &layer, float x) {
  float alpha = static_cast<float>(layer.alpha);
  switch (layer.activation) {
  case Activation::identity:
    return x;
  case Activation::relu:
    return std::fmax(x, 0.0f);
  case Activation::reluSquared:
    return std::fmax(x, 0.0f) * std::fmax(x, 0.0f);
  case Activation::gelu:
    return 0.5f * x * (1.0f + elementary::erf(x / std::sqrt(2.0f)));
  case Activation::geluTanh:
    return 0.5f * x * (1.0f + elementary::tanh(static_cast<float>(std::sqrt(2.0 / M_PI)) * (x + 0.044715f * (x * x * x))));
  case Activation::silu:
    return x * (1.0f / (1.0f + elementary::exp(-(alpha * x))));
  case Activation::leakyRelu:
    return x < 0.0f ? alpha * x : x;
  case Activation::elu:
    return x < 0.0f ? alpha * elementary::expm1(x) : x;
  case Activation::selu:
    return 1.05070102214813232421875f * (x < 0.0f ? 1.67326319217681884765625f * elementary::expm1(x) : x);
  case Activation::celu:
    return x < 0.0f ? alpha * elementary::expm1(x / alpha) : x;
  case Activation::tanh:
    return elementary::tanh(x);
  case Activation::sigmoid:
    return elementary::sigmoid(x);
  case Activation::hardSigmoid:
    return std::fmax(0.0f, std::fmin(1.0f, x * (1.0f / 6.0f) + 0.5f));
  case Activation::hardSwish:
    return x * std::fmax(0.0f, std::fmin(1.0f, x * (1.0f / 6.0f) + 0.5f));
  case Activation::softplus:
    return elementary::softplus(alpha * x) / alpha;
  case Activation::mish:
    return x * elementary::tanh(elementary::softplus(x));
  case Activation::relu6:
    return std::fmin(6.0f, std::fmax(x, 0.0f));
  }
  return NAN;
}

/// The exact value, in f64.
double exactActivation(Activation activation, double x, double alpha) {
  double sigmoid = 1.0 / (1.0 + std::exp(-alpha * x)), below = std::expm1(x);
  auto softplus = [](double v) { return std::fmax(v, 0.0) + std::log1p(std::exp(-std::fabs(v))); };
  double hard = std::fmin(1.0, std::fmax(0.0, x / 6.0 + 0.5));
  switch (activation) {
  case Activation::identity:
    return x;
  case Activation::relu:
    return std::fmax(x, 0.0);
  case Activation::reluSquared:
    return std::fmax(x, 0.0) * std::fmax(x, 0.0);
  case Activation::gelu:
    return 0.5 * x * (1.0 + std::erf(x * M_SQRT1_2));
  case Activation::geluTanh:
    return 0.5 * x * (1.0 + std::tanh(std::sqrt(2.0 / M_PI) * (x + 0.044715 * x * x * x)));
  case Activation::silu:
    return x * sigmoid;
  case Activation::leakyRelu:
    return x < 0.0 ? alpha * x : x;
  case Activation::elu:
    return x < 0.0 ? alpha * below : x;
  case Activation::selu:
    return 1.0507009873554805 * (x < 0.0 ? 1.6732632423543772 * below : x);
  case Activation::celu:
    return x < 0.0 ? alpha * std::expm1(x / alpha) : x;
  case Activation::tanh:
    return std::tanh(x);
  case Activation::sigmoid:
    return 1.0 / (1.0 + std::exp(-x));
  case Activation::hardSigmoid:
    return hard;
  case Activation::hardSwish:
    return x * hard;
  case Activation::softplus:
    return softplus(alpha * x) / alpha;
  case Activation::mish:
    return x * std::tanh(softplus(x));
  case Activation::relu6:
    return std::fmin(6.0, std::fmax(x, 0.0));
  }
  return NAN;
}

const std::vector<Activation> everyActivation = [] {
  std::vector<Activation> all;
  for (int64_t kind = 0; kind <= static_cast<int64_t>(Activation::relu6); ++kind)
    all.push_back(static_cast<Activation>(kind));
  return all;
}();

/// What the kernel makes of each of `values` alone: rows of one element, times 1, through an expert of one column.
std::vector<float> activateEach(Activation activation, double alpha, const std::vector<float> &values) {
  Layer layer(1, 1, 1);
  layer.activation = activation;
  layer.alpha = alpha;
  layer.gated = layer.biases = false;
  for (int operand : {0, 4}) {
    layer.values[operand][0].as<float>()[0] = 1.0f;
    layer.packed[operand][0] = packPanels(layer.values[operand][0]);
  }
  auto count = static_cast<int64_t>(values.size());
  Array rows = Array::make(ElementType::f32, {count, 1});
  std::copy(values.begin(), values.end(), rows.as<float>());
  Case mlp = makeCase(layer, rows, makeSourceRoute(1, 1, std::vector<int32_t>(values.size(), 0)));
  expectLevelsAgree(mlp);
  return {mlp.result(0).as<float>(), mlp.result(0).as<float>() + count};
}

std::vector<float> expectedRow(const Layer &layer, int64_t e, const float *x) {
  size_t expert = static_cast<size_t>(e);
  auto bias = [&](int operand) { return layer.biases ? &layer.values[operand][expert] : nullptr; };
  std::vector<float> inner, out;
  float limit = static_cast<float>(layer.limit);
  for (int64_t i = 0; i < layer.inner; ++i) {
    float g = contract(x, layer.values[0][expert], i, bias(1));
    if (layer.gated) {
      float u = contract(x, layer.values[2][expert], i, bias(3));
      inner.push_back(activate(layer, std::fmin(g, limit)) * (std::fmax(std::fmin(u, limit), -limit) + static_cast<float>(layer.beta)));
    } else {
      inner.push_back(activate(layer, g));
    }
  }
  for (int64_t h = 0; h < layer.hidden; ++h)
    out.push_back(contract(inner.data(), layer.values[4][expert], h, bias(5)));
  return out;
}

/// `expertOf` gives the expert of each row in use.
void checkRows(const Layer &layer, const Array &route, const std::vector<int64_t> &expertOf, int64_t extraRows = 2) {
  Random random(9);
  Array rows = random.floats({static_cast<int64_t>(expertOf.size()) + extraRows, layer.hidden});
  Case mlp = makeCase(layer, rows, route);
  expectLevelsAgree(mlp);
  for (size_t row = 0; row < expertOf.size(); ++row) {
    std::vector<float> expected = expectedRow(layer, expertOf[row], rows.as<float>() + static_cast<int64_t>(row) * layer.hidden);
    for (size_t h = 0; h < expected.size(); ++h)
      ASSERT_TRUE(sameFloat(mlp.result(0).as<float>()[row * expected.size() + h], expected[h])) << "row " << row << ", column " << h;
  }
}

/// A source route of `counts[e]` rows for expert e, one slot a token.
void checkCounts(const Layer &layer, const std::vector<int32_t> &counts) {
  std::vector<int32_t> ids;
  std::vector<int64_t> expertOf;
  for (size_t e = 0; e < counts.size(); ++e) {
    ids.insert(ids.end(), static_cast<size_t>(counts[e]), static_cast<int32_t>(e));
    expertOf.insert(expertOf.end(), static_cast<size_t>(counts[e]), static_cast<int64_t>(e));
  }
  checkRows(layer, makeSourceRoute(layer.experts, 1, ids), expertOf);
}

}  // namespace

TEST(ExpertMlp, IsOneChainForEveryRowCount) {
  Layer layer(3, 20, 18);
  for (int32_t m : {0, 1, 2, 3, 4, 5, 6, 7, 8, 16, 31, 32, 33, 65, 100})
    checkCounts(layer, {m, 0, m / 2});
}

TEST(ExpertMlp, IsOneChainForEveryWidth) {
  for (int64_t inner : {1, 15, 16, 17, 48, 70})
    for (int64_t hidden : {1, 7, 16, 33, 64, 80})
      checkCounts(Layer(2, hidden, inner), {1, 5});
}

TEST(ExpertMlp, HasEveryActivation) {
  for (Activation activation : everyActivation)
    for (bool gated : {false, true})
      for (bool biases : {false, true}) {
        Layer layer(2, 24, 40);
        layer.activation = activation;
        layer.gated = gated;
        layer.biases = biases;
        layer.alpha = gated ? 1.0 : 0.3;
        checkCounts(layer, {3, 4});
      }
}

TEST(ExpertMlp, ComputesActivationsExactly) {
  std::vector<float> values;
  for (float magnitude : {0.0f, 1e-30f, 1e-6f, 0.01f, 0.5f, 1.0f, 2.5f, 3.0f, 5.9f, 6.0f, 6.1f, 14.0f, 20.0f, 50.0f, 88.0f, 90.0f, 200.0f})
    values.insert(values.end(), {magnitude, -magnitude});
  for (Activation activation : everyActivation)
    for (double alpha : {1.0, 0.25, 1.702}) {
      std::vector<float> results = activateEach(activation, alpha, values);
      for (size_t i = 0; i < values.size(); ++i) {
        double exact = exactActivation(activation, values[i], static_cast<float>(alpha));
        EXPECT_NEAR(results[i], exact, 1e-6 * std::fabs(exact) + 1e-6) << "activation " << static_cast<int64_t>(activation) << " of " << values[i];
      }
    }
}

TEST(ExpertMlp, PassesNaNThroughActivations) {
  for (Activation activation : everyActivation)
    for (double alpha : {1.0, 0.0})
      if (alpha != 0.0 || (activation != Activation::celu && activation != Activation::softplus))
        EXPECT_TRUE(std::isnan(activateEach(activation, alpha, {NAN})[0])) << "activation " << static_cast<int64_t>(activation);
}

TEST(ExpertMlp, RefusesAnUnknownActivation) {
  Layer layer(1, 8, 8);
  layer.activation = static_cast<Activation>(static_cast<int64_t>(Activation::relu6) + 1);
  Random random(6);
  Case mlp = makeCase(layer, random.floats({1, 8}), makeSourceRoute(1, 1, {0}));
  expectFailure(mlp, Status::badShape, "inner size 8 or activation 17 is not valid");
}

TEST(ExpertMlp, ClampsAsGptOss) {
  Layer layer(4, 64, 48);
  layer.alpha = 1.702;
  layer.beta = 1.0;
  layer.limit = 0.7;
  checkCounts(layer, {2, 9, 0, 1});
}

TEST(ExpertMlp, TakesTheSegmentsOfAReceivedRoute) {
  Layer layer(6, 16, 20);
  std::vector<int32_t> owned = {1, 4, 5};
  std::vector<std::vector<int32_t>> counts = {{2, 0, 40}, {0, 0, 0}, {7, 1, 3}, {30, 0, 30}};
  std::vector<int64_t> expertOf;
  for (const std::vector<int32_t> &source : counts)
    for (size_t l = 0; l < owned.size(); ++l)
      expertOf.insert(expertOf.end(), static_cast<size_t>(source[l]), owned[l]);
  checkRows(layer, makeReceivedRoute(6, owned, counts), expertOf);
  checkRows(layer, makeReceivedRoute(6, {}, {{}, {}}), {});
}

TEST(ExpertMlp, WorksInWavesWhenTheWorkspaceIsSmall) {
  Layer layer(5, 16, 24);
  Random random(2);
  std::vector<int32_t> ids(300);
  for (int32_t &id : ids)
    id = static_cast<int32_t>(random.below(5));
  Array rows = random.floats({300, 16}), route = makeSourceRoute(5, 1, ids);
  Case narrow = makeCase(layer, rows, route, 1), wide = makeCase(layer, rows, route, 20);
  ASSERT_EQ(narrow.run(Case::Level::fast, 1), Status::ok) << narrow.message();
  ASSERT_EQ(wide.run(Case::Level::fast, 3), Status::ok) << wide.message();
  EXPECT_EQ(firstDifference(narrow.result(0), wide.result(0)), -1);
}

TEST(ExpertMlp, NeedsNoCopyOfAnExpertWithoutRows) {
  Layer layer(3, 8, 8);
  Array route = makeSourceRoute(3, 1, {0, 2, 2});
  Random random(3);
  Case mlp = makeCase(layer, random.floats({3, 8}), route);
  for (size_t operand : {2, 3, 4, 5, 6, 7})
    mlp.operand(operand).as<int64_t>()[1] = 0;
  EXPECT_EQ(mlp.run(Case::Level::fast), Status::ok) << mlp.message();
  mlp.operand(7).as<int64_t>()[2] = 0;
  expectFailure(mlp, Status::badData, "expert 2 has rows, but this rank holds no copy");
}

TEST(ExpertMlp, RefusesRoutesThatLie) {
  Layer layer(3, 8, 8);
  Random random(4);
  auto broken = [&](auto &&change) {
    Array route = makeReceivedRoute(3, {0, 2}, {{1, 2}, {3, 1}});
    change(route.as<int32_t>(), route::Received{route.as<int32_t>(), 3});
    return makeCase(layer, random.floats({7, 8}), route);
  };
  Case rows = broken([](int32_t *words, route::Received) { words[route::rows] = 8; });
  expectFailure(rows, Status::overLimit, "the route has 8 rows");
  Case total = broken([](int32_t *words, route::Received) { words[route::rows] = 6; });
  expectFailure(total, Status::badData, "go from 0 to 7, it has 6 rows");
  Case order = broken([](int32_t *, route::Received table) { table.segmentBegin()[1] = 5; });
  expectFailure(order, Status::badData, "segment 1 of the route goes from 5 to 3");
  Case expert = broken([](int32_t *, route::Received table) { table.owned()[1] = 3; });
  expectFailure(expert, Status::badData, "position 1 of the route is expert 3 of 3");
  Case sources = broken([](int32_t *words, route::Received) { words[route::sources] = 1000; });
  expectFailure(sources, Status::badData, "1000 sources");
  Case form = broken([](int32_t *words, route::Received) { words[route::form] = 2; });
  expectFailure(form, Status::badData, "the route has form 2");
  Case experts = broken([](int32_t *words, route::Received) { words[route::experts] = -1; });
  expectFailure(experts, Status::badData, "the route counts -1 experts");
}

TEST(ExpertMlp, WorkspaceIsNoLargerThanItsRows) {
  EXPECT_EQ(expert::workspaceElements(2, 1000, 8), 2 * 64 * 8);
  EXPECT_EQ(expert::workspaceElements(2, 100, 8), 100 * 8);
  EXPECT_EQ(expert::workspaceElements(2, 1, 8), 2 * 8);
  EXPECT_EQ(expert::workspaceElements(2, 0, 8), 2 * 8);
}

TEST(ExpertMlp, RefusesASmallWorkspace) {
  Layer layer(2, 8, 8);
  Random random(5);
  Case mlp = makeCase(layer, random.floats({200, 8}), makeSourceRoute(2, 1, {0, 1}), 1);
  EXPECT_EQ(mlp.run(Case::Level::fast, 2), Status::badShape);
  EXPECT_NE(mlp.message().find("the workspace has 512 elements, 1024 are needed for 2 workers"), std::string::npos) << mlp.message();
}
