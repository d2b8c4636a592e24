#include "runtime/exec/thread_pool.h"

#include <algorithm>

namespace switchyard::exec {

ThreadPool::ThreadPool(int workers) {
  interface.self = this;
  interface.workers = workers;
  interface.run = [](void *self, int64_t count, Body body, void *context) { static_cast<ThreadPool *>(self)->run(count, body, context); };
  for (int worker = 1; worker < workers; ++worker)
    threads.emplace_back([this, worker] { work(worker); });
}

ThreadPool::~ThreadPool() {
  {
    std::lock_guard lock(mutex);
    ending = true;
  }
  started.notify_all();
  for (std::thread &thread : threads)
    thread.join();
}

void ThreadPool::run(int64_t newCount, Body newBody, void *newContext) {
  if (newCount <= 0)
    return;
  if (threads.empty() || newCount == 1)
    return newBody(newContext, 0, newCount, 0);
  {
    std::lock_guard lock(mutex);
    count = newCount;
    body = newBody;
    context = newContext;
    running = static_cast<int>(threads.size());
    ++generation;
  }
  started.notify_all();
  runShare(0);
  std::unique_lock lock(mutex);
  finished.wait(lock, [&] { return running == 0; });
}

void ThreadPool::runShare(int worker) const {
  const int64_t share = count / interface.workers, rest = count % interface.workers;
  const int64_t begin = worker * share + std::min<int64_t>(worker, rest);
  const int64_t end = begin + share + (worker < rest ? 1 : 0);
  if (begin < end)
    body(context, begin, end, worker);
}

void ThreadPool::work(int worker) {
  for (uint64_t seen = 0;;) {
    {
      std::unique_lock lock(mutex);
      started.wait(lock, [&] { return ending || generation != seen; });
      if (ending)
        return;
      seen = generation;
    }
    runShare(worker);
    std::lock_guard lock(mutex);
    if (--running == 0)
      finished.notify_one();
  }
}

}  // namespace switchyard::exec
