// Paths that a file gives: which of them may be looked up at all.
#ifndef SWITCHYARD_RUNTIME_BASE_RELATIVE_PATH_H
#define SWITCHYARD_RUNTIME_BASE_RELATIVE_PATH_H

#include "runtime/base/status.h"

#include "llvm/ADT/StringRef.h"

namespace switchyard {

/// Refuses, by its text alone, a path that is empty, absolute, holds a `..` part, a NUL, a backslash or a drive letter,
/// or is too long. What symbolic links do is the opener's matter (model_folder.h).
Status checkRelativePath(llvm::StringRef path);

}  // namespace switchyard

#endif  // SWITCHYARD_RUNTIME_BASE_RELATIVE_PATH_H
