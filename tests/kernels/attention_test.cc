// attention_f32 and rotary_f32: against the numerics rule written out here, to the bit, and against f64.
#include "kernels/support/elementary.h"
#include "tests/kernels/harness.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>

using namespace switchyard::kernels;
using namespace switchyard::kernels::test;

namespace {

struct Setting {
  int64_t batch, queries, past, heads, kvHeads, size;
  std::vector<int32_t> lengths;  // total valid length - 1
  int64_t window = -1;
  bool sink = false;
  int64_t biasBatch = 0, biasHeads = 0;  // 0: no bias
  double softcap = 0.0, scale = 0.0;
  bool causal = true;

  int64_t total() const { return past + queries; }
};

Case makeCase(const Setting &s, uint32_t seed = 1) {
  Random random(seed);
  Case attention("attention_f32");
  attention.input(random.floats({s.batch, s.queries, s.heads * s.size}, -1.0f, 1.0f, 5));
  attention.input(random.floats({s.batch, s.queries, s.kvHeads * s.size})).input(random.floats({s.batch, s.queries, s.kvHeads * s.size}));
  for (int i = 0; i < 2; ++i)
    s.past > 0 ? attention.input(random.floats({s.batch, s.kvHeads, s.past, s.size})) : attention.absent();
  attention.input(Array::ints({s.batch}, s.lengths));
  s.biasBatch ? attention.input(random.floats({s.biasBatch, s.biasHeads, s.queries, s.total()}, -2.0f, 2.0f)) : attention.absent();
  s.sink ? attention.input(random.floats({s.heads})) : attention.absent();
  attention.output(Array::make(ElementType::f32, {s.batch, s.queries, s.heads * s.size}));
  for (int i = 0; i < 2; ++i)
    attention.output(Array::make(ElementType::f32, {s.batch, s.kvHeads, s.total(), s.size}));
  attention.integers({s.heads, s.kvHeads, s.causal, s.window}).floats({s.scale, s.softcap});
  return attention;
}

float dotInLanes(const float *x, const float *y, int64_t n) {
  float lanes[16] = {};
  for (int64_t i = 0; i < n; ++i)
    lanes[i % 16] = std::fma(x[i], y[i], lanes[i % 16]);
  for (int half = 8; half > 0; half /= 2)
    for (int i = 0; i < half; ++i)
      lanes[i] += lanes[i + half];
  return lanes[0];
}

int64_t pastOf(const Setting &s, int64_t b) { return s.past == 0 ? 0 : s.lengths[static_cast<size_t>(b)] + 1 - s.queries; }

/// Present rows: the past, the new rows behind it, zeros.
void checkPresent(const Setting &s, Case &attention, int which) {
  const float *past = s.past ? attention.operand(static_cast<size_t>(3 + which)).as<float>() : nullptr;
  const float *fresh = attention.operand(static_cast<size_t>(1 + which)).as<float>(),
              *present = attention.result(static_cast<size_t>(1 + which)).as<float>();
  for (int64_t b = 0; b < s.batch; ++b)
    for (int64_t g = 0; g < s.kvHeads; ++g)
      for (int64_t row = 0; row < s.total(); ++row)
        for (int64_t i = 0; i < s.size; ++i) {
          int64_t kept = pastOf(s, b), isNew = row - kept;
          float expected = isNew < 0           ? past[((b * s.kvHeads + g) * s.past + row) * s.size + i]
                           : isNew < s.queries ? fresh[(b * s.queries + isNew) * s.kvHeads * s.size + g * s.size + i]
                                               : 0.0f;
          ASSERT_EQ(present[((b * s.kvHeads + g) * s.total() + row) * s.size + i], expected) << "sequence " << b << ", row " << row;
        }
}

struct Expected {
  std::vector<float> chained;  // by the numerics rule
  std::vector<double> exact;   // by the formula, in f64
};

Expected attend(const Setting &s, Case &attention, int64_t b, int64_t h, int64_t i) {
  const Array &queries = attention.operand(0);
  const float *query = queries.as<float>() + (b * s.queries + i) * queries.strides[1] + h * s.size;
  int64_t base = (b * s.kvHeads + h / (s.heads / s.kvHeads)) * s.total() * s.size;
  const float *keys = attention.result(1).as<float>() + base, *values = attention.result(2).as<float>() + base;
  float scale = static_cast<float>(s.scale != 0.0 ? s.scale : 1.0 / std::sqrt(static_cast<double>(s.size)));
  int64_t position = pastOf(s, b) + i, valid = s.lengths[static_cast<size_t>(b)] + 1;
  std::vector<int64_t> seen;
  for (int64_t j = 0; j < valid; ++j)
    if ((!s.causal || j <= position) && (s.window <= 0 || j > position - s.window))
      seen.push_back(j);
  Expected expected{std::vector<float>(static_cast<size_t>(s.size)), std::vector<double>(static_cast<size_t>(s.size))};
  if (seen.empty())
    return expected;
  const float *sink = s.sink ? attention.operand(7).as<float>() + h : nullptr;
  std::vector<float> scores;
  std::vector<double> exactScores;
  for (int64_t j : seen) {
    float score = dotInLanes(query, keys + j * s.size, s.size) * scale, cap = static_cast<float>(s.softcap);
    double exact = 0.0;
    for (int64_t k = 0; k < s.size; ++k)
      exact += static_cast<double>(query[k]) * keys[j * s.size + k];
    exact *= scale;
    score = s.softcap > 0 ? cap * elementary::tanh(score / cap) : score;
    exact = s.softcap > 0 ? s.softcap * std::tanh(exact / s.softcap) : exact;
    if (s.biasBatch) {
      int64_t row = (s.biasBatch == 1 ? 0 : b) * s.biasHeads + (s.biasHeads == 1 ? 0 : h);
      float bias = attention.operand(6).as<float>()[(row * s.queries + i) * s.total() + j];
      score = score + bias;
      exact += bias;
    }
    scores.push_back(score);
    exactScores.push_back(exact);
  }
  float largest = *std::max_element(scores.begin(), scores.end()), sum = 0.0f;
  largest = sink ? std::max(largest, *sink) : largest;
  double exactSum = sink ? std::exp(double(*sink)) : 0.0;
  for (size_t n = 0; n < seen.size(); ++n) {
    float weight = elementary::exp(scores[n] - largest);
    sum = sum + weight;
    exactSum += std::exp(exactScores[n]);
    for (size_t k = 0; k < expected.chained.size(); ++k) {
      float value = values[seen[n] * s.size + static_cast<int64_t>(k)];
      expected.chained[k] = std::fma(weight, value, expected.chained[k]);
      expected.exact[k] += std::exp(exactScores[n]) * value;
    }
  }
  sum = sink ? sum + elementary::exp(*sink - largest) : sum;
  for (float &value : expected.chained)
    value = value / sum;
  for (double &value : expected.exact)
    value /= exactSum;
  return expected;
}

void checkAttention(const Setting &s) {
  SCOPED_TRACE(testing::Message() << "B " << s.batch << ", S " << s.queries << ", P " << s.past << ", heads " << s.heads << "/" << s.kvHeads
                                  << ", d " << s.size << ", window " << s.window);
  Case attention = makeCase(s);
  expectLevelsAgree(attention);
  checkPresent(s, attention, 0);
  checkPresent(s, attention, 1);
  for (int64_t b = 0; b < s.batch; ++b)
    for (int64_t i = 0; i < s.queries; ++i)
      for (int64_t h = 0; h < s.heads; ++h) {
        Expected expected = attend(s, attention, b, h, i);
        const float *out = attention.result(0).as<float>() + ((b * s.queries + i) * s.heads + h) * s.size;
        for (int64_t k = 0; k < s.size; ++k) {
          ASSERT_TRUE(sameFloat(out[k], expected.chained[static_cast<size_t>(k)])) << "sequence " << b << ", query " << i << ", head " << h;
          ASSERT_NEAR(out[k], expected.exact[static_cast<size_t>(k)], 2e-6);
        }
      }
}

}  // namespace

