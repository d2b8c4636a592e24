// gather_elements: ONNX GatherElements, elements along an axis by index, any element type.
#ifndef SWITCHYARD_KERNELS_GATHER_ELEMENTS_H
#define SWITCHYARD_KERNELS_GATHER_ELEMENTS_H

#include "kernels/common/check.h"

namespace switchyard::kernels {

struct GatherElements {
  const Tensor *data = nullptr, *indices = nullptr, *out = nullptr;
  int axis = 0;
  int64_t count = 0;
};

/// Also checks every index.
Status readGatherElements(const Call &call, GatherElements &gather);

}  // namespace switchyard::kernels

#endif  // SWITCHYARD_KERNELS_GATHER_ELEMENTS_H
