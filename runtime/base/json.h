// JSON from files that nobody vouches for.
//
// llvm::json recurses without a limit, keeps the last of two equal keys and rounds large integers. The scan before it
// refuses all three, so that what comes out is what stands in the text.
#ifndef SWITCHYARD_RUNTIME_BASE_JSON_H
#define SWITCHYARD_RUNTIME_BASE_JSON_H

#include "runtime/base/status.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/JSON.h"

#include <cstdint>
#include <string>

namespace switchyard {

/// The largest magnitude of an integer in JSON that every reader keeps exactly: 2^53.
inline constexpr int64_t maxJsonInteger = int64_t(1) << 53;

struct JsonLimits {
  uint64_t bytes = uint64_t(16) << 20;
  unsigned depth = 32;
};

/// Parses `text`; `name` is the file that a message names. Faults are ExitCode::invalid.
Result<llvm::json::Value> parseJson(llvm::StringRef text, llvm::StringRef name, const JsonLimits &limits = {});

/// `text` as a JSON string can hold it: bytes that are not UTF-8 become U+FFFD. llvm::json ends the process on them.
std::string jsonText(llvm::StringRef text);

/// Writes a number list on one line, whatever the indent of `out`.
void writeInline(llvm::json::OStream &out, llvm::ArrayRef<int64_t> values);

/// Writes a number so that it reads as the same bits. JSON has no infinity and no NaN; these become the strings "inf",
/// "-inf" and "nan".
void writeNumber(llvm::json::OStream &out, double value);

}  // namespace switchyard

#endif  // SWITCHYARD_RUNTIME_BASE_JSON_H
