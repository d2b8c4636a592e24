// gate_f32 against a router written plainly here in f64: every form, ties, capacity, and the route.
#include "kernels/layout/enums.h"
#include "kernels/layout/route.h"
#include "tests/kernels/harness.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <map>
#include <numeric>

using namespace switchyard::kernels;
using namespace switchyard::kernels::test;

namespace {

struct Router {
  Score score = Score::softmax;
  Order order = Order::scoreThenSelect;
  int64_t groups = 1, groupsKept = 1;
  GroupScore groupScore = GroupScore::max;
  GroupFill groupFill = GroupFill::zero;
  bool renormalize = false, sparseMixer = false;
  DropPriority dropPriority = DropPriority::choiceMajor;
  bool dropRenormalize = false;
  double scale = 1.0, renormalizeEpsilon = 0.0, mixerEpsilon = 0.01, dropEpsilon = 1e-7;
  bool bias = false, mix = false;
  int64_t capacity = -1, group = -1;
};

struct Problem {
  int64_t tokens, experts, slots, first, count;
  Array logits, bias, mix, placement;
};

struct Choice {
  std::vector<int32_t> ids;
  std::vector<double> weights;
};

Problem makeProblem(int64_t tokens, int64_t experts, int64_t slots, uint32_t seed = 1) {
  Random random(seed + static_cast<uint32_t>(tokens * 1000 + experts));
  int64_t first = tokens / 3, count = tokens - first - tokens / 4;
  Array placement = Array::make(ElementType::i32, {experts});
  for (int64_t e = 0; e < experts; ++e)
    placement.as<int32_t>()[e] = static_cast<int32_t>(random.below(3));
  return {tokens,
          experts,
          slots,
          first,
          count,
          random.floats({tokens, experts}, -3.0f, 3.0f, 2),
          random.floats({experts}, -0.3f, 0.3f),
          random.floats({tokens, experts}, 0.0f, 1.0f),
          placement};
}

Case makeCase(const Problem &problem, const Router &router) {
  Case gate("gate_f32");
  gate.input(problem.logits);
  router.bias ? gate.input(problem.bias) : gate.absent();
  router.mix ? gate.input(problem.mix) : gate.absent();
  gate.input(problem.placement);
  gate.output(Array::make(ElementType::i32, {problem.tokens, problem.slots}));
  gate.output(Array::make(ElementType::f32, {problem.tokens, problem.slots}));
  gate.output(Array::make(ElementType::i32, {route::sourceWords(problem.experts, problem.slots, problem.count)}));
  gate.scalars({problem.first, problem.count, router.capacity, router.group});
  gate.integers({static_cast<int64_t>(router.score), static_cast<int64_t>(router.order), router.groups, router.groupsKept,
                 static_cast<int64_t>(router.groupScore), static_cast<int64_t>(router.groupFill), router.renormalize, router.sparseMixer,
                 static_cast<int64_t>(router.dropPriority), router.dropRenormalize});
  gate.floats({router.scale, router.renormalizeEpsilon, router.mixerEpsilon, router.dropEpsilon});
  return gate;
}

std::vector<double> scoresOf(Score score, const std::vector<double> &x) {
  std::vector<double> y(x.size());
  double largest = *std::max_element(x.begin(), x.end()), sum = 0.0;
  for (double v : x)
    sum += std::exp(v - largest);
  for (size_t i = 0; i < x.size(); ++i)
    y[i] = score == Score::softmax        ? std::exp(x[i] - largest) / sum
           : score == Score::sigmoid      ? 1.0 / (1.0 + std::exp(-x[i]))
           : score == Score::sqrtSoftplus ? std::sqrt(std::log1p(std::exp(x[i])))
                                          : x[i];
  return y;
}

std::vector<int32_t> sortedByKey(const std::vector<double> &keys) {
  std::vector<int32_t> index(keys.size());
  std::iota(index.begin(), index.end(), 0);
  std::sort(index.begin(), index.end(),
            [&](int32_t a, int32_t b) { return std::pair(-keys[size_t(a)], a) < std::pair(-keys[size_t(b)], b); });
  return index;
}

void limitGroups(const Router &router, std::vector<double> &keys) {
  size_t size = keys.size() / size_t(router.groups);
  std::vector<double> scores;
  for (size_t g = 0; g < size_t(router.groups); ++g) {
    std::vector<double> group(keys.begin() + long(g * size), keys.begin() + long((g + 1) * size));
    std::sort(group.rbegin(), group.rend());
    scores.push_back(router.groupScore == GroupScore::max ? group[0] : group[0] + group[1]);
  }
  std::vector<int32_t> best = sortedByKey(scores);
  best.resize(size_t(router.groupsKept));
  for (size_t e = 0; e < keys.size(); ++e)
    if (std::find(best.begin(), best.end(), int32_t(e / size)) == best.end())
      keys[e] = router.groupFill == GroupFill::zero ? 0.0 : -INFINITY;
}

/// The sparse mixer of Phi-3.5-MoE: one pick over the experts that are not excluded.
std::pair<int32_t, double> pickSparse(const std::vector<double> &logits, int32_t excluded, double epsilon) {
  std::vector<double> left = logits;
  if (excluded >= 0)
    left[size_t(excluded)] = -INFINITY;
  double largest = *std::max_element(left.begin(), left.end()), sum = 0.0;
  for (size_t e = 0; e < left.size(); ++e)
    if (int32_t(e) != excluded && (largest - logits[e]) / std::max(std::fabs(logits[e]), largest) <= 2 * epsilon)
      sum += std::exp(logits[e] - largest);
  return {int32_t(std::max_element(left.begin(), left.end()) - left.begin()), 1.0 / sum};
}

void chooseToken(const Problem &problem, const Router &router, int64_t token, Choice &choice) {
  std::vector<double> logits(size_t(problem.experts));
  for (size_t e = 0; e < logits.size(); ++e)
    logits[e] = problem.logits.as<float>()[size_t(token * problem.logits.strides[0]) + e];
  std::vector<int32_t> ids;
  std::vector<double> weights;
  if (router.sparseMixer) {
    auto [one, oneWeight] = pickSparse(logits, -1, router.mixerEpsilon);
    auto [two, twoWeight] = pickSparse(logits, one, router.mixerEpsilon);
    ids = {one, two};
    weights = {oneWeight, twoWeight};
  } else {
    std::vector<double> values = router.order != Order::selectThenScore ? scoresOf(router.score, logits) : logits, keys = values;
    for (size_t e = 0; e < keys.size() && router.bias; ++e)
      keys[e] += problem.bias.as<float>()[e];
    if (router.groups > 1)
      limitGroups(router, keys);
    ids = sortedByKey(keys);
    if (router.order == Order::mixThenSelect) {
      const float *mix = problem.mix.as<float>() + token * problem.experts;
      auto first = int32_t(std::max_element(mix, mix + problem.experts) - mix);
      ids.erase(std::find(ids.begin(), ids.end(), first));
      ids.insert(ids.begin(), first);
    }
    ids.resize(size_t(problem.slots));
    for (int32_t id : ids)
      weights.push_back(values[size_t(id)]);
    if (router.order == Order::selectThenScore)
      weights = scoresOf(router.score, weights);
    for (size_t s = 0; s < ids.size() && router.mix; ++s)
      weights[s] = problem.mix.as<float>()[token * problem.experts + ids[s]];
  }
  double sum = std::accumulate(weights.begin(), weights.end(), 0.0) + router.renormalizeEpsilon;
  for (double &weight : weights)
    weight = (router.renormalize ? weight / sum : weight) * router.scale;
  choice.ids.insert(choice.ids.end(), ids.begin(), ids.end());
  choice.weights.insert(choice.weights.end(), weights.begin(), weights.end());
}

void drop(const Problem &problem, const Router &router, Choice &choice) {
  // Seats of (group, expert).
  int64_t group = router.group < 0 ? std::max<int64_t>(problem.tokens, 1) : router.group;
  std::map<std::pair<int64_t, int32_t>, int64_t> seats;
  std::vector<size_t> order;
  if (router.dropPriority == DropPriority::choiceMajor)
    for (int64_t s = 0; s < problem.slots; ++s)
      for (int64_t t = 0; t < problem.tokens; ++t)
        order.push_back(size_t(t * problem.slots + s));
  else
    for (int64_t i = 0; i < problem.tokens * problem.slots; ++i)
      order.push_back(size_t(i));
  for (size_t i : order)
    if (seats[{int64_t(i) / problem.slots / group, choice.ids[i]}]++ >= router.capacity) {
      choice.ids[i] = -1;
      choice.weights[i] = 0.0;
    }
  for (size_t t = 0; t < size_t(problem.tokens) && router.dropRenormalize; ++t) {
    auto begin = choice.weights.begin() + long(t * size_t(problem.slots)), end = begin + long(problem.slots);
    double sum = std::max(std::accumulate(begin, end, 0.0), router.dropEpsilon);
    std::for_each(begin, end, [sum](double &weight) { weight /= sum; });
  }
}

/// The route must be exactly what layout/route.h says of these ids.
void checkRoute(const Problem &problem, const std::vector<int32_t> &ids, const Array &array) {
  route::Source table{const_cast<int32_t *>(array.as<int32_t>())};
  const int32_t *words = table.words;
  std::vector<int32_t> order(size_t(problem.experts));
  std::iota(order.begin(), order.end(), 0);
  const int32_t *owner = problem.placement.as<int32_t>();
  std::sort(order.begin(), order.end(), [&](int32_t a, int32_t b) { return std::pair(owner[a], a) < std::pair(owner[b], b); });
  std::vector<int32_t> begin, source, row(size_t(problem.count * problem.slots), -1);
  for (int32_t e : order) {
    begin.push_back(int32_t(source.size()));
    for (int64_t i = 0; i < problem.count * problem.slots; ++i)
      if (ids[size_t(problem.first * problem.slots + i)] == e) {
        row[size_t(i)] = int32_t(source.size());
        source.push_back(int32_t(i));
      }
  }
  begin.push_back(int32_t(source.size()));
  const int32_t header[] = {int32_t(source.size()), int32_t(problem.experts), int32_t(problem.slots),
                            int32_t(problem.first), int32_t(problem.count),   int32_t(row.size() - source.size()),
                            int32_t(row.size()),    route::sourceForm};
  EXPECT_TRUE(std::equal(header, header + 8, words));
  EXPECT_TRUE(std::equal(order.begin(), order.end(), table.order()));
  EXPECT_TRUE(std::equal(begin.begin(), begin.end(), table.expertBegin()));
  EXPECT_TRUE(std::equal(source.begin(), source.end(), table.source()));
  EXPECT_TRUE(std::equal(row.begin(), row.end(), table.row()));
}

void checkGate(const Problem &problem, const Router &router) {
  Case gate = makeCase(problem, router);
  expectLevelsAgree(gate);
  Choice expected;
  for (int64_t t = 0; t < problem.tokens; ++t)
    chooseToken(problem, router, t, expected);
  if (router.capacity >= 0)
    drop(problem, router, expected);
  ASSERT_TRUE(std::equal(expected.ids.begin(), expected.ids.end(), gate.result(0).as<int32_t>()));
  expectNear(gate.result(1), expected.weights, 1e-6);
  checkRoute(problem, expected.ids, gate.result(2));
}

const Router deepSeekV2{.groups = 4, .groupsKept = 2, .scale = 16.0};
const Router deepSeekV3{.score = Score::sigmoid,
                        .groups = 4,
                        .groupsKept = 2,
                        .groupScore = GroupScore::top2Sum,
                        .groupFill = GroupFill::negativeInfinity,
                        .renormalize = true,
                        .scale = 2.5,
                        .renormalizeEpsilon = 1e-20,
                        .bias = true};

}  // namespace

