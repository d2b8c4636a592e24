// compress: ONNX Compress: the slices along `axis`, or the elements of the flattened x for a negative one, for which the condition holds.
#include "kernels/common/run_time_operands.h"
#include "kernels/common/rows.h"
#include "kernels/table.h"

#include <algorithm>
#include <cstring>

namespace switchyard::kernels {

Status reference_compress(const Call &call) {
  const Tensor &x = call.tensors[0], &condition = call.tensors[1], &out = call.tensors[2];
  int64_t axis = call.integers[0];
  SWITCHYARD_CHECK(checkStrided(call, x, "x", x.type, -1));
  SWITCHYARD_CHECK(checkStrided(call, condition, "condition", ElementType::boolean, 1));
  SWITCHYARD_CHECK(checkStrided(call, out, "out", x.type, axis < 0 ? 1 : x.rank));
  int64_t size = axis < 0 ? elementCount(x, x.rank) : axis < x.rank ? x.sizes[axis] : 0, chosen = 0, asked[maxRank];
  auto holds = [&](int64_t i) { return i < condition.sizes[0] && condition.as<bool>()[i * condition.strides[0]]; };
  for (int64_t i = 0; i < size; ++i)
    chosen += holds(i);
  std::copy_n(x.sizes, x.rank, asked);
  asked[axis < 0 ? 0 : axis] = chosen;
  SWITCHYARD_CHECK(checkAsked(call, out, out.rank, asked));
  size_t bytes = elementSize(x.type);
  int64_t slot = 0, each = chosen == 0 ? 0 : elementCount(out, out.rank) / chosen, at[maxRank], sizes[maxRank];
  std::copy_n(asked, maxRank, sizes);
  if (axis >= 0)
    sizes[axis] = 1;
  for (int64_t i = 0; i < size; ++i) {
    if (!holds(i))
      continue;
    for (int64_t j = 0; j < each; ++j) {
      int64_t from, to;
      if (axis < 0) {
        from = elementOffset(x, x.rank, i);
        to = slot * out.strides[0];
      } else {
        positionOf(sizes, x.rank, j, at);
        from = offsetAt(x.strides, x.rank, at) + i * x.strides[axis];
        to = offsetAt(out.strides, out.rank, at) + slot * out.strides[axis];
      }
      std::memcpy(out.as<char>() + static_cast<size_t>(to) * bytes, x.as<char>() + static_cast<size_t>(from) * bytes, bytes);
    }
    ++slot;
  }
  return Status::ok;
}

// A copy: nothing to vectorise.
Status fast_compress(const Call &call) { return reference_compress(call); }

}  // namespace switchyard::kernels
