// Conversion of stored elements: the `cast` step of a recipe.
#ifndef SWITCHYARD_COMPILER_TARGET_ELEMENTCAST_H
#define SWITCHYARD_COMPILER_TARGET_ELEMENTCAST_H

#include "mlir/IR/Types.h"
#include "runtime/base/status.h"

namespace switchyard::target {

/// Converts `count` elements as ONNX Cast does: floats round to nearest even, floats to integers truncate, anything but zero
/// is true.
Status castElements(mlir::Type from, const char *source, mlir::Type to, char *target, int64_t count);

}  // namespace switchyard::target

#endif  // SWITCHYARD_COMPILER_TARGET_ELEMENTCAST_H
