// gather_nd: ONNX GatherND, slices by index tuples, any element type.
#ifndef SWITCHYARD_KERNELS_GATHER_ND_H
#define SWITCHYARD_KERNELS_GATHER_ND_H

#include "kernels/common/check.h"

namespace switchyard::kernels {

struct GatherNd {
  const Tensor *data = nullptr, *indices = nullptr, *out = nullptr;
  int batchRank = 0;
  int width = 0;      // indices in a tuple
  int64_t count = 0;  // tuples
};

/// Also checks every index.
Status readGatherNd(const Call &call, GatherNd &gather);

}  // namespace switchyard::kernels

#endif  // SWITCHYARD_KERNELS_GATHER_ND_H
