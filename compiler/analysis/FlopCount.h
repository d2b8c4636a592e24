// Arithmetic of a program, counted from shapes: operators that multiply matrices, and experts. A multiply-add is two operations.
#ifndef SWITCHYARD_COMPILER_ANALYSIS_FLOPCOUNT_H
#define SWITCHYARD_COMPILER_ANALYSIS_FLOPCOUNT_H

#include "runtime/artifact/expression.h"

namespace mlir::func {
class FuncOp;
}

namespace switchyard {

struct FlopCount {
  double operations = 0.0;
  int64_t counted = 0;  // operators
  int64_t unknown = 0;  // operators of which a size is not known before data is; they are not in `operations`
};

/// Counts ONNX nodes and moe.expert in the body of `function`, where its dimensions have the values of `sizes`.
FlopCount countFlops(mlir::func::FuncOp function, const artifact::ExpressionScope &sizes);

}  // namespace switchyard

#endif  // SWITCHYARD_COMPILER_ANALYSIS_FLOPCOUNT_H
