#include "runtime/launch/in_process.h"

#include "runtime/comm/thread_communicator.h"
#include "runtime/launch/progress_page.h"
#include "runtime/launch/watchdog.h"

#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include <unistd.h>

namespace switchyard::launch {
namespace {

/// The ranks of a job: who still runs, and what went wrong first.
class ThreadJob {
public:
  explicit ThreadJob(int ranks) : progress(ranks), communicators(comm::makeThreadCommunicators(ranks)), running(ranks, true), left(ranks) {}

  exec::Progress &of(int rank) { return progress[rank]; }
  int size() const { return static_cast<int>(progress.size()); }

  void run(int rank, const RankBody &body) {
    const exec::Fault fault = body(*communicators[rank], progress[rank]);
    if (!fault.ok())
      communicators[rank]->abort(fault.status.message());
    std::lock_guard lock(mutex);
    if (!fault.ok() && (first.ok() || (first.consequence && !fault.consequence)))
      first = fault;
    running[rank] = false;
    --left;
    change.notify_all();
  }

  /// Waits for all ranks. A thread cannot be ended from outside: where one still runs a while after another has failed, the process ends.
  exec::Fault wait() {
    std::unique_lock lock(mutex);
    change.wait(lock, [&] { return left == 0 || !first.ok(); });
    if (!change.wait_for(lock, stopTime, [&] { return left == 0; }))
      abandon();
    return first;
  }

  std::string whereaboutsOf(int rank) const { return "rank " + std::to_string(rank) + " in " + whereabouts(progress[rank]); }

private:
  [[noreturn]] void abandon() const {
    std::string text = "moe-run: " + first.status.message();
    for (int rank = 0; rank < size(); ++rank)
      if (running[rank])
        text += "; " + whereaboutsOf(rank) + " did not stop";
    endProcess(text, first.status.code());
  }

  std::vector<exec::Progress> progress;
  std::vector<std::unique_ptr<comm::Communicator>> communicators;
  std::mutex mutex;
  std::condition_variable change;
  std::vector<bool> running;
  int left;
  exec::Fault first;
};

}  // namespace

exec::Fault runInProcess(int ranks, std::optional<double> timeoutSeconds, const RankBody &body) {
  ThreadJob job(ranks);
  Watchdog watchdog(timeoutSeconds, [&] {
    std::string text;
    for (int rank = 0; rank < ranks; ++rank)
      text += (rank ? ", " : "") + job.whereaboutsOf(rank);
    return text;
  });
  std::vector<std::thread> threads;
  for (int rank = 0; rank < ranks; ++rank)
    threads.emplace_back([&, rank] { job.run(rank, body); });
  exec::Fault fault = job.wait();
  for (std::thread &thread : threads)
    thread.join();
  return fault;
}

}  // namespace switchyard::launch
