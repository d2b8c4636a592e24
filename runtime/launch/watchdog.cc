#include "runtime/launch/watchdog.h"

#include "runtime/base/status.h"

#include <chrono>

#include <unistd.h>

namespace switchyard::launch {

Watchdog::Watchdog(std::optional<double> seconds, std::function<std::string()> whereabouts) {
  if (!seconds)
    return;
  thread = std::thread([this, seconds = *seconds, whereabouts = std::move(whereabouts)] {
    std::unique_lock lock(mutex);
    if (change.wait_for(lock, std::chrono::duration<double>(seconds), [&] { return ending; }))
      return;
    const std::string text = "moe-run: --timeout reached; " + whereabouts() + "\n";
    // The other threads run on: nothing of them may be waited for, or destroyed under them.
    [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, text.data(), text.size());
    ::_exit(static_cast<int>(ExitCode::timeout));
  });
}

Watchdog::~Watchdog() {
  {
    std::lock_guard lock(mutex);
    ending = true;
  }
  change.notify_all();
  if (thread.joinable())
    thread.join();
}

}  // namespace switchyard::launch
