#include "kernels/attention/attention.h"

#include <algorithm>
#include <cinttypes>
#include <cmath>
#include <initializer_list>

namespace switchyard::kernels {

static Status checkCaches(const Call &call, const Attention &attention) {
  struct {
    const Tensor *past, *present;
    const char *pastName, *presentName;
  } caches[] = {{attention.pastKey, attention.presentKey, "past_key", "present_key"},
                {attention.pastValue, attention.presentValue, "past_value", "present_value"}};
  for (const auto &cache : caches) {
    SWITCHYARD_CHECK(checkOperand(call, *cache.present, cache.presentName, ElementType::f32, 4));
    const int64_t expected[] = {attention.batch, attention.kvHeads, attention.total, attention.size};
    for (int i = 0; i < 4; ++i)
      if (cache.present->sizes[i] != expected[i])
        return fail(call, Status::badShape, "'%s' has size %" PRId64 " in dimension %d, expected %" PRId64, cache.presentName,
                    cache.present->sizes[i], i, expected[i]);
    if (!cache.past)
      continue;
    SWITCHYARD_CHECK(checkOperand(call, *cache.past, cache.pastName, ElementType::f32, 4));
    for (int i : {0, 1, 3})
      if (cache.past->sizes[i] != expected[i])
        return fail(call, Status::badShape, "'%s' has size %" PRId64 " in dimension %d, expected %" PRId64, cache.pastName,
                    cache.past->sizes[i], i, expected[i]);
  }
  if (!attention.pastKey != !attention.pastValue)
    return fail(call, Status::badShape, "past_key and past_value stand together");
  return Status::ok;
}

static Status checkLengths(const Call &call, const Attention &attention) {
  int64_t room = attention.pastKey ? std::min(attention.pastKey->sizes[2], attention.pastValue->sizes[2]) : 0;
  for (int64_t b = 0; b < attention.batch; ++b) {
    int64_t past = attention.past(b);
    if (attention.lengths[b] < -1 || attention.lengths[b] >= attention.total || past < 0 || past > room ||
        past > attention.total - attention.queries)
      return fail(call, Status::badData,
                  "sequence %" PRId64 " has length %" PRId64 "; %" PRId64 " new keys, %" PRId64 " past ones and a total of %" PRId64
                  " do not allow it",
                  b, int64_t{attention.lengths[b]} + 1, attention.queries, room, attention.total);
  }
  return Status::ok;
}

static Status checkBias(const Call &call, const Attention &attention) {
  if (!attention.bias)
    return Status::ok;
  const Tensor &bias = *attention.bias;
  SWITCHYARD_CHECK(checkOperand(call, bias, "bias", ElementType::f32, 4));
  bool broadcast = (bias.sizes[0] == 1 || bias.sizes[0] == attention.batch) && (bias.sizes[1] == 1 || bias.sizes[1] == attention.heads);
  if (!broadcast || bias.sizes[2] != attention.queries || bias.sizes[3] != attention.total)
    return fail(
        call, Status::badShape,
        "the bias is %" PRId64 " x %" PRId64 " x %" PRId64 " x %" PRId64 ", expected %" PRId64 " x %" PRId64 " x %" PRId64 " x %" PRId64,
        bias.sizes[0], bias.sizes[1], bias.sizes[2], bias.sizes[3], attention.batch, attention.heads, attention.queries, attention.total);
  return Status::ok;
}

static const Tensor *presentOrNull(const Tensor &tensor) { return tensor.absent() ? nullptr : &tensor; }

static Status readSizes(const Call &call, Attention &attention) {
  const Tensor &query = call.tensors[0], &key = call.tensors[1], &value = call.tensors[2], &out = call.tensors[8];
  SWITCHYARD_CHECK(checkOperand(call, query, "query", ElementType::f32, 3));
  SWITCHYARD_CHECK(checkOperand(call, key, "key", ElementType::f32, 3));
  SWITCHYARD_CHECK(checkOperand(call, value, "value", ElementType::f32, 3));
  SWITCHYARD_CHECK(checkOperand(call, out, "out", ElementType::f32, 3));
  SWITCHYARD_CHECK(checkSameSizes(call, query, "query", key, "key", 2));
  SWITCHYARD_CHECK(checkSameSizes(call, key, "key", value, "value", 3));
  SWITCHYARD_CHECK(checkSameSizes(call, query, "query", out, "out", 3));
  attention.batch = query.sizes[0];
  attention.queries = query.sizes[1];
  attention.heads = call.integers[0];
  attention.kvHeads = call.integers[1];
  bool fits = attention.heads >= 1 && attention.kvHeads >= 1 && attention.heads % attention.kvHeads == 0 &&
              query.sizes[2] % attention.heads == 0 && query.sizes[2] >= attention.heads &&
              key.sizes[2] == query.sizes[2] / attention.heads * attention.kvHeads;
  if (!fits)
    return fail(call, Status::badShape,
                "%" PRId64 " heads in %" PRId64 " columns and %" PRId64 " key heads in %" PRId64 " columns do not fit", attention.heads,
                query.sizes[2], attention.kvHeads, key.sizes[2]);
  attention.size = query.sizes[2] / attention.heads;
  return Status::ok;
}

Status readAttention(const Call &call, Attention &attention) {
  SWITCHYARD_CHECK(readSizes(call, attention));
  const Tensor *tensors = call.tensors;
  attention.query = &tensors[0];
  attention.key = &tensors[1];
  attention.value = &tensors[2];
  attention.pastKey = presentOrNull(tensors[3]);
  attention.pastValue = presentOrNull(tensors[4]);
  attention.bias = presentOrNull(tensors[6]);
  attention.out = &tensors[8];
  attention.presentKey = &tensors[9];
  attention.presentValue = &tensors[10];
  attention.total = tensors[9].rank == 4 ? tensors[9].sizes[2] : -1;
  SWITCHYARD_CHECK(checkCaches(call, attention));
  SWITCHYARD_CHECK(checkOperand(call, tensors[5], "lengths", ElementType::i32, 1));
  if (tensors[5].sizes[0] != attention.batch)
    return fail(call, Status::badShape, "there are %" PRId64 " lengths for %" PRId64 " sequences", tensors[5].sizes[0], attention.batch);
  attention.lengths = tensors[5].as<int32_t>();
  if (!tensors[7].absent()) {
    SWITCHYARD_CHECK(checkVector(call, tensors[7], "sink", attention.heads));
    attention.sink = tensors[7].as<float>();
  }
  attention.causal = call.integers[2] != 0;
  attention.window = call.integers[3];
  attention.scale = static_cast<float>(call.floats[0] != 0.0 ? call.floats[0] : 1.0 / std::sqrt(static_cast<double>(attention.size)));
  attention.softcap = static_cast<float>(call.floats[1]);
  SWITCHYARD_CHECK(checkBias(call, attention));
  return checkLengths(call, attention);
}

}  // namespace switchyard::kernels
