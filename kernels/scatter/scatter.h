// What scatters share: the copy of the data that the updates then change, and what an update makes of an element. Updates are taken in
// row-major order, so that those of one place come one after another.
#ifndef SWITCHYARD_KERNELS_SCATTER_H
#define SWITCHYARD_KERNELS_SCATTER_H

#include "kernels/common/elements.h"
#include "kernels/common/strided_copy.h"
#include "kernels/layout/operators.h"

namespace switchyard::kernels {

/// Checks that data and out are alike and copies.
static inline Status copyData(const Call &call, const Tensor &data, const Tensor &updates, const Tensor &out) {
  SWITCHYARD_CHECK(checkStrided(call, data, "data", data.type, -1));
  SWITCHYARD_CHECK(checkStrided(call, updates, "updates", data.type, -1));
  SWITCHYARD_CHECK(checkStrided(call, out, "out", data.type, data.rank));
  SWITCHYARD_CHECK(checkSameSizes(call, data, "data", out, "out", data.rank));
  copyStrided(out.as<char>(), out.strides, data.as<char>(), data.strides, data.sizes, data.rank, static_cast<int64_t>(elementSize(data.type)));
  return Status::ok;
}

template <typename T> static inline void update(T &element, T change, ScatterKind kind) {
  using Value = typename Element<T>::Value;
  using Sum = typename Wrapping<Value>::Type;
  if (kind == ScatterKind::replace) {
    element = change;
    return;
  }
  Value before = Element<T>::load(element), value = Element<T>::load(change);
  switch (kind) {
  case ScatterKind::add:
    before = static_cast<Value>(static_cast<Sum>(before) + static_cast<Sum>(value));
    break;
  case ScatterKind::multiply:
    before = static_cast<Value>(static_cast<Sum>(before) * static_cast<Sum>(value));
    break;
  case ScatterKind::maximum:
    before = before != before || before > value ? before : value;
    break;
  default:
    before = before != before || before < value ? before : value;
    break;
  }
  element = Element<T>::store(before);
}

}  // namespace switchyard::kernels

#endif  // SWITCHYARD_KERNELS_SCATTER_H
