#include "tools/moe-run/sampler.h"

#include "kernels/support/elementary.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

namespace switchyard::run {
namespace {

/// A number in [0, 1) from a counter (SplitMix64: Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators", 2014).
double uniform(uint64_t seed, uint64_t row, uint64_t step) {
  const auto mix = [](uint64_t x) {
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
  };
  return static_cast<double>(mix(mix(mix(seed) ^ row) ^ step) >> 11) * 0x1p-53;
}

float known(float logit) { return std::isnan(logit) ? -INFINITY : logit; }

}  // namespace

int64_t sample(std::span<const float> logits, const Sampling &sampling, uint64_t row, uint64_t step) {
  const auto before = [&](int64_t a, int64_t b) {
    const float x = known(logits[a]), y = known(logits[b]);
    return x != y ? x > y : a < b;
  };
  if (sampling.temperature == 0) {
    int64_t best = 0;
    for (int64_t token = 1; token < static_cast<int64_t>(logits.size()); ++token)
      best = before(token, best) ? token : best;
    return best;
  }
  std::vector<int64_t> order(logits.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), before);
  if (sampling.topK > 0 && sampling.topK < static_cast<int64_t>(order.size()))
    order.resize(sampling.topK);
  const float largest = known(logits[order.front()]);
  if (!std::isfinite(largest))
    return order.front();
  std::vector<double> weights;
  for (int64_t token : order)
    weights.push_back(kernels::elementary::exp(static_cast<float>((known(logits[token]) - largest) / sampling.temperature)));
  const double all = std::accumulate(weights.begin(), weights.end(), 0.0);
  double kept = 0;
  size_t count = 0;
  while (count < weights.size() && (count == 0 || kept < sampling.topP * all))
    kept += weights[count++];
  double rest = uniform(sampling.seed, row, step) * kept;
  for (size_t i = 0; i + 1 < count; ++i) {
    if (rest < weights[i])
      return order[i];
    rest -= weights[i];
  }
  return order[count - 1];
}

}  // namespace switchyard::run
