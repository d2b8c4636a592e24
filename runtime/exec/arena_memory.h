// The memory of a rank's arena: a page behind its end that nobody may touch, and a measurement of what was written.
#ifndef SWITCHYARD_RUNTIME_EXEC_ARENA_MEMORY_H
#define SWITCHYARD_RUNTIME_EXEC_ARENA_MEMORY_H

#include "runtime/base/status.h"

#include <cstdint>
#include <span>
#include <utility>

namespace switchyard::exec {

/// Zeroed pages that become resident where they are touched. The arena ends, up to its alignment, where a page without any
/// rights begins: whoever runs over the end dies there, and writes into nothing else.
///
/// A measured arena is filled with a pattern instead, all of it resident. A word that differs from the pattern later was
/// written, whoever wrote it: a kernel, a collective, a loop of generated code.
class ArenaMemory {
public:
  ArenaMemory() = default;
  ArenaMemory(ArenaMemory &&other) noexcept { *this = std::move(other); }
  ArenaMemory &operator=(ArenaMemory &&other) noexcept;
  ~ArenaMemory();

  static Result<ArenaMemory> allocate(uint64_t bytes, bool measured);

  /// At a multiple of artifact::arenaAlignment.
  char *data() const { return begin; }
  /// Bytes that were written since the arena was made, in whole words of 8 bytes; 0 where the arena is not measured. Fails
  /// where something was written between the end of the arena and the page behind it.
  Result<uint64_t> writtenBytes() const;

private:
  std::span<uint64_t> words() const;

  void *pages = nullptr;
  uint64_t mapped = 0;
  char *begin = nullptr;
  uint64_t bytes = 0;
  bool measured = false;
};

}  // namespace switchyard::exec

#endif  // SWITCHYARD_RUNTIME_EXEC_ARENA_MEMORY_H
