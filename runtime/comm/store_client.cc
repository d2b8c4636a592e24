#include "runtime/comm/store.h"
#include "runtime/comm/store_wire.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace switchyard::comm {
namespace {

/// Milliseconds left, at least 0, at most what `poll` takes.
int remaining(Deadline deadline) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
  return static_cast<int>(std::clamp<long long>(left, 0, 1 << 30));
}

Status lost(const llvm::Twine &what) { return Status(ExitCode::communication, what); }

}  // namespace

Result<std::unique_ptr<StoreClient>> StoreClient::connect(const StoreAddress &address, int rank, int worldSize, Deadline deadline) {
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_port = htons(address.port);
  if (::inet_pton(AF_INET, address.host.c_str(), &where.sin_addr) != 1)
    return usageError("'" + address.host + "' is not an IPv4 address");
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket < 0)
    return resourceError(llvm::Twine("no socket for the rendezvous store: ") + std::strerror(errno));
  std::unique_ptr<StoreClient> client(new StoreClient(socket));
  if (::connect(socket, reinterpret_cast<sockaddr *>(&where), sizeof(where)) != 0)
    return lost("cannot connect to the rendezvous store at " + address.host + ":" + llvm::Twine(address.port) + ": " +
                std::strerror(errno));
  const std::string hello = std::to_string(rank) + "/" + std::to_string(worldSize);
  SWITCHYARD_RETURN_IF_ERROR(client->request(wire::hello, address.token, hello, deadline).status());
  return client;
}

StoreClient::~StoreClient() { ::close(socket); }

Status StoreClient::set(const std::string &key, const std::string &value, Deadline deadline) {
  return request(wire::set, key, value, deadline).status();
}

Result<std::string> StoreClient::get(const std::string &key, Deadline deadline) { return request(wire::get, key, "", deadline); }

Result<std::string> StoreClient::request(char kind, const std::string &key, const std::string &value, Deadline deadline) {
  const std::string bytes = wire::encode({kind, key, value});
  for (size_t sent = 0; sent < bytes.size();) {
    const ssize_t count = ::send(socket, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (count < 0 && errno != EINTR)
      return lost(llvm::Twine("the rendezvous store has gone: ") + std::strerror(errno));
    sent += count > 0 ? count : 0;
  }
  std::string received;
  for (;;) {
    wire::Message message;
    const wire::Decoded decoded = wire::decode(received, message);
    if (decoded == wire::Decoded::malformed ||
        (decoded == wire::Decoded::message && message.kind != wire::ok && message.kind != wire::refused))
      return lost("what answers at the address of the rendezvous store is no such store");
    if (decoded == wire::Decoded::message && message.kind == wire::refused)
      return lost("refused by the rendezvous store: " + message.value);
    if (decoded == wire::Decoded::message)
      return std::move(message.value);
    pollfd polled{socket, POLLIN, 0};
    const int ready = ::poll(&polled, 1, remaining(deadline));
    if (ready == 0)
      return lost("no '" + key + "' in the rendezvous store in time");
    if (ready < 0)
      continue;
    char chunk[4096];
    const ssize_t count = ::recv(socket, chunk, sizeof(chunk), 0);
    if (count == 0 || (count < 0 && errno != EINTR))
      return lost("the rendezvous store has gone");
    received.append(chunk, count > 0 ? count : 0);
  }
}

}  // namespace switchyard::comm
