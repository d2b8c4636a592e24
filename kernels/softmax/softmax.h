// softmax_f32: exp(x - max) / sum over the last axis, which may be dynamic: the sum is one ascending chain.
//
// A NaN in a row, or a row of negative infinities, makes the whole row NaN.
#ifndef SWITCHYARD_KERNELS_SOFTMAX_H
#define SWITCHYARD_KERNELS_SOFTMAX_H

#include "kernels/common/check.h"
#include "kernels/common/rows.h"

namespace switchyard::kernels {

struct Softmax {
  Rows x, out;
};

Status readSoftmax(const Call &call, Softmax &softmax);

}  // namespace switchyard::kernels

#endif  // SWITCHYARD_KERNELS_SOFTMAX_H
