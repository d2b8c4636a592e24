// Which token follows: the largest logit, or a draw.
#ifndef SWITCHYARD_TOOLS_MOE_RUN_SAMPLER_H
#define SWITCHYARD_TOOLS_MOE_RUN_SAMPLER_H

#include <cstdint>
#include <span>

namespace switchyard::run {

struct Sampling {
  double temperature = 0;  ///< 0: the largest logit, the lowest token of equal ones
  int64_t topK = 0;        ///< draw among so many of the largest; 0: among all
  double topP = 1;         ///< draw among the fewest of the largest whose probabilities reach this sum
  uint64_t seed = 0;
};

/// The next token of sequence `row` at `step`. The draw depends on the logits, the sampling, the row and the step alone, so that all ranks
/// make the same one. NaN counts as the smallest logit.
int64_t sample(std::span<const float> logits, const Sampling &sampling, uint64_t row, uint64_t step);

}  // namespace switchyard::run

#endif  // SWITCHYARD_TOOLS_MOE_RUN_SAMPLER_H
