// attention_f32: grouped-query attention with a KV cache, without the rotary embedding.
//
// The new keys and values are appended to the past at past(b), where past(b) is 0 for a prompt (S == T) and lengths[b] + 1 - S
// otherwise; rows of the present beyond them are 0. Past and present may be one buffer.
//
// Numerics: a score is the dot product over the head size in 16 lanes (common/lanes.h), times the scale, then the softcap, then the
// bias. Over the keys, which are dynamic, the maximum is order-free, and the sum of exponentials and every output element are
// chains over ascending keys; the sink comes last in the sum. The output is divided by the sum at the end.
#ifndef SWITCHYARD_KERNELS_ATTENTION_H
#define SWITCHYARD_KERNELS_ATTENTION_H

#include "kernels/common/check.h"
#include "kernels/support/elementary.h"

namespace switchyard::kernels {

struct Attention {
  const Tensor *query = nullptr, *key = nullptr, *value = nullptr, *pastKey = nullptr, *pastValue = nullptr, *bias = nullptr;
  const Tensor *out = nullptr, *presentKey = nullptr, *presentValue = nullptr;  // absent optional tensors are null
  const int32_t *lengths = nullptr;
  const float *sink = nullptr;
  int64_t batch = 0, queries = 0, heads = 0, kvHeads = 0, size = 0, total = 0;  // size: of a head; total: T
  bool causal = true;
  int64_t window = 0;
  float scale = 1.0f, softcap = 0.0f;

  /// Keys of a sequence before the new ones.
  int64_t past(int64_t b) const { return queries == total ? 0 : lengths[b] + 1 - queries; }
};

/// Also checks the lengths.
Status readAttention(const Call &call, Attention &attention);

/// Fills present_key and present_value.
void appendToCache(const Call &call, const Attention &attention);

/// One query of one head: its operands and the keys that it sees, [begin, end).
struct Query {
  const float *query, *keys, *values, *bias;  // bias: by key, or null
  float *out;
  int64_t keyStride, valueStride, begin, end;
  const float *sink;  // or null
};

/// Query number `item` in the order (sequence, head, position).
Query readQuery(const Attention &attention, int64_t item);

static inline float finishScore(const Attention &attention, const Query &query, float dot, int64_t key) {
  float score = dot * attention.scale;
  if (attention.softcap > 0.0f)
    score = attention.softcap * elementary::tanh(score / attention.softcap);
  return query.bias ? score + query.bias[key] : score;
}

}  // namespace switchyard::kernels

#endif  // SWITCHYARD_KERNELS_ATTENTION_H
