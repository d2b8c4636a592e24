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
  llvm::DenseMap<mlir::Value, std::optional<artifact::Expression>> known;
};

}  // namespace switchyard::codegen

#endif  // SWITCHYARD_COMPILER_CODEGEN_SIZEEXPRESSION_H
