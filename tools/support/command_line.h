// What LLVM says about a command line, as the tools say it.
#ifndef SWITCHYARD_TOOLS_SUPPORT_COMMAND_LINE_H
#define SWITCHYARD_TOOLS_SUPPORT_COMMAND_LINE_H

#include "llvm/ADT/StringRef.h"

#include <string>

namespace switchyard {

/// One line, without the program's path, out of LLVM's message of several lines, each of which begins with it. Empty for an empty text.
std::string toOneLine(llvm::StringRef message, llvm::StringRef program);

}  // namespace switchyard

#endif  // SWITCHYARD_TOOLS_SUPPORT_COMMAND_LINE_H
