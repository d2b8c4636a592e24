// Who this process is in a job: a rank that a supervisor of ours started, a rank of a foreign launcher, or nobody yet.
#ifndef SWITCHYARD_RUNTIME_LAUNCH_RANK_ENVIRONMENT_H
#define SWITCHYARD_RUNTIME_LAUNCH_RANK_ENVIRONMENT_H

#include "runtime/base/status.h"

#include <functional>
#include <optional>
#include <string>

namespace switchyard::launch {

/// Reads an environment variable; empty where it is not set.
using Environment = std::function<std::string(const char *name)>;
std::string processEnvironment(const char *name);

/// A rank as its launcher describes it.
struct RankEnvironment {
  std::string launcher;  ///< "moe-run", "torchrun", "openmpi", "hydra", "slurm"
  int rank = 0, size = 1;
  /// Tells the jobs of one machine and launcher apart, by what the launcher says; empty where it says nothing.
  std::string job;
  /// The variable that every rank has and the launcher itself has not.
  std::string rankVariable;
};

// What the supervisor hands to its ranks.
inline constexpr const char *rankVariable = "MOE_RANK";
inline constexpr const char *sizeVariable = "MOE_WORLD_SIZE";
inline constexpr const char *storeVariable = "MOE_STORE";
inline constexpr const char *progressVariable = "MOE_PROGRESS_FD";

/// Finds the launcher, in the order moe-run, torchrun, Open MPI, Hydra, a Slurm step. Nothing where there is none. Fails
/// where a launcher's variables contradict each other, where the job spans machines, or where a launcher says that
/// there are several ranks but not which one this is: then every process would run alone as "rank 0 of 1".
Result<std::optional<RankEnvironment>> detectLauncher(const Environment &environment);

}  // namespace switchyard::launch

#endif  // SWITCHYARD_RUNTIME_LAUNCH_RANK_ENVIRONMENT_H
