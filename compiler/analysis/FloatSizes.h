// Sizes that a model computes in floats: ceil(tokens / experts * factor), as capacities are written.
#ifndef SWITCHYARD_COMPILER_ANALYSIS_FLOATSIZES_H
#define SWITCHYARD_COMPILER_ANALYSIS_FLOATSIZES_H

#include "compiler/analysis/SymbolicShapes.h"
#include "dialects/onnx/OnnxDialect.h"

namespace switchyard {

/// The integer that `cast`, a Cast of one float to an integer type, gives, as an expression; not known where the float is no
/// chain of products and quotients with constants, and at most one Ceil or Floor, of a known integer, or where the float
/// operations and the expression differ for some number of up to 2^20 - 1.
Expression foldFloatSize(onnx::NodeOp cast, SymbolicShapes &shapes);

}  // namespace switchyard

#endif  // SWITCHYARD_COMPILER_ANALYSIS_FLOATSIZES_H
