// From ops of `rt` on buffers to accesses of MoeEnvironment (runtime/base/import_table.h).
#ifndef SWITCHYARD_COMPILER_CODEGEN_ENVIRONMENTPATTERNS_H
#define SWITCHYARD_COMPILER_CODEGEN_ENVIRONMENTPATTERNS_H

#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/PatternMatch.h"
#include "llvm/ADT/DenseMap.h"

namespace switchyard::codegen {

/// The numbers of MoeLibrary.
struct LibraryCounts {
  int64_t dims = 0, inputs = 0, outputs = 0, weights = 0, slots = 0, sites = 0;
};

/// Room in the entry block of a function for the tensors and the scalars of one call: calls follow one another.
struct CallRoom {
  mlir::Value tensors, scalars;
};

/// What the patterns share.
struct Environment {
  /// By the name of the function.
  llvm::DenseMap<mlir::StringAttr, CallRoom> rooms;
  /// Place of each weight in MoeEnvironment.weights.
  llvm::DenseMap<mlir::StringAttr, int64_t> weights;
};

LibraryCounts countLibrary(mlir::ModuleOp module);

/// Gives every function that is defined the environment as its first argument, and the room for calls; `main` becomes `run`.
Environment bindFunctions(mlir::ModuleOp module, mlir::func::FuncOp main);

void populateEnvironmentPatterns(const mlir::LLVMTypeConverter &converter, const Environment &environment,
                                 mlir::RewritePatternSet &patterns);

/// Adds the MoeLibrary and `moe_library_query`; everything else becomes internal.
void addLibrary(mlir::ModuleOp module, const LibraryCounts &counts);

}  // namespace switchyard::codegen

#endif  // SWITCHYARD_COMPILER_CODEGEN_ENVIRONMENTPATTERNS_H
