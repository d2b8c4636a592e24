#include "kernels/common/indices.h"
#include "kernels/common/parallel.h"
#include "kernels/common/strided_copy.h"
#include "kernels/gather_nd/gather_nd.h"
#include "kernels/table.h"

#include <cinttypes>

namespace switchyard::kernels {

static Status checkShapes(const Call &call, const Tensor &data, const Tensor &indices, const Tensor &out, int64_t batchRank,
                          int64_t width) {
  int tupleRank = indices.rank - 1;
  int innerRank = data.rank - static_cast<int>(batchRank + width);
  SWITCHYARD_CHECK(checkOperand(call, out, "out", data.type, tupleRank + innerRank));
  for (int i = 0; i < batchRank; ++i)
    if (data.sizes[i] != indices.sizes[i])
      return fail(call, Status::badShape, "batch dimension %d is %" PRId64 " in data and %" PRId64 " in indices", i, data.sizes[i],
                  indices.sizes[i]);
  for (int i = 0; i < out.rank; ++i) {
    int64_t expected = i < tupleRank ? indices.sizes[i] : data.sizes[batchRank + width + i - tupleRank];
    if (out.sizes[i] != expected)
      return fail(call, Status::badShape, "out has size %" PRId64 " in dimension %d, expected %" PRId64, out.sizes[i], i, expected);
  }
  return Status::ok;
}

Status readGatherNd(const Call &call, GatherNd &gather) {
  const Tensor &data = call.tensors[0], &indices = call.tensors[1], &out = call.tensors[2];
  SWITCHYARD_CHECK(checkLayout(call, data, "data", -1));
  SWITCHYARD_CHECK(checkIndices(call, indices, "indices", -1));
  int64_t batchRank = call.integers[0], width = indices.rank > 0 ? indices.sizes[indices.rank - 1] : 0;
  if (indices.rank < 1 || batchRank < 0 || batchRank >= indices.rank || width < 1 || batchRank + width > data.rank ||
      indices.rank - 1 + data.rank - batchRank - width > maxRank)
    return fail(call, Status::badShape, "tuples of %" PRId64 " after %" PRId64 " batch dimensions do not fit data of rank %d", width,
                batchRank, data.rank);
  SWITCHYARD_CHECK(checkShapes(call, data, indices, out, batchRank, width));
  gather = {&data, &indices, &out, static_cast<int>(batchRank), static_cast<int>(width), elementCount(indices, indices.rank - 1)};
  for (int64_t i = 0; i < gather.count; ++i)
    for (int64_t j = 0; j < width; ++j) {
      int64_t index = readIndex(indices, elementOffset(indices, indices.rank - 1, i) + j), size = data.sizes[batchRank + j];
      if (index < -size || index >= size)
        return fail(call, Status::badData, "index %" PRId64 " in tuple %" PRId64 " is outside axis %" PRId64 " of size %" PRId64, index, i,
                    batchRank + j, size);
    }
  return Status::ok;
}

Status reference_gather_nd(const Call &call) {
  GatherNd gather;
  SWITCHYARD_CHECK(readGatherNd(call, gather));
  const Tensor &data = *gather.data, &indices = *gather.indices, &out = *gather.out;
  int64_t bytes = static_cast<int64_t>(elementSize(data.type));
  int tupleRank = indices.rank - 1, inner = gather.batchRank + gather.width;
  int64_t perBatch = 1;
  for (int i = gather.batchRank; i < tupleRank; ++i)
    perBatch *= indices.sizes[i];
  parallelFor(call, gather.count, [&](int64_t begin, int64_t end, int) {
    for (int64_t i = begin; i < end; ++i) {
      int64_t from = elementOffset(data, gather.batchRank, i / perBatch), tuple = elementOffset(indices, tupleRank, i);
      for (int j = 0; j < gather.width; ++j)
        from += wrapIndex(readIndex(indices, tuple + j), data.sizes[gather.batchRank + j]) * data.strides[gather.batchRank + j];
      copyStrided(out.as<char>() + elementOffset(out, tupleRank, i) * bytes, out.strides + tupleRank, data.as<char>() + from * bytes,
                  data.strides + inner, data.sizes + inner, data.rank - inner, bytes);
    }
  });
  return Status::ok;
}

// Copies: nothing to vectorise.
Status fast_gather_nd(const Call &call) { return reference_gather_nd(call); }

}  // namespace switchyard::kernels
