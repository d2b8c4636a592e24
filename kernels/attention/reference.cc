#include "kernels/attention/attention.h"
#include "kernels/common/lanes.h"
#include "kernels/common/parallel.h"
#include "kernels/table.h"

#include <algorithm>

namespace switchyard::kernels {

static void attend(const Attention &attention, const Query &query) {
  auto scoreOf = [&](int64_t key) {
    return finishScore(attention, query, dotLanes(query.query, query.keys + key * query.keyStride, attention.size), key);
  };
  std::fill_n(query.out, attention.size, 0.0f);
  if (query.begin >= query.end)
    return;
  float largest = query.sink ? *query.sink : -__builtin_inff();
  for (int64_t key = query.begin; key < query.end; ++key)
    largest = std::max(largest, scoreOf(key));
  float sum = 0.0f;
  for (int64_t key = query.begin; key < query.end; ++key) {
    float weight = elementary::exp(scoreOf(key) - largest);
    sum = sum + weight;
    for (int64_t i = 0; i < attention.size; ++i)
      query.out[i] = __builtin_fmaf(weight, query.values[key * query.valueStride + i], query.out[i]);
  }
  if (query.sink)
    sum = sum + elementary::exp(*query.sink - largest);
  for (int64_t i = 0; i < attention.size; ++i)
    query.out[i] = query.out[i] / sum;
}

Status reference_attention_f32(const Call &call) {
  Attention attention;
  SWITCHYARD_CHECK(readAttention(call, attention));
  appendToCache(call, attention);
  parallelFor(call, attention.batch * attention.heads * attention.queries, [&](int64_t begin, int64_t end, int) {
    for (int64_t item = begin; item < end; ++item)
      attend(attention, readQuery(attention, item));
  });
  return Status::ok;
}

}  // namespace switchyard::kernels
