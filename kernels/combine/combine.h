// combine_f32: rows back to tokens. Token t is the sum over its slots that were not dropped, ascending, of weight times row: one
// fma chain per element from +0; each weight is 1 where there are none. A token all of whose routes were dropped is 0.
#ifndef SWITCHYARD_KERNELS_COMBINE_H
#define SWITCHYARD_KERNELS_COMBINE_H

#include "kernels/common/rows.h"
#include "kernels/common/source_route.h"

namespace switchyard::kernels {

struct Combine {
  Rows rows, weights, out;  // no weights: null
  const int32_t *row = nullptr;  // (token, slot) -> row, or -1
  int64_t slots = 0;

  float weight(int64_t token, int64_t slot) const { return weights.data ? weights.row(token)[slot] : 1.0f; }
};

Status readCombine(const Call &call, Combine &combine);

}  // namespace switchyard::kernels

#endif  // SWITCHYARD_KERNELS_COMBINE_H
