#include "runtime/base/file.h"
#include "runtime/comm/store.h"
#include "runtime/comm/store_socket.h"
#include "runtime/comm/store_wire.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <map>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
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
  const int event = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  const Result<int> listener =
      event < 0 ? resourceError(llvm::Twine("no event for the rendezvous store: ") + errorText(errno)) : listenAt(address);
  if (!listener.ok()) {
    for (int descriptor : {ends[0], ends[1], event})
      if (descriptor >= 0)
        ::close(descriptor);
    return listener.status();
  }
  return std::unique_ptr<StoreServer>(new StoreServer(*listener, ends[0], ends[1], event, address, worldSize));
}

StoreServer::StoreServer(int listener, int wake, int wakeWriter, int event, StoreAddress address, int worldSize)
    : listener(listener), wake(wake), wakeWriter(wakeWriter), event(event), listening(std::move(address)), worldSize(worldSize),
      thread([this] { serve(); }) {}

StoreServer::~StoreServer() {
  ::close(wakeWriter);
  thread.join();
  ::close(wake);
  ::close(event);
  stopListening();
}

std::set<int> StoreServer::joined() const {
  std::lock_guard lock(mutex);
  return ranks;
}

Status StoreServer::fault() const {
  std::lock_guard lock(mutex);
  return failure;
}

void StoreServer::fail(const Status &status) {
  {
    std::lock_guard lock(mutex);
    failure = status;
  }
  stopListening();
  ::eventfd_write(event, 1);
}

void StoreServer::stopListening() {
  if (listener >= 0)
    ::close(std::exchange(listener, -1));
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

/// One connection: who it is, what it waits for, bytes received so far, and bytes that it has not taken yet.
struct Client {
  int socket;
  int rank = -1;
  std::string awaited = "", received = "", outgoing = "";
  bool waiting = false;
  bool open = true;

  /// Never blocks: one peer that takes nothing must not hold up the others.
  void reply(char kind, const std::string &value) {
    outgoing += wire::encode({kind, "", value});
    flush();
    if (outgoing.size() > maxOutgoing)
      open = false;
  }
  void flush() {
    while (!outgoing.empty()) {
      const ssize_t sent = ::send(socket, outgoing.data(), outgoing.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (sent < 0 && errno == EINTR)
        continue;
      if (sent < 0) {
        open = open && (errno == EAGAIN || errno == EWOULDBLOCK);
        return;
      }
      outgoing.erase(0, sent);
    }
  }
  void refuse(const std::string &reason) {
    reply(wire::refused, reason);
    open = false;
  }

  /// A client of ours asks one thing at a time; one with more answers than that open is none.
  static constexpr size_t maxOutgoing = 2 * (wire::headerBytes + wire::maxPart);
};

/// Whether `text` is "rank/size" of this world; the rank, or -1.
int parseRank(const std::string &text, int worldSize) {
  int rank = -1, size = -1;
  char rest = 0;
  if (std::sscanf(text.c_str(), "%d/%d%c", &rank, &size, &rest) != 2 || size != worldSize || rank < 0 || rank >= size)
    return -1;
  return rank;
}

/// Whether an error means that this process, or the system, has no more of something.
bool isExhaustion(int error) { return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM; }

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

  /// Serves until the wake pipe hangs up, or something fails.
  void run() {
    for (bool serving = true; serving;) {
      std::vector<pollfd> polled{{server.wake, POLLIN, 0}, {server.listener, POLLIN, 0}};
      for (const Client &client : clients)
        polled.push_back({client.socket, static_cast<short>(client.outgoing.empty() ? POLLIN : POLLIN | POLLOUT), 0});
      if (::poll(polled.data(), polled.size(), -1) < 0) {
        if (errno == EINTR)
          continue;
        return server.fail(resourceError(llvm::Twine("the rendezvous store cannot wait for the ranks: ") + errorText(errno)));
      }
      if (polled[0].revents)
        return;
      for (size_t index = 0; index < clients.size(); ++index)
        serve(clients[index], polled[index + 2].revents);
      answerWaiters();
      if (polled[1].revents)
        serving = accept();
      closeFinished();
    }
  }

private:
  void serve(Client &client, short events) {
    if (events & POLLOUT)
      client.flush();
    if (client.open && (events & ~POLLOUT))
      read(client);
  }

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

  /// Whether the store can go on.
  bool accept() {
    const int socket = ::accept4(server.listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (socket < 0)
      return !isExhaustion(errno) || endAccepting(errno);
    if (server.listening.isNamed() && !isOwnPeer(socket))
      ::close(socket);
    else
      clients.push_back(Client{socket});
    return true;
  }

  /// The connection stays in the queue, and with it the listener readable: to try again would be to try for ever. So who waits there
  /// is turned away. Once all ranks are in, that is a stranger.
  bool endAccepting(int error) {
    const bool complete = static_cast<int>(server.joined().size()) == server.worldSize;
    if (complete)
      server.stopListening();
    else
      server.fail(resourceError(llvm::Twine("the rendezvous store cannot let in another rank: ") + errorText(error)));
    return complete;
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