TEST(Gate, RoutesAsMixtral) {
  for (int64_t tokens : {0, 1, 2, 3, 4, 5, 7, 8, 16, 33})
    for (int64_t experts : {2, 8, 13, 64, 130})
      checkGate(makeProblem(tokens, experts, 2), {.renormalize = true});
}

TEST(Gate, RoutesEveryNumberOfSlots) {
  for (int64_t slots = 1; slots <= 8; ++slots)
    checkGate(makeProblem(9, 8, slots), {});
}

TEST(Gate, RoutesAsOlmoeAndSwitch) {
  checkGate(makeProblem(20, 64, 8), {});
  checkGate(makeProblem(20, 4, 1), {});
}

TEST(Gate, RoutesAsGptOss) {
  checkGate(makeProblem(17, 32, 4), {.order = Order::selectThenScore});
  checkGate(makeProblem(17, 32, 4), {.score = Score::sigmoid, .order = Order::selectThenScore});
  checkGate(makeProblem(17, 16, 1), {.score = Score::sigmoid, .order = Order::selectThenScore});
  checkGate(makeProblem(17, 16, 3), {.score = Score::identity, .order = Order::selectThenScore, .bias = true});
}

TEST(Gate, RoutesAsDeepSeek) {
  for (uint32_t seed = 0; seed < 5; ++seed) {
    checkGate(makeProblem(11, 32, 6, seed), deepSeekV2);
    checkGate(makeProblem(11, 32, 6, seed), deepSeekV3);
  }
  Router zeroFill = deepSeekV3;
  zeroFill.groupFill = GroupFill::zero;
  checkGate(makeProblem(11, 32, 6), zeroFill);
}

