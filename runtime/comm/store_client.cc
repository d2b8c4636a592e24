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

}  // namespace

std::variant<std::unique_ptr<StoreClient>, std::string> StoreClient::connect(const StoreAddress &address, int rank, int worldSize, Deadline deadline) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket < 0)
    return std::string("socket: ") + std::strerror(errno);
  std::unique_ptr<StoreClient> client(new StoreClient(socket));
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_port = htons(address.port);
  if (::inet_pton(AF_INET, address.host.c_str(), &where.sin_addr) != 1)
    return "'" + address.host + "' is not an IPv4 address";
  if (::connect(socket, reinterpret_cast<sockaddr *>(&where), sizeof(where)) != 0)
    return "cannot connect to the store at " + address.host + ":" + std::to_string(address.port) + ": " + std::strerror(errno);
  std::string reply;
  const std::string hello = std::to_string(rank) + "/" + std::to_string(worldSize);
  if (std::string error = client->request(wire::hello, address.token, hello, reply, deadline); !error.empty())
    return error;
  return client;
}

StoreClient::~StoreClient() { ::close(socket); }

std::string StoreClient::set(const std::string &key, const std::string &value, Deadline deadline) {
  std::string reply;
  return request(wire::set, key, value, reply, deadline);
}

std::string StoreClient::get(const std::string &key, std::string &value, Deadline deadline) {
  return request(wire::get, key, "", value, deadline);
}

std::string StoreClient::request(char kind, const std::string &key, const std::string &value, std::string &reply, Deadline deadline) {
  const std::string bytes = wire::encode({kind, key, value});
  for (size_t sent = 0; sent < bytes.size();) {
    const ssize_t count = ::send(socket, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (count < 0 && errno != EINTR)
      return std::string("the store has gone: ") + std::strerror(errno);
    sent += count > 0 ? count : 0;
  }
  std::string received;
  for (;;) {
    wire::Message message;
    const wire::Decoded decoded = wire::decode(received, message);
    if (decoded == wire::Decoded::malformed || (decoded == wire::Decoded::message && message.kind != wire::ok && message.kind != wire::refused))
      return "the store answers in another language";
    if (decoded == wire::Decoded::message) {
      reply = message.value;
      return message.kind == wire::ok ? "" : "refused by the store: " + message.value;
    }
    pollfd polled{socket, POLLIN, 0};
    const int ready = ::poll(&polled, 1, remaining(deadline));
    if (ready == 0)
      return "no '" + key + "' in the store in time";
    if (ready < 0)
      continue;
    char chunk[4096];
    const ssize_t count = ::recv(socket, chunk, sizeof(chunk), 0);
    if (count == 0 || (count < 0 && errno != EINTR))
      return "the store has gone";
    received.append(chunk, count > 0 ? count : 0);
  }
}

}  // namespace switchyard::comm
