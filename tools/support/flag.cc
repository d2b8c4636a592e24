#include "tools/support/flag.h"

#include "runtime/base/escape.h"

namespace switchyard {

static std::string &firstRefused() {
  static std::string text;
  return text;
}

bool refuseValue(llvm::StringRef flag, llvm::StringRef value, const llvm::Twine &expected) {
  if (firstRefused().empty())
    firstRefused() = ((flag.size() > 1 ? "--" : "-") + flag + "=" + escaped(value) + ": expected " + expected).str();
  return true;
}

const std::string &refusedValue() { return firstRefused(); }

}  // namespace switchyard
