// scatter_elements: ONNX ScatterElements, of any element type. Negative indices count from the end; others out of range fail.
#include "kernels/common/indices.h"
#include "kernels/scatter/scatter.h"
#include "kernels/table.h"

#include <cinttypes>

namespace switchyard::kernels {

Status reference_scatter_elements(const Call &call) {
  const Tensor &data = call.tensors[0], &indices = call.tensors[1], &updates = call.tensors[2], &out = call.tensors[3];
  SWITCHYARD_CHECK(checkIndices(call, indices, "indices", data.rank));
  int64_t axis = call.integers[0], count = elementCount(indices, indices.rank);
  auto kind = static_cast<ScatterKind>(call.integers[1]);
  if (axis < 0 || axis >= data.rank)
    return fail(call, Status::badShape, "axis %" PRId64 " does not fit data of rank %d", axis, data.rank);
  SWITCHYARD_CHECK(copyData(call, data, updates, out));
  SWITCHYARD_CHECK(checkSameSizes(call, indices, "indices", updates, "updates", data.rank));
  for (int d = 0; d < data.rank; ++d)
    if (d != axis && indices.sizes[d] > data.sizes[d])
      return fail(call, Status::badShape, "indices have size %" PRId64 " in dimension %d, data %" PRId64, indices.sizes[d], d, data.sizes[d]);
  return dispatch(call, data.type, [&]<typename T>() {
    int64_t at[maxRank];
    for (int64_t i = 0; i < count; ++i) {
      positionOf(indices.sizes, indices.rank, i, at);
      int64_t index = readIndex(indices, offsetAt(indices.strides, indices.rank, at)), size = data.sizes[axis];
      if (index < -size || index >= size)
        return fail(call, Status::badData, "index %" PRId64 " at position %" PRId64 " is outside axis %" PRId64 " of size %" PRId64, index, i, axis,
                    size);
      T change = updates.as<T>()[offsetAt(updates.strides, updates.rank, at)];
      at[axis] = wrapIndex(index, size);
      update(out.as<T>()[offsetAt(out.strides, out.rank, at)], change, kind);
    }
    return Status::ok;
  });
}

// A scatter in order: nothing to vectorise.
Status fast_scatter_elements(const Call &call) { return reference_scatter_elements(call); }

}  // namespace switchyard::kernels
