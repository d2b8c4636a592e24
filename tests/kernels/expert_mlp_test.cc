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
    return x * (1.0f / (1.0f + elementary::exp(-(static_cast<float>(layer.alpha) * x))));
  }
  return NAN;
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
  for (Activation activation :
       {Activation::identity, Activation::relu, Activation::reluSquared, Activation::gelu, Activation::geluTanh, Activation::silu})
    for (bool gated : {false, true})
      for (bool biases : {false, true}) {
        Layer layer(2, 24, 40);
        layer.activation = activation;
        layer.gated = gated;
        layer.biases = biases;
        checkCounts(layer, {3, 4});
      }
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
