// combine_f32: rows back to tokens. Token t is the sum over its slots that were not dropped, ascending, of weight times row: one
// fma chain per element from +0. A token all of whose routes were dropped is 0.
#ifndef SWITCHYARD_KERNELS_COMBINE_H
#define SWITCHYARD_KERNELS_COMBINE_H

#include "kernels/common/rows.h"
#include "kernels/common/source_route.h"

namespace switchyard::kernels {

struct Combine {
  Rows rows, weights, out;
  const int32_t *row = nullptr;  // (token, slot) -> row, or -1
  int64_t slots = 0;
};

Status readCombine(const Call &call, Combine &combine);

}  // namespace switchyard::kernels

#endif  // SWITCHYARD_KERNELS_COMBINE_H
