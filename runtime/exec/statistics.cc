#include "runtime/exec/statistics.h"

#include <cstring>

namespace switchyard::exec {

RankCounts::RankCounts(const artifact::Manifest &manifest) {
  for (const artifact::Layer &layer : manifest.layers)
    layers.emplace_back().tokensPerExpert.assign(layer.experts, 0);
}

void RankCounts::reset() {
  for (LayerCounts &layer : layers)
    layer = LayerCounts{std::vector<int64_t>(layer.tokensPerExpert.size(), 0)};
  stepSeconds = 0;
}

/// Calls `visit` with every number of `counts`, in one order.
template <typename Counts, typename Visit> static void visitNumbers(Counts &counts, Visit visit) {
  for (auto &layer : counts.layers) {
    for (auto &tokens : layer.tokensPerExpert)
      visit(tokens);
    for (auto *number : {&layer.dropped, &layer.rowsSent, &layer.rowsReceived, &layer.bytesSent, &layer.bytesReceived})
      visit(*number);
  }
}

std::vector<int64_t> RankCounts::flatten() const {
  std::vector<int64_t> numbers;
  visitNumbers(*this, [&](int64_t number) { numbers.push_back(number); });
  int64_t seconds;
  std::memcpy(&seconds, &stepSeconds, sizeof(seconds));
  numbers.push_back(seconds);
  return numbers;
}

RankCounts RankCounts::unflatten(const artifact::Manifest &manifest, const int64_t *numbers) {
  RankCounts counts(manifest);
  visitNumbers(counts, [&](int64_t &number) { number = *numbers++; });
  std::memcpy(&counts.stepSeconds, numbers, sizeof(counts.stepSeconds));
  return counts;
}

}  // namespace switchyard::exec
