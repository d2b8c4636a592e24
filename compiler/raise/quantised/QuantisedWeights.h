// Weights stored in integers of a few bits: recipes of the floats that they stand for.
#ifndef SWITCHYARD_COMPILER_RAISE_QUANTISED_QUANTISEDWEIGHTS_H
#define SWITCHYARD_COMPILER_RAISE_QUANTISED_QUANTISEDWEIGHTS_H

#include "compiler/raise/WeightStacking.h"

namespace switchyard::raise {

/// Rows of bytes as rows of `last` unsigned integers of 2, 4 or 8 bits, the first in the lowest bits.
mlir::Attribute unpackRecipe(mlir::Attribute bytes, int64_t bits, int64_t last);

/// The same as elements of `type`, of 2 or 4 bits.
mlir::Attribute unpackRecipe(mlir::Attribute bytes, mlir::Type type, int64_t last);

/// Bytes as the elements of 8 bits that they hold; null where the file does not have them as they are.
mlir::Attribute reinterpretRecipe(mlir::Attribute bytes, mlir::Type element);

/// (elements - zero points) * scales, in f32, with one scale and one zero point for every block; null zero points are 0.
mlir::Attribute dequantiseRecipe(mlir::Attribute elements, mlir::Attribute scales, mlir::Attribute zeroPoints, llvm::ArrayRef<int64_t> blocks);

/// One zero point for all blocks of `scales`: the middle of unsigned integers of `bits` bits.
mlir::Attribute middleZeroPoints(mlir::Attribute scales, int64_t bits);

/// True for the widths of integers that are decoded.
inline bool isDecodedWidth(int64_t bits) { return bits == 2 || bits == 4 || bits == 8; }

}  // namespace switchyard::raise

#endif  // SWITCHYARD_COMPILER_RAISE_QUANTISED_QUANTISEDWEIGHTS_H
