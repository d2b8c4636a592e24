// What a code file may contain. Loading a shared object runs its constructors before anything in it can be asked, so
// that its form is checked first.
#ifndef SWITCHYARD_RUNTIME_ARTIFACT_ELF_LINT_H
#define SWITCHYARD_RUNTIME_ARTIFACT_ELF_LINT_H

#include "runtime/base/status.h"

#include "llvm/ADT/StringRef.h"

namespace switchyard::artifact {

/// Accepts a 64-bit little-endian shared object for x86-64 that needs no library, has no undefined symbol, no
/// constructor or destructor, no search path, no text relocation, no segment that is writable and executable, no
/// executable stack, and that exports `moe_library_query` and nothing else. `name` is for messages.
Status lintElf(llvm::StringRef bytes, llvm::StringRef name);

}  // namespace switchyard::artifact

#endif  // SWITCHYARD_RUNTIME_ARTIFACT_ELF_LINT_H
