#include "runtime/launch/job_end.h"

#include <algorithm>
#include <cstdio>
#include <cstring>

#include <sys/wait.h>

namespace switchyard::launch {
namespace {

/// "SIGKILL"; the numbers of signals are no names for people.
std::string signalName(int signal) {
  const char *name = ::sigabbrev_np(signal);
  return name ? "SIG" + std::string(name) : "signal " + std::to_string(signal);
}

/// The first of many, and how many more there are: a line about 64 ranks is read by nobody.
std::string listOf(const std::vector<std::string> &entries, const char *separator) {
  constexpr size_t most = 8;
  std::string text;
  for (size_t index = 0; index < std::min(entries.size(), most); ++index)
    text += (index ? separator : "") + entries[index];
  return entries.size() > most ? text + separator + "and " + std::to_string(entries.size() - most) + " more" : text;
}

bool hasFinished(const exec::Progress &progress) { return progress.stage == static_cast<int32_t>(exec::Stage::finishing); }

}  // namespace

void JobEnd::ended(int rank, pid_t pid, int status, Clock::time_point when, bool stopped) {
  ends.push_back({rank, pid, status, when, stopped});
}

int JobEnd::distance(const End &end, ProgressPage &page) {
  const exec::Progress &progress = page.of(end.rank);
  if (end.stopped)
    return 2;
  if (WIFEXITED(end.status) && WEXITSTATUS(end.status) == 0)
    return hasFinished(progress) ? 2 : 0;
  return WIFEXITED(end.status) && progress.failed && progress.consequence ? 1 : 0;
}

const JobEnd::End *JobEnd::cause(ProgressPage &page) const {
  const End *best = nullptr;
  for (const End &end : ends)
    if (distance(end, page) < (best ? distance(*best, page) : 2))
      best = &end;
  return best;
}

bool JobEnd::failed(ProgressPage &page) const { return cause(page) != nullptr; }

int JobEnd::exitCode(const End &end, ProgressPage &page) {
  if (WIFSIGNALED(end.status))
    return 128 + WTERMSIG(end.status);
  return WEXITSTATUS(end.status) != 0 ? WEXITSTATUS(end.status) : static_cast<int>(ExitCode::communication);
}

int JobEnd::exitCode(ProgressPage &page) const {
  if (signal)
    return 128 + signal;
  if (timedOut)
    return static_cast<int>(ExitCode::timeout);
  if (!own.ok())
    return static_cast<int>(own.code());
  const End *first = cause(page);
  return first ? exitCode(*first, page) : 0;
}

std::string JobEnd::describe(const End &end, ProgressPage &page) {
  const exec::Progress &progress = page.of(end.rank);
  if (WIFEXITED(end.status) && progress.failed.load(std::memory_order_acquire))
    return progress.message;
  const std::string who = "rank " + std::to_string(end.rank) + " (pid " + std::to_string(end.pid) + ")";
  if (WIFSIGNALED(end.status))
    return who + " was killed by " + signalName(WTERMSIG(end.status)) + " during " + whereabouts(progress);
  if (WEXITSTATUS(end.status) == 0)
    return who + " left before the job ended, during " + whereabouts(progress);
  return who + " left with exit code " + std::to_string(WEXITSTATUS(end.status)) + " during " + whereabouts(progress);
}

std::string JobEnd::summary(ProgressPage &page, Clock::time_point now) const {
  if (signal)
    return "stopped by " + signalName(signal);
  if (timedOut)
    return late.empty() ? "--timeout reached" : "--timeout reached; " + listOf(late, ", ");
  if (!own.ok())
    return own.message();
  const End *first = cause(page);
  if (!first)
    return "";
  std::string text = describe(*first, page);
  // A fault that ended no other rank, or that all found for themselves, needs no account of who stopped when.
  const auto brokeOff = [&](const End &end) { return end.stopped || distance(end, page) == 1; };
  if (std::none_of(ends.begin(), ends.end(), brokeOff))
    return text;
  const exec::Progress &progress = page.of(first->rank);
  char seconds[32];
  std::snprintf(seconds, sizeof(seconds), "%.2f s", std::chrono::duration<double>(now - first->when).count());
  std::vector<std::string> stopped;
  for (const End &end : ends)
    if (end.stopped && end.rank != first->rank && progress.failed)
      stopped.push_back("rank " + std::to_string(end.rank) + " was last in " + whereabouts(page.of(end.rank)));
  if (!stopped.empty())
    text += "; " + listOf(stopped, "; ");
  return text + "; all ranks stopped after " + seconds;
}

}  // namespace switchyard::launch
