#include "runtime/base/relative_path.h"

#include "runtime/base/escape.h"

#include "llvm/ADT/StringExtras.h"

#include <climits>

namespace switchyard {

Status checkRelativePath(llvm::StringRef path) {
  auto refuse = [&](llvm::StringRef why) { return invalidError("path " + quote(path) + " " + why); };
  if (path.empty())
    return refuse("is empty");
  if (path.size() >= PATH_MAX)
    return refuse("is too long");
  if (path.contains('\0'))
    return refuse("holds a NUL character");
  if (path.contains('\\'))
    return refuse("holds a backslash; parts are separated by '/'");
  if (path.starts_with("/"))
    return refuse("is absolute; only paths inside the model's folder are read");
  if (path.size() >= 2 && llvm::isAlpha(path[0]) && path[1] == ':')
    return refuse("starts with a drive letter; only paths inside the model's folder are read");
  for (llvm::StringRef part : llvm::split(path, '/'))
    if (part == "..")
      return refuse("holds '..'; only paths inside the model's folder are read");
  return Status();
}

}  // namespace switchyard
