#include "runtime/launch/in_process.h"

#include "runtime/comm/thread_communicator.h"
#include "runtime/launch/progress_page.h"
#include "runtime/launch/watchdog.h"

#include <mutex>
#include <thread>
#include <vector>

namespace switchyard::launch {

exec::Fault runInProcess(int ranks, std::optional<double> timeoutSeconds, const RankBody &body) {
  std::vector<exec::Progress> progress(ranks);
  Watchdog watchdog(timeoutSeconds, [&] {
    std::string text;
    for (int rank = 0; rank < ranks; ++rank)
      text += (rank ? ", rank " : "rank ") + std::to_string(rank) + " in " + whereabouts(progress[rank]);
    return text;
  });
  auto communicators = comm::makeThreadCommunicators(ranks);
  std::mutex mutex;
  exec::Fault first;
  std::vector<std::thread> threads;
  for (int rank = 0; rank < ranks; ++rank)
    threads.emplace_back([&, rank] {
      const exec::Fault fault = body(*communicators[rank], progress[rank]);
      if (fault.ok())
        return;
      communicators[rank]->abort(fault.status.message());
      std::lock_guard lock(mutex);
      if (first.ok() || (first.consequence && !fault.consequence))
        first = fault;
    });
  for (std::thread &thread : threads)
    thread.join();
  return first;
}

}  // namespace switchyard::launch
