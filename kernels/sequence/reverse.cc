// reverse_sequence: ONNX ReverseSequence: of each batch the first lengths[b] elements along the time axis, backwards; the others stay.
#include "kernels/common/indices.h"
#include "kernels/common/parallel.h"
#include "kernels/common/check.h"
#include "kernels/table.h"

#include <cinttypes>
#include <cstring>

namespace switchyard::kernels {

Status reference_reverse_sequence(const Call &call) {
  const Tensor &x = call.tensors[0], &lengths = call.tensors[1], &out = call.tensors[2];
  SWITCHYARD_CHECK(checkStrided(call, x, "x", x.type, -1));
  SWITCHYARD_CHECK(checkIndices(call, lengths, "lengths", 1));
  SWITCHYARD_CHECK(checkStrided(call, out, "out", x.type, x.rank));
  SWITCHYARD_CHECK(checkSameSizes(call, x, "x", out, "out", x.rank));
  int64_t batch = call.integers[0], time = call.integers[1];
  if (batch < 0 || time < 0 || batch >= x.rank || time >= x.rank || batch == time || lengths.sizes[0] != x.sizes[batch])
    return fail(call, Status::badShape, "batch axis %" PRId64 " and time axis %" PRId64 " do not fit x of rank %d", batch, time, x.rank);
  for (int64_t b = 0; b < x.sizes[batch]; ++b)
    if (int64_t length = readIndex(lengths, b * lengths.strides[0]); length < 0 || length > x.sizes[time])
      return fail(call, Status::badData, "length %" PRId64 " of batch %" PRId64 " is outside the %" PRId64 " steps", length, b, x.sizes[time]);
  size_t bytes = elementSize(x.type);
  parallelFor(call, elementCount(x, x.rank), [&](int64_t begin, int64_t end, int) {
    int64_t at[maxRank];
    for (int64_t i = begin; i < end; ++i) {
      positionOf(x.sizes, x.rank, i, at);
      char *to = out.as<char>() + static_cast<size_t>(offsetAt(out.strides, out.rank, at)) * bytes;
      int64_t length = readIndex(lengths, at[batch] * lengths.strides[0]);
      at[time] = at[time] < length ? length - 1 - at[time] : at[time];
      std::memcpy(to, x.as<char>() + static_cast<size_t>(offsetAt(x.strides, x.rank, at)) * bytes, bytes);
    }
  });
  return Status::ok;
}

// A copy: nothing to vectorise.
Status fast_reverse_sequence(const Call &call) { return reference_reverse_sequence(call); }

}  // namespace switchyard::kernels
