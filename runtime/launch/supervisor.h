// Starts the ranks of a job as processes, watches them, and tells what happened.
//
// The first cause wins: a rank that died or failed by itself, and not those that stopped because of it. Once a rank has
// failed the others get a second to stop by themselves; then they are killed. Ranks die with the supervisor.
#ifndef SWITCHYARD_RUNTIME_LAUNCH_SUPERVISOR_H
#define SWITCHYARD_RUNTIME_LAUNCH_SUPERVISOR_H

#include <optional>
#include <string>
#include <vector>

namespace switchyard::launch {

struct JobOptions {
  int ranks = 1;
  std::vector<std::string> command;      ///< executable and arguments, the same for every rank
  std::optional<double> timeoutSeconds;  ///< of the whole job
};

/// Runs the job to its end and returns the exit code. Must be called while the process has one thread.
int supervise(const JobOptions &options);

}  // namespace switchyard::launch

#endif  // SWITCHYARD_RUNTIME_LAUNCH_SUPERVISOR_H
