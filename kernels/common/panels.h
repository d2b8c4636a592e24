// A packed weight (layout/panel.h) as kernels read it: rank 3, [panels][depth][16], each panel contiguous.
#ifndef SWITCHYARD_KERNELS_COMMON_PANELS_H
#define SWITCHYARD_KERNELS_COMMON_PANELS_H

#include "kernels/common/check.h"
#include "kernels/layout/panel.h"

namespace switchyard::kernels {

struct Panels {
  const float *data = nullptr;
  int64_t columns = 0;  // N, outputs
  int64_t depth = 0;    // K
  int64_t stride = 0;   // elements between panels

  const float *panel(int64_t p) const { return data + p * stride; }
};

/// Reads a packed weight of `columns` outputs from an operand.
Status readPanels(const Call &call, const Tensor &tensor, const char *name, int64_t columns, Panels &panels);

}  // namespace switchyard::kernels

#endif  // SWITCHYARD_KERNELS_COMMON_PANELS_H
