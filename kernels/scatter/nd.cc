// scatter_nd: ONNX ScatterND, of any element type. Negative indices count from the end; others out of range fail.
#include "kernels/common/indices.h"
#include "kernels/scatter/scatter.h"
#include "kernels/table.h"

#include <cinttypes>

namespace switchyard::kernels {
namespace {

Status checkUpdates(const Call &call, const Tensor &data, const Tensor &indices, const Tensor &updates, int width) {
  int tuples = indices.rank - 1, inner = data.rank - width;
  if (updates.rank != tuples + inner)
    return fail(call, Status::badShape, "updates have rank %d, expected %d", updates.rank, tuples + inner);
  for (int d = 0; d < updates.rank; ++d) {
    int64_t expected = d < tuples ? indices.sizes[d] : data.sizes[width + d - tuples];
    if (updates.sizes[d] != expected)
      return fail(call, Status::badShape, "updates have size %" PRId64 " in dimension %d, expected %" PRId64, updates.sizes[d], d, expected);
  }
  return Status::ok;
}

/// Offset in `out` of the block that tuple `i` names.
Status findBlock(const Call &call, const Tensor &indices, const Tensor &out, int width, int64_t i, int64_t &offset) {
  int64_t tuple = elementOffset(indices, indices.rank - 1, i);
  offset = 0;
  for (int d = 0; d < width; ++d) {
    int64_t index = readIndex(indices, tuple + d), size = out.sizes[d];
    if (index < -size || index >= size)
      return fail(call, Status::badData, "index %" PRId64 " in tuple %" PRId64 " is outside axis %d of size %" PRId64, index, i, d, size);
    offset += wrapIndex(index, size) * out.strides[d];
  }
  return Status::ok;
}

}  // namespace

Status reference_scatter_nd(const Call &call) {
  const Tensor &data = call.tensors[0], &indices = call.tensors[1], &updates = call.tensors[2], &out = call.tensors[3];
  SWITCHYARD_CHECK(checkIndices(call, indices, "indices", -1));
  auto kind = static_cast<ScatterKind>(call.integers[0]);
  if (indices.rank < 1 || indices.sizes[indices.rank - 1] > data.rank)
    return fail(call, Status::badShape, "the index tuples do not fit data of rank %d", data.rank);
  int width = static_cast<int>(indices.sizes[indices.rank - 1]), tuples = indices.rank - 1;
  SWITCHYARD_CHECK(copyData(call, data, updates, out));
  SWITCHYARD_CHECK(checkUpdates(call, data, indices, updates, width));
  int64_t block = elementCount(updates, updates.rank), count = elementCount(indices, tuples);
  block = count == 0 ? 0 : block / count;
  return dispatch(call, data.type, [&]<typename T>() {
    for (int64_t i = 0; i < count; ++i) {
      int64_t to, from = elementOffset(updates, tuples, i);
      SWITCHYARD_CHECK(findBlock(call, indices, out, width, i, to));
      for (int64_t j = 0; j < block; ++j)
        update(out.as<T>()[to + stridedOffset(out.sizes + width, out.strides + width, out.rank - width, j)],
               updates.as<T>()[from + stridedOffset(out.sizes + width, updates.strides + tuples, out.rank - width, j)], kind);
    }
    return Status::ok;
  });
}

// A scatter in order: nothing to vectorise.
Status fast_scatter_nd(const Call &call) { return reference_scatter_nd(call); }

}  // namespace switchyard::kernels
