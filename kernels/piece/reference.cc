// piece: one piece of an ONNX Split whose sizes are values of the run.
#include "kernels/common/elements.h"
#include "kernels/common/gathered_copy.h"
#include "kernels/common/run_time_operands.h"
#include "kernels/table.h"

#include <cinttypes>

namespace switchyard::kernels {

Status reference_piece(const Call &call) {
  const Tensor &x = call.tensors[0], &sizes = call.tensors[1], &out = call.tensors[2];
  SWITCHYARD_CHECK(checkStrided(call, x, "x", x.type, -1));
  SWITCHYARD_CHECK(checkStrided(call, out, "out", x.type, -1));
  SWITCHYARD_CHECK(checkStrided(call, sizes, "the sizes", ElementType::i64, 1));
  int64_t axis = call.integers[0], index = call.integers[1], count = sizes.sizes[0];
  if (axis < 0 || axis >= x.rank || index < 0 || index >= count)
    return fail(call, Status::badData, "there are %" PRId64 " sizes for piece %" PRId64 " along axis %" PRId64 " of rank %d", count, index, axis, x.rank);
  int64_t sum = 0, begin = 0, own = 0, asked[maxRank];
  for (int64_t i = 0; i < count; ++i) {
    int64_t size = loadElement<int64_t>(sizes, i);
    if (i == index) {
      begin = sum;
      own = size;
    }
    if (size < 0 || __builtin_add_overflow(sum, size, &sum))
      return fail(call, Status::badData, "the size of piece %" PRId64 " is %" PRId64, i, size);
  }
  if (sum != x.sizes[axis])
    return fail(call, Status::badData, "the pieces make %" PRId64 " elements of %" PRId64 " along axis %" PRId64, sum, x.sizes[axis], axis);
  for (int d = 0; d < x.rank; ++d)
    asked[d] = d == axis ? own : x.sizes[d];
  SWITCHYARD_CHECK(checkAsked(call, out, x.rank, asked));
  copyGathered(call, x, out, nullptr, [&](int64_t position, int d) { return d == axis ? position + begin : position; });
  return Status::ok;
}

// A copy: nothing to vectorise.
Status fast_piece(const Call &call) { return reference_piece(call); }

}  // namespace switchyard::kernels
