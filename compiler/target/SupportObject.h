// The support object (kernels/support), embedded in the compiler when it is built.
#ifndef SWITCHYARD_COMPILER_TARGET_SUPPORTOBJECT_H
#define SWITCHYARD_COMPILER_TARGET_SUPPORTOBJECT_H

#include "llvm/ADT/StringRef.h"

namespace switchyard::target {

/// The bytes of the object file that every code library is linked with.
llvm::StringRef supportObject();

}  // namespace switchyard::target

#endif  // SWITCHYARD_COMPILER_TARGET_SUPPORTOBJECT_H