TEST(Gate, RoutesBySquareRootOfSoftplus) {
  checkGate(makeProblem(11, 24, 6), {.score = Score::sqrtSoftplus, .renormalize = true, .scale = 1.5, .bias = true});
}

TEST(Gate, TakesWeightsFromTheMixOperand) { checkGate(makeProblem(11, 24, 4), {.renormalize = true, .mix = true}); }

TEST(Gate, TakesTheFirstChoiceFromTheMixOperand) {
  Router router{.score = Score::identity, .order = Order::mixThenSelect, .mix = true};
  checkGate(makeProblem(11, 24, 2), router);
  checkGate(makeProblem(11, 24, 4), router);
}

TEST(Gate, DeepSpeedsFirstChoiceIsBySoftmaxAndItsSecondByLogits) {
  // The last logit is the largest, but Softmax rounds it and the first to one score; scores of 0 tell the other two not apart.
  Problem problem = makeProblem(1, 4, 2);
  problem.first = 0, problem.count = 1;
  float close = std::nextafterf(1.0f, 2.0f);
  const float logits[] = {1.0f, -120.0f, -110.0f, close}, scores[] = {0.5f, 0.0f, 0.0f, 0.5f};
  const float far[] = {200.0f, -120.0f, -110.0f, -130.0f}, one[] = {1.0f, 0.0f, 0.0f, 0.0f};
  for (auto [x, mix, second] : {std::tuple(logits, scores, 3), {far, one, 2}}) {
    std::copy_n(x, 4, problem.logits.as<float>());
    std::copy_n(mix, 4, problem.mix.as<float>());
    Router router{.score = Score::identity, .order = Order::mixThenSelect, .mix = true};
    checkGate(problem, router);
    Choice choice;
    chooseToken(problem, router, 0, choice);
    EXPECT_EQ(choice.ids, (std::vector<int32_t>{0, second}));
  }
}