TEST(Attention, FollowsTheRuleForEveryHeadSize) {
  for (int64_t size : {1, 4, 8, 16, 20, 32, 64, 80, 128})
    checkAttention({1, 7, 0, 4, 2, size, {6}});
}

TEST(Attention, FollowsTheRuleForEveryLength) {
  for (int64_t queries : {1, 2, 3, 4, 5, 8, 13})
    checkAttention({1, queries, 0, 2, 1, 16, {static_cast<int32_t>(queries - 1)}});
  for (int64_t past : {1, 3, 4, 9})
    checkAttention({1, 3, past, 4, 4, 16, {static_cast<int32_t>(past + 2)}});
}

TEST(Attention, DecodesSequencesOfUnequalLength) {
  checkAttention({3, 1, 6, 4, 2, 8, {6, 3, 0}});
  checkAttention({3, 1, 6, 4, 2, 8, {6, 3, 0}, 2, true});
}

TEST(Attention, StaysInBoundsWithPaddedPrompts) {
  checkAttention({3, 5, 0, 4, 2, 8, {4, 2, -1}});
  checkAttention({3, 5, 0, 4, 2, 8, {4, 2, -1}, 2});
  checkAttention({3, 5, 0, 4, 2, 8, {4, 2, -1}, -1, true});
}

