// An order of floats for selection: total, so that no NaN upsets it.
#ifndef SWITCHYARD_KERNELS_COMMON_SORT_KEY_H
#define SWITCHYARD_KERNELS_COMMON_SORT_KEY_H

#include "kernels/support/elementary.h"

namespace switchyard::kernels {

/// An integer that orders floats: -0 as +0, NaN below everything.
static inline int32_t sortKey(float x) {
  int32_t bits = static_cast<int32_t>(elementary::toBits(x + 0.0f));
  int32_t key = bits ^ ((bits >> 31) & 0x7fffffff);
  return x != x ? INT32_MIN : key;
}

}  // namespace switchyard::kernels

#endif  // SWITCHYARD_KERNELS_COMMON_SORT_KEY_H
