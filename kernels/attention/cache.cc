#include "kernels/attention/attention.h"
#include "kernels/common/parallel.h"

#include <algorithm>

namespace switchyard::kernels {

static bool inPlace(const Tensor &past, const Tensor &present) {
  return past.data == present.data && std::equal(past.strides, past.strides + 3, present.strides);
}

/// One head of one sequence: `fresh` are its new rows.
static void fillHead(const Attention &attention, int64_t b, int64_t head, const Tensor *past, const Tensor &fresh, const Tensor &present) {
  int64_t size = attention.size, kept = attention.past(b), end = kept + attention.queries;
  float *to = present.as<float>() + b * present.strides[0] + head * present.strides[1];
  if (past && !inPlace(*past, present)) {
    const float *from = past->as<float>() + b * past->strides[0] + head * past->strides[1];
    for (int64_t row = 0; row < kept; ++row)
      std::copy_n(from + row * past->strides[2], size, to + row * present.strides[2]);
  }
  for (int64_t row = kept; row < end; ++row)
    std::copy_n(fresh.as<float>() + b * fresh.strides[0] + (row - kept) * fresh.strides[1] + head * size, size,
                to + row * present.strides[2]);
  for (int64_t row = end; row < attention.total; ++row)
    std::fill_n(to + row * present.strides[2], size, 0.0f);
}

void appendToCache(const Call &call, const Attention &attention) {
  parallelFor(call, attention.batch * attention.kvHeads, [&](int64_t begin, int64_t end, int) {
    for (int64_t item = begin; item < end; ++item) {
      int64_t b = item / attention.kvHeads, head = item % attention.kvHeads;
      fillHead(attention, b, head, attention.pastKey, *attention.key, *attention.presentKey);
      fillHead(attention, b, head, attention.pastValue, *attention.value, *attention.presentValue);
    }
  });
}

Query readQuery(const Attention &attention, int64_t item) {
  int64_t i = item % attention.queries, head = item / attention.queries % attention.heads, b = item / attention.queries / attention.heads;
  int64_t kvHead = head / (attention.heads / attention.kvHeads);
  const Tensor &keys = *attention.presentKey, &values = *attention.presentValue, &from = *attention.query, &to = *attention.out;
  Query query{};
  query.query = from.as<float>() + b * from.strides[0] + i * from.strides[1] + head * attention.size;
  query.out = to.as<float>() + b * to.strides[0] + i * to.strides[1] + head * attention.size;
  query.keys = keys.as<float>() + b * keys.strides[0] + kvHead * keys.strides[1];
  query.values = values.as<float>() + b * values.strides[0] + kvHead * values.strides[1];
  query.keyStride = keys.strides[2];
  query.valueStride = values.strides[2];
  if (attention.bias) {
    const Tensor &bias = *attention.bias;
    query.bias = bias.as<float>() + (bias.sizes[0] == 1 ? 0 : b * bias.strides[0]) + (bias.sizes[1] == 1 ? 0 : head * bias.strides[1]) +
                 i * bias.strides[2];
  }
  query.sink = attention.sink ? attention.sink + head : nullptr;
  // A padded query of a short sequence sees the keys of the sequence, none of its own.
  int64_t position = attention.past(b) + i, valid = int64_t{attention.lengths[b]} + 1;
  query.end = attention.causal ? std::min(position + 1, valid) : valid;
  query.begin = attention.window > 0 ? std::max<int64_t>(position + 1 - attention.window, 0) : 0;
  return query;
}

}  // namespace switchyard::kernels
