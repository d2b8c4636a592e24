// Weight-only subgraphs as recipes: byte-moving steps on weights become new `rt.weight` symbols, equal recipes one symbol.
#ifndef SWITCHYARD_COMPILER_RAISE_LOWER_WEIGHTRECIPES_H
#define SWITCHYARD_COMPILER_RAISE_LOWER_WEIGHTRECIPES_H

#include "dialects/rt/RtDialect.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/SymbolTable.h"
#include "llvm/ADT/DenseMap.h"

namespace switchyard::raise {

class WeightRecipes {
public:
  explicit WeightRecipes(mlir::ModuleOp module);

  /// The recipe of the weight that `value` reads; null where it is no `rt.weight_ref`.
  mlir::Attribute getRecipe(mlir::Value value);
  /// `value` as the read of a weight: itself, or a new weight that holds the elements of a constant; null where it is neither.
  mlir::Value asWeight(mlir::OpBuilder &builder, mlir::Value value);
  /// The weight that `kind` with `numbers` makes of the weights `values`, of type `type`; null where one is no weight or constant.
  mlir::Value step(mlir::OpBuilder &builder, rt::StepKind kind, llvm::ArrayRef<int64_t> numbers, mlir::ValueRange values, mlir::RankedTensorType type);
  /// A read of the weight that has `recipe`; where there is none yet, a new one is named after `name`.
  mlir::Value read(mlir::OpBuilder &builder, mlir::Location loc, mlir::Attribute recipe, llvm::StringRef name);
  /// Erases the weights that nothing reads.
  void eraseUnused();

private:
  mlir::ModuleOp module;
  mlir::SymbolTable symbols;
  llvm::DenseMap<mlir::Attribute, rt::WeightOp> byRecipe;
};

/// The recipe of a step, simplified: a step on a step may be simpler than both, and a step that does nothing is its input.
mlir::Attribute composeStep(rt::StepKind kind, llvm::ArrayRef<int64_t> numbers, llvm::ArrayRef<mlir::Attribute> inputs, mlir::RankedTensorType type);

}  // namespace switchyard::raise

#endif  // SWITCHYARD_COMPILER_RAISE_LOWER_WEIGHTRECIPES_H
