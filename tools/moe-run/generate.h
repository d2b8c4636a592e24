// Text generation, token by token.
#ifndef SWITCHYARD_TOOLS_MOE_RUN_GENERATE_H
#define SWITCHYARD_TOOLS_MOE_RUN_GENERATE_H

#include "tools/moe-run/generator.h"

#include <cstdint>
#include <string>
#include <vector>

namespace switchyard::run {

struct Generation {
  std::vector<std::vector<int64_t>> rows;  ///< the tokens that follow each prompt, to its end or `--eos-id`
  Padding padding = Padding::none;
  std::string remark;         ///< why prompts of different lengths were not padded; empty where they were, or need not be
  int64_t batches = 0;        ///< one after the other
  int64_t steps = 0;          ///< of the program, in those
  double promptSeconds = 0;   ///< until each prompt had its first token
  double decodeSeconds = 0;   ///< for the tokens behind that
  int64_t decodedTokens = 0;  ///< how many those are

  int64_t tokens() const;
  /// Of the decoded tokens; 0 where there are none.
  double tokensPerSecond() const;
};

/// Generates on this rank. Every rank has all logits and draws the same tokens, so that nothing but the rows of experts travels; caches
/// stay where a step wrote them, which is where the next one reads them.
///
/// Prompts of different lengths are padded where that changes no bit of the logits, which is tried and not believed: the shortest prompt
/// runs alone, too, for its first two tokens. Where padding does not hold, all prompts of a decoder with caches begin together without it,
/// which is tried with the longest; where that takes more steps, or changes a bit, one length follows the other.
exec::Fault generate(exec::Rank &rank, const artifact::Manifest &manifest, const Options &options, Generation &result);

}  // namespace switchyard::run

#endif  // SWITCHYARD_TOOLS_MOE_RUN_GENERATE_H
