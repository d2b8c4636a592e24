// How ranks that a foreign launcher started on one machine find each other: rank 0 hosts a store under a name that all ranks of the
// job can work out for themselves. The name is in no file system: nothing is left of a job, however it ends.
#ifndef SWITCHYARD_RUNTIME_LAUNCH_RENDEZVOUS_H
#define SWITCHYARD_RUNTIME_LAUNCH_RENDEZVOUS_H

#include "runtime/comm/store.h"
#include "runtime/launch/rank_environment.h"

namespace switchyard::launch {

/// The name of a job's store: from the user, the launcher and the job as the launcher tells it. Where it tells none, the job is the
/// launcher's process: the nearest ancestor that is no rank itself, whatever shells stand between.
std::string rendezvousName(const RankEnvironment &environment);

/// Rank 0: hosts the store. A job before this one under the same name may take a moment to end.
Result<std::unique_ptr<comm::StoreServer>> hostStore(const std::string &name, int worldSize, comm::Deadline deadline);

/// All ranks: waits for the store, and for a place in it while the job before still has it. `hosted` is the store that this rank hosts,
/// if it does: its fault ends the waiting.
Result<std::unique_ptr<comm::StoreClient>> joinStore(const std::string &name, int rank, int worldSize, comm::Deadline deadline,
                                                     const comm::StoreServer *hosted = nullptr);

/// Rank 0: waits for all ranks to join, and names those that do not come. Fails with the store, too.
Status awaitRanks(const comm::StoreServer &server, int worldSize, comm::Deadline deadline);

}  // namespace switchyard::launch

#endif  // SWITCHYARD_RUNTIME_LAUNCH_RENDEZVOUS_H
