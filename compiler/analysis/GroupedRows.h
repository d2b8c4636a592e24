// Rows that are sorted by group and multiplied group by group: sizes that only data tells, of which the sum is known.
#ifndef SWITCHYARD_COMPILER_ANALYSIS_GROUPEDROWS_H
#define SWITCHYARD_COMPILER_ANALYSIS_GROUPEDROWS_H

#include "compiler/analysis/SymbolicShapes.h"
#include "dialects/onnx/OnnxDialect.h"

#include <string>

namespace switchyard {

/// A Concat of one product a group, with the rows from the end of the group before to its own end. The ends are the cumulated counts of
/// `numbers`, so that all groups together have as many rows as there are numbers.
struct GroupedRows {
  mlir::Value rows;     // [N, K]: what all groups take their rows from
  mlir::Value numbers;  // [N]: the group of each row, in any order
  int64_t groups = 0;
  llvm::SmallVector<onnx::NodeOp> products;     // MatMul(rows of the group, its matrix), by group
  llvm::SmallVector<mlir::Operation *> nodes;  // all others that take part
};

/// The first condition that does not hold, and where.
struct GroupedFault {
  mlir::Operation *node = nullptr;
  std::string condition;
};

/// True where `concat` may be meant so: its first operand is the product of rows that a range from 0 on takes.
bool looksGrouped(onnx::NodeOp concat);
/// Reads it; nothing where a condition does not hold, which `fault` then tells. Linear in the number of groups.
std::optional<GroupedRows> readGroupedRows(SymbolicShapes &shapes, onnx::NodeOp concat, GroupedFault &fault);

}  // namespace switchyard

#endif  // SWITCHYARD_COMPILER_ANALYSIS_GROUPEDROWS_H
