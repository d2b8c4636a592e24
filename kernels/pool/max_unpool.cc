// max_unpool: ONNX MaxUnpool. Each element of x goes to the place that its index names in the tensor of `sizes`, what the pool was taken of;
// `out` holds that tensor at its beginning, and zeros. Of elements for one place the last stays.
#include "kernels/common/indices.h"
#include "kernels/common/run_time_operands.h"
#include "kernels/table.h"

#include <cinttypes>
#include <cstring>

namespace switchyard::kernels {

Status reference_max_unpool(const Call &call) {
  const Tensor &x = call.tensors[0], &indices = call.tensors[1], &out = call.tensors[4];
  SWITCHYARD_CHECK(checkStrided(call, x, "x", x.type, -1));
  SWITCHYARD_CHECK(checkStrided(call, indices, "indices", ElementType::i64, x.rank));
  SWITCHYARD_CHECK(checkSameSizes(call, x, "x", indices, "indices", x.rank));
  SWITCHYARD_CHECK(checkStrided(call, out, "out", x.type, x.rank));
  Integers spatial, asked;
  SWITCHYARD_CHECK(readIntegers(call, call.tensors[2], "the sizes", maxRank, spatial));
  SWITCHYARD_CHECK(readIntegers(call, call.tensors[3], "the shape of the result", maxRank, asked));
  if (x.rank < 2 || spatial.count != x.rank - 2)
    return fail(call, Status::badShape, "there are %d sizes for rank %d", spatial.count, x.rank);
  int64_t sizes[maxRank] = {x.sizes[0], x.sizes[1]}, count = x.sizes[0] * x.sizes[1];
  for (int d = 2; d < x.rank; ++d) {
    sizes[d] = spatial[d - 2];
    if (sizes[d] < 0 || sizes[d] > out.sizes[d])
      return fail(call, Status::badData, "size %" PRId64 " of spatial dimension %d does not fit a result of %" PRId64, sizes[d], d - 2, out.sizes[d]);
    count *= sizes[d];
  }
  SWITCHYARD_CHECK(checkAsked(call, out, x.rank, asked.count > 0 ? asked.values : sizes));
  size_t bytes = elementSize(x.type);
  for (int64_t i = 0; i < elementCount(out, out.rank); ++i)
    std::memset(out.as<char>() + static_cast<size_t>(elementOffset(out, out.rank, i)) * bytes, 0, bytes);
  for (int64_t i = 0; i < elementCount(x, x.rank); ++i) {
    int64_t index = indices.as<int64_t>()[elementOffset(indices, indices.rank, i)];
    if (index < 0 || index >= count)
      return fail(call, Status::badData, "index %" PRId64 " at position %" PRId64 " is outside %" PRId64 " elements", index, i, count);
    std::memcpy(out.as<char>() + static_cast<size_t>(stridedOffset(sizes, out.strides, out.rank, index)) * bytes,
                x.as<char>() + static_cast<size_t>(elementOffset(x, x.rank, i)) * bytes, bytes);
  }
  return Status::ok;
}

// A scatter in order: nothing to vectorise.
Status fast_max_unpool(const Call &call) { return reference_max_unpool(call); }

}  // namespace switchyard::kernels
