// Where a rank is. It writes these words before every call site; a supervisor reads them when the rank has died.
#ifndef SWITCHYARD_RUNTIME_EXEC_PROGRESS_H
#define SWITCHYARD_RUNTIME_EXEC_PROGRESS_H

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace switchyard::exec {

enum class Stage : int32_t { starting = 0, loading = 1, meeting = 2, running = 3, finishing = 4 };

/// A short text that one thread or process writes while others read it, who may see a mixture of two texts.
class SharedText {
public:
  void write(std::string_view text) {
    char bytes[sizeof(words)] = {};
    std::memcpy(bytes, text.data(), std::min(text.size(), sizeof(bytes) - 1));
    for (size_t i = 0; i < words.size(); ++i) {
      uint64_t word;
      std::memcpy(&word, bytes + i * sizeof(word), sizeof(word));
      words[i].store(word, std::memory_order_relaxed);
    }
  }
  std::string read() const {
    char bytes[sizeof(words) + 1] = {};
    for (size_t i = 0; i < words.size(); ++i) {
      const uint64_t word = words[i].load(std::memory_order_relaxed);
      std::memcpy(bytes + i * sizeof(word), &word, sizeof(word));
    }
    return bytes;
  }

private:
  std::array<std::atomic<uint64_t>, 12> words{};
};

/// Shared memory between processes: lock-free words and text that is complete before `failed` is set.
struct Progress {
  std::atomic<int32_t> stage{0};
  std::atomic<int32_t> layer{-1};
  std::atomic<uint64_t> step{0};
  std::atomic<uint64_t> calls{0};  // call sites entered since the start
  SharedText site;                 // what is being called

  std::atomic<int32_t> failed{0};
  int32_t exitCode = 0;
  int32_t consequence = 0;
  char message[1024] = {};
};

static_assert(std::atomic<uint64_t>::is_always_lock_free && std::atomic<int32_t>::is_always_lock_free);

}  // namespace switchyard::exec

#endif  // SWITCHYARD_RUNTIME_EXEC_PROGRESS_H
