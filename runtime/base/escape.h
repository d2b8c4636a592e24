// Names that come from files, made safe for a terminal and a log line.
#ifndef SWITCHYARD_RUNTIME_BASE_ESCAPE_H
#define SWITCHYARD_RUNTIME_BASE_ESCAPE_H

#include "llvm/ADT/StringRef.h"

#include <string>

namespace switchyard {

/// Whether `text` is well-formed UTF-8.
bool isUtf8(llvm::StringRef text);

/// `text` with control characters, backslashes and invalid UTF-8 written as \n, \t, \xNN; cut after `limit` bytes.
std::string escaped(llvm::StringRef text, size_t limit = 256);

/// escaped(text) in single quotes.
std::string quote(llvm::StringRef text, size_t limit = 256);

}  // namespace switchyard

#endif  // SWITCHYARD_RUNTIME_BASE_ESCAPE_H
