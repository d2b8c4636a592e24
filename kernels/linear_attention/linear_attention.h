// linear_attention_f32: attention whose past is one matrix a head, state[key size, value size], from which each token reads what its query
// asks for. A token first decays the state, then writes its value under its key, or, where the rule corrects, the difference to what the state
// has under that key; then the queries of its heads read.
//
// A column of the state takes part in nothing but itself, so that columns are the unit of work. What is read is one fma chain an element, over
// the key size, ascending from +0; the result is scaled at the end.
#ifndef SWITCHYARD_KERNELS_LINEAR_ATTENTION_H
#define SWITCHYARD_KERNELS_LINEAR_ATTENTION_H

#include "kernels/common/check.h"
#include "kernels/common/parallel.h"
#include "kernels/support/elementary.h"

#include <algorithm>

namespace switchyard::kernels {

struct LinearAttention {
  const Tensor *query = nullptr, *key = nullptr, *value = nullptr, *past = nullptr, *decay = nullptr, *beta = nullptr, *out = nullptr, *state = nullptr;
  int64_t batches = 0, tokens = 0, size = 0, valueSize = 0;
  int64_t heads = 0, keyHeads = 0, stateHeads = 0, outHeads = 0;
  bool decaysByKey = false, sharesBeta = false;
  float scale = 1;
};

Status readLinearAttention(const Call &call, LinearAttention &attention);

/// Columns of a state that are computed at once.
inline constexpr int64_t stateColumns = 64;

/// The element `index` of token `token`.
static inline float *tokenRow(const Tensor &tensor, int64_t batch, int64_t token, int64_t index) {
  return tensor.as<float>() + batch * tensor.strides[0] + token * tensor.strides[1] + index;
}

/// Up to stateColumns columns of the state of one head.
struct StateColumns {
  const LinearAttention &attention;
  int64_t batch, head, first, count;
};

/// Row `i` of the columns.
static inline float *stateRow(const StateColumns &at, const Tensor &state, int64_t i) {
  return state.as<float>() + at.batch * state.strides[0] + at.head * state.strides[1] + i * state.strides[2] + at.first;
}

static inline void beginState(const StateColumns &at) {
  const Tensor &past = *at.attention.past;
  for (int64_t i = 0; i < at.attention.size; ++i) {
    float *to = stateRow(at, *at.attention.state, i);
    const float *from = past.absent() ? nullptr : stateRow(at, past, i);
    for (int64_t j = 0; j < at.count; ++j)
      to[j] = from ? from[j] : 0.0f;
  }
}

static inline void decayState(const StateColumns &at, int64_t token) {
  const LinearAttention &attention = at.attention;
  const float *logarithms = tokenRow(*attention.decay, at.batch, token, attention.decaysByKey ? at.head * attention.size : at.head);
  float shared = elementary::exp(attention.decaysByKey ? 0.0f : logarithms[0]);
  for (int64_t i = 0; i < attention.size; ++i) {
    float *to = stateRow(at, *attention.state, i), factor = attention.decaysByKey ? elementary::exp(logarithms[i]) : shared;
    for (int64_t j = 0; j < at.count; ++j)
      to[j] = factor * to[j];
  }
}

/// sums[j] = sum of vector[i] * state[i][j].
static inline void readState(const StateColumns &at, const float *vector, float *sums) {
  for (int64_t j = 0; j < at.count; ++j)
    sums[j] = 0.0f;
  for (int64_t i = 0; i < at.attention.size; ++i) {
    const float *from = stateRow(at, *at.attention.state, i);
    for (int64_t j = 0; j < at.count; ++j)
      sums[j] = __builtin_fmaf(vector[i], from[j], sums[j]);
  }
}

static inline void writeState(const StateColumns &at, int64_t token) {
  const LinearAttention &attention = at.attention;
  const float *key = tokenRow(*attention.key, at.batch, token, at.head / (attention.stateHeads / attention.keyHeads) * attention.size);
  const float *value = tokenRow(*attention.value, at.batch, token, at.head * attention.valueSize + at.first);
  float written[stateColumns];
  bool corrects = !attention.beta->absent();
  float rate = corrects ? *tokenRow(*attention.beta, at.batch, token, attention.sharesBeta ? 0 : at.head) : 1.0f;
  if (corrects)
    readState(at, key, written);
  for (int64_t j = 0; j < at.count; ++j)
    written[j] = corrects ? rate * (value[j] - written[j]) : value[j];
  for (int64_t i = 0; i < attention.size; ++i) {
    float *to = stateRow(at, *attention.state, i);
    for (int64_t j = 0; j < at.count; ++j)
      to[j] = __builtin_fmaf(key[i], written[j], to[j]);
  }
}

static inline void answerQueries(const StateColumns &at, int64_t token) {
  const LinearAttention &attention = at.attention;
  int64_t group = attention.outHeads / attention.stateHeads, shared = attention.outHeads / attention.heads;
  for (int64_t to = at.head * group; to < (at.head + 1) * group; ++to) {
    float sums[stateColumns];
    readState(at, tokenRow(*attention.query, at.batch, token, to / shared * attention.size), sums);
    float *out = tokenRow(*attention.out, at.batch, token, to * attention.valueSize + at.first);
    for (int64_t j = 0; j < at.count; ++j)
      out[j] = attention.scale * sums[j];
  }
}

static inline void runColumns(const StateColumns &at) {
  beginState(at);
  for (int64_t token = 0; token < at.attention.tokens; ++token) {
    if (!at.attention.decay->absent())
      decayState(at, token);
    writeState(at, token);
    answerQueries(at, token);
  }
}

static inline Status runLinearAttention(const Call &call) {
  LinearAttention attention;
  SWITCHYARD_CHECK(readLinearAttention(call, attention));
  int64_t pieces = (attention.valueSize + stateColumns - 1) / stateColumns;
  parallelFor(call, attention.batches * attention.stateHeads * pieces, [&](int64_t begin, int64_t end, int) {
    for (int64_t i = begin; i < end; ++i) {
      int64_t first = i % pieces * stateColumns, head = i / pieces % attention.stateHeads, batch = i / pieces / attention.stateHeads;
      runColumns({attention, batch, head, first, std::min(stateColumns, attention.valueSize - first)});
    }
  });
  return Status::ok;
}

}  // namespace switchyard::kernels

#endif  // SWITCHYARD_KERNELS_LINEAR_ATTENTION_H
