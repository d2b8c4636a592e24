// matmul_panel_f32: c[..., n] = sum over k of a[..., k] * weight[n, k] (+ bias[n]), the weight packed in panels.
//
// One fma chain per element, k ascending from +0; the bias is added afterwards.
#ifndef SWITCHYARD_KERNELS_MATMUL_PANEL_H
#define SWITCHYARD_KERNELS_MATMUL_PANEL_H

#include "kernels/common/panels.h"
#include "kernels/common/rows.h"

namespace switchyard::kernels {

struct MatmulPanel {
  Rows a, c;
  Panels weight;
  const float *bias = nullptr;
};

Status readMatmulPanel(const Call &call, MatmulPanel &matmul);

}  // namespace switchyard::kernels

#endif  // SWITCHYARD_KERNELS_MATMUL_PANEL_H
