// pool: ONNX AveragePool, and LpPool with the norm's exponent `p`. One chain an element of the result over the positions of the window in
// row-major order. The divisor of an average counts the positions inside x, or with `counts_padding` those in its padding, too.
#include "kernels/common/elements.h"
#include "kernels/common/parallel.h"
#include "kernels/common/window.h"
#include "kernels/support/power.h"
#include "kernels/support/real.h"
#include "kernels/table.h"

#include <cmath>

namespace switchyard::kernels {
namespace {

float raise(float x, double p) { return p == 1 ? x : p == 2 ? x * x : elementary::pow(x, static_cast<float>(p)); }
double raise(double x, double p) { return p == 1 ? x : p == 2 ? x * x : elementary::expReal(p * elementary::logReal(x)); }
float root(float x, double p) { return p == 1 ? x : p == 2 ? std::sqrt(x) : elementary::pow(x, static_cast<float>(1 / p)); }
double root(double x, double p) { return p == 1 ? x : p == 2 ? std::sqrt(x) : elementary::expReal(elementary::logReal(x) / p); }

/// How many positions of the window at `at` lie in x and its padding.
int64_t countPadded(const Window &window, const int64_t *at) {
  int64_t count = 1;
  for (int d = 0; d < window.rank; ++d) {
    int64_t start = at[d] * window.strides[d], limit = window.sizes[d] + window.before[d] + window.after[d], here = 0;
    for (int64_t k = 0; k < window.kernel[d]; ++k)
      here += start + k * window.dilations[d] < limit;
    count *= here;
  }
  return count;
}

template <typename T> void pool(const Call &call, const Window &window, int64_t begin, int64_t end) {
  using Value = typename Element<T>::Value;
  const Tensor &x = call.tensors[0], &out = call.tensors[2];
  bool averages = static_cast<PoolKind>(call.integers[0]) == PoolKind::average, countsPadding = call.integers[2] != 0;
  auto p = static_cast<double>(call.integers[3]);
  int64_t at[maxRank];
  for (int64_t i = begin; i < end; ++i) {
    positionOf(out.sizes, out.rank, i, at);
    Value sum = 0;
    int64_t count = 0;
    for (int64_t k = 0; k < window.positions; ++k) {
      int64_t offset;
      if (!locate(window, at + 2, k, x.strides + 2, offset))
        continue;
      Value value = Element<T>::load(x.as<T>()[at[0] * x.strides[0] + at[1] * x.strides[1] + offset]);
      sum += averages ? value : raise(std::fabs(value), p);
      ++count;
    }
    if (averages)
      sum /= static_cast<Value>(countsPadding ? countPadded(window, at + 2) : count);
    storeElement<T>(out, i, averages ? sum : root(sum, p));
  }
}

}  // namespace

Status reference_pool(const Call &call) {
  const Tensor &x = call.tensors[0], &out = call.tensors[2];
  SWITCHYARD_CHECK(checkStrided(call, x, "x", x.type, -1));
  SWITCHYARD_CHECK(checkStrided(call, out, "out", x.type, x.rank));
  SWITCHYARD_CHECK(checkSameSizes(call, x, "x", out, "out", x.rank < 2 ? x.rank : 2));
  Window window;
  SWITCHYARD_CHECK(readWindow(call, call.tensors[1], static_cast<AutoPad>(call.integers[1]), x, out, window));
  return dispatchFloats(call, x.type, [&]<typename T>() {
    parallelFor(call, elementCount(out, out.rank), [&](int64_t begin, int64_t end, int) { pool<T>(call, window, begin, end); });
    return Status::ok;
  });
}

// Scattered elements: nothing to vectorise.
Status fast_pool(const Call &call) { return reference_pool(call); }

}  // namespace switchyard::kernels
