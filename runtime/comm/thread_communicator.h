// Ranks as threads of one process. Each rank copies its own receive side out of its peers' buffers.
#ifndef SWITCHYARD_RUNTIME_COMM_THREAD_COMMUNICATOR_H
#define SWITCHYARD_RUNTIME_COMM_THREAD_COMMUNICATOR_H

#include "runtime/comm/communicator.h"

#include <memory>
#include <vector>

namespace switchyard::comm {

/// One communicator per rank. They share one state and may be destroyed in any order.
std::vector<std::unique_ptr<Communicator>> makeThreadCommunicators(int size);

}  // namespace switchyard::comm

#endif  // SWITCHYARD_RUNTIME_COMM_THREAD_COMMUNICATOR_H
