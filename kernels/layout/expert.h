// The workspace of the expert kernel.
#ifndef SWITCHYARD_KERNELS_LAYOUT_EXPERT_H
#define SWITCHYARD_KERNELS_LAYOUT_EXPERT_H

#include <cstdint>

namespace switchyard::kernels::expert {

/// Rows of one expert that are computed together.
inline constexpr int64_t block = 32;

/// Elements of the f32 workspace of expert_mlp_f32.
inline constexpr int64_t workspaceElements(int64_t workers, int64_t inner) { return workers * block * 2 * inner; }

}  // namespace switchyard::kernels::expert

#endif  // SWITCHYARD_KERNELS_LAYOUT_EXPERT_H
