#include "runtime/exec/buffer.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <sys/mman.h>

namespace switchyard::exec {

Result<Buffer> Buffer::allocate(uint64_t bytes, const llvm::Twine &what) {
  // A buffer without bytes still has an address.
  const uint64_t mapped = std::max<uint64_t>(bytes, 1);
  void *pages = ::mmap(nullptr, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (pages == MAP_FAILED)
    return resourceError("no memory for " + what + ", " + llvm::Twine(bytes) + " bytes: " + std::strerror(errno));
  Buffer buffer;
  buffer.pages = pages;
  buffer.bytes = mapped;
  return buffer;
}

Buffer::~Buffer() {
  if (pages)
    ::munmap(pages, bytes);
}

}  // namespace switchyard::exec
