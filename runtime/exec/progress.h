// Where a rank is. It writes these words before every call site; a supervisor reads them when the rank has died.
#ifndef SWITCHYARD_RUNTIME_EXEC_PROGRESS_H
#define SWITCHYARD_RUNTIME_EXEC_PROGRESS_H

#include <atomic>
#include <cstdint>

namespace switchyard::exec {

enum class Stage : int32_t { starting = 0, loading = 1, meeting = 2, running = 3, finishing = 4 };

/// Shared memory between processes: lock-free words and text that is complete before `failed` is set.
struct Progress {
  std::atomic<int32_t> stage{0};
  std::atomic<int32_t> layer{-1};
  std::atomic<uint64_t> step{0};
  std::atomic<uint64_t> calls{0};  // call sites entered since the start
  char site[96] = {};              // what is being called; written in place, so that a reader of a live rank may see a mixture

  std::atomic<int32_t> failed{0};
  int32_t exitCode = 0;
  int32_t consequence = 0;
  char message[1024] = {};
};

static_assert(std::atomic<uint64_t>::is_always_lock_free && std::atomic<int32_t>::is_always_lock_free);

}  // namespace switchyard::exec

#endif  // SWITCHYARD_RUNTIME_EXEC_PROGRESS_H
