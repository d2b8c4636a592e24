#include "tools/support/command_line.h"

#include "llvm/ADT/SmallVector.h"

namespace switchyard {

std::string toOneLine(llvm::StringRef message, llvm::StringRef program) {
  std::string line;
  llvm::SmallVector<llvm::StringRef> parts;
  message.split(parts, '\n', -1, false);
  for (llvm::StringRef part : parts) {
    const auto [path, rest] = part.split(": ");
    if (path.ends_with(program))
      part = rest;
    part = part.split("Try: ").first.split("See: ").first.trim();
    // The value of an argument that is not known is counted as positional.
    const bool follows = !line.empty() && (part.starts_with("Too many positional arguments") || part.starts_with("Can specify at most"));
    if (!part.empty() && !follows)
      line += (line.empty() ? "" : " ") + part.str();
  }
  return line.empty() ? line : line + " (see " + program.str() + " --help)";
}

}  // namespace switchyard
