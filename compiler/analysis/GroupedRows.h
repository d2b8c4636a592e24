// Rows that are sorted by group and multiplied group by group: sizes that only data tells, of which the sum is known.
#ifndef SWITCHYARD_COMPILER_ANALYSIS_GROUPEDROWS_H
#define SWITCHYARD_COMPILER_ANALYSIS_GROUPEDROWS_H

#include "compiler/analysis/SymbolicShapes.h"
#include "dialects/onnx/OnnxDialect.h"

#include <string>

namespace switchyard {

/// The product of the rows of one group with its matrix: MatMul, or a Gemm that may transpose the matrix and add a bias.
struct GroupProduct {
  onnx::NodeOp node;
  mlir::Value matrix, bias = {};  // [K, N], or [N, K] where it is transposed; null: nothing is added
  bool isTransposed = false;
};

/// A Concat of one product a group: with the rows from the end of the group before to its own end, or with a piece of a Split. The ends are the
/// cumulated counts of `numbers`, and the sizes of the pieces their counts, so that all groups together have as many rows as there are numbers.
struct GroupedRows {
  mlir::Value rows;     // [N, K]: what all groups take their rows from
  mlir::Value numbers;  // the group of each row, in any order and under any shape
  Expression count;     // N, the number of numbers
  mlir::Value ends, sizes;  // [E], integers: where the groups end, or how many rows they have; the other is null
  int64_t groups = 0;
  llvm::SmallVector<GroupProduct> products;    // by group
  llvm::SmallVector<mlir::Operation *> nodes;  // all others that take part
};

/// The first condition that does not hold, and where.
struct GroupedFault {
  mlir::Operation *node = nullptr;
  std::string condition;
};

/// True where `concat` may be meant so: its first operand is the product of rows that a range, or a Split by computed sizes, takes.
bool looksGrouped(onnx::NodeOp concat);
/// Reads it; nothing where a condition does not hold, which `fault` then tells. Linear in the number of groups.
std::optional<GroupedRows> readGroupedRows(SymbolicShapes &shapes, onnx::NodeOp concat, GroupedFault &fault);
/// How many columns all products have; not known where their matrices are not known, differ in their sizes, or do not fit the rows.
Expression getGroupedColumns(SymbolicShapes &shapes, const GroupedRows &grouped);

}  // namespace switchyard

#endif  // SWITCHYARD_COMPILER_ANALYSIS_GROUPEDROWS_H
