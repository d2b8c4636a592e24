// How ranks that a foreign launcher started on one machine find their store: rank 0 hosts it and leaves its address in a
// file that only this user can read.
#ifndef SWITCHYARD_RUNTIME_LAUNCH_RENDEZVOUS_FILE_H
#define SWITCHYARD_RUNTIME_LAUNCH_RENDEZVOUS_FILE_H

#include "runtime/comm/store.h"
#include "runtime/launch/rank_environment.h"

namespace switchyard::launch {

class RendezvousFile {
public:
  /// The file of a job: ranks of one job agree on it, as they share launcher, job name and parent process.
  explicit RendezvousFile(const RankEnvironment &environment);
  /// For tests: a file of this path.
  explicit RendezvousFile(std::string path) : path(std::move(path)) {}

  /// Rank 0: replaces what an earlier job may have left.
  Status publish(const comm::StoreAddress &address) const;
  void remove() const;
  /// The others: waits for a file from which a connection succeeds.
  Result<std::unique_ptr<comm::StoreClient>> connect(int rank, int worldSize, comm::Deadline deadline) const;

private:
  std::optional<comm::StoreAddress> read() const;
  std::string path;
};

}  // namespace switchyard::launch

#endif  // SWITCHYARD_RUNTIME_LAUNCH_RENDEZVOUS_FILE_H
