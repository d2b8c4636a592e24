// gather: ONNX Gather, slices along an axis by index, any element type.
#ifndef SWITCHYARD_KERNELS_GATHER_H
#define SWITCHYARD_KERNELS_GATHER_H

#include "kernels/common/check.h"

namespace switchyard::kernels {

struct Gather {
  const Tensor *data = nullptr, *indices = nullptr, *out = nullptr;
  int axis = 0;
  int64_t outer = 0;  // slices before the axis
  int64_t count = 0;  // indices
};

/// Also checks every index.
Status readGather(const Call &call, Gather &gather);

}  // namespace switchyard::kernels

#endif  // SWITCHYARD_KERNELS_GATHER_H
