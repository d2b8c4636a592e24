// valid_keys: the number of the last valid key of each sequence, from what a file makes of its attention mask. A mask that does not
// belong to the new tokens and their past is told as that, before positions are made of it.
#include "kernels/common/check.h"
#include "kernels/common/run_time_operands.h"
#include "kernels/table.h"

#include <algorithm>
#include <cinttypes>

namespace switchyard::kernels {

namespace {

struct Counts {
  int64_t past, added, total;
};

/// A cache grows by the new keys, or has room for all keys already.
Status checkCounts(const Call &call, const Counts &counts) {
  if (counts.total >= counts.added && (counts.total == counts.past + counts.added || counts.total <= counts.past))
    return Status::ok;
  return fail(call, Status::badData,
              "the attention mask is for %" PRId64 " keys (total_sequence_length), but %" PRId64 " new tokens behind %" PRId64
              " past ones make %" PRId64,
              counts.total, counts.added, counts.past, counts.past + counts.added);
}

}  // namespace

Status reference_valid_keys(const Call &call) {
  const Tensor &lengths = call.tensors[0], &last = call.tensors[2];
  Integers sizes;
  SWITCHYARD_CHECK(checkOperand(call, lengths, "lengths", ElementType::i32, 1));
  SWITCHYARD_CHECK(checkOperand(call, last, "last", ElementType::i32, 1));
  SWITCHYARD_CHECK(checkSameSizes(call, lengths, "lengths", last, "last", 1));
  SWITCHYARD_CHECK(readIntegers(call, call.tensors[1], "counts", 3, sizes));
  if (sizes.count != 3)
    return fail(call, Status::badShape, "expects 3 counts, got %d", sizes.count);
  const Counts counts{sizes[0], sizes[1], sizes[2]};
  SWITCHYARD_CHECK(checkCounts(call, counts));
  // The past of a prompt is empty, whatever the lengths say of padding on the right.
  const bool isPrompt = counts.total == counts.added;
  const int64_t room = std::min(counts.past, counts.total - counts.added), fewest = isPrompt ? 0 : counts.added, most = counts.added + room;
  for (int64_t b = 0; b < lengths.sizes[0]; ++b) {
    const int64_t stated = lengths.as<int32_t>()[b];
    if (stated + 1 < fewest || stated + 1 > most)
      return fail(call, Status::badData,
                  "the attention mask gives sequence %" PRId64 " %" PRId64 " keys (seqlens_k + 1), but %" PRId64
                  " new tokens behind at most %" PRId64 " past ones have %" PRId64 " to %" PRId64,
                  b, stated + 1, counts.added, room, fewest, most);
    last.as<int32_t>()[b] = static_cast<int32_t>(isPrompt ? counts.added - 1 : stated);
  }
  return Status::ok;
}

// One number a sequence: nothing to vectorise.
Status fast_valid_keys(const Call &call) { return reference_valid_keys(call); }

}  // namespace switchyard::kernels
