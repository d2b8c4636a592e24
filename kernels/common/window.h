// A window that moves over the spatial dimensions of a tensor [batch, channels, spatial...]: the geometry of convolutions and pools.
#ifndef SWITCHYARD_KERNELS_COMMON_WINDOW_H
#define SWITCHYARD_KERNELS_COMMON_WINDOW_H

#include "kernels/common/check.h"
#include "kernels/layout/operators.h"

namespace switchyard::kernels {

struct Window {
  int rank = 0;                                                    // of the spatial dimensions
  int64_t positions = 1;                                           // of one window
  int64_t sizes[maxRank] = {};                                     // of the tensor under the window
  int64_t kernel[maxRank] = {}, strides[maxRank] = {}, dilations[maxRank] = {}, before[maxRank] = {}, after[maxRank] = {};
};

/// Reads a window over `under` that yields `out`, both of rank 2 and more; `geometry`, i64, holds the kernel's sizes, then the strides, the
/// dilations, the pads before and the pads behind, one number each for every spatial dimension.
Status readWindow(const Call &call, const Tensor &geometry, AutoPad autoPad, const Tensor &under, const Tensor &out, Window &window);

/// Offset of position `k` (row-major) of the window at `at`, with the strides of the tensor's spatial dimensions; false where it is padding.
static inline bool locate(const Window &window, const int64_t *at, int64_t k, const int64_t *strides, int64_t &offset) {
  offset = 0;
  for (int d = window.rank - 1; d >= 0; --d) {
    int64_t index = at[d] * window.strides[d] - window.before[d] + k % window.kernel[d] * window.dilations[d];
    if (index < 0 || index >= window.sizes[d])
      return false;
    offset += index * strides[d];
    k /= window.kernel[d];
  }
  return true;
}

}  // namespace switchyard::kernels

#endif  // SWITCHYARD_KERNELS_COMMON_WINDOW_H
