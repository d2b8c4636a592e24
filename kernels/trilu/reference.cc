// trilu: ONNX Trilu, one triangle of the last two dimensions on a diagonal that is a value of the run.
#include "kernels/common/parallel.h"
#include "kernels/common/rows.h"
#include "kernels/common/run_time_operands.h"
#include "kernels/table.h"

#include <cstring>

namespace switchyard::kernels {

Status reference_trilu(const Call &call) {
  const Tensor &x = call.tensors[0], &out = call.tensors[2];
  SWITCHYARD_CHECK(checkStrided(call, x, "x", x.type, -1));
  SWITCHYARD_CHECK(checkStrided(call, out, "out", x.type, x.rank));
  SWITCHYARD_CHECK(checkSameSizes(call, x, "x", out, "out", x.rank));
  int64_t k = 0;
  SWITCHYARD_CHECK(readInteger(call, call.tensors[1], "the diagonal", k));
  if (x.rank < 2)
    return fail(call, Status::badShape, "x has rank %d, expected at least 2", x.rank);
  bool upper = call.integers[0] != 0;
  int64_t rows = x.sizes[x.rank - 2], columns = x.sizes[x.rank - 1], count = elementCount(x, x.rank);
  size_t bytes = elementSize(x.type);
  parallelFor(call, count, [&](int64_t begin, int64_t end, int) {
    for (int64_t i = begin; i < end; ++i) {
      int64_t column = i % columns, row = i / columns % rows;
      // column - row does not overflow, row + k could.
      bool keep = upper ? column - row >= k : column - row <= k;
      char *to = out.as<char>() + static_cast<size_t>(elementOffset(out, out.rank, i)) * bytes;
      if (keep)
        std::memcpy(to, x.as<char>() + static_cast<size_t>(elementOffset(x, x.rank, i)) * bytes, bytes);
      else
        std::memset(to, 0, bytes);
    }
  });
  return Status::ok;
}

// A copy: nothing to vectorise.
Status fast_trilu(const Call &call) { return reference_trilu(call); }

}  // namespace switchyard::kernels
