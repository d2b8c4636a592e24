// Which operators compute row by row: rows of which only data tells how many there are may then be computed with others among them.
#ifndef SWITCHYARD_COMPILER_ANALYSIS_ROWWISE_H
#define SWITCHYARD_COMPILER_ANALYSIS_ROWWISE_H

#include "compiler/analysis/ShapeRules.h"

namespace switchyard {

/// A node that reads rows. `axes` has, for every operand, the axis along which its rows stand, or nothing where it has none; they are `count`, the
/// same rows in all of them.
struct RowNode {
  NodeShapes shapes;
  llvm::ArrayRef<std::optional<int64_t>> axes;
  Expression count;
};

/// The axis along which the rows of all results of `node` stand, where each of them is computed from the same row of the operands and from what is
/// no row; nothing where that is not proved.
std::optional<int64_t> mapRows(RowNode &node);

/// True for operators of which operand `index` only says what shape the result has: sizes that count rows may be there.
bool isShapeOperand(onnx::NodeOp node, unsigned index);

}  // namespace switchyard

#endif  // SWITCHYARD_COMPILER_ANALYSIS_ROWWISE_H
