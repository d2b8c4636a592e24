// How a job ended: which of many ends is the cause, and what to say about it.
#ifndef SWITCHYARD_RUNTIME_LAUNCH_JOB_END_H
#define SWITCHYARD_RUNTIME_LAUNCH_JOB_END_H

#include "runtime/launch/progress_page.h"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace switchyard::launch {

class JobEnd {
public:
  using Clock = std::chrono::steady_clock;

  /// A rank has ended with this status of waitpid. `stopped`: because the supervisor ended it.
  void ended(int rank, pid_t pid, int status, Clock::time_point when, bool stopped);

  /// Whether a rank has ended other than it should.
  bool failed(ProgressPage &page) const;
  int exitCode(ProgressPage &page) const;
  /// What happened, without a line end; empty where all went well.
  std::string summary(ProgressPage &page, Clock::time_point now) const;

  int signal = 0;  ///< from outside
  bool timedOut = false;
  std::optional<Clock::time_point> deadline;
  Status own;                     ///< what went wrong with the supervisor itself; the ranks fail because of it
  std::vector<std::string> late;  ///< who was still running at the deadline, and where

private:
  struct End {
    int rank;
    pid_t pid;
    int status;
    Clock::time_point when;
    bool stopped;
  };
  /// How far an end is from being the cause: 0 is one, 1 is a consequence, 2 is no failure.
  static int distance(const End &end, ProgressPage &page);
  const End *cause(ProgressPage &page) const;
  static int exitCode(const End &end, ProgressPage &page);
  static std::string describe(const End &end, ProgressPage &page);

  std::vector<End> ends;  // in order of time
};

}  // namespace switchyard::launch

#endif  // SWITCHYARD_RUNTIME_LAUNCH_JOB_END_H
