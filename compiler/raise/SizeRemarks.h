#ifndef SWITCHYARD_COMPILER_RAISE_SIZEREMARKS_H
#define SWITCHYARD_COMPILER_RAISE_SIZEREMARKS_H

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace switchyard::raise {

/// One remark that says for which sizes of its inputs the program is, where those are not all from 1 to the limits.
void remarkSizes(mlir::func::FuncOp main);

}  // namespace switchyard::raise

#endif  // SWITCHYARD_COMPILER_RAISE_SIZEREMARKS_H
