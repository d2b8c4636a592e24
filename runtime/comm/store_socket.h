// The sockets of a rendezvous store: TCP on loopback, or a name that only processes of one user share.
#ifndef SWITCHYARD_RUNTIME_COMM_STORE_SOCKET_H
#define SWITCHYARD_RUNTIME_COMM_STORE_SOCKET_H

#include "runtime/comm/store.h"

namespace switchyard::comm {

/// A listening socket. For TCP a free port is chosen and stored in `address`.
Result<int> listenAt(StoreAddress &address);

/// A socket that is connected to the store.
Result<int> connectTo(const StoreAddress &address);

/// Whether the other end of a named socket belongs to this user.
bool isOwnPeer(int socket);

}  // namespace switchyard::comm

#endif  // SWITCHYARD_RUNTIME_COMM_STORE_SOCKET_H
