#include "kernels/common/indices.h"
#include "kernels/common/parallel.h"
#include "kernels/gather_elements/gather_elements.h"
#include "kernels/table.h"

#include <cinttypes>
#include <cstring>

namespace switchyard::kernels {

Status readGatherElements(const Call &call, GatherElements &gather) {
  const Tensor &data = call.tensors[0], &indices = call.tensors[1], &out = call.tensors[2];
  SWITCHYARD_CHECK(checkLayout(call, data, "data", -1));
  SWITCHYARD_CHECK(checkIndices(call, indices, "indices", data.rank));
  SWITCHYARD_CHECK(checkOperand(call, out, "out", data.type, data.rank));
  SWITCHYARD_CHECK(checkSameSizes(call, indices, "indices", out, "out", data.rank));
  int64_t axis = call.integers[0];
  if (axis < 0 || axis >= data.rank)
    return fail(call, Status::badShape, "axis %" PRId64 " does not fit data of rank %d", axis, data.rank);
  for (int i = 0; i < data.rank; ++i)
    if (i != axis && indices.sizes[i] > data.sizes[i])
      return fail(call, Status::badShape, "indices have size %" PRId64 " in dimension %d, data %" PRId64, indices.sizes[i], i,
                  data.sizes[i]);
  gather = {&data, &indices, &out, static_cast<int>(axis), elementCount(indices, indices.rank)};
  for (int64_t i = 0; i < gather.count; ++i) {
    int64_t index = readIndex(indices, elementOffset(indices, indices.rank, i)), size = data.sizes[axis];
    if (index < -size || index >= size)
      return fail(call, Status::badData, "index %" PRId64 " at position %" PRId64 " is outside axis %" PRId64 " of size %" PRId64, index, i,
                  axis, size);
  }
  return Status::ok;
}

Status reference_gather_elements(const Call &call) {
  GatherElements gather;
  SWITCHYARD_CHECK(readGatherElements(call, gather));
  const Tensor &data = *gather.data, &indices = *gather.indices, &out = *gather.out;
  int64_t bytes = static_cast<int64_t>(elementSize(data.type));
  int64_t perStep = 1;  // elements of the indices between two steps along the axis
  for (int i = gather.axis + 1; i < indices.rank; ++i)
    perStep *= indices.sizes[i];
  parallelFor(call, gather.count, [&](int64_t begin, int64_t end, int) {
    for (int64_t i = begin; i < end; ++i) {
      int64_t along = i / perStep % indices.sizes[gather.axis];
      int64_t index = wrapIndex(readIndex(indices, elementOffset(indices, indices.rank, i)), data.sizes[gather.axis]);
      int64_t from = stridedOffset(indices.sizes, data.strides, data.rank, i) + (index - along) * data.strides[gather.axis];
      std::memcpy(out.as<char>() + elementOffset(out, out.rank, i) * bytes, data.as<char>() + from * bytes, static_cast<size_t>(bytes));
    }
  });
  return Status::ok;
}

// Scattered elements: nothing to vectorise.
Status fast_gather_elements(const Call &call) { return reference_gather_elements(call); }

}  // namespace switchyard::kernels
