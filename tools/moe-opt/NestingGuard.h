// A guard before MLIR's parser, which recurses for every nested attribute, type and region and overflows the stack on
// text that is nested some thousand levels deep.
#ifndef SWITCHYARD_TOOLS_MOE_OPT_NESTINGGUARD_H
#define SWITCHYARD_TOOLS_MOE_OPT_NESTINGGUARD_H

#include "llvm/ADT/StringRef.h"

namespace switchyard {

/// More than any module of ours has, and far less than the parser can take.
constexpr int maxNesting = 256;

/// The deepest nesting of brackets in MLIR text, outside of strings and comments.
int measureNesting(llvm::StringRef text);

}  // namespace switchyard

#endif  // SWITCHYARD_TOOLS_MOE_OPT_NESTINGGUARD_H
