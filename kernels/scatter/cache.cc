// tensor_scatter: ONNX TensorScatter. The updates of batch b stand from writes[b] (or 0) on along `axis`; past the end they begin again where
// `circular`, and fail otherwise.
#include "kernels/common/indices.h"
#include "kernels/scatter/scatter.h"
#include "kernels/table.h"

#include <cinttypes>

namespace switchyard::kernels {

Status reference_tensor_scatter(const Call &call) {
  const Tensor &past = call.tensors[0], &updates = call.tensors[1], &writes = call.tensors[2], &out = call.tensors[3];
  int64_t axis = call.integers[0];
  bool circular = call.integers[1] != 0;
  if (axis < 1 || axis >= past.rank || updates.rank != past.rank)
    return fail(call, Status::badShape, "axis %" PRId64 " does not fit a cache of rank %d", axis, past.rank);
  SWITCHYARD_CHECK(copyData(call, past, updates, out));
  for (int d = 0; d < past.rank; ++d)
    if (d == axis ? updates.sizes[d] > past.sizes[d] : updates.sizes[d] != past.sizes[d])
      return fail(call, Status::badShape, "updates have size %" PRId64 " in dimension %d, the cache %" PRId64, updates.sizes[d], d, past.sizes[d]);
  if (!writes.absent()) {
    SWITCHYARD_CHECK(checkIndices(call, writes, "writes", 1));
    SWITCHYARD_CHECK(checkSameSizes(call, past, "past", writes, "writes", 1));
  }
  size_t bytes = elementSize(past.type);
  int64_t at[maxRank], size = past.sizes[axis];
  for (int64_t i = 0; i < elementCount(updates, updates.rank); ++i) {
    positionOf(updates.sizes, updates.rank, i, at);
    const char *from = updates.as<char>() + static_cast<size_t>(offsetAt(updates.strides, updates.rank, at)) * bytes;
    int64_t start = writes.absent() ? 0 : readIndex(writes, at[0] * writes.strides[0]);
    if (start < 0 || start > INT64_MAX - size || (!circular && start + at[axis] >= size))
      return fail(call, Status::badData, "batch %" PRId64 " is written from %" PRId64 " on, which does not fit a cache of %" PRId64, at[0], start,
                  size);
    at[axis] = (start + at[axis]) % size;
    std::memcpy(out.as<char>() + static_cast<size_t>(offsetAt(out.strides, out.rank, at)) * bytes, from, bytes);
  }
  return Status::ok;
}

// A copy: nothing to vectorise.
Status fast_tensor_scatter(const Call &call) { return reference_tensor_scatter(call); }

}  // namespace switchyard::kernels
