// Operators that become calls of one kernel (nn.operator) where `linalg` and `arith` cannot have them.
#ifndef SWITCHYARD_COMPILER_RAISE_LOWER_KERNELRULES_H
#define SWITCHYARD_COMPILER_RAISE_LOWER_KERNELRULES_H

#include "compiler/raise/lower/NodeLowering.h"

namespace switchyard::raise {

/// How a kernel's attribute states one of the kinds of kernels/layout/operators.h.
template <typename Kind> int64_t number(Kind kind) { return static_cast<int64_t>(kind); }

/// The rule that makes a node the call of a kernel: where its axes, sizes or bounds are values of the run, or its elements have no arithmetic in
/// `arith`. Null for all other nodes, which have the rule of getLoweringRules.
LoweringRule findKernelRule(NodeLowering &node);

/// Where along `axis` the largest, or smallest, elements stand, as i64 with the axis of size 1: the first of equals, or the last.
mlir::Value findFirst(NodeLowering &node, mlir::Value x, int64_t axis, bool largest, bool last);

// Operators that are kernels whatever their operands hold, one family a file.
void addRecurrentKernels(LoweringRules &rules);
void addResamplingKernels(LoweringRules &rules);
void addSelectionKernels(LoweringRules &rules);
void addScatterKernels(LoweringRules &rules);
void addWindowKernels(LoweringRules &rules);

/// Conv as a kernel, over any number of dimensions and in groups.
mlir::LogicalResult convolutionKernel(NodeLowering &node);

/// What `rows` makes of each row along the axis of a Softmax: one axis since version 13; before, all dimensions from the axis on as one.
mlir::LogicalResult alongAxis(NodeLowering &node, llvm::function_ref<mlir::Value(NodeLowering &, mlir::Value)> rows);

/// ScatterND as a kernel, for indices and reductions of all kinds.
mlir::LogicalResult scatterNdKernel(NodeLowering &node);

/// TopK as a kernel, for elements of all kinds and numbers K of the run.
mlir::LogicalResult topKKernel(NodeLowering &node);

/// Einsum as a kernel, for equations and elements of all kinds.
mlir::LogicalResult contractLabels(NodeLowering &node);

/// True for operators that move elements without a look at their type.
bool movesElements(llvm::StringRef opType);

}  // namespace switchyard::raise

#endif  // SWITCHYARD_COMPILER_RAISE_LOWER_KERNELRULES_H
