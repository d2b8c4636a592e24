// The kernel threads of one rank.
#ifndef SWITCHYARD_RUNTIME_EXEC_THREAD_POOL_H
#define SWITCHYARD_RUNTIME_EXEC_THREAD_POOL_H

#include "kernels/abi.h"

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>
#include <vector>

namespace switchyard::exec {

/// Splits work among `workers` threads, the caller being one of them.
class ThreadPool {
public:
  explicit ThreadPool(int workers);
  ~ThreadPool();

  const kernels::Parallel *parallel() const { return &interface; }

private:
  using Body = void (*)(void *context, int64_t begin, int64_t end, int worker);

  void run(int64_t count, Body body, void *context);
  void runShare(int worker) const;
  void work(int worker);

  kernels::Parallel interface;
  std::mutex mutex;
  std::condition_variable started, finished;
  uint64_t generation = 0;
  int running = 0;
  bool ending = false;
  int64_t count = 0;
  Body body = nullptr;
  void *context = nullptr;
  std::vector<std::thread> threads;
};

}  // namespace switchyard::exec

#endif  // SWITCHYARD_RUNTIME_EXEC_THREAD_POOL_H