TEST(Gate, RoutesByTheSparseMixer) {
  Problem problem = makeProblem(40, 16, 2);
  // Close logits, so that the threshold keeps some and masks some.
  for (int64_t i = 0; i < 40 * problem.logits.strides[0]; ++i)
    problem.logits.as<float>()[i] = 3.0f + 0.05f * problem.logits.as<float>()[i];
  checkGate(problem, {.sparseMixer = true, .mixerEpsilon = 0.01});
  checkGate(makeProblem(40, 8, 2), {.sparseMixer = true, .mixerEpsilon = 0.1});
}

TEST(Gate, RoutesEveryCombinationOfItsParts) {
  uint32_t seed = 0;
  for (Score score : {Score::softmax, Score::sigmoid, Score::sqrtSoftplus, Score::identity})
    for (Order order : {Order::scoreThenSelect, Order::selectThenScore})
      for (int64_t groups : {1, 3})
        for (GroupScore groupScore : {GroupScore::max, GroupScore::top2Sum})
          for (GroupFill fill : {GroupFill::zero, GroupFill::negativeInfinity})
            for (bool bias : {false, true})
              for (bool renormalize : {false, true}) {
                Router router{.score = score,
                              .order = order,
                              .groups = groups,
                              .groupsKept = (groups + 1) / 2,
                              .groupScore = groupScore,
                              .groupFill = fill,
                              .renormalize = renormalize,
                              .scale = 1.5,
                              .renormalizeEpsilon = 1e-6,
                              .bias = bias};
                // A sum of identity scores may come close to 0; dividing by it shows rounding, not the rule.
                router.renormalize = renormalize && score != Score::identity;
                router.capacity = ++seed % 3 == 0 ? 3 : -1;
                SCOPED_TRACE(testing::Message() << "combination " << seed);
                checkGate(makeProblem(7, 12, 3, seed), router);
              }
}

