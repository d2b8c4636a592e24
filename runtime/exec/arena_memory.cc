#include "runtime/exec/arena_memory.h"

#include "runtime/artifact/arena.h"
#include "runtime/base/checked.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <sys/mman.h>
#include <unistd.h>

namespace switchyard::exec {
namespace {

/// What stands in an unwritten word: two f32 that are NaN, or two i32 far below every index. It differs from word to word,
/// so that a copy of unwritten memory counts as written.
uint64_t unwritten(uint64_t word) {
  const uint64_t half = 0xFFC00000u | ((word + 1) & 0x3FFFFFu);
  return half << 32 | half;
}

}  // namespace

ArenaMemory &ArenaMemory::operator=(ArenaMemory &&other) noexcept {
  std::swap(pages, other.pages);
  std::swap(mapped, other.mapped);
  std::swap(begin, other.begin);
  std::swap(bytes, other.bytes);
  std::swap(measured, other.measured);
  return *this;
}

ArenaMemory::~ArenaMemory() {
  if (pages)
    ::munmap(pages, mapped);
}

Result<ArenaMemory> ArenaMemory::allocate(uint64_t bytes, bool measured) {
  const uint64_t page = static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
  const std::optional<uint64_t> used = checkedAlign(bytes, artifact::arenaAlignment);
  const std::optional<uint64_t> usedPages = checkedAlign(bytes, page);
  const std::optional<uint64_t> mapped = usedPages ? checkedAdd(*usedPages, page) : std::nullopt;
  const auto refused = [&](int error) {
    return resourceError("no memory for the arena, " + llvm::Twine(bytes) + " bytes: " + std::strerror(error));
  };
  if (!used || !mapped)
    return refused(ENOMEM);
  void *pages = ::mmap(nullptr, *mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (pages == MAP_FAILED)
    return refused(errno);
  ArenaMemory memory;
  memory.pages = pages;
  memory.mapped = *mapped;
  memory.begin = static_cast<char *>(pages) + *usedPages - *used;
  memory.bytes = bytes;
  memory.measured = measured;
  if (::mprotect(static_cast<char *>(pages) + *usedPages, page, PROT_NONE) != 0)
    return refused(errno);
  if (measured)
    for (uint64_t i = 0; uint64_t &word : memory.words())
      word = unwritten(i++);
  return memory;
}

Result<uint64_t> ArenaMemory::writtenBytes() const {
  if (!measured)
    return uint64_t(0);
  const std::span<const uint64_t> all = words();
  const uint64_t inArena = bytes / sizeof(uint64_t);
  uint64_t written = 0;
  for (uint64_t i = 0; i < inArena; ++i)
    written += all[i] != unwritten(i);
  written *= sizeof(uint64_t);
  // The last word of the arena may end behind it: its bytes are told apart.
  for (uint64_t at = inArena * sizeof(uint64_t); at < all.size_bytes(); ++at) {
    const uint64_t pattern = unwritten(at / sizeof(uint64_t));
    if (begin[at] == reinterpret_cast<const char *>(&pattern)[at % sizeof(uint64_t)])
      continue;
    if (at >= bytes)
      return internalError("the program wrote byte " + llvm::Twine(at) + " of an arena of " + llvm::Twine(bytes) + " bytes");
    ++written;
  }
  return written;
}

std::span<uint64_t> ArenaMemory::words() const {
  const uint64_t aligned = *checkedAlign(bytes, artifact::arenaAlignment);
  return {reinterpret_cast<uint64_t *>(begin), static_cast<size_t>(aligned / sizeof(uint64_t))};
}

}  // namespace switchyard::exec