TEST(Attention, KeepsTheLastKeysOfAWindow) {
  for (int64_t window : {1, 2, 4, 100}) {
    checkAttention({2, 9, 0, 2, 2, 16, {8, 8}, window});
    checkAttention({1, 2, 7, 2, 1, 16, {8}, window});
  }
}

TEST(Attention, AddsSinksSoftcapAndBias) {
  checkAttention({2, 4, 0, 4, 2, 16, {3, 3}, -1, true});
  checkAttention({2, 4, 0, 4, 2, 16, {3, 3}, -1, false, 0, 0, 3.0, 0.7});
  for (int64_t biasBatch : {1, 2})
    for (int64_t biasHeads : {1, 4})
      checkAttention({2, 4, 0, 4, 2, 16, {3, 2}, 3, true, biasBatch, biasHeads, 5.0});
}

TEST(Attention, SeesAllKeysWithoutTheCausalMask) { checkAttention({2, 4, 0, 2, 2, 8, {3, 1}, -1, false, 0, 0, 0.0, 0.0, false}); }

TEST(Attention, RecomputesTheScoresOfLongSequences) { checkAttention({1, 1, 4200, 1, 1, 4, {4200}}); }

TEST(Attention, TakesNoTokens) {
  checkAttention({2, 0, 0, 2, 1, 8, {-1, -1}});
  checkAttention({0, 3, 0, 2, 1, 8, {}});
}

