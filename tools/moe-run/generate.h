// Text generation, token by token.
#ifndef SWITCHYARD_TOOLS_MOE_RUN_GENERATE_H
#define SWITCHYARD_TOOLS_MOE_RUN_GENERATE_H

#include "runtime/exec/rank.h"
#include "tools/moe-run/decoder.h"

#include <cstdint>
#include <vector>

namespace switchyard::run {

/// What `--generate` starts from: the tokens of each sequence, without padding.
using Prompt = std::vector<std::vector<int64_t>>;

/// Reads `--prompt-ids`: "1,5,9", sequences separated by semicolons, or "@file.npy" of integers [batch, length], from which leading
/// `--pad-id` are dropped.
Result<Prompt> readPrompt(const Options &options);

struct Generation {
  std::vector<std::vector<int64_t>> rows;  ///< the tokens that follow each prompt, to its end or `--eos-id`
  int64_t steps = 0;                       ///< of the program
  double promptSeconds = 0;                ///< until each prompt had its first token
  double decodeSeconds = 0;                ///< for all other tokens

  int64_t tokens() const;
  /// Of the tokens behind the first of each row; 0 where there is none.
  double tokensPerSecond() const;
};

/// Generates on this rank. Every rank has all logits and draws the same tokens, so that nothing but the rows of experts travels; caches
/// stay where a step wrote them, which is where the next one reads them. Prompts of one length go together, and one length after the other:
/// GroupQueryAttention knows no padding on the left, and tokens of padding would take room in experts of limited capacity.
exec::Fault generate(exec::Rank &rank, const artifact::Manifest &manifest, const Options &options, Generation &result);

}  // namespace switchyard::run

#endif  // SWITCHYARD_TOOLS_MOE_RUN_GENERATE_H
