// A rank that is a process: its way to the store, to its peers, and to whoever watches it.
#ifndef SWITCHYARD_RUNTIME_LAUNCH_RANK_CONNECTION_H
#define SWITCHYARD_RUNTIME_LAUNCH_RANK_CONNECTION_H

#include "runtime/comm/communicator.h"
#include "runtime/launch/progress_page.h"
#include "runtime/launch/rendezvous.h"

#include <memory>

namespace switchyard::launch {

class RankConnection {
public:
  /// Takes the rank's place: progress first, so that a failure to meet the others can be told.
  static Result<std::unique_ptr<RankConnection>> open(const RankEnvironment &environment);

  /// Meets the other ranks.
  Status meet(comm::Deadline deadline);
  /// Waits until all ranks have done their work, so that none hangs up on another.
  Status finish(comm::Deadline deadline);

  comm::Communicator &communicator() { return *peers; }
  exec::Progress &progress() { return shared ? shared->of(environment.rank) : own; }
  /// Whether a supervisor of ours reads the progress and reports the end of the job.
  bool supervised() const { return shared.has_value(); }

private:
  explicit RankConnection(const RankEnvironment &environment) : environment(environment) {}
  Status findStore(comm::Deadline deadline);

  const RankEnvironment environment;
  std::optional<ProgressPage> shared;
  exec::Progress own;
  std::unique_ptr<comm::StoreServer> server;
  std::unique_ptr<comm::StoreClient> store;
  std::unique_ptr<comm::Communicator> peers;
};

}  // namespace switchyard::launch

#endif  // SWITCHYARD_RUNTIME_LAUNCH_RANK_CONNECTION_H