TEST(Attention, AppendsInPlace) {
  Setting s{2, 1, 4, 2, 2, 8, {4, 2}};
  Case apart = makeCase(s);
  ASSERT_EQ(apart.run(Case::Level::fast), Status::ok) << apart.message();
  // Past and present as views of one buffer with room for 9 rows, as the runtime binds a decoder's state.
  Random random(3);
  Array buffers[2] = {random.floats({2, 2, 9, 8}), random.floats({2, 2, 9, 8})};
  std::vector<Tensor> tensors;
  for (size_t i = 0; i < 11; ++i)
    tensors.push_back(i == 6 || i == 7 ? Tensor{nullptr, -1, ElementType::f32, {}, {}} : apart.operand(i).tensor());
  Array out = Array::make(ElementType::f32, {2, 1, 16});
  tensors[8] = out.tensor();
  for (size_t cache = 0; cache < 2; ++cache) {
    for (int64_t head = 0; head < 4; ++head)
      std::copy_n(apart.operand(3 + cache).as<float>() + head * 4 * 8, 4 * 8, buffers[cache].as<float>() + head * 9 * 8);
    tensors[3 + cache] = tensors[9 + cache] = buffers[cache].tensor();
    tensors[3 + cache].sizes[2] = 4;
    tensors[9 + cache].sizes[2] = 5;
  }
  const int64_t integers[] = {2, 2, 1, -1};
  const double floats[] = {0.0, 0.0};
  Failure failure{};
  Call call{tensors.data(), 11, 0, nullptr, integers, floats, nullptr, &failure};
  ASSERT_EQ(find("attention_f32")->fast(call), Status::ok) << failure.message;
  EXPECT_EQ(firstDifference(out, apart.result(0)), -1);
  for (size_t cache = 0; cache < 2; ++cache)
    for (int64_t head = 0; head < 4; ++head)
      EXPECT_TRUE(std::equal(buffers[cache].as<float>() + head * 72, buffers[cache].as<float>() + head * 72 + 40,
                             apart.result(1 + cache).as<float>() + head * 40));
}

TEST(Attention, RefusesLengthsThatDoNotFit) {
  Case tooLong = makeCase({1, 1, 4, 2, 2, 8, {5}});
  expectFailure(tooLong, Status::badData, "sequence 0 has length 6");
  Case tooShort = makeCase({2, 3, 4, 2, 2, 8, {6, 1}});
  expectFailure(tooShort, Status::badData, "sequence 1 has length 2");
  Case heads = makeCase({1, 2, 0, 3, 2, 8, {1}});
  expectFailure(heads, Status::badShape, "3 heads in 24 columns and 2 key heads in 16 columns do not fit");
  Case bias = makeCase({2, 2, 0, 2, 2, 8, {1, 1}, -1, false, 2, 1});
  bias.operand(6) = Array::make(ElementType::f32, {2, 1, 2, 3});
  expectFailure(bias, Status::badShape, "the bias is 2 x 1 x 2 x 3, expected 2 x 2 x 2 x 2");
}

TEST(Rotary, RotatesPairs) {
  for (int64_t tokens : {0, 1, 5})
    for (int64_t pairs : {1, 4, 5, 16})
      for (bool interleaved : {false, true}) {
        int64_t heads = 3, size = 2 * pairs + (pairs == 5 ? 3 : 0);
        Random random(static_cast<uint32_t>(tokens * 100 + pairs));
        Array x = random.floats({2, tokens, heads * size}), cosine = random.floats({9, pairs}), sine = random.floats({9, pairs});
        Array positions = Array::make(ElementType::i64, {2, tokens});
        for (int64_t i = 0; i < 2 * tokens; ++i)
          positions.as<int64_t>()[i] = random.below(9);
        Case rotary("rotary_f32");
        rotary.input(x).input(positions).input(cosine).input(sine).output(Array::make(ElementType::f32, {2, tokens, heads * size}));
        rotary.integers({heads, interleaved});
        expectLevelsAgree(rotary);
        for (int64_t i = 0; i < 2 * tokens * heads; ++i) {
          std::vector<float> expected(x.as<float>() + i * size, x.as<float>() + (i + 1) * size);
          for (int64_t p = 0; p < pairs; ++p) {
            int64_t angle = positions.as<int64_t>()[i / heads] * pairs + p;
            float c = cosine.as<float>()[angle], s = sine.as<float>()[angle];
            float &first = expected[static_cast<size_t>(interleaved ? 2 * p : p)],
                  &second = expected[static_cast<size_t>(interleaved ? 2 * p + 1 : p + pairs)];
            float a = first, b = second;
            float ac = a * c, bs = b * s, bc = b * c, as = a * s;
            first = ac - bs;
            second = bc + as;
          }
          for (int64_t k = 0; k < size; ++k)
            ASSERT_TRUE(sameFloat(rotary.result(0).as<float>()[i * size + k], expected[static_cast<size_t>(k)]));
        }
      }
}