TEST(Gate, TiesGoToTheLowestIndex) {
  Problem problem = makeProblem(4, 8, 3);
  const float rows[4][8] = {
      {1, 1, 1, 1, 1, 1, 1, 1}, {0, 2, 0, 2, 2, 0, 2, 0}, {-0.0f, 0, -1, 0, -0.0f, -2, -1, 0}, {5, 1, 5, 1, 0, 0, 1, 5}};
  for (int t = 0; t < 4; ++t)
    std::copy_n(rows[t], 8, problem.logits.as<float>() + t * problem.logits.strides[0]);
  for (Router router : {Router{}, Router{.order = Order::selectThenScore}, Router{.score = Score::identity}}) {
    Case gate = makeCase(problem, router);
    expectLevelsAgree(gate);
    const int32_t expected[] = {0, 1, 2, 1, 3, 4, 0, 1, 3, 0, 2, 7};
    EXPECT_TRUE(std::equal(expected, expected + 12, gate.result(0).as<int32_t>()));
  }
}

TEST(Gate, GroupTiesGoToTheLowestGroup) {
  Problem problem = makeProblem(1, 8, 2);
  std::fill_n(problem.logits.as<float>(), 8, 1.0f);
  Case gate = makeCase(problem, {.score = Score::identity, .groups = 4, .groupsKept = 1, .groupFill = GroupFill::negativeInfinity});
  expectLevelsAgree(gate);
  EXPECT_EQ(gate.result(0).as<int32_t>()[0], 0);
  EXPECT_EQ(gate.result(0).as<int32_t>()[1], 1);
}

TEST(Gate, DropsBeyondTheCapacity) {
  for (int64_t capacity : {0, 1, 2, 4, 100})
    for (DropPriority priority : {DropPriority::choiceMajor, DropPriority::tokenMajor})
      for (bool renormalize : {false, true}) {
        SCOPED_TRACE(testing::Message() << "capacity " << capacity);
        checkGate(makeProblem(24, 6, 2), {.dropPriority = priority, .dropRenormalize = renormalize, .capacity = capacity});
        checkGate(makeProblem(24, 6, 1), {.dropPriority = priority, .dropRenormalize = renormalize, .capacity = capacity});
      }
}

TEST(Gate, SeatsEachGroupByItself) {
  for (int64_t group : {1, 2, 8, 24})
    for (int64_t capacity : {0, 1, 3})
      for (DropPriority priority : {DropPriority::choiceMajor, DropPriority::tokenMajor}) {
        SCOPED_TRACE(testing::Message() << "groups of " << group << ", capacity " << capacity);
        checkGate(makeProblem(24, 6, 2), {.dropPriority = priority, .dropRenormalize = true, .capacity = capacity, .group = group});
        checkGate(makeProblem(24, 3, 1), {.dropPriority = priority, .capacity = capacity, .group = group});
      }
  checkGate(makeProblem(0, 6, 2), {.capacity = 2, .group = 0});
}

TEST(Gate, SeatsFirstChoicesFirst) {
  // Both tokens choose expert 0; for the first it is the second choice.
  Problem problem = makeProblem(2, 3, 2);
  const float rows[2][3] = {{1, 2, 0}, {2, 0, 1}};
  for (int t = 0; t < 2; ++t)
    std::copy_n(rows[t], 3, problem.logits.as<float>() + t * problem.logits.strides[0]);
  Case choices = makeCase(problem, {.dropPriority = DropPriority::choiceMajor, .capacity = 1});
  expectLevelsAgree(choices);
  const int32_t byChoice[] = {1, -1, 0, 2};
  EXPECT_TRUE(std::equal(byChoice, byChoice + 4, choices.result(0).as<int32_t>()));
  Case tokens = makeCase(problem, {.dropPriority = DropPriority::tokenMajor, .capacity = 1});
  expectLevelsAgree(tokens);
  const int32_t byToken[] = {1, 0, -1, 2};
  EXPECT_TRUE(std::equal(byToken, byToken + 4, tokens.result(0).as<int32_t>()));
}

