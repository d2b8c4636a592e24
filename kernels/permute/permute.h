// permute_f32: copies the tokens of a rank into rows grouped by expert, as its source route says, each times the weight of its
// (token, slot) where there are weights.
#ifndef SWITCHYARD_KERNELS_PERMUTE_H
#define SWITCHYARD_KERNELS_PERMUTE_H

#include "kernels/common/rows.h"
#include "kernels/common/source_route.h"

namespace switchyard::kernels {

struct Permute {
  Rows tokens, weights, rows;  // no weights: null
  route::Source route{nullptr};
  int64_t used = 0;  // rows in use
};

Status readPermute(const Call &call, Permute &permute);

}  // namespace switchyard::kernels

#endif  // SWITCHYARD_KERNELS_PERMUTE_H
