// Tables that a program reads at the positions of its tokens, and of which it cannot read more rows than there are.
#ifndef SWITCHYARD_COMPILER_ANALYSIS_POSITIONTABLE_H
#define SWITCHYARD_COMPILER_ANALYSIS_POSITIONTABLE_H

#include "compiler/analysis/SymbolicShapes.h"
#include "dialects/onnx/OnnxDialect.h"

namespace switchyard {

/// The tokens of a call stand at consecutive positions, which count on from those of the past, and each reads the row of its position.
struct PositionTable {
  int64_t rows;
  Expression tokens;
};

/// The angles of a node that makes the positions itself. Nothing where they are an operand, which may hold any numbers.
std::optional<PositionTable> findPositionTable(onnx::NodeOp node, const SymbolicShapes &shapes);

}  // namespace switchyard

#endif  // SWITCHYARD_COMPILER_ANALYSIS_POSITIONTABLE_H
