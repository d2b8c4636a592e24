// Reductions by the numerics rule (docs/contracts.md, section 7).
#ifndef SWITCHYARD_COMPILER_RAISE_LOWER_REDUCTIONBUILDER_H
#define SWITCHYARD_COMPILER_RAISE_LOWER_REDUCTIONBUILDER_H

#include "compiler/raise/lower/TensorBuilder.h"

namespace switchyard::raise {

enum class Reduction { sum, maximum, minimum };

/// Reduces the dimensions `axes` (ascending) of x and leaves them out. Sums of floats over static axes go through 16 virtual
/// lanes; everything else is ascending, row-major over the reduced axes.
mlir::Value reduce(TensorBuilder &builder, Reduction kind, mlir::Value x, llvm::ArrayRef<int64_t> axes);

/// The sum over the dimensions `axes` divided by the number of their elements; null where 64 bits do not hold that number.
mlir::Value mean(TensorBuilder &builder, mlir::Value x, llvm::ArrayRef<int64_t> axes);

}  // namespace switchyard::raise

#endif  // SWITCHYARD_COMPILER_RAISE_LOWER_REDUCTIONBUILDER_H
