#include "runtime/comm/store_socket.h"

#include "runtime/base/escape.h"
#include "runtime/base/file.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace switchyard::comm {
namespace {

/// What bind and connect take.
struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t length = 0;

  sockaddr *get() { return reinterpret_cast<sockaddr *>(&storage); }
};

Result<SocketAddress> resolve(const StoreAddress &address) {
  SocketAddress resolved;
  if (address.isNamed()) {
    // The leading NUL makes the name one of the kernel's table instead of a file: it is gone with the last process that holds it.
    sockaddr_un where{};
    where.sun_family = AF_UNIX;
    const size_t length = std::min(address.name.size(), sizeof(where.sun_path) - 1);
    std::memcpy(where.sun_path + 1, address.name.data(), length);
    std::memcpy(&resolved.storage, &where, sizeof(where));
    resolved.length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + length);
    return resolved;
  }
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_port = htons(address.port);
  if (::inet_pton(AF_INET, address.host.c_str(), &where.sin_addr) != 1)
    return usageError(quote(address.host) + " is not an IPv4 address");
  std::memcpy(&resolved.storage, &where, sizeof(where));
  resolved.length = sizeof(where);
  return resolved;
}

Result<int> openSocket(const StoreAddress &address, int flags) {
  const int socket = ::socket(address.isNamed() ? AF_UNIX : AF_INET, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
  if (socket < 0)
    return resourceError(llvm::Twine("no socket for the rendezvous store: ") + errorText(errno));
  return socket;
}

}  // namespace

Result<int> listenAt(StoreAddress &address) {
  SWITCHYARD_ASSIGN_OR_RETURN(SocketAddress where, resolve(address));
  SWITCHYARD_ASSIGN_OR_RETURN(const int socket, openSocket(address, SOCK_NONBLOCK));
  if (::bind(socket, where.get(), where.length) != 0 || ::listen(socket, 128) != 0 ||
      (!address.isNamed() && ::getsockname(socket, where.get(), &where.length) != 0)) {
    Status failure(ExitCode::communication, "the rendezvous store cannot listen at " + address.place() + ": " + errorText(errno));
    ::close(socket);
    return failure;
  }
  if (!address.isNamed())
    address.port = ntohs(reinterpret_cast<const sockaddr_in *>(where.get())->sin_port);
  return socket;
}

Result<int> connectTo(const StoreAddress &address) {
  SWITCHYARD_ASSIGN_OR_RETURN(SocketAddress where, resolve(address));
  SWITCHYARD_ASSIGN_OR_RETURN(const int socket, openSocket(address, 0));
  Status failure;
  if (::connect(socket, where.get(), where.length) != 0)
    failure = Status(ExitCode::communication, "cannot connect to the rendezvous store at " + address.place() + ": " + errorText(errno));
  else if (address.isNamed() && !isOwnPeer(socket))
    failure = Status(ExitCode::communication, "the rendezvous store at " + address.place() + " belongs to another user");
  if (failure.ok())
    return socket;
  ::close(socket);
  return failure;
}

bool isOwnPeer(int socket) {
  ucred peer{};
  socklen_t length = sizeof(peer);
  return ::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0 && peer.uid == ::geteuid();
}

}  // namespace switchyard::comm
