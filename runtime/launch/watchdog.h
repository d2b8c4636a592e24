// Ends of a job that the ranks themselves do not find.
#ifndef SWITCHYARD_RUNTIME_LAUNCH_WATCHDOG_H
#define SWITCHYARD_RUNTIME_LAUNCH_WATCHDOG_H

#include "runtime/base/status.h"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace switchyard::launch {

/// How long the other ranks may take to stop by themselves once one has failed.
inline constexpr std::chrono::milliseconds stopTime(1000);

/// Ends the process at once, with a line on standard error: threads may run on, and nothing of theirs is waited for or destroyed.
[[noreturn]] void endProcess(const std::string &line, ExitCode code);

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
