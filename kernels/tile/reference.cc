// tile: ONNX Tile by repeats that are values of the run.
#include "kernels/common/gathered_copy.h"
#include "kernels/common/run_time_operands.h"
#include "kernels/table.h"

#include <cinttypes>

namespace switchyard::kernels {

Status reference_tile(const Call &call) {
  const Tensor &x = call.tensors[0], &out = call.tensors[2];
  SWITCHYARD_CHECK(checkStrided(call, x, "x", x.type, -1));
  SWITCHYARD_CHECK(checkStrided(call, out, "out", x.type, -1));
  Integers repeats;
  SWITCHYARD_CHECK(readIntegers(call, call.tensors[1], "the repeats", maxRank, repeats));
  if (repeats.count != x.rank)
    return fail(call, Status::badData, "there are %d repeats for rank %d", repeats.count, x.rank);
  int64_t asked[maxRank];
  for (int d = 0; d < x.rank; ++d)
    if (repeats[d] < 0 || __builtin_mul_overflow(x.sizes[d], repeats[d], &asked[d]))
      return fail(call, Status::badData, "repeat %" PRId64 " of size %" PRId64 " is out of range", repeats[d], x.sizes[d]);
  SWITCHYARD_CHECK(checkAsked(call, out, x.rank, asked));
  copyGathered(call, x, out, nullptr, [&](int64_t index, int d) { return index % x.sizes[d]; });
  return Status::ok;
}

// A copy: nothing to vectorise.
Status fast_tile(const Call &call) { return reference_tile(call); }

}  // namespace switchyard::kernels
