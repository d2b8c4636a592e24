// BLAKE3 digests, as 64 lower-case hexadecimal digits.
#ifndef SWITCHYARD_RUNTIME_BASE_DIGEST_H
#define SWITCHYARD_RUNTIME_BASE_DIGEST_H

#include "runtime/base/file.h"

#include "llvm/Support/BLAKE3.h"

#include <string>

namespace switchyard {

/// The digest of bytes that come in pieces.
class Digest {
public:
  void append(const void *data, uint64_t bytes) { hasher_.update({static_cast<const uint8_t *>(data), static_cast<size_t>(bytes)}); }
  std::string hex() const;

private:
  llvm::BLAKE3 hasher_;
};

std::string digestOf(llvm::StringRef bytes);
/// Reads the whole file, in pieces.
Result<std::string> digestOf(const File &file);

}  // namespace switchyard

#endif  // SWITCHYARD_RUNTIME_BASE_DIGEST_H
