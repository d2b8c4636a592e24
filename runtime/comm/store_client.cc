#include "runtime/base/file.h"
#include "runtime/comm/store.h"
#include "runtime/comm/store_socket.h"
#include "runtime/comm/store_wire.h"

#include <algorithm>
#include <cerrno>

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
  SWITCHYARD_ASSIGN_OR_RETURN(const int socket, connectTo(address));
  std::unique_ptr<StoreClient> client(new StoreClient(socket));
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
      return lost(llvm::Twine("the rendezvous store has gone: ") + errorText(errno));
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
      return lost(kind == wire::hello ? "the rendezvous store does not answer in time"
                                      : "no '" + key + "' in the rendezvous store in time");
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
