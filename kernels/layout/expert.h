// The workspace of the expert kernel.
#ifndef SWITCHYARD_KERNELS_LAYOUT_EXPERT_H
#define SWITCHYARD_KERNELS_LAYOUT_EXPERT_H

#include <algorithm>
#include <cstdint>

namespace switchyard::kernels::expert {

/// Rows of one expert that are computed together.
inline constexpr int64_t block = 32;

/// Rows of the workspace that a worker has where there are rows enough.
inline constexpr int64_t rowsPerWorker = 2 * block;

/// Elements of the f32 workspace of expert_mlp_f32: rows of `inner`, no more of them than a buffer of `rows` rows can fill,
/// but one a worker.
inline constexpr int64_t workspaceElements(int64_t workers, int64_t rows, int64_t inner) {
  return std::max(workers, std::min(workers * rowsPerWorker, rows)) * inner;
}

}  // namespace switchyard::kernels::expert

#endif  // SWITCHYARD_KERNELS_LAYOUT_EXPERT_H
