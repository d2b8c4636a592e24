// The weights of experts by reference: recipes over the model's own weights, stacked by expert, outputs first.
#ifndef SWITCHYARD_COMPILER_RAISE_WEIGHTSTACKING_H
#define SWITCHYARD_COMPILER_RAISE_WEIGHTSTACKING_H

#include "compiler/raise/lower/WeightRecipes.h"

namespace switchyard::raise {

/// The recipe of a constant tensor: a weight, a small constant, or a Transpose, a reshape, or a part by constants of one. Null otherwise.
mlir::Attribute getConstantRecipe(WeightRecipes &weights, mlir::Value value);

mlir::Attribute transposeRecipe(mlir::Attribute recipe, llvm::ArrayRef<int64_t> permutation);
/// The last two dimensions exchanged.
mlir::Attribute transposeMatrices(mlir::Attribute recipe);
mlir::Attribute reshapeRecipe(mlir::Attribute recipe, llvm::ArrayRef<int64_t> shape);
/// `size` indices of dimension `dim` from `offset` with `stride`; all of the others.
mlir::Attribute sliceRecipe(mlir::Attribute recipe, int64_t dim, int64_t offset, int64_t stride, int64_t size);
/// The parts `indices` of the first dimension, in that order.
mlir::Attribute gatherRecipe(mlir::Attribute recipe, llvm::ArrayRef<int64_t> indices);
/// The elements in another type of floats; null stays null.
mlir::Attribute castRecipe(mlir::Attribute recipe, mlir::Type elementType);
/// Recipes of one type along a new leading dimension.
mlir::Attribute stackRecipes(llvm::ArrayRef<mlir::Attribute> recipes);

}  // namespace switchyard::raise

#endif  // SWITCHYARD_COMPILER_RAISE_WEIGHTSTACKING_H
