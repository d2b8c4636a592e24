// Copies of strided blocks of any element type.
#ifndef SWITCHYARD_KERNELS_COMMON_STRIDED_COPY_H
#define SWITCHYARD_KERNELS_COMMON_STRIDED_COPY_H

#include <cstdint>
#include <cstring>

namespace switchyard::kernels {

/// Copies a block of `sizes`; strides and sizes are in elements of `bytes` bytes.
static inline void copyStrided(char *to, const int64_t *toStrides, const char *from, const int64_t *fromStrides, const int64_t *sizes,
                               int rank, int64_t bytes) {
  if (rank == 0 || (rank == 1 && toStrides[0] == 1 && fromStrides[0] == 1)) {
    std::memcpy(to, from, static_cast<size_t>(bytes * (rank == 0 ? 1 : sizes[0])));
    return;
  }
  for (int64_t i = 0; i < sizes[0]; ++i)
    copyStrided(to + i * toStrides[0] * bytes, toStrides + 1, from + i * fromStrides[0] * bytes, fromStrides + 1, sizes + 1, rank - 1,
                bytes);
}

}  // namespace switchyard::kernels

#endif  // SWITCHYARD_KERNELS_COMMON_STRIDED_COPY_H
