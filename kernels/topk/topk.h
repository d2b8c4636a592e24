// topk_f32: the k largest (or smallest) along the last axis in order, ties to the lowest index, NaN after everything.
#ifndef SWITCHYARD_KERNELS_TOPK_H
#define SWITCHYARD_KERNELS_TOPK_H

#include "kernels/common/check.h"
#include "kernels/common/rows.h"

namespace switchyard::kernels {

struct TopK {
  Rows x, values;
  const Tensor *indices = nullptr;
  bool largest = true;
};

Status readTopK(const Call &call, TopK &topk);

}  // namespace switchyard::kernels

#endif  // SWITCHYARD_KERNELS_TOPK_H
