#include "runtime/base/digest.h"

#include "llvm/ADT/StringExtras.h"

#include <algorithm>
#include <vector>

namespace switchyard {

std::string Digest::hex() const {
  llvm::BLAKE3 finished = hasher_;
  return llvm::toHex(finished.final<32>(), /*LowerCase=*/true);
}

std::string digestOf(llvm::StringRef bytes) {
  Digest digest;
  digest.append(bytes.data(), bytes.size());
  return digest.hex();
}

Result<std::string> digestOf(const File &file) {
  Digest digest;
  std::vector<char> piece(std::min<uint64_t>(file.size(), uint64_t(1) << 20));
  for (uint64_t offset = 0; offset < file.size();) {
    uint64_t bytes = std::min<uint64_t>(piece.size(), file.size() - offset);
    SWITCHYARD_RETURN_IF_ERROR(file.read(offset, piece.data(), bytes));
    digest.append(piece.data(), bytes);
    offset += bytes;
  }
  return digest.hex();
}

}  // namespace switchyard
