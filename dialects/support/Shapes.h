// What verifiers ask of tensor shapes.
#ifndef SWITCHYARD_DIALECTS_SUPPORT_SHAPES_H
#define SWITCHYARD_DIALECTS_SUPPORT_SHAPES_H

#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Value.h"
#include "llvm/ADT/STLExtras.h"

namespace switchyard {

inline mlir::RankedTensorType tensorType(mlir::Value value) { return mlir::cast<mlir::RankedTensorType>(value.getType()); }

/// Whether two dimensions may be equal at run time.
inline bool compatible(int64_t a, int64_t b) { return mlir::ShapedType::isDynamic(a) || mlir::ShapedType::isDynamic(b) || a == b; }

/// Whether two shapes may be equal at run time.
inline bool compatible(llvm::ArrayRef<int64_t> a, llvm::ArrayRef<int64_t> b) {
  return a.size() == b.size() &&
         llvm::all_of(llvm::zip_equal(a, b), [](auto pair) { return compatible(std::get<0>(pair), std::get<1>(pair)); });
}

}  // namespace switchyard

#endif  // SWITCHYARD_DIALECTS_SUPPORT_SHAPES_H