TEST(Gate, SurvivesNaN) {
  Problem problem = makeProblem(6, 8, 3);
  for (int64_t t = 0; t < 6; ++t)
    for (int64_t e = 0; e < 8; ++e)
      if (t == 0 || (e * 7 + t) % 3 == 0)
        problem.logits.as<float>()[t * problem.logits.strides[0] + e] = NAN;
  for (Router router :
       {Router{.renormalize = true}, deepSeekV3, Router{.score = Score::sigmoid}, Router{.order = Order::selectThenScore}}) {
    Case gate = makeCase(problem, router);
    expectLevelsAgree(gate);
    for (int64_t t = 0; t < 6; ++t) {
      const int32_t *ids = gate.result(0).as<int32_t>() + t * 3;
      for (int s = 0; s < 3; ++s)
        EXPECT_TRUE(ids[s] >= 0 && ids[s] < 8) << ids[s];
      EXPECT_TRUE(ids[0] != ids[1] && ids[1] != ids[2] && ids[0] != ids[2]);
    }
    EXPECT_TRUE(std::isnan(gate.result(1).as<float>()[0]));
  }
  Case mixer = makeCase(makeProblem(6, 8, 2), {.sparseMixer = true});
  std::fill_n(mixer.operand(0).as<float>(), 8, NAN);
  expectLevelsAgree(mixer);
  EXPECT_NE(mixer.result(0).as<int32_t>()[0], mixer.result(0).as<int32_t>()[1]);
}

TEST(Gate, TakesInfiniteLogits) {
  Problem problem = makeProblem(1, 4, 2);
  const float row[] = {-INFINITY, 3.0f, -INFINITY, -INFINITY};
  std::copy_n(row, 4, problem.logits.as<float>());
  Case gate = makeCase(problem, {});
  expectLevelsAgree(gate);
  EXPECT_EQ(gate.result(0).as<int32_t>()[0], 1);
  EXPECT_EQ(gate.result(0).as<int32_t>()[1], 0);
  EXPECT_EQ(gate.result(1).as<float>()[0], 1.0f);
  EXPECT_EQ(gate.result(1).as<float>()[1], 0.0f);
}

TEST(Gate, DoesNotDependOnTheShareOfTheTokens) {
  Problem problem = makeProblem(30, 8, 2);
  Case whole = makeCase(problem, {.dropRenormalize = true, .capacity = 5});
  expectLevelsAgree(whole);
  problem.first = 29;
  problem.count = 1;
  Case last = makeCase(problem, {.dropRenormalize = true, .capacity = 5});
  expectLevelsAgree(last);
  EXPECT_EQ(firstDifference(whole.result(0), last.result(0)), -1);
  EXPECT_EQ(firstDifference(whole.result(1), last.result(1)), -1);
}

TEST(Gate, RefusesWhatDoesNotFit) {
  Problem problem = makeProblem(4, 8, 2);
  Case groups = makeCase(problem, {.groups = 3, .groupsKept = 1});
  expectFailure(groups, Status::badShape, "cannot keep 1 of 3 groups of 8 experts");
  Case mixer = makeCase(makeProblem(4, 8, 3), {.sparseMixer = true});
  expectFailure(mixer, Status::badShape, "sparse mixer chooses 2 experts");
  Case uneven = makeCase(problem, {.capacity = 1, .group = 3});
  expectFailure(uneven, Status::badShape, "groups of 3 do not divide the 4 tokens of the call");
  Case empty = makeCase(problem, {.capacity = 1, .group = 0});
  expectFailure(empty, Status::badShape, "groups of 0 do not divide the 4 tokens of the call");
  problem.count = 3;
  problem.first = 2;
  Case share = makeCase(problem, {});
  expectFailure(share, Status::badShape, "tokens [2, 2 + 3)");
  problem = makeProblem(4, 8, 2);
  problem.placement.as<int32_t>()[5] = -1;
  Case placement = makeCase(problem, {});
  expectFailure(placement, Status::badShape, "expert 5 is placed on rank -1");
  Case slots = makeCase(makeProblem(4, 2, 3), {});
  expectFailure(slots, Status::badShape, "ids are 4 x 3 for 4 tokens and 2 experts");
  problem = makeProblem(4, 8, 2);
  Case route = makeCase(problem, {});
  route.result(2) = Array::make(ElementType::i32, {10});
  expectFailure(route, Status::overLimit, "the route has 10 words");
}
