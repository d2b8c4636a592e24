#include "runtime/launch/rank_connection.h"

#include "runtime/comm/gloo_communicator.h"

#include "llvm/ADT/StringRef.h"

namespace switchyard::launch {

Result<std::unique_ptr<RankConnection>> RankConnection::open(const RankEnvironment &environment) {
  std::unique_ptr<RankConnection> connection(new RankConnection(environment));
  if (environment.launcher != "moe-run")
    return std::move(connection);
  int descriptor;
  if (llvm::StringRef(processEnvironment(progressVariable)).getAsInteger(10, descriptor))
    return Status(ExitCode::communication, llvm::Twine(rankVariable) + " is set, but not by a moe-run that started this process; unset it");
  SWITCHYARD_ASSIGN_OR_RETURN(ProgressPage page, ProgressPage::adopt(descriptor, environment.size));
  connection->shared.emplace(std::move(page));
  return std::move(connection);
}

/// A supervisor of ours hosts the store and hands its address down; otherwise rank 0 hosts it.
Status RankConnection::findStore(comm::Deadline deadline) {
  if (!supervised()) {
    const std::string name = rendezvousName(environment);
    if (environment.rank == 0) {
      SWITCHYARD_ASSIGN_OR_RETURN(server, hostStore(name, environment.size, deadline));
    }
    SWITCHYARD_ASSIGN_OR_RETURN(store, joinStore(name, environment.rank, environment.size, deadline, server.get()));
    return server ? awaitRanks(*server, environment.size, deadline) : Status();
  }
  const std::optional<comm::StoreAddress> address = comm::StoreAddress::parse(processEnvironment(storeVariable));
  if (!address)
    return Status(ExitCode::communication, llvm::Twine(storeVariable) + " does not hold the address of a store");
  SWITCHYARD_ASSIGN_OR_RETURN(store, comm::StoreClient::connect(*address, environment.rank, environment.size, deadline));
  return Status();
}

Status RankConnection::meet(comm::Deadline deadline) {
  progress().stage = static_cast<int32_t>(exec::Stage::meeting);
  SWITCHYARD_RETURN_IF_ERROR(findStore(deadline));
  SWITCHYARD_ASSIGN_OR_RETURN(peers, comm::makeGlooCommunicator(*store, environment.rank, environment.size, deadline));
  return Status();
}

Status RankConnection::finish(comm::Deadline deadline) {
  SWITCHYARD_RETURN_IF_ERROR(store->set("done/" + std::to_string(environment.rank), "", deadline));
  for (int rank = 0; rank < environment.size; ++rank)
    SWITCHYARD_RETURN_IF_ERROR(store->get("done/" + std::to_string(rank), deadline).status());
  store.reset();
  // The ranks that still read "done" need the store.
  if (server)
    server->drain(deadline);
  return Status();
}

}  // namespace switchyard::launch
