// Copies in which each element of the result is one element of the operand, or a given value.
#ifndef SWITCHYARD_KERNELS_COMMON_GATHERED_COPY_H
#define SWITCHYARD_KERNELS_COMMON_GATHERED_COPY_H

#include "kernels/common/parallel.h"
#include "kernels/common/rows.h"

#include <cstring>

namespace switchyard::kernels {

/// out[index] = x at source(index, d) along each dimension d of x; `otherwise` (or zero bytes, where null) where a source is negative. x and
/// out have one rank.
template <typename Source>
static inline void copyGathered(const Call &call, const Tensor &x, const Tensor &out, const void *otherwise, const Source &source) {
  size_t bytes = elementSize(x.type);
  parallelFor(call, elementCount(out, out.rank), [&](int64_t begin, int64_t end, int) {
    for (int64_t i = begin; i < end; ++i) {
      int64_t rest = i, to = 0, from = 0;
      bool inside = true;
      for (int d = out.rank - 1; d >= 0; --d) {
        int64_t index = rest % out.sizes[d], position = source(index, d);
        rest /= out.sizes[d];
        to += index * out.strides[d];
        inside &= position >= 0;
        from += position * x.strides[d];
      }
      char *target = out.as<char>() + static_cast<size_t>(to) * bytes;
      if (inside)
        std::memcpy(target, x.as<char>() + from * static_cast<int64_t>(bytes), bytes);
      else if (otherwise)
        std::memcpy(target, otherwise, bytes);
      else
        std::memset(target, 0, bytes);
    }
  });
}

}  // namespace switchyard::kernels

#endif  // SWITCHYARD_KERNELS_COMMON_GATHERED_COPY_H
