// embedding_f32: out[..., h] = table[ids[...], h], the table packed in panels, so that a row stands with stride 16.
#ifndef SWITCHYARD_KERNELS_EMBEDDING_H
#define SWITCHYARD_KERNELS_EMBEDDING_H

#include "kernels/common/panels.h"
#include "kernels/common/rows.h"

namespace switchyard::kernels {

struct Embedding {
  const Tensor *ids = nullptr;
  Panels table;
  Rows out;
};

/// Also checks every id.
Status readEmbedding(const Call &call, Embedding &embedding);

}  // namespace switchyard::kernels

#endif  // SWITCHYARD_KERNELS_EMBEDDING_H
