#include "runtime/launch/rank_environment.h"

#include "runtime/base/escape.h"

#include "llvm/ADT/StringRef.h"

#include <array>
#include <cstdlib>

namespace switchyard::launch {
namespace {

/// The variables of one launcher. `present` decides whether it is there at all. The job is told by all that are set of `job`, of which the
/// first must be.
struct Launcher {
  const char *name, *present, *rank, *size, *localSize, *machines;
  std::array<const char *, 4> job;
};

// A Slurm job shell sets SLURM_JOB_ID, too; only a step has ranks. Hydra sets no size of the machine's share and names no job. The
// run id of torchrun is "none" where the user gives none, but two jobs of one machine cannot share a port.
constexpr Launcher launchers[] = {
    {"moe-run", rankVariable, rankVariable, sizeVariable, "", "", {}},
    {"torchrun",
     "TORCHELASTIC_RUN_ID",
     "RANK",
     "WORLD_SIZE",
     "LOCAL_WORLD_SIZE",
     "",
     {"MASTER_PORT", "MASTER_ADDR", "TORCHELASTIC_RUN_ID", "TORCHELASTIC_RESTART_COUNT"}},
    {"openmpi",
     "OMPI_COMM_WORLD_SIZE",
     "OMPI_COMM_WORLD_RANK",
     "OMPI_COMM_WORLD_SIZE",
     "OMPI_COMM_WORLD_LOCAL_SIZE",
     "",
     {"PMIX_NAMESPACE", "OMPI_MCA_ess_base_jobid"}},
    {"hydra", "PMI_SIZE", "PMI_RANK", "PMI_SIZE", "MPI_LOCALNRANKS", "", {}},
    {"slurm", "SLURM_STEP_ID", "SLURM_PROCID", "SLURM_STEP_NUM_TASKS", "", "SLURM_STEP_NUM_NODES", {"SLURM_JOB_ID", "SLURM_STEP_ID"}},
};

std::string jobOf(const Launcher &launcher, const Environment &environment) {
  std::string job;
  for (const char *variable : launcher.job) {
    const std::string value = variable ? environment(variable) : "";
    if (value.empty() && variable == launcher.job.front())
      return "";
    if (!value.empty())
      job += std::string(variable) + "=" + value + "\n";
  }
  return job;
}

Result<int> readNumber(const Launcher &launcher, const char *variable, const Environment &environment) {
  const std::string text = environment(variable);
  int number;
  if (text.empty())
    return Status(ExitCode::communication,
                  llvm::Twine("started by ") + launcher.name + " (" + launcher.present + " is set), but " + variable +
                      " is not set: every process would run alone as rank 0 of 1; use moe-run -n N, or unset " + launcher.present);
  if (llvm::StringRef(text).getAsInteger(10, number))
    return Status(ExitCode::communication, llvm::Twine(variable) + "=" + quote(text) + " is not a number");
  return number;
}

}  // namespace

std::string processEnvironment(const char *name) {
  const char *value = std::getenv(name);
  return value ? value : "";
}

Result<std::optional<RankEnvironment>> detectLauncher(const Environment &environment) {
  for (const Launcher &launcher : launchers) {
    if (environment(launcher.present).empty())
      continue;
    RankEnvironment found{launcher.name, 0, 1, jobOf(launcher, environment), launcher.rank};
    SWITCHYARD_ASSIGN_OR_RETURN(found.rank, readNumber(launcher, launcher.rank, environment));
    SWITCHYARD_ASSIGN_OR_RETURN(found.size, readNumber(launcher, launcher.size, environment));
    if (found.size < 1 || found.rank < 0 || found.rank >= found.size)
      return Status(ExitCode::communication, llvm::Twine(launcher.name) + " says rank " + llvm::Twine(found.rank) + " of " +
                                                 llvm::Twine(found.size) + ": a rank is at least 0 and below the size");
    if (*launcher.localSize && !environment(launcher.localSize).empty()) {
      SWITCHYARD_ASSIGN_OR_RETURN(const int local, readNumber(launcher, launcher.localSize, environment));
      if (local != found.size)
        return unsupportedError(llvm::Twine(launcher.name) + " has " + llvm::Twine(local) + " of " + llvm::Twine(found.size) +
                                " ranks on this machine; jobs over several machines are not supported yet");
    }
    if (*launcher.machines && !environment(launcher.machines).empty()) {
      SWITCHYARD_ASSIGN_OR_RETURN(const int machines, readNumber(launcher, launcher.machines, environment));
      if (machines != 1)
        return unsupportedError(llvm::Twine(launcher.name) + " runs the job on " + llvm::Twine(machines) +
                                " machines; jobs over several machines are not supported yet");
    }
    return std::optional<RankEnvironment>(std::move(found));
  }
  return std::optional<RankEnvironment>();
}

}  // namespace switchyard::launch
