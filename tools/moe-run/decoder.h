// A program as a decoder of text: which of its tensors are the tokens, the mask, the positions, the caches and the logits.
#ifndef SWITCHYARD_TOOLS_MOE_RUN_DECODER_H
#define SWITCHYARD_TOOLS_MOE_RUN_DECODER_H

#include "runtime/artifact/manifest.h"
#include "tools/moe-run/states.h"

#include <optional>
#include <vector>

namespace switchyard::run {

struct Decoder {
  size_t tokens = 0;                      ///< input of integers, [batch, tokens of the step]
  std::optional<size_t> mask, positions;  ///< inputs [batch, all tokens so far] and [batch, tokens of the step]
  size_t logits = 0;                      ///< output of f32, f16 or bf16, [batch, tokens of the step, vocabulary]
  std::vector<Cache> caches;
  std::vector<size_t> others;  ///< inputs that are equal at every step, which the user gives
  int64_t step = 0;            ///< the tokens that a step must have; 0: any number
};

/// Finds the tensors of a decoder by their names, types and shapes; `--role` and `--state` say otherwise. A fault of usage, which names the
/// tensors in question, where a role is missing or open.
Result<Decoder> findDecoder(const artifact::Manifest &manifest, const Options &options);

}  // namespace switchyard::run

#endif  // SWITCHYARD_TOOLS_MOE_RUN_DECODER_H
