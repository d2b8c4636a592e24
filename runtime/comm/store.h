// The rendezvous store: a table of keys and values that one process hosts for the ranks of a job, on loopback TCP or under a
// name of this machine and user.
//
// A client says hello with the job's random token, its rank and the world size; a stray client, another job's rank or
// a second copy of a rank is turned away with a reason. `get` blocks in the server until the key is there.
#ifndef SWITCHYARD_RUNTIME_COMM_STORE_H
#define SWITCHYARD_RUNTIME_COMM_STORE_H

#include "runtime/base/status.h"
#include "runtime/comm/communicator.h"

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>

namespace switchyard::comm {

/// Where a store listens and what opens it.
struct StoreAddress {
  std::string host = "127.0.0.1";
  uint16_t port = 0;
  std::string token;
  std::string name = "";  ///< of a store that is found by its name; then there is neither host nor port

  bool isNamed() const { return !name.empty(); }
  /// Where it is, for messages.
  std::string place() const { return isNamed() ? "@" + name : host + (port ? ":" + std::to_string(port) : ""); }
  /// "127.0.0.1:4711/token".
  std::string text() const;
  static std::optional<StoreAddress> parse(const std::string &text);
};

/// A fresh 128-bit token in hex.
std::string makeJobToken();

class StoreServer {
public:
  /// Listens on a free port of 127.0.0.1 and serves from a thread of its own.
  static Result<std::unique_ptr<StoreServer>> start(int worldSize);
  /// Listens under a name that nobody else on this machine has, and lets this user's processes in.
  static Result<std::unique_ptr<StoreServer>> startNamed(int worldSize, const std::string &name);
  ~StoreServer();

  const StoreAddress &address() const { return listening; }
  /// The ranks that have said hello.
  std::set<int> joined() const;
  /// Waits until every client has hung up, or the deadline.
  void drain(Deadline deadline) const;
  /// Why the store has stopped to serve, if it has: a rank that cannot be let in would wait for ever.
  Status fault() const;
  /// A descriptor that is readable once there is a fault.
  int faultEvent() const { return event; }

private:
  class Service;
  static Result<std::unique_ptr<StoreServer>> startAt(StoreAddress address, int worldSize);
  StoreServer(int listener, int wake, int wakeWriter, int event, StoreAddress address, int worldSize);
  void serve();
  void fail(const Status &status);
  void stopListening();

  int listener;  // the server's thread closes it when it can let in nobody
  const int wake, wakeWriter, event;
  const StoreAddress listening;
  const int worldSize;
  mutable std::mutex mutex;
  std::set<int> ranks;
  int connected = 0;
  Status failure;
  std::thread thread;
};

class StoreClient {
public:
  /// Connects and says hello.
  static Result<std::unique_ptr<StoreClient>> connect(const StoreAddress &address, int rank, int worldSize, Deadline deadline);
  ~StoreClient();

  /// Keeps the value that the key has already, if it has one.
  Status set(const std::string &key, const std::string &value, Deadline deadline);
  /// Waits until the key is there.
  Result<std::string> get(const std::string &key, Deadline deadline);

private:
  explicit StoreClient(int socket) : socket(socket) {}
  Result<std::string> request(char kind, const std::string &key, const std::string &value, Deadline deadline);
  const int socket;
};

}  // namespace switchyard::comm

#endif  // SWITCHYARD_RUNTIME_COMM_STORE_H
