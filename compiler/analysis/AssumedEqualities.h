// Sizes that some node needs to be equal, and that only some calls make so.
//
// They stand in the attribute `rt.equalities` of the function, in the order in which they were found, so that every pass assumes the same;
// the manifest has them, and the runtime checks them before a call computes (runtime/artifact/equality.h).
#ifndef SWITCHYARD_COMPILER_ANALYSIS_ASSUMEDEQUALITIES_H
#define SWITCHYARD_COMPILER_ANALYSIS_ASSUMEDEQUALITIES_H

#include "compiler/analysis/Expression.h"
#include "runtime/artifact/equality.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace switchyard {

class AssumedEqualities {
public:
  static constexpr llvm::StringLiteral attribute = "rt.equalities";
  /// The most that are assumed: each is found by another pass over the function.
  static constexpr size_t maxEqualities = 64;

  explicit AssumedEqualities(mlir::func::FuncOp function);

  /// "n is min(n, 256)", the first that the context assumes; empty where it assumes none.
  llvm::StringRef getFirst() const { return first; }
  const std::vector<artifact::Equality> &get() const { return entries; }
  /// Makes `context` assume what was found; `join` is tried before, and an equality that it takes, or that is none between names resolved
  /// by `dimension`, is forgotten unless `keepsAll`.
  void apply(ExpressionContext &context, llvm::function_ref<Expression(llvm::StringRef)> dimension,
             llvm::function_ref<bool(Expression, Expression)> join, bool keepsAll);
  /// True where `a` and `b` are assumed to be equal.
  bool contains(Expression a, Expression b) const;
  /// Adds an equality that `node` needs. Failure where no value of its only dimension above 0 keeps it and all others, or there are too
  /// many.
  mlir::LogicalResult add(Expression a, Expression b, mlir::Operation *node);
  /// Adds one by which a name has given way.
  void addName(Expression name, Expression value, mlir::Operation *node);
  void store();

private:
  void note(Expression a, Expression b);

  mlir::func::FuncOp function;
  std::vector<artifact::Equality> entries;
  std::vector<Expression> differences;  // of those that the context assumes
  std::string first;
};

}  // namespace switchyard

#endif  // SWITCHYARD_COMPILER_ANALYSIS_ASSUMEDEQUALITIES_H
