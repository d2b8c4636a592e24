// The prompts that generation starts from.
#ifndef SWITCHYARD_TOOLS_MOE_RUN_PROMPT_H
#define SWITCHYARD_TOOLS_MOE_RUN_PROMPT_H

#include "runtime/base/status.h"
#include "tools/moe-run/options.h"

#include <cstdint>
#include <vector>

namespace switchyard::run {

/// The tokens of each sequence, without padding.
using Prompt = std::vector<std::vector<int64_t>>;

/// Reads `--prompt-ids`: "1,5,9", sequences separated by semicolons, or "@file.npy" of integers [batch, length], from which leading
/// `--pad-id` are dropped.
Result<Prompt> readPrompt(const Options &options);

}  // namespace switchyard::run

#endif  // SWITCHYARD_TOOLS_MOE_RUN_PROMPT_H
