#include "runtime/base/file.h"
#include "runtime/comm/store.h"
#include "runtime/comm/store_socket.h"
#include "runtime/comm/store_wire.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <map>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

namespace switchyard::comm {

std::string makeJobToken() {
  unsigned char bytes[16] = {};
  for (size_t filled = 0; filled < sizeof(bytes);) {
    const ssize_t got = getrandom(bytes + filled, sizeof(bytes) - filled, 0);
    if (got > 0)
      filled += got;
  }
  std::string token;
  for (unsigned char byte : bytes) {
    char digits[3];
    std::snprintf(digits, sizeof(digits), "%02x", byte);
    token += digits;
  }
  return token;
}

std::string StoreAddress::text() const { return host + ":" + std::to_string(port) + "/" + token; }

std::optional<StoreAddress> StoreAddress::parse(const std::string &text) {
  const size_t colon = text.find(':'), slash = text.find('/', colon == std::string::npos ? 0 : colon);
  if (colon == std::string::npos || slash == std::string::npos || slash - colon - 1 > 5 || slash - colon < 2)
    return std::nullopt;
  const std::string digits = text.substr(colon + 1, slash - colon - 1);
  if (digits.find_first_not_of("0123456789") != std::string::npos)
    return std::nullopt;
  const int port = std::stoi(digits);
  if (port < 1 || port > 65535)
    return std::nullopt;
  return StoreAddress{text.substr(0, colon), static_cast<uint16_t>(port), text.substr(slash + 1)};
}

Result<std::unique_ptr<StoreServer>> StoreServer::start(int worldSize) { return startAt({"127.0.0.1", 0, makeJobToken()}, worldSize); }

Result<std::unique_ptr<StoreServer>> StoreServer::startNamed(int worldSize, const std::string &name) {
  return startAt({"", 0, "", name}, worldSize);
}

Result<std::unique_ptr<StoreServer>> StoreServer::startAt(StoreAddress address, int worldSize) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0)
    return resourceError(llvm::Twine("no pipe for the rendezvous store: ") + errorText(errno));
  const Result<int> listener = listenAt(address);
  if (!listener.ok()) {
    ::close(ends[0]);
    ::close(ends[1]);
    return listener.status();
  }
  return std::unique_ptr<StoreServer>(new StoreServer(*listener, ends[0], ends[1], address, worldSize));
}

StoreServer::StoreServer(int listener, int wake, int wakeWriter, StoreAddress address, int worldSize)
    : listener(listener), wake(wake), wakeWriter(wakeWriter), listening(std::move(address)), worldSize(worldSize),
      thread([this] { serve(); }) {}

StoreServer::~StoreServer() {
  ::close(wakeWriter);
  thread.join();
  ::close(wake);
  ::close(listener);
}

std::set<int> StoreServer::joined() const {
  std::lock_guard lock(mutex);
  return ranks;
}

void StoreServer::drain(Deadline deadline) const {
  while (Clock::now() < deadline) {
    {
      std::lock_guard lock(mutex);
      if (connected == 0)
        return;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
}

namespace {

/// One connection: bytes received so far, what it waits for, who it is.
struct Client {
  int socket;
  int rank = -1;
  std::string received, awaited;
  bool waiting = false;
  bool open = true;

  void reply(char kind, const std::string &value) {
    const std::string bytes = wire::encode({kind, "", value});
    if (::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(bytes.size()))
      open = false;
  }
  void refuse(const std::string &reason) {
    reply(wire::refused, reason);
    open = false;
  }
};

/// Whether `text` is "rank/size" of this world; the rank, or -1.
int parseRank(const std::string &text, int worldSize) {
  int rank = -1, size = -1;
  char rest = 0;
  if (std::sscanf(text.c_str(), "%d/%d%c", &rank, &size, &rest) != 2 || size != worldSize || rank < 0 || rank >= size)
    return -1;
  return rank;
}

/// Reads what is there; false when the peer has hung up.
bool readAvailable(int socket, std::string &into) {
  char chunk[4096];
  const ssize_t got = ::recv(socket, chunk, sizeof(chunk), MSG_DONTWAIT);
  if (got > 0)
    into.append(chunk, got);
  return got > 0 || (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR));
}

}  // namespace

/// What the server's thread works on.
class StoreServer::Service {
public:
  explicit Service(StoreServer &server) : server(server) {}
  ~Service() {
    for (const Client &client : clients)
      ::close(client.socket);
  }

  /// Serves until the wake pipe hangs up.
  void run() {
    for (;;) {
      std::vector<pollfd> polled{{server.wake, POLLIN, 0}, {server.listener, POLLIN, 0}};
      for (const Client &client : clients)
        polled.push_back({client.socket, POLLIN, 0});
      if (::poll(polled.data(), polled.size(), -1) < 0) {
        if (errno == EINTR)
          continue;
        return;
      }
      if (polled[0].revents)
        return;
      for (size_t index = 0; index < clients.size(); ++index)
        if (polled[index + 2].revents)
          read(clients[index]);
      answerWaiters();
      if (polled[1].revents)
        accept();
      closeFinished();
    }
  }

private:
  void read(Client &client) {
    client.open = readAvailable(client.socket, client.received);
    wire::Message message;
    while (client.open) {
      const wire::Decoded decoded = wire::decode(client.received, message);
      if (decoded == wire::Decoded::incomplete)
        return;
      if (decoded == wire::Decoded::malformed)
        client.refuse("malformed request");
      else if (client.rank < 0)
        greet(client, message);
      else
        handle(client, message);
    }
  }

  void greet(Client &client, const wire::Message &message) {
    const int rank = parseRank(message.value, server.worldSize);
    if (message.kind != wire::hello || message.key != server.listening.token)
      return client.refuse("wrong job token: this store belongs to another job");
    if (rank < 0)
      return client.refuse("rank/size " + message.value + " does not fit this job of " + std::to_string(server.worldSize) + " ranks");
    std::lock_guard lock(server.mutex);
    if (!server.ranks.insert(rank).second)
      return client.refuse("rank " + std::to_string(rank) + " has joined already");
    client.rank = rank;
    client.reply(wire::ok, "");
  }

  /// The first writer of a key wins.
  void handle(Client &client, const wire::Message &message) {
    if (message.kind == wire::set) {
      table.emplace(message.key, message.value);
      client.reply(wire::ok, "");
    } else if (message.kind == wire::get) {
      client.awaited = message.key;
      client.waiting = true;
    } else {
      client.refuse("unknown request");
    }
  }

  void answerWaiters() {
    for (Client &client : clients) {
      if (!client.waiting || !table.count(client.awaited))
        continue;
      client.waiting = false;
      client.reply(wire::ok, table[client.awaited]);
    }
  }

  void accept() {
    const int socket = ::accept4(server.listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket >= 0 && server.listening.isNamed() && !isOwnPeer(socket))
      ::close(socket);
    else if (socket >= 0)
      clients.push_back(Client{socket, -1, "", "", false, true});
  }

  void closeFinished() {
    for (const Client &client : clients)
      if (!client.open)
        ::close(client.socket);
    std::erase_if(clients, [](const Client &client) { return !client.open; });
    std::lock_guard lock(server.mutex);
    server.connected =
        static_cast<int>(std::count_if(clients.begin(), clients.end(), [](const Client &client) { return client.rank >= 0; }));
  }

  StoreServer &server;
  std::vector<Client> clients;
  std::map<std::string, std::string> table;
};

void StoreServer::serve() { Service(*this).run(); }

}  // namespace switchyard::comm
