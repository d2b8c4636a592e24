#include "kernels/common/indices.h"
#include "kernels/common/parallel.h"
#include "kernels/common/strided_copy.h"
#include "kernels/gather/gather.h"
#include "kernels/table.h"

#include <cinttypes>

namespace switchyard::kernels {

Status readGather(const Call &call, Gather &gather) {
  const Tensor &data = call.tensors[0], &indices = call.tensors[1], &out = call.tensors[2];
  SWITCHYARD_CHECK(checkLayout(call, data, "data", -1));
  SWITCHYARD_CHECK(checkIndices(call, indices, "indices", -1));
  int64_t axis = call.integers[0];
  if (axis < 0 || axis >= data.rank || data.rank - 1 + indices.rank > maxRank)
    return fail(call, Status::badShape, "axis %" PRId64 " does not fit data of rank %d and indices of rank %d", axis, data.rank,
                indices.rank);
  SWITCHYARD_CHECK(checkOperand(call, out, "out", data.type, data.rank - 1 + indices.rank));
  for (int i = 0; i < out.rank; ++i) {
    int64_t expected = i < axis ? data.sizes[i] : i < axis + indices.rank ? indices.sizes[i - axis] : data.sizes[i - indices.rank + 1];
    if (out.sizes[i] != expected)
      return fail(call, Status::badShape, "out has size %" PRId64 " in dimension %d, expected %" PRId64, out.sizes[i], i, expected);
  }
  gather = {&data, &indices, &out, static_cast<int>(axis), elementCount(data, static_cast<int>(axis)), elementCount(indices, indices.rank)};
  for (int64_t i = 0; i < gather.count; ++i) {
    int64_t index = readIndex(indices, elementOffset(indices, indices.rank, i)), size = data.sizes[axis];
    if (index < -size || index >= size)
      return fail(call, Status::badData, "index %" PRId64 " at position %" PRId64 " is outside axis %" PRId64 " of size %" PRId64, index, i,
                  axis, size);
  }
  return Status::ok;
}

Status reference_gather(const Call &call) {
  Gather gather;
  SWITCHYARD_CHECK(readGather(call, gather));
  const Tensor &data = *gather.data, &indices = *gather.indices, &out = *gather.out;
  int64_t bytes = static_cast<int64_t>(elementSize(data.type));
  int axis = gather.axis, innerRank = data.rank - axis - 1, outAxis = axis + indices.rank;
  parallelFor(call, gather.outer * gather.count, [&](int64_t begin, int64_t end, int) {
    for (int64_t item = begin; item < end; ++item) {
      int64_t slice = item / gather.count, i = item % gather.count;
      int64_t index = wrapIndex(readIndex(indices, elementOffset(indices, indices.rank, i)), data.sizes[axis]);
      int64_t from = elementOffset(data, axis, slice) + index * data.strides[axis];
      int64_t to = elementOffset(out, outAxis, item);
      copyStrided(out.as<char>() + to * bytes, out.strides + outAxis, data.as<char>() + from * bytes, data.strides + axis + 1,
                  data.sizes + axis + 1, innerRank, bytes);
    }
  });
  return Status::ok;
}

// Copies: nothing to vectorise.
Status fast_gather(const Call &call) { return reference_gather(call); }

}  // namespace switchyard::kernels
