#include "runtime/launch/watchdog.h"

#include <unistd.h>

namespace switchyard::launch {

void endProcess(const std::string &line, ExitCode code) {
  const std::string text = line + "\n";
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, text.data(), text.size());
  ::_exit(static_cast<int>(code));
}

Watchdog::Watchdog(std::optional<double> seconds, std::function<std::string()> whereabouts) {
  if (!seconds)
    return;
  thread = std::thread([this, seconds = *seconds, whereabouts = std::move(whereabouts)] {
    std::unique_lock lock(mutex);
    if (change.wait_for(lock, std::chrono::duration<double>(seconds), [&] { return ending; }))
      return;
    endProcess("moe-run: --timeout reached; " + whereabouts(), ExitCode::timeout);
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
