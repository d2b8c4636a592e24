// Kernels that move data: embedding, permute, combine.
#include "tests/kernels/routes.h"

#include <cmath>
#include <gtest/gtest.h>

using namespace switchyard::kernels;
using namespace switchyard::kernels::test;

TEST(Embedding, CopiesRowsOfTheTable) {
  Random random(1);
  Array table = random.floats({37, 21});
  std::vector<int64_t> ids = {0, 36, -1, -37, 16, 15};
  Case embedding("embedding_f32");
  embedding.input(Array::longs({2, 3}, ids)).input(packPanels(table)).output(Array::make(ElementType::f32, {2, 3, 21}, 2)).integers({37});
  expectLevelsAgree(embedding);
  const Array &out = embedding.result(0);
  for (size_t i = 0; i < ids.size(); ++i)
    for (int64_t h = 0; h < 21; ++h)
      ASSERT_EQ(out.as<float>()[static_cast<int64_t>(i) * out.strides[1] + h], table.as<float>()[(ids[i] + 37) % 37 * 21 + h]);
}

TEST(Embedding, TakesNoTokensAndNarrowIds) {
  Random random(2);
  Array table = random.floats({4, 3});
  Case none("embedding_f32");
  none.input(Array::longs({0, 3}, {})).input(packPanels(table)).output(Array::make(ElementType::f32, {0, 3, 3})).integers({4});
  expectLevelsAgree(none);
  Case narrow("embedding_f32");
  narrow.input(Array::ints({1}, {3})).input(packPanels(table)).output(Array::make(ElementType::f32, {1, 3})).integers({4});
  expectLevelsAgree(narrow);
  EXPECT_EQ(narrow.result(0).as<float>()[2], table.as<float>()[11]);
}

TEST(Embedding, RefusesAnIdOutsideTheTable) {
  Random random(3);
  for (int64_t id : {4, -5}) {
    Case embedding("embedding_f32");
    embedding.input(Array::longs({2}, {0, id})).input(packPanels(random.floats({4, 3})));
    embedding.output(Array::make(ElementType::f32, {2, 3})).integers({4});
    expectFailure(embedding, Status::badData, "index " + std::to_string(id) + " at position 1 is outside the table of 4 rows");
  }
}

TEST(Permute, GroupsTokensByExpert) {
  for (int64_t tokens : {0, 1, 5, 33}) {
    Random random(static_cast<uint32_t>(tokens));
    std::vector<int32_t> ids;
    for (int64_t i = 0; i < tokens * 2; ++i)
      ids.push_back(static_cast<int32_t>(random.below(5)) - 1);
    Array x = random.floats({tokens, 9}, -1.0f, 1.0f, 4), route = makeSourceRoute(4, 2, ids);
    Case permute("permute_f32");
    permute.input(x).input(route).absent().output(Array::make(ElementType::f32, {tokens * 2, 9}));
    expectLevelsAgree(permute);
    Array weights = random.floats({tokens, 2}, -1.0f, 1.0f, 1);
    Case weighed("permute_f32");
    weighed.input(x).input(route).input(weights).output(Array::make(ElementType::f32, {tokens * 2, 9}));
    expectLevelsAgree(weighed);
    int64_t row = 0;
    for (int32_t e = 0; e < 4; ++e)
      for (int64_t i = 0; i < tokens * 2; ++i)
        if (ids[static_cast<size_t>(i)] == e) {
          for (int64_t h = 0; h < 9; ++h) {
            float element = x.as<float>()[i / 2 * x.strides[0] + h];
            ASSERT_EQ(permute.result(0).as<float>()[row * 9 + h], element);
            ASSERT_TRUE(sameFloat(weighed.result(0).as<float>()[row * 9 + h], element * weights.as<float>()[i / 2 * weights.strides[0] + i % 2]));
          }
          ++row;
        }
  }
}