TEST(Rotary, RefusesAPositionOutsideTheCache) {
  Random random(1);
  for (int64_t position : {-1, 6}) {
    Case rotary("rotary_f32");
    rotary.input(random.floats({1, 2, 8}))
        .input(Array::longs({1, 2}, {0, position}))
        .input(random.floats({6, 4}))
        .input(random.floats({6, 4}));
    rotary.output(Array::make(ElementType::f32, {1, 2, 8})).integers({1, 0});
    expectFailure(rotary, Status::badData, "position " + std::to_string(position) + " of token 1 is outside the rotary cache of 6 rows");
  }
}

namespace {

/// Past, new and all keys, and seqlens_k of each sequence.
Case makeKeys(std::vector<int64_t> counts, std::vector<int32_t> lengths) {
  const auto batch = static_cast<int64_t>(lengths.size()), count = static_cast<int64_t>(counts.size());
  Case keys("valid_keys");
  keys.input(Array::ints({batch}, std::move(lengths))).input(Array::longs({count}, std::move(counts)));
  keys.output(Array::make(ElementType::i32, {batch}));
  return keys;
}

}  // namespace

TEST(ValidKeys, AreThoseOfTheMaskButForAPrompt) {
  struct {
    std::vector<int64_t> counts;
    std::vector<int32_t> lengths, expected;
  } const cases[] = {{{0, 3, 3}, {2, 0, -1}, {2, 2, 2}}, {{4, 1, 5}, {4, 0}, {4, 0}}, {{4, 2, 6}, {5, 1}, {5, 1}},
                     {{8, 2, 6}, {5, 3}, {5, 3}},        {{8, 2, 2}, {0}, {1}},       {{2, 1, 3}, {}, {}}};
  for (const auto &one : cases) {
    Case keys = makeKeys(one.counts, one.lengths);
    expectLevelsAgree(keys);
    for (size_t b = 0; b < one.expected.size(); ++b)
      EXPECT_EQ(keys.result(0).as<int32_t>()[b], one.expected[b]);
  }
}

TEST(ValidKeys, AMaskOfAnotherLengthIsToldAsThat) {
  for (const std::vector<int64_t> &counts : {std::vector<int64_t>{0, 5, 4}, {0, 5, 6}, {3, 2, 4}, {3, 2, 6}, {8, 2, 1}, {8, 2, 9}}) {
    Case keys = makeKeys(counts, {int32_t(counts[2] - 1)});
    expectFailure(keys, Status::badData,
                  "the attention mask is for " + std::to_string(counts[2]) + " keys (total_sequence_length), but " +
                      std::to_string(counts[1]) + " new tokens behind " + std::to_string(counts[0]) + " past ones make " +
                      std::to_string(counts[0] + counts[1]));
  }
}

TEST(ValidKeys, AMaskOfAnotherSumIsToldAsThat) {
  for (int32_t length : {-7, 0, 5}) {
    Case keys = makeKeys({3, 2, 5}, {4, length});
    expectFailure(keys, Status::badData,
                  "the attention mask gives sequence 1 " + std::to_string(length + 1) +
                      " keys (seqlens_k + 1), but 2 new tokens behind at most 3 past ones have 2 to 5");
  }
}

TEST(ValidKeys, APromptHasNoMoreThanItsTokens) {
  for (int32_t length : {-2, 3, 7}) {
    Case keys = makeKeys({5, 3, 3}, {length});
    expectFailure(keys, Status::badData,
                  "the attention mask gives sequence 0 " + std::to_string(length + 1) +
                      " keys (seqlens_k + 1), but 3 new tokens behind at most 0 past ones have 0 to 3");
  }
}

TEST(ValidKeys, RefusesOperandsThatDoNotFit) {
  Case two = makeKeys({0, 1}, {0});
  expectFailure(two, Status::badShape, "expects 3 counts, got 2");
}
