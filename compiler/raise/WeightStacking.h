// Weights of a MoE layer by reference: recipes over the model's own weights, stacked by expert, outputs first.
#ifndef SWITCHYARD_COMPILER_RAISE_WEIGHTSTACKING_H
#define SWITCHYARD_COMPILER_RAISE_WEIGHTSTACKING_H

#include "dialects/rt/RtDialect.h"

#include "mlir/IR/BuiltinOps.h"

namespace switchyard::raise {

/// Reads and makes weights of a module. No element is ever read or copied: a recipe says where they come from.
class WeightStacking {
public:
  explicit WeightStacking(mlir::ModuleOp module) : symbols(module) {}

  /// The recipe of a constant tensor: a weight, a small constant, or a Transpose or reshape of one. Null otherwise.
  mlir::Attribute getRecipe(mlir::Value value);

  /// A tensor by recipe: the weight that has it, or a new one of a name that starts with `name`.
  mlir::Value create(mlir::OpBuilder &builder, mlir::Location loc, llvm::StringRef name, mlir::Attribute recipe);

private:
  mlir::SymbolTable symbols;
  llvm::DenseMap<mlir::Attribute, rt::WeightOp> byRecipe;
};

/// Erases the weights that nothing refers to any more.
void eraseUnusedWeights(mlir::ModuleOp module);

mlir::Attribute transposeRecipe(mlir::Attribute recipe, llvm::ArrayRef<int64_t> permutation);
/// The last two dimensions exchanged.
mlir::Attribute transposeMatrices(mlir::Attribute recipe);
mlir::Attribute reshapeRecipe(mlir::Attribute recipe, llvm::ArrayRef<int64_t> shape);
/// `size` indices of dimension `dim` from `offset` with `stride`; all of the others.
mlir::Attribute sliceRecipe(mlir::Attribute recipe, int64_t dim, int64_t offset, int64_t stride, int64_t size);
/// Recipes of one type along a new leading dimension.
mlir::Attribute stackRecipes(llvm::ArrayRef<mlir::Attribute> recipes);

}  // namespace switchyard::raise

#endif  // SWITCHYARD_COMPILER_RAISE_WEIGHTSTACKING_H