TEST(Permute, RefusesRoutesThatLie) {
  Random random(4);
  auto broken = [&](auto &&change) {
    Array route = makeSourceRoute(4, 2, {0, 1, 2, 3});
    change(route.as<int32_t>(), route::Source{route.as<int32_t>()});
    Case permute("permute_f32");
    permute.input(random.floats({2, 3})).input(route).absent().output(Array::make(ElementType::f32, {4, 3}));
    return permute;
  };
  Case source = broken([](int32_t *, route::Source table) { table.source()[2] = 4; });
  expectFailure(source, Status::badData, "row 2 of the route comes from (token, slot) 4 of 4");
  Case rows = broken([](int32_t *words, route::Source) { words[route::rows] = 5; });
  expectFailure(rows, Status::badData, "the route counts 5 rows");
  Case form = broken([](int32_t *words, route::Source) { words[route::form] = route::receivedForm; });
  expectFailure(form, Status::badShape, "a source route is needed, this has form 1");
  Case experts = broken([](int32_t *words, route::Source) { words[route::experts] = 1 << 30; });
  expectFailure(experts, Status::badData, "its header says");
  Case buffer = broken([](int32_t *, route::Source) {});
  buffer.result(0) = Array::make(ElementType::f32, {3, 3});
  expectFailure(buffer, Status::overLimit, "the route has 4 rows, the buffer of rows 3");
  Case weights("permute_f32");
  weights.input(random.floats({2, 3})).input(makeSourceRoute(4, 2, {0, 1, 2, 3})).input(random.floats({2, 3})).output(Array::make(ElementType::f32, {4, 3}));
  expectFailure(weights, Status::badShape, "weights are 2 x 3, the route is of 2 tokens and 2 slots");
}

TEST(Combine, IsOneChainOverTheSlots) {
  for (int64_t tokens : {0, 1, 2, 7, 33})
    for (int64_t hidden : {1, 16, 63, 64, 65, 200}) {
      Random random(static_cast<uint32_t>(tokens * 1000 + hidden));
      std::vector<int32_t> ids;
      for (int64_t i = 0; i < tokens * 3; ++i)
        ids.push_back(static_cast<int32_t>(random.below(6)) - 1);
      Array route = makeSourceRoute(5, 3, ids), rows = random.floats({tokens * 3, hidden}), weights = random.floats({tokens, 3});
      Case combine("combine_f32");
      combine.input(rows).input(route).input(weights).output(Array::make(ElementType::f32, {tokens, hidden}));
      expectLevelsAgree(combine);
      Case sum("combine_f32");
      sum.input(rows).input(route).absent().output(Array::make(ElementType::f32, {tokens, hidden}));
      expectLevelsAgree(sum);
      const int32_t *row = route::Source{route.as<int32_t>()}.row();
      for (int64_t t = 0; t < tokens; ++t)
        for (int64_t h = 0; h < hidden; ++h) {
          float acc = 0.0f, plain = 0.0f;
          for (int64_t s = 0; s < 3; ++s)
            if (ids[static_cast<size_t>(t * 3 + s)] >= 0) {
              float element = rows.as<float>()[row[t * 3 + s] * hidden + h];
              acc = std::fma(weights.as<float>()[t * 3 + s], element, acc);
              plain += element;
            }
          ASSERT_TRUE(sameFloat(sum.result(0).as<float>()[t * hidden + h], plain));
          ASSERT_TRUE(sameFloat(combine.result(0).as<float>()[t * hidden + h], acc));
        }
    }
}

TEST(Combine, RefusesRoutesThatLie) {
  Random random(5);
  Array route = makeSourceRoute(4, 2, {0, 1, -1, 3});
  route::Source{route.as<int32_t>()}.row()[2] = 3;
  Case combine("combine_f32");
  combine.input(random.floats({4, 3})).input(route).input(random.floats({2, 2})).output(Array::make(ElementType::f32, {2, 3}));
  expectFailure(combine, Status::badData, "(token, slot) 2 of the route stands in row 3 of 3");
}
