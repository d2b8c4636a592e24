// Layouts of rows: one axis counts experts or slots, and the last other one features.
#ifndef SWITCHYARD_COMPILER_RAISE_EXPERTS_AXES_H
#define SWITCHYARD_COMPILER_RAISE_EXPERTS_AXES_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"

#include <cstdint>

namespace switchyard::raise {

/// `list` without the element at `index`.
template <typename T> llvm::SmallVector<T> without(llvm::ArrayRef<T> list, int64_t index) {
  llvm::SmallVector<T> rest(list);
  rest.erase(rest.begin() + index);
  return rest;
}

/// The axis of the features of a tensor of this rank, of which `axis` counts something else.
inline int64_t getFeatureAxis(int64_t rank, int64_t axis) { return axis == rank - 1 ? rank - 2 : rank - 1; }

}  // namespace switchyard::raise

#endif  // SWITCHYARD_COMPILER_RAISE_EXPERTS_AXES_H
