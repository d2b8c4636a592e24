#include "kernels/attention/attention.h"
#include "kernels/common/lanes.h"
#include "kernels/common/parallel.h"
#include "kernels/table.h"

#include <algorithm>
#include <immintrin.h>

namespace switchyard::kernels {

namespace {

// Scores of this many keys stay on the stack. A longer sequence computes them twice, once for the maximum; the bits are the same.
constexpr int64_t keysPerChunk = 4096;
constexpr int64_t columnsAtOnce = 64;

/// Dot products with four keys: the merges of the 16 lanes are shared by a transpose, and pair the same lanes in the same order.
void dotFourKeys(const float *query, const float *keys, int64_t stride, int64_t size, float *dots) {
  __m128 quarter[4];
  for (int key = 0; key < 4; ++key) {
    const float *k = keys + key * stride;
    __m256 low = _mm256_setzero_ps(), high = _mm256_setzero_ps();
    for (int64_t i = 0; i < size; i += laneCount) {
      low = _mm256_fmadd_ps(_mm256_loadu_ps(query + i), _mm256_loadu_ps(k + i), low);
      high = _mm256_fmadd_ps(_mm256_loadu_ps(query + i + 8), _mm256_loadu_ps(k + i + 8), high);
    }
    __m256 eight = _mm256_add_ps(low, high);
    quarter[key] = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
  }
  _MM_TRANSPOSE4_PS(quarter[0], quarter[1], quarter[2], quarter[3]);
  _mm_storeu_ps(dots, _mm_add_ps(_mm_add_ps(quarter[0], quarter[2]), _mm_add_ps(quarter[1], quarter[3])));
}

/// Scores of the keys [begin, end).
void computeScores(const Attention &attention, const Query &query, int64_t begin, int64_t end, float *scores) {
  int64_t count = end - begin, done = 0;
  const float *keys = query.keys + begin * query.keyStride;
  if (attention.size % laneCount == 0)
    for (; done + 4 <= count; done += 4)
      dotFourKeys(query.query, keys + done * query.keyStride, query.keyStride, attention.size, scores + done);
  for (; done < count; ++done)
    scores[done] = dotLanes(query.query, keys + done * query.keyStride, attention.size);
  for (int64_t i = 0; i < count; ++i)
    scores[i] = finishScore(attention, query, scores[i], begin + i);
}

/// out[0..columns) continues its chains with the weights of `count` keys.
[[gnu::always_inline]] inline void accumulateColumns(const float *weights, int64_t count, const float *values, int64_t stride,
                                                     int64_t columns, float *out) {
  float acc[columnsAtOnce];
  std::copy_n(out, columns, acc);
  for (int64_t key = 0; key < count; ++key)
    for (int64_t j = 0; j < columns; ++j)
      acc[j] = __builtin_fmaf(weights[key], values[key * stride + j], acc[j]);
  std::copy_n(acc, columns, out);
}

void accumulateValues(const Attention &attention, const Query &query, int64_t begin, int64_t count, const float *weights) {
  const float *values = query.values + begin * query.valueStride;
  int64_t column = 0;
  for (; column + columnsAtOnce <= attention.size; column += columnsAtOnce)
    accumulateColumns(weights, count, values + column, query.valueStride, columnsAtOnce, query.out + column);
  if (column < attention.size)
    accumulateColumns(weights, count, values + column, query.valueStride, attention.size - column, query.out + column);
}

void attend(const Attention &attention, const Query &query) {
  float scores[keysPerChunk];
  std::fill_n(query.out, attention.size, 0.0f);
  if (query.begin >= query.end)
    return;
  float largest = query.sink ? *query.sink : -__builtin_inff();
  for (int64_t begin = query.begin; begin < query.end; begin += keysPerChunk) {
    int64_t count = std::min(keysPerChunk, query.end - begin);
    computeScores(attention, query, begin, begin + count, scores);
    for (int64_t i = 0; i < count; ++i)
      largest = std::max(largest, scores[i]);
  }
  bool kept = query.end - query.begin <= keysPerChunk;
  float sum = 0.0f;
  for (int64_t begin = query.begin; begin < query.end; begin += keysPerChunk) {
    int64_t count = std::min(keysPerChunk, query.end - begin);
    if (!kept)
      computeScores(attention, query, begin, begin + count, scores);
    for (int64_t i = 0; i < count; ++i)
      scores[i] = elementary::exp(scores[i] - largest);
    for (int64_t i = 0; i < count; ++i)
      sum = sum + scores[i];
    accumulateValues(attention, query, begin, count, scores);
  }
  if (query.sink)
    sum = sum + elementary::exp(*query.sink - largest);
  for (int64_t i = 0; i < attention.size; ++i)
    query.out[i] = query.out[i] / sum;
}

}  // namespace

Status fast_attention_f32(const Call &call) {
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
