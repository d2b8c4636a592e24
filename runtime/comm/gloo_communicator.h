// Ranks as processes that speak Gloo over TCP.
//
// A transfer whose size differs at its two ends ends the process inside Gloo, beyond any handler. So every transfer is
// announced first by a header of tag and size; the receiver compares it with what it expects and only then posts the
// receive that lets the bytes flow.
#ifndef SWITCHYARD_RUNTIME_COMM_GLOO_COMMUNICATOR_H
#define SWITCHYARD_RUNTIME_COMM_GLOO_COMMUNICATOR_H

#include "runtime/comm/communicator.h"
#include "runtime/comm/store.h"

#include <memory>

namespace switchyard::comm {

/// Connects this rank to its peers, which meet in `store`. The store must outlive the call only.
Result<std::unique_ptr<Communicator>> makeGlooCommunicator(StoreClient &store, int rank, int size, Deadline deadline);

}  // namespace switchyard::comm

#endif  // SWITCHYARD_RUNTIME_COMM_GLOO_COMMUNICATOR_H
