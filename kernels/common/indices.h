// Integers that index: read as i64 whatever their type.
#ifndef SWITCHYARD_KERNELS_COMMON_INDICES_H
#define SWITCHYARD_KERNELS_COMMON_INDICES_H

#include "kernels/common/rows.h"

namespace switchyard::kernels {

static inline int64_t readIndex(const Tensor &tensor, int64_t offset) {
  return tensor.type == ElementType::i64 ? tensor.as<int64_t>()[offset] : tensor.as<int32_t>()[offset];
}

/// The index that a possibly negative one, counted from the end, means.
static inline int64_t wrapIndex(int64_t index, int64_t size) { return index < 0 ? index + size : index; }

}  // namespace switchyard::kernels

#endif  // SWITCHYARD_KERNELS_COMMON_INDICES_H
