// Linear attention, against the recurrence written out in f64.
#include "tests/kernels/harness.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace switchyard::kernels::test {
namespace {

struct Sizes4 {
  int64_t batches, tokens, heads, keys, states, size, valueSize;
  int64_t outHeads() const { return std::max(heads, states); }
};

enum Gates { none = 0, decays = 1, byKey = 2, corrects = 4, sharesRate = 8, continues = 16 };

Case makeCase(const Sizes4 &s, int gates, uint32_t seed) {
  Random random(seed);
  Case attention("linear_attention_f32");
  attention.input(random.floats({s.batches, s.tokens, s.heads * s.size})).input(random.floats({s.batches, s.tokens, s.keys * s.size}, -0.5f, 0.5f));
  attention.input(random.floats({s.batches, s.tokens, s.states * s.valueSize}));
  auto optional = [&](bool present, Array array) { present ? attention.input(std::move(array)) : attention.absent(); };
  optional(gates & continues, random.floats({s.batches, s.states, s.size, s.valueSize}));
  optional(gates & decays, random.floats({s.batches, s.tokens, s.states * (gates & byKey ? s.size : 1)}, -1.0f, 0.0f));
  optional(gates & corrects, random.floats({s.batches, s.tokens, gates & sharesRate ? 1 : s.states}, 0.0f, 1.0f));
  attention.output(Array::make(ElementType::f32, {s.batches, s.tokens, s.outHeads() * s.valueSize}));
  attention.output(Array::make(ElementType::f32, {s.batches, s.states, s.size, s.valueSize}));
  attention.integers({s.heads, s.states}).floats({0.25});
  return attention;
}

/// The recurrence of one column `j` of the state of `head`; writes what its queries read.
void stepColumn(Case &attention, const Sizes4 &s, int gates, int64_t batch, int64_t head, int64_t j, std::vector<double> &out, std::vector<double> &last) {
  auto at = [&](size_t operand, int64_t token, int64_t columns, int64_t i) { return static_cast<double>(attention.operand(operand).as<float>()[(batch * s.tokens + token) * columns + i]); };
  std::vector<double> state(static_cast<size_t>(s.size), 0.0);
  for (int64_t i = 0; i < s.size && gates & continues; ++i)
    state[i] = attention.operand(3).as<float>()[((batch * s.states + head) * s.size + i) * s.valueSize + j];
  for (int64_t token = 0; token < s.tokens; ++token) {
    int64_t key = head / (s.states / s.keys) * s.size;
    double value = at(2, token, s.states * s.valueSize, head * s.valueSize + j), held = 0;
    for (int64_t i = 0; i < s.size; ++i) {
      if (gates & decays)
        state[i] *= std::exp(gates & byKey ? at(4, token, s.states * s.size, head * s.size + i) : at(4, token, s.states, head));
      held += state[i] * at(1, token, s.keys * s.size, key + i);
    }
    if (gates & corrects)
      value = (value - held) * (gates & sharesRate ? at(5, token, 1, 0) : at(5, token, s.states, head));
    for (int64_t i = 0; i < s.size; ++i)
      state[i] += value * at(1, token, s.keys * s.size, key + i);
    for (int64_t to = 0; to < s.outHeads(); ++to) {
      double sum = 0;
      for (int64_t i = 0; i < s.size && to / (s.outHeads() / s.states) == head; ++i)
        sum += state[i] * at(0, token, s.heads * s.size, to / (s.outHeads() / s.heads) * s.size + i);
      if (to / (s.outHeads() / s.states) == head)
        out[((batch * s.tokens + token) * s.outHeads() + to) * s.valueSize + j] = 0.25 * sum;
    }
  }
  for (int64_t i = 0; i < s.size; ++i)
    last[((batch * s.states + head) * s.size + i) * s.valueSize + j] = state[i];
}

void expectRecurrence(const Sizes4 &s, int gates) {
  Case attention = makeCase(s, gates, 7);
  expectLevelsAgree(attention);
  std::vector<double> out(static_cast<size_t>(attention.result(0).count())), last(static_cast<size_t>(attention.result(1).count()));
  for (int64_t batch = 0; batch < s.batches; ++batch)
    for (int64_t head = 0; head < s.states; ++head)
      for (int64_t j = 0; j < s.valueSize; ++j)
        stepColumn(attention, s, gates, batch, head, j, out, last);
  expectNear(attention.result(0), out, 1e-4);
  expectNear(attention.result(1), last, 1e-4);
}

TEST(LinearAttention, IsItsRecurrence) {
  for (int gates : {0, decays + 0, decays + byKey, corrects + 0, corrects + sharesRate, decays + corrects, decays + byKey + corrects + sharesRate})
    for (int past : {0, continues + 0})
      expectRecurrence({2, 5, 4, 2, 2, 3, 7}, gates + past);
  expectRecurrence({1, 3, 2, 2, 4, 8, 130}, decays + corrects);  // more states than heads, shared keys, several pieces
  expectRecurrence({2, 0, 2, 2, 2, 4, 4}, decays + continues);   // no tokens: the state stays
  expectRecurrence({0, 3, 2, 2, 2, 4, 4}, corrects);
  expectRecurrence({1, 2, 2, 2, 2, 1, 1}, decays + byKey);
}

TEST(LinearAttention, RefusesWhatDoesNotFit) {
  Sizes4 s{2, 5, 4, 2, 2, 3, 7};
  int all = decays + corrects + continues;
  Case heads = makeCase(s, all, 1);
  heads.integers({4, 3});
  expectFailure(heads, Status::badShape, "4 heads and 3 states do not fit queries, keys and values of 12, 6 and 14 columns");
  Case decay = makeCase(s, all, 1);
  decay.operand(4) = Array::make(ElementType::f32, {2, 5, 5});
  expectFailure(decay, Status::badShape, "operand 'decay' is 2 x 5 x 5, expected 2 x 5 x 6");
  Case past = makeCase(s, all, 1);
  past.operand(3) = Array::make(ElementType::f32, {2, 2, 3, 6});
  expectFailure(past, Status::badShape, "operand 'past' has size 6 in dimension 3, expected 7");
}

}  // namespace
}  // namespace switchyard::kernels::test
