// What one rank of a job does, from the load of its weights to the last report.
#ifndef SWITCHYARD_TOOLS_MOE_RUN_RANK_TASK_H
#define SWITCHYARD_TOOLS_MOE_RUN_RANK_TASK_H

#include "tools/moe-run/cases.h"
#include "tools/moe-run/report.h"

namespace switchyard::run {

struct RankTask {
  const Options &options;
  const exec::LoadedProgram &program;
  const std::vector<Case> &cases;
  std::string transport;
  int threads = 1;
};

/// Runs all cases on this rank. Rank 0 writes outputs and reports; a case that differs from what is expected makes its
/// fault ExitCode::limit, after all cases have run. The stage is Stage::finishing once this rank needs no other.
exec::Fault runRank(const RankTask &task, comm::Communicator &communicator, exec::Progress &progress);

}  // namespace switchyard::run

#endif  // SWITCHYARD_TOOLS_MOE_RUN_RANK_TASK_H
