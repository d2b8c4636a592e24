// cumsum: running sums along an axis, one chain of additions from its start (or, with `reverse`, from its end).
#ifndef SWITCHYARD_KERNELS_CUMSUM_H
#define SWITCHYARD_KERNELS_CUMSUM_H

#include "kernels/common/check.h"

namespace switchyard::kernels {

struct CumSum {
  const Tensor *x = nullptr, *out = nullptr;
  int axis = 0;
  bool exclusive = false, reverse = false;
  int64_t lines = 0;
};

Status readCumSum(const Call &call, CumSum &cumsum);

}  // namespace switchyard::kernels

#endif  // SWITCHYARD_KERNELS_CUMSUM_H
