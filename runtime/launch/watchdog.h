// Ends the process when it takes too long.
#ifndef SWITCHYARD_RUNTIME_LAUNCH_WATCHDOG_H
#define SWITCHYARD_RUNTIME_LAUNCH_WATCHDOG_H

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace switchyard::launch {

class Watchdog {
public:
  /// After `seconds`, prints what `whereabouts` says and exits with ExitCode::timeout, unless this has gone before.
  Watchdog(std::optional<double> seconds, std::function<std::string()> whereabouts);
  ~Watchdog();

private:
  std::mutex mutex;
  std::condition_variable change;
  bool ending = false;
  std::thread thread;
};

}  // namespace switchyard::launch

#endif  // SWITCHYARD_RUNTIME_LAUNCH_WATCHDOG_H
