#include "kernels/common/parallel.h"
#include "kernels/softmax/softmax.h"
#include "kernels/support/elementary.h"
#include "kernels/table.h"

#include <algorithm>

namespace switchyard::kernels {

namespace {

// The ascending sums of four rows run side by side: each is a chain, the four hide its latency.
constexpr int64_t rowsAtOnce = 4;
constexpr int64_t lanes = 8;

/// Order-free, so that lanes are allowed here.
float findLargest(const float *x, int64_t n) {
  float best[lanes];
  for (int64_t j = 0; j < lanes; ++j)
    best[j] = -__builtin_inff();
  int64_t i = 0;
  for (; i + lanes <= n; i += lanes)
    for (int64_t j = 0; j < lanes; ++j)
      best[j] = x[i + j] > best[j] ? x[i + j] : best[j];
  for (; i < n; ++i)
    best[0] = x[i] > best[0] ? x[i] : best[0];
  for (int64_t j = 1; j < lanes; ++j)
    best[0] = best[j] > best[0] ? best[j] : best[0];
  return best[0];
}

template <int64_t R> void normalizeRows(const Softmax &softmax, int64_t row) {
  int64_t n = softmax.x.width;
  float *out[R];
  float sum[R] = {};
  for (int64_t r = 0; r < R; ++r) {
    const float *x = softmax.x.row(row + r);
    float *to = out[r] = softmax.out.row(row + r);
    float largest = findLargest(x, n);
    for (int64_t i = 0; i < n; ++i)
      to[i] = elementary::exp(x[i] - largest);
  }
  for (int64_t i = 0; i < n; ++i)
    for (int64_t r = 0; r < R; ++r)
      sum[r] = sum[r] + out[r][i];
  for (int64_t r = 0; r < R; ++r)
    for (int64_t i = 0; i < n; ++i)
      out[r][i] = out[r][i] / sum[r];
}

}  // namespace

Status fast_softmax_f32(const Call &call) {
  Softmax softmax;
  SWITCHYARD_CHECK(readSoftmax(call, softmax));
  parallelFor(call, softmax.x.count, [&](int64_t begin, int64_t end, int) {
    int64_t row = begin;
    for (; row + rowsAtOnce <= end; row += rowsAtOnce)
      normalizeRows<rowsAtOnce>(softmax, row);
    for (; row < end; ++row)
      normalizeRows<1>(softmax, row);
  });
  return Status::ok;
}

}  // namespace switchyard::kernels
