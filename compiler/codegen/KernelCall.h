// Builds rt.kernel and rt.collective ops from the ops that they replace.
#ifndef SWITCHYARD_COMPILER_CODEGEN_KERNELCALL_H
#define SWITCHYARD_COMPILER_CODEGEN_KERNELCALL_H

#include "mlir/IR/PatternMatch.h"

namespace switchyard::codegen {

/// One call in the order of its row in kernels/kernels.inc. A null input is an absent optional operand.
struct KernelCall {
  llvm::StringRef kernel;
  mlir::SmallVector<mlir::Value> inputs;
  mlir::SmallVector<mlir::Value> outputs;
  mlir::SmallVector<mlir::Value> scalars = {};
  mlir::SmallVector<std::pair<llvm::StringRef, int64_t>> integers = {};
  mlir::SmallVector<std::pair<llvm::StringRef, double>> floats = {};
  int64_t layer = -1;
};

/// Builds the call in place of `op`; its results are those of the outputs.
mlir::ValueRange buildCall(mlir::OpBuilder &builder, mlir::Operation *op, const KernelCall &call);

/// An uninitialised tensor for an output.
mlir::Value emptyTensor(mlir::OpBuilder &builder, mlir::Location loc, mlir::ArrayRef<mlir::OpFoldResult> sizes, mlir::Type elementType);

/// Fails with a diagnostic unless all tensors of `op` that hold floats hold f32, which is what kernels compute in.
mlir::LogicalResult expectF32(mlir::Operation *op);

/// Index arithmetic that folds constants.
mlir::OpFoldResult multiply(mlir::OpBuilder &builder, mlir::Location loc, mlir::OpFoldResult a, mlir::OpFoldResult b);
mlir::OpFoldResult add(mlir::OpBuilder &builder, mlir::Location loc, mlir::OpFoldResult a, mlir::OpFoldResult b);

}  // namespace switchyard::codegen

#endif  // SWITCHYARD_COMPILER_CODEGEN_KERNELCALL_H
