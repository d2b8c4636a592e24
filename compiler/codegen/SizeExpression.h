// From index values to the formulas of the manifest.
#ifndef SWITCHYARD_COMPILER_CODEGEN_SIZEEXPRESSION_H
#define SWITCHYARD_COMPILER_CODEGEN_SIZEEXPRESSION_H

#include "mlir/IR/Value.h"
#include "runtime/artifact/expression.h"

#include "llvm/ADT/DenseMap.h"

namespace switchyard::codegen {

/// Traces index values back to dimensions of the environment. A value that differs between ranks becomes its largest.
class SizeExpressions {
public:
  /// The formula of `value`; nothing when it depends on data.
  std::optional<artifact::Expression> trace(mlir::Value value);

private:
  std::optional<artifact::Expression> compute(mlir::Value value);
  std::optional<artifact::Expression> ofArithmetic(mlir::Operation *op, llvm::ArrayRef<artifact::Expression> operands);
  /// Whether no call makes the value negative: differences may be, dimensions are not.
  bool isNonNegative(mlir::Value value);
  bool computeNonNegative(mlir::Value value);
  llvm::DenseMap<mlir::Value, std::optional<artifact::Expression>> known;
  llvm::DenseMap<mlir::Value, bool> signs;
};

}  // namespace switchyard::codegen

#endif  // SWITCHYARD_COMPILER_CODEGEN_SIZEEXPRESSION_H
