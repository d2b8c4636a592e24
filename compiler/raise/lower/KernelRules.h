// Operators that become calls of one kernel (nn.operator) where `linalg` and `arith` cannot have them.
#ifndef SWITCHYARD_COMPILER_RAISE_LOWER_KERNELRULES_H
#define SWITCHYARD_COMPILER_RAISE_LOWER_KERNELRULES_H

#include "compiler/raise/lower/NodeLowering.h"

namespace switchyard::raise {

/// The rule that makes a node the call of a kernel: where its axes, sizes or bounds are values of the run, or its elements have no arithmetic in
/// `arith`. Null for all other nodes, which have the rule of getLoweringRules.
LoweringRule findKernelRule(NodeLowering &node);

/// True for operators that move elements without a look at their type.
bool movesElements(llvm::StringRef opType);

}  // namespace switchyard::raise

#endif  // SWITCHYARD_COMPILER_RAISE_LOWER_KERNELRULES_H
