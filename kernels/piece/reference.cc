// piece: one piece of an ONNX Split whose sizes are values of the run.
#include "kernels/common/gathered_copy.h"
#include "kernels/common/run_time_operands.h"
#include "kernels/table.h"

#include <cinttypes>

namespace switchyard::kernels {

Status reference_piece(const Call &call) {
  const Tensor &x = call.tensors[0], &out = call.tensors[2];
  SWITCHYARD_CHECK(checkStrided(call, x, "x", x.type, -1));
  SWITCHYARD_CHECK(checkStrided(call, out, "out", x.type, -1));
  int64_t axis = call.integers[0], index = call.integers[1];
  Integers sizes;
  SWITCHYARD_CHECK(readIntegers(call, call.tensors[1], "the sizes", 2 * maxRank, sizes));
  if (axis < 0 || axis >= x.rank || index < 0 || index >= sizes.count)
    return fail(call, Status::badData, "there are %d sizes for piece %" PRId64 " along axis %" PRId64 " of rank %d", sizes.count, index, axis, x.rank);
  int64_t sum = 0, begin = 0, asked[maxRank];
  for (int i = 0; i < sizes.count; ++i) {
    begin = i == index ? sum : begin;
    if (sizes[i] < 0 || __builtin_add_overflow(sum, sizes[i], &sum))
      return fail(call, Status::badData, "the size of piece %d is %" PRId64, i, sizes[i]);
  }
  if (sum != x.sizes[axis])
    return fail(call, Status::badData, "the pieces make %" PRId64 " elements of %" PRId64 " along axis %" PRId64, sum, x.sizes[axis], axis);
  for (int d = 0; d < x.rank; ++d)
    asked[d] = d == axis ? sizes[static_cast<int>(index)] : x.sizes[d];
  SWITCHYARD_CHECK(checkAsked(call, out, x.rank, asked));
  copyGathered(call, x, out, nullptr, [&](int64_t position, int d) { return d == axis ? position + begin : position; });
  return Status::ok;
}

// A copy: nothing to vectorise.
Status fast_piece(const Call &call) { return reference_piece(call); }

}  // namespace switchyard::kernels
