// expand: ONNX Expand to sizes that are values of the run.
#include "kernels/common/gathered_copy.h"
#include "kernels/common/run_time_operands.h"
#include "kernels/table.h"

#include <algorithm>
#include <cinttypes>

namespace switchyard::kernels {

Status reference_expand(const Call &call) {
  const Tensor &x = call.tensors[0], &out = call.tensors[2];
  SWITCHYARD_CHECK(checkStrided(call, x, "x", x.type, -1));
  SWITCHYARD_CHECK(checkStrided(call, out, "out", x.type, -1));
  Integers sizes;
  SWITCHYARD_CHECK(readIntegers(call, call.tensors[1], "the sizes", maxRank, sizes));
  int rank = std::max(x.rank, sizes.count);
  // x with leading dimensions of size 1.
  Tensor wide = x;
  wide.rank = rank;
  int64_t asked[maxRank];
  for (int d = rank - 1; d >= 0; --d) {
    int from = d - (rank - x.rank), by = d - (rank - sizes.count);
    wide.sizes[d] = from >= 0 ? x.sizes[from] : 1;
    wide.strides[d] = from >= 0 ? x.strides[from] : 0;
    int64_t size = by >= 0 ? sizes[by] : 1;
    if (size != wide.sizes[d] && size != 1 && wide.sizes[d] != 1)
      return fail(call, Status::badData, "size %" PRId64 " in dimension %d does not broadcast with %" PRId64, size, d, wide.sizes[d]);
    asked[d] = wide.sizes[d] == 1 ? size : wide.sizes[d];
  }
  SWITCHYARD_CHECK(checkAsked(call, out, rank, asked));
  copyGathered(call, wide, out, nullptr, [&](int64_t index, int d) { return wide.sizes[d] == 1 ? 0 : index; });
  return Status::ok;
}

// A copy: nothing to vectorise.
Status fast_expand(const Call &call) { return reference_expand(call); }

}  // namespace switchyard::kernels
