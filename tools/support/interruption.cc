#include "tools/support/interruption.h"

#include "runtime/base/temporary_paths.h"

#include <csignal>
#include <cstdio>
#include <cstring>
#include <thread>

#include <fcntl.h>
#include <unistd.h>

namespace switchyard {
namespace {

constexpr int handledSignals[] = {SIGINT, SIGTERM, SIGHUP};

[[noreturn]] void endBy(int signal, const char *program) {
  const TemporaryPathsLock held = holdTemporaryPaths();
  std::fprintf(stderr, "%s: ended by SIG%s; what it had begun to write is removed\n", program, ::sigabbrev_np(signal));
  // Threads whose files vanish would say so.
  if (const int nowhere = ::open("/dev/null", O_WRONLY | O_CLOEXEC); nowhere >= 0)
    ::dup2(nowhere, STDERR_FILENO);
  removeTemporaryPaths(held);
  ::signal(signal, SIG_DFL);
  sigset_t only;
  ::sigemptyset(&only);
  ::sigaddset(&only, signal);
  ::pthread_sigmask(SIG_UNBLOCK, &only, nullptr);
  ::raise(signal);
  ::_exit(128 + signal);
}

}  // namespace

void removeTemporariesOnSignals(const char *program) {
  sigset_t handled;
  ::sigemptyset(&handled);
  for (const int signal : handledSignals) {
    struct sigaction present;
    if (::sigaction(signal, nullptr, &present) == 0 && present.sa_handler != SIG_IGN)
      ::sigaddset(&handled, signal);
  }
  // All threads inherit the mask, so that the signals wait for the one that asks for them.
  if (::pthread_sigmask(SIG_BLOCK, &handled, nullptr) != 0)
    return;
  std::thread([handled, program] {
    int signal = 0;
    while (::sigwait(&handled, &signal) != 0)
      continue;
    endBy(signal, program);
  }).detach();
}

}  // namespace switchyard
